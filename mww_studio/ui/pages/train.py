"""The Train page: ready or not, one button, then honest waiting."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.verdict import PRESET
from mww_studio.presets import Preset, load_preset
from mww_studio.project.records import Run
from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobState, Outcome
from mww_studio.services.jobs import Job
from mww_studio.services.run_history import CutOffRun
from mww_studio.services.session import TRAINING_LANE
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.page import Page
from mww_studio.ui.pages.results_words import cutoff_text, in_time, of
from mww_studio.ui.pages.train_before import BeforeView
from mww_studio.ui.pages.train_numbers import when
from mww_studio.ui.pages.train_running import RunView
from mww_studio.ui.pages.train_runs import RunRow, RunsCard
from mww_studio.ui.pages.train_words import preset_title
from mww_studio.ui.rooms_button import RoomsButton

if TYPE_CHECKING:
    from mww_studio.jobs.readiness import Ready
    from mww_studio.jobs.results import RunFigures
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

RESUME = "resume:"
RUNS = "runs"
LOG = "log"


@dataclass(frozen=True)
class _Look:
    """What the page shows before a training."""

    rows: Sequence["Ready"]
    expected_s: dict[str, float]
    graphics_card: bool


class TrainPage(Page):
    """Before a training, while it runs, and all runs. Arguments: ``runs``, ``log``, ``resume:`` with a run's id."""

    key = "train"
    icon = "brain"
    fills = True

    def __init__(self, studio: "Studio", parent: QWidget | None = None) -> None:
        self._job: Job | None = None
        self._done_with: Job | None = None
        self._run: Run | None = None
        self._shown = False
        super().__init__(studio, parent)
        self._session: Session | None = None
        self._offered: CutOffRun | None = None
        self._make_actions()
        self.before = BeforeView()
        self.before.train_wanted.connect(self._train)
        self.before.chosen.connect(self._look)
        self.before.navigate.connect(self.navigate)
        self.running = RunView()
        self.runs = RunsCard()
        self.runs.results_wanted.connect(self._show_run)
        self.runs.compare_wanted.connect(self._compare)
        self.runs.go_on_wanted.connect(self._resume)
        self.content.addWidget(self.before, 1)
        self.content.addWidget(self.running, 1)
        self.content.addWidget(self.runs, 0, Qt.AlignmentFlag.AlignTop)
        studio.session_opened.connect(self._take)
        studio.session_closed.connect(self._drop)
        if studio.session is not None:
            self._take(studio.session)
        self._arrange()

    def title(self) -> str:
        """What the page is called."""
        return self.tr("Train")

    def sentence(self) -> str:
        """What happens here, or which run is being shown."""
        if self._job is None:
            return self.tr("The computer listens to all samples and learns the wake word from them.")
        run = self._run
        if run is None:
            return self._job.title
        text = self.tr("{job} · {preset} · started {when}")
        return text.format(job=self._job.title, preset=preset_title(run.preset), when=when(run.started_at))

    def primary(self) -> Button | None:
        """The filled button."""
        return self.before.primary() if self.before.isVisible() else None

    def main_control(self) -> QWidget | None:
        """The chosen preset, or the button that pauses."""
        if self.before.isVisible():
            return self.before.main_control()
        return self._pause if self._pause.isVisible() else self._runs_button

    def entered(self, argument: str) -> None:
        """Look again at what is ready, or do what ``argument`` says."""
        self._shown = True
        if self._job is not None and self._job is self._done_with:
            self._follow(None)
        self._find_job()
        if argument.startswith(RESUME):
            self._resume(argument.removeprefix(RESUME))
        if argument.startswith(PRESET):
            self.before.choose(argument.removeprefix(PRESET))
        self._runs_button.setChecked(argument == RUNS)
        if argument == LOG and self._job is not None:
            self.running.show_log()
        self._look()
        self._offer_cut_off()
        self._arrange()

    def left(self) -> None:
        """Nothing is looked at while the page is hidden; a training whose end was seen is not shown again."""
        self._shown = False
        if self._job is not None and not self._job.is_busy:
            self._done_with = self._job

    def escape(self) -> bool:
        """Close the list of runs."""
        was_open = self._runs_button.isChecked()
        self._runs_button.setChecked(False)
        return was_open

    def _make_actions(self) -> None:
        self._runs_button = Button(self.tr("Runs"), "quiet", "history")
        self._runs_button.setCheckable(True)
        self._runs_button.toggled.connect(self._toggle_runs)
        self._pause = Button(self.tr("Pause"), "normal", "pause", name=self.tr("Pause training"))
        self._pause.clicked.connect(self._pause_or_go_on)
        self._cancel = Button(self.tr("Cancel"), "normal", "x", name=self.tr("Cancel training"))
        self._cancel.clicked.connect(self._stop)
        for button in (RoomsButton(self), self._runs_button, self._pause, self._cancel):
            self.actions.addWidget(button)

    # The project ------------------------------------------------------------------------------------------------

    def _take(self, session: "Session") -> None:
        self._session = session
        session.clips_changed.connect(self._look)
        session.runs_changed.connect(self._on_runs_changed)
        self.studio.jobs.changed.connect(self._find_job)
        self._find_job()

    def _drop(self) -> None:
        if self._session is not None:
            self._session.clips_changed.disconnect(self._look)
            self._session.runs_changed.disconnect(self._on_runs_changed)
            self.studio.jobs.changed.disconnect(self._find_job)
        self._session = None
        self._follow(None)

    def _look(self) -> None:
        """Ask in another thread whether everything is ready."""
        if self._session is not None and self._shown and self._job is None:
            work = partial(_look_at, preset=self.before.preset, names=tuple(self.before.names))
            self._session.ask(work, self._show_look, self.show_error, key="train.look")

    def _show_look(self, look: _Look) -> None:
        self.before.set_expected(look.expected_s)
        self.before.set_ready(look.rows)
        self.running.set_graphics_card(look.graphics_card)

    def _on_runs_changed(self) -> None:
        self._look()
        if self.runs.isVisible():
            self._load_runs()

    # The training -----------------------------------------------------------------------------------------------

    def _train(self, preset: Preset) -> None:
        if self._session is None:
            return
        try:
            job = self._session.train(preset)
        except StudioError as error:
            self.show_error(error)
            return
        self.running.set_target(preset.training.target_false_accepts_per_hour)
        self._follow(job)

    def _resume(self, run_id: str) -> None:
        if self._session is None:
            return
        try:
            self._follow(self._session.resume(run_id))
        except StudioError as error:
            self.show_error(error)

    def _find_job(self) -> None:
        """Show the training that runs, or the one that ended unseen; one that ended stays until the page is left."""
        if self._session is None or (self._job is not None and self._job.is_busy):
            return
        trainings = [job for job in self._session.jobs if job.lane == TRAINING_LANE]
        newest = self._session.training or (trainings[-1] if trainings else None)
        if newest is not None and newest not in {self._job, self._done_with}:
            self._follow(newest)

    def _follow(self, job: Job | None) -> None:
        if self._job is job:
            return
        if self._job is not None:
            self._job.changed.disconnect(self._arrange_buttons)
            self._job.ended.disconnect(self._on_ended)
            self._job.subject_known.disconnect(self._find_run)
        self._job = job
        self._run = None
        self.show_message(None)
        if job is not None:
            self._runs_button.setChecked(False)
            job.changed.connect(self._arrange_buttons)
            job.ended.connect(self._on_ended)
            job.subject_known.connect(self._find_run)
            self._find_run(job.subject)
            self.running.follow(job, waits_for=self._before_it(job))
            if job.subject and self._session is not None:
                self._session.ask(partial(_target_of, run_id=job.subject), self.running.set_target, key="train.target")
            if job.outcome is not None:
                self._on_ended(job.outcome)
        self._arrange()

    def _find_run(self, run_id: str) -> None:
        """Name the run that the training became."""
        runs = self._session.runs() if self._session is not None else []
        self._run = next((run for run in runs if run.id == run_id), None)
        self.update_head()

    def _before_it(self, job: Job) -> str:
        others = [other for other in self.studio.jobs.busy() if other.lane == job.lane and other is not job]
        return others[0].title if job.state is JobState.WAITING and others else ""

    def _pause_or_go_on(self) -> None:
        if self._job is None:
            return
        if self._job.state is JobState.RUNNING:
            self._job.pause()
        else:
            self._job.go_on()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _on_ended(self, outcome: Outcome) -> None:
        if outcome.state is JobState.DONE:
            text = self.tr("Results tells how well it hears each of you.")
            message = Message("ok", self.tr("Training finished"), text)
            message.add_button(self.tr("Show results"), self._show_newest, "primary", "gauge")
            message.add_button(self.tr("Train again"), self._begin_again)
        elif outcome.state is JobState.CANCELLED:
            message = Message("info", self.tr("Training stopped"), self.tr("What it learned so far is saved."))
            self._add_ways_on(message)
        else:
            error = outcome.error or StudioError("job.crashed", self.tr("Training stopped by itself"))
            message = self.show_error(error)
            self._add_ways_on(message)
            self.running.open_log()
        self.show_message(message)
        self._arrange()

    def _add_ways_on(self, message: Message) -> None:
        step = self._saved_step()
        if step:
            text = self.tr("Go on at step {step}").format(step=QLocale().toString(step))
            message.add_button(text, self._go_on, "primary", "play")
        message.add_button(self.tr("Start again"), self._begin_again)

    def _saved_step(self) -> int:
        """The step at which the training that ended can go on; 0: it cannot."""
        if self._session is None or self._job is None or not self._job.subject:
            return 0
        return self._session.history(self._job.subject).step

    def _go_on(self) -> None:
        if self._job is not None:
            self._resume(self._job.subject)

    def _begin_again(self) -> None:
        self._done_with = self._job
        self._follow(None)
        self._look()

    def _show_newest(self) -> None:
        self.navigate.emit("results", self._job.subject if self._job is not None else "")

    def _offer_cut_off(self) -> None:
        """Offer the training that a crash or the end of the program interrupted."""
        if self._session is None or self._job is not None:
            return
        runs = self._session.interrupted_runs()
        self._offered = runs[0] if runs else None
        if self._offered is None:
            self.show_message(None)
            return
        step = QLocale().toString(self._offered.history.step)
        message = Message(
            "info",
            self.tr("A training was cut off at step {step}").format(step=step),
            self.tr("What it learned so far is saved."),
        )
        message.add_button(self.tr("Go on at step {step}").format(step=step), self._resume_offered, "normal", "play")
        message.add_button(self.tr("Leave it"), self._leave_offered, "quiet")
        self.show_message(message)

    def _resume_offered(self) -> None:
        if self._offered is not None:
            self._resume(self._offered.run.id)

    def _leave_offered(self) -> None:
        if self._offered is not None and self._session is not None:
            self._session.leave(self._offered.run.id)
        self.show_message(None)

    # All runs ---------------------------------------------------------------------------------------------------

    def _toggle_runs(self, shown: bool) -> None:
        if shown:
            self._load_runs()
        self._arrange()

    def _load_runs(self) -> None:
        if self._session is not None:
            self._session.ask(_rows_of, self.runs.set_rows, self.show_error, key="train.runs")

    def _show_run(self, run_id: str) -> None:
        self.navigate.emit("results", run_id)

    def _compare(self, older: str, newer: str) -> None:
        self.navigate.emit("results", f"{older},{newer}")

    # The page ---------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        listed = self._runs_button.isChecked()
        self.runs.setVisible(listed)
        self.before.setVisible(not listed and self._job is None)
        self.running.setVisible(not listed and self._job is not None)
        self.update_head()
        self._arrange_buttons()

    def _arrange_buttons(self) -> None:
        state = self._job.state if self._job is not None else JobState.DONE
        resting = state in {JobState.PAUSING, JobState.PAUSED}
        self._pause.setText(self.tr("Go on") if resting else self.tr("Pause"))
        self._pause.setAccessibleName(self.tr("Go on with training") if resting else self.tr("Pause training"))
        self._pause.set_icon("play" if resting else "pause")
        self._pause.setVisible(state in {JobState.RUNNING, JobState.PAUSING, JobState.PAUSED, JobState.STOPPING})
        self._pause.setEnabled(state is not JobState.STOPPING)
        self._cancel.setVisible(not state.is_end)
        self._cancel.setEnabled(state is not JobState.STOPPING)
        self._cancel.setText(self.tr("Stopping…") if state is JobState.STOPPING else self.tr("Cancel"))


def _look_at(project: Project, preset: Preset, names: Sequence[str]) -> _Look:
    from mww_studio.jobs.estimates import expected_s
    from mww_studio.jobs.readiness import graphics_card, readiness

    expected = {name: expected_s(project, load_preset(name)) for name in names}
    used, _ = graphics_card()
    return _Look(readiness(project, preset), expected, used)


def _target_of(project: Project, run_id: str) -> float:
    from mww_studio.jobs.spec import read_spec

    return read_spec(project.run_folder(run_id)).preset.training.target_false_accepts_per_hour


def _rows_of(project: Project) -> list[RunRow]:
    from mww_studio.jobs.planning import can_resume
    from mww_studio.jobs.results import compare

    return [
        _row(number, figures, can_go_on=can_resume(project, figures.run))
        for number, figures in enumerate(compare(project), start=1)
    ]


def _row(number: int, figures: "RunFigures", *, can_go_on: bool) -> RunRow:
    card = figures.card
    if card is None:
        return RunRow(number, figures.run, can_go_on=can_go_on)
    rate = card.false_accepts
    return RunRow(
        number,
        figures.run,
        of(card.recall.detected, card.recall.clips),
        in_time(rate.false_accepts, rate.hours),
        cutoff_text(card.cutoff),
    )
