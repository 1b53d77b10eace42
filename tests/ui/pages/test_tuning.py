import shutil
from pathlib import Path

import pytest
from finished_run import finish_run
from pretended_pool import point
from tuned import outcome, trial

from mww_studio.errors import StudioError
from mww_studio.jobs.tuning_records import (
    Judged,
    TrialRecord,
    TuningState,
    write_outcome,
    write_state,
)
from mww_studio.services.job_thread import JobState
from mww_studio.services.session import Session
from mww_studio.ui.pages.tuning import TuningPage


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    from mww_studio.project.store import Project

    folder = tmp_path_factory.mktemp("finished") / "project"
    with Project.create(folder, "kosita") as project:
        run = finish_run(project)
        (project.run_folder(run.id) / "checkpoint.npz").write_bytes(b"weights")
    return folder


@pytest.fixture
def tuned_session(studio, finished, tmp_path, monkeypatch) -> Session:
    monkeypatch.setattr("mww_studio.jobs.tuning.MIN_TAKES", 1)
    monkeypatch.setattr("mww_studio.jobs.tuning.MIN_OTHER_S", 1.0)
    return studio.open_project(Path(shutil.copytree(finished, tmp_path / "project")))


@pytest.fixture
def page(qtbot, studio) -> TuningPage:
    made = TuningPage(studio)
    qtbot.addWidget(made)
    made.resize(1080, 760)
    made.show()
    return made


def enter(qtbot, page: TuningPage, view: str) -> TuningPage:
    page.entered("")
    qtbot.waitUntil(page._views[view].isVisible, timeout=20_000)
    return page


def state(*trials: TrialRecord) -> TuningState:
    original = Judged(value=0.8, point=point(detected=17, clips=20, high=0.9), noisy=None)
    return TuningState(spent_s=600.0, original=original, trials=trials)


def kept_tuning(session: Session, *trials: TrialRecord, ended: bool) -> Path:
    """A tuning in the project's folder, ended or stopped."""
    from mww_studio.jobs.tuning import new_tuning, plan_tuning, settings_of

    run = session.runs()[-1]
    spec = plan_tuning(session.project, settings_of(session.project, run.id), run.id)
    folder = new_tuning(session.project, spec)
    write_state(state(*trials), folder)
    if ended:
        best = state(*trials).best
        write_outcome(outcome(spec, best), folder)
        if best:
            (folder / "run.txt").write_text(run.id, encoding="ascii")
    return folder


@pytest.mark.usefixtures("session")
def test_without_a_finished_training_it_leads_to_train(qtbot, page):
    went = []
    page.navigate.connect(lambda *where: went.append(where))
    enter(qtbot, page, "empty")
    page.primary().click()
    assert went == [("train", "")]


def test_it_asks_for_goals_and_says_what_will_choose(qtbot, tuned_session, page):
    enter(qtbot, page, "ask")
    assert page.primary() is page.setup.start_button
    assert page.setup.start_button.isEnabled()
    order = page.setup.order()
    assert (order.per_hour, order.recall, order.minutes) == (0.3, 0.95, 60.0)
    assert order.run_id == tuned_session.runs()[-1].id
    assert "takes" in page.setup._ground.text()
    assert page.setup._few.isVisible()


def test_too_few_takes_are_said_before_anything_starts(qtbot, tuned_session, page, monkeypatch):  # noqa: ARG001
    monkeypatch.setattr("mww_studio.jobs.tuning.MIN_TAKES", 100)
    enter(qtbot, page, "ask")
    assert not page.setup.start_button.isEnabled()
    assert "Tuning needs 100 takes" in page.setup.start_button.reason_label().text()
    went = []
    page.navigate.connect(lambda *where: went.append(where))
    page.primary().click()
    assert went == [("record", "")]


def test_while_it_runs_the_best_so_far_is_shown_and_it_can_be_stopped(qtbot, tuned_session, page, worker_says):
    enter(qtbot, page, "ask")
    worker_says("""
print('{"event": "phase", "name": "Trying settings", "total": 20}', flush=True)
print('{"event": "step", "done": 2, "figures": {"best": 0.9, "recall": 0.95}}', flush=True)
sys.stdin.readline()
print('{"event": "cancelled"}')
""")
    page.setup.start_button.click()
    qtbot.waitUntil(lambda: page._job is not None and bool(page._job.subject), timeout=20_000)
    job = page._job
    write_state(state(trial(1, 0.7, 15), trial(2, 0.9, 19)), tuned_session.folder / "tuning" / job.subject)
    page._load_state()
    qtbot.waitUntil(lambda: "19 of 20" in page.running._sentence.text(), timeout=20_000)
    assert "17 of 20" in page.running._sentence.text()
    assert "50 minutes left" in page.running._left.text()
    assert page.running.plot.isVisible()
    page.running.cancel_button.click()
    with qtbot.waitSignal(job.ended, timeout=20_000):
        pass
    assert job.state is JobState.CANCELLED
    qtbot.waitUntil(page.setup.isVisible, timeout=20_000)
    assert "stopped before its end" in page.message._title.text()
    worker_says("""
print('{"event": "failed", "code": "cluster.unreachable", "what": "No scheduler answers at x.", "do": "Start one."}')
""")
    page._go_on()
    qtbot.waitUntil(lambda: page.message is not None and page.message.kind == "bad", timeout=20_000)
    assert "No scheduler answers" in page.message._title.text()
    assert len(list((tuned_session.folder / "tuning").iterdir())) == 1


def test_before_and_after_stand_side_by_side(qtbot, tuned_session, page):
    kept_tuning(tuned_session, trial(1, 0.9, 20), ended=True)
    went = []
    page.navigate.connect(lambda *where: went.append(where))
    enter(qtbot, page, "done")
    texts = [label.text() for label in page.result.findChildren(type(page.running._sentence))]
    assert {"25 of 30", "28 of 30", "17 of 20", "20 of 20", "2 in 2.5 hours", "1 in 2.5 hours"} <= set(texts)
    page.primary().click()
    assert went == [("results", tuned_session.runs()[-1].id)]
    page._again.click()
    qtbot.waitUntil(page.setup.isVisible, timeout=20_000)


def test_nothing_better_is_said(qtbot, tuned_session, page):
    kept_tuning(tuned_session, trial(1, 0.5, 12), ended=True)
    enter(qtbot, page, "done")
    assert "Nothing better" in page.message._title.text()
    assert page.primary() is None


def test_trouble_with_the_plan_is_told(qtbot, tuned_session, page):  # noqa: ARG001
    enter(qtbot, page, "ask")
    page.show_error(StudioError("tuning.gone", "Recordings are gone.", do="Train again."))
    assert page.message.kind == "bad"
