"""Jobs as the window sees them: what runs, how far it is, and the one way in which each ended."""

import time
from collections import deque
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from mww_studio.errors import StudioError
from mww_studio.jobs.events import Stepped
from mww_studio.services.job_thread import JobState, JobThread, Outcome, Work
from mww_studio.services.run_history import TOTAL, Figure, numbers
from mww_studio.services.timetable import (
    PhasePlan,
    PlannedPhase,
    SteadyTimeLeft,
    Timetable,
    spoken_time_left,
    time_left_text,
)

LOG_LINES = 2000
_REFRESH_MS = 500


class Job(QObject):
    """One piece of long work. ``changed`` comes at every change of state or phase and twice a second while it runs."""

    changed = Signal()
    logged = Signal(str)
    figured = Signal(object)
    subject_known = Signal(str)
    ended = Signal(object)
    settled = Signal(object)

    def __init__(
        self,
        kind: str,
        title: str,
        work: Work,
        *,
        plan: Sequence[PlannedPhase] = (),
        lane: str = "",
        subject: str = "",
        figures: Iterable[Figure] = (),
        foreground: bool = True,
        can_rest: bool = True,
        parent: QObject | None = None,
    ) -> None:
        """``lane``: of the jobs in one lane only one runs at a time. ``foreground``: the strip shows it.

        ``can_rest``: it may be paused.
        """
        super().__init__(parent)
        self.kind, self.title, self.lane, self.subject = kind, title, lane, subject
        self.foreground, self.can_rest = foreground, can_rest
        self.state = JobState.WAITING
        self.phase = ""
        self.done = self.total = 0
        self.figures = list(figures)
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.outcome: Outcome | None = None
        self._paused_s = 0.0
        self._paused_at_s: float | None = None
        self._timetable = Timetable(plan, self._now_s())
        self._left = SteadyTimeLeft(self._now_s())
        self.left_minutes: int | None = None
        self._thread = JobThread(work, self)
        self._thread.phase_began.connect(self._on_phase)
        self._thread.stepped.connect(self._on_step)
        self._thread.logged.connect(self._on_log)
        self._thread.subject_known.connect(self._on_subject)
        self._thread.rested.connect(self._on_rest)
        self._thread.finished.connect(self._on_finished)
        self._plan = plan
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._refresh)

    @property
    def is_busy(self) -> bool:
        """Whether its end is still to come."""
        return not self.state.is_end

    @property
    def error(self) -> StudioError | None:
        """Why it failed."""
        return self.outcome.error if self.outcome else None

    @property
    def result(self) -> object:
        """What its work returned."""
        return self.outcome.result if self.outcome else None

    @property
    def phases(self) -> list[PhasePlan]:
        """The segments of its progress bar, in their order; empty where nothing was planned."""
        return self._timetable.segments

    @property
    def phase_index(self) -> int:
        """The segment in which it is."""
        return self._timetable.segment

    @property
    def fraction(self) -> float | None:
        """How much is done, 0 to 1, never less than before; None where nobody knows."""
        if self.state is JobState.DONE:
            return 1.0
        if self.state is JobState.WAITING:
            return 0.0
        return self._timetable.fraction(self._now_s())

    @property
    def left_s(self) -> float | None:
        """The time left, rounded as it is shown; None: still being worked out, or over."""
        return None if self.left_minutes is None else self.left_minutes * 60.0

    @property
    def left_text(self) -> str:
        """Such as “about 6 min left”; empty unless it runs."""
        return time_left_text(self.left_minutes) if self.state is JobState.RUNNING else ""

    @property
    def left_spoken(self) -> str:
        """Such as “about 6 minutes left”; empty unless it runs."""
        return spoken_time_left(self.left_minutes) if self.state is JobState.RUNNING else ""

    def start(self) -> None:
        """Begin; the list of jobs does this when it is the job's turn."""
        if self.state is not JobState.WAITING:
            return
        self._timetable = Timetable(self._plan, self._now_s())
        self._left = SteadyTimeLeft(self._now_s())
        self._set_state(JobState.RUNNING)
        self._timer.start()
        self._thread.start()

    def pause(self) -> None:
        """Let it rest; it keeps what it has."""
        if self.state is JobState.RUNNING and self.can_rest:
            self._set_state(JobState.PAUSING)
            self._thread.pause()

    def go_on(self) -> None:
        """End the rest."""
        if self.state in (JobState.PAUSING, JobState.PAUSED):
            if self._paused_at_s is not None:
                self._paused_s += time.monotonic() - self._paused_at_s
                self._paused_at_s = None
            self._thread.go_on()
            self._set_state(JobState.RUNNING)

    def cancel(self, *, later: bool = False) -> None:
        """Stop it within two seconds. ``later``: because the program closes; it will be offered again."""
        if self.state is JobState.WAITING:
            self._end(Outcome(JobState.CANCELLED))
        elif self.is_busy and self.state is not JobState.STOPPING:
            self._set_state(JobState.STOPPING)
            self._thread.cancel(later=later)

    def wait(self) -> None:
        """Block until it has ended; it must have begun. What it said last may come later."""
        self._on_finished()

    def _now_s(self) -> float:
        """A clock that stands still while the job is paused."""
        return (time.monotonic() if self._paused_at_s is None else self._paused_at_s) - self._paused_s

    def _set_state(self, state: JobState) -> None:
        self.state = state
        self.changed.emit()

    def _on_phase(self, name: str, total: int) -> None:
        self.phase, self.done, self.total = name, 0, total
        self._timetable.enter(name, total, self._now_s())
        self.changed.emit()

    def _on_step(self, step: Stepped) -> None:
        total = step.figures.get(TOTAL)
        if isinstance(total, int | float):
            self.total = int(total)
        self.done = step.done
        self._timetable.step(step.done, self._now_s(), self.total)
        self.figures += numbers(step)
        self.figured.emit(step)

    def _on_log(self, text: str) -> None:
        self.log.append(text)
        self.logged.emit(text)

    def _on_subject(self, subject: str) -> None:
        self.subject = subject
        self.subject_known.emit(subject)
        self.changed.emit()

    def _on_rest(self) -> None:
        if self.state is JobState.PAUSING:
            self._paused_at_s = time.monotonic()
            self._set_state(JobState.PAUSED)

    def _refresh(self) -> None:
        if self.state is JobState.RUNNING:
            now_s = self._now_s()
            self.left_minutes = self._left.show(self._timetable.left_s(now_s), now_s)
            self.changed.emit()

    def _on_finished(self) -> None:
        self._thread.wait()
        if self.is_busy:
            self._end(self._thread.outcome)

    def _end(self, outcome: Outcome) -> None:
        self._timer.stop()
        self.outcome = outcome
        self.left_minutes = None
        self._set_state(outcome.state)
        self.ended.emit(outcome)
        self.settled.emit(self)


