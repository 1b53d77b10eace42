"""What is left when the studio or its training is killed, and how the window is closed while it is busy."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import window_driver
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from qt_threads import no_thread_stays  # noqa: F401 - holds here too
from synthetic_project import fill
from synthetic_speech import RATE, word
from virtual_microphone import PLAIN, VirtualMicrophones
from window_driver import PROJECT, SETTINGS

from mww_studio.audio.files import Pcm, read_audio
from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind, RunState, pcm_sha256
from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.dialogs import Question
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.theme import Mode, Theme

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills by signal")

SOON_MS, LATER_MS = 60_000, 900_000
SUPPORT = Path(window_driver.__file__).parent
ROOT = SUPPORT.parents[1]


def words_in_a_room(count: int) -> Pcm:
    sound = np.random.default_rng(5).normal(0, 8, round((2 + 3 * count) * RATE))
    for number in range(count):
        said, at = word(number % 3, number).pcm, round((1.5 + 3 * number) * RATE)
        sound[at : at + len(said)] += said
    return np.round(sound).astype(np.int16)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Settings and a project of Anna, who wants to record."""
    store = QSettings(str(tmp_path / SETTINGS), QSettings.Format.IniFormat)
    settings = Settings(store)
    settings.microphone, settings.data_folder = PLAIN, tmp_path
    store.sync()
    with Project.create(tmp_path / PROJECT, "kosita") as project:
        project.add_person("Anna", child=False, consent=True)
    return tmp_path


