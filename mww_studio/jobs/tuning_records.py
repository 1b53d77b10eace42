"""What a tuning is to do, what it tried, and what came of it: frozen, typed, and kept in a folder of the project.

``tuning/<name>/`` holds the spec, the state after each training, the journal of the search, and a folder for each
training, named after what it was to do, so that nothing is done twice.
"""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.evaluation.operating_point import OperatingPoint
from mww_studio.evaluation.scorecard import FalseAcceptRate, Recall
from mww_studio.jobs.spec import JobSpec, TrainSpec, read_spec_as
from mww_studio.presets import Tuning

STATE, OUTCOME, ADOPTED = "state.json", "outcome.json", "run.txt"
TRIALS, WINNER = "trials", "winner"
FOLDER = "tuning"
# With fewer, no result however good proves a recall of 95 in 100 beyond reasonable doubt.
PROVING_TAKES = 73
_TRIAL_RESULT = "trial.json"


Record = TypeVar("Record", bound=BaseModel)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class TrialSettings(_Record):
    """One choice of settings. ``augmentation_strength``: 1 is as the finished training varied its takes."""

    learning_rate: float
    positive_weight: float
    negative_weight: float
    hard_negative_weight: float
    augmentation_strength: float


class TrialSpec(JobSpec):
    """One short training, judged on the validation side alone."""

    kind: Literal["trial"] = "trial"
    training: TrainSpec
    target_per_hour: float
    windows: tuple[int, ...]

    @property
    def key(self) -> str:
        """What its folder is called: the same for the same work, wherever the project lies."""
        training = self.training.model_copy(update={"project": Path()})
        content = self.model_copy(update={"training": training}).model_dump_json()
        return hashlib.sha256(content.encode()).hexdigest()[:20]


class TuneSpec(JobSpec):
    """A search for better settings, from a finished run ``run_id`` on, which ``base`` describes.

    ``cluster``: the address of a scheduler of dask.distributed; None: ``workers`` processes of this computer.
    """

    kind: Literal["tune"] = "tune"
    run_id: str
    base: TrainSpec
    settings: Tuning
    workers: int = 1
    cluster: str | None = None


class Judged(_Record):
    """What a model is worth on the validation side: ``value`` is what the search makes as large as it can.

    ``noisy``: the takes amid the side's own room sound, at the same cut-off; None where there is none.
    """

    value: float
    point: OperatingPoint
    noisy: Recall | None


class TrialState(StrEnum):
    """How settings ended: all their trainings were done, they were given up early, or a training failed."""

    DONE = "done"
    PRUNED = "pruned"
    FAILED = "failed"


class TrialRecord(_Record):
    """Settings that were tried. ``value``: the mean of the ``judged`` models, one a seed, which are in ``keys``."""

    number: int
    settings: TrialSettings
    state: TrialState
    value: float | None
    keys: tuple[str, ...]
    judged: tuple[Judged, ...]
    message: str = ""

    @property
    def best(self) -> int:
        """Which of the models is worth most."""
        return max(range(len(self.judged)), key=lambda number: self.judged[number].value)


class TuningState(_Record):
    """How far a tuning is. ``spent_s``: seconds of all sittings; ``original``: the finished run, judged the same way.

    ``models``: how many were judged, among which the best was chosen.
    """

    spent_s: float
    original: Judged
    trials: tuple[TrialRecord, ...]

    @property
    def models(self) -> int:
        """How many models were judged, the original among them."""
        return 1 + sum(len(trial.judged) for trial in self.trials)

    @property
    def best(self) -> TrialRecord | None:
        """The settings worth most among those that came to their end, if they are worth more than the original."""
        done = [trial for trial in self.trials if trial.state is TrialState.DONE and trial.value is not None]
        best = max(done, key=lambda trial: trial.value or 0.0, default=None)
        return best if best is not None and (best.value or 0.0) > self.original.value else None


class Ending(StrEnum):
    """Why no more was tried."""

    PROVEN = "proven"
    TRIALS = "trials"
    TIME = "time"


class Measured(_Record):
    """A model at its cut-off on one side; ``recall`` has its interval, ``false_accepts`` its bound.

    ``expected_high``: the upper estimate of mistakes an hour that the cut-off was chosen by, None on the test side.
    """

    recall: Recall
    false_accepts: FalseAcceptRate
    expected_high: float | None = None


class TuningOutcome(_Record):
    """The end of a tuning. Test figures are of one look, at the original and the winner alone.

    The interval of ``after_validation`` is widened for the many models among which the winner was chosen. Without a
    ``winner`` nothing was worth more than the original, and the fields about it are None.
    """

    ending: Ending
    original: str
    before_validation: Measured
    before_test: Measured
    winner: TrialRecord | None = None
    after_validation: Measured | None = None
    after_test: Measured | None = None


def read_tuning(folder: Path) -> TuneSpec:
    """The tuning in a folder of ``tuning`` of its project, wherever that was moved to. Raises ``job.spec``."""
    spec = read_spec_as(folder, TuneSpec)
    base = spec.base.model_copy(update={"project": folder.resolve().parents[1]})
    return spec.model_copy(update={"base": base})


def read_trial(folder: Path) -> TrialSpec:
    """The training in a folder of ``trials`` of its tuning. Raises ``job.spec``."""
    spec = read_spec_as(folder, TrialSpec)
    training = spec.training.model_copy(update={"project": folder.resolve().parents[3]})
    return spec.model_copy(update={"training": training})


def read_judged(folder: Path) -> Judged | None:
    """What a training came to; None while it did not come to its end."""
    return _read(folder / _TRIAL_RESULT, Judged)


def write_judged(judged: Judged, folder: Path) -> None:
    """The end of a training. Raises OSError."""
    _write(folder / _TRIAL_RESULT, judged)


def read_state(folder: Path) -> TuningState | None:
    """How far a tuning is; None before its first word."""
    return _read(folder / STATE, TuningState)


def write_state(state: TuningState, folder: Path) -> None:
    """Keep it. Raises OSError."""
    _write(folder / STATE, state)


def read_outcome(folder: Path) -> TuningOutcome | None:
    """The end of a tuning; None while it can go on."""
    return _read(folder / OUTCOME, TuningOutcome)


def write_outcome(outcome: TuningOutcome, folder: Path) -> None:
    """Keep it. Raises OSError."""
    _write(folder / OUTCOME, outcome)


def adopted_run(folder: Path) -> str | None:
    """The run that the winner became."""
    try:
        return (folder / ADOPTED).read_text(encoding="ascii").strip() or None
    except OSError:
        return None


def _write(path: Path, record: BaseModel) -> None:
    write_durably(path, record.model_dump_json(indent=1).encode())


def _read(path: Path, kind: type[Record]) -> Record | None:
    try:
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise StudioError(
            "tuning.damaged", f"{path} cannot be read.", why=f"{error}.", do="Delete its folder and tune anew."
        ) from None
