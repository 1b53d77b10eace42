"""The curves of a training: heard, wakes by mistake, and loss, each with its words."""

from abc import abstractmethod
from collections.abc import Sequence

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from mww_studio.evaluation.scorecard import TARGET_PER_HOUR
from mww_studio.services.run_history import Figure
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.plots import LinePlot
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.pages.train_numbers import HEARD, LOSS, MISTAKES, Series, in_hundred, per_hour, series
from mww_studio.ui.theme import Theme

_HEIGHT_U = 28
_ROOM_ABOVE = 1.15
_FEWEST_STEPS = 100
_TOP_PERCENT = 104.0  # the dot at 100 needs room


class _Curve(Card):
    """A card with one plot over the steps of a training; what could be crossed by the line stands in its header."""

    def __init__(self, title: str, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(title, padding=4, parent=parent)
        self.set_filling()
        self.present = Caption()
        self.body.addWidget(self.present)
        self.plot = LinePlot(title, self.tr("step"), unit)
        self.plot.setMinimumHeight(Theme.current().u(_HEIGHT_U))
        self.body.addWidget(self.plot, 1)

    @abstractmethod
    def show_figures(self, figures: Sequence[Figure], total: int) -> None:
        """Draw what is known of a training of ``total`` steps; 0: as many as there are."""

    def _set_steps(self, shown: Series, total: int) -> None:
        last = shown.steps[-1] if shown.steps else _FEWEST_STEPS
        self.plot.set_ranges(x=(0.0, float(max(total, last))))

    def _say(self, text: str) -> None:
        self.present.setText(text)
        self.plot.describe(text)


class HeardCurve(_Curve):
    """How many of 100 takes kept aside it hears, with a dot at the best."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Heard, of the takes kept aside"), self.tr("heard (%)"), parent)
        self._set_height(0.0)

    def show_figures(self, figures: Sequence[Figure], total: int) -> None:
        """Draw it."""
        shown = series(figures, HEARD)
        self._set_steps(shown, total)
        self.plot.set_series("s1", shown.steps, [100 * value for value in shown.values])
        if shown.last is None:
            self._say("")
            self._set_height(0.0)
            self.plot.clear_best()
            return
        self._set_height(min(shown.values))
        best = max(shown.values)
        step = shown.steps[len(shown.values) - 1 - shown.values[::-1].index(best)]
        self.plot.set_best(step, 100 * best)
        text = self.tr("now {now} of 100, best {best} of 100 at step {step}")
        self._say(text.format(now=in_hundred(shown.last), best=in_hundred(best), step=QLocale().toString(step)))

    def _set_height(self, least: float) -> None:
        low = max(10 * int(10 * least) - 10, 0)
        self.plot.set_ranges(y=(float(low), _TOP_PERCENT))


class MistakesCurve(_Curve):
    """How often an hour it wakes by mistake, with the goal as a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Wakes by mistake"), self.tr("times an hour"), parent)
        self._goal = TARGET_PER_HOUR
        self._highest = 0.0
        self.set_goal(TARGET_PER_HOUR)

    def set_goal(self, rate: float) -> None:
        """Draw the goal at ``rate`` times an hour."""
        self._goal = rate
        self.plot.set_goal(rate, self.tr("goal: {rate}").format(rate=per_hour(rate)))
        self._set_height()

    def show_figures(self, figures: Sequence[Figure], total: int) -> None:
        """Draw it."""
        shown = series(figures, MISTAKES)
        self._set_steps(shown, total)
        self._highest = max(shown.values, default=0.0)
        self._set_height()
        self.plot.set_series("s2", shown.steps, shown.values)
        if shown.last is None:
            self._say("")
            return
        text = self.tr("now {now} times an hour, goal {goal}")
        self._say(text.format(now=per_hour(shown.last), goal=per_hour(self._goal)))

    def _set_height(self) -> None:
        self.plot.set_ranges(y=(0.0, _ROOM_ABOVE * max(self._highest, 2 * self._goal)))


class LossCurve(_Curve):
    """The number that training makes small, for those who know what it means."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Training loss"), self.tr("loss"), parent)

    def show_figures(self, figures: Sequence[Figure], total: int) -> None:
        """Draw it."""
        shown = series(figures, LOSS)
        self._set_steps(shown, total)
        self.plot.set_series("s1", shown.steps, shown.values)
        if shown.last is None:
            self._say("")
            return
        self.plot.set_ranges(y=(0.0, _ROOM_ABOVE * max(shown.values)))
        self._say(self.tr("now {loss}").format(loss=QLocale().toString(shown.last, "g", 3)))
