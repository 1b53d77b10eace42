"""Rows that say how one thing stands, with the button that changes it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme


class StatusRow(QWidget):
    """A state's icon (ok, info, warn, bad, none, or any icon's name), a text, a sentence, and at most one button."""

    def __init__(self, state: str = "none", text: str = "", sentence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, u(0.5), 0, u(0.5))
        self._row.setSpacing(u(3))
        self._icon = Icon("circle", "edge", u(5.5))
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        texts = QVBoxLayout()
        texts.setSpacing(u(0.5))
        self._text = Label(wrap=True)
        self._sentence = Caption(wrap=True)
        texts.addStretch(1)
        texts.addWidget(self._text)
        texts.addWidget(self._sentence)
        texts.addStretch(1)
        self._row.addLayout(texts, 1)
        self.button: Button | None = None
        self.set(state, text, sentence)

    def set(self, state: str, text: str, sentence: str = "") -> None:
        """Say something else; the button stays. With a sentence the text is its bold title."""
        self._icon.set_icon(STATES.get(state, state), state_colour(state) if state in STATES else "text2")
        self._text.setText(text)
        self._text.set_role("strong" if sentence else "body")
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self.setAccessibleName(text)
        self.setAccessibleDescription(sentence)

    def set_button(
        self, text: str, slot: Callable[..., Any], kind: str = "normal", icon: str = "", name: str = ""
    ) -> Button:
        """Give the row its button; ``slot`` is a bound method of a QObject, ``name`` is unique on the page."""
        self.remove_button()
        self.button = Button(text, kind, icon, name=name)
        self.button.clicked.connect(slot)
        self._row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        return self.button

    def remove_button(self) -> None:
        """Take the button away."""
        if self.button is not None:
            self.button.hide()
            self.button.deleteLater()
            self.button = None
