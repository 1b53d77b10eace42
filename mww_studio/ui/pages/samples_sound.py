"""The sound of the current sample: its wave, and playing it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from mww_studio.project.records import Clip
from mww_studio.ui.kit.waves import Cut

if TYPE_CHECKING:
    from mww_studio.services.studio import Studio

Pcm = npt.NDArray[np.int16]

_KEY = "samples.wave"


@dataclass(frozen=True)
class _Read:
    id: int
    pcm: Pcm


class CurrentSound(QObject):
    """``wave_read``: the samples of the clip asked for last, and which part is the word; ``playing_changed``: the id of
    the clip that is heard from now on, 0 for none."""

    wave_read = Signal(object, object)
    playing_changed = Signal(int)
    trouble = Signal(object)

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._clip: Clip | None = None
        self._played = 0
        self._connected = False

    def read(self, clip: Clip, folder: Path) -> None:
        """Read the wave of a clip of the project in ``folder``, unless it is the one that was read last."""
        if self._clip is not None and clip.sha256 == self._clip.sha256 and clip.path == self._clip.path:
            return
        self._clip = clip
        work = partial(_read, clip.id, folder / clip.path)
        self._studio.background.run(work, self._show, self.trouble.emit, key=_KEY)

    def forget(self) -> None:
        """No clip is the current one."""
        self._clip = None
        self.wave_read.emit(None, None)

    def toggle(self, id_: int, sound: Pcm | Path) -> None:
        """Play a sound of a clip; stop it if it is being played."""
        if self._is_played(id_):
            self.stop()
            return
        player = self._studio.player
        if not self._connected:
            self._connected = True
            player.playing.connect(self._playing)
            player.trouble.connect(self._fail)
        self._played = id_
        player.play(sound)
        if player.is_playing:
            self.playing_changed.emit(id_)

    def stop(self) -> None:
        """Be silent, if it is this page that plays."""
        if self._played:
            self._studio.player.stop()

    def _is_played(self, id_: int) -> bool:
        return self._played == id_ and self._connected and self._studio.player.is_playing

    def _playing(self, on: bool) -> None:
        if not self._played:
            return  # another page's sound
        self.playing_changed.emit(self._played if on else 0)
        if not on:
            self._played = 0

    def _fail(self, error: object) -> None:
        if self._played:
            self._played = 0
            self.trouble.emit(error)

    def _show(self, read: _Read) -> None:
        clip = self._clip
        if clip is None or clip.id != read.id:
            return
        cut = None
        if clip.speech_start_s is not None and clip.speech_end_s is not None and clip.duration_s:
            cut = Cut(clip.speech_start_s / clip.duration_s, clip.speech_end_s / clip.duration_s)
        self.wave_read.emit(read.pcm, cut)


def _read(id_: int, path: Path) -> _Read:
    from mww_studio.audio.files import read_audio

    return _Read(id_, read_audio(path))
