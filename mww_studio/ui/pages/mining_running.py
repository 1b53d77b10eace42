"""A search for mistakes while it runs: time left, hours heard, what came near so far, pause and stop."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from mww_studio.jobs.events import Stepped
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.plans import shown_phase
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme


class SearchRunning(Card):
    """One search, given by :meth:`follow`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self._job: Job | None = None
        self._left = Label(role="verdict", wrap=True)
        self._progress = Progress(self.tr("How much was heard"))
        self._heard = Label(wrap=True)
        for widget in (self._left, self._progress, self._heard):
            self.body.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(u(3))
        self.cancel_button = Button(self.tr("Stop the search"), icon="square")
        self.cancel_button.clicked.connect(self._cancel)
        self.pause_button = Button("", icon="pause")
        self.pause_button.clicked.connect(self._pause_or_go_on)
        row.addWidget(self.pause_button)
        row.addWidget(self.cancel_button)
        row.addWidget(Caption(self.tr("What it has heard stays known: it can go on any time."), wrap=True), 1)
        self.body.addSpacing(u(1))
        self.body.addLayout(row)

    def follow(self, job: Job | None) -> None:
        """Show this job from now on, or none."""
        if self._job is not None:
            self._job.changed.disconnect(self._show_state)
            self._job.figured.disconnect(self._show_figures)
        self._job = job
        self._heard.setText("")
        if job is not None:
            job.changed.connect(self._show_state)
            job.figured.connect(self._show_figures)
            self._show_state()

    def _show_state(self) -> None:
        job = self._job
        if job is None:
            return
        texts = {
            JobState.WAITING: self.tr("Starts soon"),
            JobState.PAUSING: self.tr("Pausing…"),
            JobState.PAUSED: self.tr("Paused"),
            JobState.STOPPING: self.tr("Stopping…"),
        }
        text = texts.get(job.state, job.left_spoken)
        self._left.setText(text[:1].upper() + text[1:])
        self._progress.set_fraction(job.fraction)
        resting = job.state in (JobState.PAUSING, JobState.PAUSED)
        self.pause_button.setText(self.tr("Go on") if resting else self.tr("Pause"))
        self.pause_button.set_icon("play" if resting else "pause")
        self.pause_button.setAccessibleName(
            self.tr("Go on with the search") if resting else self.tr("Pause the search")
        )
        self.pause_button.setEnabled(resting or job.state is JobState.RUNNING)
        self.cancel_button.setEnabled(job.state is not JobState.STOPPING)
        if not self._heard.text():
            self._heard.setText(shown_phase(job.phase))

    def _show_figures(self, step: Stepped) -> None:
        figures = step.figures
        if "heard" in figures:
            said = self.tr("Heard {heard} · woke: {woke} · came near: {near}")
            woke, near = int(figures["woke"]), int(figures["near"])
            self._heard.setText(said.format(heard=figures["heard"], woke=woke, near=near))

    def _pause_or_go_on(self) -> None:
        if self._job is not None and self._job.state is JobState.RUNNING:
            self._job.pause()
        elif self._job is not None:
            self._job.go_on()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
