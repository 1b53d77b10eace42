"""What the table shows: asked in another thread, filtered and sorted by the library."""

import pytest
from large_library import fill_library
from pytestqt.qtbot import QtBot

from mww_studio.project.records import ClipKind, ClipOrder, ClipQuery, Judgement, Split
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.models.clip_list import ClipList
from mww_studio.ui.models.clip_table import ClipTableModel, Column


@pytest.fixture
def large(studio: Studio, tmp_path):
    session = studio.create_project(tmp_path / "project", "kosita", "en", "Ben")
    fill_library(session.folder, 900)
    return session


@pytest.fixture
def listed(qtbot: QtBot, large: Session):
    model = ClipTableModel(large.project.clips_by_id)
    made = ClipList(large, model)
    with qtbot.waitSignal(made.listed):
        made.refresh()
    yield made
    made.stop()


def ask(qtbot: QtBot, listed: ClipList, query: ClipQuery) -> list[int]:
    with qtbot.waitSignal(listed.listed):
        listed.ask(query)
    return listed.found.ids


def test_it_counts_what_there_is(listed: ClipList) -> None:
    found = listed.found
    assert (len(found.ids), found.total, found.facts.doubtful, found.facts.trashed) == (900, 900, 100, 0)
    assert found.facts.people == ("Anna", "Ben", "Mia")
    assert found.facts.other_sound_s == pytest.approx(450 * 1.2, abs=1)


def test_filters_reach_the_library(qtbot: QtBot, large: Session, listed: ClipList) -> None:
    ids = ask(qtbot, listed, ClipQuery(frozenset([ClipKind.WAKE_WORD]), "Ben", Judgement.DOUBTFUL))
    clips = large.project.clips_by_id(ids)
    assert clips
    assert {(clip.kind, clip.speaker, clip.judgement) for clip in clips} == {
        (ClipKind.WAKE_WORD, "Ben", Judgement.DOUBTFUL)
    }
    assert listed.found.total == 900
    assert len(ask(qtbot, listed, ClipQuery(text="REMARKABLE"))) == 9


def test_the_library_sorts(qtbot: QtBot, large: Session, listed: ClipList) -> None:
    ids = ask(qtbot, listed, ClipQuery(order=ClipOrder.DURATION, descending=False))
    lengths = [clip.duration_s for clip in large.project.clips_by_id(ids)]
    assert lengths == sorted(lengths)


def test_the_newest_of_many_questions_is_answered(qtbot: QtBot, listed: ClipList) -> None:
    answers = []
    listed.listed.connect(lambda: answers.append(len(listed.found.ids)))
    for text in ("r", "re", "remark"):
        listed.ask(ClipQuery(text=text))
    qtbot.waitUntil(lambda: answers == [9])


def test_it_says_what_clips_are_used_for_and_filters_by_it(qtbot: QtBot, listed: ClipList) -> None:
    model = listed._model
    qtbot.waitUntil(lambda: model.row(0).texts[Column.USED] != "")
    ids = ask(qtbot, listed, ClipQuery(split=Split.TEST))
    assert 0 < len(ids) < 900
    assert model.row(0).texts[Column.USED] == "Test"
