"""Cutting a sample by hand: a wave with two handles, and a slider for each of them."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLocale, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from mww_studio.constitution.articles import law
from mww_studio.jobs.trimming import MIN_CLIP_S
from mww_studio.ui.kit.fields import Slider, label_for
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.kit.text import Label
from mww_studio.ui.kit.waves import Cut, WaveView
from mww_studio.ui.theme import Theme

Pcm = npt.NDArray[np.int16]

_STEP_MS, _FINE_MS, _PAGE_MS = 10, 1, 100
_LEAST_MS = round(MIN_CLIP_S * 1000)
_GRIP_U = (1.5, 8.0)


class CutWave(WaveView):
    """A wave whose kept part can be changed with the pointer."""

    start_dragged = Signal(float)
    end_dragged = Signal(float)

    def __init__(self, name: str, height_u: float, parent: QWidget | None = None) -> None:
        super().__init__(name, height_u, parent)
        self.cut = Cut(0.0, 1.0)
        self._open = False
        self._dragged: str | None = None

    def set_open(self, on: bool) -> None:
        """Whether the part can be changed."""
        self._open = on
        self.setCursor(Qt.CursorShape.SplitHCursor if on else Qt.CursorShape.ArrowCursor)
        self.update()

    def show_cut(self, pcm: Pcm, cut: Cut) -> None:
        """Show a sound, and which part of it stays."""
        self.cut = cut
        self.set_pcm(pcm, cut)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the nearer handle."""
        if self._open and event.button() == Qt.MouseButton.LeftButton:
            share = self._share(event)
            middle = (self.cut.start + self.cut.end) / 2
            self._dragged = "start" if share < middle else "end"
            self._drag(share)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move it along."""
        if self._dragged:
            self._drag(self._share(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let it go."""
        super().mouseReleaseEvent(event)
        self._dragged = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """The wave, and a grip on both edges of the part."""
        super().paintEvent(event)
        if not self._open:
            return
        theme = Theme.current()
        painter = painter_on(self)
        width, height = theme.u(_GRIP_U[0]), theme.u(_GRIP_U[1])
        for share in (self.cut.start, self.cut.end):
            left = min(max(share * self.width() - width / 2, 0), self.width() - width)
            grip = QRectF(left, (self.height() - height) / 2, width, height)
            rounded(painter, grip, theme.tokens.accent, theme.tokens.surface, width / 2)

    def _share(self, event: QMouseEvent) -> float:
        return min(max(event.position().x() / max(1, self.width()), 0.0), 1.0)

    def _drag(self, share: float) -> None:
        (self.start_dragged if self._dragged == "start" else self.end_dragged).emit(share)


class TimeSlider(Slider):
    """A slider over milliseconds: arrows move it by 10, with Shift by 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 1, 0, parent)
        self.setSingleStep(_STEP_MS)
        self.setPageStep(_PAGE_MS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The fine steps."""
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
        way = ways.get(Qt.Key(event.key()))
        if way is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.setValue(self.value() + way * _FINE_MS)
        else:
            super().keyPressEvent(event)


