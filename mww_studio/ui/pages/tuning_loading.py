"""What the Tune page reads from a project, in another thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mww_studio.errors import StudioError
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project

if TYPE_CHECKING:
    from mww_studio.jobs.tuning import Ground, Tuned
    from mww_studio.jobs.tuning_records import TuneSpec
    from mww_studio.presets import Tuning


@dataclass(frozen=True)
class Start:
    """A run to tune from: its number, what would choose, and what its preset says about tuning."""

    number: int
    run: Run
    ground: Ground
    settings: Tuning


@dataclass(frozen=True)
class Before:
    """What a project has for tuning: runs to start from, the newest first, and its last tuning."""

    starts: tuple[Start, ...]
    last: Tuned | None
    numbers: dict[str, int]


@dataclass(frozen=True)
class Order:
    """What a person asked for: a run, goals, limits, and the cluster's address, empty for this computer."""

    run_id: str
    per_hour: float
    recall: float
    minutes: float
    address: str


def read_before(project: Project) -> Before:
    """What there is. Runs that cannot be gone on from are left out."""
    from mww_studio.jobs.tuning import ground_of, settings_of, startable_run, tunings

    starts = []
    runs = project.runs()
    numbers = {run.id: number for number, run in enumerate(runs, start=1)}
    for run in reversed(runs):
        if run.state is not RunState.DONE:
            continue
        try:
            usable = startable_run(project, run.id)
            starts.append(Start(numbers[run.id], usable, ground_of(project, run.id), settings_of(project, run.id)))
        except StudioError:  # of an earlier version, or without its checkpoint
            continue
    found = tunings(project)
    return Before(tuple(starts), found[-1] if found else None, numbers)


def read_tuning(project: Project, name: str) -> Tuned:
    """A tuning as it stands."""
    from mww_studio.jobs.tuning import folder_of, read_tuned

    return read_tuned(folder_of(project, name))


def plan(project: Project, order: Order) -> TuneSpec:
    """The tuning that was asked for. Raises StudioError where it could not be honest."""
    from mww_studio.jobs.tuning import plan_tuning, settings_of

    settings = settings_of(project, order.run_id).model_copy(
        update={
            "target_false_accepts_per_hour": order.per_hour,
            "target_recall": order.recall,
            "minutes": order.minutes,
        }
    )
    return plan_tuning(project, settings, order.run_id, cluster=order.address or None)


def plan_going_on(_: Project, tuned: Tuned, address: str) -> TuneSpec:
    """An interrupted tuning with the time that it had left, half an hour at least; on the cluster of ``address``."""
    from mww_studio.jobs.tuning import more_time

    left_min = tuned.spec.settings.minutes - (tuned.state.spent_s / 60 if tuned.state else 0.0)
    allowed = more_time(tuned.spec, tuned.state, None, max(left_min, 30.0))
    return tuned.spec.model_copy(update={"settings": allowed, "cluster": address or None})
