"""What a page shows while it has nothing yet: what will stand here, and the button that leads there."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mww_studio.ui.icons import Icon
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme


class EmptyState(QWidget):
    """A large icon, a title, a sentence and one or two buttons, in the middle of the page."""

    def __init__(self, icon: str, title: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setSpacing(u(3))
        column.addStretch(2)
        column.addWidget(Icon(icon, "edge", u(16)), 0, Qt.AlignmentFlag.AlignHCenter)
        self._title = Label(title, "verdict", wrap=True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._title)
        self._text = Label(text, colour="text2", wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text.setMaximumWidth(u(130))
        centre = QHBoxLayout()
        centre.addStretch(1)
        centre.addWidget(self._text, 20)
        centre.addStretch(1)
        column.addLayout(centre)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(u(2))
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        column.addSpacing(u(2))
        column.addLayout(self._buttons)
        column.addStretch(3)

    def set(self, title: str, text: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)

    def add_button(self, text: str, slot: Callable[..., Any], kind: str = "primary", icon: str = "") -> Button:
        """Add a button; ``slot`` is a bound method of a QObject."""
        button = Button(text, kind, icon)
        button.clicked.connect(slot)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button
