"""A device over ESPHome's own API: which wake words it offers, which are on, and each time it hears one."""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mww_studio.errors import StudioError
from mww_studio.esphome.discovery import printable
from mww_studio.esphome.flash_output import read_woke

if TYPE_CHECKING:
    from aioesphomeapi.api_pb2 import SubscribeLogsResponse  # type: ignore[attr-defined]
    from aioesphomeapi.model import VoiceAssistantAudioSettings

API_PORT = 6053
_CONNECT_S = 20.0
_ANSWER_S = 10.0
_GOODBYE_S = 1.0
_REFUSAL_S = 0.5  # in which a device says that somebody else is its assistant
_SAME_S = 1.5  # two ways to hear of one wake word; the device is deaf for a second after each
_END_RUN_S = 0.05  # after the answer that lets a device begin to stream
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TAKEN = "Multiple API Clients attempting to connect to Voice Assistant"


class Role(StrEnum):
    """Who is the voice assistant of a device: a device has one at a time."""

    OURS = "ours"
    """This program, as long as it is connected; Home Assistant is not."""
    TAKEN = "taken"
    """Somebody who was there before, most likely Home Assistant: its wake words can be chosen there alone."""
    NONE = "none"
    """Nobody: the device has no voice assistant."""


@dataclass(frozen=True)
class DeviceFacts:
    """What a device says of itself."""

    name: str
    friendly_name: str
    model: str
    esphome_version: str
    mac: str


@dataclass(frozen=True)
class OfferedWord:
    """A wake word that a device has: the id that it is chosen by, and the word itself."""

    id: str
    wake_word: str


@dataclass(frozen=True)
class Words:
    """The wake words of a device, the ids of those that are on, and how many may be on at a time."""

    offered: tuple[OfferedWord, ...] = ()
    active: tuple[str, ...] = ()
    most_active: int = 0


@dataclass(frozen=True)
class Online:
    """A device has answered."""

    facts: DeviceFacts
    role: Role
    words: Words


@dataclass(frozen=True)
class Woke:
    """A device heard a wake word, ``time_s`` after it answered. ``sure``: from 0 to 1, None where it did not say."""

    wake_word: str
    time_s: float
    sure: float | None


DeviceEvent = Online | Words | Woke
Tell = Callable[[DeviceEvent], None]


