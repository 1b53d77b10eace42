"""The Results page on a run that was examined with an official model, and on what was made of it by hand."""

import csv
import io
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from finished_run import finish_run
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from synthetic_project import fill

from mww_studio.evaluation.detector import cutoff_bytes
from mww_studio.jobs.delivery import examination_at
from mww_studio.jobs.examination import HEARD_TEST, HEARD_VALIDATION, read_heard, write_examination, write_heard
from mww_studio.jobs.verdict import VerdictCode
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.pages.results import ResultsPage
from mww_studio.ui.pages.results_clips import MISSED, MISTAKES, NEAREST

HIGH, LOW = 240, 150
WAIT_MS = 30_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run that misses one take, and wakes once by mistake."""
    folder = tmp_path_factory.mktemp("results") / "project"
    with Project.create(folder, "kosita") as project:
        fill(project, takes=24, talks=6)
        run = finish_run(project)
        for name in (HEARD_VALIDATION, HEARD_TEST):
            path = project.run_folder(run.id) / name
            heard = read_heard(path)
            words = [_peaks(word, {-20: HIGH if number else LOW}) for number, word in enumerate(heard.words)]
            near = {-600: 80, -400: 100}
            ambience = [
                _peaks(one, near if number else near | {-110: HIGH}) for number, one in enumerate(heard.ambience)
            ]
            write_heard(replace(heard, words=words, ambience=ambience), path)
        at_09 = examination_at(project.run_folder(run.id), 0.9)
        write_examination(at_09, project.run_folder(run.id))  # its files stay as they are, which nobody looks into here
    return folder


def _peaks(one, levels):
    outputs = np.zeros_like(one.probabilities)
    for at, level in levels.items():
        outputs[at : at + 10] = level
    return replace(one, probabilities=outputs)


@pytest.fixture
def session(made, studio, tmp_path):
    return studio.open_project(Path(shutil.copytree(made, tmp_path / "copy")))


@pytest.fixture
def page(qtbot, studio, session):
    shown = ResultsPage(studio)
    assert shown._session is session
    qtbot.addWidget(shown)
    shown.resize(1072, 752)
    shown.show()
    shown.entered("")
    qtbot.waitUntil(lambda: shown._loaded is not None, timeout=WAIT_MS)
    return shown


def card_of(page):
    return page._loaded.results.report.scorecard


def closer(qtbot, page, which, row=0):
    """Look closer at a sound of a list."""
    page.view.clips.show_list(which)
    page.view.clips.rows[row]._want_closer()
    qtbot.waitUntil(lambda: page.closer.held is not None, timeout=WAIT_MS)
    return page.closer


def test_before_the_first_run_it_leads_to_train(qtbot, studio, tmp_path):
    studio.create_project(tmp_path / "empty", "kosita", "en", "")
    page = ResultsPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered("")
    assert page.empty.isVisible()
    with qtbot.waitSignal(page.navigate) as led:
        page.primary().click()
    assert led.args == ["train", ""]


def test_the_numbers_are_those_of_the_report(page):
    card = card_of(page)
    assert page.view.numbers.heard.number == f"{card.recall.detected} of {card.recall.clips}"
    assert page.view.numbers.mistakes.number.startswith(f"{card.false_accepts.false_accepts} in ")
    assert len(page.view.people.bars) == len(card.speakers)
    for bar in page.view.people.bars:
        assert "likely" in bar.accessibleDescription()
    assert page.view.verdict.accessibleName() == page._loaded.results.verdict.title
    assert page._loaded.results.verdict.button in [button.text() for button in page.view.verdict.findChildren(Button)]


def test_the_verdict_leads_on(qtbot, page):
    verdict = page._loaded.results.verdict
    if verdict.code in (VerdictCode.FEW, VerdictCode.HOURS):
        with qtbot.waitSignal(page.navigate) as led:
            page.primary().click()
        assert led.args == ["live", ""]
    elif verdict.action == "results":
        page.primary().click()
        assert page.view.clips._choice.key == MISTAKES
    else:
        with qtbot.waitSignal(page.navigate) as led:
            page.primary().click()
        assert led.args == [verdict.action, verdict.argument]


def test_missed_takes_and_near_sounds_are_listed(qtbot, page):
    assert page.view.clips._choice.key == MISSED
    (row,) = page.view.clips.rows
    qtbot.waitUntil(lambda: row.wave._pcm is not None, timeout=WAIT_MS)
    assert "needs 90" in row.why.text()
    page.view.clips.show_list(NEAREST)
    assert page.view.clips.rows
    page.view.clips.show_list(MISTAKES)
    assert len(page.view.clips.rows) == 1


def test_a_lower_cut_off_is_tried_used_and_taken_back(qtbot, studio, session, page):
    what = page.view.what_if
    before = card_of(page)
    what.slider.setValue(-120)
    qtbot.waitUntil(lambda: what.takes.text.startswith("Would be heard"), timeout=WAIT_MS)
    assert "hears" in what.slider.accessibleDescription()
    assert what._use.text() == "Use 0.47"
    with qtbot.waitSignal(session.runs_changed, timeout=WAIT_MS):
        what._use.click()
    qtbot.waitUntil(lambda: card_of(page).cutoff != before.cutoff, timeout=WAIT_MS)
    assert card_of(page).recall.detected == before.recall.detected + 1
    assert "before: " in page.view.numbers.heard._worth_label.text()
    assert not page.view.what_if._use.isEnabled()
    with qtbot.waitSignal(session.runs_changed, timeout=WAIT_MS):
        studio.undo()
    qtbot.waitUntil(lambda: card_of(page).cutoff == before.cutoff, timeout=WAIT_MS)


def test_a_higher_cut_off_shows_what_it_would_miss(qtbot, page):
    what = page.view.what_if
    what.slider.setValue(-cutoff_bytes()[-1])
    qtbot.waitUntil(lambda: what.takes.text.startswith("Would be missed"), timeout=WAIT_MS)
    assert what.sounds.text.startswith("Would no longer wake it")
    what._back.click()
    qtbot.waitUntil(lambda: what.takes.text == "It would hear the same takes.", timeout=WAIT_MS)
    what.slider.setValue(-cutoff_bytes()[-1])
    qtbot.waitUntil(lambda: what.takes.text.startswith("Would be missed"), timeout=WAIT_MS)
    what.takes._look_closer()
    assert page._mode == "closer"


def test_another_window_is_tried(qtbot, page):
    what = page.view.what_if
    window = what.window_chosen
    what.average.setCurrentIndex(what.average.findData(10))
    now, chosen = (cells[-1] for cells in what._cells)
    qtbot.waitUntil(lambda: chosen.text() != now.text(), timeout=WAIT_MS)
    assert what._use.isEnabled()
    what._back.click()
    assert what.window_chosen == window


def test_look_closer_goes_through_the_list_and_back(qtbot, page):
    view = closer(qtbot, page, NEAREST)
    title = page._title.text()
    assert view.position[0] == 1
    assert len(view.held.trace.features) > 0
    assert "needs 90" in view.plot.accessibleDescription()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: view.held is not None, timeout=WAIT_MS)
    assert view.position[0] == 2
    assert page._title.text() != title or page._previous.isEnabled()
    assert page.escape()
    assert page.view.isVisible()
    assert not page.escape()


def test_a_mistake_becomes_a_near_sounding_sample(qtbot, studio, session, page):
    view = closer(qtbot, page, MISTAKES)
    assert view.primary().text() == "Add as near-sounding"
    with qtbot.waitSignal(session.clips_changed, timeout=WAIT_MS):
        view.primary().click()
    (near,) = session.project.clips(ClipKind.NEAR)
    assert near.speaker
    assert view._retrain.isVisible()
    studio.undo()
    assert not session.project.clips(ClipKind.NEAR)


def test_a_missed_take_is_relabelled_or_put_into_the_trash(qtbot, studio, session, page):
    view = closer(qtbot, page, MISSED)
    clip = view.held.moment.clip
    action = QAction(view)
    action.setData(ClipKind.SPEECH.value)
    view._relabel_as(action)
    assert session.project.clips_by_id([clip.id])[0].kind is ClipKind.SPEECH
    studio.undo()
    view._trash_button.click()
    assert clip.id not in [one.id for one in session.project.clips()]
    studio.undo()
    assert clip.id in [one.id for one in session.project.clips()]
    with qtbot.waitSignal(page.navigate) as led:
        view.primary().click()
    assert led.args == ["record", clip.speaker]


def test_details_hold_every_cut_off_and_the_rules(qtbot, page):
    page._show_details()
    assert page.details.isVisible()
    button = next(one for one in page.details.table.findChildren(Button) if one.text() == "Copy as CSV")
    button.click()
    lines = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert len(lines) == 1 + len(cutoff_bytes())
    assert page.details.curve.plot.accessibleDescription()
    rules = page.details.rules
    qtbot.waitUntil(lambda: bool(rules._rows), timeout=WAIT_MS)
    assert "rules kept" in rules._rows[0].accessibleName()
    rules._show.click()
    assert len(rules._rows) == 1 + len(rules._verdicts)


REPORTED = """print('{"event": "succeeded", "result": {"report": "there"}}')"""
REFUSED = """print('{"event": "failed", "code": "report.file", "what": "It is full.", "do": "Make room."}')"""


@pytest.fixture
def opened(monkeypatch):
    """The files that the person's browser was asked to show."""
    shown = []

    def show(url):
        shown.append(url.toLocalFile())
        return True

    monkeypatch.setattr("mww_studio.ui.pages.results_report.QDesktopServices", SimpleNamespace(openUrl=show))
    return shown


