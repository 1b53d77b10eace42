"""The search itself, in a worker: settings are drawn, tried in short trainings, and the best is examined once.

Its journal and the results of its trainings are in its folder; killed at any moment, it goes on where it was.
"""

import contextlib
import shutil
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path

import optuna
from optuna.pruners import MedianPruner
from optuna.samplers import TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState as Told

from mww_studio.errors import StudioError
from mww_studio.evaluation.listening import Heard
from mww_studio.evaluation.operating_point import OperatingPoint
from mww_studio.evaluation.runtime import load_runtime
from mww_studio.jobs.delivery import MODEL, deliver, hear_in_noise, hear_side
from mww_studio.jobs.examination import HEARD_TEST, HEARD_VALIDATION, read_heard
from mww_studio.jobs.negatives_used import SETS_FILE
from mww_studio.jobs.pool import LocalPool, Pool
from mww_studio.jobs.spec import TrainSpec, write_spec
from mww_studio.jobs.tuning_records import (
    TRIALS,
    WINNER,
    Ending,
    Judged,
    TrialRecord,
    TrialSettings,
    TrialState,
    TuneSpec,
    TuningOutcome,
    TuningState,
    read_judged,
    read_outcome,
    read_state,
    read_tuning,
    write_outcome,
    write_state,
)
from mww_studio.jobs.tuning_space import CHECKPOINT, drawn_settings, first_settings, trial_spec
from mww_studio.jobs.tuning_value import judged, on_test, on_validation, proven
from mww_studio.progress import Progress
from mww_studio.project.records import Split

