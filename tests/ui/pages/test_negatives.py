"""Other talk to download: what there is, what must be accepted, a download with its troubles, one's own folders."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from file_server import FileServer
from published_sets import describe, make_set, write_catalogue, zipped
from pytestqt.qtbot import QtBot

from mww_studio.corpus.negatives import FeatureSet, InstalledSet, installed_sets, sets_folder, write_note
from mww_studio.jobs.negatives_choice import read_choice
from mww_studio.project.records import Split
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.pages.negatives import NegativesPage
from mww_studio.ui.pages.negatives_rows import SetLine

_PATIENCE_MS = 60_000


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        yield running


@pytest.fixture
def page(qtbot: QtBot, studio: Studio) -> NegativesPage:
    made = NegativesPage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    return made


def looked(qtbot: QtBot, page: NegativesPage) -> None:
    page.entered("")
    qtbot.waitUntil(lambda: page._seen is not None, timeout=_PATIENCE_MS)


def line(page: NegativesPage, name: str) -> SetLine:
    return page.lines[name]


def offer(data: Path, server: FileServer, content: bytes, *faults, **more) -> None:
    url = server.serve("talk.zip", content, *faults)
    write_catalogue(data, describe("talk", url, content, **more))


def install(name: str) -> None:
    folder = sets_folder() / name
    make_set(folder / name, ("training",), items=1)
    described = FeatureSet(name=name, title="Our kitchen", licence="mine", source="/recordings/kitchen")
    write_note(folder, InstalledSet(described=described, frames={Split.TRAIN: 720_000}))


@pytest.mark.usefixtures("session")
def test_every_set_says_what_it_is_before_anything_is_downloaded(qtbot: QtBot, page: NegativesPage) -> None:
    looked(qtbot, page)
    shown = line(page, "dinner_party")
    assert "444 MB to download · 2.3 GB on the disk · CC BY-NC 4.0, not for commercial use" in shown.facts.text()
    assert page.primary() is shown.get
    assert not shown.use.isVisible()
    assert not shown.remove.isVisible()
    assert "free on the disk" in page._free.text()
    page.left()


@pytest.mark.usefixtures("session")
def test_a_licence_is_accepted_first(qtbot: QtBot, page: NegativesPage, studio: Studio) -> None:
    looked(qtbot, page)
    shown = line(page, "speech")
    shown.get.click()
    assert shown.message is not None
    assert shown.message.accessibleName() == "This may not be used commercially"
    assert "CC BY-NC 4.0" in shown.message.accessibleDescription()
    assert studio.jobs.jobs == []
    shown.ask_nothing()
    assert shown.message is None
    page.left()


@pytest.mark.usefixtures("session")
def test_a_set_is_downloaded_used_and_removed(
    qtbot: QtBot, page: NegativesPage, studio: Studio, server: FileServer, data: Path, tmp_path: Path
) -> None:
    make_set(tmp_path / "talk", items=2)
    offer(data, server, zipped(tmp_path / "talk"))
    looked(qtbot, page)
    shown = line(page, "talk")
    shown.get.click()
    assert shown.cancel.isVisible()
    assert not shown.get.isVisible()
    qtbot.waitUntil(shown.remove.isVisible, timeout=_PATIENCE_MS)
    assert shown.use.isChecked()
    assert page.primary() is None
    shown.use.click()
    session = studio.session
    assert session is not None
    assert read_choice(session.folder).leave_out == ("talk",)
    assert session.undo.undoText() == "Leave out “The set talk”"
    studio.undo()
    qtbot.waitUntil(shown.use.isChecked, timeout=_PATIENCE_MS)
    shown.remove.click()
    assert shown.message is not None
    shown.removed()
    qtbot.waitUntil(shown.get.isVisible, timeout=_PATIENCE_MS)
    assert installed_sets() == []
    page.left()


@pytest.mark.usefixtures("session")
def test_a_download_is_cancelled_and_can_go_on(
    qtbot: QtBot, page: NegativesPage, studio: Studio, server: FileServer, data: Path
) -> None:
    content = np.random.default_rng(0).bytes(3_000_000)
    offer(data, server, content, server.stall(1_048_576))
    looked(qtbot, page)
    shown = line(page, "talk")
    shown.get.click()
    part = sets_folder() / "talk.zip.part"
    qtbot.waitUntil(lambda: part.is_file() and part.stat().st_size >= 1_048_576, timeout=_PATIENCE_MS)
    shown.cancel.click()
    qtbot.waitUntil(lambda: not studio.jobs.busy() and shown.get.isVisible(), timeout=_PATIENCE_MS)
    qtbot.waitUntil(lambda: shown.get.text() == "Go on", timeout=_PATIENCE_MS)
    assert "1 MB of 3 MB came already" in shown.facts.text()
    page.left()


@pytest.mark.usefixtures("session")
def test_a_trouble_stands_at_its_set_with_what_to_do(
    qtbot: QtBot, page: NegativesPage, server: FileServer, data: Path
) -> None:
    offer(data, server, b"not the file", sha256=hashlib.sha256(b"another").hexdigest())
    looked(qtbot, page)
    shown = line(page, "talk")
    shown.get.click()
    qtbot.waitUntil(lambda: shown.message is not None, timeout=_PATIENCE_MS)
    assert shown.message is not None
    assert shown.message.kind == "bad"
    assert "set aside" in shown.message.accessibleDescription()
    assert shown.get.isVisible()
    page.left()
    page.entered("")
    assert shown.message is not None
    page.left()


@pytest.mark.usefixtures("session")
def test_a_folder_of_ones_own_becomes_a_set(qtbot: QtBot, page: NegativesPage, tmp_path: Path) -> None:
    folder = tmp_path / "Kitchen"
    folder.mkdir()
    soundfile.write(folder / "1.wav", np.random.default_rng(0).normal(0, 0.05, 32_000), 16_000)
    looked(qtbot, page)
    page._licence.setText(" CC0 ")
    page.add_folder(folder)
    qtbot.waitUntil(lambda: "kitchen-2" in page.lines, timeout=_PATIENCE_MS)
    assert line(page, "kitchen-2").title.text() == "Kitchen"
    assert line(page, "kitchen-2").facts.text().endswith("CC0")
    assert installed_sets()[0].described.licence == "CC0"
    before = page._seen
    page.add_folder(folder)
    qtbot.waitUntil(lambda: page.message is not None and page._seen is not before, timeout=_PATIENCE_MS)
    assert page.message is not None
    assert "already" in page.message.accessibleName()
    page.left()


def test_a_choice_that_cannot_be_read_is_told(qtbot: QtBot, page: NegativesPage, session: Session) -> None:
    install("kitchen")
    (session.folder / "negatives.json").write_text("{")
    page.entered("")
    qtbot.waitUntil(lambda: page.message is not None, timeout=_PATIENCE_MS)
    (session.folder / "negatives.json").unlink()
    page.look()
    qtbot.waitUntil(lambda: page._seen is not None, timeout=_PATIENCE_MS)
    assert page.message is None
    assert line(page, "kitchen").facts.text().startswith("2.0 hours")
    page.left()
