"""How much computer voices shall say, how long that takes, and how far they are."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.ui import job_words
from mww_studio.ui.kit.bars import PhaseBar
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Spin, field
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.text import Label
from mww_studio.ui.pages import voices_words as words
from mww_studio.ui.theme import Theme

_MOST = 100_000


class MakingCard(Card):
    """Three numbers and a button; while the voices speak, a bar. ``counts_changed`` carries nothing."""

    counts_changed = Signal()
    make_asked = Signal()
    go_on_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self.set_title(self.tr("How much shall they say?"))
        self._choice = QWidget()
        counts = FlowLayout(self._choice, gap=4)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._choice.setSizePolicy(policy)
        self.takes, self.near, self.sentences = (Spin(0, _MOST, 0) for _ in range(3))
        for text, spin in (
            (self.tr("Times the &wake word"), self.takes),
            (self.tr("Times what sounds &like it"), self.near),
            (self.tr("&Sentences"), self.sentences),
        ):
            spin.setSingleStep(20)
            spin.valueChanged.connect(self._on_counts)
            holder = QWidget()
            column = field(text, spin)
            column.setContentsMargins(0, 0, 0, 0)
            holder.setLayout(column)
            counts.addWidget(holder)
        self.body.addWidget(self._choice)
        self._time = Label(colour="text2", wrap=True)
        self.body.addWidget(self._time)
        self.bar = PhaseBar()
        self._said = Label(wrap=True)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._said)
        buttons = QHBoxLayout()
        buttons.setSpacing(u(2))
        self.make = Button(self.tr("Make them"), "primary", "message-circle", big=True)
        self.make.clicked.connect(self.make_asked)
        self.go_on = Button(self.tr("Go on where they were stopped"), icon="play")
        self.go_on.clicked.connect(self.go_on_asked)
        self.cancel = Button(self.tr("Cancel"), icon="x", name=self.tr("Let the voices stop"))
        self.cancel.clicked.connect(self.cancel_asked)
        for button in (self.make, self.go_on, self.cancel):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addLayout(buttons)
        self.body.addWidget(self.make.reason_label())
        self._job: Job | None = None
        self.follow(None, unfinished=False)

    def set_counts(self, takes: int, near: int, sentences: int) -> None:
        """Show these numbers; nobody is told."""
        for spin, count in ((self.takes, takes), (self.near, near), (self.sentences, sentences)):
            blocked = spin.blockSignals(True)
            spin.setValue(count)
            spin.blockSignals(blocked)

    def set_expected(self, seconds: float | None, why_not: str) -> None:
        """Say how long it takes (None: not known yet), or why it cannot begin."""
        nothing = not (self.takes.value() or self.near.value() or self.sentences.value())
        self.make.set_reason(why_not or (self.tr("Choose a number above 0.") if nothing else ""))
        if seconds and not nothing and not why_not:
            said = self.tr("It takes {time} on this computer. You can stop it, and go on later.")
            self._time.setText(said.format(time=words.duration(seconds)))
        else:
            self._time.setText(self.tr("You can stop it, and go on later."))

    def follow(self, job: Job | None, *, unfinished: bool) -> None:
        """Show how far the voices are; None: they are silent. ``unfinished``: they can go on."""
        running = job is not None
        for widget in (self.bar, self._said, self.cancel):
            widget.setVisible(running)
        self._choice.setEnabled(not running)
        self._time.setVisible(not running)
        self.make.setVisible(not running)
        self.make.reason_label().setVisible(not running and bool(self.make.reason_label().text()))
        self.go_on.setVisible(unfinished and not running)
        if job is not None:
            if job is not self._job:
                self.bar.set_phases([(phase.name, phase.expected_s) for phase in job.phases])
            whole = job.fraction or 0.0
            self.bar.setVisible(bool(job.phases))
            if job.phases:
                share = job.done / job.total if job.total else whole
                self.bar.set_progress(job.phase_index, share)
            self._said.setText(self._progress(job))
            self.cancel.setEnabled(job.state is not JobState.STOPPING)
        self._job = job

    def _progress(self, job: Job) -> str:
        state = job_words.state_text(job)
        if job.state is not JobState.RUNNING or not job.total:
            return state
        count = self.tr("{done} of {total} are there").format(done=f"{job.done:n}", total=f"{job.total:n}")
        return f"{count} · {state}" if state else count

    def _on_counts(self) -> None:
        self.counts_changed.emit()
