"""Runs that differ by their seed alone, made of copies of one run whose answers were changed."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finished_run import finish_run
from synthetic_project import fill

from mww_studio.jobs.delivery import examination_at
from mww_studio.jobs.examination import HEARD_TEST, HEARD_VALIDATION, read_heard, write_examination, write_heard
from mww_studio.jobs.results import judge_run
from mww_studio.jobs.spec import TrainSpec, read_spec, write_spec
from mww_studio.jobs.stability import find_disagreement
from mww_studio.jobs.verdict import VerdictCode
from mww_studio.project.records import RunState
from mww_studio.project.store import Project

SURE = 250


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stability") / "project"
    with Project.create(folder, "kosita") as project:
        fill(project, takes=24, talks=6)
        first = project.run_folder(finish_run(project).id)
        _let_answer(first, share=1.0)
        _examine(first, 0.9)
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(Path(shutil.copytree(made, tmp_path / "project"))) as project:
        yield project


def _let_answer(folder: Path, share: float) -> None:
    """The model says nothing but to this share of the takes, of each side."""
    for name in (HEARD_VALIDATION, HEARD_TEST):
        heard = read_heard(folder / name)
        words, most = [], round(share * len(heard.words))
        for number, word in enumerate(heard.words):
            outputs = np.zeros_like(word.probabilities)
            outputs[-20:-10] = SURE if number < most else 0
            words.append(replace(word, probabilities=outputs))
        streams = [replace(one, probabilities=np.zeros_like(one.probabilities)) for one in heard.ambience]
        write_heard(replace(heard, words=words, ambience=streams), folder / name)


def _examine(folder: Path, cutoff: float) -> None:
    """As if somebody had chosen this cut-off."""
    write_examination(examination_at(folder, cutoff), folder)


def another(project: Project, share: float, seed: int, **changed: object) -> str:
    """A run as the first one, but of another seed, that heard this share of the takes."""
    first = project.runs()[0]
    run = project.new_run(first.preset, seed)
    folder = project.run_folder(run.id)
    spec: TrainSpec = read_spec(project.run_folder(first.id))
    shutil.copytree(project.run_folder(first.id), folder, dirs_exist_ok=True)
    write_spec(spec.model_copy(update={"seed": seed, **changed}), folder)
    _let_answer(folder, share)
    _examine(folder, 0.9)
    project.set_run_state(run.id, RunState.DONE)
    return run.id


def test_one_run_cannot_disagree(project: Project) -> None:
    assert find_disagreement(project, project.runs()[0].id) is None
    assert find_disagreement(project, "none") is None


def test_runs_that_heard_the_same_agree(project: Project) -> None:
    other = another(project, 1.0, seed=1)
    assert find_disagreement(project, other) is None
    assert judge_run(project, other).code is not VerdictCode.UNSTABLE


def test_runs_that_are_far_apart_disagree_and_both_say_so(project: Project) -> None:
    other = another(project, 0.0, seed=1)
    found = find_disagreement(project, other)
    assert found is not None
    assert [recall.detected for recall in found.recalls] == [found.recalls[0].clips, 0]
    assert not found.thorough
    for id_ in (project.runs()[0].id, other):
        assert judge_run(project, id_).code is VerdictCode.UNSTABLE


def test_a_cutoff_that_somebody_chose_is_no_disagreement(project: Project) -> None:
    other = another(project, 1.0, seed=1)
    _examine(project.run_folder(other), 0.99)
    assert find_disagreement(project, other) is None


def test_another_recipe_may_hear_otherwise(project: Project) -> None:
    spec = read_spec(project.run_folder(project.runs()[0].id))
    other = another(project, 0.0, seed=1, clips=spec.clips[1:])
    assert find_disagreement(project, other) is None


def test_a_run_whose_files_are_gone_is_left_out(project: Project) -> None:
    other = another(project, 0.0, seed=1)
    (project.run_folder(project.runs()[0].id) / HEARD_VALIDATION).unlink()
    assert find_disagreement(project, other) is None
    (project.run_folder(project.runs()[0].id) / "spec.json").unlink()
    assert find_disagreement(project, other) is None
