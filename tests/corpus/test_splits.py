from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mww_studio.corpus.splits import Shares, assign_splits, speakers_apart
from mww_studio.project.records import Clip, ClipKind, Quality, Split

QUALITY = Quality(-6.0, -20.0, None, 0.0, 0.0)
KINDS = st.sampled_from([ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.AMBIENCE, ClipKind.NEAR, ClipKind.RIR])
ENGINES = ["espeak-ng:en", "flite:slt", "kokoro:a", "espeak-ng:m7", "noise:test", "noise:validation"]


def clip(
    number: int,
    kind: ClipKind = ClipKind.WAKE_WORD,
    *,
    recording: str | None = None,
    speaker: str | None = None,
    engine: str | None = None,
) -> Clip:
    return Clip(
        number, kind, f"audio/{number}.wav", f"{number:064x}", 2.0, 0.5, 1.2, speaker, "",
        recording or f"file {number}", "", engine, QUALITY, datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def split(clips: Sequence[Clip]) -> dict[int, Split]:
    return assign_splits(clips, Shares(0.15, 0.15, 0.2, 0.25))


def takes(people: int, each: int) -> list[Clip]:
    return [clip(n, speaker=f"person {n % people}") for n in range(people * each)]


@st.composite
def corpora(draw: st.DrawFn) -> list[Clip]:
    count = draw(st.integers(0, 40))
    return [
        clip(
            n,
            draw(KINDS),
            recording=f"file {draw(st.integers(0, 12))}",
            speaker=draw(st.sampled_from([None, "a", "b", "c", "d", "e", "f"])),
            engine=draw(st.one_of(st.none(), st.sampled_from(ENGINES))),
        )
        for n in range(count)
    ]


def enough_recordings(clips: list[Clip], like: Clip) -> bool:
    words = like.kind is ClipKind.WAKE_WORD
    family = {ClipKind.WAKE_WORD} if words else {ClipKind.SPEECH, ClipKind.AMBIENCE}
    recordings = {item.recording for item in clips if item.kind in family and item.engine is None}
    return like.kind is ClipKind.NEAR or len(recordings) >= 3


def test_takes_of_one_recording_are_shared_out_when_there_is_no_other() -> None:
    takes = [clip(n, ClipKind.WAKE_WORD, recording="all in one go") for n in range(20)]
    talk = [clip(20 + n, ClipKind.SPEECH, recording="an hour of television") for n in range(20)]
    sides = split([*takes, *talk])
    assert {sides[item.id] for item in takes} == set(Split)
    assert {sides[item.id] for item in talk} == set(Split)


@given(corpora())
def test_no_recording_stands_on_two_sides(clips: list[Clip]) -> None:
    # Enough recordings of every kind: what is all in one or two is shared out by the clip instead.
    clips += [clip(100 + n, kind) for n, kind in enumerate([ClipKind.WAKE_WORD, ClipKind.SPEECH] * 3)]
    sides = split(clips)
    assert sides.keys() == {item.id for item in clips}
    apart = speakers_apart(clips)
    for item in clips:
        for other in clips:
            if item.engine is None and other.engine is None and ClipKind.RIR not in (item.kind, other.kind):
                if apart and item.speaker:
                    together = item.speaker == other.speaker
                else:
                    shared_out = apart or (enough_recordings(clips, item) and enough_recordings(clips, other))
                    together = item.recording == other.recording and shared_out and not (apart and other.speaker)
                if together:
                    assert sides[item.id] is sides[other.id]


@given(corpora(), st.integers(100, 200))
def test_synthetic_clips_do_not_examine_beside_real_ones(clips: list[Clip], first: int) -> None:
    kinds = (ClipKind.WAKE_WORD, ClipKind.SPEECH)
    clips += [clip(first + 3 * number + n, kind) for number, kind in enumerate(kinds) for n in range(3)]
    sides = split(clips)
    for item in clips:
        real = any(other.kind is item.kind and other.engine is None for other in clips)
        if item.engine is not None and real:
            assert sides[item.id] is Split.TRAIN


def test_one_real_recording_teaches_rather_than_examines_and_two_do_both() -> None:
    voices = [clip(10 + n, engine=f"espeak-ng:{n}") for n in range(5)]
    for first in range(50):
        sides = split([clip(first + 100), *voices])
        assert set(sides.values()) == set(Split)
        sides = split([clip(first + 100), clip(first + 200), *voices])
        assert set(sides.values()) == set(Split)
        if Split.VALIDATION not in (own := {sides[first + 100], sides[first + 200]}):
            assert own == {Split.TRAIN, Split.TEST}


@settings(max_examples=30)
@given(corpora(), st.permutations(range(40)))
def test_the_order_of_the_clips_does_not_matter(clips: list[Clip], order: list[int]) -> None:
    shuffled = [clips[n] for n in order if n < len(clips)]
    assert split(shuffled) == split(clips)


@given(st.integers(30, 80), st.integers(1, 30))
def test_added_takes_move_none(before: int, added: int) -> None:
    whole = [clip(n) for n in range(before + added)] + [clip(1000 + n, ClipKind.SPEECH) for n in range(40)]
    early = [item for item in whole if not before <= item.id < 1000]
    assert len(set(split(early).values())) == 3
    sides = split(whole)
    assert {item.id: sides[item.id] for item in early} == split(early)


def test_a_group_stays_where_its_oldest_clip_put_it() -> None:
    others = [clip(number) for number in range(100, 140)]
    shares = Shares(0.15, 0.15, 0.2, 0.25)
    for first in range(20):
        oldest, younger = clip(first, recording="one"), clip(50, recording="one")
        before = assign_splits([oldest, younger, *others], shares)
        after = assign_splits([younger, *others], shares, [oldest])
        assert after == {id_: side for id_, side in before.items() if id_ != first}


def test_a_trimmed_take_stays_on_its_side() -> None:
    takes_ = [clip(number) for number in range(30)]
    shares = Shares(0.15, 0.15, 0.2, 0.25)
    for number in range(30):
        trimmed = replace(clip(500, recording=f"file {number}"), origin=number)
        rest = [*takes_[:number], *takes_[number + 1 :]]
        sides = assign_splits([*rest, trimmed], shares, [takes_[number]])
        assert sides[500] is split(takes_)[number]
    scarce = [clip(number, recording="only one") for number in range(30)]
    trimmed = replace(clip(500, recording="only one"), origin=7)
    sides = assign_splits([*scarce[:7], *scarce[8:], trimmed], shares, [scarce[7]])
    assert sides[500] is split(scarce)[7]


def test_a_recording_of_which_a_mistake_was_learned_does_not_examine() -> None:
    talk = [clip(number, ClipKind.SPEECH) for number in range(30)]
    before = split(talk)
    for number in range(30):
        mistake = replace(clip(100, ClipKind.NEAR, recording=f"file {number}"), origin=number)
        after = split([*talk, mistake])
        assert after[number] is after[100] is Split.TRAIN
        others = [one.id for one in talk if one.id != number]
        assert [after[id_] for id_ in others] == [before[id_] for id_ in others]


@pytest.mark.parametrize(
    ("kind", "validation", "test"), [(ClipKind.WAKE_WORD, 0.15, 0.15), (ClipKind.SPEECH, 0.2, 0.25)]
)
def test_sides_are_as_large_as_asked(kind: ClipKind, validation: float, test: float) -> None:
    for first in (1, 500):
        for count in (20, 200):
            sides = list(split([clip(first + n, kind) for n in range(count)]).values())
            assert sides.count(Split.TEST) == pytest.approx(test * count, abs=2)
            assert sides.count(Split.VALIDATION) == pytest.approx(validation * count, abs=2)


@pytest.mark.parametrize("count", [3, 4, 6, 10, 20])
def test_no_side_is_empty(count: int) -> None:
    for shift in range(40):
        clips = [clip(100 * shift + n) for n in range(count)]
        clips += [clip(100 * shift + 50 + n, ClipKind.SPEECH) for n in range(3)]
        sides = split(clips)
        for kind in (ClipKind.WAKE_WORD, ClipKind.SPEECH):
            assert {sides[item.id] for item in clips if item.kind is kind} == set(Split)


@pytest.mark.parametrize("kind", [ClipKind.WAKE_WORD, ClipKind.SPEECH])
def test_what_is_all_in_one_recording_is_shared_out_by_the_clip(kind: ClipKind) -> None:
    clips = [clip(n, kind, recording="one") for n in range(30)]
    sides = split(clips)
    assert set(sides.values()) == set(Split)
    # Others who named themselves change nothing for it.
    more = clips + [clip(100 + item.id, speaker=item.speaker) for item in takes(people=8, each=3)]
    if kind is ClipKind.SPEECH:
        assert speakers_apart(more)
        assert {item.id: split(more)[item.id] for item in clips} == sides


def test_speakers_are_kept_apart_where_there_are_enough() -> None:
    clips = takes(people=8, each=6)
    assert speakers_apart(clips)
    sides = split(clips)
    for name in {item.speaker for item in clips}:
        assert len({sides[item.id] for item in clips if item.speaker == name}) == 1
    assert set(sides.values()) == set(Split)


def test_a_person_who_also_talks_stays_on_one_side() -> None:
    clips = takes(people=8, each=3) + [clip(100 + n, ClipKind.SPEECH, speaker=f"person {n}") for n in range(8)]
    sides = split(clips)
    for n in range(8):
        assert sides[100 + n] is sides[n]


@pytest.mark.parametrize("people", [1, 4])
def test_few_speakers_are_on_every_side(people: int) -> None:
    clips = takes(people, each=20)
    assert not speakers_apart(clips)
    assert set(split(clips).values()) == set(Split)


def test_one_take_without_a_name_ends_the_separation() -> None:
    assert not speakers_apart([*takes(people=8, each=2), clip(99)])
    assert speakers_apart([*takes(people=8, each=2), clip(99, engine="flite:slt")])


def test_a_project_of_synthetic_voices_examines_with_held_out_ones() -> None:
    clips = [clip(n, engine=engine) for n, engine in enumerate(["espeak-ng:en"] * 8 + ["flite:slt", "espeak-ng:m7"])]
    sides = split(clips)
    assert sides[8] is Split.TEST
    assert sides[9] is Split.VALIDATION
    assert {sides[n] for n in range(8)} == {Split.TRAIN}


def test_near_sounding_phrases_only_train() -> None:
    clips = [*takes(3, 4), *(clip(100 + n, ClipKind.NEAR) for n in range(30))]
    side = split(clips)
    assert {side[100 + n] for n in range(30)} == {Split.TRAIN}


def test_impulse_responses_only_train() -> None:
    clips = [clip(n, ClipKind.RIR, recording=f"file {n}") for n in range(60)]
    takes_ = [clip(100 + n, recording=f"file {n}") for n in range(60)]
    sides = split(clips + takes_)
    assert {sides[item.id] for item in clips} == {Split.TRAIN}
    assert {item.id: sides[item.id] for item in takes_} == split(takes_)
