"""Who trains and who examines: every clip stands on one side only, with everything that is too like it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mww_studio.corpus.voices import side_of_voice
from mww_studio.project.records import Clip, ClipKind, Lineage, Split

_SPEAKERS_WORTH_SPLITTING = 5
_GOLDEN = (5**0.5 - 1) / 2
_VOICE = "voice "
# What must be on every side: the word, and what is not the word.
_FAMILIES = ({ClipKind.WAKE_WORD}, {ClipKind.SPEECH, ClipKind.AMBIENCE})


@dataclass(frozen=True)
class Shares:
    """Which part of the clips validates and which tests; what is not the word is needed in larger parts."""

    validation: float
    test: float
    other_validation: float
    other_test: float


def assign_splits(
    clips: Sequence[Clip | Lineage], shares: Shares, trashed: Sequence[Clip | Lineage] = ()
) -> dict[int, Split]:
    """The side of each clip, by its id.

    Clips of one recording stay together, where there are three recordings to share out, and clips of one speaker too,
    where there are enough speakers (see :func:`speakers_apart`). Synthetic voices only examine a model that has no real
    recordings of that kind.
    A group's side depends on its own oldest clip alone, be it in the trash (``trashed``) or a trimmed one's first
    version, so adding, trashing and trimming clips moves no other. Two things do: a group with a clip from which a
    mistake was cut (a near-sounding one whose origin it is) trains, because what is learned must not examine; and an
    empty side is filled with the group nearest to it, real recordings before voices, if the side that it leaves keeps
    another like it.
    """
    by_speaker = speakers_apart(clips)
    real = {clip.kind for clip in clips if clip.engine is None}
    scarce = _scarce_kinds(clips, by_speaker)
    group_of = {clip.id: _group(clip, by_speaker, scarce) for clip in clips}
    groups: dict[str, list[Clip | Lineage]] = {}
    for clip in sorted(clips, key=lambda clip: clip.id):
        groups.setdefault(group_of[clip.id], []).append(clip)
    oldest = {name: min(map(_identity, members)) for name, members in groups.items()}
    for clip in trashed:
        group = _group(clip, by_speaker, scarce)
        oldest[group] = min(oldest.get(group, clip.id), _identity(clip))
    place_of = {name: _place(oldest[name]) for name in groups}
    marked = {clip.origin for clip in clips if clip.kind is ClipKind.NEAR and clip.origin is not None}
    learned = {name for name, members in groups.items() if marked & set(map(_identity, members))}
    side_of = {
        name: Split.TRAIN if name in learned else _side(members, place_of[name], real, shares)
        for name, members in groups.items()
    }
    families = [
        [name for name, members in groups.items() if any(clip.kind in family for clip in members)]
        for family in _FAMILIES
    ]
    for names in families:
        for split, wanted in ((Split.TEST, 0.0), (Split.VALIDATION, shares.test), (Split.TRAIN, 1.0)):
            if split not in {side_of[name] for name in names}:
                spare = [name for name in names if name not in learned and _can_be_spared(name, side_of, families)]
                nearest = sorted(spare, key=lambda name: (_is_voice(name), abs(place_of[name] - wanted)))
                side_of.update(dict.fromkeys(nearest[:1], split))
    return {id_: side_of[group] for id_, group in group_of.items()}


def speakers_apart(clips: Sequence[Clip | Lineage]) -> bool:
    """Whether enough people said the word, and every take names its speaker, so that none needs to be on two sides."""
    takes = [clip for clip in clips if clip.kind is ClipKind.WAKE_WORD and clip.engine is None]
    return all(clip.speaker for clip in takes) and len({clip.speaker for clip in takes}) >= _SPEAKERS_WORTH_SPLITTING


def _scarce_kinds(clips: Sequence[Clip | Lineage], by_speaker: bool) -> set[ClipKind]:
    """The kinds of which there are too few recordings for three sides: a person who recorded all takes in one go."""
    scarce: set[ClipKind] = set()
    for family in _FAMILIES:
        groups = {_group(clip, by_speaker, set()) for clip in clips if clip.kind in family and clip.engine is None}
        if len(groups) < len(Split):
            scarce |= family
    return scarce


def _group(clip: Clip | Lineage, by_speaker: bool, scarce: set[ClipKind]) -> str:
    if clip.engine is not None:
        return f"{_VOICE}{clip.engine} {clip.kind}"
    if clip.kind is ClipKind.RIR:
        return f"room {clip.recording}"
    if clip.kind in scarce:
        return f"clip {_identity(clip)}"
    return f"speaker {clip.speaker}" if by_speaker and clip.speaker else f"recording {clip.recording}"


def _identity(clip: Clip | Lineage) -> int:
    """The id that a clip keeps when it is trimmed."""
    return clip.id if clip.origin is None else clip.origin


def _place(oldest: int) -> float:
    """A number in [0, 1) for a group, by its oldest clip. Multiples of the golden ratio fill any part of it evenly, so
    that even of few clips each side gets its share."""
    return oldest * _GOLDEN % 1.0


def _side(group: Sequence[Clip | Lineage], place: float, real: set[ClipKind], shares: Shares) -> Split:
    first = group[0]
    if first.engine is not None:
        return Split.TRAIN if first.kind in real else side_of_voice(first.engine)
    kinds = {clip.kind for clip in group}
    if kinds <= {ClipKind.RIR, ClipKind.NEAR}:  # what examines nothing
        return Split.TRAIN
    words = ClipKind.WAKE_WORD in kinds
    test = shares.test if words else shares.other_test
    validation = shares.validation if words else shares.other_validation
    if place < test:
        return Split.TEST
    return Split.VALIDATION if place < test + validation else Split.TRAIN


def _can_be_spared(group: str, side_of: Mapping[str, Split], families: Sequence[Sequence[str]]) -> bool:
    """Whether its side keeps another group like it, of everything that must be there."""
    return all(
        any(
            other != group and side_of[other] is side_of[group] and _is_voice(other) == _is_voice(group)
            for other in groups
        )
        for groups in families
        if group in groups
    )


def _is_voice(group: str) -> bool:
    return group.startswith(_VOICE)
