"""A tuning while it runs, and what came of it: before and after, on both sides."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.services.timetable import rounded_minutes
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.plots import LinePlot
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.results_words import in_time, likely, of, proves, rate_text
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.evaluation.operating_point import OperatingPoint
    from mww_studio.jobs.tuning import Tuned
    from mww_studio.jobs.tuning_records import Measured

_PLOT_U = 34
_MARGIN = 0.05


class TuningRunning(QWidget):
    """How far a tuning is, and the best that it found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._tuned: Tuned | None = None
        self._told_s = 0.0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        card = Card()
        self._left = Label(role="verdict", wrap=True)
        self._bar = Progress(self.tr("Time used"))
        self._sentence = Label(wrap=True)
        for widget in (self._left, self._bar, self._sentence):
            card.body.addWidget(widget)
        self.cancel_button = Button(self.tr("Stop, and go on later"), icon="square")
        row = QHBoxLayout()
        row.setSpacing(u(3))
        row.addWidget(self.cancel_button)
        row.addWidget(Caption(self.tr("Everything that was tried is kept."), wrap=True), 1)
        card.body.addSpacing(u(1))
        card.body.addLayout(row)
        column.addWidget(card)
        plot = Card(self.tr("Worth of the settings tried, on the takes kept aside for choosing"), padding=4)
        plot.set_filling()
        self._present = Caption(wrap=True)
        plot.body.addWidget(self._present)
        self.plot = LinePlot(self.tr("Worth of the settings tried"), self.tr("settings"), self.tr("worth (%)"))
        self.plot.setMinimumHeight(u(_PLOT_U))
        plot.body.addWidget(self.plot, 1)
        column.addWidget(plot, 1)
        self._plot_card = plot
        self.forget()

    def forget(self) -> None:
        """Nothing is known yet."""
        self._tuned = None
        self._left.setText(self.tr("Starting"))
        self._bar.set_fraction(None)
        self._sentence.setText(self.tr("The finished wake word is measured first. Nothing is needed of you."))
        self._plot_card.hide()

    def show_tuned(self, tuned: Tuned) -> None:
        """What was tried so far."""
        self._tuned, self._told_s = tuned, time.monotonic()
        state = tuned.state
        if state is None:
            return
        settings, best = tuned.spec.settings, state.best
        text = self.tr("Tried {done} of at most {trials} settings.").format(
            done=QLocale().toString(len(state.trials)), trials=QLocale().toString(settings.trials)
        )
        before = self._point(state.original.point)
        if best is None:
            now = self.tr("None is better yet than the beginning: {before}.").format(before=before)
        else:
            now = self.tr("The best so far: {best}. The beginning: {before}.").format(
                best=self._point(best.judged[best.best].point), before=before
            )
        self._sentence.setText(f"{text} {now}")
        self._show_plot(tuned)
        self.show_time()

    def show_time(self, *, stopping: bool = False) -> None:
        """The time that is left; called again and again."""
        tuned = self._tuned
        if stopping:
            self._left.setText(self.tr("Stopping…"))
            return
        if tuned is None or tuned.state is None:
            return
        allowed_s = 60 * tuned.spec.settings.minutes
        spent_s = tuned.state.spent_s + time.monotonic() - self._told_s
        minutes = rounded_minutes(allowed_s - spent_s) if spent_s < allowed_s else 0
        if minutes:
            one, many = self.tr("At most about a minute left"), self.tr("At most about {minutes} minutes left")
            self._left.setText(one if minutes == 1 else many.format(minutes=QLocale().toString(minutes)))
        else:
            self._left.setText(self.tr("The last ones are being tried and measured"))
        self._bar.set_fraction(min(spent_s / allowed_s, 1.0))

    def _point(self, point: OperatingPoint) -> str:
        text = self.tr("heard {heard}, at most about {rate} wakes by mistake an hour")
        return text.format(
            heard=of(point.recall.detected, point.recall.clips), rate=rate_text(point.estimated_per_hour_high)
        )

    def _show_plot(self, tuned: Tuned) -> None:
        state = tuned.state
        if state is None:
            return
        tried = [(trial.number, 100 * trial.value) for trial in state.trials if trial.value is not None]
        self._plot_card.setVisible(bool(tried))
        if not tried:
            return
        original = 100 * state.original.value
        numbers, values = [number for number, _ in tried], [value for _, value in tried]
        best_at = max(range(len(values)), key=values.__getitem__)
        so_far = [max(values[: end + 1]) for end in range(len(values))]
        self.plot.set_series("s1", [0, *numbers], [original, *(max(original, one) for one in so_far)])
        self.plot.set_series("s2", numbers, values)
        self.plot.set_best(numbers[best_at], values[best_at])
        self.plot.set_goal(original, self.tr("at the beginning"))
        low, high = min([original, *values]), max([original, *values])
        room = max(high - low, 1.0) * _MARGIN
        self.plot.set_ranges(x=(0.0, float(max(tuned.spec.settings.trials, 2))), y=(low - room, high + 3 * room))
        text = self.tr(
            "Line: the best so far, {best}; dashed: each of the settings. Worth is the part that is heard, clearly and"
            " amid noise, less a little for the risk of wakes by mistake."
        ).format(best=QLocale().toString(max(original, *values), "f", 1))
        self._present.setText(text)
        self.plot.describe(text)


