"""A flash while it runs: the stage, the time left, and what the programs behind it say."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.plans import shown_phase
from mww_studio.ui.kit.bars import PhaseBar
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.samples_changes import counted
from mww_studio.ui.pages.train_log import LogView
from mww_studio.ui.theme import Theme


class FlashRunning(QWidget):
    """One job about a device, given by :meth:`follow`; its log stays when it has ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._job: Job | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        self.card = Card()
        self._left = Label(role="verdict", wrap=True)
        self._bar = PhaseBar()
        self._now = Label(wrap=True)
        for widget in (self._left, self._bar, self._now):
            self.card.body.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(u(3))
        self.cancel_button = Button(self.tr("Stop"), icon="square")
        self.cancel_button.clicked.connect(self._cancel)
        self._after = Caption(wrap=True)
        row.addWidget(self.cancel_button)
        row.addWidget(self._after, 1)
        self.card.body.addLayout(row)
        self.log = LogView()
        self.log.set_filling()
        column.addWidget(self.card)
        column.addWidget(self.log, 1)

    def follow(self, job: Job | None) -> None:
        """Show this job from now on; with None its log stays, and nothing else."""
        if self._job is not None:
            self._job.changed.disconnect(self._show_state)
            self._job.logged.disconnect(self.log.add)
        self._job = job
        self.card.setVisible(job is not None)
        self.log.setVisible(job is not None or bool(self.log.lines()))
        if job is not None:
            self.log.set_lines(job.log)
            self._bar.setVisible(bool(job.phases))
            self._bar.set_phases([(phase.name, phase.expected_s) for phase in job.phases])
            job.changed.connect(self._show_state)
            job.logged.connect(self.log.add)
            self._show_state()

    def _show_state(self) -> None:
        job = self._job
        if job is None:
            return
        texts = {JobState.WAITING: self.tr("Starts soon"), JobState.STOPPING: self.tr("Stopping…")}
        text = texts.get(job.state, job.left_spoken if job.phases else job.title)
        self._left.setText(text[:1].upper() + text[1:])
        self._bar.set_progress(job.phase_index, _within(job))
        self._now.setText(self._stage_text(job))
        self._after.setText(self._after_text(job))
        self.cancel_button.setEnabled(job.state is not JobState.STOPPING)

    def _stage_text(self, job: Job) -> str:
        stage = shown_phase(job.phase)
        if job.total == 100:
            return self.tr("{stage}: {percent} %").format(stage=stage, percent=job.done)
        if job.total and job.phase == "Compiling":
            return self.tr("{stage}: file {done} of {total}").format(stage=stage, done=job.done, total=job.total)
        if job.done and job.phase == "Compiling":
            return self.tr("{stage}: file {done}").format(stage=stage, done=job.done)
        if job.done and job.phase == "Listening to the device":
            return counted(job.done, self.tr("Heard once"), self.tr("Heard {count} times"))
        return stage

    def _after_text(self, job: Job) -> str:
        if job.phase == "Writing to the device":
            return self.tr("Let it finish: a device that is half written by cable has to be written again.")
        if job.phase == "Listening to the device":
            return ""
        return self.tr("Nothing is changed on the device yet. What is downloaded and built is kept.")

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()


def _within(job: Job) -> float:
    """How much of the present segment is done."""
    return min(job.done / job.total, 1.0) if job.total else 0.0
