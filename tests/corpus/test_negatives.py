import functools
import shutil
from pathlib import Path

import numpy as np
import pytest
from published_sets import features, make_set, write_catalogue

from mww_studio.corpus import negatives
from mww_studio.corpus.negatives import (
    FeatureSet,
    InstalledSet,
    Purpose,
    catalogue,
    examining_sets,
    installed,
    installed_sets,
    published,
    remove,
    sets_folder,
    surrounding_sounds,
    training_sets,
    used_sets,
    write_note,
)
from mww_studio.errors import StudioError
from mww_studio.presets import Preset, load_preset
from mww_studio.project.records import Split


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "set"
    make_set(folder)
    return folder


@pytest.fixture
def install(made):
    return functools.partial(_install, made)


def _install(made: Path, name: str, **more) -> Path:
    folder = sets_folder() / name
    shutil.copytree(made, folder / name)
    write_note(folder, InstalledSet(described=FeatureSet(name=name, title=name, licence="CC0", **more)))
    return folder


def preset(**negatives) -> Preset:
    values = load_preset("standard").model_dump()
    return Preset.model_validate({**values, "negatives": negatives})


def test_the_published_sets_say_all_that_a_person_must_know_before():
    sets = catalogue()
    assert [known.name for known in sets][:4] == ["dinner_party", "dinner_party_eval", "no_speech", "speech"]
    for known in sets:
        assert known.url.startswith("https://")
        assert known.sha256
        assert known.bytes > 1_000_000
        assert known.what.endswith(".")
        assert known.licence_url
        assert known.source
    features = [known for known in sets if known.holds_features]
    assert all(known.non_commercial and known.licence == "CC BY-NC 4.0" for known in features)
    # Eight thousand bytes are a second of features.
    assert all(abs(known.unpacked_bytes / 8000 / 3600 - known.hours) < 1 for known in features)
    assert published("dinner_party_eval").purpose is Purpose.EXAMINE


def test_without_any_set_nothing_is_used():
    assert installed_sets() == []
    assert training_sets(preset()) == examining_sets(preset()) == used_sets(preset()) == []
    assert surrounding_sounds(preset()) == negatives.SurroundingSounds((), ())
    assert installed("speech") is None
    assert installed("") is None


def test_sets_from_elsewhere_stand_beside_the_published_ones(data):
    entry = {"name": "mine", "title": "Mine", "url": "http://127.0.0.1/x.zip", "licence": "CC0"}
    write_catalogue(data, entry, {**entry, "name": "speech"})
    assert published("mine").title == "Mine"
    assert published("speech").url == "http://127.0.0.1/x.zip"


@pytest.mark.parametrize("text", ["- name: ../up\n  title: x\n  licence: x", "name: x", "[", "- {}", "\xff"])
def test_a_catalogue_that_is_none_is_named(data, text):
    write_catalogue(data)
    (data / "negatives" / "negatives.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(StudioError) as caught:
        catalogue()
    assert caught.value.code == "negatives.catalogue"


def test_a_set_that_nobody_knows():
    with pytest.raises(StudioError) as caught:
        published("spech")
    assert caught.value.code == "negatives.unknown"
    assert "speech" in caught.value.do


def test_each_side_of_a_set_is_used_for_what_it_is(install):
    install("talk", weight=3.0)
    (learned,) = training_sets(preset())
    assert (learned.name, learned.weight, learned.licence, learned.side) == ("talk", 3.0, "CC0", Split.TRAIN)
    assert len(learned.items) == 10
    np.testing.assert_array_equal(learned.items[0], features(30, 1))
    assert sum(len(piece) for piece in learned.whole) == 320
    assert learned.hours == pytest.approx(3.2 / 3600)
    chosen, counted = sorted(examining_sets(preset()), key=lambda used: used.side)
    assert (counted.side, chosen.side) == (Split.VALIDATION, Split.TEST)
    np.testing.assert_array_equal(counted.items[0], features(30, 11))


def test_what_is_used_can_be_chosen(install):
    install("a")
    install("b", non_commercial=True)
    install("c", weight=2.0)

    def names(**chosen) -> list[tuple[str, float]]:
        return [(used.name, used.weight) for used in training_sets(preset(**chosen))]

    assert names() == [("a", 1.0), ("b", 1.0), ("c", 2.0)]
    assert names(leave_out=["a", "unknown"]) == [("b", 1.0), ("c", 2.0)]
    assert names(non_commercial=False) == [("a", 1.0), ("c", 2.0)]
    assert names(weights={"b": 5.0}, leave_out=["a"]) == [("b", 5.0), ("c", 2.0)]


def test_sounds_are_told_from_rooms(install):
    folder = install("places", noises=("*/noise*.wav",), rooms=("echo/*.wav",))
    for name in ("echo/1.wav", "echo/2.wav", "deep/noise 1.wav", "deep/other.wav"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"")
    found = surrounding_sounds(preset())
    assert [path.name for path in found.noises] == ["noise 1.wav"]
    assert [path.name for path in found.rooms] == ["1.wav", "2.wav"]
    assert training_sets(preset()) == []


def test_a_set_is_deleted_with_what_is_left_of_its_download(install):
    folder = install("talk")
    for left in ("talk.zip.part", "talk.zip.part.json", "talk.zip.wrong", "other.zip.part"):
        (sets_folder() / left).write_bytes(b"x")
    remove("talk")
    assert not folder.exists()
    assert [path.name for path in sets_folder().iterdir()] == ["other.zip.part"]
    remove("other")
    for name in ("talk", ""):
        with pytest.raises(StudioError) as caught:
            remove(name)
        assert caught.value.code == "negatives.unknown"


def test_a_folder_whose_note_is_damaged_is_no_set(install):
    (install("talk") / "set.json").write_text("{")
    (install("moved")).rename(sets_folder() / "elsewhere")
    assert installed_sets() == []


def test_a_set_that_was_damaged_since_is_named(install):
    folder = install("talk")
    (folder / "talk" / "training" / "far_mmap" / "data.ninja").write_bytes(b"")
    with pytest.raises(StudioError) as caught:
        training_sets(preset())
    assert caught.value.code == "features.unreadable"


def test_to_look_makes_no_folder(data):
    catalogue()
    installed_sets()
    assert not data.exists()
