"""The bar under the groups of voices: what they come to, and taking their names over."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme


class NamesBar(QWidget):
    """How many takes and people, and the buttons for all of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        outer = QVBoxLayout(self)
        outer.setContentsMargins(u(6), 0, u(6), u(4))
        ground = Card(padding=2)
        outer.addWidget(ground)
        row = QHBoxLayout()
        row.setSpacing(u(2))
        self._sum = Label(wrap=True)
        self.over_button = Button(self.tr("Start over"), "quiet", "undo-2")
        self.apply_button = Button(self.tr("Take these names over"), "primary", "check")
        row.addWidget(self._sum, 1)
        row.addWidget(self.over_button)
        row.addWidget(self.apply_button)
        ground.body.addLayout(row)

    def show_sum(self, text: str, *, usable: bool) -> None:
        """Say what the groups come to; ``usable``: there is a name to take over."""
        self._sum.setText(text)
        self.apply_button.setEnabled(usable)
