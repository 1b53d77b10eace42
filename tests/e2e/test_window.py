"""The whole way through the window, as a person goes it: mouse and keyboard, a microphone, a training, the files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from qt_threads import no_thread_stays  # noqa: F401 - holds here too
from synthetic_speech import RATE, talk, word
from virtual_microphone import PLAIN, VirtualMicrophones

from mww_studio.audio.files import Pcm, write_wav
from mww_studio.project.records import ClipKind, RunState
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.pages.deploy import DeployPage
from mww_studio.ui.pages.live import LivePage
from mww_studio.ui.pages.record import RecordPage
from mww_studio.ui.pages.record_loop import Moment
from mww_studio.ui.pages.results import ResultsPage
from mww_studio.ui.pages.samples import SamplesPage
from mww_studio.ui.pages.start import StartPage
from mww_studio.ui.pages.train import TrainPage
from mww_studio.ui.theme import Mode, Theme

TAKES, PEOPLE = 20, 2
EVERY_S = 3.0
SOON_MS, LATER_MS = 60_000, 240_000


def room_with(said: list[Pcm]) -> Pcm:
    """A quiet room in which something is said every few seconds."""
    sound = np.random.default_rng(5).normal(0, 8, round((2 + EVERY_S * len(said) + 60) * RATE))
    for number, pcm in enumerate(said):
        at = round((1.5 + EVERY_S * number) * RATE)
        sound[at : at + len(pcm)] += pcm
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> MainWindow:
    qapp.setStyle("Fusion")
    Theme.current().apply(Mode.LIGHT)
    settings = Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    settings.data_folder = tmp_path / "Wake words"
    settings.microphone = PLAIN
    made = MainWindow(Studio(settings))
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.go("start")
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    made.studio.close()


def press(qtbot: QtBot, button: QWidget) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def drop(window: MainWindow, paths: list[Path], where: Callable[[], QPoint]) -> None:
    """What the system sends when files are dragged over the window and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        window, QDragEnterEvent(window.rect().center(), Qt.DropAction.CopyAction, data, buttons, keys)
    )
    QApplication.sendEvent(window, QDropEvent(where(), Qt.DropAction.CopyAction, data, buttons, keys))


def make_wake_word(qtbot: QtBot, window: MainWindow) -> None:
    page = window.page
    assert isinstance(page, StartPage)
    qtbot.keyClicks(page.phrase, "kosita")
    qtbot.keyClicks(page.author, "Ben")
    press(qtbot, page.make)
    assert window.page_key == "record"


