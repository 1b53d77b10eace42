import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Self

import pytest
from finished_run import finish_run

from mww_studio.cli import main
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs import seeds
from mww_studio.jobs.planning import plan_training
from mww_studio.jobs.seeds import describe_seeds, summarise_seeds, train_seeds
from mww_studio.jobs.spec import TrainSpec, read_spec
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "kosita") as made:
        finish_run(made)
        yield made


def train_pretended(project: Project, run: Run, _: Progress) -> dict[str, str]:
    """What the finished run left stands for a training; the seed 1 fails."""
    if run.seed == 1:
        project.set_run_state(run.id, RunState.FAILED, "It was killed.")
        raise StudioError("train.killed", "It was killed.")
    first = project.run_folder(project.runs()[0].id)
    for path in first.iterdir():
        if path.is_file() and path.name != "spec.json":
            shutil.copy2(path, project.run_folder(run.id) / path.name)
    project.set_run_state(run.id, RunState.DONE)
    return {}


@pytest.fixture
def spec(project: Project, monkeypatch: pytest.MonkeyPatch) -> TrainSpec:
    monkeypatch.setattr(seeds, "run_training", train_pretended)
    return plan_training(project, load_preset("fast_test"), seed=0)


def test_each_seed_is_a_run_and_one_is_chosen(project: Project, spec: TrainSpec) -> None:
    found = train_seeds(project, spec, 3, Progress())
    runs = project.runs()[1:]
    assert [run.seed for run in runs] == [0, 1, 2]
    assert [run.state for run in runs] == [RunState.DONE, RunState.FAILED, RunState.DONE]
    # The same sounds around the takes, so that their features are made once.
    assert {read_spec(project.run_folder(run.id)).sound_seed for run in runs} == {0}
    assert found.chosen is not None
    assert found.chosen.run.seed in {0, 2}
    text = describe_seeds(found)
    assert text.count("chosen\n") == 1
    assert "failed: It was killed." in text
    summary = summarise_seeds(found)
    assert summary["chosen"] == found.chosen.run.id


def test_when_all_fail_it_says_why(project: Project, spec: TrainSpec) -> None:
    with pytest.raises(StudioError, match="It was killed"):
        train_seeds(project, spec.model_copy(update={"seed": 1}), 1, Progress())


class Beside:
    """A pool whose jobs are done at once."""

    def __init__(self, address: str, folder: Path) -> None:
        assert (address, folder.name) == ("tcp://there", "project")
        self.slots = 2
        self._first = next((folder / "runs").iterdir())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def start(self, folder: Path, spec: TrainSpec) -> Future[dict[str, str]]:
        future: Future[dict[str, str]] = Future()
        if spec.seed == 1:
            future.set_exception(StudioError("cluster.lost", "Three workers were lost."))
            return future
        for path in self._first.iterdir():
            if path.is_file() and path.name != "spec.json":
                shutil.copy2(path, folder / path.name)
        future.set_result({})
        return future


def test_seeds_are_trained_side_by_side_on_a_cluster(
    project: Project, spec: TrainSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mww_studio.jobs.cluster.ClusterPool", Beside)
    found = train_seeds(project, spec, 3, Progress(), cluster="tcp://there")
    assert [run.state for run in project.runs()[1:]] == [RunState.DONE, RunState.FAILED, RunState.DONE]
    assert [bool(one.judged) for one in found.results] == [True, False, True]


def test_a_cancel_leaves_runs_that_say_so(project: Project, spec: TrainSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Progress):
        def check_cancelled(self) -> None:
            raise Cancelled

    monkeypatch.setattr("mww_studio.jobs.cluster.ClusterPool", Beside)
    with pytest.raises(Cancelled):
        train_seeds(project, spec, 2, Stop(), cluster="tcp://there")
    assert [run.state for run in project.runs()[1:]] == [RunState.CANCELLED, RunState.CANCELLED]


@pytest.mark.usefixtures("spec")
def test_the_command(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(project.folder)
    project.close()
    assert main(["train", folder, "--dask", "tcp://there"]) == 2
    assert main(["train", folder, "--resume", "--seeds", "2"]) == 2
    capsys.readouterr()
    assert main(["train", folder, "--preset", "fast_test", "--seeds", "2"]) == 0
    assert "   chosen" in capsys.readouterr().out
