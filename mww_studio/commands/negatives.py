"""The commands about sound that others have published, and about folders of one's own recordings."""

from pathlib import Path
from typing import Annotated

import typer

from mww_studio.commands.common import AcceptLicence, Json, ProjectFolder, show_removed, show_result
from mww_studio.terminal import TerminalProgress

app = typer.Typer(
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    help="Sound that others have published, for models to learn from: list it, get it, remove it, add a folder.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A set of the list.", show_default=False)]


@app.callback(invoke_without_command=True)
def negatives(context: typer.Context, as_json: Json = False) -> None:
    """List the sets: what each is for, its size and its licence, and whether it is installed."""
    if context.invoked_subcommand is not None:
        return
    from mww_studio.jobs.negatives_listing import list_sets

    listed = list_sets()
    data = {"sets": [row.summary() for row in listed.rows], "free_bytes": listed.free_bytes}
    show_result(as_json, data, listed.describe())


@app.command()
def get(
    name: Name,
    accept_licence: AcceptLicence = False,
    as_json: Json = False,
) -> None:
    """Download a set, or go on with a download that broke off. Every installed set is used when a model is trained."""
    from mww_studio.jobs.negatives import get_set

    with TerminalProgress() as progress:
        folder = get_set(name, progress, licence_accepted=accept_licence)
    show_result(as_json, {"name": name, "folder": str(folder)}, f"The set “{name}” is in {folder}.")


@app.command()
def remove(name: Name, as_json: Json = False) -> None:
    """Delete an installed set, and what is left of a download that broke off."""
    from mww_studio.corpus.negatives import remove as remove_set

    remove_set(name)
    show_removed(as_json, "set", name)


@app.command()
def add(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of recordings.", show_default=False)],
    name: Annotated[str, typer.Option(help="The set's name; made of the folder's if not given.")] = "",
    licence: Annotated[str, typer.Option(help="The licence of the recordings.")] = "",
    non_commercial: Annotated[
        bool, typer.Option("--non-commercial", help="That licence forbids commercial use.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a set of a folder of recordings in which nobody says the wake word, read and computed once."""
    from mww_studio.jobs.negatives_folder import add_folder

    with TerminalProgress() as progress:
        made = add_folder(folder, progress, name=name, licence=licence, non_commercial=non_commercial)
    show_result(as_json, {"name": made.name, "folder": str(made)}, f"The set “{made.name}” is in {made}.")


@app.command()
def choose(
    folder: ProjectFolder,
    use: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Use this set again.")] = None,
    leave_out: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Do not use this set.")] = None,
    as_json: Json = False,
) -> None:
    """Say which installed sets a project uses; without options, show it."""
    from mww_studio.corpus.negatives import installed_sets
    from mww_studio.jobs.negatives_choice import changed, read_choice, write_choice
    from mww_studio.project.store import Project

    with Project.open(folder, read_only=not (use or leave_out)) as project:
        choice = read_choice(project.folder)
        if use or leave_out:
            choice = changed(choice, use=use or (), leave_out=leave_out or ())
            write_choice(project, choice)
    used = [each.described.name for each in installed_sets() if each.described.name not in choice.leave_out]
    left = [each.described.name for each in installed_sets() if each.described.name in choice.leave_out]
    text = f"Used: {', '.join(used) or 'none'}.\nLeft out: {', '.join(left) or 'none'}."
    show_result(as_json, {"used": used, "left_out": left}, text)
