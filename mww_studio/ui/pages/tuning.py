"""Tune: other settings are tried in short trainings, and the best is laid beside what there was."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer, SignalInstance
from PySide6.QtWidgets import QWidget

from mww_studio.errors import StudioError
from mww_studio.services.job_thread import JobState, Outcome
from mww_studio.services.jobs import Job
from mww_studio.services.tuning_works import KIND, start_tuning
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.pages.tuning_loading import Before, Order, plan, plan_going_on, read_before, read_tuning
from mww_studio.ui.pages.tuning_setup import TuningSetup
from mww_studio.ui.pages.tuning_views import TuningResult, TuningRunning
from mww_studio.ui.room import ProjectRoom

if TYPE_CHECKING:
    from mww_studio.jobs.tuning import Tuned
    from mww_studio.jobs.tuning_records import TuneSpec
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

_EMPTY, _ASK, _RUNNING, _DONE = "empty", "ask", "running", "done"
_TICK_MS = 1000


class TuningPage(ProjectRoom):
    """Asks for goals and time, shows how far it is, and lays before and after side by side."""

    key: ClassVar[str] = "tuning"
    icon: ClassVar[str] = "sliders-horizontal"
    under: ClassVar[str] = "train"
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        self._mode = _EMPTY
        super().__init__(studio, parent)
        self._before: Before | None = None
        self._job: Job | None = None
        self._asking = False
        self._failed: StudioError | None = None
        self._use: Button | None = None
        self._again = Button(self.tr("Tune again"), "quiet", "sliders-horizontal")
        self._again.clicked.connect(self._ask_again)
        self.actions.insertWidget(0, self._again)
        self.empty = EmptyState(
            "sliders-horizontal",
            self.tr("There is no finished training to tune yet"),
            self.tr("Train the wake word once. Then other settings can be tried from there, each in a short training."),
        )
        self._to_train = self.empty.add_button(self.tr("Go to Train"), self.go_back, icon="brain")
        self.setup = TuningSetup()
        self.setup.start_wanted.connect(self._start)
        self.setup.record_wanted.connect(self._record)
        self.running = TuningRunning()
        self.running.cancel_button.clicked.connect(self._cancel)
        self.result = TuningResult()
        self._views = {_EMPTY: self.empty, _ASK: self.setup, _RUNNING: self.running, _DONE: self.result}
        for name, view in self._views.items():
            self.content.addWidget(view, 1 if name in (_EMPTY, _RUNNING) else 0)
        self.content.addStretch(0)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._show(_EMPTY)

    def title(self) -> str:
        """Tune."""
        return self.tr("Tune")

    def sentence(self) -> str:
        """What it is for."""
        if self._mode == _DONE:
            return self.tr("What was found, measured once on takes that chose nothing.")
        return self.tr("Other settings are tried in short trainings that go on from a finished one; the best is kept.")

    def primary(self) -> Button | None:
        """Start, or use what was found."""
        if self._mode == _EMPTY:
            return self._to_train
        if self._mode == _ASK:
            return self.setup.start_button if self.setup.start_button.isEnabled() else self.setup.record_button
        return self._use if self._mode == _DONE else None

    def main_control(self) -> QWidget | None:
        """The first goal, or the button that stops."""
        controls = {_ASK: self.setup.mistakes, _RUNNING: self.running.cancel_button, _EMPTY: self._to_train}
        return controls.get(self._mode, self._use or self._again)

    def entered(self, argument: str) -> None:
        """Look what there is."""
        self._timer.start()
        super().entered(argument)

    def left(self) -> None:
        """Nothing moves unseen."""
        self._timer.stop()

    # -- the project

    def changes(self, session: Session) -> tuple[SignalInstance, ...]:
        """Runs."""
        return (session.runs_changed,)

    def forget(self) -> None:
        """Show that there is nothing to tune."""
        self._before = self._failed = None
        self._asking = False
        self._follow(None)
        self.show_message(None)
        self._show(_EMPTY)

    def load(self) -> None:
        """Read what was tuned, and where a tuning can begin."""
        if self.session is not None:
            self.session.ask(read_before, self._show_before, self.show_error, key="tuning.before")

    def _show_before(self, before: Before) -> None:
        self._before = before
        self.setup.set_starts(before.starts)
        job = self.busy_job(KIND)
        if job is not None:
            self._follow(job)
            self._show(_RUNNING)
            self._load_state()
        elif not before.starts:
            self.show_message(None)
            self._show(_EMPTY)
        elif before.last is not None and before.last.outcome is not None and not self._asking:
            self._show_outcome(before.last)
        else:
            self._offer_going_on(before.last)
            self._show(_ASK)

    def _offer_going_on(self, last: Tuned | None) -> None:
        if self._failed is not None:
            message = self.show_error(self._failed)
        elif last is not None and last.outcome is None:
            message = Message(
                "info",
                self.tr("A tuning was stopped before its end"),
                self.tr("Everything that was tried is kept."),
            )
        else:
            self.show_message(None)
            return
        if last is not None and last.outcome is None:
            self.setup.set_address(last.spec.cluster or "")
            message.add_button(self.tr("Go on with it"), self._go_on, icon="play")
        self.show_message(message)

    def _show_outcome(self, tuned: Tuned) -> None:
        from mww_studio.jobs.tuning import verdict

        outcome = tuned.outcome
        if outcome is None or self._before is None:
            return
        self._use = None
        if outcome.winner is None:
            message = Message(
                "info",
                self.tr("Nothing better was found"),
                self.tr("The training that it began from stays the one to use. More takes help more than more tuning."),
            )
        else:
            message = Message("ok", self.tr("Other settings did better where they were chosen"), verdict(outcome))
            self._use = message.add_button(self.tr("Use this one"), self._use_it, "primary", "gauge")
        self.show_message(message)
        self.result.show_tuned(tuned, self._before.numbers)
        self._show(_DONE)

    def _use_it(self) -> None:
        """The winner is a run like others: Results tells all about it, and Deploy takes it from there."""
        last = self._before.last if self._before is not None else None
        if last is not None and last.run:
            self.navigate.emit("results", last.run)

    # -- tuning

    def _start(self, order: Order) -> None:
        if self.session is not None:
            self.session.ask(partial(plan, order=order), self._begin, self.show_error, key="tuning.plan")

    def _record(self) -> None:
        self.navigate.emit("record", "")

    def _go_on(self) -> None:
        last = self._before.last if self._before is not None else None
        if self.session is not None and last is not None:
            begin = partial(plan_going_on, tuned=last, address=self.setup.order().address)
            self.session.ask(begin, self._begin_again, self.show_error, key="tuning.plan")

    def _begin(self, spec: TuneSpec) -> None:
        self._begin_named(spec, "")

    def _begin_again(self, spec: TuneSpec) -> None:
        last = self._before.last if self._before is not None else None
        self._begin_named(spec, last.name if last is not None else "")

    def _begin_named(self, spec: TuneSpec, name: str) -> None:
        session = self.session
        if session is None or self.busy_job(KIND) is not None:
            return
        self.show_message(None)
        self._failed = None
        self._asking = False
        try:
            job = start_tuning(session, spec, name)
        except StudioError as error:
            self.show_error(error)
            return
        self._follow(job)
        self._show(_RUNNING)

    def _ask_again(self) -> None:
        self._asking = True
        self.load()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _follow(self, job: Job | None) -> None:
        if job is self._job:
            return
        if self._job is not None:
            self._job.changed.disconnect(self._tick)
            self._job.figured.disconnect(self._load_state)
            self._job.ended.disconnect(self._on_ended)
        self._job = job
        self.running.forget()
        if job is not None:
            job.changed.connect(self._tick)
            job.figured.connect(self._load_state)
            job.ended.connect(self._on_ended)
            self._tick()

    def _load_state(self) -> None:
        if self.session is not None and self._job is not None and self._job.subject:
            read = partial(read_tuning, name=self._job.subject)
            self.session.ask(read, self.running.show_tuned, key="tuning.state")

    def _tick(self) -> None:
        if self._job is not None:
            stopping = self._job.state is JobState.STOPPING
            self.running.cancel_button.setEnabled(not stopping)
            self.running.show_time(stopping=stopping)

    def _on_ended(self, outcome: Outcome) -> None:
        self._follow(None)
        self._failed = outcome.error
        self._asking = outcome.state is not JobState.DONE
        self.load()

    # -- the page

    def _show(self, mode: str) -> None:
        self._mode = mode
        for name, view in self._views.items():
            view.setVisible(name == mode)
        self._again.setVisible(mode == _DONE)
        self.update_head()
