"""The rail at the window's side: every page, how far each is, and the one that comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QPushButton, QRadioButton, QVBoxLayout, QWidget

from mww_studio.ui import icons
from mww_studio.ui.kit.painting import focus_ring, mirrored, painter_on, rounded
from mww_studio.ui.kit.text import H2, Caption
from mww_studio.ui.page_list import SETTINGS, STEPS, PageEntry
from mww_studio.ui.theme import Theme

_WIDE_U, _NARROW_U = 52, 23


class MarkKind(StrEnum):
    """How a page stands: nothing to say, done, begun (a text says how far), or something failed."""

    NONE = ""
    DONE = "done"
    TEXT = "text"
    FAILED = "failed"


@dataclass(frozen=True)
class Mark:
    """What stands at the right of a page's name."""

    kind: MarkKind = MarkKind.NONE
    text: str = ""


@dataclass
class _Look:
    """How an item of the rail looks at present."""

    symbol: str
    compact: bool = False
    mark: Mark = Mark()
    is_next: bool = False

    def size(self) -> QSize:
        """A line; in the narrow rail the icon over the name."""
        u = Theme.current().u
        return QSize(u(_NARROW_U), u(13.5)) if self.compact else QSize(u(_WIDE_U), u(11))

    def least_size(self) -> QSize:
        """Somewhat lower, for large fonts in low windows."""
        u = Theme.current().u
        return QSize(u(_NARROW_U), u(11)) if self.compact else QSize(u(_WIDE_U), u(8))


class RailItem(QRadioButton):
    """A page in the rail."""

    def __init__(self, entry: PageEntry, parent: QWidget) -> None:
        super().__init__(entry.label(), parent)
        self.key = entry.key
        self.look = _Look(entry.icon)
        self._reason = ""
        self.describe()

    def describe(self) -> None:
        """Say the mark to screen readers too."""
        if self.look.is_next:
            said = self.tr("next step") if not self._reason else self.tr("next step: {step}").format(step=self._reason)
        elif self.look.mark.kind is MarkKind.DONE:
            said = self.tr("done")
        elif self.look.mark.kind is MarkKind.FAILED:
            said = self.look.mark.text or self.tr("needs attention")
        else:
            said = self.look.mark.text
        self.setAccessibleDescription(said)
        self.setToolTip(self._reason if self.look.is_next else said if self.look.compact else "")
        self.update()

    def set_next(self, is_next: bool, reason: str) -> None:
        """Be the next step, or not."""
        self.look.is_next, self._reason = is_next, reason if is_next else ""
        self.describe()

    def sizeHint(self) -> QSize:
        """As the rail's width wants it."""
        return self.look.size()

    def minimumSizeHint(self) -> QSize:
        """Somewhat lower."""
        return self.look.least_size()

    def hitButton(self, position: QPoint) -> bool:
        """All of it can be pressed."""
        return self.rect().contains(position)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the pointer is over it."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show that the pointer left."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        _paint(self, self.look)


class MoreButton(QPushButton):
    """The last line of the rail: a menu of what is not a page."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(self.tr("More"))
        self.look = _Look("ellipsis")

    def sizeHint(self) -> QSize:
        """As the rail's width wants it."""
        return self.look.size()

    def minimumSizeHint(self) -> QSize:
        """Somewhat lower."""
        return self.look.least_size()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        _paint(self, self.look)


class Rail(QWidget):
    """The pages in their order, Settings and More at the end. ``chosen`` carries the key of a page."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.setAccessibleName(self.tr("Pages"))
        self.compact = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, u(3), 0, u(2))
        column.setSpacing(u(0.5))
        self._head = QWidget()
        lines = QVBoxLayout(self._head)
        lines.setContentsMargins(u(4.5), 0, u(3), u(3))
        lines.setSpacing(u(0.5))
        self._name, self._about = H2(wrap=True), Caption(wrap=True)
        lines.addWidget(self._name)
        lines.addWidget(self._about)
        column.addWidget(self._head)
        self.items: dict[str, RailItem] = {}
        for entry in (*STEPS, SETTINGS):
            if entry is SETTINGS:
                column.addStretch(1)
            item = RailItem(entry, self)
            item.clicked.connect(self._choose)
            column.addWidget(item)
            self.items[entry.key] = item
        self.more = MoreButton(self)
        column.addWidget(self.more)
        self.set_compact(compact=False)

    def set_project(self, name: str, about: str) -> None:
        """Show which wake word is open; without one only what needs none can be chosen."""
        self._name.setText(name or self.tr("mww studio"))
        self._about.setText(about if name else self.tr("No wake word is open."))
        for entry in STEPS:
            self.items[entry.key].setEnabled(bool(name) or not entry.needs_project)

    def set_current(self, key: str) -> None:
        """Show that the page of this key is shown; pages outside the rail leave none chosen."""
        if key in self.items:
            self.items[key].setChecked(True)
            return
        for item in self.items.values():
            item.setAutoExclusive(False)
            item.setChecked(False)
            item.setAutoExclusive(True)

    def set_marks(self, marks: Mapping[str, Mark]) -> None:
        """Show how far each page is; pages that are not named have nothing to say."""
        for key, item in self.items.items():
            mark = marks.get(key, Mark())
            if mark != item.look.mark:
                item.look.mark = mark
                item.describe()

    def set_next(self, key: str, reason: str = "") -> None:
        """Put the one "next" pill on a page, or on none with an empty key."""
        for item in self.items.values():
            if item.look.is_next or item.key == key:
                item.set_next(item.key == key, reason)

    def set_menu(self, menu: QMenu) -> None:
        """What the last line opens."""
        self._menu = menu
        self.more.clicked.connect(self._open_menu)

    def set_compact(self, compact: bool) -> None:
        """Be narrow: icons over the names, without the head."""
        self.compact = compact
        self._head.setVisible(not compact)
        self.setFixedWidth(Theme.current().u(_NARROW_U if compact else _WIDE_U))
        for item in self.items.values():
            item.look.compact = compact
            item.describe()
            item.updateGeometry()
        self.more.look.compact = compact
        self.more.updateGeometry()

    def current_item(self) -> RailItem:
        """The item that F6 leads to."""
        return next((item for item in self.items.values() if item.isChecked()), self.items["start"])

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground."""
        QPainter(self).fillRect(self.rect(), Theme.current().tokens.rail)

    def _choose(self) -> None:
        item = self.sender()
        if isinstance(item, RailItem):
            self.chosen.emit(item.key)

    def _open_menu(self) -> None:
        self._menu.popup(self.more.mapToGlobal(QPoint(self.more.width(), 0)))


