"""The list of keys, on Ctrl+/."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.text import H2, Label
from mww_studio.ui.theme import Theme


class KeysDialog(QDialog):
    """What can be done without a mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.setWindowTitle(self.tr("Keyboard"))
        column = QVBoxLayout(self)
        column.setContentsMargins(u(6), u(5), u(6), u(5))
        column.setSpacing(u(4))
        columns = QHBoxLayout()
        columns.setSpacing(u(8))
        for title, keys in self._groups():
            columns.addLayout(self._list(title, keys))
        column.addLayout(columns)
        close = Button(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        return [
            (
                self.tr("Everywhere"),
                [
                    ("Alt+1 … Alt+8", self.tr("Go to a page")),
                    ("F6, Shift+F6", self.tr("Rail, page, lower edge")),
                    ("Ctrl+Return", self.tr("The page’s main button")),
                    ("Ctrl+N", self.tr("New wake word")),
                    ("Ctrl+O", self.tr("Add files")),
                    ("Ctrl+Z, Ctrl+Shift+Z", self.tr("Undo, redo")),
                    ("Ctrl+F", self.tr("Search")),
                    ("Ctrl+P", self.tr("Pause training or go on")),
                    ("Ctrl+L", self.tr("Log of the training")),
                    ("Ctrl+,", self.tr("Settings")),
                    ("Esc", self.tr("Back, or stop")),
                    ("F1", self.tr("Help for this page")),
                    ("Ctrl+/", self.tr("This list")),
                    ("Ctrl+Q", self.tr("Quit")),
                ],
            ),
            (
                self.tr("Record"),
                [
                    (self.tr("Space"), self.tr("Record or stop")),
                    (self.tr("Backspace"), self.tr("Take it back")),
                    ("P", self.tr("Play")),
                    ("K", self.tr("Keep this take anyway")),
                    ("S", self.tr("Skip")),
                    ("N", self.tr("Next person")),
                    ("Ctrl+Shift+N", self.tr("Add a person")),
                ],
            ),
            (
                self.tr("Samples and live test"),
                [
                    (self.tr("Space"), self.tr("Play; start or stop listening")),
                    (self.tr("Enter"), self.tr("Look closer")),
                    ("Ctrl+M", self.tr("Say who speaks")),
                    ("Ctrl+T", self.tr("Trim")),
                    (self.tr("Delete"), self.tr("Move to trash")),
                    ("M", self.tr("I said it and it did not wake")),
                ],
            ),
        ]

    def _list(self, title: str, keys: list[tuple[str, str]]) -> QVBoxLayout:
        u = Theme.current().u
        column, grid = QVBoxLayout(), QGridLayout()
        column.setSpacing(u(2))
        grid.setHorizontalSpacing(u(4))
        grid.setVerticalSpacing(u(1.5))
        for row, (key, meaning) in enumerate(keys):
            grid.addWidget(Label(key, "strong"), row, 0)
            grid.addWidget(Label(meaning), row, 1)
        column.addWidget(H2(title))
        column.addLayout(grid)
        column.addStretch(1)
        return column
