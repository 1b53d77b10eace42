"""A passport in the window: the verdict, then a card for each part of it."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from mww_studio.evaluation.passport import Passport, Runs
from mww_studio.evaluation.passport_words import Section, beside, sections
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.facts import FactGrid
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.pages.deploy_details import RuleView
from mww_studio.ui.theme import Theme

_PARTS = ("decides", "takes", "memory", "file", "operations", "states", "numbers")
_AFTER_WHICH = "memory"
_STATES = {Runs.YES: "ok", Runs.PERHAPS: "warn", Runs.NO: "bad"}


class SectionCard(Card):
    """A table of a passport with its sentence and its note."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.grid, self._note = FactGrid(), Caption(wrap=True)
        self.body.addWidget(self.grid)
        self.body.addWidget(self._note)

    def set_section(self, section: Section) -> None:
        """Show this one."""
        self.set_title(section.title)
        self.set_sentence(section.sentence)
        self.grid.set_rows(section.head, section.rows)
        self._note.setText(section.note)
        self._note.setVisible(bool(section.note))


class PassportView(QWidget):
    """All that a passport says, the most important first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Theme.current().u(4))
        self.verdict = Message(big=True)
        self._where = Card(self.tr("Where it runs"))
        self.devices: list[StatusRow] = []
        self._beside = SectionCard()
        self.rules = RuleView()
        self.cards = {key: SectionCard() for key in _PARTS}
        for part in (self.verdict, self._where, *self.cards.values(), self.rules):
            self._column.addWidget(part)
        self._column.insertWidget(self._column.indexOf(self.cards[_AFTER_WHICH]) + 1, self._beside)
        self._passport: Passport | None = None
        self._beside.hide()

    def set_passport(self, passport: Passport) -> None:
        """Show this one."""
        self._passport = passport
        self.verdict.set(passport.tone, passport.title, passport.file)
        while len(self.devices) < len(passport.answers):
            row = StatusRow()
            self.devices.append(row)
            self._where.body.addWidget(row)
        for row, answer in zip(self.devices, passport.answers, strict=True):
            row.set(_STATES[answer.runs], answer.device, answer.why)
        shown = {one.key: one for one in sections(passport)}
        for key, card in self.cards.items():
            card.setVisible(key in shown)
            if key in shown:
                card.set_section(shown[key])
        self.rules.set_verdicts(passport.rules)

    def set_own(self, own: Passport | None) -> None:
        """Lay the project's own beside it, or nothing; nothing, too, where the file is no model."""
        shown = self._passport
        comparable = own is not None and shown is not None and shown.facts is not None
        if own is not None and shown is not None and comparable:
            self._beside.set_section(beside(own, shown))
        self._beside.setVisible(comparable)

    @property
    def compared(self) -> FactGrid | None:
        """The lines that stand side by side; None while there is nothing to compare with."""
        return self._beside.grid if self._beside.isVisibleTo(self) else None
