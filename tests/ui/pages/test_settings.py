"""Settings, help and about: what they show of this computer, and that it counts at once."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from mww_studio.audio.devices import Microphone
from mww_studio.errors import StudioError
from mww_studio.resources import resource
from mww_studio.ui.page_list import SETTINGS, STEPS
from mww_studio.ui.pages.about import AboutPage, parts
from mww_studio.ui.pages.help import PRESETS, HelpPage
from mww_studio.ui.pages.settings import SettingsPage
from mww_studio.ui.theme import Mode, Theme


@pytest.fixture
def page(studio, qtbot: QtBot) -> SettingsPage:
    made = SettingsPage(studio)
    qtbot.addWidget(made)
    made.resize(1072, 740)
    made.show()
    return made


@pytest.mark.usefixtures("window")
def test_the_look_changes_at_once(page, settings):
    page.looks.set_key(Mode.DARK)
    page._choose_look()
    assert settings.theme == "dark"
    assert Theme.current().dark


def test_the_graphics_card_can_be_left_out(page, settings):
    page.cards.set_key("no")
    page._choose_card()
    assert settings.gpu is False


def test_microphones_are_listed_and_the_chosen_one_is_kept(page, settings):
    settings.microphone = "USB"
    page._show_microphones([Microphone("Built in", 48000, True), Microphone("USB", 16000, False)])
    assert page.microphones.key == "USB"
    assert "Ready" in page._microphone_said.text()
    page._show_microphones([Microphone("Built in", 48000, True)])
    assert page.microphones.key == "USB"
    assert "not plugged in" in page._microphone_said.text()
    settings.microphone = ""
    page._show_microphones([Microphone("Built in", 48000, True)])
    assert "Built in" in page._microphone_said.text()
    page._show_microphones([])
    assert "No microphone found" in page._microphone_said.text()


def test_a_trouble_is_told_in_its_row(page):
    page._no_microphones(StudioError("audio.system", "The sound of this computer does not answer."))
    assert "does not answer" in page._microphone_said.text()


def test_the_data_folder_is_measured_and_changed(page, settings, tmp_path, qtbot: QtBot):
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "file").write_bytes(b"x" * 2_000_000)
    page.set_folder(str(folder))
    assert settings.data_folder == folder
    qtbot.waitUntil(lambda: "used" in page._folder_said.text())
    assert "2.0 MB used" in page._folder_said.text()
    page.set_folder(str(tmp_path / "nowhere"))
    assert settings.data_folder == folder
    assert "Nothing can be written" in page._folder_said.text()


def test_the_engine_is_checked_in_a_process_of_its_own(page, qtbot: QtBot, monkeypatch):
    page._show_engine()
    assert "TensorFlow" in page._engine_said.text()
    monkeypatch.setattr("mww_studio.ui.pages.settings._ENGINE_CHECK", "print('9.9')")
    page.check_engine.click()
    assert not page.check_engine.isEnabled()
    qtbot.waitUntil(page.check_engine.isEnabled)
    assert page._engine_said.text() == "It works: TensorFlow 9.9 started."
    monkeypatch.setattr("mww_studio.ui.pages.settings._ENGINE_CHECK", "raise SystemExit('no such library')")
    page.check_engine.click()
    qtbot.waitUntil(page.check_engine.isEnabled)
    assert "no such library" in page._engine_said.text()


def test_nothing_is_wider_than_the_page(page, studio, qtbot: QtBot):
    for shown in (page, HelpPage(studio), AboutPage(studio)):
        qtbot.addWidget(shown)
        shown.resize(900, 560)
        shown.show()
        assert shown.content_minimum_width() <= shown.viewport_width()


def test_every_step_has_its_help(studio, qtbot: QtBot):
    page = HelpPage(studio)
    qtbot.addWidget(page)
    for entry in (*STEPS, SETTINGS):
        page.entered(entry.key)
        text = page.text.toPlainText()
        assert text.startswith(entry.label())
        assert len(text) > 300
    page.entered(PRESETS)
    assert "target_false_accepts_per_hour" in page.text.toPlainText()
    page.entered("no such page")
    assert page.topics.currentItem() is not None


def test_help_is_calm():
    for file in resource("help").glob("*.md"):
        text = file.read_text("utf-8")
        assert "!" not in text, file.name
        assert "please" not in text.lower(), file.name


def test_about_names_parts_and_licences(studio, qtbot: QtBot):
    page = AboutPage(studio)
    qtbot.addWidget(page)
    licences = {part.name: part.licence for part in parts()}
    assert "LGPL" in licences["PySide6_Essentials"]
    assert len(licences) > 20
    qtbot.mouseClick(page.copy, Qt.MouseButton.LeftButton)
    assert "PySide6_Essentials" in QGuiApplication.clipboard().text()
