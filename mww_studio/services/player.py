"""The loudspeaker, for the window."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from mww_studio.audio.playback import Playback
from mww_studio.errors import StudioError

Pcm = npt.NDArray[np.int16]


class Player(QObject):
    """Plays one sound at a time.

    ``playing`` (bool): a sound begins, or is over; ``trouble`` (StudioError): one cannot be played.
    """

    playing = Signal(bool)
    trouble = Signal(object)
    _began = Signal()
    _over = Signal()
    _failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.is_playing = False
        self._playback: Playback | None = None
        # Through signals of its own, so that what the loudspeaker's thread says arrives in this object's thread.
        self._began.connect(self._on_began)
        self._over.connect(self._on_over)
        self._failed.connect(self._on_failed)

    def play(self, sound: Pcm | Path) -> None:
        """Play int16 [samples], 16 kHz mono, or a sound file, instead of what plays. Returns at once."""
        if self._playback is None:
            self._playback = Playback(self._began.emit, self._over.emit, self._failed.emit)
        self._playback.play(sound)

    def stop(self) -> None:
        """Play no more of it. Returns at once."""
        if self._playback is not None:
            self._playback.stop()

    def shut_down(self) -> None:
        """Let the loudspeaker go. Returns at once."""
        playback, self._playback = self._playback, None
        if playback is not None:
            playback.close()
            self._on_over()

    def _on_began(self) -> None:
        self._set(playing=True)

    def _on_over(self) -> None:
        self._set(playing=False)

    def _on_failed(self, error: StudioError) -> None:
        self._set(playing=False)
        self.trouble.emit(error)

    def _set(self, *, playing: bool) -> None:
        if playing != self.is_playing:
            self.is_playing = playing
            self.playing.emit(playing)
