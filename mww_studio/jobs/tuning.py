"""Auto-tuning as a project sees it: planned from a finished run, done by a worker, its winner recorded as a new run.

The run from which it starts is never changed.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.delivery import MODEL
from mww_studio.jobs.examination import read_examination
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.spec import read_spec, write_spec
from mww_studio.jobs.tuning_records import (
    ADOPTED,
    FOLDER,
    PROVING_TAKES,
    WINNER,
    Ending,
    Measured,
    TrialSettings,
    TuneSpec,
    TuningOutcome,
    TuningState,
    adopted_run,
    read_outcome,
    read_state,
    read_tuning,
)
from mww_studio.jobs.wording import counted
from mww_studio.presets import Tuning
from mww_studio.progress import Progress
from mww_studio.project.records import Run, RunState
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project

MIN_TAKES = 10
MIN_OTHER_S = 300.0
_CHECKPOINT = "checkpoint.npz"


@dataclass(frozen=True)
class Tuned:
    """A tuning as it stands. ``run``: what its winner became. Without an ``outcome`` it can go on."""

    name: str
    spec: TuneSpec
    state: TuningState | None
    outcome: TuningOutcome | None
    run: str | None


@dataclass(frozen=True)
class Ground:
    """What a tuning would choose by: the takes and the seconds of other sound on the validation side of a run."""

    run_id: str
    takes: int
    other_s: float

    @property
    def problem(self) -> StudioError | None:
        """Why it is too little to choose honestly, if it is."""
        if self.takes < MIN_TAKES:
            return StudioError(
                "tuning.too_few_takes",
                f"The run {self.run_id} keeps {counted(self.takes, 'take')} aside for choosing; tuning needs at least"
                f" {MIN_TAKES}.",
                why="With fewer, one lucky take decides which settings win.",
                do="Record more takes, or keep a larger part aside (training.validation_share), then train again.",
            )
        if self.other_s < MIN_OTHER_S:
            return StudioError(
                "tuning.too_little_sound",
                f"The run {self.run_id} keeps {self.other_s / 60:.1f} minutes of other sound aside for choosing; tuning"
                f" needs at least {MIN_OTHER_S / 60:.0f}.",
                why="Mistakes an hour cannot be told from less.",
                do="Add other talk and room sound, then train again.",
            )
        return None


def startable_run(project: Project, run_id: str | None = None) -> Run:
    """The run to tune from: the newest finished one, or the one that is named. Raises StudioError."""
    runs = [run for run in project.runs() if run.state is RunState.DONE]
    usable = [run for run in runs if (project.run_folder(run.id) / _CHECKPOINT).is_file()]
    if run_id is None and usable:
        return usable[-1]
    chosen = next((run for run in usable if run.id == run_id), None)
    if chosen is None:
        raise StudioError(
            "tuning.no_run",
            f"There is no finished training {run_id} to go on from."
            if run_id
            else "No training of this project is finished.",
            why="Tuning makes short trainings that go on from a finished one.",
            do=f"Choose one of: {', '.join(run.id for run in usable)}." if usable else "Train first.",
        )
    return chosen


def ground_of(project: Project, run_id: str) -> Ground:
    """What a tuning from this run would choose by, as the run itself did. Raises ``results.none``."""
    point = read_examination(project.run_folder(run_id)).operating_point
    return Ground(run_id, point.recall.clips, 3600 * point.hours)


def settings_of(project: Project, run_id: str) -> Tuning:
    """What the preset of a run says about tuning."""
    return read_spec(project.run_folder(run_id)).preset.tuning


def plan_tuning(
    project: Project, settings: Tuning, run_id: str | None = None, *, workers: int = 1, cluster: str | None = None
) -> TuneSpec:
    """Freeze what a tuning starts from. Raises StudioError where it could not be honest, or its recordings are gone."""
    run = startable_run(project, run_id)
    base = read_spec(project.run_folder(run.id))
    problem = ground_of(project, run.id).problem
    if problem:
        raise problem
    gone = [clip.path for clip in base.clips if not (project.folder / clip.path).is_file()]
    if gone or not (project.run_folder(run.id) / MODEL).is_file():
        raise StudioError(
            "tuning.gone",
            f"Recordings that the run {run.id} learned from are gone, {gone[0]} for one."
            if gone
            else f"The model of the run {run.id} is gone.",
            why="Its sides must stay as they were, or the test would not be untouched.",
            do="Train again, then tune that run.",
        )
    return TuneSpec(run_id=run.id, base=base, settings=settings, workers=workers, cluster=cluster)


def new_tuning(project: Project, spec: TuneSpec) -> Path:
    """Write the spec into a folder of its own."""
    project.check_writable()
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    with storage_errors(project.folder):
        names = (f"{stamp}-{number}" if number > 1 else stamp for number in range(1, 10_000))
        folder = next(folder for name in names if not (folder := folder_of(project, name)).exists())
        folder.mkdir(parents=True)
        write_spec(spec, folder)
    return folder


def folder_of(project: Project, name: str) -> Path:
    """Where a tuning of the project is kept."""
    return project.folder / FOLDER / name


def run_tuning(project: Project, folder: Path, spec: TuneSpec, progress: Progress) -> Tuned:
    """Do a tuning, or go on with it, to its end; its winner becomes a new run.

    ``spec``: as it was, or with other limits from now on. Raises as :func:`~mww_studio.jobs.launch.run_job` does; what
    was tried is kept.
    """
    project.check_writable()
    run_job(folder, spec, progress)
    outcome = read_outcome(folder)
    if outcome and outcome.winner and adopted_run(folder) is None:
        _adopt(project, folder)
    return read_tuned(folder)


def resumable_tuning(project: Project) -> Path:
    """The newest tuning that did not come to its end. Raises StudioError ``tuning.nothing_to_resume``."""
    for tuned in reversed(tunings(project)):
        if tuned.outcome is None:
            return folder_of(project, tuned.name)
    raise StudioError(
        "tuning.nothing_to_resume",
        "No tuning of this project was interrupted.",
        do="Start a new one, without --resume.",
    )


def more_time(spec: TuneSpec, state: TuningState | None, trials: int | None, minutes: float | None) -> Tuning:
    """The limits of a tuning that goes on: ``trials`` in all, and ``minutes`` from now on."""
    spent = state.spent_s / 60 if state else 0.0
    left = max(spec.settings.minutes, spent) if minutes is None else spent + minutes
    return spec.settings.model_copy(update={"trials": trials or spec.settings.trials, "minutes": left})


def tunings(project: Project) -> list[Tuned]:
    """All tunings of a project that can be read, the oldest first."""
    found = []
    for folder in sorted((project.folder / FOLDER).glob("*/spec.json")):
        try:
            found.append(read_tuned(folder.parent))
        except StudioError:  # of another version: there is nothing to go on with
            continue
    return found


def read_tuned(folder: Path) -> Tuned:
    """A tuning as it stands in its folder. Raises ``job.spec`` and ``tuning.damaged``."""
    return Tuned(folder.name, read_tuning(folder), read_state(folder), read_outcome(folder), adopted_run(folder))


def describe(tuned: Tuned) -> str:
    """The end of a tuning for a person at a terminal: before and after, on both sides."""
    outcome, state = tuned.outcome, tuned.state
    if outcome is None or state is None:
        return f"The tuning {tuned.name} did not come to its end; go on with --resume."
    settings = tuned.spec.settings
    spent_min, goal = state.spent_s / 60, settings.target_recall
    lines = [
        f"Tried {len(state.trials)} settings in {spent_min:.0f} minutes, {counted(state.models, 'model')} judged.",
        _ENDINGS[outcome.ending],
        f"Goal: at most {settings.target_false_accepts_per_hour:g} mistakes an hour, and {goal:.0%} heard.",
        "",
        f"{'':28}{'heard':26}mistakes an hour",
        _row("Before, validation", outcome.before_validation),
    ]
    if outcome.winner is None or outcome.after_validation is None or outcome.after_test is None:
        lines += [
            _row("Before, test", outcome.before_test),
            "",
            f"Nothing was better than the run {outcome.original} on validation. It stays the one to use.",
        ]
        return "\n".join(lines)
    lines += [
        _row("After, validation (chosen)", outcome.after_validation),
        _row("Before, test", outcome.before_test),
        _row("After, test", outcome.after_test),
        "",
        verdict(outcome),
        f"The winner is the run {tuned.run}; the run {outcome.original} is as it was.",
        f"Its settings: {_settings(outcome.winner.settings)}.",
    ]
    if outcome.before_validation.recall.clips < PROVING_TAKES:
        lines.append(
            f"{counted(outcome.before_validation.recall.clips, 'take')} chose: too few to prove"
            f" {settings.target_recall:.0%}, so trust the intervals of the test, not single numbers."
        )
    return "\n".join(lines)


def verdict(outcome: TuningOutcome) -> str:
    """What the one look at the test side says about the winner, in a sentence."""
    before, after = outcome.before_test, outcome.after_test
    if after is None:
        return "Nothing was better on validation."
    more = after.recall.detected - before.recall.detected
    fewer = before.false_accepts.false_accepts - after.false_accepts.false_accepts
    if more >= 0 and fewer >= 0 and (more or fewer):
        return "The test confirms it: no take more is missed, and no mistake more is made."
    if more <= 0 and fewer <= 0 and (more or fewer):
        return "The test does not confirm it: the original did better there. Keep the original."
    if not more and not fewer:
        return "On the test both did the same."
    return "On the test one hears more and the other makes fewer mistakes; which is better is for you to say."


def summary(tuned: Tuned) -> dict[str, object]:
    """The same for programs."""
    return {
        "tuning": tuned.name,
        "run": tuned.run,
        "outcome": tuned.outcome.model_dump(mode="json") if tuned.outcome else None,
        "state": tuned.state.model_dump(mode="json") if tuned.state else None,
    }


_ENDINGS = {
    Ending.PROVEN: "It ended because both goals were surely met.",
    Ending.TRIALS: "It ended because no more were allowed.",
    Ending.TIME: "It ended because the time was over.",
}


def _adopt(project: Project, folder: Path) -> None:
    """Record the winner as a run of the project, finished as any other."""
    spec = read_spec(folder / WINNER)
    run = project.new_run(spec.preset.name, spec.seed)
    with storage_errors(project.folder):
        shutil.copytree(folder / WINNER, project.run_folder(run.id), dirs_exist_ok=True)
        project.set_run_state(run.id, RunState.DONE)
        write_durably(folder / ADOPTED, run.id.encode())
    shutil.rmtree(folder / WINNER, ignore_errors=True)  # it is in the run now


def _row(name: str, measured: Measured) -> str:
    recall, rate = measured.recall, measured.false_accepts
    heard = f"{recall.detected} of {recall.clips} ({recall.low:.0%} to {recall.high:.0%})"
    high = "" if rate.high is None else f", at most {rate.high:.1f}"
    return f"{name:28}{heard:26}{rate.per_hour:.2f} ({rate.false_accepts} in {rate.hours:.1f} h{high})"


def _settings(settings: TrialSettings) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value:.2g}" for name, value in settings.model_dump().items())
