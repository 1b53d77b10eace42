"""Trainings as the window starts, steers and loses them; the worker is a script, or a real one with a tiny training."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
import tiny_training

from mww_studio.errors import StudioError
from mww_studio.jobs.spec import read_spec
from mww_studio.presets import load_preset
from mww_studio.project.records import RunState
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.run_history import LEARNING, Figure

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stands in for the worker with a script")

SUPPORT = Path(tiny_training.__file__).parent
ROOT = SUPPORT.parents[1]
LEARNS = """
def say(text):
    print(text, flush=True)
    with open(sys.argv[-1] + "/events.jsonl", "a") as kept:
        kept.write(text + "\\n")
say('{"event": "phase", "name": "Training", "total": 100}')
say('{"event": "step", "done": 40, "figures": {"loss": 0.5}}')
say('{"event": "log", "text": "%d"}' % os.getpid())
"""
OBEYS = (
    LEARNS
    + """
sys.stdin.readline()
print('{"event": "cancelled"}')
"""
)
SUCCEEDS = """print('{"event": "succeeded", "result": {"report": "there"}}')"""


@pytest.fixture
def tiny_worker(worker_says):
    worker_says(f"""
os.environ["PYTHONPATH"] = os.pathsep.join({[str(SUPPORT), str(ROOT)]!r})
os.execv({sys.executable!r}, [{sys.executable!r}, {str(SUPPORT / "tiny_worker.py")!r}, sys.argv[-1]])
""")


def train(session, preset="fast_test"):
    return session.train(load_preset(preset))


def end(qtbot, job: Job):
    if job.is_busy:
        with qtbot.waitSignal(job.ended, timeout=60_000):
            pass
    return job


def learning(qtbot, job: Job):
    qtbot.waitUntil(lambda: bool(job.log), timeout=60_000)
    return job


def run_of(session, job):
    return next(run for run in session.runs() if run.id == job.subject)


def test_a_training_that_succeeds(qtbot, session, worker_says):
    worker_says(SUCCEEDS)
    heard = []
    session.runs_changed.connect(lambda: heard.append([run.state for run in session.runs()]))
    job = train(session)
    assert (job.title, session.training) == ("Training run 1", job)
    end(qtbot, job)
    assert (job.state, job.result, session.training) == (JobState.DONE, {"report": "there"}, None)
    assert run_of(session, job).state is RunState.DONE
    assert heard[-1] == [RunState.DONE]
    assert [phase.name for phase in job.phases] == ["Prepare", "Learn", "Check", "Make the file"]
    assert train(session).title == "Training run 2"


def test_one_training_after_the_other(qtbot, session, worker_says):
    worker_says(OBEYS)
    first, second = train(session), train(session)
    assert [first.title, second.title] == ["Training run 1", "Training run 2"]
    assert second.state is JobState.WAITING
    learning(qtbot, first).cancel()
    learning(qtbot, second).cancel()
    end(qtbot, second)
    assert [run.state for run in session.runs()] == [RunState.CANCELLED, RunState.CANCELLED]


def test_too_little_to_learn_from_is_told(qtbot, studio, tmp_path):
    session = studio.create_project(tmp_path / "empty", "kosita", "en", "")
    job = end(qtbot, train(session))
    assert (job.state, job.error.code, session.runs()) == (JobState.FAILED, "train.too_few_takes", [])


def test_no_graphics_card_where_none_is_wanted(qtbot, session, worker_says):
    worker_says(SUCCEEDS)
    session._settings.gpu = False
    job = end(qtbot, train(session))
    assert read_spec(session.project.run_folder(job.subject)).preset.hardware.device == "cpu"


def test_what_was_stopped_goes_on_with_its_curve(qtbot, session, worker_says):
    worker_says(OBEYS)
    job = learning(qtbot, train(session))
    job.cancel()
    end(qtbot, job)
    assert (job.state, run_of(session, job).state) == (JobState.CANCELLED, RunState.CANCELLED)
    assert session.interrupted_runs() == []
    worker_says(SUCCEEDS)
    again = session.resume(job.subject)
    assert (again.title, again.subject, again.figures) == ("Training run 1", job.subject, [Figure(40, "loss", 0.5)])
    end(qtbot, again)
    assert run_of(session, job).state is RunState.DONE


def test_a_run_that_is_not_there_cannot_go_on(session):
    with pytest.raises(StudioError) as caught:
        session.resume("yesterday")
    assert caught.value.code == "project.no_run"


def test_closing_the_program_leaves_a_run_that_is_offered_again(qtbot, studio, session, worker_says):
    worker_says(OBEYS)
    job = learning(qtbot, train(session))
    studio.jobs.shut_down(stop=True)
    end(qtbot, job)
    (cut_off,) = session.interrupted_runs()
    assert (cut_off.run.id, cut_off.run.state) == (job.subject, RunState.INTERRUPTED)
    assert (cut_off.history.step, cut_off.history.steps, cut_off.history.fraction) == (40, 100, 0.4)
    studio.jobs.stay()
    again = learning(qtbot, session.resume(job.subject))
    assert session.interrupted_runs() == []
    studio.jobs.stop_all()
    assert again.state is JobState.CANCELLED
    session.leave(job.subject)
    assert session.interrupted_runs() == []
    assert run_of(session, job).state is RunState.CANCELLED


def test_the_program_ends_with_its_worker(qtbot, studio, session, worker_says):
    worker_says("signal.signal(signal.SIGTERM, signal.SIG_IGN)" + LEARNS + "time.sleep(600)")
    job = learning(qtbot, train(session))
    studio.close()
    assert not psutil.pid_exists(int(job.log[0]))


def test_a_training_rests_with_its_process(qtbot, session, worker_says):
    worker_says(OBEYS)
    job = learning(qtbot, train(session))
    process = psutil.Process(int(job.log[0]))
    job.pause()
    assert job.state is JobState.PAUSED
    qtbot.waitUntil(lambda: process.status() == psutil.STATUS_STOPPED)
    job.go_on()
    qtbot.waitUntil(lambda: process.status() != psutil.STATUS_STOPPED)
    job.pause()
    job.cancel()
    assert end(qtbot, job).state is JobState.CANCELLED


@pytest.mark.usefixtures("tiny_worker")
def test_a_real_training_that_is_killed_is_told_at_once_and_goes_on_from_its_checkpoint(qtbot, session):
    """As the system does when there is too little memory."""
    ends = []
    job = train(session)
    job.ended.connect(ends.append)
    qtbot.waitUntil(lambda: job.phase == LEARNING and job.done >= 45, timeout=120_000)
    assert {figure.name for figure in job.figures} == {"loss", "recall", "false_accepts_per_hour"}
    worker = next(child for child in psutil.Process().children() if "tiny_worker.py" in " ".join(child.cmdline()))
    worker.send_signal(signal.SIGKILL)
    end(qtbot, job)
    assert (job.state, job.error.code) == (JobState.FAILED, "train.killed")
    assert "memory" in job.error.why
    assert "Resume" in job.error.do
    assert [outcome.state for outcome in ends] == [JobState.FAILED]
    assert run_of(session, job).state is RunState.FAILED
    again = session.resume(job.subject)
    qtbot.waitUntil(lambda: bool(again.log), timeout=120_000)
    assert again.log[0].startswith("Goes on from step ")
    again.pause()
    assert again.state is JobState.PAUSED
    again.cancel()
    assert end(qtbot, again).state is JobState.CANCELLED


def test_voices_train_first_when_there_is_nothing_else(qtbot, studio, tmp_path, worker_says):
    worker_says(SUCCEEDS)
    job = studio.try_without_recording("okay kosita", "xx", tmp_path / "voices")
    assert studio.session.info.wake_word == "okay kosita"
    assert job.phases[0].name == "Speak"
    end(qtbot, job)
    assert job.error.code.startswith("voices.")
