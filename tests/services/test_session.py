import gc
from collections import Counter

import numpy as np
import pytest
from PySide6.QtCore import QObject
from synthetic_project import fill
from synthetic_speech import word

from mww_studio.audio.quality import judge
from mww_studio.durable import wav_bytes
from mww_studio.errors import StudioError
from mww_studio.project.records import ClipKind, ClipQuery, NewClip, Style, pcm_sha256
from mww_studio.services.job_thread import JobState


def new_take(number=0, speaker="Mia"):
    said = word(number % 5, 50 + number)
    quality = judge(said.pcm, said.start_s, said.end_s, ClipKind.WAKE_WORD)
    return NewClip(
        ClipKind.WAKE_WORD,
        said.pcm,
        pcm_sha256(said.pcm),
        "recorded",
        quality,
        said.start_s,
        said.end_s,
        speaker=speaker,
        style=Style.NORMAL,
    )


def ids_of(session, kind=ClipKind.WAKE_WORD):
    return [clip.id for clip in session.project.clips(kind)]


def seen(session):
    """Everything about the clips that a person can change."""
    return {
        clip.id: (clip.kind, clip.speaker, clip.kept, clip.note, session.project.folder.joinpath(clip.path).is_file())
        for clip in session.project.clips()
    }


CHANGES = {
    "trash": lambda session, ids: session.trash(ids),
    "restore": lambda session, _: session.restore(session.project.clip_ids(ClipQuery(trashed=True))),
    "relabel": lambda session, ids: session.relabel(ids, ClipKind.NEAR),
    "assign": lambda session, ids: session.assign(ids, "Mia"),
    "assign nobody": lambda session, ids: session.assign(ids, None),
    "keep": lambda session, ids: session.keep(ids),
    "note": lambda session, ids: session.set_note(ids[0], "the cat speaks"),
    "trim": lambda session, ids: session.trim(ids[0], 0.3, 1.2),
    "add take": lambda session, _: session.add_take(new_take()),
    "add clips": lambda session, _: session.add_clips([new_take(1), new_take(2)], "Cut 2 mistakes"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_has_a_name_and_can_be_taken_back_and_made_again(session, name):
    session.project.trash_clips(ids_of(session)[-1:])
    before = seen(session)
    heard = []
    session.clips_changed.connect(lambda: heard.append("clips"))
    session.step_changed.connect(lambda: heard.append("step"))
    CHANGES[name](session, ids_of(session)[:2])
    after = seen(session)
    assert after != before
    assert session.undo.undoText()
    assert {"clips", "step"} <= set(heard)
    gc.collect()
    for _ in range(2):
        heard.clear()
        session.undo.undo()
        assert seen(session) == before
        assert {"clips", "step"} <= set(heard)
        session.undo.redo()
        assert seen(session) == after


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda session, ids: session.trash(ids[:1]), "Move 1 sample to trash"),
        (lambda session, ids: session.trash(ids[:3]), "Move 3 samples to trash"),
        (lambda session, ids: session.assign(ids[:4], "Mia"), "Say that 4 takes are Mia"),
        (lambda session, ids: session.keep(ids[:1]), "Keep 1 take anyway"),
        (lambda session, _: session.add_take(new_take()), "Record a take"),
        (lambda session, ids: session.relabel(ids[:2], ClipKind.NEAR), "Change the kind of 2 samples"),
    ],
)
def test_names_of_changes(session, change, text):
    change(session, ids_of(session))
    assert session.undo.undoText() == text


def test_a_take_is_taken_back_by_the_number_that_the_person_sees(session):
    takes = [session.add_take(new_take(number)) for number in range(3)]
    assert session.take_back_last(23).id == takes[2].id
    assert session.undo.undoText() == "Take back take 23"
    assert session.take_back_last().id == takes[1].id
    session.undo.undo()
    session.undo.undo()
    assert session.take_back_last().id == takes[2].id
    session.take_back_last()
    session.take_back_last()
    assert session.take_back_last() is None


def test_the_same_take_twice_is_refused(session):
    session.add_take(new_take())
    with pytest.raises(StudioError) as caught:
        session.add_take(new_take())
    assert caught.value.code == "project.clip_exists"
    assert session.undo.count() == 1


def test_a_change_that_fails_is_not_on_the_stack(session):
    session.project.read_only = True
    with pytest.raises(StudioError) as caught:
        session.trash(ids_of(session)[:1])
    assert caught.value.code == "project.read_only"
    assert not session.undo.canUndo()


def test_a_change_that_cannot_be_taken_back_is_told(session, studio):
    heard = []
    session.trouble.connect(heard.append)
    studio.trouble.connect(heard.append)
    session.trash(ids_of(session)[:1])
    session.project.read_only = True
    studio.undo()
    assert [error.code for error in heard] == ["project.read_only"] * 2
    assert not session.undo.canUndo()


@pytest.mark.parametrize("name", ["trash", "relabel", "assign", "keep"])
def test_many_clips_are_changed_in_the_background_and_in_turn(qtbot, session, monkeypatch, name):
    monkeypatch.setattr("mww_studio.services.library._MANY", 3)
    before = seen(session)
    CHANGES[name](session, ids_of(session)[:4])
    assert [job.title for job in session.jobs] == ["Changing 4 samples"]
    session.set_note(ids_of(session)[-1], "the cat speaks")
    session.undo.undo()
    session.undo.undo()
    assert [job.state for job in session.jobs] == [JobState.RUNNING, JobState.WAITING]
    qtbot.waitUntil(lambda: not any(job.is_busy for job in session.jobs))
    assert seen(session) == before
    heard = []
    session.clips_changed.connect(lambda: heard.append(seen(session)))
    session.undo.redo()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[-1] != before


