"""Check a YAML of yours: what was found, the lines that change, mending with a way back, files that cannot be read."""

from pathlib import Path

import pytest
from doctor_patient import API_KEY, HEALTHY, changed, lay_out
from pytestqt.qtbot import QtBot

from mww_studio.esphome.program import ProgramResult
from mww_studio.jobs import doctor
from mww_studio.services.studio import Studio
from mww_studio.ui.drop import DropKind, kind_of
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.pages.doctor import DoctorPage

_PATIENCE_MS = 60_000
ILL = changed(
    ("sample_rate: 16000", "sample_rate: 44100"),
    ("  micro_wake_word: mww\n", ""),
    ("    key: !secret api_key", f"    key: {API_KEY}"),
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a child process that measures nor the real esphome, which the tests of their own rooms are about."""
    monkeypatch.setattr(doctor, "measure_arena_bytes", lambda _model: None)
    monkeypatch.setattr(doctor, "validate", lambda _path, _progress: ProgramResult(True, ""))


@pytest.fixture
def page(qtbot: QtBot, studio: Studio) -> DoctorPage:
    made = DoctorPage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    return made


def looked(qtbot: QtBot, page: DoctorPage, path: Path) -> None:
    page.entered(str(path))
    qtbot.waitUntil(lambda: page._mode != "looking", timeout=_PATIENCE_MS)


def message(page: DoctorPage) -> Message | None:
    return next((one for one in page.findChildren(Message) if one.isVisible()), None)


def test_nothing_is_chosen_yet(page: DoctorPage) -> None:
    page.entered("")
    assert page.primary() is page.choose_button
    assert page.choose_button.isVisible()


def test_everything_is_mended_and_taken_back(qtbot: QtBot, page: DoctorPage, tmp_path: Path) -> None:
    path = lay_out(tmp_path, ILL)
    looked(qtbot, page, path)
    assert page.verdict.text() == "2 things keep the wake word from working"
    assert [row.button is not None for row in page.findings.rows] == [True, True, True]
    shown = "\n".join(view.text for view in page.diffs)
    assert "-     sample_rate: 44100" in shown
    assert "+     sample_rate: 16000" in shown
    assert API_KEY not in shown
    assert path.read_bytes() == ILL.encode()

    assert page.primary() is page.mend_button
    page.mend_button.click()
    assert not page.mend_button.isEnabled()
    qtbot.waitUntil(page.well.isVisible, timeout=_PATIENCE_MS)
    told = message(page)
    assert told is not None
    assert told.accessibleName() == "kitchen.yaml is mended"
    assert told.accessibleDescription().endswith("ESPHome accepts it.")
    copy = next(tmp_path.glob("kitchen.yaml.bak-*"))
    assert copy.read_bytes() == ILL.encode()

    page._undo()
    qtbot.waitUntil(page.found.isVisible, timeout=_PATIENCE_MS)
    assert path.read_bytes() == ILL.encode()
    assert copy.exists()


def test_only_one_thing_is_mended(qtbot: QtBot, page: DoctorPage, tmp_path: Path) -> None:
    path = lay_out(tmp_path, ILL)
    looked(qtbot, page, path)
    row = next(row for row in page.findings.rows if row.finding.code == "microphone.rate")
    assert row.button is not None
    row.button.click()
    qtbot.waitUntil(lambda: len(page.findings.rows) == 2, timeout=_PATIENCE_MS)
    assert path.read_text() == ILL.replace("44100", "16000")


def test_what_esphome_says_against_it_is_shown_without_secrets(
    qtbot: QtBot, page: DoctorPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ProgramResult(False, f"api:\n  key: {API_KEY}\nwifi: horse-battery is too short")
    monkeypatch.setattr(doctor, "validate", lambda _path, _progress: said)
    looked(qtbot, page, lay_out(tmp_path, ILL))
    page.mend_button.click()
    qtbot.waitUntil(page._esphome.isVisible, timeout=_PATIENCE_MS)
    assert page._esphome.text == "api:\n  key: ••••\nwifi: •••• is too short"
    assert not page.well.isVisible()  # which would say that all is in order
    page._look_again()
    qtbot.waitUntil(page.well.isVisible, timeout=_PATIENCE_MS)
    assert not page._esphome.isVisible()


def test_a_file_in_order_needs_nothing(qtbot: QtBot, page: DoctorPage, tmp_path: Path) -> None:
    looked(qtbot, page, lay_out(tmp_path))
    assert page.well.isVisible()
    assert page.primary() is None


def test_with_a_project_a_file_in_order_can_be_put_on_a_device(
    qtbot: QtBot, page: DoctorPage, studio: Studio, tmp_path: Path
) -> None:
    studio.create_project(tmp_path / "project", "kosita", "en", "Ben")
    path = lay_out(tmp_path)
    looked(qtbot, page, path)
    assert page.primary() is page.to_device
    with qtbot.waitSignal(page.navigate) as went:
        page.to_device.click()
    assert went.args == ["flash", str(path)]


@pytest.mark.parametrize(("name", "code"), [("kitchen.yaml", "doctor.no-yaml"), ("notes.txt", "doctor.kind")])
def test_what_cannot_be_read_is_told(qtbot: QtBot, page: DoctorPage, tmp_path: Path, name: str, code: str) -> None:
    path = tmp_path / name
    path.write_text(HEALTHY.replace("logger:", "\tlogger:"))
    looked(qtbot, page, path)
    told = message(page)
    assert told is not None
    assert f"({code})" in told.accessibleDescription()
    assert page.choose_button.isVisible()


def test_esc_leads_to_the_start_where_no_project_is_open(qtbot: QtBot, page: DoctorPage) -> None:
    with qtbot.waitSignal(page.navigate) as went:
        page.escape()
    assert went.args == ["start", ""]


def test_a_configuration_that_is_dropped_comes_here(tmp_path: Path) -> None:
    assert kind_of([tmp_path / "kitchen.yaml"]) is DropKind.CONFIGURATION
    assert kind_of([tmp_path / "a.yaml", tmp_path / "b.yml"]) is DropKind.NOTHING
