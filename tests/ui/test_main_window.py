"""The frame with plain pages: navigation, keys, the rail, dropping, offers, closing."""

import threading
from pathlib import Path

import pytest
from plain_pages import PLAIN_PAGES
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from mww_studio.errors import StudioError
from mww_studio.jobs.launch import new_training
from mww_studio.jobs.planning import plan_training
from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind, RunState
from mww_studio.services.jobs import Job
from mww_studio.ui import main_window as main_window_module
from mww_studio.ui.drop import DropKind, kind_of
from mww_studio.ui.errors import describe
from mww_studio.ui.keys import KeysDialog
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.rail import Mark, MarkKind
from mww_studio.ui.theme import Theme

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def key(window, code, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.windowHandle(), code, modifiers)


def test_without_a_project_only_start_and_settings_can_be_chosen(window):
    enabled = {name for name, item in window.rail.items.items() if item.isEnabled()}
    assert enabled == {"start", "settings"}
    window.go("train")
    assert window.page_key == "start"
    key(window, Qt.Key.Key_4, ALT)
    assert window.page_key == "start"


@pytest.mark.usefixtures("empty_session")
def test_pages_are_made_when_they_are_first_shown(window):
    assert set(window._pages) == {"start"}
    window.rail.items["train"].click()
    assert set(window._pages) == {"start", "train"}
    assert window.page.happened == ["compact False", "entered"]
    window.go("start", "new")
    assert window._pages["train"].happened[-1] == "left"
    assert window.page.happened[-1] == "entered new"
    assert window.page.field.hasFocus()


@pytest.mark.usefixtures("empty_session")
def test_a_page_can_lead_to_another(window):
    window.page.navigate.emit("record", "Mia")
    assert window.page_key == "record"
    assert window.page.happened[-1] == "entered Mia"
    assert window.rail.items["record"].isChecked()


@pytest.mark.parametrize(
    ("code", "modifiers", "page", "happened"),
    [
        (Qt.Key.Key_2, ALT, "record", "entered"),
        (Qt.Key.Key_7, ALT, "deploy", "entered"),
        (Qt.Key.Key_8, ALT, "settings", "entered"),
        (Qt.Key.Key_Comma, CTRL, "settings", "entered"),
        (Qt.Key.Key_O, CTRL, "samples", "entered add"),
        (Qt.Key.Key_L, CTRL, "train", "entered log"),
        (Qt.Key.Key_N, CTRL, "start", "entered new"),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, "help", "entered start"),
        (Qt.Key.Key_Return, CTRL, "start", "pressed"),
    ],
)
@pytest.mark.usefixtures("empty_session")
def test_keys(window, code, modifiers, page, happened):
    key(window, code, modifiers)
    assert window.page_key == page
    assert window.page.happened[-1] == happened


@pytest.mark.usefixtures("empty_session")
def test_esc_leads_back_from_help(window):
    window.go("record")
    key(window, Qt.Key.Key_F1)
    assert window.page.happened[-1] == "entered record"
    window.page.setFocus()
    key(window, Qt.Key.Key_Escape)
    assert window.page_key == "record"


@pytest.mark.usefixtures("empty_session")
def test_f6_goes_round(window):
    assert window.page.field.hasFocus()
    key(window, Qt.Key.Key_F6)
    assert window.rail.items["start"].hasFocus()
    key(window, Qt.Key.Key_F6)
    assert window.page.field.hasFocus()
    key(window, Qt.Key.Key_F6, SHIFT)
    assert window.rail.items["start"].hasFocus()


def test_the_list_of_keys(window):
    key(window, Qt.Key.Key_Slash, CTRL)
    dialog = window.findChild(KeysDialog)
    assert dialog.isVisible()
    dialog.accept()


@pytest.mark.usefixtures("empty_session")
def test_the_rail_is_narrow_in_a_narrow_window(window, qtbot: QtBot):
    u = Theme.current().u
    assert not window.rail.compact
    window.resize(u(280) - 1, 640)
    qtbot.waitUntil(lambda: window.rail.compact)
    assert window.rail.width() == u(23)
    assert window.page.happened[-1] == "compact True"
    window.resize(u(280), 640)
    qtbot.waitUntil(lambda: not window.rail.compact)
    assert window.rail.width() == u(52)