class TrimView(QWidget):
    """The wave of a sample. While it is being trimmed, sliders say what stays; ``cut_changed`` when they move."""

    cut_changed = Signal()

    def __init__(self, height_u: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._pcm: Pcm = np.zeros(0, np.int16)
        self._speech: tuple[float, float] | None = None
        self._length_ms = 0
        self.wave = CutWave(self.tr("Wave of the sample"), height_u)
        self.start, self.end = TimeSlider(), TimeSlider()
        self._labels = (label_for(self.tr("Start"), self.start), label_for(self.tr("End"), self.end))
        self._said = Label()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(u(1))
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self.wave, 0, 1)
        for row, (label, slider) in enumerate(zip(self._labels, (self.start, self.end), strict=True), 1):
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(slider, row, 1)
        self._grid.addWidget(self._said, 3, 1)
        self._grid.setRowStretch(0, 1)
        tip = self.tr("Arrow keys move by 10 ms, with Shift by 1 ms")
        for slider in (self.start, self.end):
            slider.setToolTip(tip)
        self.start.valueChanged.connect(self._start_moved)
        self.end.valueChanged.connect(self._end_moved)
        self.wave.start_dragged.connect(self._start_dragged)
        self.wave.end_dragged.connect(self._end_dragged)
        self.set_trimming(False)

    def margin(self) -> int:
        """How wide the labels are that stand before the wave, in pixels."""
        return max(label.sizeHint().width() for label in self._labels) + Theme.current().u(2)

    def set_margin(self, width: int) -> None:
        """Begin the wave so many pixels from the edge."""
        self._grid.setColumnMinimumWidth(0, width)

    def show_sound(self, pcm: Pcm, speech: tuple[float, float] | None) -> None:
        """Show a sound (int16 [samples], 16 kHz); ``speech``: where the word begins and ends, in seconds."""
        self._pcm, self._speech = pcm, speech
        self._length_ms = round(len(pcm) * 1000 / law().frontend.sample_rate_hz)
        for slider in (self.start, self.end):
            slider.blockSignals(True)
            slider.setRange(0, self._length_ms)
            slider.setValue(0 if slider is self.start else self._length_ms)
            slider.blockSignals(False)
        self._show()

    def set_trimming(self, on: bool) -> None:
        """Whether the sliders stand there."""
        for widget in (*self._labels, self.start, self.end, self._said):
            widget.setVisible(on)
        self.wave.set_open(on)
        self._show()

    def reset(self) -> None:
        """Keep everything again."""
        self.start.setValue(0)
        self.end.setValue(self._length_ms)

    def times_s(self) -> tuple[float, float]:
        """What stays, in seconds."""
        return self.start.value() / 1000, self.end.value() / 1000

    def is_cut(self) -> bool:
        """Whether anything would go."""
        return self.start.value() > 0 or self.end.value() < self._length_ms

    def cuts_word(self) -> bool:
        """Whether a part of the word would go."""
        if self._speech is None:
            return False
        start_s, end_s = self.times_s()
        return start_s > self._speech[0] or end_s < self._speech[1]

    def part(self) -> Pcm:
        """The sound that stays."""
        rate = law().frontend.sample_rate_hz
        start_s, end_s = self.times_s()
        return self._pcm[round(start_s * rate) : round(end_s * rate)]

    def _start_moved(self, value: int) -> None:
        self.start.setValue(min(value, max(0, self.end.value() - _LEAST_MS)))
        self._show()

    def _end_moved(self, value: int) -> None:
        self.end.setValue(max(value, min(self._length_ms, self.start.value() + _LEAST_MS)))
        self._show()

    def _start_dragged(self, share: float) -> None:
        self.start.setValue(round(share * self._length_ms))

    def _end_dragged(self, share: float) -> None:
        self.end.setValue(round(share * self._length_ms))

    def _show(self) -> None:
        length = max(1, self._length_ms)
        if self.start.isVisibleTo(self):
            cut = Cut(self.start.value() / length, self.end.value() / length)
        elif self._speech is not None:
            cut = Cut(self._speech[0] * 1000 / length, self._speech[1] * 1000 / length)
        else:
            cut = Cut(0.0, 1.0)
        self.wave.show_cut(self._pcm, cut)
        start_s, end_s = self.times_s()
        names = {"start": _seconds(start_s), "end": _seconds(end_s), "rest": _seconds(end_s - start_s)}
        self._said.setText(self.tr("From {start} to {end}: {rest} stay.").format(**names))
        self.wave.setAccessibleDescription(self._said.text())
        self.cut_changed.emit()


def _seconds(value: float) -> str:
    return QLocale().toString(value, "f", 3) + "\N{NO-BREAK SPACE}s"
