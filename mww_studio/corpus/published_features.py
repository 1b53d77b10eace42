"""Feature sets as they lie on disk: found in an unpacked folder, checked, and read where they lie.

A published set is a folder of folders by side (``training``, ``validation_ambient``, ...), in each of which lie
RaggedMmaps of uint16 [frames, channels].
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import overload

import numpy as np

from mww_studio.constitution.articles import law
from mww_studio.corpus.feature_store import Features, open_feature_set
from mww_studio.errors import StudioError
from mww_studio.project.records import Split

SIDES = {
    "training": Split.TRAIN,
    "validation": Split.VALIDATION,
    "validation_ambient": Split.VALIDATION,
    "testing": Split.TEST,
    "testing_ambient": Split.TEST,
}
"""The folder names of the publishers, and what they are for."""

# What a folder must hold to be a RaggedMmap; one lies in the folder of each other one, too, for the shapes.
_MARKS = ("data.ninja", "shapes_are_flat.ninja")


@dataclass(frozen=True)
class FeatureFolder:
    """One RaggedMmap of a set, and the side that it stands on."""

    path: Path
    side: Split


class Joined(Sequence[Features]):
    """The items of several sets in one sequence, left on disk."""

    def __init__(self, parts: Sequence[Sequence[Features]]) -> None:
        self._parts = list(parts)
        self._ends = list(accumulate(len(part) for part in self._parts))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Features: ...

    @overload
    def __getitem__(self, index: slice) -> list[Features]: ...

    def __getitem__(self, index: int | slice) -> Features | list[Features]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        part = bisect_right(self._ends, place)
        return np.asarray(self._parts[part][place - (self._ends[part - 1] if part else 0)])


def find_feature_folders(folder: Path) -> list[FeatureFolder]:
    """The RaggedMmaps below ``folder``, sorted; one that stands on no named side is for training."""
    found = []
    for mark in sorted(folder.rglob(_MARKS[1])):
        path = mark.parent
        inside = any((parent / _MARKS[1]).is_file() for parent in path.parents if parent.is_relative_to(folder))
        if not inside and (path / _MARKS[0]).is_file():
            names = [SIDES[part] for part in path.relative_to(folder).parts if part in SIDES]
            found.append(FeatureFolder(path, names[-1] if names else Split.TRAIN))
    return found


def check_features(folder: Path) -> int:
    """Hold every item of a RaggedMmap against what the device's features are; returns its frames.

    Raises StudioError ``features.unreadable`` and ``features.shape``.
    """
    channels = law().frontend.channels
    opened = open_feature_set(folder)
    try:
        starts, ends = np.asarray(opened.starts), np.asarray(opened.ends)
        whole = len(starts) == len(ends) == len(opened.shapes) and starts[0] == 0 and ends[-1] == len(opened.memmap)
        whole = whole and bool((starts[1:] == ends[:-1]).all() and (ends >= starts).all())
        # The shapes of two-dimensional items are a RaggedMmap of their own, two numbers an item.
        shapes = np.asarray(opened.shapes.memmap).reshape(len(starts), -1)
    except (AttributeError, ValueError, IndexError) as error:
        raise _damaged(folder, f"{error}") from None
    if not whole:
        raise _damaged(folder, "Its items do not lie end to end")
    if shapes.shape[1] != 2 or not (shapes[:, 1] == channels).all():
        raise StudioError(
            "features.shape",
            f"{folder} holds items of other shapes than [frames, {channels}].",
            do="Give a set that was made for microWakeWord.",
        )
    if not (shapes[:, 0] * channels == ends - starts).all():
        raise _damaged(folder, "Its items are not as long as their shapes say")
    return int(ends[-1]) // channels


def whole_recording(folder: Path) -> Features:
    """All items of a checked RaggedMmap end to end, [frames, channels], left on disk."""
    whole: Features = open_feature_set(folder).memmap.reshape(-1, law().frontend.channels)
    return whole


def _damaged(folder: Path, why: str) -> StudioError:
    return StudioError(
        "features.unreadable",
        f"{folder} is not a whole set of features.",
        why=f"{why.rstrip('.')}.",
        do="Remove the set, and get it again.",
    )
