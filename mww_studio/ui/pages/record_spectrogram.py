"""The pitches of the sound as it comes, in the calm colours of the stage, at the cost of a few strokes."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mww_studio.constitution.articles import law
from mww_studio.ui.theme import Theme

Pcm = npt.NDArray[np.int16]
Levels = npt.NDArray[np.uint8]

_HOP_S, _WINDOW_S, _FFT = 0.010, 0.025, 512
_BANDS = 40
_LOWEST_HZ, _HIGHEST_HZ = 80.0, 7600.0
_FLOOR_DB, _TOP_DB = -95.0, -30.0  # of one band against full scale: a quiet room and a voice close by


class LiveSpectrogram(QWidget):
    """The newest seconds, time to the right and pitch upwards, evenly to the ear; or one whole sound."""

    def __init__(self, seconds: float, height_u: float = 9, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = round(seconds / _HOP_S)
        self._height_u = height_u
        self._live: Levels = np.zeros((_BANDS, self._columns), np.uint8)
        self._shown: Levels = self._live
        self._rest = np.zeros(0, np.int16)
        self._table: tuple[bool, list[int]] | None = None
        self.setAccessibleName(self.tr("Pitches of the sound"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def feed(self, pcm: Pcm, *, show: bool = True) -> None:
        """Shift the newest seconds by what is new, and show them or not.

        ``pcm``: int16 [samples], 16 kHz mono, of any number.
        """
        whole = np.concatenate([self._rest, pcm])
        new = band_levels(whole)[:, -self._columns :]
        hop, _ = _lengths()
        self._rest = whole[band_count(len(whole)) * hop :]
        if new.shape[1]:
            self._live = np.ascontiguousarray(np.concatenate([self._live[:, new.shape[1] :], new], axis=1))
            if show:
                self._shown = self._live
                self.update()

    def show_sound(self, pcm: Pcm) -> None:
        """Show a whole sound in the place of the newest seconds, until more comes."""
        levels = band_levels(pcm)
        if levels.shape[1]:
            self._shown = np.ascontiguousarray(levels)
            self.update()

    def clear(self) -> None:
        """Show silence."""
        self._live = np.zeros((_BANDS, self._columns), np.uint8)
        self._shown = self._live
        self._rest = np.zeros(0, np.int16)
        self.update()

    def set_height(self, height_u: float) -> None:
        """Take another height, for a small window."""
        self._height_u = height_u
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Its height, and any width."""
        u = Theme.current().u
        return QSize(u(60), u(self._height_u))

    def minimumSizeHint(self) -> QSize:
        """Its height, and a small width."""
        u = Theme.current().u
        return QSize(u(12), u(self._height_u))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture."""
        bands, columns = self._shown.shape
        image = QImage(self._shown.data, columns, bands, columns, QImage.Format.Format_Indexed8)
        image.setColorTable(self._colours())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(self.rect()), image)

    def _colours(self) -> list[int]:
        """256 colours from the ground over the accent to the text, so that more is always further from the ground."""
        theme = Theme.current()
        if self._table is None or self._table[0] != theme.dark:
            tokens = theme.tokens
            stops = [tokens.inset, tokens.accent_soft, tokens.accent, tokens.text]
            places = np.linspace(0, 255, len(stops))
            parts = [[stop.red() for stop in stops], [stop.green() for stop in stops], [stop.blue() for stop in stops]]
            mixed = [np.interp(np.arange(256), places, part) for part in parts]
            table = [QColor(*(round(value) for value in colour)).rgb() for colour in zip(*mixed, strict=True)]
            self._table = (theme.dark, table)
        return self._table[1]


def band_count(samples: int) -> int:
    """How many columns ``samples`` samples make."""
    hop, window = _lengths()
    return max(0, (samples - window) // hop + 1)


def band_levels(pcm: Pcm) -> Levels:
    """How loud each band is every 10 ms, 0 as in a quiet room: uint8 [bands, columns], the highest band first."""
    hop, window = _lengths()
    if len(pcm) < window:
        return np.zeros((_BANDS, 0), np.uint8)
    frames = np.lib.stride_tricks.sliding_window_view(pcm, window)[::hop].astype(np.float32) / np.float32(32768)
    shape = np.hanning(window).astype(np.float32)
    spectrum = np.fft.rfft(frames * shape, _FFT)
    power = (spectrum.real**2 + spectrum.imag**2) * (4 / shape.sum() ** 2)
    edges = _edges()
    bands = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    level = 10 * np.log10(bands + 1e-12)
    scaled = np.clip((level - _FLOOR_DB) / (_TOP_DB - _FLOOR_DB), 0, 1) * 255
    return np.ascontiguousarray(scaled.T[::-1]).astype(np.uint8)


def _lengths() -> tuple[int, int]:
    rate = law().frontend.sample_rate_hz
    return round(_HOP_S * rate), round(_WINDOW_S * rate)


def _edges() -> npt.NDArray[np.intp]:
    """The first bin of each band and the one after the last; every band has one bin at least."""
    mels = np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), _BANDS + 1)
    hertz = 700 * (10 ** (mels / 2595) - 1)
    edges = np.round(hertz * _FFT / law().frontend.sample_rate_hz).astype(np.intp)
    for place in range(1, len(edges)):
        edges[place] = max(edges[place], edges[place - 1] + 1)
    return edges


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
