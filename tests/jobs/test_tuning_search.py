"""The search with pretended trainings; what a worker really does is tested in test_tuning.py and test_cluster.py."""

import hashlib
import shutil
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from finished_run import finish_run
from pretended_pool import PretendedPool, Worth, point

from mww_studio.errors import Cancelled, StudioError
from mww_studio.evaluation.runtime import Runtime, load_runtime
from mww_studio.jobs import tuning_search
from mww_studio.jobs.spec import read_spec
from mww_studio.jobs.tuning import new_tuning
from mww_studio.jobs.tuning_records import (
    Ending,
    TrialSpec,
    TrialState,
    TuneSpec,
    TuningOutcome,
    read_outcome,
    read_state,
)
from mww_studio.presets import Tuning
from mww_studio.progress import Progress
from mww_studio.project.store import Project
from mww_studio.reference import official_model

SETTINGS = Tuning(trials=6, seeds=1, steps=10, windows=(5,))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("finished") / "project"
    with Project.create(folder, "kosita") as project:
        return folder, finish_run(project).id


@pytest.fixture
def spec(finished: tuple[Path, str], tmp_path: Path) -> TuneSpec:
    folder, run_id = finished
    copy = Path(shutil.copytree(folder, tmp_path / "project"))
    return TuneSpec(run_id=run_id, base=read_spec(copy / "runs" / run_id), settings=SETTINGS)


def rate(spec: TrialSpec) -> float:
    return spec.training.preset.training.phases[0].learning_rate


def small_steps_are_best(spec: TrialSpec) -> float:
    return 1.0 - 500 * rate(spec)


@pytest.fixture
def tune(monkeypatch: pytest.MonkeyPatch) -> Callable[..., TuningOutcome]:
    """Does a tuning; ``examined`` says whether the test side is really looked at."""

    def do(folder: Path, pool: PretendedPool, *, examined: bool = False) -> TuningOutcome:
        monkeypatch.setattr(tuning_search, "pool_of", lambda _: pool)
        monkeypatch.setattr(tuning_search, "load_runtime", loaded)
        if not examined:
            monkeypatch.setattr(tuning_search, "_examine", lambda *_: folder.parents[1] / "runs" / _run(folder))
        tuning_search.do_job(folder, Progress())
        outcome = read_outcome(folder)
        assert outcome is not None
        return outcome

    return do


@cache
def loaded(_: Path) -> Runtime:
    """The one model that stands in for all, loaded once."""
    return load_runtime(official_model("okay_nabu"))


def _run(folder: Path) -> str:
    return next((folder.parents[1] / "runs").iterdir()).name


def begin(spec: TuneSpec, **settings: object) -> Path:
    changed = spec.model_copy(update={"settings": spec.settings.model_copy(update=settings)})
    with Project.open(spec.base.project) as project:
        return new_tuning(project, changed)


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_best_settings_win_and_the_original_stays(spec: TuneSpec, tune: Callable[..., TuningOutcome]) -> None:
    folder = begin(spec)
    original = spec.base.project / "runs" / spec.run_id
    before = contents(original)
    outcome = tune(folder, PretendedPool(small_steps_are_best), examined=True)
    state = read_state(folder)
    assert state is not None
    assert outcome.ending is Ending.TRIALS
    assert len(state.trials) == 6
    assert outcome.winner is not None
    assert outcome.winner.value == max(trial.value or 0 for trial in state.trials)
    assert outcome.after_test is not None
    # The same model stands in for the winner: the test side must say the same of both at the same cut-off.
    assert outcome.after_test.recall.clips == outcome.before_test.recall.clips > 0
    assert contents(original) == before
    winner = folder / "winner"
    made = {path.name for path in winner.iterdir()}
    assert {"spec.json", "model.tflite", "checkpoint.npz", "examination.json"} <= made
    assert read_spec(winner).preset.name == f"{spec.base.preset.name}, tuned"
    kept = [path.name for path in (folder / "trials").iterdir() if (path / "model.tflite").exists()]
    assert kept == list(outcome.winner.keys)


def test_the_winners_interval_is_widened_for_the_many_it_was_chosen_among(
    spec: TuneSpec, tune: Callable[..., TuningOutcome]
) -> None:
    outcome = tune(begin(spec), PretendedPool(small_steps_are_best))
    assert outcome.after_validation is not None
    assert outcome.after_validation.recall.low < point().recall.low


def test_bad_settings_are_given_up_after_their_first_training(
    spec: TuneSpec, tune: Callable[..., TuningOutcome]
) -> None:
    folder = begin(spec, trials=20, seeds=3)
    pool = PretendedPool(small_steps_are_best)
    outcome = tune(folder, pool)
    state = read_state(folder)
    assert state is not None
    pruned = [trial for trial in state.trials if trial.state is TrialState.PRUNED]
    assert pruned
    assert len(pool.started) == sum(len(trial.judged) for trial in state.trials) < 20 * 3
    done = [trial for trial in state.trials if trial.state is TrialState.DONE]
    assert all(len(trial.judged) == 3 for trial in done)
    assert outcome.winner in done
    assert state.models == 1 + len(pool.started)


