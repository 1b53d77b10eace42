"""The commands that tell voices apart, make a corrected list of names true, and look for what stands on two sides."""

from pathlib import Path
from typing import Annotated

import typer

from mww_studio.commands.common import Json, ProjectFolder, one_of, show_result

Folder = Annotated[
    Path, typer.Argument(metavar="DIR", help="A project, or a folder of sound files.", show_default=False)
]


def analyze(
    folder: Folder,
    kind: Annotated[str, typer.Option(help="wake-word, speech or near.")] = "wake-word",
    n_clusters: Annotated[
        int | None, typer.Option("--n-clusters", help="How many people there are, if that is known.", min=1)
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="Average cosine distance above which groups stay apart; chosen from the clips if not given."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the list and the report are written.")] = Path(),
    preset: Annotated[str, typer.Option(help="The preset with the settings speaker_clustering.")] = "standard",
    embedder: Annotated[str | None, typer.Option(help="lite or ecapa.")] = None,
    ecapa_python: Annotated[
        str | None, typer.Option(help="The Python of the environment with SpeechBrain, for ecapa.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Group recordings by voice; writes a list of names to correct and a report, and changes nothing."""
    from mww_studio.jobs.speakers import analyse, plan_folder, plan_project
    from mww_studio.jobs.speakers_namelist import write_results
    from mww_studio.jobs.speakers_report import describe_analysis
    from mww_studio.presets import load_preset
    from mww_studio.project.library import LIBRARY
    from mww_studio.project.records import ClipKind
    from mww_studio.project.store import Project
    from mww_studio.terminal import TerminalProgress

    wanted = one_of(ClipKind, kind, "--kind")
    if n_clusters is not None and threshold is not None:
        raise typer.BadParameter("give either --n-clusters or --threshold.")
    if threshold is not None and not 0 < threshold < 2:
        raise typer.BadParameter("a cosine distance lies between 0 and 2.", param_hint="--threshold")
    if embedder not in (None, "lite", "ecapa"):
        raise typer.BadParameter(f"“{embedder}” is not one of lite, ecapa.", param_hint="--embedder")
    given = {"threshold": threshold, "embedder": embedder, "ecapa_python": ecapa_python}
    settings = load_preset(preset).speaker_clustering.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    if (folder / LIBRARY).exists():
        with Project.open(folder, read_only=True) as project:
            spec = plan_project(project, wanted, settings, people=n_clusters)
    else:
        spec = plan_folder(folder, wanted, settings, people=n_clusters)
    with TerminalProgress() as progress:
        analysis = analyse(spec, progress)
    names, report = write_results(analysis, out)
    text = describe_analysis(analysis) + (
        f"\nWritten: {names} and {report}.\nCorrect the names in the list, then: mww-cluster-apply --namelist {names}\n"
    )
    data = {"namelist": str(names), "report": str(report), **analysis.model_dump(mode="json")}
    show_result(as_json, data, text)


def apply(
    namelist: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The corrected list of names.", show_default=False)
    ] = None,
    undo: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The undo file of a list that was applied.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Say in a project who speaks, or move files into a folder for each person, by a list of names; or take it back."""
    from mww_studio.jobs.speakers_apply import apply_namelist, undo_namelist

    if namelist is not None and undo is None:
        applied = apply_namelist(namelist, dry_run=dry_run)
    elif undo is not None and namelist is None:
        applied = undo_namelist(undo, dry_run=dry_run)
    else:
        raise typer.BadParameter("give one of --namelist and --undo.")
    show_result(as_json, applied.summary(), applied.describe())


def audit(
    folder: ProjectFolder,
    preset: Annotated[str, typer.Option(help="The preset whose split is looked at.")] = "standard",
    as_json: Json = False,
) -> None:
    """Look for people, recordings and near copies that stand both where the model learns and where it is examined."""
    from mww_studio.jobs.leakage import audit_project
    from mww_studio.presets import load_preset
    from mww_studio.project.store import Project
    from mww_studio.terminal import TerminalProgress

    settings = load_preset(preset)
    with Project.open(folder, read_only=True) as project, TerminalProgress() as progress:
        report = audit_project(project, settings, progress)
    show_result(as_json, report.model_dump(mode="json"), report.describe())


app = typer.Typer(no_args_is_help=True, help="Who speaks in which recording.")
app.command("analyze")(analyze)
app.command("apply")(apply)
