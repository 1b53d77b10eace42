"""Long work in a thread of its own: it owns the child process, if there is one, and can rest and stop."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, QThread, Signal

from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.events import Stepped
from mww_studio.progress import Control, Progress
from mww_studio.services.background import crashed

_STEP_INTERVAL_S = 0.1


class JobState(StrEnum):
    """Where a job stands. The last three are terminal, and each job reaches exactly one of them."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_end(self) -> bool:
        """Whether nothing comes after it."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Outcome:
    """How a job ended: its result when DONE, its error when FAILED."""

    state: JobState
    result: object = None
    error: StudioError | None = None


class JobProgress(Progress):
    """What the work of a job may say and ask beyond any progress. Used from the job's thread."""

    def about(self, subject: str) -> None:
        """What the job is about, once that is known: the id of its run."""

    def wanted_later(self) -> bool:
        """Whether a cancel came from closing the program, so that the work should be offered again."""
        return False


Work = Callable[[JobProgress], object]


class JobThread(QThread):
    """Runs one work to its one :class:`Outcome`, which is there when the thread has finished."""

    phase_began = Signal(str, object)  # a total of bytes does not fit into C++'s int
    stepped = Signal(object)
    logged = Signal(str)
    subject_known = Signal(str)
    rested = Signal()

    def __init__(self, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._work = work
        self._progress = _ThreadProgress(self)
        self.outcome = Outcome(JobState.CANCELLED)

    def run(self) -> None:
        """In the thread."""
        self.outcome = self._do()
        self._progress.flush()

    def pause(self) -> None:
        """Let the work rest at its next check, and its child process now; ``rested`` says when it does."""
        self._progress.pause()

    def go_on(self) -> None:
        """End the rest."""
        self._progress.go_on()

    def cancel(self, *, later: bool = False) -> None:
        """Let the work stop at its next check, its child process within a second. Returns at once."""
        self._progress.cancel(later=later)

    def _do(self) -> Outcome:
        try:
            return Outcome(JobState.DONE, self._work(self._progress))
        except Cancelled:
            return Outcome(JobState.CANCELLED)
        except StudioError as error:
            return Outcome(JobState.FAILED, error=error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person must hear of it
            return Outcome(JobState.FAILED, error=crashed(error))


class _ThreadProgress(JobProgress):
    """Turns what the work says into signals, and what the window wants into stops and rests."""

    def __init__(self, thread: JobThread) -> None:
        self._thread = thread
        self._changed = threading.Condition()
        self._control: Control | None = None
        self._paused = self._cancelled = self._later = False
        self._pending: Stepped | None = None
        self._last_step_s = 0.0

    def phase(self, name: str, total: int = 0) -> None:
        self.flush()
        self._last_step_s = 0.0
        self._thread.phase_began.emit(name, total)

    def step(self, done: int, **figures: float | str) -> None:
        self._pending = Stepped(done=done, figures=figures)
        # What a child process says is thinned out already, and carries figures of which none must be lost.
        now_s = time.monotonic()
        if self._control or now_s - self._last_step_s >= _STEP_INTERVAL_S:
            self._last_step_s = now_s
            self.flush()

    def log(self, text: str) -> None:
        self._thread.logged.emit(text)

    def about(self, subject: str) -> None:
        self._thread.subject_known.emit(subject)

    def wanted_later(self) -> bool:
        return self._later

    def check_cancelled(self) -> None:
        with self._changed:
            if self._paused and not self._cancelled:
                self._thread.rested.emit()
                self._changed.wait_for(lambda: self._cancelled or not self._paused)
            if self._cancelled:
                raise Cancelled

    @contextmanager
    def controlled(self, control: Control) -> Iterator[None]:
        """While it lasts, pause, go on and cancel reach the child process."""
        with self._changed:
            self._control = control
            if self._cancelled:
                control.cancel()
            elif self._paused:
                control.pause()
                self._thread.rested.emit()
        try:
            yield
        finally:
            with self._changed:
                self._control = None

    def flush(self) -> None:
        """Say the last step that was held back."""
        if self._pending is not None:
            self._thread.stepped.emit(self._pending)
            self._pending = None

    def pause(self) -> None:
        """Called from the window's thread, like the next two."""
        with self._changed:
            self._paused = True
            control = self._control
            if control:
                control.pause()
        if control:
            self._thread.rested.emit()

    def go_on(self) -> None:
        with self._changed:
            self._paused = False
            if self._control:
                self._control.go_on()
            self._changed.notify_all()

    def cancel(self, *, later: bool) -> None:
        with self._changed:
            self._cancelled, self._later = True, later
            if self._control:
                self._control.cancel()
            self._changed.notify_all()
