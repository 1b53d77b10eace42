"""Playing a sound through the computer's loudspeaker."""

import queue
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.audio.files import read_audio
from mww_studio.audio.sound_process import Said, SoundProcess, rate_argument
from mww_studio.errors import StudioError

Pcm = npt.NDArray[np.int16]

_STOP = np.zeros(0, np.int16)


class Playback:
    """A loudspeaker that plays one sound at a time. No method waits.

    The three functions are called in another thread: when a sound begins, when it is over (it came to its end, was
    stopped, or gave way to another), and when it cannot be played (StudioError ``audio.no_output``, or those of
    ``read_audio``).
    """

    def __init__(
        self, began: Callable[[], None], over: Callable[[], None], failed: Callable[[StudioError], None]
    ) -> None:
        self._began = began
        self._over = over
        self._failed = failed
        self._process: SoundProcess | None = None
        self._waiting = False  # for a sound to begin
        self._orders: queue.Queue[Pcm | Path | None] = queue.Queue()
        threading.Thread(target=self._work, name="playback", daemon=True).start()

    def play(self, sound: Pcm | Path) -> None:
        """Play int16 [samples], 16 kHz mono, or a sound file, instead of what plays."""
        self._orders.put(sound)

    def stop(self) -> None:
        """Play no more of it."""
        self._orders.put(_STOP)

    def close(self) -> None:
        """Let the loudspeaker go, for good."""
        self._orders.put(None)
        process = self._process
        if process is not None:
            process.kill()

    def _work(self) -> None:
        while (order := self._newest()) is not None:
            try:
                pcm = read_audio(order) if isinstance(order, Path) else order
            except StudioError as error:
                self._failed(error)
                continue
            # The program is started with the first sound and kept for the next: so that one begins at once.
            if len(pcm) and self._process is None:
                self._process = SoundProcess("play", rate_argument(), "", heard=self._heard)
            if (process := self._process) is not None:
                self._waiting = len(pcm) > 0
                process.send(pcm.astype("<i2").tobytes())
        if (process := self._process) is not None:
            process.kill()

    def _newest(self) -> Pcm | Path | None:
        """Waits for an order; of several, the others were never heard."""
        order = self._orders.get()
        while order is not None and not self._orders.empty():
            order = self._orders.get()
        return order

    def _heard(self, said: bytes | Said) -> None:
        if isinstance(said, bytes):
            return
        if said.event == "playing":
            self._waiting = False
            self._began()
        elif said.event == "done":
            self._over()
        elif said.event == "failed":
            self._waiting = False
            self._failed(_trouble(said))
        elif said.event == "ended":
            self._process = None
            if self._waiting:
                self._failed(_trouble(said))
            self._over()


def _trouble(said: Said) -> StudioError:
    why = {
        "missing": "There is no loudspeaker.",
        "busy": "Another program holds it.",
        "stopped": "It was pulled out or fell asleep.",
        "": "The sound of this computer does not answer.",
    }.get(said.code, f"The system says: {said.why.rstrip('.')}.")
    return StudioError(
        "audio.no_output", "The sound cannot be played.", why=why, do="Check the loudspeaker, then play it again."
    )