def test_several_at_a_time(spec: TuneSpec, tune: Callable[..., TuningOutcome]) -> None:
    folder = begin(spec, trials=7, seeds=2)
    tune(folder, PretendedPool(small_steps_are_best, slots=3))
    state = read_state(folder)
    assert state is not None
    assert [trial.number for trial in state.trials] == list(range(1, 8))


@pytest.mark.parametrize("after", [1, 4])
def test_killed_it_goes_on_and_does_nothing_twice(
    spec: TuneSpec, tune: Callable[..., TuningOutcome], after: int
) -> None:
    folder = begin(spec, trials=6, seeds=2)

    def die(number: int) -> None:
        if number == after:
            raise KeyboardInterrupt

    first = PretendedPool(small_steps_are_best, then=die)
    with pytest.raises(KeyboardInterrupt):
        tune(folder, first)
    # As a kill leaves the journal: locked, and half a line at its end.
    journal = folder / "journal.log"
    journal.write_bytes(journal.read_bytes() + b'{"op_code": 5, "wor')
    Path(f"{journal}.lock").write_text("", encoding="utf-8")
    before = read_state(folder)
    second = PretendedPool(small_steps_are_best)
    outcome = tune(folder, second)
    state = read_state(folder)
    assert state is not None
    assert before is not None
    assert state.trials[: len(before.trials)] == before.trials
    assert state.original == before.original
    assert len(state.trials) == 6
    assert outcome.winner is not None
    assert set(first.started[:-1]).isdisjoint(second.started)
    assert second.started[0] == first.started[-1]
    assert tune(folder, PretendedPool(_never)) == outcome


def _never(_: TrialSpec) -> float:
    raise AssertionError


def test_a_training_that_crashes_is_one_failed_trial(spec: TuneSpec, tune: Callable[..., TuningOutcome]) -> None:
    folder = begin(spec)
    seen: list[str] = []

    def worth(job: TrialSpec) -> float:
        seen.append(job.key)
        if len(seen) == 2:
            raise StudioError("train.killed", "Training stopped by itself.")
        return small_steps_are_best(job)

    tune(folder, PretendedPool(worth))
    state = read_state(folder)
    assert state is not None
    assert [trial.state for trial in state.trials].count(TrialState.FAILED) == 1
    assert state.trials[1].message == "Training stopped by itself."
    assert len(state.trials) == 6


def test_when_every_training_fails_it_says_why(spec: TuneSpec, tune: Callable[..., TuningOutcome]) -> None:
    def worth(_: TrialSpec) -> float:
        raise StudioError("project.disk_full", "The disk is full.")

    folder = begin(spec)
    with pytest.raises(StudioError, match="The disk is full") as caught:
        tune(folder, PretendedPool(worth))
    assert caught.value.code == "tuning.failing"
    assert read_outcome(folder) is None
    # What made them fail was mended.
    assert tune(folder, PretendedPool(small_steps_are_best)).winner is not None


def test_without_anything_better_the_test_side_is_left_alone(
    spec: TuneSpec, tune: Callable[..., TuningOutcome]
) -> None:
    folder = begin(spec, trials=3)
    outcome = tune(folder, PretendedPool(lambda _: -1.0), examined=True)
    assert (outcome.winner, outcome.after_test, outcome.after_validation) == (None, None, None)
    assert not (folder / "winner").exists()


def test_it_ends_when_both_goals_are_sure(spec: TuneSpec, tune: Callable[..., TuningOutcome]) -> None:
    folder = begin(spec, trials=9)
    sure = point(detected=400, clips=400, high=0.2)
    outcome = tune(folder, PretendedPool(lambda _: 1.0, at=lambda _: sure))
    state = read_state(folder)
    assert state is not None
    assert (outcome.ending, len(state.trials)) == (Ending.PROVEN, 1)


def test_it_ends_when_the_time_is_over(spec: TuneSpec, tune: Callable[..., TuningOutcome]) -> None:
    folder = begin(spec, minutes=1e-6)
    outcome = tune(folder, PretendedPool(_never))
    assert (outcome.ending, outcome.winner) == (Ending.TIME, None)


def test_a_pause_takes_none_of_the_time(
    spec: TuneSpec, tune: Callable[..., TuningOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each look the clock is an hour further, as if it had been paused in between."""
    clock = count(0, 3600)
    monkeypatch.setattr(tuning_search, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    outcome = tune(begin(spec, minutes=60, trials=3), PretendedPool(small_steps_are_best))
    assert outcome.ending is Ending.TRIALS


def test_a_cancel_stops_it(spec: TuneSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stop(Progress):
        def check_cancelled(self) -> None:
            if pool.started:
                raise Cancelled

    worth: Worth = small_steps_are_best
    pool = PretendedPool(worth)
    monkeypatch.setattr(tuning_search, "pool_of", lambda _: pool)
    folder = begin(spec)
    with pytest.raises(Cancelled):
        tuning_search.do_job(folder, Stop())
    assert read_outcome(folder) is None
    assert len(pool.started) == 1
