"""The command that makes the evaluation report."""

from pathlib import Path
from typing import Annotated

import typer

from mww_studio.commands.common import Json, ProjectFolder, show_result
from mww_studio.terminal import TerminalProgress


def report(
    folder: ProjectFolder,
    run: Annotated[str | None, typer.Option(help="The run to report on; the newest finished one if not given.")] = None,
    compare: Annotated[
        list[str] | None, typer.Option(metavar="RUN", help="Another run to lay beside it; may be given several times.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="The file to write; in the folder of the run if not given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write all that a training measured into one web page: curves, people, mistakes, other runs beside it."""
    from mww_studio.jobs.report import make_report, plan_report, read_content
    from mww_studio.project.store import Project

    with Project.open(folder, read_only=True) as project, TerminalProgress() as progress:
        spec = plan_report(project, run, compare or (), out)
        result = make_report(spec, progress)
    content = read_content(spec)
    data = {**result, "content": content.model_dump(mode="json")}
    text = f"{content.verdict_title}\n{content.verdict_text}\nThe report is {result['report']}"
    show_result(as_json, data, text)