def test_the_report_is_saved_with_the_full_one(qtbot, studio, session, page, worker_says, opened, tmp_path):
    worker_says(REPORTED)
    with qtbot.waitSignal(studio.notice, timeout=WAIT_MS) as told:
        page._save_report(str(tmp_path))
    (file,) = tmp_path.glob("kosita */report.md")
    assert str(file.parent) in told.args[0].text
    (job,) = [job for job in session.jobs if job.kind == "report"]
    assert job.result == file.parent / "report.html"
    assert opened == []


def test_the_full_report_is_made_and_shown(qtbot, session, page, worker_says, opened):
    worker_says(REPORTED)
    button = page._full.button
    button.click()
    assert not button.isEnabled()
    qtbot.waitUntil(lambda: bool(opened), timeout=WAIT_MS)
    folder = session.project.run_folder(page._loaded.run_id)
    assert opened == [str((folder / "report.html").resolve())]
    assert button.isEnabled()
    run_id = page._loaded.run_id
    page.entered(f"{run_id},{run_id}")
    qtbot.waitUntil(page.compare.isVisible, timeout=WAIT_MS)
    assert button.isVisible()
    button.click()
    qtbot.waitUntil(lambda: len(opened) == 2, timeout=WAIT_MS)


def test_a_full_report_that_cannot_be_made_says_why(qtbot, page, worker_says, opened):
    worker_says(REFUSED)
    page._full.button.click()
    qtbot.waitUntil(lambda: page.message is not None, timeout=WAIT_MS)
    assert "report.file" in page.message.accessibleDescription()
    assert page._full.button.isEnabled()
    assert opened == []


