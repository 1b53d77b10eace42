"""The same training with several seeds: each a run of its own, the best chosen on validation, all of them told."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path

from mww_studio.errors import Cancelled, StudioError
from mww_studio.evaluation.scorecard import Scorecard
from mww_studio.jobs.examination import HEARD_VALIDATION, read_examination, read_heard
from mww_studio.jobs.launch import new_training, run_training
from mww_studio.jobs.pool import Pool
from mww_studio.jobs.spec import TrainSpec
from mww_studio.jobs.tuning_records import Judged
from mww_studio.jobs.tuning_value import judged
from mww_studio.jobs.wording import counted
from mww_studio.progress import Progress
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project

_POLL_S = 0.2


@dataclass(frozen=True)
class SeedResult:
    """What came of one seed: how it did on the side that chooses, and on the test; or why it failed."""

    run: Run
    judged: Judged | None
    test: Scorecard | None
    error: str = ""


@dataclass(frozen=True)
class SeedResults:
    """All seeds in their order. ``chosen``: the run that is worth most on validation."""

    results: tuple[SeedResult, ...]

    @property
    def chosen(self) -> SeedResult | None:
        """The best on validation; None where all failed."""
        done = [one for one in self.results if one.judged]
        return max(done, key=lambda one: one.judged.value if one.judged else 0.0, default=None)


def train_seeds(
    project: Project, spec: TrainSpec, count: int, progress: Progress, cluster: str | None = None
) -> SeedResults:
    """Train with ``count`` seeds from that of ``spec`` on, one after the other, or on a cluster side by side.

    One that fails leaves the others going. Raises Cancelled, and StudioError where not one came to its end.
    """
    specs = [spec.model_copy(update={"seed": spec.seed + n, "sound_seed": spec.seed}) for n in range(count)]
    if cluster is None:
        found = [_train(project, one, progress) for one in specs]
    else:
        from mww_studio.jobs.cluster import ClusterPool

        with ClusterPool(cluster, project.folder) as pool:
            found = _train_beside(project, specs, pool, progress)
    if not any(one.judged for one in found):
        raise StudioError(
            "train.seeds", "No seed came to its end.", why=found[0].error, do="Mend that, then try again."
        )
    return SeedResults(tuple(found))


def describe_seeds(found: SeedResults) -> str:
    """All seeds for a person at a terminal, and which one was chosen."""
    lines = [f"{'seed':6}{'run':22}{'heard, validation':20}{'heard, test':16}mistakes, test"]
    for one in found.results:
        if one.judged is None or one.test is None:
            lines.append(f"{one.run.seed:<6}{one.run.id:22}failed: {one.error}")
            continue
        chose, rate = one.judged.point.recall, one.test.false_accepts
        lines.append(
            f"{one.run.seed:<6}{one.run.id:22}{f'{chose.detected} of {chose.clips}':20}"
            f"{f'{one.test.recall.detected} of {one.test.recall.clips}':16}"
            f"{rate.false_accepts} in {rate.hours:.1f} h{'   chosen' if one is found.chosen else ''}"
        )
    done = [one.test.recall.recall for one in found.results if one.test]
    lines.append(
        f"\n{counted(len(done), 'training')} of the same recordings heard {min(done):.0%} to {max(done):.0%} of the"
        " test: so much is luck. The chosen one was chosen on validation, not by these numbers."
    )
    return "\n".join(lines)


def summarise_seeds(found: SeedResults) -> dict[str, object]:
    """The same for programs."""
    return {
        "chosen": found.chosen.run.id if found.chosen else None,
        "seeds": [
            {
                "seed": one.run.seed,
                "run": one.run.id,
                "value": one.judged.value if one.judged else None,
                "validation": one.judged.point.recall.model_dump() if one.judged else None,
                "test_recall": one.test.recall.model_dump() if one.test else None,
                "test_false_accepts": one.test.false_accepts.model_dump() if one.test else None,
                "error": one.error,
            }
            for one in found.results
        ],
    }


def _train(project: Project, spec: TrainSpec, progress: Progress) -> SeedResult:
    run = new_training(project, spec)
    progress.log(f"Seed {spec.seed}: run {run.id}.")
    try:
        run_training(project, run, progress)
    except StudioError as error:
        return SeedResult(run, None, None, str(error))
    return _result(project, run, spec)


def _train_beside(project: Project, specs: Sequence[TrainSpec], pool: Pool, progress: Progress) -> list[SeedResult]:
    """Each as a job of the pool. This thread alone writes the library."""
    started: dict[Future[dict[str, str]], tuple[Run, TrainSpec]] = {}
    found: dict[str, SeedResult] = {}
    progress.phase("Training with several seeds", len(specs))
    for spec in specs:
        run = new_training(project, spec)
        started[pool.start(project.run_folder(run.id), spec)] = run, spec
    runs = [run for run, _ in started.values()]
    try:
        while started:
            progress.check_cancelled()
            done, _ = wait(started, _POLL_S, FIRST_COMPLETED)
            for future in done:
                run, spec = started.pop(future)
                found[run.id] = _ended(project, run, spec, future)
                progress.step(len(found))
    except BaseException as error:
        state = RunState.CANCELLED if isinstance(error, Cancelled) else RunState.INTERRUPTED
        for run, _ in started.values():
            project.set_run_state(run.id, state)
        raise
    return [found[run.id] for run in runs]


def _ended(project: Project, run: Run, spec: TrainSpec, future: Future[dict[str, str]]) -> SeedResult:
    try:
        future.result()
    except StudioError as error:
        project.set_run_state(run.id, RunState.FAILED, error.what)
        return SeedResult(run, None, None, str(error))
    project.set_run_state(run.id, RunState.DONE)
    return _result(project, run, spec)


def _result(project: Project, run: Run, spec: TrainSpec) -> SeedResult:
    folder: Path = project.run_folder(run.id)
    heard = read_heard(folder / HEARD_VALIDATION)
    target, windows = spec.preset.training.target_false_accepts_per_hour, spec.preset.export.sliding_windows
    return SeedResult(run, judged(heard, None, target, windows), read_examination(folder).scorecard)
