"""The Samples page on real projects: what is done there reaches the project, and comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from synthetic_speech import word

from mww_studio.audio.files import write_wav
from mww_studio.project.records import ClipKind, ClipQuery, Judgement, NewClip, Problem, Quality, pcm_sha256
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.dialogs import Question
from mww_studio.ui.models.clip_table import Column
from mww_studio.ui.pages.samples import SamplesPage

QUIET = Quality(-30.0, -50.0, 12.0, 0.0, 0.0, (Problem("quiet", "Step closer."),))


@pytest.fixture
def show(qtbot: QtBot, studio: Studio) -> Callable[..., SamplesPage]:
    def shown(width: int = 1072, height: int = 752) -> SamplesPage:
        page = SamplesPage(studio)
        qtbot.addWidget(page)
        page.resize(width, height)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        page.entered("")
        qtbot.waitUntil(lambda: page.list_part.found is not None)
        return page

    return shown


@pytest.fixture
def page(session: Session, show: Callable[..., SamplesPage]) -> SamplesPage:  # noqa: ARG001 - the page shows it
    made = show()
    made.table.setFocus()
    return made


def ids(page: SamplesPage) -> list[int]:
    return list(page.list_part.model.ids)


def choose(page: SamplesPage, rows: slice) -> list[int]:
    chosen = ids(page)[rows]
    page.table.choose(chosen, chosen[0])
    assert page.table.chosen_ids() == chosen
    return chosen


def add_doubtful(session: Session, count: int) -> list[int]:
    takes = [word(3, 50 + number) for number in range(count)]
    new = [
        NewClip(ClipKind.WAKE_WORD, take.pcm, pcm_sha256(take.pcm), "microphone", QUIET, take.start_s, take.end_s)
        for take in takes
    ]
    return [clip.id for clip in session.add_clips(new, "Record")]


def test_an_empty_project_leads_to_recording(qtbot: QtBot, studio: Studio, tmp_path: Path, show) -> None:
    studio.create_project(tmp_path / "project", "kosita", "en", "Ben")
    page = show()
    assert page.list_part.is_empty
    assert not page.bar.isVisible()
    assert not page.filters.isVisible()
    with qtbot.waitSignal(page.navigate) as gone:
        page.primary().click()
    assert gone.args == ["record", ""]


def test_it_says_how_much_there_is(page: SamplesPage) -> None:
    assert page.sentence() == "16 samples · 10 people · 1 minute of other talk and sounds"
    assert len(ids(page)) == 16
    assert page.main_control() is page.table


def test_the_trash_takes_and_gives_back(qtbot: QtBot, studio: Studio, session: Session, page: SamplesPage) -> None:
    notices = []
    studio.notice.connect(notices.append)
    chosen = choose(page, slice(2, 5))
    below = ids(page)[5]
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(ids(page)) == 13)
    assert notices[-1].text == "3 samples moved to trash"
    assert page.table.chosen_ids() == [below]
    studio.undo()
    qtbot.waitUntil(lambda: len(ids(page)) == 16)
    assert {clip.id for clip in session.project.clips_by_id(chosen) if clip.path.startswith("audio/")} == set(chosen)


def test_what_is_in_the_trash_can_be_brought_back(qtbot: QtBot, session: Session, page: SamplesPage) -> None:
    gone = ids(page)[:2]
    session.trash(gone)
    qtbot.waitUntil(page.head.trash_button.isVisible)
    page.head.trash_button.click()
    qtbot.waitUntil(lambda: ids(page) == gone)
    assert page.title() == "Trash"
    assert not page.bar.trash_button.isVisible()
    choose(page, slice(0, 1))
    page.primary().click()
    qtbot.waitUntil(lambda: ids(page) == gone[1:])
    assert page.escape()
    qtbot.waitUntil(lambda: len(ids(page)) == 15)
    assert not page.escape()


@pytest.mark.parametrize(("answer", "left"), [("empty", 0), ("keep", 2)])
def test_emptying_the_trash_asks(qtbot: QtBot, session: Session, page: SamplesPage, answer: str, left: int) -> None:
    session.trash(ids(page)[:2])
    page.entered("trash")
    qtbot.waitUntil(lambda: len(ids(page)) == 2)
    page.head.empty_button.click()
    question = page.findChild(Question)
    assert question.buttons["keep"].isDefault()
    question.buttons[answer].click()
    qtbot.waitUntil(lambda: len(session.project.clip_ids(ClipQuery(trashed=True))) == left)


def test_many_clips_get_another_kind_and_person_at_once(
    qtbot: QtBot, studio: Studio, session: Session, page: SamplesPage
) -> None:
    chosen = choose(page, slice(5, 8))
    page.bar.kind_menu.actions()[list(ClipKind).index(ClipKind.NEAR)].trigger()
    assert {clip.kind for clip in session.project.clips_by_id(chosen)} == {ClipKind.NEAR}
    page.bar.name_wanted.emit()
    assert page.name_sheet.isVisible()
    page.name_sheet.field.setText("Zoe")
    page.name_sheet.button.click()
    assert {clip.speaker for clip in session.project.clips_by_id(chosen)} == {"Zoe"}
    studio.undo()
    studio.undo()
    assert {clip.kind for clip in session.project.clips_by_id(chosen)} == {ClipKind.WAKE_WORD}
    qtbot.waitUntil(lambda: page.table.chosen_ids() == chosen)


def test_the_choice_survives_rows_that_come(qtbot: QtBot, session: Session, page: SamplesPage) -> None:
    chosen = choose(page, slice(3, 6))
    add_doubtful(session, 3)
    qtbot.waitUntil(lambda: len(ids(page)) == 19)
    assert page.table.chosen_ids() == chosen
    assert page.table.current_id() == chosen[0]


def test_doubtful_takes_are_heard_one_after_the_other(qtbot: QtBot, session: Session, page: SamplesPage) -> None:
    doubtful = add_doubtful(session, 2)
    qtbot.waitUntil(page.list_part.hear_button.isVisible)
    assert page.primary().text() == "2 to hear"
    page.primary().click()
    qtbot.waitUntil(lambda: ids(page) == doubtful[::-1])
    choose(page, slice(0, 1))
    assert page.primary() is page.bar.keep_button
    QTest.keyClick(page.table, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: ids(page) == doubtful[:1])
    assert page.table.chosen_ids() == doubtful[:1]
    assert [clip.judgement for clip in session.project.clips_by_id(doubtful)] == [Judgement.DOUBTFUL, Judgement.KEPT]
    page.list_part.all_button.click()
    qtbot.waitUntil(lambda: len(ids(page)) == 18)


def test_a_search_without_a_hit_can_be_cleared(qtbot: QtBot, page: SamplesPage) -> None:
    page.search_field().setText("nobody has this name")
    qtbot.waitUntil(page.list_part.clear_button.isVisible)
    page.list_part.clear_button.click()
    qtbot.waitUntil(lambda: len(ids(page)) == 16)


def test_a_note_is_found(qtbot: QtBot, page: SamplesPage) -> None:
    chosen = choose(page, slice(4, 5))
    QTest.keyClick(page.table, Qt.Key.Key_N)
    page.note_sheet.field.setText("the dog barks")
    page.note_sheet.button.click()
    page.search_field().setText("DOG")
    qtbot.waitUntil(lambda: ids(page) == chosen)


@pytest.mark.parametrize(("argument", "count"), [("person 3", 2), ("speech", 4)])
def test_others_lead_to_a_part_of_the_clips(qtbot: QtBot, page: SamplesPage, argument: str, count: int) -> None:
    page.entered(argument)
    qtbot.waitUntil(lambda: len(ids(page)) == count)


def test_headers_sort(qtbot: QtBot, page: SamplesPage) -> None:
    newest = ids(page)
    page.table.horizontalHeader().sectionClicked.emit(int(Column.NAME))
    qtbot.waitUntil(lambda: ids(page) == newest[::-1])
    page.table.horizontalHeader().sectionClicked.emit(int(Column.HOW))
    assert page.table.horizontalHeader().sortIndicatorSection() == Column.NAME


def test_looking_closer_and_stepping(qtbot: QtBot, page: SamplesPage) -> None:
    chosen = choose(page, slice(6, 7))
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    qtbot.waitUntil(page.panel.isVisible)
    assert page.panel.clip_id == chosen[0]
    qtbot.waitUntil(lambda: len(page.panel.view.part()) > 0)
    QTest.keyClick(page.panel, Qt.Key.Key_Right)
    assert page.panel.clip_id == ids(page)[7]
    assert page.escape()
    assert page.table.isVisible()
    assert page.table.chosen_ids() == [ids(page)[7]]


def test_trimming_by_keys_makes_a_shorter_clip_and_comes_back(
    qtbot: QtBot, studio: Studio, session: Session, page: SamplesPage
) -> None:
    (old,) = choose(page, slice(6, 7))
    before = session.project.clips_by_id([old])[0]
    QTest.keyClick(page.table, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.panel.trimming)
    view = page.panel.view
    assert not page.panel.cut_button.isEnabled()
    for _ in range(20):
        QTest.keyClick(view.start, Qt.Key.Key_Right)
    QTest.keyClick(view.start, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.times_s()[0] == pytest.approx(0.201)
    assert not view.cuts_word()
    assert page.primary() is page.panel.cut_button
    page.primary().click()
    qtbot.waitUntil(lambda: page.panel.clip_id not in (None, old))
    new = session.project.clips_by_id([page.panel.clip_id])[0]
    assert new.duration_s == pytest.approx(before.duration_s - 0.201, abs=0.001)
    assert new.speech_start_s == pytest.approx(before.speech_start_s - 0.201, abs=0.001)
    studio.undo()
    qtbot.waitUntil(lambda: old in ids(page) and new.id not in ids(page))


def test_handles_can_be_dragged_and_warn_before_the_word_is_cut(qtbot: QtBot, page: SamplesPage) -> None:
    choose(page, slice(6, 7))
    page.bar.trim_button.click()
    qtbot.waitUntil(lambda: page.panel.trimming)
    wave = page.panel.view.wave
    middle = QPoint(wave.width() // 2, wave.height() // 2)
    QTest.mousePress(wave, Qt.MouseButton.LeftButton, pos=QPoint(2, middle.y()))
    QTest.mouseMove(wave, middle)
    QTest.mouseRelease(wave, Qt.MouseButton.LeftButton, pos=middle)
    start_s, end_s = page.panel.view.times_s()
    assert 0.3 * end_s < start_s < 0.7 * end_s
    assert page.panel.view.cuts_word()
    page.panel.view.end.setValue(0)
    assert page.panel.view.times_s()[1] > start_s
    assert page.escape()
    assert not page.panel.trimming
    assert not page.panel.view.is_cut()


def test_files_are_added_and_the_report_says_what_was_left_out(qtbot: QtBot, page: SamplesPage, tmp_path: Path) -> None:
    folder = tmp_path / "sounds"
    folder.mkdir()
    for number in range(3):
        write_wav(folder / f"ben {number}.wav", word(8, number).pcm)
    (folder / "broken.wav").write_bytes(b"this is no sound")
    page.take_files([folder], ClipKind.WAKE_WORD)
    page.add_panel.person.setCurrentText("Ben")
    assert page.primary() is page.add_panel.add_button
    page.primary().click()
    qtbot.waitUntil(lambda: page.message is not None, timeout=30_000)
    assert page.message.accessibleName() == "3 samples added, 1 file left out"
    qtbot.waitUntil(lambda: len(ids(page)) == 19)
    assert {row.texts[Column.PERSON] for row in map(page.list_part.row, ids(page)[:3])} == {"Ben"}
    page._show_left_out()
    assert page.left_out.table.model().index(0, 0).data() == "broken.wav"
    page.left_out.copy_button.click()
    assert "broken.wav" in QGuiApplication.clipboard().text()
    page.left_out.back_button.click()
    assert page.table.isVisible()


def test_without_files_nothing_can_be_added(page: SamplesPage) -> None:
    page.entered("add")
    assert not page.add_panel.add_button.isEnabled()
    assert page.add_panel.add_button.toolTip()
    page.add_panel.set_kind(ClipKind.AMBIENCE)
    assert not page.add_panel.person.isEnabled()
    assert page.escape()


def test_a_loudspeaker_that_is_missing_is_said_beside_the_table(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: SamplesPage
) -> None:
    (tmp_path / "alsa.conf").write_text("", encoding="utf-8")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))
    choose(page, slice(0, 1))
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.message is not None, timeout=30_000)
    assert page.message.kind == "bad"


def test_another_project_takes_its_place(qtbot: QtBot, studio: Studio, page: SamplesPage, tmp_path: Path) -> None:
    studio.create_project(tmp_path / "other", "tasiko", "en", "Ben")
    qtbot.waitUntil(lambda: page.list_part.is_empty)
    studio.close_project()
    assert ids(page) == []


@pytest.mark.parametrize(("width", "height", "compact"), [(1072, 752, False), (932, 592, True)])
def test_nothing_is_wider_than_the_window(
    session: Session, show: Callable[..., SamplesPage], width: int, height: int, compact: bool
) -> None:
    add_doubtful(session, 2)
    page = show(width, height)
    page.set_compact(compact)
    choose(page, slice(0, 1))
    assert page.filters.filter_button.isVisible() == compact
    for part in (page.list_part, page.panel, page.add_panel, page.left_out):
        page._show_part(part)
        QApplication.processEvents()
        assert page.content_minimum_width() <= page.viewport_width()
        assert page.bar.minimumSizeHint().width() <= page.width()


def test_small_windows_keep_the_filters_behind_one_button(qtbot: QtBot, page: SamplesPage) -> None:
    page.set_compact(True)
    page.filters.filter_button.click()
    assert page.filters.kind.isVisible()
    page.filters.kind.set_key(str(ClipKind.SPEECH))
    qtbot.waitUntil(lambda: len(ids(page)) == 4)
    assert page.filters.filter_button.text() == "Filter (1)"
    page.set_compact(False)
    assert page.filters.kind.isVisible()
    page.filters.clear()
    qtbot.waitUntil(lambda: len(ids(page)) == 16)
