"""A training while it runs, or as it ended: time left, phases, what it can do now, curves and log."""

import os
import time
from collections import deque

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.jobs.events import Stepped
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.plans import shown_phase
from mww_studio.services.run_history import LEARNING
from mww_studio.ui.kit.bars import PhaseBar
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.columns import Columns
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.train_curves import HeardCurve, LossCurve, MistakesCurve
from mww_studio.ui.pages.train_log import LogView
from mww_studio.ui.pages.train_numbers import present_sentence
from mww_studio.ui.theme import Theme

_SPEED_STEPS = 20
_STACKED_BELOW_U = 130


class RunView(QWidget):
    """One training. ``log_wanted`` and ``loss_wanted`` open their parts; a job is given by :meth:`follow`."""

    stepped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._job: Job | None = None
        self._pace: deque[tuple[int, float]] = deque(maxlen=_SPEED_STEPS)
        self._graphics_card = False
        self._waits_for = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        column.addWidget(self._make_progress())
        plots = Columns(from_u=_STACKED_BELOW_U)
        self.heard = HeardCurve()
        self.mistakes = MistakesCurve()
        plots.add(self.heard)
        plots.add(self.mistakes)
        column.addWidget(plots, 1)
        column.addLayout(self._make_foot())
        self.loss = LossCurve()
        self.loss.hide()
        column.addWidget(self.loss)
        self.log = LogView()
        self.log.hide()
        column.addWidget(self.log)

    def follow(self, job: Job, *, waits_for: str = "") -> None:
        """Show this job from now on; ``waits_for`` is the title of the one before it."""
        if self._job is not None and self._job is not job:
            self._job.changed.disconnect(self._show_state)
            self._job.figured.disconnect(self._on_figures)
            self._job.logged.disconnect(self.log.add)
        self._waits_for = waits_for
        if self._job is not job:
            self._job = job
            self._pace.clear()
            job.changed.connect(self._show_state)
            job.figured.connect(self._on_figures)
            job.logged.connect(self.log.add)
            self.log.set_lines(job.log)
            self._show_curves()
        self._show_state()

    def set_target(self, per_hour: float) -> None:
        """Draw the goal of wakes by mistake at ``per_hour``."""
        self.mistakes.set_goal(per_hour)

    def set_graphics_card(self, used: bool) -> None:
        """Whether the graphics card does the work."""
        self._graphics_card = used
        self._show_state()

    def open_log(self) -> None:
        """Open the log."""
        self._log_button.setChecked(True)

    def show_log(self) -> None:
        """Open the log, or close it."""
        self._log_button.toggle()

    def _make_progress(self) -> Card:
        card = Card()
        head = QHBoxLayout()
        self._left = Label(role="verdict", wrap=True)
        self._speed = Caption()
        self._speed.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._left, 1)
        head.addWidget(self._speed)
        self._bar = PhaseBar()
        self._sentence = Label(wrap=True)
        card.body.addLayout(head)
        card.body.addWidget(self._bar)
        card.body.addWidget(self._sentence)
        return card

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        self._log_button = Button(self.tr("Log"), "quiet", "scroll-text")
        self._log_button.setCheckable(True)
        self._log_button.setToolTip(self.tr("Show the log (Ctrl+L)"))
        self._log_button.toggled.connect(self._toggle_log)
        self._loss_button = Button(self.tr("Training loss"), "quiet", "chart-line")
        self._loss_button.setCheckable(True)
        self._loss_button.toggled.connect(self._toggle_loss)
        caption = Caption(
            self.tr("Its state is saved again and again; little is lost if the power goes. Results uses other takes."),
            wrap=True,
        )
        caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        foot.addWidget(self._log_button)
        foot.addWidget(self._loss_button)
        foot.addWidget(caption, 1)
        return foot

    def _toggle_log(self, shown: bool) -> None:
        self.log.setVisible(shown)

    def _toggle_loss(self, shown: bool) -> None:
        self.loss.setVisible(shown)

    def _on_figures(self, step: Stepped) -> None:
        if self._job is not None and self._job.phase == LEARNING:
            self._pace.append((step.done, time.monotonic()))
        if len(step.figures) > 1:
            self._show_curves()
        elif self.loss.isVisible():
            self.loss.show_figures(self._job.figures if self._job else [], 0)

    def _show_curves(self) -> None:
        job = self._job
        if job is None:
            return
        total = job.total if job.phase == LEARNING else 0
        for curve in (self.heard, self.mistakes, self.loss):
            curve.show_figures(job.figures, total)
        self._sentence.setText(present_sentence(job.figures, over=not job.is_busy))

    def _show_state(self) -> None:
        job = self._job
        if job is None:
            return
        if job.state is not JobState.RUNNING:
            self._pace.clear()
        self._left.setText(self._headline(job))
        self._speed.setText(self._speed_text(job))
        self._bar.set_phases([(phase.name, phase.expected_s) for phase in job.phases])
        self._bar.set_progress(*_place(job))
        self._sentence.setText(present_sentence(job.figures, over=not job.is_busy))

    def _headline(self, job: Job) -> str:
        if job.state is JobState.WAITING:
            if self._waits_for:
                return self.tr("Starts after “{job}”").format(job=self._waits_for)
            return self.tr("Starts soon")
        fixed = {
            JobState.PAUSING: self.tr("Pausing…"),
            JobState.PAUSED: self.tr("Paused"),
            JobState.STOPPING: self.tr("Stopping…"),
            JobState.DONE: self.tr("Finished"),
            JobState.FAILED: self.tr("Stopped by itself"),
            JobState.CANCELLED: self.tr("Stopped"),
        }
        if job.state in fixed:
            return fixed[job.state]
        text = job.left_spoken
        return text[:1].upper() + text[1:]

    def _speed_text(self, job: Job) -> str:
        if job.state in {JobState.WAITING, JobState.DONE}:
            return ""
        if job.phase != LEARNING or not job.total:
            return shown_phase(job.phase) if job.is_busy else ""
        locale = QLocale()
        parts = [
            self.tr("Step {step} of {steps}").format(step=locale.toString(job.done), steps=locale.toString(job.total))
        ]
        if (pace_ms := self._step_ms()) is not None:
            parts.append(self.tr("{ms} ms a step").format(ms=locale.toString(round(pace_ms))))
        cores = os.cpu_count() or 1
        processor = self.tr("processor, {cores} cores").format(cores=cores)
        parts.append(self.tr("graphics card") if self._graphics_card else processor)
        return " · ".join(parts)

    def _step_ms(self) -> float | None:
        if len(self._pace) < 2:
            return None
        (first, since_s), (last, until_s) = self._pace[0], self._pace[-1]
        return 1000 * (until_s - since_s) / (last - first) if last > first else None


def _place(job: Job) -> tuple[int, float]:
    """The segment in which a job is, and how far through it."""
    expected_s = [phase.expected_s for phase in job.phases]
    if job.state is JobState.DONE or not expected_s:
        return len(expected_s), 1.0
    at = job.phase_index
    done_s = (job.fraction or 0.0) * sum(expected_s) - sum(expected_s[:at])
    return at, done_s / max(expected_s[at], 1e-9)
