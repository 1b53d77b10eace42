"""What is still to be recorded, as a short list with a tick at everything that is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import H2, Caption, Label
from mww_studio.ui.theme import Theme


@dataclass(frozen=True)
class Item:
    """One line: whether it is done, what it is, how much there is of it, and whether it is on now."""

    done: bool
    text: str
    count: str
    now: bool = False


class WhatIsLeft(QWidget):
    """A title, a card with the lines, and why they matter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(2))
        self._title = H2(wrap=True)
        column.addWidget(self._title)
        self._card = Card(padding=4)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)  # the lines wrap
        self._card.setSizePolicy(policy)
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(u(2))
        self._lines.setVerticalSpacing(u(2))
        self._lines.setColumnStretch(1, 1)
        self._card.body.addLayout(self._lines)
        column.addWidget(self._card)
        self._why = Caption(wrap=True)
        column.addWidget(self._why)
        column.addStretch(1)
        self._rows: list[tuple[Icon, Label, Caption]] = []

    def show_items(self, title: str, items: Sequence[Item], why: str) -> None:
        """Show other lines."""
        self._title.setText(title)
        self._why.setText(why)
        while len(self._rows) < len(items):
            self._add_row()
        for number, (icon, text, count) in enumerate(self._rows):
            shown = number < len(items)
            for widget in (icon, text, count):
                widget.setVisible(shown)
            if shown:
                item = items[number]
                state = "ok" if item.done else "none"
                icon.set_icon(STATES[state], state_colour(state))
                text.setText(item.text)
                text.set_role("strong" if item.now else "body")
                count.setText(item.count)

    def _add_row(self) -> None:
        icon, text, count = Icon("circle", "edge", Theme.current().u(4)), Label(wrap=True), Caption()
        row = len(self._rows)
        self._lines.addWidget(icon, row, 0)
        self._lines.addWidget(text, row, 1)
        self._lines.addWidget(count, row, 2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._rows.append((icon, text, count))