def test_the_rail_tells_how_far_the_project_is(window, session, qtbot: QtBot):
    session.people_changed.emit()
    qtbot.waitUntil(lambda: window.rail.items["samples"].look.mark.kind is not MarkKind.NONE)
    assert [item.key for item in window.rail.items.values() if item.look.is_next] == [session.next_step().page]
    assert window.rail.items["start"].look.mark == Mark(MarkKind.DONE)
    assert window.windowTitle().startswith("kosita")
    item = QAccessible.queryAccessibleInterface(window.rail.items["record"])
    assert item.role() == QAccessible.Role.RadioButton
    window.studio.close_project()
    assert not any(item.look.is_next for item in window.rail.items.values())
    assert window.page_key == "start"


def test_a_change_is_undone_with_its_name(window, session):
    ids = [clip.id for clip in session.project.clips(ClipKind.SPEECH)]
    session.trash(ids[:2])
    assert "2 samples to trash" in window.commands.undo.text()
    window.rail.items["start"].setFocus()
    key(window, Qt.Key.Key_Z, CTRL)
    assert len(session.project.clips(ClipKind.SPEECH)) == len(ids)
    assert "2 samples to trash" in window.toast.text
    assert "2 samples to trash" in window.commands.redo.text()
    key(window, Qt.Key.Key_Z, CTRL | SHIFT)
    assert len(session.project.clips(ClipKind.SPEECH)) == len(ids) - 2


def test_inside_a_text_field_undo_is_about_the_text(window, session):
    ids = [clip.id for clip in session.project.clips(ClipKind.SPEECH)]
    session.trash(ids[:1])
    window.page.field.setFocus()
    window.page.field.insert("abc")
    key(window, Qt.Key.Key_Z, CTRL)
    assert len(session.project.clips(ClipKind.SPEECH)) == len(ids) - 1
    assert window.page.field.text() == "some text"


def test_a_toast_stands_above_the_bar_of_the_page_whatever_its_height(window, qtbot):
    bar = QWidget()
    bar.setFixedHeight(40)
    window.page.set_bar(bar)
    window.studio.say("3 samples moved to trash", undo=True)

    def stands_above():
        foot = window.toast.mapToGlobal(QPoint(0, window.toast.height()))
        return foot.y() <= bar.mapToGlobal(QPoint()).y()

    qtbot.waitUntil(stands_above)
    bar.setFixedHeight(120)
    qtbot.waitUntil(lambda: bar.height() == 120 and stands_above())


@pytest.mark.usefixtures("empty_session")
def test_a_toast_goes_with_its_project(window):
    window.studio.say("3 samples moved to trash", undo=True)
    assert window.toast.isVisible()
    window.studio.close_project()
    assert not window.toast.isVisible()


@pytest.mark.usefixtures("empty_session")
def test_a_toast_leads_on(window):
    window.studio.say("Training finished.", action=("Results", "results", "run-1"))
    button = window.toast._action
    assert button.isVisible()
    button.click()
    assert window.page_key == "results"
    assert window.page.happened[-1] == "entered run-1"
    window.studio.say("3 samples moved to trash", undo=True)
    assert button.text() == "Undo"
    assert window.toast.geometry().bottom() < window.strip.geometry().top()


def test_a_cut_off_training_is_offered(window, session):
    assert window.offers.isHidden()
    run = new_training(session.project, plan_training(session.project, load_preset("fast_test"), 0))
    session.project.set_run_state(run.id, RunState.INTERRUPTED)
    session.runs_changed.emit()
    assert [cut_off.run.id for cut_off in session.interrupted_runs()] == [run.id]
    assert window.offers.resume.isVisible()
    assert "kosita was cut off at" in window.offers.resume.accessibleName()
    window.go("train")
    assert not window.offers.resume.isVisible()  # the page has its own
    window.go("record")
    window.offers._leave()
    assert not window.offers.resume.isVisible()
    assert session.interrupted_runs() == []


def test_a_trouble_stays_until_it_is_closed(window, studio):
    error = StudioError("project.in_use", "Another program has this project open.", do="Close it there.")
    studio.trouble.emit(error)
    assert window.offers.trouble.isVisible()
    assert window.offers.trouble.accessibleName() == describe(error).title
    window.offers._close_trouble()
    assert window.offers.isHidden()


# -- dropping


def drop(window, paths, at: QPoint):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, buttons, modifiers = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, actions, data, buttons, modifiers)
    QApplication.sendEvent(window, enter)
    said = window._frame.sentence
    visible = window._frame.isVisible()
    QApplication.sendEvent(window, QDropEvent(QPointF(at), actions, data, buttons, modifiers))
    return said, visible


def files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_bytes(b"")
    return [folder / name for name in names]


