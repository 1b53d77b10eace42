"""Whose voice is whose: vectors of clips grouped by average link, with thresholds that the set itself suggests.

How near two clips of one person are depends on the microphone, on the room, and most on whether all say the same word,
so no fixed distance parts people everywhere. What holds everywhere is a ratio: within a person, clips are nearer to
each other than to the next person's. Of all numbers of groups that a tree of average links offers, that one is chosen
at which this is clearest (the silhouette), or a smaller one that is almost as clear; each group is then looked at
again in the same way. What is not clear enough stays together: for a test, one person on two sides is worse than two
people on one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.intp]

_MOST_IN_TREE = 4000
_MOST_PEOPLE = 60  # at one level of looking
# A split has to reach this: its silhouette and the average distance between its sides, added up. The voices of one
# person, split where they differ most, reached 0.6 to 0.9, of two people mostly 1.2 and more.
_CLEAR = 1.0
_CLEAR_ENOUGH = 0.9  # for splits of a group, where it is known that there are several people
_LEAST_SILHOUETTE = 0.15
_ALMOST = 0.97  # of the best silhouette
_LEAST_TO_SPLIT = 6
_REAL = 2  # clips make a group; one is like nothing else
_LEAST_PART = 0.1  # of the share of one person, where the number of people is known
_STRANGERS = 0.75  # the usual distance of two people, where there is no second one
_DOUBT = 0.05


@dataclass(frozen=True)
class Grouping:
    """Clips by voice, in the order in which they were given.

    ``groups``: int [clips], from 0, the largest group first. ``sure``: float [clips] from 0 to 1, how much nearer a
    clip is to its own group than to the next one, as a part of the distance to that. ``doubtful``: bool [clips], clips
    that are as near to another group, and those with a voice of their own, whose group is but the nearest one.
    ``widest``: the largest average distance at which clips were put together. ``nearest``: the smallest average
    distance of two groups; None where there are no two.
    """

    groups: Ints
    sure: Floats
    doubtful: npt.NDArray[np.bool_]
    widest: float
    nearest: float | None

    @property
    def count(self) -> int:
        """How many groups there are."""
        return int(self.groups.max(initial=-1)) + 1


def group_voices(vectors: Floats, *, people: int | None = None, threshold: float | None = None) -> Grouping:
    """Group vectors, float32 [clips, dimensions] of unit length.

    ``people``: how many there are, where that is known. ``threshold``: the average cosine distance above which groups
    stay apart, in place of what the set suggests. Of more than a few thousand clips some are grouped, and the others
    follow them.
    """
    chosen = np.arange(len(vectors))
    if len(vectors) > _MOST_IN_TREE:
        chosen = np.sort(np.random.default_rng(0).choice(len(vectors), _MOST_IN_TREE, replace=False))
    distances = cosine_distances(vectors[chosen])
    labels = _labels(distances, people, threshold)
    widest, nearest = _spread(distances, labels)
    if len(chosen) == len(vectors):
        return _judged(_averages(distances, labels), labels, widest, nearest)
    averages = _averages(cosine_distances(vectors, vectors[chosen]), labels)
    averages[:, np.bincount(labels) < _REAL] = np.inf
    return _judged(averages, averages.argmin(axis=1), widest, nearest)


def cosine_distances(vectors: Floats, others: Floats | None = None) -> Floats:
    """The distances, float32 [clips, others], of vectors of unit length: 0 the same direction, 1 a right angle."""
    distances: Floats = np.clip(1 - vectors @ (vectors if others is None else others).T, 0, 2)
    if others is None:
        np.fill_diagonal(distances, 0)
    return distances


def typical_first(vectors: Floats) -> Ints:
    """The order, int [clips], in which the clips of one group are typical of it: those in its middle first."""
    order: Ints = (-(vectors @ vectors.mean(axis=0))).argsort(kind="stable")
    return order


def _labels(distances: Floats, people: int | None, threshold: float | None) -> Ints:
    """The group of each clip, from 0, in no order."""
    count = len(distances)
    if count < _REAL:
        return np.zeros(count, np.intp)
    if people is None and threshold is None:
        return _adaptive(distances)
    tree = _tree(distances)
    if threshold is not None and people is None:
        return _at(tree, count - int((tree[:, 2] <= threshold).sum()))
    return _known(tree, min(people or 1, count))


def _known(tree: npt.NDArray[np.float64], people: int) -> Ints:
    """So many groups, and beside them what is too small to be a person: clips that are like nothing else."""
    count = len(tree) + 1
    least = max(_REAL, round(_LEAST_PART * count / people))
    for groups in range(people, min(count, 3 * people + _MOST_PEOPLE) + 1):
        labels = _at(tree, groups)
        sizes = np.bincount(labels)
        if (sizes >= least).sum() == people:
            # Clips in small groups are told apart, so that none of these counts as a person.
            small = np.flatnonzero(sizes[labels] < least)
            labels[small] = groups + np.arange(len(small))
            return _from_zero(labels)
    return _at(tree, people)


def _adaptive(distances: Floats) -> Ints:
    labels = _clearest(distances, _CLEAR)
    waiting = list(range(int(labels.max()) + 1)) if labels.any() else []
    while waiting:
        members = np.flatnonzero(labels == waiting.pop())
        if len(members) >= _LEAST_TO_SPLIT:
            parts = _clearest(distances[np.ix_(members, members)], _CLEAR_ENOUGH)
            if parts.any():
                labels[members] = parts + labels.max() + 1
                waiting += np.unique(labels[members]).tolist()
    return _from_zero(labels)


def _clearest(distances: Floats, clear: float) -> Ints:
    """The clearest way to part clips; all in group 0 where none is clear."""
    count = len(distances)
    most = min(count // _REAL, _MOST_PEOPLE)
    together = np.zeros(count, np.intp)
    if most < 2:
        return together
    tree = _tree(distances)
    finest = _at(tree, most)
    sums = distances @ _members(finest)
    first = np.unique(finest, return_index=True)[1]
    ways = [_at(tree, groups) for groups in range(2, most + 1)]
    silhouettes = [_silhouette(sums @ _members(labels[first]), labels) for labels in ways]
    best = max(silhouettes)
    chosen = next(number for number, silhouette in enumerate(silhouettes) if silhouette >= _ALMOST * best)
    if best < _LEAST_SILHOUETTE or best + _between(distances, ways[chosen]) < clear:
        return together
    return ways[chosen]


def _silhouette(sums: Floats, labels: Ints) -> float:
    """The mean silhouette; a clip that is alone is no group. ``sums``: of distances, [clips, groups]."""
    sizes = np.bincount(labels)
    if (sizes >= _REAL).sum() < 2:
        return 0.0
    own, other = _own_and_other(sums / sizes, labels)
    silhouettes = np.where(sizes[labels] >= _REAL, (other - own) / np.maximum(np.maximum(own, other), 1e-9), 0)
    return float(silhouettes.mean())


def _between(distances: Floats, labels: Ints) -> float:
    """The mean distance between clips of two groups."""
    inside = np.bincount(labels)[labels] >= _REAL
    apart = (labels[:, None] != labels) & inside[:, None] & inside
    return float(distances[apart].mean()) if apart.any() else 0.0


def _own_and_other(averages: Floats, labels: Ints) -> tuple[Floats, Floats]:
    """The average distances, float [clips], to the others of a clip's group, and to the nearest other group of two or
    more; infinite where there is none. ``averages``: to all clips of each group, [clips, groups]."""
    sizes = np.bincount(labels, minlength=averages.shape[1])
    rows = np.arange(len(labels))
    own: Floats = averages[rows, labels] * (sizes / np.maximum(sizes - 1, 1))[labels]
    others = averages.copy()
    others[:, sizes < _REAL] = np.inf
    others[rows, labels] = np.inf
    other: Floats = others.min(axis=1, initial=np.inf)
    return own, other


def _averages(distances: Floats, labels: Ints) -> Floats:
    """The average distance of each row to each group of columns: float [rows, groups]."""
    members = _members(labels)
    averages: Floats = distances @ members / np.maximum(members.sum(axis=0), 1)
    return averages


def _members(labels: Ints) -> Floats:
    """Which item is in which group: float [items, groups] of ones and zeros."""
    members: Floats = np.eye(int(labels.max(initial=-1)) + 1, dtype=np.float32)[labels]
    return members


def _judged(averages: Floats, labels: Ints, widest: float, nearest: float | None) -> Grouping:
    """The largest group first; whoever is alone joins the nearest one and is doubtful there."""
    sizes = np.bincount(labels, minlength=averages.shape[1])
    alone = sizes[labels] < _REAL
    if len(labels) > 1 and not alone.all():
        real = np.where(sizes >= _REAL, averages, np.inf)
        labels = np.where(alone, real.argmin(axis=1), labels)
    own, other = _own_and_other(averages, labels)
    other = np.where(np.isinf(other), _STRANGERS, other)
    sure = np.clip((other - own) / np.maximum(other, 1e-9), 0, 1).astype(np.float32)
    sure[alone] = 0
    doubtful = (sure < _DOUBT) & (len(labels) > 1)
    kept = np.bincount(labels[~doubtful], minlength=averages.shape[1])
    order = np.lexsort((-np.bincount(labels, minlength=averages.shape[1]), -kept))
    place = np.argsort(order)
    return Grouping(_from_zero(place[labels]), sure, doubtful, widest, nearest)


def _spread(distances: Floats, labels: Ints) -> tuple[float, float | None]:
    """Grouping's ``widest`` and ``nearest``; clips that are alone are no groups."""
    sizes = np.bincount(labels)
    real = np.flatnonzero(sizes >= _REAL)
    within = [_tree(distances[np.ix_(labels == group, labels == group)])[-1, 2] for group in real]
    between = np.array([_averages(distances[labels == group].mean(axis=0, keepdims=True), labels)[0] for group in real])
    if len(real) < 2:
        return float(max(within, default=0.0)), None
    between = between[:, real]
    np.fill_diagonal(between, np.inf)
    return float(max(within)), float(between.min())


def _tree(distances: Floats) -> npt.NDArray[np.float64]:
    """The tree of average links, in scipy's format."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    tree: npt.NDArray[np.float64] = linkage(squareform(distances.astype(np.float64), checks=False), "average")
    return tree


def _at(tree: npt.NDArray[np.float64], groups: int) -> Ints:
    """The tree cut into so many groups: int [clips], from 0."""
    merges = len(tree) + 1 - groups
    top = np.arange(len(tree) + 1 + merges)
    pairs = tree[:, :2].astype(np.intp)
    for step in reversed(range(merges)):
        top[pairs[step]] = top[len(tree) + 1 + step]
    return _from_zero(top[: len(tree) + 1])


def _from_zero(labels: npt.NDArray[Any]) -> Ints:
    """The same groups, numbered from 0 without gaps, in the order of their numbers."""
    return np.unique(labels, return_inverse=True)[1].astype(np.intp)
