"""Who trains and who examines: every clip stands on one side only, with everything that is too like it."""

import hashlib
from collections.abc import Sequence

from mww_studio.corpus.voices import side_of_voice
from mww_studio.project.records import Clip, ClipKind, Split

_SPEAKERS_WORTH_SPLITTING = 5
# What must be on every side: the word, and what is not the word.
_FAMILIES = ({ClipKind.WAKE_WORD}, {ClipKind.SPEECH, ClipKind.AMBIENCE})


def assign_splits(clips: Sequence[Clip], *, validation_share: float, test_share: float) -> dict[int, Split]:
    """The side of each clip, by its id.

    Clips of one recording stay together, and clips of one speaker too where there are enough speakers to share out (see
    :func:`speakers_apart`). Synthetic voices only examine a model that has no real recordings of that kind.
    A clip's side depends on its own group alone, so adding clips moves none; only an empty side is filled with the
    group nearest to it.
    """
    by_speaker = speakers_apart(clips)
    real = {clip.kind for clip in clips if clip.engine is None}
    group_of = {clip.id: _group(clip, by_speaker) for clip in clips}
    side_of: dict[str, Split] = {}
    for clip in clips:
        group = group_of[clip.id]
        if clip.kind is ClipKind.RIR or (clip.engine is not None and clip.kind in real):
            side_of[group] = Split.TRAIN
        elif clip.engine is not None:
            side_of[group] = side_of_voice(clip.engine)
        else:
            side_of[group] = _side(_place(group), validation_share, test_share)
    for family in _FAMILIES:
        groups = {group_of[clip.id] for clip in clips if clip.kind in family}
        for split, wanted in ((Split.TEST, 0.0), (Split.VALIDATION, test_share), (Split.TRAIN, 1.0)):
            _fill_if_empty(side_of, sorted(groups), split, wanted)
    return {id_: side_of[group] for id_, group in group_of.items()}


def speakers_apart(clips: Sequence[Clip]) -> bool:
    """Whether enough people said the word, and every take names its speaker, so that none needs to be on two sides."""
    takes = [clip for clip in clips if clip.kind is ClipKind.WAKE_WORD and clip.engine is None]
    return all(clip.speaker for clip in takes) and len({clip.speaker for clip in takes}) >= _SPEAKERS_WORTH_SPLITTING


def _group(clip: Clip, by_speaker: bool) -> str:
    if clip.engine is not None:
        return f"voice {clip.engine} {clip.kind}"
    return f"speaker {clip.speaker}" if by_speaker and clip.speaker else f"recording {clip.recording}"


def _place(group: str) -> float:
    """A number in [0, 1) that depends on the group's name alone."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) / 2**64


def _side(place: float, validation_share: float, test_share: float) -> Split:
    if place < test_share:
        return Split.TEST
    return Split.VALIDATION if place < test_share + validation_share else Split.TRAIN


def _fill_if_empty(side_of: dict[str, Split], groups: Sequence[str], split: Split, wanted: float) -> None:
    """Give an empty side the group whose place is nearest to it, if its present side can spare one."""
    sides = [side_of[group] for group in groups]
    if split in sides:
        return
    for group in sorted(groups, key=lambda name: abs(_place(name) - wanted)):
        if sides.count(side_of[group]) > 1:
            side_of[group] = split
            return
