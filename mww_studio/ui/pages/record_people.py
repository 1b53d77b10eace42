"""Who is speaking: everybody with what they recorded so far."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.choices import PersonCard
from mww_studio.ui.kit.text import H2
from mww_studio.ui.theme import Theme


@dataclass(frozen=True)
class Speaker:
    """Somebody on a card: whether a child, and how many takes of the goal there are."""

    name: str
    child: bool
    taken: int
    goal: int

    @property
    def done(self) -> bool:
        """Whether they have enough."""
        return self.taken >= self.goal


def next_speaker(speakers: Sequence[Speaker], name: str) -> Speaker | None:
    """Who comes after somebody and is not done yet; None: everybody else is."""
    place = next((number for number, one in enumerate(speakers) if one.name == name), -1)
    others = [*speakers[place + 1 :], *speakers[: max(place, 0)]]
    return next((one for one in others if not one.done), None)


class People(QWidget):
    """The cards of everybody, one chosen; and the buttons to add somebody and to change who is chosen."""

    chosen = Signal(str)
    add_asked = Signal()
    change_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(2))
        column.addWidget(H2(self.tr("Who is speaking?"), wrap=True))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.viewport().setAutoFillBackground(False)
        column.addWidget(scroll, 1)
        self._cards = QWidget()
        self._cards.setAutoFillBackground(False)
        self._list = QVBoxLayout(self._cards)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(u(2))
        self._shown: list[PersonCard] = []
        self._people = QVBoxLayout()
        self._people.setSpacing(u(2))
        self._list.addLayout(self._people)
        self._add = Button(self.tr("Add a person"), "quiet", "user-plus")
        self._add.setToolTip(self.tr("Add a person (Ctrl+Shift+N)"))
        self._add.clicked.connect(self.add_asked)
        self._list.addWidget(self._add, 0, Qt.AlignmentFlag.AlignHCenter)
        self._change = Button(self.tr("Change or delete"), "quiet", "user-pen")
        self._change.clicked.connect(self.change_asked)
        self._list.addWidget(self._change, 0, Qt.AlignmentFlag.AlignHCenter)
        self._list.addStretch(1)
        scroll.setWidget(self._cards)
        for button in (self._add, self._change):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def cards(self) -> list[PersonCard]:
        """The cards, in the order of the people."""
        return list(self._shown)

    def show_people(self, speakers: Sequence[Speaker], current: str) -> None:
        """Show these people, with ``current`` chosen."""
        cards = self.cards
        if [(card.person, card.who) for card in cards] != [(one.name, self._who(one)) for one in speakers]:
            for card in cards:
                self._people.removeWidget(card)
                card.hide()
                card.setParent(None)
                card.deleteLater()
            self._shown = []
            for one in speakers:
                card = PersonCard(one.name, self._who(one), one.taken, one.goal)
                card.setChecked(one.name == current)
                card.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the keys belong to the stage
                card.toggled.connect(self._choose)
                self._people.addWidget(card)
                self._shown.append(card)
        for card, one in zip(self.cards, speakers, strict=True):
            card.set_taken(one.taken, one.goal)
            if one.name == current and not card.isChecked():
                card.setChecked(True)
        name = self.tr("Change or delete {person}").format(person=current)
        self._change.setAccessibleName(name)
        self._change.setToolTip(name)
        self._change.setVisible(bool(current))

    def _who(self, speaker: Speaker) -> str:
        return self.tr("child") if speaker.child else self.tr("adult")

    def _choose(self, checked: bool) -> None:
        card = self.sender()
        if checked and isinstance(card, PersonCard):
            self.chosen.emit(card.person)
