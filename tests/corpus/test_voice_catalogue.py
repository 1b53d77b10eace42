"""Voices from a server on this computer that serves a catalogue as Piper's collection has it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from file_server import FileServer, cut, status

from mww_studio.corpus import download
from mww_studio.corpus.voice_catalogue import (
    catalogue,
    find_offer,
    install_voice,
    known_offers,
    read_card,
    uninstall_voice,
)
from mww_studio.corpus.voice_folder import voices_folder
from mww_studio.corpus.voice_kokoro import STYLE_BYTES, Kokoro, installed_styles
from mww_studio.corpus.voice_piper import Piper, piper_models
from mww_studio.corpus.voices import Voice, ipa_of, side_of_voice
from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress
from mww_studio.project.records import Split

VOICE = "en_GB-many-medium"
FOLDER = "en/en_GB/many/medium"
MODEL = np.random.default_rng(0).bytes(400_000)
CARD = b"# Model card for many (medium)\n\n* Language: en_GB\n\n## Dataset\n\n* License: CC BY-NC 4.0\n"


def config(speakers: int = 3, kind: str = "espeak") -> bytes:
    return json.dumps({"num_speakers": speakers, "phoneme_type": kind}).encode()


def entry(key: str, folder: str, files: dict[str, bytes], speakers: int = 3) -> dict[str, Any]:
    return {
        "key": key,
        "name": key.split("-")[1],
        "language": {"code": key.split("-")[0], "name_english": "English", "country_english": "Great Britain"},
        "quality": "medium",
        "num_speakers": speakers,
        "speaker_id_map": {},
        "files": {
            f"{folder}/{name}": {"size_bytes": len(content), "md5_digest": hashlib.md5(content).hexdigest()}  # noqa: S324
            for name, content in files.items()
        },
        "aliases": [],
    }


def files_of(key: str, kind: str = "espeak") -> dict[str, bytes]:
    return {f"{key}.onnx": MODEL, f"{key}.onnx.json": config(kind=kind), "MODEL_CARD": CARD}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FileServer]:
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(download, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(download.fetch, "__kwdefaults__", {"pauses_s": (0.0, 0.0)})
    with FileServer() as running:
        monkeypatch.setattr("mww_studio.corpus.voice_catalogue.PIPER_SITE", f"{running.url}/")
        serve(running, {VOICE: entry(VOICE, FOLDER, files_of(VOICE))})
        yield running


def serve(server: FileServer, index: dict[str, Any]) -> None:
    server.serve("voices.json", json.dumps(index).encode())
    for name, content in files_of(VOICE).items():
        server.serve(f"{FOLDER}/{name}", content)


def test_a_voice_from_the_catalogue_to_the_engine_and_away_again(server: FileServer) -> None:
    offer = find_offer(VOICE, catalogue(Progress()))
    assert (offer.language, offer.speakers, offer.installed) == ("en-gb", 3, False)
    assert offer.title == "Many, English (Great Britain)"
    assert offer.bytes == len(MODEL) + len(config())
    card = read_card(offer, Progress())
    assert (card.licence, card.non_commercial) == ("CC BY-NC 4.0", True)
    assert all(name.endswith("MODEL_CARD") for name, _ in server.asked[1:])

    folder = install_voice(offer, Progress())
    assert (folder / f"{VOICE}.onnx").read_bytes() == MODEL
    model = next(model for model in piper_models() if model.name == VOICE)
    assert (model.speakers, model.licence, model.language) == (3, "CC BY-NC 4.0", "en-gb")
    own = [voice for voice in Piper().voices("en") if voice.name.startswith(VOICE)]
    assert {voice.name for voice in own} == {f"{VOICE}#{person}" for person in range(3)}
    assert {voice.licence for voice in own} == {"CC BY-NC 4.0"}
    assert find_offer(VOICE, known_offers()).installed

    uninstall_voice(VOICE)
    assert not folder.exists()
    assert not find_offer(VOICE, known_offers()).installed
    with pytest.raises(StudioError) as caught:
        uninstall_voice(VOICE)
    assert caught.value.code == "voices.not_installed"


def test_a_download_that_breaks_off_goes_on_where_it_was(server: FileServer) -> None:
    server.files[f"{FOLDER}/{VOICE}.onnx"].faults.extend([cut(150_000), status(500)])
    offer = find_offer(VOICE, catalogue(Progress()))
    install_voice(offer, Progress())
    assert any(header.startswith("bytes=") for header in server.ranges_asked())
    assert [model.name for model in piper_models() if model.name == VOICE] == [VOICE]


def test_a_cancelled_download_is_no_voice_and_can_go_on(server: FileServer) -> None:
    class Stop(Progress):
        def step(self, done: int, **_figures: float | str) -> None:
            if done > 100_000:
                raise Cancelled

    offer = find_offer(VOICE, catalogue(Progress()))
    with pytest.raises(Cancelled):
        install_voice(offer, Stop())
    assert all(model.name != VOICE for model in piper_models())
    install_voice(offer, Progress())
    assert any(model.name == VOICE for model in piper_models())
    assert server.files


def test_what_is_not_what_the_catalogue_says_is_refused(server: FileServer) -> None:
    offer = find_offer(VOICE, catalogue(Progress()))
    server.serve(f"{FOLDER}/{VOICE}.onnx", bytes(len(MODEL)))
    with pytest.raises(StudioError) as caught:
        install_voice(offer, Progress())
    assert caught.value.code == "download.hash"
    assert all(model.name != VOICE for model in piper_models())


def test_a_voice_that_needs_another_program_is_refused(server: FileServer) -> None:
    key, folder = "zh_CN-other-medium", "zh/other"
    files = files_of(key, kind="pinyin")
    serve(server, {VOICE: entry(VOICE, FOLDER, files_of(VOICE)), key: entry(key, folder, files)})
    for name, content in files.items():
        server.serve(f"{folder}/{name}", content)
    with pytest.raises(StudioError) as caught:
        install_voice(find_offer(key, catalogue(Progress())), Progress())
    assert caught.value.code == "voices.unsupported"
    assert not (voices_folder("piper") / key).exists()


def test_entries_that_lead_elsewhere_are_left_out(server: FileServer) -> None:
    evil = entry("../../evil-name-low", "x", {})
    outside = entry("en_US-up-low", "../../..", files_of("en_US-up-low"))
    nothing = entry("en_US-nothing-low", "x", {"readme.txt": b"hello"})
    serve(server, {"a": evil, "b": outside, "c": nothing, "d": 7, VOICE: entry(VOICE, FOLDER, files_of(VOICE))})
    assert [offer.name for offer in catalogue(Progress()) if offer.engine == "piper"] == [VOICE]


@pytest.mark.parametrize("content", [b"<html>", b"{}", b'{"a": 1}', b"[]"])
def test_a_catalogue_that_makes_no_sense_leaves_the_old_one(server: FileServer, content: bytes) -> None:
    before = catalogue(Progress())
    server.serve("voices.json", content)
    with pytest.raises(StudioError) as caught:
        catalogue(Progress(), refresh=True)
    assert caught.value.code == "voices.catalogue"
    assert known_offers() == before


def test_without_internet_the_styles_of_kokoro_and_what_is_here_are_known(server: FileServer) -> None:
    server.__exit__()
    with pytest.raises(StudioError) as caught:
        catalogue(Progress())
    assert caught.value.code.startswith("download.")
    names = {offer.name: offer for offer in known_offers()}
    assert names["kokoro-en"].speakers == 28
    assert names["kokoro-en"].bytes == 28 * STYLE_BYTES
    assert all(remote.sha256 for remote in names["kokoro-en"].files.values())
    folder = voices_folder("piper") / VOICE
    folder.mkdir(parents=True)
    (folder / f"{VOICE}.onnx").write_bytes(MODEL)
    (folder / f"{VOICE}.onnx.json").write_text("damaged")
    (folder / "LICENCE.txt").write_text("CC0")
    assert find_offer(VOICE, known_offers()).installed
    assert all(model.name != VOICE for model in piper_models())


def test_installed_styles_become_voices_on_all_sides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path))
    offer = next(offer for offer in known_offers() if offer.name == "kokoro-en")
    folder = voices_folder("kokoro") / offer.name
    folder.mkdir(parents=True)
    for name in offer.files:
        (folder / name).write_bytes(bytes(STYLE_BYTES))
    assert installed_styles() == {}
    (folder / "LICENCE.txt").write_text("Apache-2.0")
    (folder / "af_heart.bin").write_bytes(b"short")
    assert len(installed_styles()) == 27
    voices = Kokoro().voices("en")
    assert {voice.side for voice in voices} == set(Split)
    held_out = {voice.name for voice in voices if voice.side is not Split.TRAIN and "+" not in voice.name}
    blended = [voice.name for voice in voices if "+" in voice.name]
    assert blended
    assert not [(name, blend) for name in held_out for blend in blended if name in blend]
    assert all("af_" not in voice.name for voice in Kokoro().voices("de"))


def test_sides_of_installed_voices_follow_the_voice_not_its_variants() -> None:
    sides = [side_of_voice(f"piper:en_GB-many-medium#{person}") for person in range(200)]
    assert 10 < sides.count(Split.TEST) < 45
    assert 10 < sides.count(Split.VALIDATION) < 45
    for person in range(20):
        voice = Voice("piper", f"en_GB-many-medium#{person}", "en-gb", 1.15, 1.08)
        assert voice.side is sides[person]
    assert side_of_voice("kokoro:0.5af_heart+0.5am_adam") is Split.TRAIN
    assert side_of_voice("say:Samantha") is side_of_voice("sapi:Zira@1.1/1") is Split.TEST
    assert side_of_voice("espeak-ng:f4@1.15/1.08") is Split.TEST
    assert ipa_of(" /həlˈoʊ/ ") == "həlˈoʊ"
    assert ipa_of("hello") is ipa_of("//") is None
