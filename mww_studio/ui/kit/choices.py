"""Choices of one among several: segments, cards and people; all of them radio buttons for keyboard and reader."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from mww_studio.ui import icons
from mww_studio.ui.kit.painting import focus_ring, mirrored, painter_on, radio_mark, rounded
from mww_studio.ui.kit.text import breakable
from mww_studio.ui.theme import Theme

_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop


class _Choice(QRadioButton):
    """A radio button that paints itself and can be hit everywhere."""

    def hitButton(self, position: QPoint) -> bool:
        """All of it can be pressed, not only the mark and the text."""
        return self.rect().contains(position)


class Segment(_Choice):
    """One of the choices in :class:`Segments`."""

    def __init__(self, key: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.key = key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as its text in bold."""
        theme = Theme.current()
        return QSize(QFontMetrics(theme.font("strong")).horizontalAdvance(self.text()) + theme.u(6), theme.u(8))

    def minimumSizeHint(self) -> QSize:
        """The same as the size it wants."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text, on a ground of its own when it is chosen."""
        theme = Theme.current()
        painter, where, radius = painter_on(self), QRectF(self.rect()), float(theme.u(1.5))
        if self.isChecked():
            rounded(painter, where, theme.tokens.surface, theme.tokens.edge, radius)
        painter.setFont(theme.font("strong" if self.isChecked() else "body"))
        painter.setPen(theme.tokens.text if self.isEnabled() else theme.tokens.off)
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, self.text())
        focus_ring(painter, self, where, radius)


class Segments(QWidget):
    """A short row of choices, each given as (key, text); one is always chosen."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(u(0.75), u(0.75), u(0.75), u(0.75))
        row.setSpacing(u(0.5))
        self._segments: dict[str, Segment] = {}
        for key, text in choices:
            segment = Segment(key, text, self)
            segment.toggled.connect(self._say)
            row.addWidget(segment)
            self._segments[key] = segment
        self.set_key(choices[0][0])

    @property
    def key(self) -> str:
        """The key of the choice."""
        return next(key for key, segment in self._segments.items() if segment.isChecked())

    def set_key(self, key: str) -> None:
        """Choose, and say so if it is another choice."""
        self._segments[key].setChecked(True)

    def set_text(self, key: str, text: str) -> None:
        """Give one choice another text."""
        self._segments[key].setText(text)
        self._segments[key].updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the trough in which the segments lie."""
        theme = Theme.current()
        rounded(painter_on(self), QRectF(self.rect()), theme.tokens.inset, radius=theme.u(2))

    def _say(self, checked: bool) -> None:
        segment = self.sender()
        if checked and isinstance(segment, Segment) and len(self._segments) > 1:
            self.chosen.emit(segment.key)


