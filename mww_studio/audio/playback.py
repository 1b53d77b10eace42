"""Playing a sound through the computer's loudspeaker."""

import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mww_studio.audio.sound_process import Said, SoundProcess, rate_argument
from mww_studio.errors import StudioError

Pcm = npt.NDArray[np.int16]


class Playback:
    """A loudspeaker that plays one sound at a time. Its program starts with the first sound and is kept for the next.

    The three functions are called in another thread: when a sound begins, when it is over (played to its end, or
    something else is played, or it was stopped), and when it cannot be played (StudioError ``audio.no_output``).
    """

    def __init__(
        self, began: Callable[[], None], over: Callable[[], None], failed: Callable[[StudioError], None]
    ) -> None:
        self._began = began
        self._over = over
        self._failed = failed
        self._process: SoundProcess | None = None
        self._lock = threading.Lock()

    def play(self, pcm: Pcm) -> None:
        """Play int16 [samples], 16 kHz mono, from now on, instead of what plays. Waits while a long sound is handed
        over: not for the window's thread."""
        with self._lock:
            if self._process is None:
                self._process = SoundProcess("play", rate_argument(), "", heard=self._heard)
            process = self._process
        process.send(pcm.astype("<i2").tobytes())

    def stop(self) -> None:
        """Play no more of it."""
        with self._lock:
            process = self._process
        if process is not None:
            process.send(b"")

    def close(self) -> None:
        """Let the loudspeaker go. Returns at once."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _heard(self, said: bytes | Said) -> None:
        if isinstance(said, bytes):
            return
        if said.event == "playing":
            self._began()
        elif said.event == "done":
            self._over()
        elif said.event == "failed":
            self._failed(_trouble(said))
        else:
            with self._lock:
                self._process = None
            self._over()


def _trouble(said: Said) -> StudioError:
    why = {
        "missing": "There is no loudspeaker.",
        "busy": "Another program holds it.",
        "stopped": "It was pulled out or fell asleep.",
    }.get(said.code, f"The system says: {said.why.rstrip('.')}.")
    return StudioError(
        "audio.no_output", "The sound cannot be played.", why=why, do="Check the loudspeaker, then play it again."
    )
