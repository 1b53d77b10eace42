"""The commands that try more than one training."""

from typing import TYPE_CHECKING, Annotated

import typer

from mww_studio.commands.common import Json, ProjectFolder, show_result
from mww_studio.terminal import TerminalProgress

if TYPE_CHECKING:
    from mww_studio.jobs.spec import TrainSpec
    from mww_studio.project.store import Project


def tune(
    folder: ProjectFolder,
    target_fah: Annotated[
        float | None, typer.Option(help="False accepts an hour that are allowed; 0.3 if not given.", min=0.001)
    ] = None,
    target_recall: Annotated[
        float | None, typer.Option(help="The part of the takes to be heard; 0.95 if not given.", min=0.01, max=1)
    ] = None,
    trials: Annotated[int | None, typer.Option(help="Settings to try at most.", min=1)] = None,
    time: Annotated[float | None, typer.Option("--time", metavar="MINUTES", help="The time allowed.", min=0.1)] = None,
    seeds: Annotated[int | None, typer.Option(help="Trainings for each setting, whose mean counts.", min=1)] = None,
    run: Annotated[str | None, typer.Option(help="The run to start from; the newest finished one.")] = None,
    first: Annotated[
        str | None, typer.Option(metavar="PRESET", help="Train first with this preset where nothing is trained yet.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Trainings at a time on this computer.", min=1, max=64)] = 1,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Train on the cluster of this dask scheduler.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last interrupted tuning.")] = False,
    as_json: Json = False,
) -> None:
    """Try other settings in short trainings, choose on validation, and confirm the winner once on the test."""
    from mww_studio.jobs.launch import new_training, run_training
    from mww_studio.jobs.planning import plan_training
    from mww_studio.jobs.tuning import (
        describe,
        more_time,
        new_tuning,
        plan_tuning,
        read_tuned,
        resumable_tuning,
        run_tuning,
        settings_of,
        startable_run,
        summary,
    )
    from mww_studio.presets import load_preset
    from mww_studio.project.records import RunState
    from mww_studio.project.store import Project

    if resume and any(value is not None for value in (target_fah, target_recall, seeds, run, first)):
        raise typer.BadParameter(
            "a tuning goes on towards its own goals; give only --trials, --time, --workers and --dask with it.",
            param_hint="--resume",
        )
    given = {
        "target_false_accepts_per_hour": target_fah,
        "target_recall": target_recall,
        "trials": trials,
        "minutes": time,
        "seeds": seeds,
    }
    with Project.open(folder) as project, TerminalProgress() as progress:
        if resume:
            place = resumable_tuning(project)
            before = read_tuned(place)
            allowed = more_time(before.spec, before.state, trials, time)
            plan = before.spec.model_copy(update={"settings": allowed, "workers": workers, "cluster": dask})
            tuned = run_tuning(project, place, plan, progress)
        else:
            finished = any(one.state is RunState.DONE for one in project.runs())
            if first is not None and not finished and run is None:
                spec = plan_training(project, load_preset(first), seed=0)
                run_training(project, new_training(project, spec), progress)
            base = startable_run(project, run)
            settings = settings_of(project, base.id).model_copy(
                update={name: value for name, value in given.items() if value is not None}
            )
            plan = plan_tuning(project, settings, base.id, workers=workers, cluster=dask)
            tuned = run_tuning(project, new_tuning(project, plan), plan, progress)
    show_result(as_json, summary(tuned), describe(tuned))


def train_several(
    project: "Project", spec: "TrainSpec", seeds: int, progress: TerminalProgress, dask: str | None, as_json: bool
) -> None:
    """Train with several seeds and tell all of them."""
    from mww_studio.jobs.seeds import describe_seeds, summarise_seeds, train_seeds

    found = train_seeds(project, spec, seeds, progress, dask)
    show_result(as_json, summarise_seeds(found), describe_seeds(found))
