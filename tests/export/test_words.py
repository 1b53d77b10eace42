"""Several words on one device: what hurts is refused before it is read, and what does not fit is told."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mww_studio.constitution.manifest import read_manifest
from mww_studio.errors import StudioError
from mww_studio.esphome.boards import board
from mww_studio.export.words import apart, fit, read_word
from mww_studio.reference import official_model


@pytest.fixture
def manifest(tmp_path):
    for suffix in (".json", ".tflite"):
        shutil.copy(official_model("alexa").with_suffix(suffix), tmp_path)
    return tmp_path / "alexa.json"


def changed(manifest, **values):
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | values), "utf-8")
    return manifest


def official(name):
    return read_word(official_model(name).with_suffix(".json"))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a\\b.tflite", "", "nothing.tflite"])
def test_a_model_elsewhere_is_never_opened(manifest, name):
    with pytest.raises(StudioError) as refusal:
        read_word(changed(manifest, model=name))
    assert refusal.value.code in {"manifest.invalid", "word.refused"}
    assert "root:" not in str(refusal.value)


@pytest.mark.skipif(os.name != "posix", reason="links and devices")
def test_links_devices_and_folders_are_no_models(manifest):
    model = manifest.with_suffix(".tflite")
    model.rename(manifest.with_name("other.tflite"))
    for make in (
        lambda: model.symlink_to("other.tflite"),
        lambda: model.symlink_to("/dev/zero"),
        lambda: os.mkfifo(model),
        model.mkdir,
    ):
        make()
        with pytest.raises(StudioError) as refusal:
            read_word(manifest)
        assert refusal.value.code == "word.refused"
        model.rmdir() if model.is_dir() and not model.is_symlink() else model.unlink()


def test_a_huge_model_is_not_read(manifest):
    with manifest.with_suffix(".tflite").open("wb") as file:
        file.truncate(10**12)  # a hole, which takes no room
    with pytest.raises(StudioError, match="too big") as refusal:
        read_word(manifest)
    assert refusal.value.code == "word.refused"


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\x01\xff\xfe",
        b'{"type": "micro", "author": "' + b"a" * 10_000_000 + b'"}',
        b"[" * 200_000,
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        b"",
    ],
    ids=["binary", "a line of 10 MB", "deep", "YAML bomb", "empty"],
)
def test_what_is_no_manifest_is_refused_in_words(manifest, text):
    manifest.write_bytes(text)
    with pytest.raises(StudioError, match=r"alexa\.json") as refusal:
        read_word(manifest)
    assert refusal.value.code == "manifest.invalid"
    assert len(str(refusal.value)) < 1000


def test_a_voice_activity_model_is_known_by_its_word(manifest):
    with pytest.raises(StudioError) as refusal:
        read_word(manifest, vad=True)
    assert refusal.value.code == "word.vad"
    changed(manifest, wake_word="vad")
    assert read_word(manifest, vad=True).vad
    with pytest.raises(StudioError) as refusal:
        read_word(manifest)
    assert refusal.value.code == "manifest.invalid"


def test_files_of_words_never_share_a_name(manifest):
    word = read_word(manifest)
    assert apart([word, word, official("hey_jarvis")]) == ["alexa", "alexa_2", "hey_jarvis"]


def test_one_feature_step_for_all(manifest):
    word = read_word(manifest)
    slow = replace(official("hey_jarvis"), manifest=replace(word.manifest, feature_step_size=20))
    with pytest.raises(StudioError, match="10 ms, 20 ms") as refusal:
        fit([word, slow], board("generic-s3"))
    assert refusal.value.code == "device.step"


def test_a_model_given_twice_is_told(manifest):
    word = read_word(manifest)
    with pytest.raises(StudioError, match="“Alexa”, “Alexa”") as refusal:
        fit([word, word, official("hey_jarvis")], board("generic-s3"))
    assert refusal.value.code == "device.twice"


def test_without_a_word_there_is_no_device():
    with pytest.raises(StudioError) as refusal:
        fit([], board("generic-s3"))
    assert refusal.value.code == "device.no_word"


def test_words_share_the_memory_of_the_board():
    words = [official(name) for name in ("okay_nabu", "alexa", "hey_jarvis", "hey_mycroft")]
    wanted = sum(word.manifest.tensor_arena_size for word in words)
    assert fit(words, board("generic-s3")) == ()
    with pytest.raises(StudioError, match=f"{wanted:,} bytes") as refusal:
        fit(words, board("m5stack-atom-echo"))
    assert refusal.value.code == "device.memory"
    assert "PSRAM" in refusal.value.do
    (remark,) = fit(words[:2], board("m5stack-atom-echo"))
    assert "no PSRAM" in remark


def test_what_only_the_vendor_knows_is_said_to_be_unchecked():
    (remark,) = fit([official("alexa")], board("home-assistant-voice-pe"))
    assert "stand-in" in remark
    assert "github://esphome/home-assistant-voice-pe" in remark


def test_two_models_for_one_word_are_told():
    word = official("alexa")
    other = replace(official("hey_jarvis"), manifest=replace(word.manifest, model="hey_jarvis.tflite"))
    assert any("“Alexa” more than once" in remark for remark in fit([word, other], board("generic-s3")))


def test_the_manifest_in_the_package_is_read_where_it_lies():
    path = official_model("alexa").with_suffix(".json")
    assert official("alexa").manifest == read_manifest(Path(path))
