import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mmap_ninja.ragged import RaggedMmap

from mww_studio.corpus import feature_store
from mww_studio.corpus.feature_store import FeatureStore, open_feature_set, write_features
from mww_studio.errors import Cancelled, StudioError


def features(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([frames, seed]).integers(0, 670, (frames, 40)).astype(np.uint16)


def shards(folder: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in folder.iterdir())


def test_items_come_back_and_survive_reopening(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)
    items = {f"key {n}": features(n + 1) for n in range(600)}
    store.add(iter(list(items.items())[:400]))
    store.add(iter(list(items.items())[400:]))
    for opened in (store, FeatureStore(tmp_path)):
        assert opened.missing([*items, "other"]) == ["other"]
        for key in ("key 0", "key 255", "key 256", "key 399", "key 400", "key 599"):
            np.testing.assert_array_equal(opened[key], items[key])
            assert opened[key].dtype == np.uint16


@pytest.mark.parametrize("values", [1, 41, 400, 10_000_000])
def test_however_little_is_gathered_for_a_write_all_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: int
) -> None:
    monkeypatch.setattr(feature_store, "_VALUES_A_WRITE", values)
    items = [features(n) for n in (1, 12, 3, 7, 30, 2, 2)]
    write_features(tmp_path / "set", iter(items))
    written = open_feature_set(tmp_path / "set")
    assert len(written) == len(items)
    for item, kept in zip(items, written, strict=True):
        np.testing.assert_array_equal(kept, item)


def test_long_items_are_not_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_store, "_VALUES_A_WRITE", 400)
    sizes: list[int] = []

    def items() -> Iterator[np.ndarray]:
        for number in range(6):
            yield features(11)
            sizes.append(sum(file.stat().st_size for file in (tmp_path / "set").glob("data.ninja")))
            assert sizes[-1] == (number + 1) * 11 * 40 * 2

    write_features(tmp_path / "set", items())
    assert len(sizes) == 6


def test_an_unfinished_shard_is_never_seen(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)
    store.add(iter([("first", features(3))]))

    def stopped() -> Iterator[tuple[str, np.ndarray]]:
        for n in range(300):
            yield f"second {n}", features(5)
        assert shards(tmp_path) == ["draft", "shard"]
        assert FeatureStore(tmp_path).missing(["first", "second 0"]) == ["second 0"]
        raise Cancelled

    with pytest.raises(Cancelled):
        store.add(stopped())
    assert shards(tmp_path) == ["shard"]
    assert store.missing(["first", "second 0"]) == ["second 0"]
    store.add(iter([("second 0", features(4))]))
    assert FeatureStore(tmp_path)["second 0"].shape == (4, 40)


def test_a_killed_writer_leaves_what_was_there(tmp_path: Path) -> None:
    FeatureStore(tmp_path).add(iter([("first", features(3))]))
    script = """
import os, signal, sys
from pathlib import Path
import numpy as np
from mww_studio.corpus.feature_store import FeatureStore

def items():
    for n in range(700):
        yield f"second {n}", np.ones((9, 40), np.uint16)
    os.kill(os.getpid(), signal.SIGKILL)

FeatureStore(Path(sys.argv[1])).add(items())
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)])
    assert done.returncode == -signal.SIGKILL
    assert shards(tmp_path) == ["draft", "shard"]
    store = FeatureStore(tmp_path)
    assert store.missing(["first", "second 0"]) == ["second 0"]
    np.testing.assert_array_equal(store["first"], features(3))
    assert shards(tmp_path) == ["shard"]


def test_a_draft_of_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)

    def items() -> Iterator[tuple[str, np.ndarray]]:
        yield "one", features(2)
        FeatureStore(tmp_path)
        yield "two", features(2)

    store.add(items())
    assert FeatureStore(tmp_path).missing(["one", "two"]) == []


def test_a_shard_is_a_published_feature_set(tmp_path: Path) -> None:
    FeatureStore(tmp_path).add((str(n), features(n + 5)) for n in range(10))
    shard = next(tmp_path.glob("shard-*"))
    published = open_feature_set(shard)
    assert len(published) == 10
    np.testing.assert_array_equal(published[3], features(8))


def test_a_published_set_is_read_where_it_lies(tmp_path: Path) -> None:
    RaggedMmap.from_lists(tmp_path / "set", [features(n) for n in (7, 100, 3)])
    published = open_feature_set(tmp_path / "set")
    assert [len(item) for item in published] == [7, 100, 3]
    np.testing.assert_array_equal(published[1], features(100))


@pytest.mark.parametrize("kind", ["missing", "empty", "file", "damaged"])
def test_another_folder_is_named(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "set"
    if kind == "file":
        folder.write_text("hello")
    elif kind != "missing":
        folder.mkdir()
    if kind == "damaged":
        (folder / "data.ninja").write_bytes(os.urandom(50))
    with pytest.raises(StudioError) as caught:
        open_feature_set(folder)
    assert caught.value.code == "features.unreadable"
    assert str(folder) in caught.value.what


@pytest.mark.parametrize("item", [np.zeros((10, 64), np.uint16), np.zeros((10, 40), np.float32), np.zeros(40, "u2")])
def test_features_of_another_device_are_refused(tmp_path: Path, item: np.ndarray) -> None:
    RaggedMmap.from_lists(tmp_path / "set", [item])
    with pytest.raises(StudioError) as caught:
        open_feature_set(tmp_path / "set")
    assert caught.value.code == "features.shape"
    assert str(item.shape) in caught.value.what
    assert "[frames, 40]" in caught.value.why
