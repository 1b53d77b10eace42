from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mww_studio.errors import StudioError
from mww_studio.jobs.status import ProjectStatus, project_status
from mww_studio.project.records import ClipKind, NewClip, Problem, Quality, RunState
from mww_studio.project.store import Project

GOOD = Quality(-3.0, -20.0, 30.0, 0.0, 0.0)
BAD = Quality(0.0, -10.0, 30.0, 0.02, 0.0, (Problem("clipped", "Turn it down."),))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "computer", "en", "Ann") as project:
        yield project


def add(
    project: Project,
    count: int,
    kind: ClipKind,
    *,
    speaker: str | None = None,
    seconds: float = 0.01,
    quality: Quality = GOOD,
    engine: str | None = None,
) -> None:
    rng = np.random.default_rng(project.counts()[kind])
    sounds = [rng.integers(-9, 9, round(seconds * 16000)).astype(np.int16) for _ in range(count)]
    clips = [NewClip(kind, pcm, "r", "s", quality, speaker=speaker, engine=engine) for pcm in sounds]
    assert len(project.add_clips(clips)) == count


def status(project: Project) -> ProjectStatus:
    return project_status(project.folder)


def test_a_new_project_says_what_it_needs(project: Project) -> None:
    state = status(project)
    assert (state.wake_word, state.language, state.author) == ("computer", "en", "Ann")
    assert {kind.kind: kind.clips for kind in state.kinds} == dict.fromkeys(ClipKind, 0)
    assert state.next_steps[0].startswith("Record 20 more takes")
    assert state.next_steps[-1].startswith("Train: mww-studio train")
    assert all(step in state.describe() for step in state.next_steps)


@pytest.mark.parametrize(("takes", "step"), [(5, "15 more"), (20, "30 more"), (50, "150 more"), (200, None)])
def test_how_many_takes_to_record(project: Project, takes: int, step: str | None) -> None:
    add(project, takes, ClipKind.WAKE_WORD)
    steps = [text for text in status(project).next_steps if "takes of the wake word" in text]
    assert len(steps) == (step is not None)
    assert not step or step in steps[0]


def test_people_and_problems(project: Project) -> None:
    add(project, 2, ClipKind.WAKE_WORD, speaker="Ann")
    add(project, 3, ClipKind.WAKE_WORD, speaker="Bob", quality=BAD)
    add(project, 4, ClipKind.WAKE_WORD, speaker="piper:joe", engine="piper:joe")
    state = status(project)
    assert (state.people, state.computer_voices) == ({"Bob": 3, "Ann": 2}, 4)
    assert [(item.code, item.clips, item.advice) for item in state.problems] == [("clipped", 3, "Turn it down.")]
    assert any("the 3 takes that are marked" in step for step in state.next_steps)
    assert any("other people" in step for step in state.next_steps)
    assert "Bob (3), Ann (2), computer voices (4)" in state.describe()


def test_hours_of_speech_and_ambience(project: Project) -> None:
    add(project, 3, ClipKind.SPEECH, seconds=1210)
    add(project, 1, ClipKind.AMBIENCE, seconds=100)
    state = status(project)
    seconds = {kind.kind: kind.seconds for kind in state.kinds}
    assert seconds[ClipKind.SPEECH] == 3630
    assert not any("other speech" in step for step in state.next_steps)
    assert any("now 1 min 40 s" in step for step in state.next_steps)
    assert "1 h 00 min" in state.describe()


def test_a_training_is_offered_for_resuming_until_it_is_done(project: Project) -> None:
    run = project.new_run("standard", 1)
    assert "is running" in status(project).next_steps[-1]
    project.set_run_state(run.id, RunState.INTERRUPTED)
    state = status(project)
    assert state.runs[0].state is RunState.INTERRUPTED
    assert state.next_steps[-1].endswith(f"resume with: mww-studio train {project.folder} --resume")
    project.set_run_state(run.id, RunState.DONE)
    assert status(project).next_steps[-1].startswith("Put the model on a device")


def test_files_that_are_gone_are_named_first(project: Project) -> None:
    add(project, 2, ClipKind.SPEECH)
    clip = project.clips()[0]
    (project.folder / clip.path).unlink()
    state = status(project)
    assert state.missing_files == [clip.path]
    assert clip.path in state.next_steps[0]


def test_looking_changes_nothing_and_needs_a_project(project: Project, tmp_path: Path) -> None:
    add(project, 1, ClipKind.WAKE_WORD)
    assert ProjectStatus.model_validate_json(status(project).model_dump_json()) == status(project)
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudioError) as error:
        project_status(tmp_path / "empty")
    assert error.value.code == "project.not_a_project"
    assert list((tmp_path / "empty").iterdir()) == []
