"""The three numbers of the Results page: heard, wakes by mistake, answers after."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from mww_studio.evaluation.scorecard import Scorecard
from mww_studio.jobs.verdict import ENOUGH_TAKES, GOAL
from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.columns import Columns
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.results_words import delay_text, in_time, likely, of, proves
from mww_studio.ui.theme import Theme

_LATE_S = 1.0


class NumberCard(Card):
    """One number: what it counts, the number, and what it is worth."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        u = Theme.current().u
        self.body.setSpacing(u(0.5))
        self._mark = Icon(STATES["none"], "edge", u(4.5))
        head = QHBoxLayout()
        head.setSpacing(u(2))
        head.addWidget(self._mark)
        self._counts = title
        head.addWidget(Caption(title), 1)
        self.body.addLayout(head)
        self._number = Label(role="number")
        self._worth_label = Caption(wrap=True)
        self.body.addWidget(self._number)
        self.body.addWidget(self._worth_label)
        self.body.addStretch(1)

    def set(self, state: str, number: str, worth: str) -> None:
        """Show the number; ``state`` is ok, warn, or none where nobody can tell yet."""
        self._mark.set_icon(STATES[state], state_colour(state))
        self._number.setText(number)
        self._worth_label.setText(worth)
        self.setAccessibleName(f"{self._counts}: {number}. {worth}.")

    @property
    def number(self) -> str:
        """The number as it is shown."""
        return self._number.text()


class NumberCards(Columns):
    """The three cards, side by side where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.heard = NumberCard(self.tr("Hears the wake word"))
        self.mistakes = NumberCard(self.tr("Wakes by mistake"))
        self.delay = NumberCard(self.tr("Answers after"))
        for card in (self.heard, self.mistakes, self.delay):
            self.add(card)

    def set_scorecard(self, card: Scorecard, target_per_hour: float, before: Scorecard | None = None) -> None:
        """Show what was measured on the test takes; ``before``: with the cut-off that was in use until now."""
        recall, rate = card.recall, card.false_accepts
        enough = recall.clips >= ENOUGH_TAKES and recall.recall >= GOAL
        heard = "ok" if enough else "warn" if recall.clips and recall.high < GOAL else "none"
        was = of(before.recall.detected, before.recall.clips) if before else ""
        now = of(recall.detected, recall.clips)
        self.heard.set(heard, now, self._worth(likely(recall), now, was))
        proven = rate.high is not None and rate.high <= target_per_hour
        often = rate.false_accepts > 0 and rate.per_hour > target_per_hour
        mistakes = "ok" if proven else "warn" if often else "none"
        was = in_time(before.false_accepts.false_accepts, before.false_accepts.hours) if before else ""
        now = in_time(rate.false_accepts, rate.hours)
        self.mistakes.set(mistakes, now, self._worth(proves(rate), now, was))
        after, worth = delay_text(card.delay)
        late = "none" if card.delay is None else "ok" if card.delay.p90_s <= _LATE_S else "warn"
        was = delay_text(before.delay)[0] if before else ""
        self.delay.set(late, after, self._worth(worth, after, was))

    def _worth(self, worth: str, now: str, was: str) -> str:
        return worth if was in {"", now} else self.tr("{worth} · before: {was}").format(worth=worth, was=was)
