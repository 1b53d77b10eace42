"""What a microphone hears, as it comes."""

import threading
import time
from collections import deque

import numpy as np
import numpy.typing as npt

from mww_studio.audio.devices import Microphone, listed
from mww_studio.audio.sound_process import Said, SoundProcess, rate_argument, trouble
from mww_studio.errors import StudioError

Pcm = npt.NDArray[np.int16]

WATCHDOG_S = 1.0
_PATIENCE_S = 20.0  # for a device to open: Bluetooth takes seconds


class Capture:
    """A microphone that is open. Sound flows in by itself; :meth:`read` never waits and may be called in any thread.

    A device that takes another rate alone is resampled. Closing returns at once, whatever the device does. ``name``
    and ``rate_hz`` are those of the device, empty until it is open; ``lost`` counts gaps in the sound; ``microphones``
    are those that were there when it was opened.
    """

    def __init__(self, name: str = "") -> None:
        """Begin to open the microphone of that name; empty is the system's default. Returns at once."""
        self.asked = name
        self.lost = 0
        self._said: Said | None = None
        self._opened = threading.Event()
        self._blocks: deque[bytes] = deque()
        self.name = ""
        self.rate_hz = 0
        self.microphones: list[Microphone] = []
        self._process = SoundProcess("record", rate_argument(), name, heard=self._heard)

    @classmethod
    def open(cls, name: str = "") -> "Capture":
        """Open a microphone and wait until it hears; not for the window's thread.

        Raises StudioError ``audio.no_microphone``, ``audio.busy``, ``audio.refused``, ``audio.system``.
        """
        capture = cls(name)
        capture._opened.wait(_PATIENCE_S)
        try:
            capture.check()
            if not capture.opened:
                raise trouble(Said(event="stopped"), name)
        except StudioError:
            capture.close()
            raise
        return capture

    @property
    def opened(self) -> bool:
        """Whether the microphone has begun to hear."""
        return self.name != ""

    def read(self) -> Pcm:
        """All int16 [samples], 16 kHz mono, that came since the last call; none is an empty array.

        :attr:`lost` counts the gaps before the end of what was read. Raises what :meth:`check` does, once everything
        that came before was read.
        """
        blocks = []
        while self._blocks:
            blocks.append(self._blocks.popleft())
        if not blocks:
            self.check()
        return np.frombuffer(b"".join(blocks), "<i2").astype(np.int16, copy=False)

    def check(self) -> None:
        """Raise StudioError if the microphone failed: ``audio.no_microphone``, ``audio.busy``, ``audio.refused``
        or ``audio.system`` while it opens, ``audio.stopped`` later."""
        if self._said is not None:
            raise trouble(self._said, self.asked)
        if self.silent_for_s > 2 * WATCHDOG_S:
            raise trouble(Said(event="stopped"), self.asked)

    @property
    def silent_for_s(self) -> float:
        """For how long an open microphone sent nothing, not even silence."""
        return time.monotonic() - self._process.heard_at if self.opened else 0.0

    @property
    def pid(self) -> int:
        """The process that records."""
        return self._process.pid

    def close(self) -> None:
        """Let the microphone go. Returns at once; may be repeated."""
        self._process.kill()

    def _heard(self, said: bytes | Said) -> None:
        if isinstance(said, bytes):
            self._blocks.append(said)
        elif said.event == "devices":
            self.microphones = listed(said)
        elif said.event == "open":
            self.rate_hz = said.rate_hz
            self.name = said.name
            self._opened.set()
        elif said.event == "lost":
            self.lost += 1
        elif self._said is None:
            self._said = Said(event="stopped") if self.opened and said.event == "ended" else said
            self._opened.set()
