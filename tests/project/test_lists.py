"""Lists of clips, and what a person changes in them."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mww_studio.errors import StudioError
from mww_studio.project.records import (
    Clip,
    ClipKind,
    ClipOrder,
    ClipQuery,
    Judgement,
    Label,
    Lineage,
    NewClip,
    Problem,
    Quality,
    RunState,
    Split,
    Style,
    Tally,
)
from mww_studio.project.store import Project

GOOD = Quality(-3.0, -20.0, 31.5, 0.0, 0.001)
BAD = replace(GOOD, problems=(Problem("noisy", "Step closer."),))


def new_clip(
    seed: int,
    kind: ClipKind = ClipKind.WAKE_WORD,
    *,
    speaker: str | None = None,
    quality: Quality = GOOD,
    samples: int = 800,
    **more: object,
) -> NewClip:
    pcm = np.random.default_rng(seed).integers(-9000, 9000, samples).astype(np.int16)
    return replace(NewClip(kind, pcm, f"recording {seed}", f"takes/{seed}.wav", quality, speaker=speaker), **more)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "hey computer") as project:
        yield project


@pytest.fixture
def clips(project: Project) -> list[Clip]:
    return project.add_clips(
        [
            new_clip(1, speaker="Ädam", style=Style.FAR, samples=900),
            new_clip(2, speaker="Ben", quality=BAD),
            new_clip(3, quality=BAD, kept=True, note="with the DOG"),
            new_clip(4, ClipKind.SPEECH, speaker="Ben", samples=1000),
            new_clip(5, ClipKind.AMBIENCE),
        ]
    )


def found(project: Project, **query: object) -> list[int]:
    return project.clip_ids(ClipQuery(descending=False, **query))  # type: ignore[arg-type]


def code_of(caught: pytest.ExceptionInfo[StudioError]) -> str:
    assert caught.value.do
    return caught.value.code


def test_sorts_of_clips_are_counted(project: Project, clips: list[Clip]) -> None:
    project.add_clips([new_clip(6, speaker="Ädam", style=Style.FAR, samples=700), new_clip(7, engine="voice:a")])
    project.trash_clips([5])
    kept, take = Judgement.KEPT, ClipKind.WAKE_WORD
    tallies = [
        Tally(take, Judgement.GOOD, "Ädam", Style.FAR, False, 2, 0.1),
        Tally(take, Judgement.DOUBTFUL, "Ben", None, False, 1, 0.05),
        Tally(take, kept, None, None, False, 1, 0.05),
        Tally(ClipKind.SPEECH, Judgement.GOOD, "Ben", None, False, 1, 0.0625),
        Tally(take, Judgement.GOOD, None, None, True, 1, 0.05),
    ]
    assert sorted(project.tallies(), key=repr) == sorted(tallies, key=repr)
    assert project.tallies(ClipKind.SPEECH) == [tallies[3]]
    newest = project.tallies(since=clips[-1].created_at)
    assert sorted((tally.speaker or "", tally.clips) for tally in newest) == [("", 1), ("Ädam", 1)]


def test_lineages_are_what_the_clips_say(project: Project, clips: list[Clip]) -> None:
    part = project.replace_clip(2, new_clip(8, speaker="Ben"))
    for trashed in (False, True):
        assert project.lineages(trashed=trashed) == [
            Lineage(clip.id, clip.kind, clip.speaker, clip.recording, clip.engine, clip.origin)
            for clip in project.clips(trashed=trashed)
        ]
    assert project.lineages()[-1].origin == part.origin == clips[1].id


def test_what_was_said_about_clips(project: Project, clips: list[Clip]) -> None:
    ids = [clip.id for clip in clips]
    assert project.labels([*ids[::-1], 99]) == [
        Label(clip.id, clip.kind, clip.speaker, clip.kept) for clip in project.clips()
    ]


@pytest.mark.usefixtures("clips")
def test_lists_are_filtered(project: Project) -> None:
    assert found(project) == [1, 2, 3, 4, 5]
    assert found(project, kinds=frozenset({ClipKind.SPEECH, ClipKind.AMBIENCE})) == [4, 5]
    assert found(project, speaker="Ben") == [2, 4]
    assert found(project, speaker="Ben", kinds=frozenset({ClipKind.SPEECH})) == [4]
    assert found(project, speaker="") == [3, 5]
    assert found(project, speaker="nobody") == []
    assert [found(project, judgement=one) for one in Judgement] == [[1, 4, 5], [2], [3]]
    assert found(project, text=" dog ") == [3]
    assert found(project, text="takes/4") == [4]
    assert found(project, text="äDAM") == [1]
    assert found(project, text="ÄD") == [1]
    project.set_splits({1: Split.TEST, 2: Split.TRAIN, 4: Split.TEST})
    assert found(project, split=Split.TEST, speaker="Ben") == [4]
    project.set_splits({3: Split.TEST})
    assert found(project, split=Split.TEST) == [3]
    project.trash_clips([2, 4])
    assert found(project) == [1, 3, 5]
    assert found(project, trashed=True) == [2, 4]


@pytest.mark.usefixtures("clips")
@pytest.mark.parametrize(
    ("order", "ids"),
    [
        (ClipOrder.ID, [1, 2, 3, 4, 5]),
        (ClipOrder.KIND, [5, 4, 1, 2, 3]),
        (ClipOrder.SPEAKER, [2, 4, 1, 3, 5]),
        (ClipOrder.DURATION, [2, 3, 5, 1, 4]),
        (ClipOrder.JUDGEMENT, [1, 4, 5, 3, 2]),
        (ClipOrder.CREATED, [1, 2, 3, 4, 5]),
    ],
)
def test_lists_are_sorted(project: Project, order: ClipOrder, ids: list[int]) -> None:
    assert project.clip_ids(ClipQuery(order=order, descending=False)) == ids
    assert project.clip_ids(ClipQuery(order=order)) == ids[::-1]
    assert [clip.id for clip in project.clips_by_id([*ids, 99])] == ids


def test_a_list_is_read_from_its_index_alone(project: Project) -> None:
    text = "SELECT clips.id FROM clips LEFT JOIN people ON people.id = person WHERE trashed_at IS NULL ORDER BY source"
    plan = " ".join(row[3] for row in project._connection.execute(f"EXPLAIN QUERY PLAN {text}"))
    assert "COVERING INDEX clips_listed" in plan


def test_what_was_recorded_comes_back(clips: list[Clip]) -> None:
    assert (clips[0].style, clips[0].kept, clips[0].note) == (Style.FAR, False, "")
    assert (clips[2].style, clips[2].kept, clips[2].note) == (None, True, "with the DOG")


def test_a_doubtful_take_is_kept_and_noted(project: Project, clips: list[Clip]) -> None:
    project.set_kept([1, 2], True)
    project.set_note(2, " next to the fridge ")
    one, two = project.clips_by_id([1, 2])
    assert (one.judgement, two.judgement, two.note) == (Judgement.GOOD, Judgement.KEPT, "next to the fridge")
    project.set_kept([1, 2], False)
    project.set_note(2, "")
    assert project.clips_by_id([1, 2]) == clips[:2]


def test_relabelling_moves_the_file_and_can_be_undone(project: Project, clips: list[Clip]) -> None:
    project.add_clips([new_clip(4, ClipKind.NEAR, samples=1000)])
    project.relabel([2, 4, 99], ClipKind.NEAR)
    two, four = project.clips_by_id([2, 4])
    assert (two.kind, four.kind) == (ClipKind.NEAR, ClipKind.SPEECH)
    assert two.path.startswith("audio/near/")
    assert (project.folder / two.path).is_file()
    assert not (project.folder / clips[1].path).exists()
    project.relabel([2], ClipKind.WAKE_WORD)
    assert project.clips_by_id([2]) == clips[1:2]
    assert (project.folder / clips[1].path).is_file()


def test_trimming_by_hand_and_undoing_it(project: Project, clips: list[Clip]) -> None:
    made = project.replace_clip(1, new_clip(11, speaker="Ädam"))
    assert (made.origin, found(project)[-1], found(project, trashed=True)) == (1, made.id, [1])
    again = project.replace_clip(made.id, new_clip(12))
    assert again.origin == 1
    with pytest.raises(StudioError) as caught:
        project.replace_clip(again.id, new_clip(11))
    assert code_of(caught) == "project.clip_exists"
    with pytest.raises(StudioError) as caught:
        project.replace_clip(99, new_clip(13))
    assert code_of(caught) == "project.no_clip"
    project.trash_clips([again.id])
    project.restore_clips([1])
    assert project.clips()[0] == clips[0]


def test_an_emptied_trash_is_gone_and_its_ids_are_not_used_again(project: Project, clips: list[Clip]) -> None:
    project.trash_clips([1, 5])
    stray = project.folder / "trash" / "found" / "stray.wav"
    stray.parent.mkdir()
    stray.write_bytes(b"found")
    assert project.empty_trash() == 2
    assert project.empty_trash() == 0
    assert [file for file in (project.folder / "trash").rglob("*") if file.is_file()] == []
    assert project.clips_by_id([1, 5]) == []
    (back,) = project.add_clips([new_clip(5, ClipKind.AMBIENCE)])
    assert back.id == 6
    assert back.sha256 == clips[4].sha256


@pytest.mark.usefixtures("clips")
def test_people_are_added_and_changed(project: Project) -> None:
    assert [person.name for person in project.people()] == ["Ben", "Ädam"]
    mia = project.add_person("  Mia ", child=True, consent=True)
    assert (mia.name, mia.child) == ("Mia", True)
    assert mia.consented_at is not None
    for name, code in (("mia", "project.person_exists"), (" ", "project.name"), ("\x07", "project.name")):
        with pytest.raises(StudioError) as caught:
            project.add_person(name, child=False, consent=True)
        assert code_of(caught) == code
    assert project.set_person("Mia", child=False, consent=True) == replace(mia, child=False)
    assert project.set_person("Mia", child=False, consent=False).consented_at is None
    assert project.rename_person("Ben", "BEN").name == "BEN"
    with pytest.raises(StudioError) as caught:
        project.rename_person("BEN", "mia")
    assert code_of(caught) == "project.person_exists"
    assert project.clips_by_id([2])[0].speaker == "BEN"
    with pytest.raises(StudioError) as caught:
        project.set_person("Zoe", child=False, consent=True)
    assert code_of(caught) == "project.no_person"


@pytest.mark.usefixtures("clips")
def test_voices_of_computers_are_nobody(project: Project) -> None:
    said = replace(new_clip(6, ClipKind.WAKE_WORD), speaker="voice 7", engine="voice 7")
    project.add_clips([said])
    assert [person.name for person in project.people()] == ["Ben", "Ädam"]
    with pytest.raises(StudioError) as caught:
        project.add_person("voice 7", child=False, consent=True)
    assert code_of(caught) == "project.person_exists"
    project.add_clips([replace(new_clip(7, ClipKind.WAKE_WORD), speaker="voice 7")])
    assert [person.name for person in project.people()] == ["Ben", "Ädam", "voice 7"]


@pytest.mark.usefixtures("clips")
def test_a_person_is_deleted_for_good(project: Project) -> None:
    features = project.folder / "cache" / "features" / "some.npy"
    features.parent.mkdir()
    features.write_bytes(b"almost speech")
    project.trash_clips([2])
    run = project.new_run("standard", 0)
    with pytest.raises(StudioError) as caught:
        project.delete_person("Ben")
    assert code_of(caught) == "project.busy"
    project.set_run_state(run.id, RunState.DONE)
    project.delete_person("Ben")
    assert found(project) == [1, 3, 5]
    assert found(project, trashed=True) == []
    assert [person.name for person in project.people()] == ["Ädam"]
    assert not features.exists()
    kept = {project.folder / clip.path for clip in project.clips()}
    assert set(project.folder.rglob("*.wav")) == kept
    project.close()
    with Project.open(project.folder) as again:
        assert [clip.id for clip in again.clips()] == [1, 3, 5]
    with pytest.raises(StudioError) as caught, Project.open(project.folder) as again:
        again.delete_person("Ben")
    assert code_of(caught) == "project.no_person"


def test_a_sibling_works_in_another_thread_and_leaves_the_lock(project: Project) -> None:
    def work() -> None:
        with project.sibling() as own:
            own.add_clips([new_clip(number) for number in range(20)])

    threads = [threading.Thread(target=work)]
    for thread in threads:
        thread.start()
    project.add_clips([new_clip(100 + number) for number in range(20)])
    for thread in threads:
        thread.join()
    assert len(project.clips()) == len({clip.id for clip in project.clips()}) == 40
    with pytest.raises(StudioError) as caught:
        Project.open(project.folder)
    assert code_of(caught) == "project.in_use"


def test_a_sibling_of_a_reader_reads_only(project: Project, clips: list[Clip]) -> None:
    with Project.open(project.folder, read_only=True) as reader, reader.sibling() as own:
        assert own.clips() == clips
        own.set_splits({1: Split.TEST})
        assert own.clip_ids(ClipQuery(split=Split.TEST)) == [1]
        with pytest.raises(StudioError) as caught:
            own.set_note(1, "no")
        assert code_of(caught) == "project.read_only"
