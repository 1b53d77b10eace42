"""What becomes of the sounds that were found: clips, takes, or nothing; and the way back."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from synthetic_project import fill
from synthetic_speech import talk, word

from mww_studio.audio.files import write_wav
from mww_studio.errors import StudioError
from mww_studio.jobs.mining_decisions import decide, describe_candidates, describe_decision, numbers, undo_last
from mww_studio.jobs.mining_record import (
    Candidate,
    MiningRecord,
    State,
    cut,
    read_record,
    sound_file,
    sounds_of,
    write_record,
)
from mww_studio.jobs.mistakes import cut_mistake
from mww_studio.jobs.planning import plan_training, sides
from mww_studio.jobs.trimming import trimmed
from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind, Split
from mww_studio.project.store import Project

AT_S = 6.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decisions")
    with Project.create(folder / "project", "kosita") as project:
        fill(project)
    said = word(3, 99)
    pcm = np.concatenate([talk(AT_S, 60), said.pcm, talk(4.0, 61)])
    write_wav(folder / "evening.wav", pcm)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Iterator[Project]:
    """A project in which four sounds wait: three from a file elsewhere, the last from a clip that examines."""
    shutil.copytree(made / "project", tmp_path / "project")
    with Project.open(tmp_path / "project") as opened:
        side = sides(opened, opened.clips(), load_preset("fast_test"))
        tested = next(clip for clip in opened.clips(ClipKind.SPEECH) if side[clip.id] is Split.TEST)
        common = {"cutoff_byte": 200, "run": "r", "sketch": "", "found_at": datetime.now(UTC)}
        times = (1.0, AT_S + word(3, 99).end_s, 9.5)
        found = [
            Candidate(
                id=number,
                file=str(made / "evening.wav"),
                content="ab" * 32,
                time_s=time_s,
                score=150.0 + number,
                woke=number == 2,
                maybe_word=number == 2,
                licence="CC0-1.0",
                **common,
            )
            for number, time_s in enumerate(times, start=1)
        ]
        found.append(
            Candidate(
                id=4,
                file=tested.path,
                content=tested.sha256,
                clip=tested.id,
                time_s=5.0,
                score=100.0,
                woke=False,
                maybe_word=False,
                examines=True,
                licence=tested.licence,
                **common,
            )
        )
        write_record(opened, MiningRecord(last_id=4, candidates=tuple(found)))
        for one in found[:3]:
            sound_file(opened.folder, one.id).parent.mkdir(exist_ok=True)
            write_wav(sound_file(opened.folder, one.id), cut(made / "evening.wav", one.time_s))
        yield opened


def states(project: Project) -> list[State]:
    return [one.state for one in read_record(project.folder).candidates]


def test_what_is_accepted_teaches_the_next_training(project: Project) -> None:
    before = decide(project, {1: State.ACCEPTED, 3: State.ACCEPTED})
    assert before == {1: State.WAITING, 3: State.WAITING}
    near = project.clips(ClipKind.NEAR)
    assert [clip.source.rpartition("/")[2] for clip in near] == ["evening.wav"] * 2
    assert {clip.licence for clip in near} == {"CC0-1.0"}
    assert {clip.recording for clip in near} == {"ab" * 32}
    assert "0:00:01" in near[0].note
    assert near[0].speech_end_s == pytest.approx(1.0)
    assert near[1].speech_end_s == pytest.approx(1.7)
    spec = plan_training(project, load_preset("fast_test"), seed=0)
    assert all(spec.splits[clip.id] is Split.TRAIN for clip in near)
    assert [one.made for one in read_record(project.folder).candidates] == [near[0].id, None, near[1].id, None]


def test_a_mistake_from_an_examining_clip_makes_that_clip_teach(project: Project) -> None:
    record = read_record(project.folder)
    origin = record.candidates[3].clip
    before = decide(project, {4: State.ACCEPTED})
    (near,) = project.clips(ClipKind.NEAR)
    assert near.origin == origin
    side = sides(project, project.clips(), load_preset("fast_test"))
    assert side[near.origin] is Split.TRAIN
    assert "examine no more" in describe_decision(before, read_record(project.folder))
    undo_last(project)
    side = sides(project, project.clips(), load_preset("fast_test"))
    assert side[near.origin] is Split.TEST


def test_a_mistake_from_a_trimmed_clip_makes_what_it_was_cut_from_teach(project: Project) -> None:
    whole = next(clip for clip in project.clips() if clip.id == read_record(project.folder).candidates[3].clip)
    part = project.replace_clip(whole.id, trimmed(project, whole.id, 2.0, 12.0))
    assert cut_mistake(project, part, 5.0).origin == whole.id
    project.add_clips([cut_mistake(project, part, 5.0)])
    assert sides(project, project.clips(), load_preset("fast_test"))[part.id] is Split.TRAIN


def test_what_was_the_word_becomes_a_take(project: Project) -> None:
    takes = len(project.clips(ClipKind.WAKE_WORD))
    decide(project, {2: State.WORD}, speaker="Mia")
    take = project.clips(ClipKind.WAKE_WORD)[-1]
    assert len(project.clips(ClipKind.WAKE_WORD)) == takes + 1
    assert take.speaker == "Mia"
    assert take.recording != "ab" * 32
    assert 0.2 < take.speech_end_s - take.speech_start_s < 1.5


def test_decisions_are_taken_back_and_made_again(project: Project) -> None:
    clips = {clip.id for clip in project.clips()}
    decide(project, {1: State.ACCEPTED, 2: State.WORD})
    (near,) = project.clips(ClipKind.NEAR)
    decide(project, {3: State.REJECTED})
    assert states(project) == [State.ACCEPTED, State.WORD, State.REJECTED, State.WAITING]
    undo_last(project)
    undo_last(project)
    assert states(project) == [State.WAITING] * 4
    assert {clip.id for clip in project.clips()} == clips
    decide(project, {1: State.ACCEPTED})
    assert project.clips(ClipKind.NEAR) == [near]
    decide(project, {1: State.WAITING}, undoing=True)
    project.empty_trash()
    decide(project, {1: State.ACCEPTED})
    (new,) = project.clips(ClipKind.NEAR)
    assert new.sha256 == near.sha256
    undo_last(project)
    with pytest.raises(StudioError) as error:
        undo_last(project)
    assert error.value.code == "mining.no_step"


def test_a_change_of_mind_leaves_no_clip_behind(project: Project) -> None:
    decide(project, {2: State.ACCEPTED})
    decide(project, {2: State.WORD})
    assert not project.clips(ClipKind.NEAR)
    decide(project, {2: State.REJECTED})
    assert len(project.clips(ClipKind.WAKE_WORD)) == 12
    assert decide(project, {2: State.REJECTED}) == {}
    for _ in range(3):
        undo_last(project)
    assert states(project) == [State.WAITING] * 4
    assert len(project.clips()) == 16


def test_sounds_that_are_gone_can_only_be_rejected(project: Project) -> None:
    sound_file(project.folder, 1).unlink()
    clip = read_record(project.folder).candidates[3].clip
    project.trash_clips([clip])
    project.empty_trash()
    found = read_record(project.folder).candidates
    assert set(sounds_of(project, found)) == {2, 3}
    for number in (1, 4):
        with pytest.raises(StudioError) as error:
            decide(project, {number: State.ACCEPTED, 2: State.ACCEPTED})
        assert error.value.code == "mining.gone"
    assert states(project) == [State.WAITING] * 4
    assert not project.clips(ClipKind.NEAR)
    decide(project, {1: State.REJECTED, 4: State.REJECTED})
    assert states(project)[0] is State.REJECTED


def test_numbers_are_checked(project: Project) -> None:
    record = read_record(project.folder)
    assert numbers(record, "all") == [2, 3, 1, 4]
    assert numbers(record, "all", careful=True) == [3, 1, 4]
    assert numbers(record, "1,3-4") == [1, 3, 4]
    for order in (lambda: numbers(record, "one"), lambda: decide(project, {9: State.REJECTED})):
        with pytest.raises(StudioError) as error:
            order()
        assert error.value.code == "mining.ids"
        assert "--list" in error.value.do


def test_the_list_says_what_to_look_out_for(project: Project) -> None:
    said = describe_candidates(read_record(project.folder).waiting())
    first = said.splitlines()[0]
    assert "woke" in first
    assert "may be the wake word" in first
    assert "examines" in said
    assert describe_candidates([]) == "Nothing waits to be listened to."


def test_a_damaged_record_is_told_and_kept(project: Project) -> None:
    path = project.folder / "mining" / "candidates.json"
    path.write_text("{")
    with pytest.raises(StudioError) as error:
        decide(project, {1: State.ACCEPTED})
    assert error.value.code == "mining.record"
    assert path.read_text() == "{"