_JOURNAL = "journal.log"
_STUDY = "tuning"
_POLL_S = 0.2
_LONGEST_LOOK_S = 10.0
_UNGUIDED = 5
_COMPARED = 3
# So many failures with no success between: whatever it is, the next will fail, too.
_HOPELESS = 3
_KEPT = {"spec.json", "trial.json"}


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Search until the targets are met or trials or time are over, then examine the winner and the original."""
    spec = read_tuning(folder)
    if read_outcome(folder) is None:
        with pool_of(spec) as pool:
            search = _Search(spec, folder, pool, progress)
            ending = search.run()
        write_outcome(_conclude(spec, folder, search.state, ending, progress), folder)
    return {"tuning": str(folder)}


def pool_of(spec: TuneSpec) -> Pool:
    """Where its trainings are done. Raises StudioError ``cluster.unreachable`` and others of the kind."""
    if spec.cluster is None:
        return LocalPool(spec.workers)
    from mww_studio.jobs.cluster import ClusterPool

    return ClusterPool(spec.cluster, spec.base.project)


@dataclass
class _Open:
    """Settings whose trainings are not all done."""

    trial: optuna.trial.Trial
    settings: TrialSettings
    keys: list[str] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return sum(one.value for one in self.judged) / len(self.judged)


class _Search:
    """Draws, tries and tells, until something ends it."""

    def __init__(self, spec: TuneSpec, folder: Path, pool: Pool, progress: Progress) -> None:
        self._spec, self._folder, self._pool, self._progress = spec, folder, pool, progress
        before = read_state(folder)
        self._spent_s = before.spent_s if before else 0.0
        self._seen_s = time.monotonic()
        original = before.original if before else _judge_original(spec, progress)
        self.state = TuningState(spent_s=self._spent_s, original=original, trials=before.trials if before else ())
        self._study = _open_study(folder / _JOURNAL, spec)
        self._waiting: list[_Open] = []
        self._running: dict[Future[dict[str, str]], _Open] = {}
        self._took_s: list[float] = []
        self._started_s: dict[Future[dict[str, str]], float] = {}
        self._failed_in_a_row = 0

    def run(self) -> Ending:
        """Until the end; returns which one it is."""
        self._keep()
        self._progress.phase("Trying settings", self._spec.settings.trials)
        self._say()
        while True:
            self._progress.check_cancelled()
            self._count_time()
            ending = self._ending()
            if ending is None or ending is Ending.TRIALS:
                self._fill(new=ending is None)
            if ending and (ending is Ending.PROVEN or not self._running):
                return ending
            done, _ = wait(self._running, _POLL_S, FIRST_COMPLETED)
            for future in done:
                self._finish(future)

    def _ending(self) -> Ending | None:
        settings, best = self._spec.settings, self.state.best
        if best and proven(
            best.judged[best.best].point,
            settings.target_false_accepts_per_hour,
            settings.target_recall,
            self.state.models,
        ):
            return Ending.PROVEN
        usual_s = sum(self._took_s) / len(self._took_s) if self._took_s else 0.0
        if self._spent_s + usual_s / 2 > 60 * settings.minutes:
            return Ending.TIME
        begun = len(self.state.trials) + len(self._waiting) + len(self._running)
        return Ending.TRIALS if begun >= settings.trials else None

    def _fill(self, *, new: bool) -> None:
        while len(self._running) < self._pool.slots:
            if self._waiting:
                self._start(self._waiting.pop(0))
            elif new and self._ending() is None:
                trial = self._study.ask()
                self._start(_Open(trial, drawn_settings(trial, self._spec.settings)))
            else:
                return

    def _start(self, one: _Open) -> None:
        job = trial_spec(self._spec, one.settings, seed=len(one.judged) + 1)
        one.keys.append(job.key)
        folder = self._folder / TRIALS / job.key
        found = read_judged(folder)
        future: Future[dict[str, str]]
        if found is None:
            future = self._pool.start(folder, job)
            self._started_s[future] = time.monotonic()
        else:  # done before it was killed, or drawn twice
            future = Future()
            future.set_result({})
        self._running[future] = one

    def _finish(self, future: Future[dict[str, str]]) -> None:
        one = self._running.pop(future)
        began_s = self._started_s.pop(future, None)
        if began_s is not None:
            self._took_s.append(time.monotonic() - began_s)
        try:
            future.result()
            one.judged.append(_result(self._folder / TRIALS / one.keys[-1]))
        except StudioError as error:
            self._failed(one, error)
            return
        self._failed_in_a_row = 0
        one.trial.report(one.mean, len(one.judged))
        if len(one.judged) == self._spec.settings.seeds:
            self._study.tell(one.trial, one.mean)
            self._end(one, TrialState.DONE)
        elif one.trial.should_prune():
            self._study.tell(one.trial, state=Told.PRUNED)
            self._end(one, TrialState.PRUNED)
        else:
            self._waiting.insert(0, one)
            self._keep()

    def _failed(self, one: _Open, error: StudioError) -> None:
        self._failed_in_a_row += 1
        self._progress.log(f"A training failed: {error}")
        self._study.tell(one.trial, state=Told.FAIL)
        self._end(one, TrialState.FAILED, str(error))
        if self._failed_in_a_row == _HOPELESS:
            raise StudioError(
                "tuning.failing",
                f"{_HOPELESS} trainings in a row failed.",
                why=f"The last said: {error}",
                do="Mend that, then go on: what was tried is kept.",
            )

    def _end(self, one: _Open, state: TrialState, message: str = "") -> None:
        record = TrialRecord(
            number=len(self.state.trials) + 1,
            settings=one.settings,
            state=state,
            value=one.mean if one.judged else None,
            keys=tuple(one.keys),
            judged=tuple(one.judged),
            message=message,
        )
        self.state = self.state.model_copy(update={"trials": (*self.state.trials, record)})
        self._keep()
        self._tidy()
        self._progress.log(_line(record, self.state))
        self._say()

    def _say(self) -> None:
        best = self.state.best
        point = best.judged[best.best].point if best else self.state.original.point
        last = self.state.trials[-1].value if self.state.trials else None
        self._progress.step(
            len(self.state.trials),
            best=(best.value if best else None) or self.state.original.value,
            recall=point.recall.recall,
            per_hour_high=point.estimated_per_hour_high,
            **({} if last is None else {"value": last}),
        )

    def _keep(self) -> None:
        self.state = self.state.model_copy(update={"spent_s": self._spent_s})
        write_state(self.state, self._folder)

    def _count_time(self) -> None:
        """A look comes several times a second; whoever rested between two looks was paused, or the computer slept."""
        now_s = time.monotonic()
        self._spent_s += min(now_s - self._seen_s, _LONGEST_LOOK_S)
        self._seen_s = now_s

    def _tidy(self) -> None:
        """Keep the models of the best settings alone."""
        best = self.state.best
        kept = {key for one in [*self._waiting, *self._running.values()] for key in one.keys}
        kept |= set(best.keys) if best else set()
        for key in {key for trial in self.state.trials for key in trial.keys} - kept:
            folder = self._folder / TRIALS / key
            for path in folder.iterdir() if folder.is_dir() else ():
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                elif path.name not in _KEPT:
                    with contextlib.suppress(OSError):
                        path.unlink()


def _open_study(journal: Path, spec: TuneSpec) -> optuna.Study:
    """The study, with the settings that were being tried when it was killed to be tried first."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    # This worker alone writes it. A kill may have left the lock, which would be waited for, and half a line.
    Path(f"{journal}.lock").unlink(missing_ok=True)
    if journal.exists():
        content = journal.read_bytes()
        if not content.endswith(b"\n"):
            journal.write_bytes(content[: content.rfind(b"\n") + 1])
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(journal))),
        # Another seed after a stop: the same draws would be the same settings again.
        sampler=TPESampler(seed=_draws(journal), n_startup_trials=_UNGUIDED),
        pruner=MedianPruner(n_startup_trials=_COMPARED),
        study_name=_STUDY,
        load_if_exists=True,
        direction="maximize",
    )
    left = study.get_trials(deepcopy=False, states=(Told.RUNNING,))
    if not study.trials:
        study.enqueue_trial(first_settings(spec).model_dump())
    for trial in left:
        study.tell(trial.number, state=Told.FAIL)
        if trial.params.keys() >= TrialSettings.model_fields.keys():
            study.enqueue_trial(trial.params)
    return study


