"""What a model can do: nothing, being looked at, seen, beside one's own, saved, refused."""

import json
from pathlib import Path

import pytest
from finished_run import finish_run
from pytestqt.qtbot import QtBot

from mww_studio.evaluation.trial import Trial
from mww_studio.jobs import passport as job
from mww_studio.reference import official_model
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.page_list import PAGES
from mww_studio.ui.pages.passport import PassportPage

OFFICIAL = official_model("alexa").with_suffix(".json")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the processes in which a model is tried; their tests are elsewhere."""
    monkeypatch.setattr(job, "try_model", lambda *_: Trial(receptive_frames=140, linux_refusal=""))
    monkeypatch.setattr("mww_studio.jobs.verify.measure_arena_bytes", lambda _: 21_000)


@pytest.fixture
def page(qtbot: QtBot, studio: Studio) -> PassportPage:
    made = PassportPage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    return made


def seen(qtbot: QtBot, page: PassportPage) -> None:
    qtbot.waitUntil(page.view.isVisible, timeout=60_000)


def test_without_a_project_it_asks_for_a_file(page: PassportPage) -> None:
    page.entered("")
    assert page.primary() is page._choose
    assert not page._look_at_own.isVisible()
    assert not page._save.isVisible()
    page.left()


def test_a_good_file_is_shown_whole(qtbot: QtBot, page: PassportPage) -> None:
    page.entered(str(OFFICIAL))
    assert "alexa.json" in page._said.accessibleName()
    seen(qtbot, page)
    view = page.view
    assert view.verdict.kind == "ok"
    assert view.verdict.accessibleName() == "It runs on ESP32 and ESP32-S3, and on Linux voice assistants"
    assert [row.accessibleName() for row in view.devices][:2] == ["ESP32", "ESP32-S3"]
    assert all(row.accessibleDescription() for row in view.devices)
    takes = {row[0]: row[1] for row in view.cards["takes"].grid.rows}
    assert takes["Arena, measured here"] == "21,000 bytes"
    assert all(card.isVisible() for card in view.cards.values())
    assert view.rules.isVisible()
    assert view.compared is None
    assert page.primary() is None
    page.left()


def test_a_broken_file_is_a_verdict_and_not_an_error(qtbot: QtBot, page: PassportPage, tmp_path: Path) -> None:
    page.entered("")
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"not a model")
    page.look_at(broken)
    seen(qtbot, page)
    assert page.view.verdict.kind == "bad"
    assert page.message is None
    assert not page.view.cards["takes"].isVisible()
    page.left()


def test_what_is_neither_is_an_error_and_another_can_be_chosen(
    qtbot: QtBot, page: PassportPage, tmp_path: Path
) -> None:
    page.entered(str(tmp_path / "letter.txt"))
    qtbot.waitUntil(lambda: page.message is not None, timeout=60_000)
    assert page.message is not None
    assert page.message.kind == "bad"
    assert page.primary() is page._choose
    page.look_at(OFFICIAL)
    seen(qtbot, page)
    assert page.message is None
    page.look_at(tmp_path / "letter.txt")
    qtbot.waitUntil(lambda: page.message is not None, timeout=60_000)
    page.left()
    assert page.message is None  # who comes back is asked anew


def test_it_stands_beside_ones_own(qtbot: QtBot, page: PassportPage, session: Session) -> None:
    finish_run(session.project)
    page.entered(str(OFFICIAL))
    qtbot.waitUntil(lambda: page.view.compared is not None, timeout=60_000)
    assert page.view.compared is not None
    rows = {row[0]: row[1:] for row in page.view.compared.rows}
    assert rows["Flash"] == ("55,856 bytes", "60,264 bytes")
    page.left()
    page.entered("")
    qtbot.waitUntil(lambda: page._own is not None, timeout=60_000)
    page._look_at_own.click()
    qtbot.waitUntil(lambda: page.view.isVisible() and page.view.compared is None, timeout=60_000)
    assert "kosita" in page.view.verdict.accessibleDescription()
    page.left()


def test_it_is_saved_and_said(qtbot: QtBot, page: PassportPage, studio: Studio, tmp_path: Path) -> None:
    page.entered(str(OFFICIAL))
    seen(qtbot, page)
    with qtbot.waitSignal(studio.notice, timeout=60_000) as told:
        page.save_to(tmp_path / "alexa.html")
    assert "alexa.html" in told.args[0].text
    assert "Alexa" in (tmp_path / "alexa.html").read_text("utf-8")
    page.save_to(tmp_path / "alexa.pdf")
    qtbot.waitUntil(lambda: page.message is not None, timeout=60_000)
    assert page.view.isVisible()
    page.left()


@pytest.mark.parametrize(("open_project", "step"), [(False, "start"), (True, "deploy")])
def test_the_way_back(qtbot: QtBot, studio: Studio, tmp_path: Path, open_project: bool, step: str) -> None:
    window = MainWindow(studio, PAGES)
    qtbot.addWidget(window)
    if open_project:
        studio.create_project(tmp_path / "project", "kosita", "en", "Ben")
    window.show()
    window.go("passport")
    assert window.page_key == "passport"
    assert window.page.back.text() == f"Back to {step.capitalize()}"
    window.page.escape()
    assert window.page_key == step
    window.close()


def test_names_without_end_are_folded(qtbot: QtBot, page: PassportPage, tmp_path: Path) -> None:
    file = tmp_path / f"{'w' * 240}.json"
    content = json.loads(OFFICIAL.read_text("utf-8"))
    file.write_text(json.dumps(content | {"author": "w" * 2000, "model": "w" * 200}), encoding="utf-8")
    page.entered(str(file))
    seen(qtbot, page)
    assert page.view.verdict.kind == "bad"
    assert page.content_minimum_width() <= page.viewport_width()
    page.left()
