import pytest
from PySide6.QtCore import Qt
from synthetic_speech import word

from mww_studio.audio.quality import judge
from mww_studio.corpus import pronunciation
from mww_studio.corpus.phrases import Nearness, NearPhrase
from mww_studio.errors import StudioError
from mww_studio.jobs import phrases
from mww_studio.jobs.phrases import FILE, Origin, phrases_of
from mww_studio.project.records import ClipKind, NewClip, pcm_sha256
from mww_studio.ui.pages import phrases as page_module
from mww_studio.ui.pages.phrases import PhrasesPage
from mww_studio.ui.pages.phrases_table import Column
from mww_studio.ui.pages.record_talk import NEAR

FOUND = (
    NearPhrase("rosita", Nearness.RHYME, 0.2),
    NearPhrase("casita", Nearness.WORD, 0.3),
    NearPhrase("kopita", Nearness.NEIGHBOUR, 0.09, "kopˈiːtə"),
)


@pytest.fixture
def make(studio, session, qtbot, monkeypatch):
    """Opens the page on a project with three phrases that were found."""
    monkeypatch.setattr(phrases, "_found_for", lambda *_: FOUND)
    monkeypatch.setattr(pronunciation, "_HEARD", {})
    monkeypatch.setattr(pronunciation, "phonemizer_missing", lambda: "none here")

    def made():
        assert session is studio.session
        page = PhrasesPage(studio)
        qtbot.addWidget(page)
        page.resize(1000, 700)
        page.show()
        page.entered("")
        qtbot.waitUntil(lambda: bool(page.model.phrases or page.message))
        return page

    return made


@pytest.fixture
def page(make):
    return make()


def texts(page):
    return [phrase.text for phrase in page.model.phrases]


def cell(page, row, column):
    return page.model.data(page.model.index(row, column))


def add(page, text):
    page.text.setText(text)
    page.add.click()


def test_the_list_says_what_each_is_and_how_often_it_was_said(page, session, qtbot):
    assert texts(page) == ["rosita", "casita", "kopita"]
    assert cell(page, 0, Column.KIND) == "It rhymes"
    assert cell(page, 2, Column.NEAR) == "hard to tell apart"
    assert cell(page, 0, Column.PEOPLE) == "–"
    pcm = word(1, 1).pcm
    session.add_clips(
        [NewClip(ClipKind.NEAR, pcm, pcm_sha256(pcm), "here", judge(pcm, 0.1, 0.5, ClipKind.NEAR), note="rosita")],
        "Add",
    )
    qtbot.waitUntil(lambda: cell(page, 0, Column.PEOPLE) == "1")
    assert "rosita: It rhymes, very near; read aloud 1" in page.model.data(
        page.model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole
    )


def test_a_phrase_is_added_and_taken_back(page, session, qtbot):
    assert not page.add.isEnabled()
    add(page, " casa  bonita ")
    qtbot.waitUntil(lambda: texts(page)[0] == "casa bonita")
    assert [phrase.text for phrase in page.table.chosen()] == ["casa bonita"]
    assert cell(page, 0, Column.KIND) == "Added by you"
    assert page.text.text() == ""
    assert session.undo.undoText() == "Add “casa bonita”"
    session.undo.undo()
    qtbot.waitUntil(lambda: texts(page) == ["rosita", "casita", "kopita"])
    session.undo.redo()
    qtbot.waitUntil(lambda: texts(page)[0] == "casa bonita")


def test_what_is_taken_away_can_come_back(page, session, qtbot):
    page.table.choose(["rosita", "casita"])
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: texts(page) == ["kopita"])
    assert session.undo.undoText() == "Take 2 phrases away"
    page.shown.set_key("removed")
    assert texts(page) == ["rosita", "casita"]
    assert page.bar.restore.isVisibleTo(page)
    assert not page.bar.remove.isVisibleTo(page)
    page.table.choose(["casita"])
    page.bar.restore.click()
    qtbot.waitUntil(lambda: texts(page) == ["rosita"])
    page.reset.click()
    qtbot.waitUntil(lambda: texts(page) == [])
    page.shown.set_key("used")
    assert texts(page) == ["rosita", "casita", "kopita"]
    assert not page.reset.isEnabled()
    session.undo.undo()
    qtbot.waitUntil(lambda: texts(page) == ["casita", "kopita"])


def test_a_phrase_is_written_anew(page, session, qtbot):
    index = page.model.index(1, Column.TEXT)
    assert not page.model.setData(index, "casita")
    assert page.model.setData(index, "casa bonita")
    qtbot.waitUntil(lambda: "casa bonita" in texts(page))
    assert "casita" not in texts(page)
    assert session.undo.undoText() == "Change “casita” to “casa bonita”"
    with session.project.sibling() as project:
        origins = {phrase.text: phrase.origin for phrase in phrases_of(project, removed=True)}
    assert origins["casita"] is Origin.REMOVED


@pytest.mark.parametrize(("text", "said"), [("kosita", "the wake word"), ("rosita", "already"), ("...", "no letters")])
def test_what_does_not_belong_there_says_why_and_stays_typed(page, session, qtbot, text, said):
    add(page, text)
    qtbot.waitUntil(lambda: page.message is not None)
    assert said in page.message.accessibleName()
    assert page.text.text() == text
    assert page.add.isEnabled()
    assert not session.undo.canUndo()
    assert len(texts(page)) == 3


def test_a_damaged_list_can_be_tried_again(make, session, qtbot):
    path = session.folder / FILE
    path.write_text("{", encoding="utf-8")
    page = make()
    assert "cannot be read" in page.message.accessibleName()
    assert texts(page) == []
    path.unlink()
    page._load()
    qtbot.waitUntil(lambda: len(texts(page)) == 3)
    assert page.message is None


def test_a_phrase_can_be_heard(page, studio, qtbot, monkeypatch):
    asked, played = [], []
    monkeypatch.setattr(studio.player, "play", played.append)
    monkeypatch.setattr(page_module, "say_phrase", lambda *said: asked.append(said) or word(1, 1).pcm)
    page.table.choose(["kopita"])
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    assert page.bar.listen.text() == "One moment…"
    assert not page.bar.listen.isEnabled()
    qtbot.waitUntil(lambda: bool(played))
    assert page.bar.listen.text() == "Listen"
    assert asked == [("kopita", "kopˈiːtə", "en")]

    def mute(*_):
        raise StudioError("phrases.voice", "No computer voice could say it.")

    monkeypatch.setattr(page_module, "say_phrase", mute)
    page.bar.listen.click()
    qtbot.waitUntil(lambda: page.message is not None)


def test_reading_aloud_leads_to_the_microphone(page, qtbot):
    with qtbot.waitSignal(page.navigate) as led:
        page.primary().click()
    assert led.args == ["record", NEAR]
    with qtbot.waitSignal(page.navigate) as back:
        page.escape()
    assert back.args[0] == "samples"


@pytest.mark.parametrize("width", [1000, 640])
def test_nothing_is_wider_than_the_window(page, width):
    page.resize(width, 600)
    assert page.content_minimum_width() <= page.viewport_width()
    assert not page.table.isColumnHidden(Column.TEXT)
    assert page.table.isColumnHidden(Column.KIND) == (width < 700)
