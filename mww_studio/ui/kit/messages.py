"""A message beside its cause; it stays until the cause is gone."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.hugging import HuggingFrame
from mww_studio.ui.kit.painting import painter_on
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme

_BUTTONS_BESIDE_FROM_U = 150
_NO_BREAK = "\N{WORD JOINER}-\N{WORD JOINER}"


class Message(HuggingFrame):
    """What happened (bold), why and what to do, the code in brackets, and at most two buttons, the likely cure first.

    ``kind`` is ok, info, warn or bad. ``big`` makes the title a verdict.
    """

    def __init__(
        self,
        kind: str = "info",
        title: str = "",
        text: str = "",
        code: str = "",
        *,
        big: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.kind = kind
        self._outer = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._outer.setContentsMargins(u(5), u(3), u(3), u(3))
        self._outer.setSpacing(u(3))
        said = QHBoxLayout()
        said.setSpacing(u(3))
        self._icon = Icon(STATES[kind], state_colour(kind), u(8 if big else 5.5))
        said.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(u(1))
        self._title = Label(role="verdict" if big else "strong", wrap=True)
        self._text = Label(wrap=True)
        texts.addWidget(self._title)
        texts.addWidget(self._text)
        texts.addStretch(1)
        said.addLayout(texts, 1)
        self._outer.addLayout(said, 1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(u(2))
        self._outer.addLayout(self._buttons)
        self.set(kind, title, text, code)

    def set(self, kind: str, title: str, text: str = "", code: str = "") -> None:
        """Say something else; the buttons stay."""
        self.kind = kind
        self._icon.set_icon(STATES[kind], state_colour(kind))
        self._title.setText(title)
        said = self.tr("{text} ({code})").format(text=text, code=code) if code and text else text
        self._text.setText(said.replace(code, code.replace("-", _NO_BREAK)) if code else said)
        self._text.setVisible(bool(said))
        self.setAccessibleName(title)
        self.setAccessibleDescription(said)
        self.update()

    def add_button(self, text: str, slot: Callable[..., Any], kind: str = "normal", icon: str = "") -> Button:
        """Add a button that cures; ``slot`` is a bound method of a QObject."""
        button = Button(text, kind, icon)
        button.clicked.connect(slot)
        self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return button

    def clear_buttons(self) -> None:
        """Take all buttons away."""
        while (item := self._buttons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In little room the buttons stand under the text."""
        super().resizeEvent(event)
        beside = event.size().width() >= Theme.current().u(_BUTTONS_BESIDE_FROM_U) or self._buttons.count() == 0
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._outer.direction() != direction:
            self._outer.setDirection(direction)
            self._buttons.setAlignment(Qt.AlignmentFlag.AlignRight if not beside else Qt.AlignmentFlag.AlignVCenter)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground with a bar at its start."""
        theme = Theme.current()
        painter, where = painter_on(self), QRectF(self.rect())
        soft = theme.colour("accent_soft" if self.kind == "info" else f"{self.kind}_soft")
        outline = QPainterPath()
        outline.addRoundedRect(where, theme.u(2), theme.u(2))
        painter.setClipPath(outline)
        painter.fillRect(where, soft)
        forward = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        bar = QRectF(0 if forward else where.width() - theme.u(), 0, theme.u(), where.height())
        painter.fillRect(bar, theme.colour(state_colour(self.kind)))