Start = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def driven(folder: Path) -> Iterator[Start]:
    """Starts the real window in a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def start(action: str) -> subprocess.Popen[str]:
        paths = os.pathsep.join([str(ROOT), str(SUPPORT)])
        command = [sys.executable, str(SUPPORT / "window_driver.py"), str(folder), action]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths, "HOME": str(folder)}
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        with process:
            pass


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, folder: Path) -> Iterator[Callable[[], MainWindow]]:
    """The next start of the program, in this process."""
    qapp.setStyle("Fusion")
    Theme.current().apply(Mode.LIGHT)
    made: list[MainWindow] = []

    def start() -> MainWindow:
        studio = Studio(Settings(QSettings(str(folder / SETTINGS), QSettings.Format.IniFormat)))
        window = MainWindow(studio)
        made.append(window)
        window.go("start")
        with qtbot.waitExposed(window):
            window.show()
        window.open_project(folder / PROJECT)
        return window

    yield start
    for one in made:
        one.studio.close()  # before the window, which would ask what is to become of a job
        one.close()
        one.deleteLater()


def press(qtbot: QtBot, button: QWidget) -> None:
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def button(message: Message, text: str) -> Button:
    return next(button for button in message.findChildren(Button) if button.text() == text)


def told(process: subprocess.Popen[str], until: Callable[[str], bool]) -> list[str]:
    """What it said, up to the line that was waited for."""
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.strip())
        if until(lines[-1]):
            return lines
    pytest.fail(f"it ended: {lines}")


@pytest.mark.parametrize("moment", ["listening", "kept"])
def test_a_kill_while_recording_loses_at_most_the_take_under_way(
    folder: Path,
    driven: Start,
    window: Callable[[], MainWindow],
    microphones: VirtualMicrophones,
    moment: str,
) -> None:
    microphones.say(PLAIN, words_in_a_room(12))
    process = driven("record")
    lines = told(process, lambda line: line.startswith("kept"))
    for _ in range(3):
        lines += told(process, lambda line: line.startswith(moment))
    process.kill()
    lines += process.communicate()[0].split("\n")
    promised = {int(line.split()[1]) for line in lines if line.startswith("kept")}
    assert len(promised) >= 3
    again = window()
    takes = again.studio.session.project.clips(ClipKind.WAKE_WORD)
    assert {take.id for take in takes} >= promised
    assert len(takes) <= len(promised) + 1
    for take in takes:
        assert pcm_sha256(read_audio(folder / PROJECT / take.path)) == take.sha256
    assert not again.offers.isVisible()


@pytest.mark.slow
def test_a_kill_while_training_ends_the_worker_and_the_run_goes_on_at_the_next_start(
    qtbot: QtBot, folder: Path, driven: Start, window: Callable[[], MainWindow]
) -> None:
    with Project.open(folder / PROJECT) as project:
        fill(project, takes=24, talks=6)
    process = driven("train")
    told(process, lambda line: line.startswith("step Training ") and int(line.split()[-1]) >= 45)
    family = psutil.Process(process.pid).children(recursive=True)
    assert any("--worker" in " ".join(child.cmdline()) for child in family)
    process.kill()
    psutil.wait_procs(family, timeout=SOON_MS / 1e3)
    assert [child for child in family if child.is_running()] == []
    again = window()
    again.go("samples")
    assert again.offers.resume.isVisible()
    (cut_off,) = again.studio.session.interrupted_runs()
    assert cut_off.history.step >= 40
    press(qtbot, button(again.offers.resume, "Go on"))
    job = again.studio.session.training
    assert job is not None
    assert job.subject == cut_off.run.id
    qtbot.waitUntil(lambda: not job.is_busy, timeout=LATER_MS)
    assert (job.state, job.error) == (JobState.DONE, None)
    assert [run.state for run in again.studio.session.runs()] == [RunState.DONE]
    assert not again.offers.resume.isVisible()


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that learns until it is told to stop, or until there is a file "enough" beside the project."""
    program = tmp_path / "worker"
    program.write_text(
        f"""#!{sys.executable}
import os, select, sys
def say(text):
    print(text, flush=True)
    with open(sys.argv[-1] + "/events.jsonl", "a") as kept:
        kept.write(text + "\\n")
say('{{"event": "phase", "name": "Training", "total": 100}}')
say('{{"event": "step", "done": 40, "figures": {{"loss": 0.5}}}}')
say('{{"event": "log", "text": "learns"}}')
while not os.path.exists({str(tmp_path / "enough")!r}):
    if select.select([sys.stdin], [], [], 0.05)[0]:
        print('{{"event": "cancelled"}}')
        sys.exit()
print('{{"event": "succeeded", "result": {{"report": "there"}}}}')
""",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr("mww_studio.jobs.process.sys.executable", str(program))


def training(qtbot: QtBot, window: MainWindow) -> Job:
    """A training that learns."""
    session = window.studio.session
    fill(session.project)
    job = session.train(load_preset("fast_test"))
    qtbot.waitUntil(lambda: bool(job.log), timeout=SOON_MS)
    return job


@pytest.mark.usefixtures("worker")
def test_a_worker_that_is_killed_is_told_with_what_to_do(qtbot: QtBot, window: Callable[[], MainWindow]) -> None:
    shown = window()
    shown.go("start")
    job = training(qtbot, shown)
    (child,) = [child for child in psutil.Process().children() if child.name() == "worker"]
    child.kill()
    qtbot.waitUntil(lambda: not job.is_busy)
    strip = shown.strip
    assert strip._text.text() == "Training stopped by itself."
    press(qtbot, strip._show)
    assert shown.page_key == "train"
    message = shown.page.message
    assert message is not None
    assert "E-TRAIN-02" in message.accessibleName() + message.accessibleDescription()
    assert shown.page.running.log.isVisible()
    press(qtbot, button(message, "Go on at step 40"))
    assert shown.studio.session.training.subject == job.subject


def answer(qtbot: QtBot, key: str) -> None:
    """Press a button of the question as soon as it is asked."""
    question = QApplication.activeModalWidget()
    assert isinstance(question, Question)
    press(qtbot, question.buttons[key])


@pytest.mark.usefixtures("worker")
def test_closing_while_it_trains(qtbot: QtBot, window: Callable[[], MainWindow], folder: Path) -> None:
    shown = window()
    job = training(qtbot, shown)
    for key in ("stay", "finish"):
        QTimer.singleShot(0, shown, lambda key=key: answer(qtbot, key))
        shown.close()
        assert shown.isVisible()
        assert job.state is JobState.RUNNING
    (folder / "enough").touch()
    qtbot.waitUntil(shown.isHidden, timeout=SOON_MS)
    assert job.state is JobState.DONE


@pytest.mark.usefixtures("worker")
def test_closing_now_offers_the_training_at_the_next_start(qtbot: QtBot, window: Callable[[], MainWindow]) -> None:
    shown = window()
    job = training(qtbot, shown)
    QTimer.singleShot(0, shown, lambda: answer(qtbot, "stop"))
    shown.close()
    qtbot.waitUntil(shown.isHidden, timeout=SOON_MS)
    assert job.state is JobState.CANCELLED
    shown.studio.close()
    again = window()
    again.go("samples")
    assert again.offers.resume.isVisible()
    assert [cut_off.run.id for cut_off in again.studio.session.interrupted_runs()] == [job.subject]
