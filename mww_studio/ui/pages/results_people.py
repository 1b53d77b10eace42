"""Every person with the share of takes that was heard, the interval of the true one, and the goal."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.jobs.verdict import GOAL, PersonResult, PersonState
from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.bars import IntervalBar, IntervalScale
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.results_words import of
from mww_studio.ui.theme import Theme

_STATES = {PersonState.OK: "ok", PersonState.MISSED: "warn", PersonState.UNSURE: "none"}
_BAR_U = 28
_MARKS = (0.0, 0.5, 1.0)


class PeopleCard(Card):
    """A row a person, the most missed first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        self.set_title(self.tr("Every person"))
        self.header.addStrut(Theme.current().u(9))  # as high as the button in the header of the card beside it
        self._grid_holder = QWidget()
        self.body.addWidget(self._grid_holder)
        self.body.addWidget(
            Caption(
                self.tr(
                    "Dot: heard in this test. Bar: where the true value lies, 95 times in 100. Few takes make it long."
                ),
                wrap=True,
            )
        )
        self.body.addStretch(1)
        self.bars: list[IntervalBar] = []

    def set_people(self, people: Sequence[PersonResult]) -> None:
        """Show these people."""
        u = Theme.current().u
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(u(3))
        grid.setVerticalSpacing(u(1))
        grid.setColumnStretch(1, 1)
        low_end = max(int(10 * min((person.low for person in people), default=0.3)) / 10 - 0.1, 0.0)
        grid.addWidget(IntervalScale([(GOAL, self.tr("goal {goal} %").format(goal=round(100 * GOAL)))], low_end), 0, 1)
        self.bars = []
        for line, person in enumerate(people, start=1):
            grid.addWidget(self._who(person), line, 0)
            bar = IntervalBar(self._name(person))
            bar.set_low_end(low_end)
            bar.setMinimumWidth(u(_BAR_U))
            share = person.heard / person.takes if person.takes else 0.0
            bar.set(share, person.low, person.high, GOAL, self._said(person))
            grid.addWidget(bar, line, 1)
            grid.addWidget(Label(self.tr("{part} heard").format(part=of(person.heard, person.takes))), line, 2)
            self.bars.append(bar)
        marks = [(mark, f"{round(100 * mark)}\N{NO-BREAK SPACE}%") for mark in _MARKS if mark >= low_end]
        grid.addWidget(IntervalScale(marks, low_end), len(people) + 1, 1)
        self.body.replaceWidget(self._grid_holder, holder)
        self._grid_holder.hide()
        self._grid_holder.deleteLater()
        self._grid_holder = holder

    def _who(self, person: PersonResult) -> QWidget:
        u = Theme.current().u
        who = QWidget()
        row = QHBoxLayout(who)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(u(2))
        state = _STATES[person.state]
        row.addWidget(Icon(STATES[state], state_colour(state), u(4.5)), 0, Qt.AlignmentFlag.AlignVCenter)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(Label(self._name(person)))
        texts.addWidget(Caption(self.tr("known voice") if person.known_voice else self.tr("new voice")))
        row.addLayout(texts)
        who.setToolTip(self._said(person))
        return who

    def _name(self, person: PersonResult) -> str:
        return person.name or self.tr("Without a name")

    def _voice(self, person: PersonResult) -> str:
        return self.tr("known voice, other takes") if person.known_voice else self.tr("new voice")

    def _said(self, person: PersonResult) -> str:
        words = {
            PersonState.OK: self.tr("It is heard often enough."),
            PersonState.MISSED: self.tr("It is missed too often."),
            PersonState.UNSURE: self.tr("Not sure yet: too few takes to tell."),
        }
        text = self.tr("{name}, {voice}: {part} heard, likely {low} to {high} in 100. {words}")
        return text.format(
            name=self._name(person),
            voice=self._voice(person),
            part=of(person.heard, person.takes),
            low=round(100 * person.low),
            high=round(100 * person.high),
            words=words[person.state],
        )
