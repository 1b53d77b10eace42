"""Finished runs in the window: their cut-off, their files, what comes next."""

import pytest
from finished_run import finish_run

from mww_studio.errors import StudioError
from mww_studio.export.words import DeviceOrder
from mww_studio.jobs.report import REPORT_FILE
from mww_studio.services import works
from mww_studio.services.job_thread import JobState


@pytest.fixture
def run(session):
    return finish_run(session.project)


def point(session, run):
    found = works.operating_point(session.project, run.id)
    return round(found.cutoff, 3), found.sliding_window_size


def settle(qtbot, studio):
    with qtbot.waitSignal(studio.jobs.idle, timeout=60_000):
        pass


def test_another_cutoff_can_be_taken_back(qtbot, studio, session, run):
    before = point(session, run)
    heard = []
    session.runs_changed.connect(lambda: heard.append(point(session, run)))
    session.use_cutoff(run.id, 0.5)
    assert session.undo.undoText() == "Use the cut-off 0.50"
    assert studio.jobs.shown is None
    settle(qtbot, studio)
    assert heard[-1] == (pytest.approx(0.5, abs=0.01), before[1])
    session.undo.undo()
    session.undo.redo()
    session.undo.undo()
    settle(qtbot, studio)
    assert heard[-1] == before


def test_a_report_that_lies_there_says_what_another_cutoff_does(qtbot, studio, session, run, monkeypatch):
    made = []
    monkeypatch.setattr("mww_studio.jobs.report.make_report", lambda spec, _: made.append((spec, point(session, run))))
    session.use_cutoff(run.id, 0.5)
    settle(qtbot, studio)
    assert made == []
    (session.project.run_folder(run.id) / REPORT_FILE).write_text("what was so before")
    session.use_cutoff(run.id, 0.6)
    settle(qtbot, studio)
    ((spec, shipped),) = made
    assert spec.run == run.id
    assert spec.out.name == REPORT_FILE
    assert shipped[0] == pytest.approx(0.6, abs=0.01)


def test_a_cutoff_that_cannot_be_used_is_told(qtbot, studio, session, run):
    heard = []
    session.trouble.connect(heard.append)
    session.use_cutoff(run.id, 7.0)
    settle(qtbot, studio)
    assert [error.code for error in heard] == ["results.cutoff"]
    with pytest.raises(StudioError) as caught:
        session.use_cutoff("yesterday", 0.5)
    assert caught.value.code == "results.none"
    assert session.undo.count() == 1


def test_files_are_written_for_a_board(qtbot, studio, session, run, tmp_path):
    job = session.export(None, tmp_path / "out", DeviceOrder("generic-s3"))
    assert studio.jobs.shown is job
    settle(qtbot, studio)
    assert job.error is None
    assert run.id in {run.id for run in session.runs()}
    assert any(path.suffix == ".tflite" for path in (tmp_path / "out").iterdir())
    job = session.export("yesterday", tmp_path / "out", DeviceOrder("generic-s3"))
    settle(qtbot, studio)
    assert (job.state, job.error.code) == (JobState.FAILED, "export.no_run")


def test_what_was_tried_is_remembered(session, run):
    heard = []
    session.step_changed.connect(lambda: heard.append(session.next_step()))
    session.mark_tried(run.id)
    assert len(heard) == 1
    assert (session.project.run_folder(run.id) / "tried").is_file()
