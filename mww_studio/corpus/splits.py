"""Who trains and who examines: every clip stands on one side only, with everything that is too like it."""

import hashlib
from collections.abc import Sequence

from mww_studio.project.records import Clip, Split

_SPEAKERS_WORTH_SPLITTING = 5


def assign_splits(clips: Sequence[Clip], *, validation_share: float, test_share: float) -> dict[int, Split]:
    """The side of each clip, by its id.

    Clips of one recording stay together, and clips of one speaker too where there are enough speakers to share out;
    fewer speakers cannot stand on three sides, so then only recordings are kept apart (see :func:`speakers_apart`).
    A clip's side depends on nothing but its own group, so adding clips moves none; only where a side would be empty,
    the nearest group fills it.
    """
    by_speaker = speakers_apart(clips)
    places = {clip.id: _place(_group(clip, by_speaker)) for clip in clips}
    splits = {}
    for id_, place in places.items():
        if place < test_share:
            splits[id_] = Split.TEST
        elif place < test_share + validation_share:
            splits[id_] = Split.VALIDATION
        else:
            splits[id_] = Split.TRAIN
    for split, wanted in ((Split.TEST, 0.0), (Split.VALIDATION, test_share), (Split.TRAIN, 1.0)):
        _fill_if_empty(splits, places, split, wanted)
    return splits


def speakers_apart(clips: Sequence[Clip]) -> bool:
    """Whether there are enough named speakers that none needs to stand on two sides."""
    return len({clip.speaker for clip in clips if clip.speaker}) >= _SPEAKERS_WORTH_SPLITTING


def _group(clip: Clip, by_speaker: bool) -> str:
    return f"speaker {clip.speaker}" if by_speaker and clip.speaker else f"recording {clip.recording}"


def _place(group: str) -> float:
    """A number in [0, 1) that depends on the group's name alone."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) / 2**64


def _fill_if_empty(splits: dict[int, Split], places: dict[int, float], split: Split, wanted: float) -> None:
    """Give an empty side the group whose place is nearest to it, if some other side can spare one."""
    if split in splits.values():
        return
    remaining = sorted(set(places.values()), key=lambda place: abs(place - wanted))
    for place in remaining:
        group = [id_ for id_ in places if places[id_] == place]
        giver = splits[group[0]]
        if any(side is giver and places[id_] != place for id_, side in splits.items()):
            splits.update(dict.fromkeys(group, split))
            return
