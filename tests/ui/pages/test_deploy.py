"""Deploy: nothing without a run, everything checked, the files saved, a broken file refused."""

import stat
from pathlib import Path
from unittest.mock import Mock

import pytest
from finished_run import finish_run
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from mww_studio.constitution.verdicts import Level, Outcome, Verdict
from mww_studio.export.provenance import SoundSet
from mww_studio.reference import official_model
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.pages.deploy import DeployPage
from mww_studio.ui.pages.deploy_details import CodeText, RuleView
from mww_studio.ui.pages.deploy_device import WordLine
from mww_studio.ui.theme import Theme


@pytest.fixture
def page(qtbot: QtBot, studio: Studio) -> DeployPage:
    made = DeployPage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    return made


def choose(page: DeployPage, name: str) -> None:
    """Choose a board as a person does, by the list."""
    page.device.board.set_key(name)
    page.device.board.activated.emit(page.device.board.currentIndex())


def checked(qtbot: QtBot, page: DeployPage) -> None:
    page.entered("")
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)


@pytest.mark.parametrize("bound", [True, False])
def test_what_else_it_was_made_with_is_named_with_its_licence(page: DeployPage, bound: bool) -> None:
    talk = SoundSet(name="talk", title="Talk", licence="CC BY", non_commercial=bound, source="", sha256=None, hours=81)
    seen = Mock(sound_sets=(talk,))
    page._all.show()
    page._show_licences(seen)
    assert page._licences.isVisible()
    row = page._licences
    assert row.accessibleName() == (
        "You may not sell this wake word" if bound else "It was also made with “Talk” (CC BY)"
    )
    assert ("“Talk” (CC BY)" in row.accessibleDescription()) is bound
    page._show_licences(Mock(sound_sets=()))
    assert not page._licences.isVisible()


@pytest.mark.usefixtures("session")
def test_without_a_run_it_leads_to_training(qtbot: QtBot, page: DeployPage) -> None:
    page.entered("")
    assert page._empty.isVisible()
    assert not page._all.isVisible()
    with qtbot.waitSignal(page.navigate) as gone:
        page._empty.findChild(type(page._save)).click()
    assert gone.args == ["train", ""]
    page.left()


def test_a_good_run_is_checked_and_saved_for_the_board(qtbot: QtBot, page: DeployPage, session: Session) -> None:
    finish_run(session.project)
    checked(qtbot, page)
    assert page._law.accessibleName().startswith("The file is right")
    assert page._esphome.accessibleName() == "ESPHome accepts the configuration"
    page._law.button.click()
    assert page._rules.isVisible()
    assert (page._law.button.text(), page._law.button.accessibleName()) == ("Hide", "Hide the rules")
    scroll = page._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.value() > 0)
    page._law.button.click()
    assert not page._rules.isVisible()
    assert page._law.button.text() == "Show"
    page._esphome.button.click()
    page._yaml.copy()
    assert "micro_wake_word:" in QGuiApplication.clipboard().text()
    assert page.primary() is page._save
    page._save.click()
    assert not page._save.isEnabled()
    qtbot.waitUntil(page._saved.isVisible, timeout=60_000)
    out = session.folder / "exports" / "generic-s3"
    assert {path.name for path in out.iterdir()} == {
        "kosita.tflite",
        "kosita.json",
        "kosita.yaml",
        "secrets.yaml",
        "provenance.json",
        "README.txt",
    }
    assert stat.S_IMODE((out / "secrets.yaml").stat().st_mode) == 0o600
    assert "kosita.yaml" in page._saved._steps.text()
    assert page.primary() is page._saved.put
    assert page._save.kind == "normal"
    with qtbot.waitSignal(page.navigate) as gone:
        page._saved.put.click()
    assert gone.args == ["flash", str(out / "kosita.yaml")]
    choose(page, "generic-esp32")
    assert not page._saved.isVisible()
    assert page._save.kind == "primary"
    page.left()


def test_another_board_gives_another_configuration(qtbot: QtBot, page: DeployPage, session: Session) -> None:
    finish_run(session.project)
    checked(qtbot, page)
    first = page._yaml.text
    choose(page, "generic-esp32")
    assert page._found is None
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)
    assert "variant: esp32\n" in page._yaml.text
    assert "variant: esp32s3" in first
    page.left()


