from collections.abc import Iterator
from pathlib import Path

import pytest
from synthetic_project import fill

from mww_studio.errors import StudioError
from mww_studio.jobs.planning import plan_training, resumable_run
from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind, RunState, Split
from mww_studio.project.store import Project

PRESET = load_preset("fast_test")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "kosita", language="de", author="Ada") as made:
        yield made


def refused(project: Project) -> StudioError:
    with pytest.raises(StudioError) as caught:
        plan_training(project, PRESET, 0)
    return caught.value


def test_a_plan_is_the_project_at_this_moment(project: Project) -> None:
    fill(project)
    spec = plan_training(project, PRESET, 7, profile=True)
    fill(project, takes=20)
    assert (spec.wake_word, spec.language, spec.author, spec.seed) == ("kosita", "de", "Ada", 7)
    assert spec.profile
    assert spec.project.is_absolute()
    assert len(spec.clips) == 16
    assert spec.splits.keys() == {clip.id for clip in spec.clips}
    assert spec.speakers_apart
    for kind in (ClipKind.WAKE_WORD, ClipKind.SPEECH):
        assert {spec.splits[clip.id] for clip in spec.clips if clip.kind is kind} == set(Split)


def test_an_empty_project_and_one_with_few_takes(project: Project) -> None:
    assert refused(project).code == "train.too_few_takes"
    fill(project, takes=5)
    error = refused(project)
    assert error.code == "train.too_few_takes"
    assert "5 takes" in error.what
    assert "at least 6" in error.what


def test_a_project_without_negatives(project: Project) -> None:
    fill(project, talks=0)
    assert refused(project).code == "train.no_negatives"
    fill(project, talks=2)
    error = refused(project)
    assert error.code == "train.no_negatives"
    assert "40 seconds" in error.what


def test_all_other_speech_in_one_clip(project: Project) -> None:
    fill(project, talks=1, talk_s=65.0)
    error = refused(project)
    assert error.code == "train.too_few_recordings"
    assert "other sound" in error.what
    fill(project, talks=4, talk_s=5.0)
    assert len(plan_training(project, PRESET, 0).clips) == 17


def test_the_newest_run_that_stopped_is_resumed(project: Project) -> None:
    fill(project)
    with pytest.raises(StudioError) as caught:
        resumable_run(project)
    assert caught.value.code == "train.nothing_to_resume"
    runs = [project.new_run("fast_test", seed) for seed in range(5)]
    for run in runs[:4]:
        (project.run_folder(run.id) / "spec.json").write_text("{}", encoding="utf-8")
    states = (RunState.FAILED, RunState.INTERRUPTED, RunState.CANCELLED, RunState.DONE, RunState.FAILED)
    for run, state in zip(runs, states, strict=True):
        project.set_run_state(run.id, state)
    # The last failed before its spec was written, the one before is done.
    assert resumable_run(project).id == runs[2].id
