"""Who is speaking: takes are grouped by voice, a person corrects the groups, and their names are taken over."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from synthetic_speech import word as synthesised

from mww_studio.corpus.embeddings import speech_part, unit
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.leakage import do_job as audit_here
from mww_studio.jobs.speakers import do_job
from mww_studio.jobs.spec import TrainSpec, write_spec
from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind, NewClip, Quality, pcm_sha256
from mww_studio.services.session import Session
from mww_studio.services.speakers_works import preset_of
from mww_studio.services.studio import Studio
from mww_studio.ui.pages.speakers import SpeakersPage

WITHIN_MS = 60_000
PEOPLE = (0, 4, 6)
TAKES = 5
word = cache(synthesised)
_QUALITY = Quality(-6.0, -20.0, 40.0, 0.0, 0.0)


class KnowingEmbedder:
    """Knows the voices of these tests by heart."""

    version = "knowing"
    side_by_side = 1

    def __init__(self):
        self._who = {
            speech_part(one.pcm, one.start_s, one.end_s).tobytes(): (number, take)
            for number, who in enumerate(PEOPLE)
            for take, one in enumerate(word(who, take) for take in range(TAKES))
        }

    def embed(self, clips, check):
        check()
        rows = np.zeros((len(clips), 16), np.float32)
        for row, clip in zip(rows, clips, strict=True):
            number, take = self._who[clip.tobytes()]
            row[number], row[3 + take] = 1, 0.2
        return unit(rows)

    def close(self):
        pass


def here(folder, spec, progress):
    """A job without a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    write_spec(spec, folder)
    return (do_job if spec.kind == "speakers" else audit_here)(folder, progress)


def takes_of(people=PEOPLE, takes=TAKES, kind=ClipKind.WAKE_WORD):
    said = [(who, word(who, number)) for who in people for number in range(takes)]
    return [
        NewClip(kind, one.pcm, pcm_sha256(one.pcm), f"{who}.wav", _QUALITY, one.start_s, one.end_s) for who, one in said
    ]


@pytest.fixture
def page(
    qtbot: QtBot,
    studio: Studio,
    empty_session: Session,  # noqa: ARG001 - the project that is open
    monkeypatch: pytest.MonkeyPatch,
) -> SpeakersPage:
    monkeypatch.setattr("mww_studio.jobs.speakers.run_job", here)
    monkeypatch.setattr("mww_studio.jobs.leakage.run_job", here)
    monkeypatch.setattr("mww_studio.jobs.speakers.open_embedder", lambda *_: KnowingEmbedder())
    made = SpeakersPage(studio)
    qtbot.addWidget(made)
    made.resize(1050, 700)
    made.show()
    return made


@pytest.fixture
def reviewed(qtbot: QtBot, page: SpeakersPage, empty_session: Session) -> SpeakersPage:
    """The page with three groups of five takes."""
    empty_session.add_clips(takes_of(), "Add takes")
    qtbot.waitUntil(page.start_button.isVisible, timeout=WITHIN_MS)
    page.start_button.click()
    qtbot.waitUntil(lambda: len(page.cards) == 3, timeout=WITHIN_MS)
    return page


def speakers(session: Session) -> list[str | None]:
    return [clip.speaker for clip in session.project.clips()]


def test_without_takes_it_says_what_it_is_for(qtbot, page):
    page.entered("")
    qtbot.waitUntil(page.empty.isVisible, timeout=WITHIN_MS)
    wanted = []
    page.navigate.connect(lambda key, argument: wanted.append((key, argument)))
    page.primary().click()
    assert wanted == [("samples", "")]


def test_groups_are_named_in_one_change_that_can_be_undone(qtbot, reviewed, empty_session, studio):
    page = reviewed
    assert [card.who.currentText() for card in page.cards] == ["Person 1", "Person 2", "Person 3"]
    card = page.cards[0]
    card.who.setEditText("Anna")
    card.who.lineEdit().editingFinished.emit()
    page.cards[2].merge_wanted.emit(2, 0)
    assert len(page.cards) == 2
    told = []
    studio.notice.connect(told.append)
    page.primary().click()
    assert sorted(map(str, speakers(empty_session))) == ["Anna"] * 10 + ["Person 2"] * 5
    assert told[0].text == "Say who speaks in 15 takes"
    qtbot.waitUntil(page.empty.isVisible, timeout=WITHIN_MS)
    studio.undo()
    assert speakers(empty_session) == [None] * 15
    qtbot.waitUntil(page.start_button.isVisible, timeout=WITHIN_MS)


def test_groups_are_parted_and_takes_are_moved(qtbot, reviewed, empty_session):
    page = reviewed
    page.cards[1].merge_wanted.emit(1, 0)
    page.cards[0].split_wanted.emit(0)
    qtbot.waitUntil(lambda: len(page.cards) == 3, timeout=WITHIN_MS)
    key = page.cards[0]._row.takes.key
    page.cards[0]._row.move_wanted.emit(key, -1)
    assert page.unsure.isVisible()
    page.primary().click()
    named = speakers(empty_session)
    assert named.count(None) == 1
    assert empty_session.project.clips_by_id([int(key)])[0].speaker is None
    assert len({name for name in named if name}) == 3


