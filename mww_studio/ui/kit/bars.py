"""Bars: how far, how loud, how sure. All are progress bars to screen readers, and paint themselves."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from mww_studio.ui.kit.painting import mirrored, painter_on, rounded
from mww_studio.ui.theme import Theme

METER_FLOOR_DBFS = -60.0
GOOD_FROM_DBFS, GOOD_TO_DBFS, TOO_LOUD_DBFS = -30.0, -6.0, -3.0
_PEAK_HOLD_S = 1.5
_CELLS = 48


class _Bar(QProgressBar):
    """A progress bar without Fusion's own drawing."""

    def __init__(self, name: str, height_u: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height_u = height_u
        self.setTextVisible(False)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As high as its drawing."""
        u = Theme.current().u
        return QSize(u(40), u(self._height_u))

    def minimumSizeHint(self) -> QSize:
        """As high as its drawing, and short."""
        u = Theme.current().u
        return QSize(u(10), u(self._height_u))


class Progress(_Bar):
    """A thin bar; unknown progress is an empty track, for nothing here moves by itself."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name, 1.5, parent)
        self._fraction: float | None = None
        self.setRange(0, 100)

    def set_fraction(self, fraction: float | None) -> None:
        """Show ``fraction`` of 1, or that nobody knows."""
        if fraction != self._fraction:
            self._fraction = fraction
            self.setValue(round(100 * (fraction or 0.0)))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track and filled part."""
        colours = Theme.current().tokens
        painter, where = painter_on(self), QRectF(self.rect())
        rounded(painter, where, colours.line, radius=where.height() / 2)
        if self._fraction:
            width = max(where.height(), where.width() * min(self._fraction, 1.0))
            filled = mirrored(self, QRectF(0, 0, width, where.height()))
            rounded(painter, filled, colours.accent, radius=where.height() / 2)


class Meter(_Bar):
    """The level of the microphone: cells from -60 to 0 dBFS, the peak held for 1.5 s, zones as words and a bracket.

    A screen reader hears of it only when the zone changes, as a level that talks all the time would be noise.
    """

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name, 9, parent)
        self.setAccessibleName(name or self.tr("Microphone level"))
        self.setRange(int(METER_FLOOR_DBFS), 0)
        self._rms_dbfs = METER_FLOOR_DBFS
        self._held_dbfs = METER_FLOOR_DBFS
        self._held_since_s = 0.0
        self._zone = ""
        self.clear_levels()

    def set_levels(self, rms_dbfs: float, peak_dbfs: float) -> None:
        """Show a new level."""
        now_s = time.monotonic()
        if peak_dbfs >= self._held_dbfs or now_s - self._held_since_s > _PEAK_HOLD_S:
            self._held_dbfs, self._held_since_s = peak_dbfs, now_s
        self._rms_dbfs = rms_dbfs
        self._name_zone(self._zone_of(self._held_dbfs))
        self.update()

    def clear_levels(self) -> None:
        """Show that nothing is heard, because nobody listens."""
        self._rms_dbfs = self._held_dbfs = METER_FLOOR_DBFS
        self._held_since_s = 0.0
        self._name_zone(self.tr("nothing"))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw cells, peak, bracket and words."""
        theme = Theme.current()
        colours, u = theme.tokens, theme.u
        painter, width, height = QPainter(self), self.width(), u(4)
        pitch = width / _CELLS
        gap = max(1.5, pitch * 0.12)
        for cell in range(_CELLS):
            level = METER_FLOOR_DBFS * (1 - (cell + 0.5) / _CELLS)
            lit = level <= self._rms_dbfs
            colour = colours.line if not lit else colours.bad if level > TOO_LOUD_DBFS else colours.accent
            painter.fillRect(mirrored(self, QRectF(cell * pitch, 0, pitch - gap, height)), colour)
        if self._held_dbfs > METER_FLOOR_DBFS:
            left = min(self._place(self._held_dbfs), width - 1.5) - 1.5
            painter.fillRect(mirrored(self, QRectF(left, 0, 3, height)), colours.text)
        bracket = QRectF(
            self._place(GOOD_FROM_DBFS), height + 2, self._place(GOOD_TO_DBFS) - self._place(GOOD_FROM_DBFS), 2
        )
        painter.fillRect(mirrored(self, bracket), colours.ok)
        painter.setFont(theme.font("small"))
        painter.setPen(colours.text2)
        metrics = QFontMetricsF(painter.font())
        middle = (self._place(GOOD_FROM_DBFS) + self._place(GOOD_TO_DBFS)) / 2
        for at, text in ((0.0, self.tr("too quiet")), (middle, self.tr("good")), (float(width), self.tr("too loud"))):
            text_width = metrics.horizontalAdvance(text) + 1
            left = min(max(at - text_width / 2, 0.0), width - text_width)
            place = QRectF(left, height + u(1), text_width, metrics.height())
            painter.drawText(mirrored(self, place), Qt.AlignmentFlag.AlignCenter, text)

    def _place(self, dbfs: float) -> float:
        share = 1 - dbfs / METER_FLOOR_DBFS
        return min(max(share, 0.0), 1.0) * self.width()

    def _zone_of(self, dbfs: float) -> str:
        if dbfs > TOO_LOUD_DBFS:
            return self.tr("too loud")
        return self.tr("good") if dbfs >= GOOD_FROM_DBFS else self.tr("too quiet")

    def _name_zone(self, zone: str) -> None:
        if zone != self._zone:
            self._zone = zone
            self.setAccessibleDescription(zone)
            self.setValue(round(max(self._held_dbfs, METER_FLOOR_DBFS)))


class PhaseBar(_Bar):
    """One bar cut into phases, each as wide as the time it is expected to take, with their names under it."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name, 9, parent)
        self.setAccessibleName(name or self.tr("Progress"))
        self.setRange(0, 100)
        self._phases: list[tuple[str, float]] = []
        self._current = 0
        self._fraction = 0.0

    def set_phases(self, phases: Sequence[tuple[str, float]]) -> None:
        """Show these phases, given as (name, expected seconds)."""
        self._phases = [(name, max(expected_s, 1e-3)) for name, expected_s in phases]
        self.set_progress(0, 0.0)

    def set_progress(self, phase: int, fraction: float) -> None:
        """Phase number ``phase`` is at ``fraction`` of 1; all before it are done. One past the last means all done."""
        self._current, self._fraction = phase, min(max(fraction, 0.0), 1.0)
        total = sum(share for _, share in self._phases)
        done = sum(share for _, share in self._phases[:phase])
        if phase < len(self._phases):
            done += self._phases[phase][1] * self._fraction
            self.setAccessibleDescription(self._phases[phase][0])
        self.setValue(round(100 * done / total) if total else 0)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the parts and their names."""
        theme = Theme.current()
        colours, u = theme.tokens, theme.u
        painter = painter_on(self)
        gap, total = u(1), sum(share for _, share in self._phases)
        room = self.width() - gap * max(len(self._phases) - 1, 0)
        left, starts = 0.0, []
        for number, (_, share) in enumerate(self._phases):
            part = QRectF(left, 0, room * share / total, u(2.5))
            rounded(painter, mirrored(self, part), colours.line, radius=min(u(1), part.width() / 2))
            done = 1.0 if number < self._current else self._fraction if number == self._current else 0.0
            if done > 0:
                filled = QRectF(part.x(), part.y(), part.width() * done, part.height())
                rounded(painter, mirrored(self, filled), colours.accent, radius=min(u(1), filled.width() / 2))
            starts.append(left)
            left += part.width() + gap
        self._draw_names(painter, starts)

    def _draw_names(self, painter: QPainter, starts: Sequence[float]) -> None:
        """Draw each name under its part, or beside its neighbour; without room for all, only the present one."""
        theme = Theme.current()
        plain, bold = theme.font("caption"), theme.font("caption")
        bold.setBold(True)
        widths = [QFontMetricsF(bold).horizontalAdvance(name) + theme.u(2) for name, _ in self._phases]
        places = list(starts)
        for number in range(1, len(places)):
            places[number] = max(places[number], places[number - 1] + widths[number - 1])
        end = float(self.width() + theme.u(2))
        for number in reversed(range(len(places))):
            places[number] = min(places[number], end - widths[number])
            end = places[number]
        fits = not places or places[0] >= 0
        for number, (name, _) in enumerate(self._phases):
            if not fits and number != self._current:
                continue
            now = number == self._current
            left = places[number] if fits else min(starts[number], self.width() - widths[number])
            painter.setFont(bold if now else plain)
            painter.setPen(theme.tokens.text if number <= self._current else theme.tokens.text2)
            where = mirrored(self, QRectF(max(left, 0.0), theme.u(3.5), widths[number], theme.u(5.5)))
            painter.drawText(where, int(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop), name)


class IntervalBar(_Bar):
    """A share with the interval in which the true one lies, and the goal: bar, dot and dashed line on one scale."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name, 7, parent)
        self.setRange(0, 100)
        self.low_end = 0.0
        self._share, self._low, self._high = 0.0, 0.0, 1.0
        self._goal: float | None = None

    def set(self, share: float, low: float, high: float, goal: float | None, said: str) -> None:
        """Show ``share`` within ``low`` to ``high`` (all of 1); ``said`` tells the same in words, with both ends."""
        self._share, self._low, self._high, self._goal = share, low, high, goal
        self.setValue(round(100 * share))
        self.setToolTip(said)
        self.setAccessibleDescription(said)
        self.update()

    def set_low_end(self, low_end: float) -> None:
        """Begin the scale at ``low_end`` of 1 instead of 0."""
        self.low_end = low_end
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw scale, goal, interval and dot."""
        theme = Theme.current()
        colours, u = theme.tokens, theme.u
        painter, middle = painter_on(self), self.height() / 2
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(QPointF(self._at(self.low_end), middle), QPointF(self._at(1.0), middle))
        if self._goal is not None:
            painter.setPen(QPen(colours.text2, 1.2, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(self._at(self._goal), 0), QPointF(self._at(self._goal), self.height()))
        painter.setOpacity(0.45)
        painter.setPen(QPen(colours.s1, u(0.75), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(self._at(self._low), middle), QPointF(self._at(self._high), middle))
        painter.setOpacity(1.0)
        painter.setPen(QPen(colours.surface, 1.5))
        painter.setBrush(colours.s1)
        painter.drawEllipse(QPointF(self._at(self._share), middle), u(1.5), u(1.5))

    def _at(self, share: float) -> float:
        return interval_place(self, share, self.low_end)


class IntervalScale(QWidget):
    """The figures under (or over) a column of :class:`IntervalBar`, on the same scale."""

    def __init__(self, marks: Sequence[tuple[float, str]], low_end: float = 0.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.marks, self.low_end = marks, low_end
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """One line of small text."""
        u = Theme.current().u
        return QSize(u(40), u(5))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the words that have room, from the last to the first."""
        theme = Theme.current()
        painter = painter_on(self)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.tokens.text2)
        metrics = QFontMetricsF(painter.font())
        taken: list[QRectF] = []
        for share, text in reversed(self.marks):
            width = metrics.horizontalAdvance(text) + 1
            left = interval_place(self, share, self.low_end) - width / 2
            where = QRectF(min(max(left, 0.0), self.width() - width), 0, width, self.height())
            if any(where.adjusted(-theme.u(), 0, theme.u(), 0).intersects(other) for other in taken):
                continue
            taken.append(where)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)


def interval_place(widget: QWidget, share: float, low_end: float) -> float:
    """Where ``share`` of 1 stands on the scale of an interval bar, in the widget's pixels."""
    margin = Theme.current().u(2)
    reach = (share - low_end) / (1 - low_end)
    place = margin + (widget.width() - 2 * margin) * min(max(reach, 0.0), 1.0)
    return widget.width() - place if widget.layoutDirection() == Qt.LayoutDirection.RightToLeft else place
