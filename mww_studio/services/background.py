"""Short work off the GUI thread: ask, go on painting, and hear the answer in a slot."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from mww_studio.errors import StudioError

T = TypeVar("T")
_THREADS = 2


def crashed(error: Exception) -> StudioError:
    """What a person is told about an error in the program; its trace goes to standard error."""
    traceback.print_exception(error)
    return StudioError(
        "job.crashed",
        "The work stopped because of an error in the program.",
        why=f"{type(error).__name__}: {error}.",
        do="Start it again; if it stops again, report it.",
    )


class Background(QObject):
    """A few threads for work of a second or less; what takes longer is a job."""

    _over = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._running: dict[str, _Task] = {}
        self._waiting: dict[str, _Task] = {}
        self._count = 0
        self._over.connect(self._finish)

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[StudioError], object] | None = None,
        key: str = "",
    ) -> None:
        """Do ``work`` in another thread and call ``done`` or ``failed``, bound methods of QObjects, in this one.

        Of the works with one ``key`` only the newest is answered; the others are never begun where they had to wait.
        """
        self._count += 1
        task = _Task(key or f"#{self._count}", work, done, failed, self._over)
        if task.key in self._running:
            self._waiting[task.key] = task
        else:
            self._begin(task)

    def drop(self, key: str) -> None:
        """Nobody waits for the answer of the works with this key any more."""
        self._waiting.pop(key, None)
        if task := self._running.get(key):
            task.wanted = False

    def shut_down(self) -> None:
        """Begin nothing more, answer nobody, and wait for what is running."""
        self._waiting.clear()
        for task in self._running.values():
            task.wanted = False
        self._pool.waitForDone()

    def _begin(self, task: "_Task") -> None:
        self._running[task.key] = task
        self._pool.start(task)

    def _finish(self, task: "_Task") -> None:
        del self._running[task.key]
        newer = self._waiting.pop(task.key, None)
        if newer:
            self._begin(newer)
        elif task.wanted:
            task.answer()


@dataclass(frozen=True)
class _Answer:
    value: object = None
    error: StudioError | None = None


class _Task(QRunnable):
    def __init__(
        self,
        key: str,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[StudioError], object] | None,
        over: object,
    ) -> None:
        super().__init__()
        self.setAutoDelete(False)  # Python keeps it until it was answered
        self.key = key
        self.wanted = True
        self._work, self._done, self._failed, self._signal = work, done, failed, over
        self._answer = _Answer()

    def run(self) -> None:
        """In a thread of the pool."""
        try:
            self._answer = _Answer(self._work())
        except StudioError as error:
            self._answer = _Answer(error=error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person must hear of it
            self._answer = _Answer(error=crashed(error))
        self._signal.emit(self)  # type: ignore[attr-defined]

    def answer(self) -> None:
        """Tell who asked, if it is still there."""
        if self._answer.error:
            if self._failed and _alive(self._failed):
                self._failed(self._answer.error)
        elif _alive(self._done):
            self._done(self._answer.value)  # type: ignore[arg-type]


def _alive(slot: Callable[..., object]) -> bool:
    """Whether the object whose method it is still lives on Qt's side."""
    owner = getattr(slot, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)
