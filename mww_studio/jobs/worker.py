"""The child process that does long work. Speaks JSON lines on what was its standard output, listens on standard input.

Standard output itself is pointed at standard error first, because libraries print.
"""

import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import BinaryIO

from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.events import EVENTS, Event, Failed, Logged, PhaseStarted, Stepped, Succeeded, WasCancelled
from mww_studio.processes import family_of, kill
from mww_studio.progress import Progress

_STEP_INTERVAL_S = 0.1


def run_worker(folder: str) -> int:
    """Do the job whose spec is in ``folder``. Returns the exit status."""
    job = Path(folder).resolve()
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    progress = _Reporter(channel, job / "events.jsonl")
    threading.Thread(target=_obey, args=(progress,), daemon=True).start()
    end: Event
    try:
        from mww_studio.jobs.registry import do_job

        end = Succeeded(result=do_job(job, progress))
    except Cancelled:
        end = WasCancelled()
    except StudioError as error:
        end = Failed(code=error.code, what=error.what, why=error.why, do=error.do)
    except Exception as error:  # noqa: BLE001 - the last resort: whatever it is, the person must hear of it
        traceback.print_exc()
        end = Failed(
            code="job.crashed",
            what="The work stopped because of an error in the program.",
            why=f"{type(error).__name__}: {error}.",
            do=f"Please report it with the log in {job}.",
        )
    progress.say(end)
    sys.stderr.flush()
    return 0 if isinstance(end, Succeeded) else 1


class _Reporter(Progress):
    """Sends progress to the parent and keeps it in the run's folder."""

    def __init__(self, channel: BinaryIO, kept: Path) -> None:
        self._channel = channel
        self._kept = kept.open("ab")
        self._lock = threading.Lock()
        self._last_step = 0.0
        self.cancelled = threading.Event()

    def say(self, event: Event) -> None:
        """Send one event."""
        line = EVENTS.dump_json(event) + b"\n"
        with self._lock:
            self._kept.write(line)
            self._kept.flush()
            self._channel.write(line)
            self._channel.flush()

    def phase(self, name: str, total: int = 0) -> None:
        self._last_step = 0.0
        self.say(PhaseStarted(name=name, total=total))

    def step(self, done: int, **figures: float | str) -> None:
        # Steps come by the thousand; what carries more than the usual figure must not be lost.
        now = time.monotonic()
        if now - self._last_step >= _STEP_INTERVAL_S or len(figures) > 1:
            self._last_step = now
            self.say(Stepped(done=done, figures=figures))

    def log(self, text: str) -> None:
        self.say(Logged(text=text))

    def check_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise Cancelled


def _obey(progress: _Reporter) -> None:
    """Read what the parent says; when it is gone, go too, with every process of ours."""
    # os.read, because a thread that iterates over sys.stdin can abort the interpreter as it ends.
    while data := os.read(0, 4096):
        if b"cancel" in data:
            progress.cancelled.set()
    kill(family_of(os.getpid())[1:])
    os._exit(1)