def _draws(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def _judge_original(spec: TuneSpec, progress: Progress) -> Judged:
    """The finished run's own model, judged as the others will be."""
    settings = spec.settings
    run = spec.base.project / "runs" / spec.run_id
    runtime = load_runtime(run / MODEL)
    heard = _heard(spec.base, run, Split.VALIDATION, HEARD_VALIDATION, progress)
    noisy = hear_in_noise(spec.base, runtime, Split.VALIDATION, progress)
    return judged(heard, noisy, settings.target_false_accepts_per_hour, settings.windows)


def _heard(spec: TrainSpec, run: Path, split: Split, name: str, progress: Progress) -> Heard:
    """What a run's model said on a side; runs of earlier versions did not keep it."""
    try:
        return read_heard(run / name)
    except StudioError:
        return hear_side(spec, load_runtime(run / MODEL), split, progress)


def _conclude(spec: TuneSpec, folder: Path, state: TuningState, ending: Ending, progress: Progress) -> TuningOutcome:
    """Look at the test side, once: with the winner and the original, at the cut-offs that validation chose."""
    run = spec.base.project / "runs" / spec.run_id
    original: OperatingPoint = state.original.point
    best = state.best
    after_validation = after_test = None
    if best:
        won = best.judged[best.best]
        made = _examine(spec, folder, best, progress)
        after_validation = on_validation(won.point, state.models)
        after_test = on_test(read_heard(made / HEARD_TEST), won.point)
    return TuningOutcome(
        ending=ending,
        original=spec.run_id,
        before_validation=on_validation(original),
        before_test=on_test(_heard(spec.base, run, Split.TEST, HEARD_TEST, progress), original),
        winner=best,
        after_validation=after_validation,
        after_test=after_test,
    )


def _examine(spec: TuneSpec, folder: Path, best: TrialRecord, progress: Progress) -> Path:
    """Make the winner a run like others, in a folder that only waits to be taken over; returns it."""
    made = folder / WINNER
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    trained = folder / TRIALS / best.keys[best.best]
    for name in (MODEL, CHECKPOINT, SETS_FILE):
        if name != SETS_FILE or (trained / name).is_file():
            shutil.copy2(trained / name, made / name)
    training = trial_spec(spec, best.settings, seed=best.best + 1).training
    write_spec(training, made)
    deliver(training, made, progress)
    return made


def _result(folder: Path) -> Judged:
    found = read_judged(folder)
    if found is None:
        raise StudioError("tuning.no_result", "A training came to no result.", do="Tune again.")
    return found


def _line(record: TrialRecord, state: TuningState) -> str:
    if record.state is TrialState.FAILED:
        return f"Settings {record.number}: a training failed."
    point = record.judged[record.best].point
    how = "given up" if record.state is TrialState.PRUNED else f"{record.value:.3f}"
    best = state.best
    return (
        f"Settings {record.number}: {how}; {point.recall.detected} of {point.recall.clips} heard, at most about"
        f" {point.estimated_per_hour_high:.2g} mistakes an hour. Best so far:"
        f" {f'settings {best.number}' if best else 'the original'}."
    )
