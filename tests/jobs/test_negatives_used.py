from pathlib import Path

import pytest
from published_sets import make_set

from mww_studio.corpus.negatives import FeatureSet, InstalledSet, remove, sets_folder, write_note
from mww_studio.jobs.negatives_used import licence_remarks, record_sets, recorded_sets
from mww_studio.presets import Preset, load_preset
from mww_studio.project.records import Split


@pytest.fixture(autouse=True)
def _data(tmp_path, monkeypatch):
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))


def install(name: str, **more) -> None:
    folder = sets_folder() / name
    make_set(folder, items=1)
    described = FeatureSet(name=name, title=name.title(), licence="CC BY-NC 4.0", **more)
    write_note(folder, InstalledSet(described=described, frames={Split.TRAIN: 720_000}))


def preset(**negatives) -> Preset:
    return Preset.model_validate({**load_preset("standard").model_dump(), "negatives": negatives})


def test_without_sets_nothing_is_written(tmp_path):
    record_sets(tmp_path, preset())
    assert recorded_sets(tmp_path) == ()
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    assert list(licence_remarks(())) == []


def test_what_a_training_used_stays_written_when_it_goes_on_without(tmp_path):
    install("talk", non_commercial=True, url="http://127.0.0.1/talk.zip", sha256="0" * 64, source="http://127.0.0.1/")
    install("own", source="/home/anna/kitchen")
    record_sets(tmp_path, preset(leave_out=["own"]))
    remove("talk")
    record_sets(tmp_path, preset())
    talk, own = recorded_sets(tmp_path)
    assert (talk.name, talk.hours, talk.source, talk.sha256) == ("talk", 2.0, "http://127.0.0.1/", "0" * 64)
    assert (own.name, own.source, own.sha256) == ("own", "", None)


def test_a_training_that_began_with_anothers_weights_used_its_sets_too(tmp_path):
    install("talk")
    first, second = tmp_path / "runs" / "1", tmp_path / "runs" / "2"
    for folder in (first, second):
        (folder / "checkpoints").mkdir(parents=True)
    record_sets(first, preset())
    record_sets(second, preset(leave_out=["talk"]), first / "checkpoints" / "best.npz")
    assert [each.name for each in recorded_sets(second)] == ["talk"]


def test_a_licence_that_forbids_something_is_said(tmp_path):
    install("talk", non_commercial=True)
    install("music")
    record_sets(tmp_path, preset())
    sets = recorded_sets(tmp_path)
    bound, free = licence_remarks(sets)
    assert "“Talk” (CC BY-NC 4.0)" in bound
    assert "may not sell" in bound
    assert "Music" not in bound
    assert "“Music”" in free
    (tmp_path / "sound-sets.json").write_text("[{")
    assert recorded_sets(tmp_path) == ()


def test_the_files_for_the_device_carry_the_licences(tmp_path):
    from mww_studio.esphome.boards import board
    from mww_studio.export.instructions import instructions
    from mww_studio.export.provenance import SoundSet, describe

    (tmp_path / "model.tflite").write_bytes(b"x")
    talk = SoundSet(
        name="talk", title="Talk", licence="CC BY-NC 4.0", non_commercial=True, source="", sha256=None, hours=81
    )
    options = {"wake_word": "hey", "preset": "p", "seed": 0, "settings": "", "warm_start": None}
    model: Path = tmp_path / "model.tflite"
    with_set = describe(model, [], sound_sets=[talk], **options)
    assert with_set.model_dump(mode="json")["sound_sets"][0]["non_commercial"] is True
    purposes, yaml = [(tmp_path / "hey.json", "its manifest")], tmp_path / "hey.yaml"
    text = instructions(purposes, yaml, ["hey"], board("generic-s3"), with_set)
    assert "81.0 hours of “Talk”: CC BY-NC 4.0, not for commercial use" in text
    assert "do not sell" in text
    freely = instructions(purposes, yaml, ["hey"], board("generic-s3"), describe(model, [], **options))
    assert "do not sell" not in freely
