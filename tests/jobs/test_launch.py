import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from synthetic_project import fill

from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.launch import new_training, run_training
from mww_studio.jobs.planning import plan_training, resumable_run
from mww_studio.jobs.spec import read_spec
from mww_studio.presets import load_preset
from mww_studio.progress import Control, Progress
from mww_studio.project.records import RunState
from mww_studio.project.store import Project

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stands in for the worker with a script")

PYTHON = sys.executable


class Heard(Progress):
    """Keeps what it hears; ``then`` is called with each line of the log."""

    def __init__(self, then: Callable[[str], None] = lambda _: None) -> None:
        self.heard: list[object] = []
        self.then = then

    def phase(self, name: str, total: int = 0) -> None:
        self.heard.append((name, total))

    def step(self, done: int, **figures: float | str) -> None:
        self.heard.append((done, figures))

    def log(self, text: str) -> None:
        self.heard.append(text)
        self.then(text)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "kosita") as made:
        fill(made)
        yield made


@pytest.fixture
def worker_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def make(text: str) -> None:
        program = tmp_path / "program"
        program.write_text(f"#!{PYTHON}\nimport os, signal, subprocess, sys, time\n{text}", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr("mww_studio.jobs.process.sys.executable", str(program))

    return make


def state(project: Project) -> tuple[RunState, str]:
    (run,) = project.runs()
    return run.state, run.message


def test_a_training_that_succeeds(project: Project, worker_says: Callable[[str], None]) -> None:
    worker_says("""
print('{"event": "phase", "name": "a", "total": 7}')
print('{"event": "step", "done": 2, "figures": {"loss": 0.5}}')
print('{"event": "log", "text": "hello"}')
print('{"event": "succeeded", "result": {"report": "there"}}')
""")
    run = new_training(project, plan_training(project, load_preset("fast_test"), 3))
    progress = Heard()
    assert run_training(project, run, progress) == {"report": "there"}
    assert progress.heard == [("a", 7), (2, {"loss": 0.5}), "hello"]
    assert state(project) == (RunState.DONE, "")
    assert (run.preset, run.seed) == ("fast_test", 3)
    with pytest.raises(StudioError) as caught:
        resumable_run(project)
    assert caught.value.code == "train.nothing_to_resume"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("""print('{"event": "failed", "code": "a.b", "what": "What.", "why": "W.", "do": "D."}')""", "a.b"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "train.killed"),
    ],
)
def test_a_training_that_fails_can_be_resumed(
    project: Project, worker_says: Callable[[str], None], text: str, code: str
) -> None:
    worker_says(text)
    run = new_training(project, plan_training(project, load_preset("fast_test"), 0))
    with pytest.raises(StudioError) as caught:
        run_training(project, run, Progress())
    assert caught.value.code == code
    assert state(project) == (RunState.FAILED, caught.value.what)
    assert resumable_run(project).id == run.id
    worker_says("""print('{"event": "succeeded", "result": {}}')""")
    run_training(project, resumable_run(project), Progress())
    assert state(project) == (RunState.DONE, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_cancel(project: Project, worker_says: Callable[[str], None], number: signal.Signals) -> None:
    worker_says("""
print('{"event": "log", "text": "ready"}', flush=True)
sys.stdin.readline()
print('{"event": "cancelled"}')
""")
    before = signal.getsignal(number)
    run = new_training(project, plan_training(project, load_preset("fast_test"), 0))
    with pytest.raises(Cancelled):
        run_training(project, run, Heard(lambda _: os.kill(os.getpid(), number)))
    assert state(project) == (RunState.CANCELLED, "")
    assert signal.getsignal(number) is before
    assert resumable_run(project).id == run.id


def test_the_listener_steers(project: Project, worker_says: Callable[[str], None]) -> None:
    worker_says("""
print('{"event": "log", "text": "ready"}', flush=True)
sys.stdin.readline()
print('{"event": "cancelled"}')
""")

    class Steering(Heard):
        @contextlib.contextmanager
        def controlled(self, control: Control) -> Iterator[None]:
            self.then = lambda _: control.cancel()
            control.pause()
            control.go_on()
            yield
            self.heard.append("let go")

    run = new_training(project, plan_training(project, load_preset("fast_test"), 0))
    progress = Steering()
    with pytest.raises(Cancelled):
        run_training(project, run, progress)
    assert progress.heard == ["ready", "let go"]
    assert state(project) == (RunState.CANCELLED, "")


def test_an_error_of_the_listener_ends_the_worker(project: Project, worker_says: Callable[[str], None]) -> None:
    worker_says("""print('{"event": "log", "text": "%d"}' % os.getpid(), flush=True); time.sleep(600)""")

    def fail(_: str) -> None:
        raise BrokenPipeError

    run = new_training(project, plan_training(project, load_preset("fast_test"), 0))
    progress = Heard(fail)
    with pytest.raises(BrokenPipeError):
        run_training(project, run, progress)
    assert state(project)[0] is RunState.INTERRUPTED
    assert not psutil.pid_exists(int(str(progress.heard[0])))


def test_it_runs_in_any_thread(project: Project, worker_says: Callable[[str], None]) -> None:
    worker_says("""print('{"event": "succeeded", "result": {"a": "b"}}')""")
    run = new_training(project, plan_training(project, load_preset("fast_test"), 0))
    results = []

    def work() -> None:
        with Project.open(project.folder) as own:
            results.append(run_training(own, run, Progress()))

    project.close()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [{"a": "b"}]


def test_a_spec_comes_back_as_it_was_wherever_the_project_lies(project: Project, tmp_path: Path) -> None:
    spec = plan_training(project, load_preset("standard"), 5, profile=True)
    run = new_training(project, spec)
    assert read_spec(project.run_folder(run.id)) == spec
    project.close()
    moved = tmp_path / "elsewhere"
    project.folder.rename(moved)
    assert read_spec(moved / "runs" / run.id) == spec.model_copy(update={"project": moved.resolve()})


def test_a_run_with_a_setting_that_is_no_more_can_still_be_read(project: Project) -> None:
    spec = plan_training(project, load_preset("fast_test"), 1)
    folder = project.run_folder(new_training(project, spec).id)
    written = json.loads((folder / "spec.json").read_text())
    written["preset"]["training"]["of_long_ago"] = 3
    (folder / "spec.json").write_text(json.dumps(written))
    assert read_spec(folder).preset == spec.preset


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"kind": "train"}', b"\xff"])
def test_a_damaged_spec_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "spec.json").write_bytes(content)
    with pytest.raises(StudioError) as caught:
        read_spec(tmp_path)
    assert caught.value.code == "job.spec"
    assert str(tmp_path) in caught.value.what
