import shutil
from pathlib import Path

import numpy as np
import pytest
from mmap_ninja.ragged import RaggedMmap
from published_sets import features, make_set

from mww_studio.corpus.published_features import (
    FeatureFolder,
    Joined,
    check_features,
    find_feature_folders,
    whole_recording,
)
from mww_studio.errors import StudioError
from mww_studio.project.records import Split


@pytest.fixture
def folder(tmp_path):
    make_set(tmp_path / "talk")
    return tmp_path / "talk"


def test_every_side_is_found_and_the_shapes_inside_are_no_sets(folder):
    assert find_feature_folders(folder.parent) == [
        FeatureFolder(folder / side / part, split)
        for side, split in (
            ("testing_ambient", Split.TEST),
            ("training", Split.TRAIN),
            ("validation_ambient", Split.VALIDATION),
        )
        for part in ("far_mmap", "near_mmap")
    ]


def test_a_set_without_sides_is_for_training(tmp_path):
    RaggedMmap.from_lists(tmp_path / "mine", [features(5)])
    assert find_feature_folders(tmp_path) == [FeatureFolder(tmp_path / "mine", Split.TRAIN)]
    assert find_feature_folders(tmp_path / "mine") == [FeatureFolder(tmp_path / "mine", Split.TRAIN)]


def test_its_items_are_counted_and_read_in_one_piece(folder):
    one = folder / "training" / "far_mmap"
    assert check_features(one) == 30 + 31 + 32 + 33 + 34
    expected = np.concatenate([features(30 + n, 1) for n in range(5)])
    np.testing.assert_array_equal(whole_recording(one), expected)


def test_several_sets_are_one_sequence():
    joined = Joined([[features(3)], [], [features(4), features(5)]])
    assert [len(item) for item in joined] == [3, 4, 5]
    assert len(joined) == 3
    assert len(joined[-1]) == 5
    assert [len(item) for item in joined[1:]] == [4, 5]
    for beyond in (3, -4):
        with pytest.raises(IndexError):
            joined[beyond]
    assert list(Joined([])) == []


@pytest.mark.parametrize(
    "items",
    [
        [features(9), features(9, channels=64)],
        [features(9), features(9).ravel()],
        [features(9).astype(np.float32)],
        [features(9).astype(np.int16)],
        [features(9).ravel()],
        [features(8).reshape(4, 2, 40)],
    ],
)
def test_every_item_must_be_features_of_the_device(tmp_path, items):
    RaggedMmap.from_lists(tmp_path / "set", items)
    with pytest.raises(StudioError) as caught:
        check_features(tmp_path / "set")
    assert caught.value.code in ("features.shape", "features.unreadable")
    assert str(tmp_path / "set") in caught.value.what


def damage_data(folder: Path) -> None:
    data = (folder / "data.ninja").read_bytes()
    (folder / "data.ninja").write_bytes(data[:-1000])


def damage_starts(folder: Path) -> None:
    starts = np.frombuffer((folder / "starts" / "data.ninja").read_bytes(), np.int64).copy()
    starts[2] += 40
    (folder / "starts" / "data.ninja").write_bytes(starts.tobytes())


def damage_ends(folder: Path) -> None:
    ends = np.frombuffer((folder / "ends" / "data.ninja").read_bytes(), np.int64).copy()
    ends[-1] += 4000
    (folder / "ends" / "data.ninja").write_bytes(ends.tobytes())


def damage_shapes(folder: Path) -> None:
    shapes = np.frombuffer((folder / "shapes" / "data.ninja").read_bytes(), np.int64).copy()
    shapes[2] += 1
    (folder / "shapes" / "data.ninja").write_bytes(shapes.tobytes())


@pytest.mark.parametrize(
    "damage",
    [
        damage_data,
        damage_starts,
        damage_ends,
        damage_shapes,
        lambda folder: (folder / "dtype.ninja").unlink(),
        lambda folder: (folder / "dtype.ninja").write_text("nonsense"),
        lambda folder: (folder / "shape.ninja").write_bytes(b""),
        lambda folder: (folder / "starts" / "data.ninja").write_bytes(b""),
        lambda folder: shutil.rmtree(folder / "shapes"),
        shutil.rmtree,
    ],
)
def test_damage_is_named(folder, damage):
    one = folder / "training" / "near_mmap"
    damage(one)
    with pytest.raises(StudioError) as caught:
        check_features(one)
    assert caught.value.code == "features.unreadable"
    assert str(one) in caught.value.what