def test_two_runs_are_compared(qtbot, session, page):
    run_id = page._loaded.run_id
    page.entered(f"{run_id},{run_id}")
    qtbot.waitUntil(page.compare.isVisible, timeout=WAIT_MS)
    assert page.title() == "Compare"
    assert session.runs()[0].id == run_id
    assert "may be luck" in page.compare._note.text()
    newer = page._loaded.results
    older = replace(newer, spec=newer.spec.model_copy(update={"clips": ()}))
    page.compare.set_results(older, newer, ("Run 1", "Run 2"))
    assert "not examined on the same" in page.compare._note.text()


def test_new_takes_make_the_numbers_old(qtbot, session, page):
    assert page.view.old.isHidden()
    fill(session.project, takes=30, talks=0)
    page.entered("")
    qtbot.waitUntil(page.view.old.isVisible, timeout=WAIT_MS)
    assert "new takes" in page.view.old.accessibleName()


def test_a_run_without_what_it_heard_says_so(qtbot, studio, session):
    (session.project.run_folder(session.runs()[0].id) / HEARD_TEST).unlink()
    page = ResultsPage(studio)
    qtbot.addWidget(page)
    page.show()
    page.entered("")
    qtbot.waitUntil(lambda: page.message is not None, timeout=WAIT_MS)
    assert "results.old" in page.message.accessibleDescription()


@pytest.mark.parametrize("size", [(1072, 752), (932, 592)])
def test_nothing_is_wider_than_the_window(qtbot, page, size):
    page.resize(*size)
    for which in (MISSED, NEAREST):
        page.view.clips.show_list(which)
        assert page.content_minimum_width() <= page.viewport_width()
    closer(qtbot, page, NEAREST)
    assert page.content_minimum_width() <= page.viewport_width()
