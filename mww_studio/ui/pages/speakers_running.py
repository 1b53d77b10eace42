"""Voices while they are told apart: time left, how many takes were heard, and a way to stop."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme


class VoicesRunning(Card):
    """One job, given by :meth:`follow`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self._job: Job | None = None
        self._left = Label(role="verdict", wrap=True)
        self._progress = Progress(self.tr("How many takes were heard"))
        self._heard = Label(wrap=True)
        for widget in (self._left, self._progress, self._heard):
            self.body.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(u(3))
        self.cancel_button = Button(self.tr("Stop listening"), icon="square")
        self.cancel_button.clicked.connect(self._cancel)
        row.addWidget(self.cancel_button)
        row.addWidget(Caption(self.tr("What was heard stays known: it can go on any time."), wrap=True), 1)
        self.body.addSpacing(u(1))
        self.body.addLayout(row)

    def follow(self, job: Job | None) -> None:
        """Show this job from now on, or none."""
        if self._job is not None:
            self._job.changed.disconnect(self._show)
        self._job = job
        if job is not None:
            job.changed.connect(self._show)
            self._show()

    def _show(self) -> None:
        job = self._job
        if job is None:
            return
        texts = {JobState.WAITING: self.tr("Starts soon"), JobState.STOPPING: self.tr("Stopping…")}
        text = texts.get(job.state, job.left_spoken)
        self._left.setText(text[:1].upper() + text[1:])
        self._progress.set_fraction(job.fraction)
        self.cancel_button.setEnabled(job.state is not JobState.STOPPING)
        said = self.tr("Getting ready")
        if job.phase == "voices" and job.total:
            numbers = QLocale()
            said = self.tr("Heard {done} of {total} takes").format(
                done=numbers.toString(job.done), total=numbers.toString(job.total)
            )
        elif job.phase == "groups":
            said = self.tr("Comparing the voices")
        self._heard.setText(said)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
