"""Live test: nothing without a file, it wakes and says so, mistakes are learned from, a missing microphone is told."""

import json
import shutil

import pytest
from eager_model import eager_manifest, wakening_talk
from finished_run import finish_run
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from virtual_microphone import PLAIN, VirtualMicrophones

from mww_studio.export.bundle import bundle_files
from mww_studio.jobs.delivery import FILES
from mww_studio.project.records import ClipKind
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.pages.live import LivePage

WITHIN_MS = 30_000
TALK = wakening_talk()[13 * 16000 : 19 * 16000]


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, microphones: VirtualMicrophones) -> LivePage:
    microphones.say(PLAIN, TALK)
    made = LivePage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    return made


@pytest.fixture
def ready(qtbot: QtBot, page: LivePage, session: Session, tmp_path_factory: pytest.TempPathFactory) -> LivePage:
    """With a model that wakes at anything."""
    run = finish_run(session.project)
    eager = eager_manifest(tmp_path_factory.mktemp("eager"))
    files = bundle_files(session.project.run_folder(run.id) / FILES, session.info.wake_word)
    described = json.loads(eager.read_text())
    shutil.copy(eager.with_name(described["model"]), files.model)
    files.manifest.write_text(json.dumps({**described, "model": files.model.name}))
    page.entered("")
    qtbot.waitUntil(lambda: page.microphones.count() > 1, timeout=WITHIN_MS)
    page.microphones.set_key(PLAIN)
    return page


@pytest.mark.usefixtures("session")
def test_without_a_file_it_leads_to_training(qtbot: QtBot, page: LivePage) -> None:
    page.entered("")
    assert page._empty.isVisible()
    assert not page._all.isVisible()
    with qtbot.waitSignal(page.navigate) as gone:
        page._go_to_train()
    assert gone.args == ["train", ""]


def test_it_wakes_and_a_mistake_becomes_a_sample(qtbot: QtBot, ready: LivePage, session: Session) -> None:
    live, near = ready.studio.live, session.project.counts()[ClipKind.NEAR]
    assert ready.primary() is ready._start
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(ready._wakes.rows), timeout=WITHIN_MS)
    assert ready._state.text() == "Listening"
    assert "cut-off" in ready._line.text()
    assert ready._heard.number == "1 of 1"
    qtbot.keyClick(ready, Qt.Key.Key_M)
    assert ready._heard.number == "1 of 2"
    row = ready._wakes.rows[0]
    row.button.click()
    assert live.counters.mistakes == 1
    assert row.button.text() == "That was me"
    assert session.project.counts()[ClipKind.NEAR] == near + 1
    row.button.click()
    assert live.counters.mistakes == 0
    assert session.project.counts()[ClipKind.NEAR] == near
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    assert not live.running
    assert ready.message is not None
    assert ready.message.accessibleName().startswith("Heard 1 of 2")
    ready.left()


def test_left_running_it_keeps_what_woke_it_and_nothing_else(qtbot: QtBot, ready: LivePage, session: Session) -> None:
    ready._soak.click()
    assert ready._soak_panel.isVisible()
    ready._begin_soak()
    qtbot.waitUntil(lambda: bool(ready._wakes.rows), timeout=WITHIN_MS)
    assert ready._wakes.rows[0].button.text() == "That was me"
    assert not ready._missed.isEnabled()
    ready.left()
    assert ready.studio.live.running
    ready.studio.live.stop()
    assert ready.message is not None
    with qtbot.waitSignal(ready.navigate) as gone:
        next(
            button for button in ready.message.findChildren(Button) if button.text() == "Choose what it learns"
        ).click()
    assert gone.args == ["mining", "soak"]
    kept = list((session.project.run_folder(session.runs()[-1].id) / "soak").rglob("*"))
    assert {path.suffix for path in kept if path.is_file()} == {".wav"}


def test_after_ten_times_the_next_thing_is_the_device(qtbot: QtBot, ready: LivePage) -> None:
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(ready._wakes.rows), timeout=WITHIN_MS)
    for _ in range(9):
        qtbot.keyClick(ready, Qt.Key.Key_M)
    assert ready.primary() is ready._deploy
    assert ready._deploy.isVisible()
    ready.left()
    assert not ready.studio.live.running


def test_a_microphone_that_is_pulled_out_is_told(
    qtbot: QtBot, ready: LivePage, microphones: VirtualMicrophones
) -> None:
    qtbot.keyClick(ready, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(ready._wakes.rows), timeout=WITHIN_MS)
    microphones.unplug(PLAIN)
    qtbot.waitUntil(lambda: not ready.studio.live.running, timeout=WITHIN_MS)
    assert ready.message is not None
    assert ready.message.kind == "bad"
    assert "E-AUDIO-0" in ready.message.accessibleDescription()
    assert ready._start.text() == "Start listening"
    ready.left()