def test_a_broken_file_is_never_saved(qtbot: QtBot, page: DeployPage, session: Session) -> None:
    run = finish_run(session.project)
    for model in Path(session.project.run_folder(run.id)).rglob("*.tflite"):
        model.write_bytes(b"not a model")
    checked(qtbot, page)
    assert page._law.accessibleName().startswith("The file is not right")
    assert not page._save.isEnabled()
    assert page._save.reason_label().text()
    assert page.primary() is None
    page._rules.show()
    assert page._rules._model.index(0, 0).data() == "no"
    page.left()


def test_a_folder_that_cannot_be_written_is_told_with_a_cure(
    qtbot: QtBot, page: DeployPage, session: Session, tmp_path: Path
) -> None:
    finish_run(session.project)
    checked(qtbot, page)
    page._rules.show()
    bar = page._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    (tmp_path / "file").write_text("in the way")
    page.save_to(tmp_path / "file" / "out")
    qtbot.waitUntil(lambda: page.message is not None, timeout=60_000)
    assert page.message is not None
    assert page.message.kind == "bad"
    assert page._scroll.verticalScrollBar().value() == 0
    assert page._save.isEnabled()
    page.left()


def test_another_word_and_another_name_are_written_and_taken_away_again(
    qtbot: QtBot, page: DeployPage, session: Session
) -> None:
    finish_run(session.project)
    checked(qtbot, page)
    qtbot.waitUntil(lambda: len(page.device.menu_of_words.actions()) > 1, timeout=60_000)
    jarvis = next(each for each in page.device.menu_of_words.actions() if "Hey Jarvis" in each.text())
    page.device.name.setText("Kitchen")
    jarvis.trigger()
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)
    assert page._yaml.text.index('model: "kosita.json"') < page._yaml.text.index('model: "hey_jarvis.json"')
    assert 'name: "kitchen"' in page._yaml.text
    assert page._found is not None
    assert page._found.order.name == "Kitchen"
    page.device.findChild(WordLine).removed.emit(page._found.order.further[0])
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)
    assert "hey_jarvis" not in page._yaml.text
    page.left()


def test_words_that_a_board_cannot_hold_are_refused_with_the_cure(
    qtbot: QtBot, page: DeployPage, session: Session
) -> None:
    finish_run(session.project)
    checked(qtbot, page)
    choose(page, "m5stack-atom-echo")
    for name in ("hey_jarvis", "alexa", "hey_mycroft"):
        page.device.add_word(official_model(name).with_suffix(".json"))
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)
    assert "cannot hold these wake words" in page._esphome.accessibleName()
    assert "PSRAM" in page._esphome.accessibleDescription()
    assert not page._save.isEnabled()
    page.left()


def test_voice_activity_that_is_none_is_refused(qtbot: QtBot, page: DeployPage, session: Session) -> None:
    finish_run(session.project)
    checked(qtbot, page)
    page.device.set_vad(official_model("alexa").with_suffix(".json"))
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)
    assert "no model of voice activity" in page._esphome.accessibleName()
    page.device._voice.button.click()
    qtbot.waitUntil(lambda: page._found is not None, timeout=60_000)
    assert page._save.isEnabled()
    page.left()


def test_who_comes_to_a_text_by_key_sees_where_they_are(qtbot: QtBot) -> None:
    text = CodeText("Text")
    qtbot.addWidget(text)
    text.set_text("a\nb")
    with qtbot.waitExposed(text):
        text.show()
    text.activateWindow()
    text.setFocus()
    qtbot.waitUntil(text.hasFocus)
    edge = (1, text.height() // 2)
    assert text.grab().toImage().pixelColor(*edge) != Theme.current().tokens.focus
    Theme.current().keyboard_used = True
    assert text.grab().toImage().pixelColor(*edge) == Theme.current().tokens.focus


def test_who_comes_to_the_rules_by_key_sees_where_they_are(qtbot: QtBot) -> None:
    rules = RuleView()
    qtbot.addWidget(rules)
    rules.set_verdicts(
        [Verdict("manifest", "manifest.readable", next(iter(Level)), Outcome.PASS, "340 bytes", "a file", "")]
    )
    with qtbot.waitExposed(rules):
        rules.show()
    rules.activateWindow()
    rules._table.setFocus()
    qtbot.waitUntil(lambda: rules._table.selectionModel().isRowSelected(0))