class DeviceSession:
    """One connection to a device, used from one event loop.

    What the device hears is learned in two ways: from its log, which disturbs nobody, and as its voice assistant, where
    nobody else is that. Then each start of a conversation is answered with its end, so that the device goes on
    listening.
    """

    def __init__(self, address: str, key: str, tell: Tell, port: int = API_PORT) -> None:
        from aioesphomeapi.client import APIClient

        self._address, self._tell = address, tell
        self._client: APIClient = APIClient(address, port, None, client_info="mww_studio", noise_psk=key or None)
        self._gone = asyncio.Event()
        self._taken = asyncio.Event()
        self._role = Role.NONE
        self._unsubscribe: Callable[[], None] | None = None
        self._began_s = time.monotonic()
        self._last: tuple[str, float, set[str]] = ("", 0.0, set())
        self.words = Words()

    async def open(self) -> None:
        """Connect, and tell that it is :class:`Online`. Raises StudioError ``device.*`` and ``flash.no_answer``."""
        from aioesphomeapi.core import APIConnectionError
        from aioesphomeapi.model import LogLevel

        client = self._client
        try:
            async with asyncio.timeout(_CONNECT_S):
                await client.connect(on_stop=self._on_stop, login=True, log_errors=False)
            info = await client.device_info()
            client.subscribe_logs(self._on_log, log_level=LogLevel.LOG_LEVEL_DEBUG)
            version = client.api_version
            if version is not None and info.voice_assistant_feature_flags_compat(version):
                self._unsubscribe = client.subscribe_voice_assistant(
                    handle_start=self._on_start, handle_stop=self._on_audio_end, handle_audio=self._on_audio
                )
                self._role = Role.OURS
                self.words = await self._ask_words()
                if not self.words.offered and await self._is_taken():
                    self._role, self._unsubscribe = Role.TAKEN, None
        except (APIConnectionError, TimeoutError, OSError) as error:
            raise _trouble(self._address, error) from None
        said = (info.name, info.friendly_name or info.name, info.model, info.esphome_version, info.mac_address)
        facts = DeviceFacts(*map(printable, said))
        self._began_s = time.monotonic()
        self._tell(Online(facts, self._role, self.words))

    async def choose(self, ids: Sequence[str]) -> None:
        """Let the device listen for these words alone, and tell its :class:`Words` then.

        Raises StudioError ``device.taken``, ``device.words`` and ``device.lost``.
        """
        from aioesphomeapi.core import APIConnectionError

        if self._role is not Role.OURS:
            raise StudioError(
                "device.taken",
                "The wake word cannot be chosen from here.",
                why="Home Assistant is connected to this device.",
                do="Choose it in Home Assistant, in the settings of the device.",
            )
        known = {word.id for word in self.words.offered}
        if not set(ids) <= known or len(ids) > max(self.words.most_active, 1):
            raise StudioError(
                "device.words",
                "The device cannot listen for these wake words.",
                why=f"It has {', '.join(sorted(known)) or 'none'}, {self.words.most_active} of them at a time.",
                do="Choose among those.",
            )
        try:
            await self._client.set_voice_assistant_configuration(list(ids))
            self.words = await self._ask_words()
        except (APIConnectionError, TimeoutError) as error:
            raise _trouble(self._address, error) from None
        self._tell(self.words)

    async def stay(self) -> None:
        """Wait until the device goes away. Raises StudioError ``device.lost`` then."""
        await self._gone.wait()
        raise StudioError(
            "device.lost",
            f"The connection to {self._address} ended.",
            why="The device restarted, lost its power or left the network.",
            do="Connect again when it is back.",
        )

    async def close(self) -> None:
        """Leave the device to others."""
        with contextlib.suppress(Exception):  # it may be gone already, and nobody waits for its answer
            if self._unsubscribe is not None:
                self._unsubscribe()
            async with asyncio.timeout(_GOODBYE_S):
                await self._client.disconnect()
        with contextlib.suppress(Exception):
            await self._client.disconnect(force=True)

    async def _ask_words(self) -> Words:
        said = await self._client.get_voice_assistant_configuration(_ANSWER_S)
        offered = tuple(OfferedWord(word.id, printable(word.wake_word)) for word in said.available_wake_words)
        return Words(offered, tuple(said.active_wake_words), said.max_active_wake_words)

    async def _is_taken(self) -> bool:
        """Whether the device says that another is its assistant; one without wake words answers as emptily."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REFUSAL_S):
                await self._taken.wait()
        return self._taken.is_set()

    async def _on_stop(self, _expected: bool) -> None:
        self._gone.set()

    def _on_log(self, message: "SubscribeLogsResponse") -> None:
        line = _ANSI.sub("", message.message.decode("utf-8", "replace"))
        if _TAKEN in line:
            self._taken.set()
        elif woke := read_woke(line):
            self._heard(woke.wake_word, woke.average, "log")

    async def _on_start(
        self, _conversation: str, _flags: int, _audio: "VoiceAssistantAudioSettings", wake_word: str | None
    ) -> int:
        """The device wants to talk: take it as heard, let it begin, and end it at once."""
        if wake_word:
            self._heard(wake_word, None, "assistant")
        asyncio.get_running_loop().call_later(_END_RUN_S, self._end_run)
        return 0

    async def _on_audio(self, _data: bytes, _second: bytes | None) -> None:
        """What a device streams until it hears that the conversation is over is not kept."""

    async def _on_audio_end(self, _aborted: bool) -> None:
        """The stream is over."""

    def _end_run(self) -> None:
        from aioesphomeapi.core import APIConnectionError
        from aioesphomeapi.model import VoiceAssistantEventType

        with contextlib.suppress(APIConnectionError):
            for event in (
                VoiceAssistantEventType.VOICE_ASSISTANT_RUN_START,
                VoiceAssistantEventType.VOICE_ASSISTANT_RUN_END,
            ):
                self._client.send_voice_assistant_event(event, None)

    def _heard(self, wake_word: str, sure: float | None, source: str) -> None:
        """Tell it once, whichever way says it first."""
        now_s = time.monotonic()
        last, since_s, sources = self._last
        if last == wake_word and source not in sources and now_s - since_s < _SAME_S:
            sources.add(source)
            return
        self._last = (wake_word, now_s, {source})
        self._tell(Woke(printable(wake_word), now_s - self._began_s, sure))


def _trouble(address: str, error: Exception) -> StudioError:
    """What is said about an error of the connection; no error of the library holds the key."""
    from aioesphomeapi.core import (
        EncryptionHelloAPIError,
        EncryptionPlaintextAPIError,
        InvalidEncryptionKeyAPIError,
        RequiresEncryptionAPIError,
        ResolveAPIError,
        SocketAPIError,
        TimeoutAPIError,
    )

    if isinstance(error, InvalidEncryptionKeyAPIError | RequiresEncryptionAPIError):
        asked = isinstance(error, RequiresEncryptionAPIError)
        return StudioError(
            "device.key",
            "The device asks for its key." if asked else "The device did not accept the key.",
            why="Each device has its own, in secrets.yaml beside its configuration; its name ends in _api_key.",
            do="Give that key. Home Assistant shows it, too, in ESPHome's settings of the device.",
        )
    if isinstance(error, EncryptionPlaintextAPIError | EncryptionHelloAPIError):
        return StudioError(
            "device.no_key",
            "The device has no key.",
            why="It was set up without encryption.",
            do="Connect without a key.",
        )
    if isinstance(error, ResolveAPIError | SocketAPIError | TimeoutAPIError | TimeoutError | OSError):
        return StudioError(
            "flash.no_answer",
            f"The device did not answer on {address}.",
            why="It may be switched off or on another network.",
            do="Look whether it has power and is on this network, or type its address.",
        )
    return StudioError(
        "device.trouble",
        f"The connection to {address} failed.",
        why=f"{error}.",
        do="Restart the device and try again.",
    )