def test_a_small_change_waits_for_a_large_one(qtbot, session, monkeypatch):
    monkeypatch.setattr("mww_studio.services.library._MANY", 3)
    first, *_, last = ids_of(session)
    session.trash([*range(first, first + 4)])
    session.restore([first])
    qtbot.waitUntil(lambda: not any(job.is_busy for job in session.jobs))
    assert ids_of(session)[0] == first
    assert ids_of(session)[1:] == [*range(first + 4, last + 1)]


def test_a_change_of_many_clips_that_fails_is_told(qtbot, session, monkeypatch):
    monkeypatch.setattr("mww_studio.services.library._MANY", 3)
    ids = ids_of(session)[:4]
    (session.folder / session.project.clips_by_id(ids)[2].path).unlink()
    with qtbot.waitSignal(session.trouble) as heard:
        session.relabel(ids, ClipKind.NEAR)
    assert heard.args[0].code == "project.storage"
    assert ids_of(session)[:4] == ids


def test_a_trimmed_clip_keeps_what_is_known_of_it(session):
    take = session.add_take(new_take())
    session.set_note(take.id, "hoarse")
    part = session.trim(take.id, take.speech_start_s - 0.1, take.speech_end_s + 0.1)
    assert part.duration_s == pytest.approx(take.speech_end_s - take.speech_start_s + 0.2, abs=0.001)
    assert part.speech_start_s == pytest.approx(0.1, abs=0.001)
    assert (part.speaker, part.style, part.note) == ("Mia", Style.NORMAL, "hoarse")
    with pytest.raises(StudioError) as caught:
        session.trim(part.id, 0.3, 0.4)
    assert caught.value.code == "audio.too_short"
    with pytest.raises(StudioError) as caught:
        session.trim(9999, 0.3, 1.4)
    assert caught.value.code == "project.no_clip"


def test_a_note_that_is_there_already_is_no_change(session):
    (first, *_) = ids_of(session)
    session.set_note(first, " ")
    assert not session.undo.canUndo()


def test_what_is_gone_for_good_cannot_be_undone(session):
    session.trash(ids_of(session)[:2])
    assert session.empty_trash() == 2
    assert not session.undo.canUndo()
    session.trash(ids_of(session)[:1])
    session.rename_person("person 3", "Ben")
    assert not session.undo.canUndo()
    session.keep(ids_of(session)[:1])
    session.delete_person("Ben")
    assert not session.undo.canUndo()
    assert "Ben" not in {person.name for person in session.people()}


def test_people(session):
    heard = []
    session.people_changed.connect(lambda: heard.append(1))
    session.add_person("Mia", child=True, consent=True)
    session.set_person("Mia", child=False, consent=True)
    assert session.people()[-1].name == "Mia"
    session.add_take(new_take())
    assert len(heard) == 2
    session.add_take(new_take(1, speaker="Somebody new"))
    assert len(heard) == 3


def test_questions_are_answered_from_another_thread(qtbot, session):
    class Asker(QObject):
        def __init__(self):
            super().__init__()
            self.answers = []

        def hear(self, answer):
            self.answers.append(answer)

    asker = Asker()
    session.ask(lambda project: len(project.clips()), asker.hear, key="count")
    qtbot.waitUntil(lambda: asker.answers == [16])


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.wav").write_bytes(wav_bytes(word(number % 4, 80 + number).pcm, 16000))
    (folder / "broken.wav").write_bytes(b"RIFF")
    return folder


def test_an_import_is_a_job_that_can_be_undone(qtbot, session, files):
    before = len(session.project.clips())
    job = session.import_files([files], ClipKind.WAKE_WORD, "Mia")
    with qtbot.waitSignal(job.ended):
        pass
    assert (job.state, job.result.added, len(job.result.failed)) == (JobState.DONE, 8, 1)
    assert Counter(clip.speaker for clip in session.project.clips())["Mia"] == 8
    assert session.undo.undoText() == "Add 8 samples"
    session.undo.undo()
    assert len(session.project.clips()) == before


def test_takes_can_be_recorded_while_files_come_in(qtbot, session, files):
    job = session.import_files([files], ClipKind.WAKE_WORD, None)
    with qtbot.waitSignal(job.ended):
        for number in range(5):
            session.add_take(new_take(number))
    assert job.result.added == 8
    assert len(session.project.clips()) == 16 + 8 + 5


def test_many_speakers_are_one_change(session):
    ids = [clip.id for clip in session.project.clips()][:3]
    before = {clip.id: clip.speaker for clip in session.project.clips()}
    session.assign_each({ids[0]: "Mia", ids[1]: "Tom", ids[2]: None}, "Sort the speakers")
    assert [clip.speaker for clip in session.project.clips_by_id(ids)] == ["Mia", "Tom", None]
    assert session.undo.undoText() == "Sort the speakers"
    session.undo.undo()
    assert {clip.id: clip.speaker for clip in session.project.clips()} == before


def test_an_import_of_nothing_says_so(qtbot, session, tmp_path):
    (tmp_path / "empty").mkdir()
    job = session.import_files([tmp_path / "empty"], ClipKind.SPEECH, None)
    with qtbot.waitSignal(job.ended):
        pass
    assert (job.state, job.error.code) == (JobState.FAILED, "import.nothing")


def test_fill_is_what_these_tests_think_it_is(session):
    assert np.array_equal(list(session.project.counts().values()), [12, 4, 0, 0, 0])
    fill(session.project)  # the same clips are not added twice
    assert len(session.project.clips()) == 16
