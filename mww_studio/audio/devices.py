"""The microphones of this computer."""

import queue
from collections.abc import Callable
from dataclasses import dataclass

from mww_studio.audio.sound_process import Said, SoundProcess, trouble

_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Microphone:
    """A device that hears. ``rate_hz`` is its own rate; ``default``: whether the system uses it where none is named."""

    name: str
    rate_hz: int
    default: bool


def microphones() -> list[Microphone]:
    """Those that are plugged in now. Takes a third of a second, more where a device answers slowly.

    Raises StudioError ``audio.system`` when the system's sound does not answer.
    """
    answers: queue.Queue[Said] = queue.Queue()

    def heard(said: bytes | Said) -> None:
        if isinstance(said, Said):
            answers.put(said)

    process = SoundProcess("list", heard=heard)
    try:
        answer = answers.get(timeout=_PATIENCE_S)
    except queue.Empty:
        answer = Said(event="ended")
    finally:
        process.kill()
    if answer.event != "devices":
        raise trouble(Said(event="ended"), "")
    return listed(answer)


class MicrophoneWatch:
    """Notices microphones that are plugged in or pulled out, until it is closed.

    Not for use while one records: looking at a device opens it.
    """

    def __init__(self, changed: Callable[[list[Microphone]], None]) -> None:
        """``changed`` is called in a thread of its own: with what is there, and again after each change."""
        self._changed = changed
        self._known: list[Microphone] | None = None
        self._process = SoundProcess("watch", heard=self._heard)

    def close(self) -> None:
        """Stop watching. Returns at once."""
        self._process.kill()

    def _heard(self, said: bytes | Said) -> None:
        if isinstance(said, Said) and said.event == "devices":
            there = listed(said)
            if there != self._known:
                self._known = there
                self._changed(there)


def listed(said: Said) -> list[Microphone]:
    """The microphones of an event that lists devices."""
    return [Microphone(device["name"], device["rate_hz"], device["default"]) for device in said.devices]
