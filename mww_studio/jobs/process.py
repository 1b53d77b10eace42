"""A worker seen from outside: start it, hear what it says, stop it within a second or two."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from pydantic import ValidationError

from mww_studio.jobs.events import EVENTS, Event, Failed, Logged, Succeeded, WasCancelled

_PATIENCE_S = 1.0
LOG = "log.txt"


class JobProcess:
    """One worker process for one job folder. Its last event is always Succeeded, Failed or WasCancelled.

    A context manager: leaving it ends the worker, whatever happened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cancelled = False
        with (folder / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mww_studio", "--worker", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUNBUFFERED": "1"},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        # Popen closes its pipes and waits; a word that a dead worker did not read any more is no error.
        with contextlib.suppress(BrokenPipeError):
            self._process.__exit__(kind, error, trace)

    def events(self) -> Iterator[Event]:
        """What the worker says, until its end; blocks in between."""
        last: Event | None = None
        assert self._process.stdout is not None  # noqa: S101 - Popen was asked for a pipe
        for line in self._process.stdout:
            try:
                last = EVENTS.validate_json(line)
            except ValidationError:
                last = Logged(text=line.decode(errors="replace").rstrip())
            yield last
        status = self._process.wait()
        if not isinstance(last, Succeeded | Failed | WasCancelled):
            yield self._unsaid_end(status)

    def cancel(self) -> None:
        """Ask the worker to stop, and stop it if it does not. Returns at once."""
        if self._cancelled:
            return
        self._cancelled = True
        try:
            assert self._process.stdin is not None  # noqa: S101 - Popen was asked for a pipe
            self._process.stdin.write(b"cancel\n")
            self._process.stdin.flush()
        except OSError:
            return
        timer = threading.Timer(_PATIENCE_S, self.kill)
        timer.daemon = True
        timer.start()

    def kill(self) -> None:
        """End the worker and every process it started."""
        if self._process.poll() is not None:
            return
        try:
            worker = psutil.Process(self._process.pid)
            family = [*worker.children(recursive=True), worker]
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue

    def _unsaid_end(self, status: int) -> Event:
        if self._cancelled:
            return WasCancelled()
        how = f"It was ended by signal {-status}." if status < 0 else f"It ended with status {status}."
        return Failed(
            code="job.died",
            what="The training process ended without a word.",
            why=how + (" Perhaps the computer ran out of memory." if status == -9 else ""),
            do=f"Resume it to go on from its last checkpoint; the log is {self._folder / LOG}.",
        )