@dataclass(frozen=True)
class _Line:
    name: str
    before: str
    after: str


class TuningResult(Card):
    """Before and after, side by side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Before and after"))
        self._holder = QWidget()
        self.body.addWidget(self._holder)
        self._note = Caption(wrap=True)
        self.body.addWidget(self._note)

    def show_tuned(self, tuned: Tuned, numbers: dict[str, int]) -> None:
        """Lay them side by side; ``numbers``: of the runs, by their ids."""
        outcome = tuned.outcome
        if outcome is None:
            return
        u = Theme.current().u
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(u(6))
        grid.setVerticalSpacing(u(2))
        for column in range(3):
            grid.setColumnStretch(column, 1)
        run = self.tr("Run {number}")
        grid.addWidget(Caption(self._run_text(run, outcome.original, numbers)), 0, 1)
        if tuned.run:
            grid.addWidget(Caption(self._run_text(run, tuned.run, numbers)), 0, 2)
        lines = [
            *self._lines(self.tr("Test takes, looked at once"), outcome.before_test, outcome.after_test),
            *self._lines(self.tr("Takes that chose"), outcome.before_validation, outcome.after_validation),
        ]
        for number, line in enumerate(lines, start=1):
            grid.addWidget(Label(line.name, wrap=True), number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(line.before, wrap=True), number, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(line.after, "strong", wrap=True), number, 2, Qt.AlignmentFlag.AlignTop)
        self.body.replaceWidget(self._holder, holder)
        self._holder.hide()
        self._holder.deleteLater()
        self._holder = holder
        models = tuned.state.models if tuned.state else 1
        note = self.tr(
            "{models} models were compared on the takes that chose, so the likely ends there are wider. Trust the test:"
            " nothing was chosen by it. The run it began from is as it was."
        )
        self._note.setText(note.format(models=QLocale().toString(models)))

    def _run_text(self, text: str, run_id: str, numbers: dict[str, int]) -> str:
        return text.format(number=QLocale().toString(numbers[run_id])) if run_id in numbers else run_id

    def _lines(self, title: str, before: Measured, after: Measured | None) -> list[_Line]:
        sides = (before, after)
        heard = [of(one.recall.detected, one.recall.clips) if one else "–" for one in sides]
        ends = [likely(one.recall) if one else "" for one in sides]
        woke = [in_time(one.false_accepts.false_accepts, one.false_accepts.hours) if one else "–" for one in sides]
        bound = [self._bound(one) if one else "" for one in sides]
        return [
            _Line(self.tr("{side}: heard").format(side=title), *heard),
            _Line("", *ends),
            _Line(self.tr("{side}: woke by mistake").format(side=title), *woke),
            _Line("", *bound),
        ]

    def _bound(self, measured: Measured) -> str:
        return proves(measured.false_accepts)
