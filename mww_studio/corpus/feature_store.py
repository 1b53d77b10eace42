"""Features on disk, made once: append-only shards in the format of the published negative sets (RaggedMmap).

A store is a folder of shards; a shard is a RaggedMmap of uint16 [frames, channels] with the key of each item beside it.
Shards are written under another name and renamed, so a store never shows half a shard.
"""

import json
import os
import shutil
import struct
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import psutil
from mmap_ninja.ragged import RaggedMmap

from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError

Features = npt.NDArray[np.uint16]

_KEYS = "keys.json"
# As many values are gathered for one write: small items by the hundred, hours one after the other.
_VALUES_A_WRITE = 1 << 22


class FeatureStore:
    """Features by key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[str, tuple[RaggedMmap, int]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        for draft in folder.glob("draft-*"):
            if not psutil.pid_exists(int(draft.name.split("-")[1])):
                shutil.rmtree(draft, ignore_errors=True)
        for shard in sorted(folder.glob("shard-*")):
            self._open(shard)

    def __contains__(self, key: str) -> bool:
        return key in self._places

    def __getitem__(self, key: str) -> Features:
        shard, index = self._places[key]
        return np.asarray(shard[index])

    def missing(self, keys: Iterable[str]) -> list[str]:
        """Those of ``keys`` that the store does not have, in their order."""
        return [key for key in keys if key not in self._places]

    def add(self, items: Iterator[tuple[str, Features]]) -> None:
        """Write ``items`` as one new shard. Nothing is visible before the last is written."""
        keys: list[str] = []

        def features() -> Iterator[Features]:
            for key, item in items:
                keys.append(key)
                yield item

        draft = self._folder / f"draft-{os.getpid()}-{uuid.uuid4().hex}"
        try:
            write_features(draft, features())
            (draft / _KEYS).write_text(json.dumps(keys), encoding="utf-8")
            shard = self._folder / f"shard-{uuid.uuid4().hex}"
            draft.rename(shard)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._open(shard)

    def _open(self, shard: Path) -> None:
        keys = json.loads((shard / _KEYS).read_text(encoding="utf-8"))
        items = RaggedMmap(shard)
        self._places.update({key: (items, index) for index, key in enumerate(keys)})


def write_features(folder: Path, items: Iterable[Features]) -> None:
    """Make a RaggedMmap of ``items`` ([frames, channels] each), of which few megabytes are in memory at once."""
    folder.mkdir(exist_ok=True)
    waiting: list[Features] = []
    written: RaggedMmap | None = None

    def write() -> None:
        nonlocal written
        if written is None:
            written = RaggedMmap.from_lists(folder, waiting)
        else:
            written.extend(waiting)
        waiting.clear()

    for item in items:
        waiting.append(item)
        if sum(each.size for each in waiting) >= _VALUES_A_WRITE:
            write()
    if waiting:
        write()


def open_feature_set(folder: Path) -> RaggedMmap:
    """A published feature set: a RaggedMmap of features [frames, channels], left on disk."""
    try:
        if not folder.is_dir():  # RaggedMmap would make it
            raise NotADirectoryError("There is no such folder")
        items = RaggedMmap(folder)
        first = np.asarray(items[0])
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        raise StudioError(
            "features.unreadable",
            f"{folder} is not a set of features.",
            why=f"{error}.",
            do="Give the folder that holds data.ninja, the unpacked set.",
        ) from None
    if first.ndim != 2 or first.shape[1] != law().frontend.channels or first.dtype != np.uint16:
        raise StudioError(
            "features.shape",
            f"{folder} holds items of shape {first.shape} and type {first.dtype}.",
            why=f"Features of the device are uint16 [frames, {law().frontend.channels}].",
            do="Give a set that was made for microWakeWord.",
        )
    return items
