"""Sound as a picture: its wave, and the spectrogram that the device hears."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mww_studio.ui.kit.painting import painter_on
from mww_studio.ui.theme import Theme

_FULL_SCALE = 32767
_CLIPPED_FROM = 32700


@dataclass(frozen=True)
class Cut:
    """The part of a take that is kept, in shares of the whole shown."""

    start: float
    end: float


class WaveView(QWidget):
    """The outline of a sound as upright strokes, one every four pixels; the kept part stands on a tinted ground.

    ``height_u`` is the least height. Strokes of clipped sound are in the colour of trouble, and thicker.
    """

    def __init__(self, name: str = "", height_u: float = 18, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height_u = height_u
        self._low: NDArray[Any] = np.zeros(0, np.float32)
        self._high: NDArray[Any] = np.zeros(0, np.float32)
        self._pcm: NDArray[np.int16] | None = None
        self._cut: Cut | None = None
        self.setAccessibleName(name or self.tr("Wave of the sound"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_pcm(self, pcm: NDArray[np.int16], cut: Cut | None = None) -> None:
        """Show a whole sound of int16 samples."""
        self._pcm, self._cut = pcm, cut
        self._resample()

    def set_envelope(self, low: NDArray[Any], high: NDArray[Any], cut: Cut | None = None) -> None:
        """Show lowest and highest samples per stretch, in shares of full scale: the live wave, 30 times a second."""
        self._pcm, self._cut = None, cut
        self._low, self._high = np.asarray(low, np.float32), np.asarray(high, np.float32)
        self.update()

    def set_height(self, height_u: float) -> None:
        """Take another least height, for a small window."""
        self._height_u = height_u
        self.updateGeometry()

    def clear(self) -> None:
        """Show silence."""
        self.set_envelope(np.zeros(0), np.zeros(0))

    def sizeHint(self) -> QSize:
        """The least height, and any width."""
        u = Theme.current().u
        return QSize(u(60), u(self._height_u))

    def minimumSizeHint(self) -> QSize:
        """The least height, and a small width."""
        u = Theme.current().u
        return QSize(u(12), u(self._height_u))

    def resizeEvent(self, event: Any) -> None:
        """Look at the samples anew."""
        super().resizeEvent(event)
        if self._pcm is not None:
            self._resample()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, cut marks and strokes."""
        colours = Theme.current().tokens
        painter = painter_on(self)
        painter.setRenderHint(painter.RenderHint.Antialiasing, on=False)
        width, height = self.width(), self.height()
        if self._cut is not None:
            kept = QRectF(width * self._cut.start, 0, width * (self._cut.end - self._cut.start), height)
            painter.fillRect(kept, colours.accent_soft)
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(QPointF(0, height / 2), QPointF(width, height / 2))
        inside, outside, clipped = self._strokes(width, height)
        for lines, colour, thickness in (
            (outside, colours.edge, 2),
            (inside, colours.accent, 2),
            (clipped, colours.bad, 3),
        ):
            if lines:
                painter.setPen(QPen(colour, thickness))
                painter.drawLines(lines)
        if self._cut is not None:
            for share in (self._cut.start, self._cut.end):
                painter.fillRect(QRectF(min(width * share, width - 2), 0, 2, height), colours.accent)

    def _resample(self) -> None:
        pcm = self._pcm
        if pcm is None or not len(pcm):
            self._low = self._high = np.zeros(0, np.float32)
        else:
            strokes = min(self._count(), len(pcm))
            edges = np.linspace(0, len(pcm), strokes, endpoint=False).astype(np.int64)
            self._low = np.minimum.reduceat(pcm, edges) / np.float32(_FULL_SCALE)
            self._high = np.maximum.reduceat(pcm, edges) / np.float32(_FULL_SCALE)
        self.update()

    def _count(self) -> int:
        return max(self.width() // 4, 4)

    def _strokes(self, width: int, height: int) -> tuple[list[QLineF], list[QLineF], list[QLineF]]:
        """The lines inside the cut, outside it, and where the sound is clipped."""
        inside: list[QLineF] = []
        outside: list[QLineF] = []
        clipped: list[QLineF] = []
        count = len(self._low)
        if not count:
            return inside, outside, clipped
        middle, reach = height / 2, height * 0.47
        limit = _CLIPPED_FROM / _FULL_SCALE
        start, end = (self._cut.start, self._cut.end) if self._cut is not None else (0.0, 1.0)
        tops = (middle - np.clip(self._high, 0, 1) * reach).tolist()
        bottoms = (middle - np.clip(self._low, -1, 0) * reach).tolist()
        loud = ((self._high >= limit) | (self._low <= -limit)).tolist()
        for number in range(count):
            share = (number + 0.5) / count
            x = share * width
            line = QLineF(x, min(tops[number], middle - 0.5), x, max(bottoms[number], middle + 0.5))
            (clipped if loud[number] else inside if start <= share <= end else outside).append(line)
        return inside, outside, clipped


class Spectrogram(QWidget):
    """The features of a sound, time to the right and pitch upwards, in viridis, with ticks at its sides."""

    def __init__(self, name: str = "", height_u: float = 36, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height_u = height_u
        self._image = QImage()
        self._duration_s = 0.0
        self._ticks: tuple[tuple[float, str], ...] = ()
        self._mark_s: float | None = None
        self.left_margin_u = 12.0
        self.setAccessibleName(name or self.tr("Spectrogram"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_features(
        self, features: NDArray[Any], duration_s: float, ticks: tuple[tuple[float, str], ...] = ()
    ) -> None:
        """Show ``features`` [frames, channels] that last ``duration_s``; ``ticks`` are (channel, text)."""
        values = np.asarray(features, np.float32)
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        levels = ((values - low) / max(high - low, 1e-6) * 255).astype(np.uint8)
        picture = np.ascontiguousarray(levels.T[::-1])
        image = QImage(
            picture.data, picture.shape[1], picture.shape[0], picture.shape[1], QImage.Format.Format_Indexed8
        )
        image.setColorTable(_viridis())
        self._image = image.copy()  # the array goes away
        self._duration_s, self._ticks = duration_s, ticks
        self.update()

    def set_mark(self, time_s: float | None) -> None:
        """Draw an upright line at ``time_s``."""
        self._mark_s = time_s
        self.update()

    def sizeHint(self) -> QSize:
        """The least height, and any width."""
        u = Theme.current().u
        return QSize(u(80), u(self._height_u))

    def minimumSizeHint(self) -> QSize:
        """The least height, and a small width."""
        u = Theme.current().u
        return QSize(u(40), u(self._height_u))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw picture, ticks and mark."""
        theme = Theme.current()
        painter, left = painter_on(self), theme.u(self.left_margin_u)
        where = QRectF(left, 0, self.width() - left, self.height())
        if self._image.isNull():
            painter.fillRect(where, theme.tokens.inset)
            return
        painter.setRenderHint(painter.RenderHint.SmoothPixmapTransform, on=False)
        painter.drawImage(where, self._image)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.tokens.text2)
        height = QFontMetricsF(painter.font()).height()
        for channel, text in self._ticks:
            y = where.bottom() - (channel + 0.5) / self._image.height() * where.height()
            top = min(max(y - height / 2, 0.0), self.height() - height)
            place = QRectF(0, top, left - theme.u(1), height)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
        if self._mark_s is not None and self._duration_s > 0:
            x = where.left() + where.width() * self._mark_s / self._duration_s
            painter.fillRect(QRectF(x - 1, 0, 2, self.height()), QColor("#FFFFFF"))


def _viridis() -> list[int]:
    """256 colours from dark violet to yellow, equally far apart to the eye."""
    from pyqtgraph import colormap

    table = colormap.get("viridis").getLookupTable(nPts=256)
    return [QColor(int(red), int(green), int(blue)).rgb() for red, green, blue in table[:, :3]]
