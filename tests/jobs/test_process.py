import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mww_studio.jobs.events import Event, Failed, Logged, Succeeded, WasCancelled
from mww_studio.jobs.process import LOG, JobProcess

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stands in for the worker with a script")

PYTHON = sys.executable
Worker = Callable[[str], JobProcess]


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Starts a process that runs the given Python text in place of a worker."""

    def make(text: str) -> JobProcess:
        program = tmp_path / "program"
        program.write_text(f"#!{PYTHON}\nimport os, signal, subprocess, sys, time\n{text}", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr("mww_studio.jobs.process.sys.executable", str(program))
        folder = tmp_path / "run"
        folder.mkdir(exist_ok=True)
        return JobProcess(folder)

    return make


def last(process: JobProcess) -> Event:
    return list(process.events())[-1]


def test_events_come_as_they_are_said(worker: Worker) -> None:
    with worker(
        """print('{"event": "log", "text": "a"}\\nnot json\\n{"event": "succeeded", "result": {"a": "b"}}')"""
    ) as job:
        assert list(job.events()) == [Logged(text="a"), Logged(text="not json"), Succeeded(result={"a": "b"})]


def test_what_a_worker_prints_is_kept(worker: Worker, tmp_path: Path) -> None:
    for text in ("first", "second"):
        with worker(f"sys.stderr.write('{text} warning')") as job:
            last(job)
    assert (tmp_path / "run" / LOG).read_text() == "first warningsecond warning"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sys.exit(0)", "It ended with status 0."),
        ("sys.exit(3)", "It ended with status 3."),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "It was ended by signal 11."),
        ("""print('{"event": "phase", "name": "a", "total": 0}', flush=True); os.abort()""", "signal 6"),
        ('sys.stdout.write(\'{"event": "succ\')', "status 0"),
    ],
)
def test_a_worker_that_dies_without_a_word_is_reported(worker: Worker, tmp_path: Path, text: str, why: str) -> None:
    with worker(text) as job:
        end = last(job)
    assert isinstance(end, Failed)
    assert end.code == "job.died"
    assert why in end.why
    assert str(tmp_path / "run" / LOG) in end.do


def test_a_worker_that_the_system_kills_is_reported_with_its_memory(worker: Worker) -> None:
    text = """print('{"event": "log", "text": "a"}', flush=True); time.sleep(1); os.kill(os.getpid(), signal.SIGKILL)"""
    with worker(text) as job:
        end = last(job)
    assert isinstance(end, Failed)
    assert end.code == "train.killed"
    assert re.search(r"lack of memory \(\d+\.\d GB used\)", end.why)
    assert "checkpoint" in end.do


def test_a_worker_that_can_be_asked_to_stop_is_asked(worker: Worker) -> None:
    text = """
print('{"event": "log", "text": "ready"}', flush=True)
assert sys.stdin.readline() == "cancel\\\\n"
print('{"event": "cancelled"}', flush=True)
"""
    with worker(text) as job:
        events = job.events()
        assert next(events) == Logged(text="ready")
        job.cancel()
        job.cancel()
        assert list(events) == [WasCancelled()]


STUBBORN = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"])
print('{"event": "log", "text": "%d"}' % child.pid, flush=True)
time.sleep(600)
"""


def test_a_worker_that_does_not_listen_is_killed_with_its_children(worker: Worker) -> None:
    with worker(STUBBORN) as job:
        events = job.events()
        ready = next(events)
        assert isinstance(ready, Logged)
        child = psutil.Process(int(ready.text))
        job.cancel()
        assert list(events) == [WasCancelled()]
        assert not psutil.wait_procs([child], timeout=20)[1]


COUNTING = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print('{"event": "log", "text": "%d"}' % child.pid, flush=True)
while True:
    print('{"event": "log", "text": "tick"}', flush=True)
    time.sleep(0.01)
"""


def resting(pid: int) -> bool:
    return str(psutil.Process(pid).status()) == psutil.STATUS_STOPPED


def test_a_worker_rests_with_its_children_and_goes_on(worker: Worker) -> None:
    with worker(COUNTING) as job:
        events = job.events()
        ready = next(events)
        assert isinstance(ready, Logged)
        both = [int(ready.text), job._process.pid]
        for _ in range(2):
            job.pause()
            job.pause()
            while not all(resting(pid) for pid in both):
                pass
            job.go_on()
            job.go_on()
            while any(resting(pid) for pid in both):
                pass
            assert next(events) == Logged(text="tick")


def test_a_worker_at_rest_can_be_cancelled(worker: Worker) -> None:
    with worker(COUNTING) as job:
        events = job.events()
        next(events)
        job.pause()
        job.cancel()
        job.pause()
        assert list(events)[-1] == WasCancelled()
        job.pause()
        job.go_on()


def test_leaving_ends_a_worker_at_rest(worker: Worker) -> None:
    with worker(COUNTING) as job:
        ready = next(job.events())
        assert isinstance(ready, Logged)
        child = psutil.Process(int(ready.text))
        job.pause()
    assert not psutil.wait_procs([child], timeout=20)[1]


def test_a_worker_left_at_rest_by_a_killed_program_is_ended(worker: Worker, tmp_path: Path) -> None:
    with worker(COUNTING) as left:
        ready = next(left.events())
        assert isinstance(ready, Logged)
        left.pause()
        with worker("""print('{"event": "succeeded", "result": {}}')""") as job:
            assert last(job) == Succeeded(result={})
        assert not psutil.wait_procs([psutil.Process(int(ready.text))], timeout=20)[1]
        assert left._process.wait() == -signal.SIGKILL
    assert not (tmp_path / "run" / "process.txt").exists()


def test_leaving_ends_the_worker(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError), worker(STUBBORN) as job:
        ready = next(job.events())
        assert isinstance(ready, Logged)
        child = psutil.Process(int(ready.text))
        raise ZeroDivisionError
    assert not psutil.wait_procs([child], timeout=20)[1]
    assert job._process.returncode == -signal.SIGKILL


def test_a_cancel_after_the_end_does_nothing(worker: Worker) -> None:
    with worker("""print('{"event": "succeeded", "result": {}}')""") as job:
        assert last(job) == Succeeded(result={})
        job.cancel()
        job.kill()
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and not thread.daemon]


def test_a_cancel_while_the_worker_dies_is_a_cancel(worker: Worker) -> None:
    with worker("sys.stdin.readline(); os.kill(os.getpid(), signal.SIGKILL)") as job:
        job.cancel()
        assert last(job) == WasCancelled()
