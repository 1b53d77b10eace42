"""A worker seen from outside: start it, hear what it says, stop it within a second or two."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from pydantic import ValidationError

from mww_studio.durable import write_durably
from mww_studio.jobs.events import EVENTS, Event, Failed, Logged, Succeeded, WasCancelled
from mww_studio.processes import family_of, kill, tell

# A worker that computes hears of a cancel in milliseconds; one that loads TensorFlow or starts processes does not.
_PATIENCE_S = 0.5
_MEMORY_INTERVAL_S = 2.0
_KILLED = -9
_PROCESS = "process.txt"
LOG = "log.txt"
# TensorFlow keeps oneDNN for the newest processors unless told otherwise; older ones train a third faster with it, too.
_ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "1", "PYTHONUNBUFFERED": "1"}


class JobProcess:
    """One worker process for one job folder. Its last event is always Succeeded, Failed or WasCancelled.

    A context manager: leaving it ends the worker, whatever happened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cancelled = False
        self._paused = False
        self._steering = threading.RLock()
        self._most_memory = 0
        self._memory_looked_at = 0.0
        _end_left_over(folder)
        with (folder / LOG).open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mww_studio", "--worker", str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**os.environ, **_ENVIRONMENT},
            )
        with contextlib.suppress(psutil.NoSuchProcess):
            started = psutil.Process(self._process.pid).create_time()
            write_durably(folder / _PROCESS, f"{self._process.pid} {started}".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        # Popen closes its pipes and waits; a word that a dead worker did not read any more is no error.
        with contextlib.suppress(BrokenPipeError):
            self._process.__exit__(kind, error, trace)
        (self._folder / _PROCESS).unlink(missing_ok=True)

    def events(self) -> Iterator[Event]:
        """What the worker says, until its end; blocks in between."""
        last: Event | None = None
        assert self._process.stdout is not None  # noqa: S101 - Popen was asked for a pipe
        for line in self._process.stdout:
            try:
                last = EVENTS.validate_json(line)
            except ValidationError:
                last = Logged(text=line.decode(errors="replace").rstrip())
            self._look_at_memory()
            yield last
        status = self._process.wait()
        if not isinstance(last, Succeeded | Failed | WasCancelled):
            yield self._unsaid_end(status)

    def cancel(self) -> None:
        """Ask the worker to stop, and stop it if it does not; a paused one, too. Returns at once."""
        with self._steering:
            if self._cancelled:
                return
            self._cancelled = True
            self._wake()
        try:
            assert self._process.stdin is not None  # noqa: S101 - Popen was asked for a pipe
            self._process.stdin.write(b"cancel\n")
            self._process.stdin.flush()
        except OSError:
            return
        timer = threading.Timer(_PATIENCE_S, self.kill)
        timer.daemon = True
        timer.start()

    def pause(self) -> None:
        """Let the worker and every process it started rest where they are. They keep their memory."""
        with self._steering:
            if not self._paused and not self._cancelled:
                self._paused = True
                # The worker first: at rest it starts no more of them.
                for process in self._family()[:1]:
                    tell(process.suspend)
                for process in self._family()[1:]:
                    tell(process.suspend)

    def go_on(self) -> None:
        """Let a paused worker go on."""
        with self._steering:
            self._wake()

    def kill(self) -> None:
        """End the worker and every process it started."""
        kill(self._family())

    def _wake(self) -> None:
        if self._paused:
            self._paused = False
            for process in reversed(self._family()):
                tell(process.resume)

    def _family(self) -> list[psutil.Process]:
        """The worker, as long as it lives, and every process it started."""
        return [] if self._process.poll() is not None else family_of(self._process.pid)

    def _look_at_memory(self) -> None:
        """Remember the most that the family used, for the day when the system ends it."""
        now = time.monotonic()
        if now - self._memory_looked_at >= _MEMORY_INTERVAL_S:
            self._memory_looked_at = now
            self._most_memory = max(self._most_memory, sum(_memory_of(process) for process in self._family()))

    def _unsaid_end(self, status: int) -> Event:
        if self._cancelled:
            return WasCancelled()
        do = f"Resume it to go on from its last checkpoint; the log is {self._folder / LOG}."
        if status == _KILLED:
            used = f" ({self._most_memory / 1e9:.1f} GB used)" if self._most_memory else ""
            return Failed(
                code="train.killed",
                what="Training stopped by itself.",
                why=f"The system ended it, most likely for lack of memory{used}.",
                do=f"Close other programs. {do}",
            )
        how = f"It was ended by signal {-status}." if status < 0 else f"It ended with status {status}."
        return Failed(code="job.died", what="The training process ended without a word.", why=how, do=do)


def _end_left_over(folder: Path) -> None:
    """End the worker of a program that was killed while its worker was paused and could not notice."""
    try:
        pid, started = (folder / _PROCESS).read_text(encoding="ascii").split()
        alive = psutil.Process(int(pid)).create_time() == float(started)
    except (OSError, ValueError, psutil.NoSuchProcess):
        return
    if alive:
        kill(family_of(int(pid)))


def _memory_of(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
