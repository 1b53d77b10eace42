"""Many jobs at a time, each in a worker of its own: processes of this computer, or of a cluster."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from mww_studio.errors import Cancelled
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.spec import JobSpec
from mww_studio.progress import Control, Progress


class Pool(Protocol):
    """Does jobs. A context manager: leaving it stops what still runs."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""

    @property
    def slots(self) -> int:
        """How many jobs it can do at a time, at this moment."""

    def start(self, folder: Path, spec: JobSpec) -> Future[dict[str, str]]:
        """Do a job in its folder, where its files are when the future is done; it raises StudioError and Cancelled."""


class Held(Progress):
    """A hold on a job in another thread, by which it can be stopped at any time."""

    def __init__(self) -> None:
        self._changed = threading.Lock()
        self._control: Control | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Stop the job within two seconds, also one that has not begun."""
        with self._changed:
            self._cancelled = True
            if self._control:
                self._control.cancel()

    def check_cancelled(self) -> None:
        """Raise Cancelled when it was."""
        if self._cancelled:
            raise Cancelled

    @contextmanager
    def controlled(self, control: Control) -> Iterator[None]:
        """While it lasts, a cancel reaches the worker."""
        with self._changed:
            self._control = control
            if self._cancelled:
                control.cancel()
        try:
            yield
        finally:
            with self._changed:
                self._control = None


class LocalPool:
    """Processes of this computer, ``workers`` at a time."""

    def __init__(self, workers: int) -> None:
        self._threads = ThreadPoolExecutor(workers, "job")
        self._held: list[Held] = []
        self.slots = workers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for held in self._held:
            held.cancel()
        self._threads.shutdown()

    def start(self, folder: Path, spec: JobSpec) -> Future[dict[str, str]]:
        """Do a job in its folder, beside at most ``workers`` - 1 others."""
        held = Held()
        self._held.append(held)
        return self._threads.submit(_do, folder, spec, held)


def _do(folder: Path, spec: JobSpec, held: Held) -> dict[str, str]:
    held.check_cancelled()
    return run_job(folder, spec, held)
