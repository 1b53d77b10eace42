"""A short word about what was just done, with its undo; nothing lives only here."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme

_SHOWN_MS = 8000


class Toast(QFrame):
    """One message at the bottom centre of ``parent`` for eight seconds; it stays while pointed at or focused."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        u = Theme.current().u
        row = QHBoxLayout(self)
        row.setContentsMargins(u(4), u(1), u(1), u(1))
        row.setSpacing(u(2))
        self._text = Label(wrap=False)
        row.addWidget(self._text, 1)
        self._action = Button(kind="quiet")
        self._action.clicked.connect(self._act)
        row.addWidget(self._action)
        self._close = Button(kind="quiet", icon="x", name=self.tr("Close the message"))
        self._close.clicked.connect(self.hide)
        row.addWidget(self._close)
        self._slot: Callable[..., Any] | None = None
        self._bottom = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self._leave)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, empty while hidden."""
        return self._text.text() if self.isVisible() else ""

    def say(self, text: str, action: str = "", slot: Callable[..., Any] | None = None, icon: str = "") -> None:
        """Show ``text``, and a button that calls ``slot``, a bound method of a QObject; replaces what stood there."""
        self._text.setText(text)
        self._slot = slot
        self._action.setText(action)
        self._action.set_icon(icon)
        self._action.setVisible(bool(action))
        self.place(self._bottom)
        self.raise_()
        self.show()
        self._timer.start()
        announce(self, text)

    def place(self, bottom: int) -> None:
        """Stand in the middle, ``bottom`` pixels above the parent's lower edge."""
        self._bottom = bottom
        margin, parent, layout = Theme.current().u(4), self.parentWidget(), self.layout()
        if parent is None or layout is None:
            return
        self._text.setWordWrap(False)
        wanted, room = self.sizeHint().width(), parent.width() - 2 * margin
        self._text.setWordWrap(wanted > room)
        width = min(wanted, room)
        height = layout.heightForWidth(width) if self._text.wordWrap() else self.sizeHint().height()
        self.setGeometry((parent.width() - width) // 2, parent.height() - bottom - margin - height, width, height)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait while the pointer is here."""
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Begin the eight seconds anew."""
        super().leaveEvent(event)
        if self.isVisible():
            self._timer.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground."""
        theme = Theme.current()
        rounded(painter_on(self), QRectF(self.rect()), theme.tokens.surface, theme.tokens.edge, theme.u(2))

    def _act(self) -> None:
        self.hide()
        if self._slot is not None:
            self._slot()

    def _leave(self) -> None:
        if self._action.hasFocus() or self._close.hasFocus():
            self._timer.start()
        else:
            self.hide()


def announce(widget: QWidget, text: str, *, at_once: bool = False) -> None:
    """Let a screen reader say ``text``; ``at_once`` interrupts what it says, for what cannot wait."""
    said = QAccessibleAnnouncementEvent(widget, text)
    if at_once:
        said.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(said)
