"""The strip in every state of a real job."""

import threading

import pytest
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from mww_studio.errors import StudioError
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.timetable import PlannedPhase
from mww_studio.ui.job_strip import JobStrip
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.text import Label


class Work:
    """Work that a test holds back and lets go on, and that can be paused and cancelled as real work can."""

    def __init__(self, error: StudioError | None = None):
        self.go_on = threading.Event()
        self.error = error

    def __call__(self, progress):
        progress.phase("Learn", 100)
        progress.step(62)
        while not self.go_on.wait(0.01):
            progress.check_cancelled()
        if self.error is not None:
            raise self.error


@pytest.fixture
def strip(qtbot: QtBot, studio):
    made = JobStrip(studio.jobs)
    qtbot.addWidget(made)
    made.resize(1280, 48)
    with qtbot.waitExposed(made):
        made.show()
    return made


def training(studio, work: Work, title: str = "Training run 3", lane: str = "training") -> Job:
    return studio.jobs.add(Job("train", title, work, plan=[PlannedPhase("Learn", 60.0, "Learn")], lane=lane))


def texts(strip: JobStrip) -> str:
    return " | ".join(label.text() for label in strip.findChildren(Label) if label.isVisible() and label.text())


def buttons(strip: JobStrip) -> list[str]:
    return [button.text() for button in strip.findChildren(Button) if button.isVisible()]


def press(strip: JobStrip, text: str) -> None:
    next(button for button in strip.findChildren(Button) if button.isVisible() and button.text() == text).click()


def test_nothing_runs(strip):
    assert texts(strip) == "Everything is saved. Nothing is running."
    assert buttons(strip) == []
    strip.set_microphone("USB microphone")
    assert texts(strip).endswith("USB microphone")


def test_a_training_runs_and_is_done(qtbot: QtBot, studio, strip):
    work = Work()
    training(studio, work)
    qtbot.waitUntil(lambda: "Training run 3" in texts(strip))
    qtbot.waitUntil(lambda: "%" in texts(strip))
    assert "working out how long" in texts(strip)
    assert buttons(strip) == ["Show", "Pause", "Cancel"]
    bar = QAccessible.queryAccessibleInterface(strip.findChild(Progress))
    assert bar.role() == QAccessible.Role.ProgressBar
    assert "Training run 3" in bar.text(QAccessible.Text.Name)
    work.go_on.set()
    qtbot.waitUntil(lambda: texts(strip) == "Training finished.")
    with qtbot.waitSignal(strip.show_page) as shown:
        press(strip, "Show results")
    assert shown.args[0] == "results"
    assert texts(strip) == "Everything is saved. Nothing is running."


def test_on_its_own_page_a_job_has_its_buttons_there(qtbot: QtBot, studio, strip):
    work = Work()
    training(studio, work)
    strip.set_page("train")
    qtbot.waitUntil(lambda: "Training run 3" in texts(strip))
    assert buttons(strip) == []
    strip.set_page("samples")
    assert buttons(strip) == ["Show", "Pause", "Cancel"]
    work.go_on.set()
    qtbot.waitUntil(lambda: not studio.jobs.busy())


def test_pause_and_go_on(qtbot: QtBot, studio, strip):
    work = Work()
    job = training(studio, work)
    qtbot.waitUntil(lambda: "Pause" in buttons(strip))
    press(strip, "Pause")
    assert job.state in (JobState.PAUSING, JobState.PAUSED)
    qtbot.waitUntil(lambda: job.state is JobState.PAUSED)
    assert "Paused" in texts(strip)
    assert buttons(strip) == ["Show", "Go on", "Cancel"]
    press(strip, "Go on")
    assert job.state is JobState.RUNNING
    work.go_on.set()
    qtbot.waitUntil(lambda: not studio.jobs.busy())


def test_cancel_shows_at_once_that_it_stops(qtbot: QtBot, studio, strip):
    training(studio, Work())
    qtbot.waitUntil(lambda: "Cancel" in buttons(strip))
    press(strip, "Cancel")
    assert "Stopping…" in texts(strip)
    qtbot.waitUntil(lambda: texts(strip) == "Everything is saved. Nothing is running.")


def test_a_failure_stays_until_somebody_looks(qtbot: QtBot, studio, strip):
    work = Work(StudioError("train.killed", "Training stopped by itself.", why="No memory."))
    training(studio, work)
    work.go_on.set()
    qtbot.waitUntil(lambda: texts(strip) == "Training stopped by itself.")
    assert not strip._leave.isActive()
    with qtbot.waitSignal(strip.show_page) as shown:
        press(strip, "Show why")
    assert shown.args[0] == "train"


def test_what_is_done_leaves_after_a_while(qtbot: QtBot, studio, strip):
    work = Work()
    training(studio, work)
    work.go_on.set()
    qtbot.waitUntil(lambda: texts(strip) == "Training finished.")
    assert strip._leave.isActive()
    strip._leave.timeout.emit()
    assert texts(strip) == "Everything is saved. Nothing is running."


def test_several_jobs_are_counted_and_listed(qtbot: QtBot, studio, strip):
    first, second, added = Work(), Work(), Work()
    training(studio, first)
    training(studio, second, "Training run 4")
    studio.jobs.add(Job("import", "Adding sound files", added))
    qtbot.waitUntil(lambda: "Adding sound files" in texts(strip))
    assert "2 more" in buttons(strip)
    press(strip, "2 more")
    entries = [action.text() for action in strip._menu.actions()]
    assert len(entries) == 3
    assert any("Training run 4" in entry and "Waiting" in entry for entry in entries)
    with qtbot.waitSignal(strip.show_page) as shown:
        strip._menu.actions()[0].trigger()
    assert shown.args[0] == "train"
    strip._menu.hide()
    for work in (added, first, second):
        work.go_on.set()
    qtbot.waitUntil(lambda: not studio.jobs.busy())
