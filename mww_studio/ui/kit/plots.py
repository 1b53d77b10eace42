"""Plots that do not zoom: a title in words above them, both axes with their unit, labels at the lines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSizePolicy, QWidget

from mww_studio.ui.theme import Theme

_STYLES = {"s1": Qt.PenStyle.SolidLine, "s2": Qt.PenStyle.DashLine, "s3": Qt.PenStyle.DotLine}


class _Plot(pg.PlotWidget):  # type: ignore[misc]
    """Axes in the colours of the theme; no mouse, no menu, horizontal grid only."""

    def __init__(self, name: str, x: str, y: str, *, antialias: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = Theme.current()
        self._axes = {"bottom": x, "left": y}
        self.setAccessibleName(name)
        self.setAntialiasing(antialias)
        self.setMenuEnabled(False)
        self.setMouseEnabled(False, False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(theme.u(36))
        self.setMinimumWidth(theme.u(40))
        self.getPlotItem().setContentsMargins(0, theme.u(2), theme.u(2), 0)
        self.showGrid(x=False, y=True, alpha=0.18)
        self._retint()
        theme.changed.connect(self._retint)

    def sizeHint(self) -> QSize:
        """The least size: what the view itself wants would force the page to scroll."""
        return QSize(self.minimumSize())

    def pen(self, series: str, *, width: float = 2.0) -> Any:
        """The pen of a series: s1 solid, s2 dashed, s3 dotted; as thick on dense screens as on others."""
        ratio = self.devicePixelRatioF()
        return pg.mkPen(Theme.current().colour(series), width=width * ratio, style=_STYLES[series])

    def describe(self, text: str) -> None:
        """Say in words what the plot shows; renewed with the data."""
        self.setAccessibleDescription(text)

    def wheelEvent(self, event: Any) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def _retint(self) -> None:
        theme = Theme.current()
        self.setBackground(theme.tokens.surface)
        size = theme.font("small").pointSizeF()
        for side, text in self._axes.items():
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(theme.tokens.line))
            axis.setTextPen(theme.tokens.text2)
            axis.setTickFont(theme.font("small"))
            axis.setStyle(tickLength=0, tickTextOffset=theme.u(1.5))
            axis.setLabel(text, **{"color": theme.tokens.text2.name(), "font-size": f"{size:.1f}pt"})
        self._restyle()

    def _restyle(self) -> None:
        """Give curves and labels the theme's colours."""