def test_a_doubtful_take_is_put_into_a_group(reviewed):
    page = reviewed
    key = page.cards[1]._row.takes.key
    page._move(key, -1)
    page._unsure_row.move_wanted.emit(key, 2)
    assert not page.unsure.isVisible()
    assert key in {one.key for one in page._review.groups[2].members}


def test_what_somebody_names_meanwhile_is_left_out(qtbot, reviewed, empty_session):
    page = reviewed
    empty_session.assign([int(one.key) for one in page._review.groups[0].members], "Zoe")
    qtbot.waitUntil(lambda: len(page.cards) == 2, timeout=WITHIN_MS)
    page.primary().click()
    assert speakers(empty_session).count("Zoe") == 5


def test_the_number_of_people_can_be_given(qtbot, page, empty_session):
    empty_session.add_clips(takes_of(), "Add takes")
    qtbot.waitUntil(page.start_button.isVisible, timeout=WITHIN_MS)
    page.ask.people.set_key("2")
    page.start_button.click()
    qtbot.waitUntil(lambda: len(page.cards) == 2, timeout=WITHIN_MS)


def test_other_talk_can_be_chosen(qtbot, page, empty_session):
    empty_session.add_clips(takes_of(people=PEOPLE[:2]), "Add takes")
    qtbot.waitUntil(page.start_button.isVisible, timeout=WITHIN_MS)
    assert not page.ask.kinds.isVisible()
    talk = empty_session.add_clips(takes_of(people=PEOPLE[2:], kind=ClipKind.SPEECH), "Add other talk")
    qtbot.waitUntil(page.ask.kinds.isVisible, timeout=WITHIN_MS)
    page.ask.choose(ClipKind.SPEECH)
    page.ask.people.set_key("1")
    assert page.ask._sentence.text() == f"{len(talk)} samples have no person yet."
    page.start_button.click()
    qtbot.waitUntil(lambda: len(page.cards) == 1, timeout=WITHIN_MS)
    page.bar.apply_button.click()
    named = [clip.kind for clip in empty_session.project.clips() if clip.speaker]
    assert named == [ClipKind.SPEECH] * len(talk)


def test_it_goes_by_the_preset_of_the_newest_training(empty_session):
    project = empty_session.project
    assert preset_of(project).name == "standard"
    preset = load_preset("fast_test")
    run = project.new_run(preset.name, 0)
    assert preset_of(project).name == "standard"
    spec = TrainSpec(
        project=project.folder,
        wake_word="kosita",
        language="en",
        author="Ben",
        preset=preset,
        seed=0,
        clips=(),
        splits={},
        speakers_apart=False,
    )
    write_spec(spec, project.run_folder(run.id))
    assert preset_of(project).name == "fast_test"


def test_an_earlier_result_is_taken_up(qtbot, reviewed, studio):  # noqa: ARG001 - it made the result
    again = SpeakersPage(studio)
    qtbot.addWidget(again)
    again.resize(1050, 700)
    again.show()
    again.entered("")
    qtbot.waitUntil(lambda: len(again.cards) == 3, timeout=WITHIN_MS)


@pytest.mark.parametrize("error", [Cancelled(), StudioError("speakers.engine", "It cannot be used.", do="Mend it.")])
def test_an_end_before_the_end_is_told(qtbot, page, empty_session, monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr("mww_studio.jobs.speakers.run_job", fails)
    empty_session.add_clips(takes_of(), "Add takes")
    qtbot.waitUntil(page.start_button.isVisible, timeout=WITHIN_MS)
    page.start_button.click()
    qtbot.waitUntil(lambda: page.message is not None, timeout=WITHIN_MS)
    assert page.start_button.isVisible()
    assert speakers(empty_session) == [None] * 15


def test_learning_and_test_are_compared(qtbot, page, empty_session):
    empty_session.add_clips(takes_of(takes=2), "Add takes")
    qtbot.waitUntil(page.start_button.isVisible, timeout=WITHIN_MS)
    page.audit.look_button.click()
    qtbot.waitUntil(page.audit._people.isVisible, timeout=WITHIN_MS)
    assert "6 takes have no person" in page.audit._people.accessibleName()
    assert page.content_minimum_width() <= page.viewport_width()


def test_a_take_is_heard(qtbot, reviewed, studio, monkeypatch):
    heard = []
    monkeypatch.setattr(type(studio.player), "play", lambda _self, sound: heard.append(sound))
    next(iter(reviewed.cards[0]._plays)).click()
    qtbot.waitUntil(lambda: bool(heard), timeout=WITHIN_MS)
    assert isinstance(heard[0], Path)
    assert heard[0].is_file()
