"""What comes along with an added word: what was measured for its very model, and a licence in a small plain file."""

import json
import os
import shutil

import pytest

from mww_studio.esphome.config import Sensitivity
from mww_studio.export.provenance import Measured, describe
from mww_studio.export.words import read_word
from mww_studio.reference import official_model

POINTS = (
    Sensitivity("Slightly sensitive", 251, 0, 3.5, 50, 60),
    Sensitivity("Moderately sensitive", 229, 1, 3.5, 57, 60, chosen=True),
    Sensitivity("Very sensitive", 200, 7, 3.5, 60, 60),
)


@pytest.fixture
def manifest(tmp_path):
    """An official model in a folder such as an export of ours leaves, at the cut-off 229/255."""
    shutil.copy(official_model("alexa"), tmp_path)
    content = json.loads(official_model("alexa").with_suffix(".json").read_text("utf-8"))
    content["micro"]["probability_cutoff"] = 0.9
    (tmp_path / "alexa.json").write_text(json.dumps(content), "utf-8")
    window = content["micro"]["sliding_window_size"]
    told = describe(
        tmp_path / "alexa.tflite",
        [],
        wake_word="Alexa",
        preset="p",
        seed=0,
        settings="",
        warm_start=None,
        measured=Measured(sliding_window_size=window, points=POINTS),
    )
    (tmp_path / "provenance.json").write_text(told.model_dump_json(), "utf-8")
    return tmp_path / "alexa.json"


def edit(file, change):
    content = json.loads(file.read_text("utf-8"))
    change(content)
    file.write_text(json.dumps(content), "utf-8")


def edit_measured(manifest, change):
    edit(manifest.with_name("provenance.json"), lambda told: change(told["measured"]))


def test_what_was_measured_for_the_very_model_comes_along(manifest):
    word = read_word(manifest)
    assert word.sensitivities == POINTS
    assert not word.ours
    assert word.licence is None


@pytest.mark.parametrize(
    "change",
    [
        lambda micro: micro.update(probability_cutoff=0.8),
        lambda micro: micro.update(sliding_window_size=micro["sliding_window_size"] + 1),
    ],
    ids=["cut-off", "window"],
)
def test_a_manifest_that_was_edited_was_not_measured(manifest, change):
    edit(manifest, lambda content: change(content["micro"]))
    assert read_word(manifest).sensitivities == ()


def test_what_was_measured_for_another_model_says_nothing(manifest):
    shutil.copy(official_model("hey_jarvis"), manifest.with_suffix(".tflite"))
    assert read_word(manifest).sensitivities == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda measured: measured["points"][0].update(label='x") abort(); if (x == "'),
        lambda measured: measured["points"][0].update(label="x\nsubstitutions:"),
        lambda measured: measured["points"][0].update(label="x" * 41),
        lambda measured: measured["points"][0].update(label="Very sensitive"),
        lambda measured: measured["points"][0].update(cutoff_byte=300),
        lambda measured: measured["points"][0].update(cutoff_byte=200),
        lambda measured: measured["points"][0].update(cutoff_byte="251); abort("),
        lambda measured: measured["points"][0].update(cutoff_byte=201),
        lambda measured: measured["points"][0].update(cutoff_byte=255),
        lambda measured: measured["points"][0].update(heard=61),
        lambda measured: measured["points"][0].update(hours=0),
        lambda measured: measured["points"][0].update(hours=float("nan")),
        lambda measured: measured["points"][0].update(heard=10**30),
        lambda measured: measured["points"][0].update(chosen=True),
        lambda measured: measured["points"][1].update(chosen=False),
        lambda measured: measured["points"][0].update(more=1),
        lambda measured: measured.update(points=measured["points"] * 100),
        lambda measured: measured.update(points=measured["points"][1:2]),
        lambda measured: measured.update(points=None),
    ],
)
def test_what_cannot_have_been_measured_is_not_believed(manifest, change):
    edit_measured(manifest, change)
    assert read_word(manifest).sensitivities == ()


@pytest.mark.parametrize("text", [b"", b"\x00\xff", b"[" * 200_000, b"null", b'{"measured": {}}'])
def test_a_provenance_that_is_none_is_left_alone(manifest, text):
    manifest.with_name("provenance.json").write_bytes(text)
    assert read_word(manifest).sensitivities == ()


def test_a_provenance_of_any_size_is_not_read(manifest):
    edit(manifest.with_name("provenance.json"), lambda told: told.update(packages={"x": "y" * 3_000_000}))
    assert read_word(manifest).sensitivities == ()


def test_a_provenance_of_earlier_versions_has_nothing_measured(manifest):
    edit(manifest.with_name("provenance.json"), lambda told: told.pop("measured"))
    assert read_word(manifest).sensitivities == ()


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE.txt", "LICENCE", "LICENCE.txt", "LICENSE-alexa.txt"])
def test_a_licence_comes_along_as_it_is(manifest, name):
    text = "Permission is hereby granted\r\n© somebody".encode("latin-1")
    manifest.with_name(name).write_bytes(text)
    assert read_word(manifest).licence == text


def test_the_licence_of_the_word_goes_before_that_of_the_folder(manifest):
    manifest.with_name("LICENSE").write_text("the folder's")
    manifest.with_name("LICENSE-other.txt").write_text("another word's")
    manifest.with_name("LICENSE-alexa.txt").write_text("its own")
    assert read_word(manifest).licence == b"its own"


def test_a_licence_of_any_size_is_none(manifest):
    manifest.with_name("LICENSE").write_bytes(b"x" * 100_001)
    assert read_word(manifest).licence is None
    manifest.with_name("LICENCE").write_bytes(b"x" * 100_000)
    assert read_word(manifest).licence == b"x" * 100_000
    manifest.with_name("LICENCE").write_bytes(b"")
    assert read_word(manifest).licence is None


@pytest.mark.skipif(os.name != "posix", reason="links and devices")
@pytest.mark.parametrize("name", ["LICENSE", "provenance.json"])
def test_links_devices_and_folders_are_not_opened(manifest, name):
    place, secret = manifest.with_name(name), manifest.with_name("elsewhere")
    if place.exists():
        place.rename(secret)
    else:
        secret.write_text("swordfish")
    for make in (
        lambda: place.symlink_to(secret),
        lambda: place.symlink_to("/dev/zero"),
        lambda: os.mkfifo(place),
        place.mkdir,
    ):
        make()
        word = read_word(manifest)
        assert word.licence is None
        assert (word.sensitivities == ()) is (name == "provenance.json")
        place.rmdir() if place.is_dir() and not place.is_symlink() else place.unlink()
    secret.rename(place)  # it was only the kind of file
    word = read_word(manifest)
    assert word.sensitivities == POINTS
    assert (word.licence == b"swordfish") is (name == "LICENSE")


def test_a_voice_activity_model_has_no_sensitivities(manifest):
    edit(manifest, lambda content: content.update(wake_word="vad"))
    assert read_word(manifest, vad=True).sensitivities == ()