class LinePlot(_Plot):
    """One or two series over a common axis, with an optional goal line, a best point, and a label at the line.

    ``title`` is the accessible name; the visible title stands in the card's header.
    """

    def __init__(self, title: str, x: str, y: str, parent: QWidget | None = None) -> None:
        self._curves: dict[str, Any] = {}
        self._goal: tuple[Any, Any] | None = None
        self._best: Any = None
        super().__init__(title, x, y, antialias=True, parent=parent)

    def set_series(self, series: str, x: ArrayLike, y: ArrayLike) -> None:
        """Show a series, ``s1`` or ``s2``."""
        if series not in self._curves:
            self._curves[series] = self.plot(pen=self.pen(series))
        self._curves[series].setData(np.asarray(x, float), np.asarray(y, float))

    def set_goal(self, y: float, text: str) -> None:
        """Draw a goal as a dotted line with words."""
        if self._goal is None:
            line = pg.InfiniteLine(angle=0, pen=self.pen("s3", width=1.0))
            label = pg.InfLineLabel(line, position=0.98, anchors=[(1, 1), (1, 1)])
            label.setFont(_bold_caption())
            self.addItem(line)
            self._goal = line, label
        line, label = self._goal
        line.setPos(y)
        label.setFormat(text)
        label.setColor(Theme.current().tokens.text2)

    def set_best(self, x: float, y: float) -> None:
        """Draw a dot at the best point."""
        if self._best is None:
            self._best = pg.ScatterPlotItem(size=Theme.current().u(2.5))
            self.addItem(self._best)
        self._best.setData([x], [y], brush=Theme.current().tokens.s1, pen=pg.mkPen(Theme.current().tokens.surface))

    def clear_best(self) -> None:
        """Take the dot away."""
        if self._best is not None:
            self._best.clear()

    def set_ranges(self, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Fix the ends of the axes."""
        if x is not None:
            self.setXRange(*x, padding=0.02)
        if y is not None:
            self.setYRange(*y, padding=0.02)

    def _restyle(self) -> None:
        theme = Theme.current()
        for series, curve in self._curves.items():
            curve.setPen(self.pen(series))
        if self._goal is not None:
            self._goal[0].setPen(self.pen("s3", width=1.0))
            self._goal[1].setColor(theme.tokens.text2)
        if self._best is not None:
            self._best.setBrush(theme.tokens.s1)
            self._best.setPen(pg.mkPen(theme.tokens.surface))


class LivePlot(_Plot):
    """How sure the detector is over the last seconds: the deciding mean, the raw value faint behind, the cut-off.

    Drawn without antialiasing in lines of one pixel, as anything else takes too long for a live picture.
    """

    def __init__(self, name: str, x: str, y: str, seconds: float, parent: QWidget | None = None) -> None:
        self._raw = pg.PlotCurveItem()
        self._mean = pg.PlotCurveItem()
        self._cutoff = pg.InfiniteLine(angle=0)
        self._deaf: list[Any] = []
        self._woke: list[Any] = []
        super().__init__(name, x, y, antialias=False, parent=parent)
        for item in (self._raw, self._mean, self._cutoff):
            self.addItem(item)
        self.setXRange(-seconds, 0, padding=0.02)  # with room for the words at both ends
        self.setYRange(0, 118, padding=0.02)  # with room for the words above all that is drawn
        self.getAxis("bottom").setTickSpacing(5, 5)
        self.getAxis("left").setTicks([[(percent, str(percent)) for percent in range(0, 101, 20)]])
        self._cutoff.setVisible(False)

    def set_trace(self, times_s: ArrayLike, raw: ArrayLike, mean: ArrayLike) -> None:
        """Show the trace: times before now in seconds (negative), values in percent."""
        self._raw.setData(np.asarray(times_s, float), np.asarray(raw, float))
        self._mean.setData(np.asarray(times_s, float), np.asarray(mean, float))

    def set_cutoff(self, percent: float) -> None:
        """Draw the dashed line above which it wakes."""
        self._cutoff.setPos(percent)
        self._cutoff.setVisible(True)

    def set_events(self, woke_s: Sequence[float], deaf_s: Sequence[tuple[float, float]], text: str) -> None:
        """Write ``text`` where it woke, and grey the stretches in which the device does not listen."""
        theme = Theme.current()
        while len(self._woke) < len(woke_s):
            label = pg.TextItem(anchor=(0.5, 1))
            label.setFont(_bold_caption())
            self.addItem(label)
            self._woke.append(label)
        for number, label in enumerate(self._woke):
            label.setVisible(number < len(woke_s))
            if number < len(woke_s):
                label.setText(text, color=theme.tokens.s1)
                label.setPos(woke_s[number], 101)
        while len(self._deaf) < len(deaf_s):
            band = pg.LinearRegionItem(movable=False, brush=self._band(), pen=pg.mkPen(None))
            band.setZValue(-10)
            self.addItem(band)
            self._deaf.append(band)
        for number, band in enumerate(self._deaf):
            band.setVisible(number < len(deaf_s))
            if number < len(deaf_s):
                band.setRegion(deaf_s[number])

    def _band(self) -> QColor:
        colour = QColor(Theme.current().tokens.edge)
        colour.setAlphaF(0.25)
        return colour

    def _restyle(self) -> None:
        theme = Theme.current()
        self._raw.setPen(pg.mkPen(theme.tokens.edge, width=1))
        self._mean.setPen(pg.mkPen(theme.tokens.s1, width=1))
        self._cutoff.setPen(pg.mkPen(theme.tokens.s3, width=1, style=Qt.PenStyle.DashLine))
        for band in self._deaf:
            band.setBrush(self._band())


class TracePlot(_Plot):
    """How sure the detector was along one clip: the deciding mean over time, the raw value faint, the cut-off."""

    def __init__(self, name: str, x: str, y: str, parent: QWidget | None = None) -> None:
        self._raw = pg.PlotCurveItem()
        self._mean = pg.PlotCurveItem()
        self._cutoff = pg.InfiniteLine(angle=0)
        self._mark = pg.InfiniteLine(angle=90)
        super().__init__(name, x, y, antialias=True, parent=parent)
        for item in (self._raw, self._mean, self._cutoff, self._mark):
            self.addItem(item)
        self._mark.setVisible(False)
        self.setYRange(0, 104, padding=0)

    def set_trace(self, times_s: ArrayLike, raw: ArrayLike, mean: ArrayLike, cutoff_percent: float) -> None:
        """Show a clip's trace: times from its beginning in seconds, values in percent."""
        self._raw.setData(np.asarray(times_s, float), np.asarray(raw, float))
        self._mean.setData(np.asarray(times_s, float), np.asarray(mean, float))
        self._cutoff.setPos(cutoff_percent)

    def set_duration(self, seconds: float) -> None:
        """Let the time axis go from 0 to ``seconds``."""
        self.setXRange(0, seconds, padding=0)

    def set_left_margin(self, pixels: int) -> None:
        """Begin the plot ``pixels`` from the left, so that a spectrogram above it shares the time axis."""
        self.getAxis("left").setWidth(pixels)
        self.getPlotItem().setContentsMargins(0, Theme.current().u(2), 0, 0)

    def set_mark(self, time_s: float | None) -> None:
        """Draw an upright line at ``time_s``."""
        self._mark.setVisible(time_s is not None)
        if time_s is not None:
            self._mark.setPos(time_s)

    def _restyle(self) -> None:
        theme = Theme.current()
        self._raw.setPen(pg.mkPen(theme.tokens.edge, width=self.devicePixelRatioF()))
        self._mean.setPen(self.pen("s1"))
        self._cutoff.setPen(pg.mkPen(theme.tokens.s3, width=self.devicePixelRatioF(), style=Qt.PenStyle.DashLine))
        self._mark.setPen(pg.mkPen(theme.tokens.text, width=self.devicePixelRatioF()))


def _bold_caption() -> Any:
    font = Theme.current().font("caption")
    font.setBold(True)
    return font