@pytest.mark.usefixtures("empty_session")
def test_sounds_are_dropped_into_a_zone(window, tmp_path):
    paths = files(tmp_path, "a.wav", "b.flac")
    middle = QPoint(window.width() // 2, window.height() // 2)
    said, visible = drop(window, paths, middle)
    assert (said, visible) == ("What is in these files?", True)
    assert window.page_key == "samples"
    assert window.page.happened[-1] == f"files {paths} {ClipKind.SPEECH}"
    assert window._frame.isHidden()


def test_without_a_project_sounds_have_no_place(window, tmp_path):
    said, _ = drop(window, files(tmp_path, "a.wav"), QPoint(600, 400))
    assert said.startswith("Open a wake word first")
    assert window.toast.text == said


@pytest.mark.usefixtures("empty_session")
def test_other_files_lead_to_their_passport_or_are_refused(window, tmp_path):
    manifest, text = files(tmp_path, "word.json", "letter.docx")
    drop(window, [manifest], QPoint(10, 10))
    assert (window.page_key, window.page.happened[-1]) == ("passport", f"entered {manifest}")
    said, _ = drop(window, [text], QPoint(10, 10))
    assert said == "These files cannot be used here: .docx"


def test_what_was_dropped(tmp_path, empty_session):
    wav, flac, model = files(tmp_path, "a.wav", "b.FLAC", "d.tflite")
    assert kind_of([wav, flac]) is DropKind.SOUNDS
    assert kind_of([tmp_path]) is DropKind.SOUNDS
    assert kind_of([empty_session.folder]) is DropKind.PROJECT
    assert kind_of([model]) is DropKind.PASSPORT
    assert kind_of([wav, model]) is DropKind.NOTHING
    assert kind_of([model, model]) is DropKind.NOTHING
    assert kind_of([]) is DropKind.NOTHING


def test_a_dropped_project_opens(window, studio, empty_session):
    folder = empty_session.folder
    studio.close_project()
    drop(window, [folder], QPoint(10, 10))
    assert studio.session is not None
    assert studio.session.folder.resolve() == folder.resolve()
    assert window.page_key == studio.session.next_step().page


# -- closing


@pytest.fixture
def running(studio):
    """A job that runs until its event is set."""
    over = threading.Event()

    def work(progress):
        progress.phase("Learn", 10)
        while not over.wait(0.01):
            progress.check_cancelled()

    studio.jobs.add(Job("train", "Training run 3", work))
    yield over
    over.set()


def answering(monkeypatch, answer):
    """What a person presses in the question; the question itself has its own test."""
    asked = []
    monkeypatch.setattr(main_window_module, "ask", lambda *question: asked.append(question) or answer)
    return asked


def test_an_idle_window_closes_and_remembers_its_place(window, show, studio):
    window.resize(755, 633)  # the screen of the tests is 800 wide
    window.close()
    assert window.isHidden()
    again = show(MainWindow(studio, PLAIN_PAGES))
    assert again.size() == window.size()


def test_what_nobody_was_told_about_is_waited_for_without_a_question(window, studio, monkeypatch, qtbot: QtBot):
    asked, over = answering(monkeypatch, "stay"), threading.Event()
    studio.jobs.add(Job("look", "Looking for devices", lambda _progress: over.wait(10), foreground=False))
    window.close()
    assert window.isVisible()
    over.set()
    qtbot.waitUntil(window.isHidden)
    assert asked == []


def test_stay(window, studio, running, monkeypatch, qtbot: QtBot):
    asked = answering(monkeypatch, "stay")
    window.close()
    assert window.isVisible()
    assert "Training run 3 is still running" in asked[0][1]
    assert [answer.key for answer in asked[0][3]] == ["stop", "finish", "stay"]
    assert studio.jobs.busy()
    running.set()
    qtbot.waitUntil(lambda: not studio.jobs.busy())
    assert window.isVisible()


@pytest.mark.usefixtures("running")
def test_stop_now_closes_as_soon_as_it_stopped(window, studio, monkeypatch, qtbot: QtBot):
    answering(monkeypatch, "stop")
    window.close()
    qtbot.waitUntil(window.isHidden)
    assert not studio.jobs.busy()


def test_close_when_it_is_done(window, running, monkeypatch, qtbot: QtBot):
    answering(monkeypatch, "finish")
    window.close()
    assert window.isVisible()
    qtbot.waitUntil(lambda: "closes when it is done" in window.strip._text.text())
    running.set()
    qtbot.waitUntil(window.isHidden)


def test_a_window_may_come_after_its_project(studio, show, empty_session):
    window = show(MainWindow(studio, PLAIN_PAGES))
    assert window.rail.items["record"].isEnabled()
    window.go(empty_session.next_step().page)
    assert window.page_key == "record"
