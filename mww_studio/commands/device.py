"""The command that listens to a device: what it offers, what it hears, and how often."""

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from mww_studio.commands.common import Json, say, show_result, tell

if TYPE_CHECKING:
    from mww_studio.errors import StudioError
    from mww_studio.esphome.device_api import DeviceEvent, Online
    from mww_studio.jobs.say_test import SayTest

_TICK_S = 0.1


def device(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Such as kitchen.local or 192.168.1.20.")],
    key: Annotated[
        str, typer.Option(help="Its key for encryption; better --secrets, which no list of processes shows.")
    ] = "",
    secrets: Annotated[
        Path | None,
        typer.Option(metavar="FILE.yaml", help="Its configuration: the key stands in secrets.yaml beside it."),
    ] = None,
    choose: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Let it listen for this one; may be given several times."),
    ] = None,
    say_it: Annotated[
        int | None, typer.Option("--say", metavar="N", help="Ask you to say it N times, and count.", min=1, max=200)
    ] = None,
    listen: Annotated[bool, typer.Option("--listen", help="Show each wake word that it hears, until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Show which wake words a device offers, choose the active one, and count how often it hears you.

    While this is connected, and Home Assistant is not, this program is the device's voice assistant.
    """
    from mww_studio.jobs.device import key_beside
    from mww_studio.jobs.say_test import SayTest

    with _Ear(address, key or (key_beside(secrets) if secrets else "")) as ear:
        online = ear.online()
        if choose:
            online = ear.choose(online, choose)
        data, text = _facts(online), _describe(online)
        if say_it:
            tell(text)
            result = _prompt(ear, SayTest(say_it, time.monotonic())).result
            data["test"], text = result.summary(), result.describe()
        elif listen:
            tell(text)
            data["heard"], text = _listen(ear), ""
    show_result(as_json, data, text)


class _Ear:
    """A connection in a thread, and the queue of what it tells."""

    def __init__(self, address: str, key: str) -> None:
        from mww_studio.jobs.device import DeviceLink

        self._told: queue.SimpleQueue[DeviceEvent | StudioError] = queue.SimpleQueue()
        self._link = DeviceLink(address, key)
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._link.leave()
        self._thread.join()

    def next(self, timeout_s: float | None = None) -> "DeviceEvent | None":
        """What it tells next; None when it told nothing for so long. Raises the StudioError that it told."""
        from mww_studio.errors import StudioError

        try:
            told = self._told.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if isinstance(told, StudioError):
            raise told
        return told

    def online(self) -> "Online":
        """Wait until the device has answered."""
        from mww_studio.esphome.device_api import Online

        while not isinstance(told := self.next(), Online):
            pass
        return told

    def choose(self, online: "Online", ids: list[str]) -> "Online":
        """Choose wake words, and wait until the device has them."""
        from dataclasses import replace

        from mww_studio.esphome.device_api import Words

        self._link.choose(ids)
        while not isinstance(told := self.next(), Words):
            pass
        return replace(online, words=told)

    def _run(self) -> None:
        from mww_studio.errors import StudioError

        try:
            self._link.run(self._told.put, self._told.put)
        except StudioError as error:
            self._told.put(error)
        except Exception as error:  # noqa: BLE001 - somebody waits for it, and must hear of it
            self._told.put(StudioError("device.trouble", "The connection failed.", why=f"{error!r}.", do="Try again."))


def _prompt(ear: _Ear, test: "SayTest") -> "SayTest":
    """Ask for each, and tell whether it was heard."""
    from mww_studio.esphome.device_api import Woke

    told = 0
    while not test.over:
        if isinstance(ear.next(_TICK_S), Woke):
            test.heard(time.monotonic())
        if test.tick(time.monotonic()) and test.speaking:
            tell(f"{len(test.marks) + 1} of {test.count}: say it now.")
        if len(test.marks) > told:
            told = len(test.marks)
            tell("   heard" if test.marks[-1] else "   not heard")
    return test


def _listen(ear: _Ear, show: Callable[[str], None] = tell) -> list[dict[str, Any]]:
    """Show what is heard until Ctrl-C."""
    from mww_studio.esphome.device_api import Woke

    heard: list[dict[str, Any]] = []
    try:
        while True:
            told = ear.next(_TICK_S)
            if isinstance(told, Woke):
                heard.append({"wake_word": told.wake_word, "time_s": round(told.time_s, 2), "sure": told.sure})
                sure = "" if told.sure is None else f", {100 * told.sure:.0f} % sure"
                show(f"{told.time_s:8.1f} s  “{told.wake_word}”{sure}")
    except KeyboardInterrupt:
        say("")
    return heard


def _facts(online: "Online") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "device": asdict(online.facts),
        "assistant": online.role.value,
        "wake_words": [
            {"id": word.id, "wake_word": word.wake_word, "active": word.id in online.words.active}
            for word in online.words.offered
        ],
        "most_active": online.words.most_active,
    }


def _describe(online: "Online") -> str:
    from mww_studio.esphome.device_api import Role

    facts = online.facts
    lines = [f"{facts.friendly_name} is online: {facts.model}, ESPHome {facts.esphome_version}."]
    if online.role is Role.TAKEN:
        lines.append(
            "Home Assistant is its voice assistant: the wake word is chosen there. Its log tells what it hears."
        )
    elif online.role is Role.NONE:
        lines.append("It has no voice assistant, so it has no wake word to choose.")
    elif not online.words.offered:
        lines.append("It offers no wake word: voice_assistant in its configuration lacks the line micro_wake_word.")
    else:
        lines.append("It offers:")
        lines += [
            f"  {'*' if word.id in online.words.active else ' '} {word.wake_word}  ({word.id})"
            for word in online.words.offered
        ]
        lines.append("While this program is connected, it is the voice assistant in the place of Home Assistant.")
    return "\n".join(lines)