def record(qtbot: QtBot, window: MainWindow) -> None:
    """Add two people by name and consent, and let each say the word ten times."""
    page = window.page
    assert isinstance(page, RecordPage)
    for name in ("Anna", "Ben"):
        if name == "Ben":
            page._add_person()
        page.form.name.clear()
        qtbot.keyClicks(page.form.name, name)
        page.form.consent.click()
        press(qtbot, page.form.save)
        say_takes(qtbot, page, TAKES // PEOPLE)


def say_takes(qtbot: QtBot, page: RecordPage, wanted: int) -> None:
    """Press Space, and again whenever the round stops: after two bad takes, or to ask who goes on."""
    takes = page.stage.takes

    def enough() -> bool:
        if takes.reading.taken < wanted and takes.moment not in (Moment.LISTENING, Moment.JUDGED):
            qtbot.keyClick(page.stage, Qt.Key.Key_Space)
        return takes.reading.taken >= wanted

    page.stage.setFocus()
    qtbot.waitUntil(enough, timeout=LATER_MS)
    if takes.moment in (Moment.LISTENING, Moment.JUDGED):
        qtbot.keyClick(page.stage, Qt.Key.Key_Space)


def add_other_talk(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    for number in range(6):
        write_wav(folder / f"talker {number}.wav", talk(20.0, 50 + number))
    zone = window._frame
    drop(window, [folder], lambda: middle_of_zone(window, ClipKind.SPEECH))
    assert not zone.isVisible()
    page = window.page
    assert isinstance(page, SamplesPage)
    assert page.add_panel.kind is ClipKind.SPEECH
    press(qtbot, page.add_panel.add_button)
    counts = window.studio.session.project.counts
    qtbot.waitUntil(lambda: counts()[ClipKind.SPEECH] == 6, timeout=SOON_MS)


def middle_of_zone(window: MainWindow, kind: ClipKind) -> QPoint:
    places = [
        QPoint(x, y)
        for x in range(10, window.width(), 20)
        for y in range(10, window.height(), 20)
        if window._frame.zone_at(QPoint(x, y)) is kind
    ]
    return places[len(places) // 2]


def train(qtbot: QtBot, window: MainWindow) -> None:
    window.go("train")
    page = window.page
    assert isinstance(page, TrainPage)
    qtbot.waitUntil(lambda: bool(page.before.readiness._rows), timeout=SOON_MS)
    press(qtbot, page.before._cards["fast_test"])
    press(qtbot, page.before.train)
    job = window.studio.session.training
    qtbot.waitUntil(lambda: not job.is_busy, timeout=LATER_MS)
    assert job.error is None, str(job.error)
    assert window.studio.session.runs()[-1].state is RunState.DONE


def look_at_results(qtbot: QtBot, window: MainWindow) -> None:
    window.go("results")
    page = window.page
    assert isinstance(page, ResultsPage)
    qtbot.waitUntil(lambda: page._loaded is not None, timeout=SOON_MS)
    assert page.view.verdict.accessibleName()
    assert " of " in page.view.numbers.heard.number
    assert " in " in page.view.numbers.mistakes.number


def try_live(qtbot: QtBot, window: MainWindow) -> None:
    window.go("live")
    page = window.page
    assert isinstance(page, LivePage)
    qtbot.waitUntil(lambda: page.microphones.key == PLAIN, timeout=SOON_MS)
    press(qtbot, page._start)
    qtbot.waitUntil(lambda: len(page._wakes.rows) >= 3, timeout=SOON_MS)
    press(qtbot, page._start)
    assert not window.studio.live.running


def save_files(qtbot: QtBot, window: MainWindow) -> Path:
    window.go("deploy")
    page = window.page
    assert isinstance(page, DeployPage)
    qtbot.waitUntil(page._save.isEnabled, timeout=SOON_MS)
    assert page._law.accessibleName().startswith("The file is right")
    press(qtbot, page._save)
    qtbot.waitUntil(page._saved.isVisible, timeout=SOON_MS)
    return window.studio.session.folder / "exports" / "generic-s3"


def test_from_the_first_word_typed_to_the_files_for_the_device(
    qtbot: QtBot, window: MainWindow, microphones: VirtualMicrophones, tmp_path: Path
) -> None:
    make_wake_word(qtbot, window)
    microphones.say(PLAIN, room_with([word(who % PEOPLE, who).pcm for who in range(60)]))
    window.go("start")
    window.go("record")  # the microphone opens again, and hears the room from its beginning
    record(qtbot, window)
    takes = window.studio.session.project.clips(ClipKind.WAKE_WORD)
    assert len(takes) >= TAKES
    assert {take.speaker for take in takes} == {"Anna", "Ben"}
    (tmp_path / "talk").mkdir()
    add_other_talk(qtbot, window, tmp_path / "talk")
    train(qtbot, window)
    look_at_results(qtbot, window)
    microphones.say(PLAIN, room_with([word(who % PEOPLE, 90 + who).pcm for who in range(10)]))
    try_live(qtbot, window)
    files = save_files(qtbot, window)
    assert (files / "kosita.tflite").read_bytes()[4:8] == b"TFL3"
    assert "micro_wake_word:" in (files / "kosita.yaml").read_text("utf-8")
