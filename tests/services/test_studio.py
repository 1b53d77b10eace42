import threading

import pytest

from mww_studio.errors import StudioError
from mww_studio.project.store import Project
from mww_studio.services.jobs import Job
from mww_studio.services.studio import UNDO, Notice, glance


def test_a_project_is_made_opened_and_closed(studio, tmp_path):
    heard = []
    studio.session_opened.connect(heard.append)
    studio.session_closed.connect(lambda: heard.append("closed"))
    first = studio.create_project(tmp_path / "a", "kosita", "de", "Ben")
    second = studio.create_project(tmp_path / "b", "willow", "en", "")
    assert heard == [first, "closed", second]
    assert studio.session is second
    assert (second.info.wake_word, first.info.language) == ("willow", "de")
    assert [project.wake_word for project in studio.settings.recent] == ["willow", "kosita"]
    assert studio.open_project(tmp_path / "b") is second
    studio.close_project()
    studio.close_project()
    assert (studio.session, heard[3:]) == (None, ["closed"])
    with Project.open(tmp_path / "a") as one, Project.open(tmp_path / "b") as other:
        assert not one.read_only
        assert not other.read_only


def test_a_project_that_cannot_be_opened_leaves_the_open_one(studio, session, tmp_path):
    with pytest.raises(StudioError) as caught:
        studio.open_project(tmp_path / "nowhere")
    assert caught.value.code == "project.not_found"
    assert studio.session is session
    assert session.project.clips()


def test_undo_is_safe_without_a_project_and_after_it_was_closed(studio, session):
    stack = session.undo
    session.trash([session.project.clips()[0].id])
    studio.close_project()
    assert not stack.canUndo()
    studio.undo()
    studio.redo()
    again = studio.open_project(session.folder)
    studio.undo()
    assert len(again.project.clips()) == 15


def test_undo_says_what_it_did(studio, session):
    heard = []
    studio.notice.connect(heard.append)
    session.trash([clip.id for clip in session.project.clips()[:3]])
    studio.undo()
    studio.undo()
    studio.redo()
    assert heard == [Notice("Taken back: Move 3 samples to trash"), Notice("Done again: Move 3 samples to trash")]


def test_notices(studio):
    heard = []
    studio.notice.connect(heard.append)
    studio.say("3 samples moved to trash", undo=True)
    studio.say("Training finished.", action=("Results", "results", "run 1"))
    assert heard == [
        Notice("3 samples moved to trash", "Undo", UNDO),
        Notice("Training finished.", "Results", "results", "run 1"),
    ]


class Held:
    def __init__(self, project):
        self.project, self.may_end, self.clips = project, threading.Event(), 0

    def __call__(self, progress):
        while not self.may_end.wait(0.005):
            progress.check_cancelled()
        with self.project.sibling() as own:
            own.trash_clips([own.clips()[0].id])


def test_a_project_that_is_left_lets_its_job_come_to_its_end(qtbot, studio, session, tmp_path):
    work = Held(session.project)
    job = session.start(Job("test", "A test", work))
    folder = session.folder
    studio.create_project(tmp_path / "other", "willow", "en", "")
    with pytest.raises(StudioError):
        Project.open(folder)
    work.may_end.set()
    with qtbot.waitSignal(studio.jobs.idle):
        pass
    assert job.error is None
    with Project.open(folder) as project:
        assert len(project.clips()) == 15


def test_a_project_with_a_job_can_be_left_and_opened_again(qtbot, studio, session):
    work = Held(session.project)
    session.start(Job("test", "A test", work))
    studio.close_project()
    assert studio.open_project(session.folder) is session
    work.may_end.set()
    with qtbot.waitSignal(studio.jobs.idle):
        pass
    assert len(session.project.clips()) == 15
    session.trash([session.project.clips()[0].id])


def test_a_glance_at_a_project_from_outside(session, tmp_path):
    seen = glance(session.folder)
    assert (seen.info.wake_word, seen.error) == ("kosita", None)
    assert seen.next_step == session.next_step()
    assert glance(tmp_path / "nowhere").error.code == "project.not_found"


def test_closing_the_program_frees_everything(studio, session):
    session.start(Job("test", "A test", Held(session.project)))
    studio.close()
    studio.close()
    Project.open(session.folder).close()
