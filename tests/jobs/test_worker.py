import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from mww_studio.jobs.events import EVENTS, Event, Failed, Logged, PhaseStarted, Stepped, Succeeded, WasCancelled

# A real worker process whose job is the text of ``do_job``; without TensorFlow, which takes seconds to load.
PROGRAM = """
import subprocess, sys, time, types
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.worker import run_worker

{job}

sys.modules["mww_studio.jobs.registry"] = types.SimpleNamespace(do_job=do_job)
sys.exit(run_worker(sys.argv[1]))
"""
WAITS = """
def do_job(folder, progress):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    progress.log(str(child.pid))
    while True:
        time.sleep(0.02)
        {check}
"""


def start(job: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(job=job), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def said(job: str, folder: Path) -> tuple[list[Event], int, str]:
    """What a job says to its end, its exit status, and what it printed."""
    with start(job, folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        events = [EVENTS.validate_json(line) for line in process.stdout]
        return events, process.wait(), process.stderr.read().decode()


def test_events_are_lines_of_json_in_their_order(tmp_path: Path) -> None:
    job = """
def do_job(folder, progress):
    print("a library prints")
    subprocess.run(["echo", "a child prints"])
    progress.phase("Learning", 3)
    progress.step(1, loss=0.5)
    progress.step(3, loss=0.25, recall=0.9)
    progress.log("Grüße\\nand more")
    return {"folder": str(folder)}
"""
    events, status, printed = said(job, tmp_path)
    assert events == [
        PhaseStarted(name="Learning", total=3),
        Stepped(done=1, figures={"loss": 0.5}),
        Stepped(done=3, figures={"loss": 0.25, "recall": 0.9}),
        Logged(text="Grüße\nand more"),
        Succeeded(result={"folder": str(tmp_path)}),
    ]
    assert status == 0
    assert "a library prints" in printed
    assert "a child prints" in printed
    kept = (tmp_path / "events.jsonl").read_bytes().splitlines()
    assert [EVENTS.validate_json(line) for line in kept] == events
    assert all(json.loads(line)["event"] for line in kept)


def test_many_steps_are_thinned_but_not_those_with_figures(tmp_path: Path) -> None:
    job = """
def do_job(folder, progress):
    for n in range(5000):
        progress.step(n, loss=0.5)
    for n in range(5):
        progress.step(n, loss=0.5, recall=0.1)
    return {}
"""
    events, _, _ = said(job, tmp_path)
    steps = [event for event in events if isinstance(event, Stepped)]
    assert sum("recall" in step.figures for step in steps) == 5
    assert len(steps) < 500


@pytest.mark.parametrize(
    ("raised", "end"),
    [
        ("StudioError('a.b', 'What.', why='Why.', do='Do.')", Failed(code="a.b", what="What.", why="Why.", do="Do.")),
        ("Cancelled", WasCancelled()),
    ],
)
def test_an_end_that_is_foreseen(tmp_path: Path, raised: str, end: Event) -> None:
    events, status, _ = said(f"def do_job(folder, progress):\n    raise {raised}", tmp_path)
    assert events == [end]
    assert status == 1


def test_an_error_of_the_program_is_told_and_traced(tmp_path: Path) -> None:
    events, status, printed = said("def do_job(folder, progress):\n    {}['missing']", tmp_path)
    (end,) = events
    assert isinstance(end, Failed)
    assert end.code == "job.crashed"
    assert "KeyError: 'missing'" in end.why
    assert str(tmp_path) in end.do
    assert status == 1
    assert "Traceback" in printed


def test_a_folder_without_a_job_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mww_studio", "--worker", str(tmp_path)], capture_output=True, stdin=subprocess.DEVNULL
    )
    # Without a parent at its standard input a worker may end before it says anything.
    assert done.returncode == 1
    with subprocess.Popen(
        [sys.executable, "-m", "mww_studio", "--worker", str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        end = EVENTS.validate_json(process.stdout.readline())
        assert isinstance(end, Failed)
        assert end.code == "job.spec"


def waiting(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The process that a waiting job has started, when it has."""
    assert process.stdout is not None
    event = EVENTS.validate_json(process.stdout.readline())
    assert isinstance(event, Logged)
    return psutil.Process(int(event.text))


def test_a_worker_whose_parent_is_gone_goes_with_its_children(tmp_path: Path) -> None:
    with start(WAITS.format(check=""), tmp_path) as process:
        child = waiting(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=20) == 1
        assert not psutil.wait_procs([child], timeout=20)[1]


def test_cancel_is_heard_at_the_next_check(tmp_path: Path) -> None:
    with start(WAITS.format(check="progress.check_cancelled()"), tmp_path) as process:
        waiting(process).kill()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"cancel\n")
        process.stdin.flush()
        assert EVENTS.validate_json(process.stdout.readline()) == WasCancelled()
        assert process.wait(timeout=20) == 1


@pytest.mark.skipif(os.name != "posix", reason="closes a pipe as only POSIX can")
def test_a_parent_that_no_longer_listens_ends_the_worker(tmp_path: Path) -> None:
    job = """
def do_job(folder, progress):
    while True:
        time.sleep(0.02)
        progress.log("hello")
"""
    with start(job, tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=20) != 0