class JobList(QObject):
    """All jobs of this sitting, the oldest first. Jobs of one lane run one after the other."""

    changed = Signal()
    ended = Signal(object)
    idle = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[Job] = []
        self._closing = False

    def add(self, job: Job) -> Job:
        """Take a job over, and begin it when its lane is free. Raises StudioError ``job.closing``."""
        if self._closing:
            raise StudioError(
                "job.closing", "The program is being closed.", do="Start it again when the program is open."
            )
        job.setParent(self)
        self.jobs.append(job)
        job.changed.connect(self.changed)
        job.settled.connect(self._on_settled)
        self._start_next()
        self.changed.emit()
        return job

    def busy(self) -> list[Job]:
        """The jobs whose end is still to come, the oldest first."""
        return [job for job in self.jobs if job.is_busy]

    @property
    def history(self) -> list[Job]:
        """The jobs that ended, the newest first."""
        return [job for job in reversed(self.jobs) if not job.is_busy]

    @property
    def shown(self) -> Job | None:
        """The newest job in the foreground that has begun and not ended, else one that waits."""
        busy = [job for job in self.busy() if job.foreground]
        begun = [job for job in busy if job.state is not JobState.WAITING]
        return begun[-1] if begun else busy[0] if busy else None

    def shut_down(self, stop: bool) -> bool:
        """Take no more jobs, and stop those that are there or let them come to their end; ``idle`` says when all did.

        Returns whether nothing was running.
        """
        self._closing = True
        if stop:
            # Those that wait first, or they would begin when the one before them stops.
            for job in sorted(self.busy(), key=lambda job: job.state is not JobState.WAITING):
                job.cancel(later=True)
        return not self.busy()

    def stay(self) -> None:
        """Take jobs again: the person decided not to close."""
        self._closing = False

    def stop_all(self) -> None:
        """Stop every job and block until each has ended: the last thing before the program ends."""
        self.shut_down(stop=True)
        for job in self.busy():
            job.wait()

    def _on_settled(self, job: Job) -> None:
        self._start_next()
        self.ended.emit(job)
        if not self.busy():
            self.idle.emit()

    def _start_next(self) -> None:
        taken = {job.lane for job in self.busy() if job.state is not JobState.WAITING and job.lane}
        for job in self.busy():
            if job.state is JobState.WAITING and job.lane not in taken:
                job.start()
                taken.update({job.lane} - {""})
