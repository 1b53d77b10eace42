"""Rows of facts in a card: texts in columns that fold, so that everything can be read without scrolling sideways."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme

_LAST_STRETCH = 4


class FactGrid(QWidget):
    """A line for each fact, its name first; with titles above the columns where there are any."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Theme.current().u(6))
        self._grid.setVerticalSpacing(Theme.current().u(1.5))
        self._rows: list[tuple[str, ...]] = []

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What it shows."""
        return list(self._rows)

    def set_rows(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these instead. The head is left out where it names at most one column."""
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = [tuple(row) for row in rows]
        if sum(map(bool, head)) > 1:
            for column, title in enumerate(head):
                self._grid.addWidget(Caption(title, wrap=True), 0, column)
        for line, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                label = Label(text, colour="text" if column else "text2", wrap=True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._grid.addWidget(label, line, column, Qt.AlignmentFlag.AlignTop)
        for column in range(len(head)):
            self._grid.setColumnStretch(column, 1)
        if len(head) > 1:
            self._grid.setColumnStretch(len(head) - 1, 1 if len(head) > 2 else _LAST_STRETCH // 2)
