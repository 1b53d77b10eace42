"""The command about phrases that sound like the wake word."""

from typing import Annotated

import typer

from mww_studio.commands.common import Json, ProjectFolder, show_result


def phrases(
    folder: ProjectFolder,
    add: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Add a phrase; may be given several times.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Take a phrase away; may be given several times.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Forget what was added and taken away.")] = False,
    as_json: Json = False,
) -> None:
    """List what sounds like the wake word, for computer voices and people to say; add phrases, or take some away."""
    from dataclasses import asdict

    from mww_studio.jobs.phrases import Edits, describe, phrases_of, with_added, with_removed, write_edits
    from mww_studio.project.store import Project

    if reset and (add or remove):
        raise typer.BadParameter("give either --reset, or --add and --remove.")
    with Project.open(folder, read_only=not (add or remove or reset)) as project:
        if reset:
            write_edits(project, Edits())
        if remove:
            write_edits(project, with_removed(project, remove))
        if add:
            write_edits(project, with_added(project, add))
        listed = phrases_of(project, removed=True)
    show_result(as_json, [asdict(phrase) for phrase in listed], describe(listed))