def _paint(item: QAbstractButton, look: _Look) -> None:
    """Draw ground, icon, name, mark and ring of an item."""
    theme = Theme.current()
    colours, u = theme.tokens, theme.u
    painter = painter_on(item)
    where = QRectF(item.rect()).adjusted(u(1.5), 2, -u(1.5), -2)
    on = item.isChecked()
    if on or (item.underMouse() and item.isEnabled()):
        rounded(painter, where, colours.surface if on else colours.inset, radius=u(1.5))
    if on:
        bar = QRectF(where.left(), where.top() + u(1.5), u(0.9), where.height() - u(3))
        rounded(painter, mirrored(item, bar), colours.accent, radius=2)
    ink = colours.off if not item.isEnabled() else colours.accent if on else colours.text2
    size = float(u(5))
    painter.setPen(colours.text if item.isEnabled() else colours.off)
    if look.compact:
        label = theme.font("small")
        label.setWeight(theme.font("strong" if on else "body").weight())
        painter.setFont(label)
        height = QFontMetricsF(label).height()
        top = where.center().y() - (size + u(0.5) + height) / 2
        line = QRectF(where.left(), top + size + u(0.5), where.width(), height)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, item.text())
        icons.draw(painter, look.symbol, ink, QRectF(where.center().x() - size / 2, top, size, size))
        _paint_small_mark(painter, item, look, where)
    else:
        painter.setFont(theme.font("strong" if on else "body"))
        leading = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(mirrored(item, where.adjusted(u(10.5), 0, 0, 0)), int(leading), item.text())
        place = QRectF(where.left() + u(3), where.center().y() - size / 2, size, size)
        icons.draw(painter, look.symbol, ink, mirrored(item, place))
        _paint_mark(painter, item, look, where)
    focus_ring(painter, item, where, u(1.5))


def _paint_mark(painter: QPainter, item: QAbstractButton, look: _Look, where: QRectF) -> None:
    theme = Theme.current()
    u = theme.u
    small = theme.font("small")
    if look.is_next:
        small.setWeight(QFont.Weight.DemiBold)
        painter.setFont(small)
        text = item.tr("next")
        width = painter.fontMetrics().horizontalAdvance(text) + u(4)
        pill = mirrored(item, QRectF(where.right() - width - u(2), where.center().y() - u(2.75), width, u(5.5)))
        rounded(painter, pill, theme.tokens.accent, radius=u(2.75))
        painter.setPen(theme.tokens.on_accent)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    elif look.mark.kind is MarkKind.TEXT:
        painter.setFont(small)
        painter.setPen(theme.tokens.text2)
        trailing = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        painter.drawText(mirrored(item, where.adjusted(0, 0, -u(3), 0)), int(trailing), look.mark.text)
    else:
        place = QRectF(where.right() - u(6.2), where.center().y() - u(2.25), u(4.5), u(4.5))
        _paint_state(painter, look.mark.kind, mirrored(item, place))


def _paint_small_mark(painter: QPainter, item: QAbstractButton, look: _Look, where: QRectF) -> None:
    colours, u = Theme.current().tokens, Theme.current().u
    place = mirrored(item, QRectF(where.right() - u(4.6), where.top() + u(0.8), u(3.8), u(3.8)))
    if look.is_next:
        rounded(painter, place, colours.accent, radius=place.width() / 2)
        icons.draw(painter, "arrow-right", colours.on_accent, place.adjusted(u(0.5), u(0.5), -u(0.5), -u(0.5)))
    else:
        _paint_state(painter, look.mark.kind, place)


def _paint_state(painter: QPainter, kind: MarkKind, place: QRectF) -> None:
    state = {MarkKind.DONE: "ok", MarkKind.FAILED: "warn"}.get(kind)
    if state is not None:
        icons.draw(painter, icons.STATES[state], Theme.current().colour(state), place)