class RadioCard(_Choice):
    """A choice with a title, a line about it, and a smaller line; cards with the same parent exclude each other."""

    def __init__(self, title: str, text: str = "", meta: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._line, self._meta = text, meta
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(Theme.current().u(40))
        self._describe()

    def set(self, title: str, text: str = "", meta: str = "") -> None:
        """Say something else."""
        self.setText(title)
        self._line, self._meta = text, meta
        self._describe()
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Long texts wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of its texts in ``width``."""
        u = Theme.current().u
        return max(sum(height for _, _, _, height in self._lines(width)) + u(6), u(13))

    def sizeHint(self) -> QSize:
        """Its height in the width it has, or in a usual one."""
        u = Theme.current().u
        return QSize(u(60), self.heightForWidth(max(self.width(), u(40))))

    def minimumSizeHint(self) -> QSize:
        """Narrow, with all its texts."""
        u = Theme.current().u
        return QSize(u(40), u(13))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw mark and texts on a ground that shows the choice."""
        theme = Theme.current()
        colours, u = theme.tokens, theme.u
        painter, where = painter_on(self), QRectF(self.rect())
        on = self.isChecked()
        ground = colours.accent_soft if on else colours.inset if self.underMouse() else colours.surface
        rounded(painter, where, ground, colours.accent if on else colours.edge, u(2), 2 if on else 1)
        mark = mirrored(self, QRectF(u(3), u(3), u(4.5), u(4.5)))
        radio_mark(painter, mark, checked=on, enabled=self.isEnabled())
        top = u(3)
        for text, role, colour, height in self._lines(self.width()):
            painter.setFont(theme.font(role))
            painter.setPen(theme.colour(colour if self.isEnabled() else "off"))
            place = mirrored(self, QRectF(u(9), top, self.width() - u(12), height))
            painter.drawText(place, int(_WRAPPED), text)
            top += height
        focus_ring(painter, self, where, u(2))

    def _lines(self, width: int) -> list[tuple[str, str, str, int]]:
        """Text, role, colour and height of each line of the card."""
        theme = Theme.current()
        lines = []
        for text, role, colour in (
            (breakable(self.text()), "strong", "text"),
            (breakable(self._line), "body", "text"),
            (breakable(self._meta), "caption", "text2"),
        ):
            if text:
                room = QRect(0, 0, max(width - theme.u(12), theme.u(10)), 10_000)
                box = QFontMetrics(theme.font(role)).boundingRect(room, int(_WRAPPED), text)
                lines.append((text, role, colour, box.height() + theme.u(0.5)))
        return lines

    def _describe(self) -> None:
        self.setAccessibleDescription(" ".join(part for part in (self._line, self._meta) if part))


class PersonCard(_Choice):
    """Somebody who records: name, adult or child, and how many takes of the goal are there."""

    def __init__(self, name: str, who: str, taken: int, goal: int, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.who, self.taken, self.goal = who, taken, goal
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_taken(taken, goal)

    @property
    def person(self) -> str:
        """The person's name."""
        return self.text()

    def set_taken(self, taken: int, goal: int) -> None:
        """Show how many takes of ``goal`` are there."""
        self.taken, self.goal = taken, goal
        said = self.tr("{name}, {who}, {taken} of {goal} takes")
        self.setAccessibleName(said.format(name=self.text(), who=self.who, taken=taken, goal=goal))
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines and a bar."""
        u = Theme.current().u
        return QSize(u(50), u(17))

    def minimumSizeHint(self) -> QSize:
        """The same height in little width."""
        u = Theme.current().u
        return QSize(u(40), u(17))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw icon, texts and bar."""
        theme = Theme.current()
        colours, u = theme.tokens, theme.u
        painter, where = painter_on(self), QRectF(self.rect())
        on, done = self.isChecked(), self.taken >= self.goal
        ground = colours.accent_soft if on else colours.inset if self.underMouse() else colours.surface
        rounded(painter, where, ground, colours.accent if on else colours.edge, u(2), 2 if on else 1)
        ink = colours.ok if done else colours.accent if on else colours.text2
        mark = mirrored(self, QRectF(u(3), u(3), u(5.5), u(5.5)))
        icons.draw(painter, "circle-check" if done else icons.PERSON, ink, mark)
        left, right = float(u(10.5)), float(self.width() - u(3))
        of_goal, beyond = self.tr("{taken} of {goal}"), self.tr("{taken} takes")
        count = (beyond if self.taken > self.goal else of_goal).format(taken=self.taken, goal=self.goal)
        painter.setFont(theme.font("small"))
        count_width = painter.fontMetrics().horizontalAdvance(count)
        painter.setPen(colours.text2)
        line = QRectF(left, u(2), right - left, u(5.5))
        trailing = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(mirrored(self, line), int(trailing), count)
        painter.drawText(mirrored(self, QRectF(left, u(7), right - left, u(5))), int(leading), self.who)
        painter.setFont(theme.font("strong"))
        painter.setPen(colours.text)
        room = line.width() - count_width - u(2)
        name = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room))
        painter.drawText(mirrored(self, QRectF(left, line.y(), room, line.height())), int(leading), name)
        bar = QRectF(u(3), self.height() - u(3.5), self.width() - u(6), u(1.25))
        rounded(painter, bar, colours.line, radius=bar.height() / 2)
        if self.taken:
            share = min(self.taken / max(self.goal, 1), 1.0)
            filled = QRectF(bar.x(), bar.y(), max(bar.height(), bar.width() * share), bar.height())
            rounded(painter, mirrored(self, filled), colours.ok if done else colours.accent, radius=bar.height() / 2)
        focus_ring(painter, self, where, u(2))
