"""The commands that end at a board: which there are, and the files of a device from a training or any models."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mww_studio.commands.common import Json, Out, ProjectFolder, show_result
from mww_studio.terminal import TerminalProgress

BoardName = Annotated[str, typer.Option("--board", help="The board; mww-studio boards lists them.")]
DeviceName = Annotated[str, typer.Option("--name", help="What the device is called; the wake word if not given.")]
Vad = Annotated[
    Path | None,
    typer.Option(metavar="FILE.json", help="The manifest of a voice activity model, without which no word counts."),
]
Generate = Annotated[bool, typer.Option("--generate", help="Also let ESPHome write its C++, and compare.")]
DEFAULT_BOARD = "generic-s3"


def boards(as_json: Json = False) -> None:
    """List the boards that configurations are written for: what they need, their limits, and who says so."""
    from mww_studio.esphome.boards import boards as known
    from mww_studio.jobs.board_files import describe_boards

    show_result(as_json, [each.model_dump(mode="json") for each in known()], describe_boards(known()))


def esphome(
    manifests: Annotated[
        list[Path],
        typer.Argument(metavar="FILE.json...", help="Manifests of any microWakeWord v2 models."),
    ],
    out: Out,
    board: BoardName = DEFAULT_BOARD,
    name: DeviceName = "",
    vad: Vad = None,
    generate: Generate = False,
    as_json: Json = False,
) -> None:
    """Write the configuration of a device for any models, this program's or others', and put them beside it."""
    from mww_studio.export.words import DeviceOrder
    from mww_studio.jobs.board_files import describe_files, write_board_files

    with TerminalProgress() as progress:
        order = DeviceOrder(board, name, tuple(manifests), vad)
        bundle = write_board_files(order, out, generate=generate, progress=progress)
    show_result(as_json, bundle_for_programs(bundle), describe_files(bundle))


def export(
    folder: ProjectFolder,
    out: Out,
    run: Annotated[str | None, typer.Option(help="The run to export; the newest finished one if not given.")] = None,
    board: BoardName = DEFAULT_BOARD,
    name: DeviceName = "",
    further: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="FILE.json", help="Another word for the device; may be given several times."),
    ] = None,
    vad: Vad = None,
    generate: Generate = False,
    cutoff: Annotated[
        float | None, typer.Option(help="Another cut-off than the one that was chosen: higher wakes less.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the files for a device from a finished training."""
    from mww_studio.export.words import DeviceOrder
    from mww_studio.jobs.board_files import describe_files
    from mww_studio.jobs.delivery import export_run
    from mww_studio.project.store import Project

    order = DeviceOrder(board, name, tuple(further or ()), vad)
    with Project.open(folder, read_only=True) as project, TerminalProgress() as progress:
        bundle = export_run(project, run, out, order, generate=generate, progress=progress, cutoff=cutoff)
    show_result(as_json, bundle_for_programs(bundle), describe_files(bundle))


def bundle_for_programs(bundle: Any) -> dict[str, Any]:
    """A bundle as JSON."""
    return {
        **bundle.summary(),
        "models": [str(path) for path in bundle.models],
        "manifests": [str(path) for path in bundle.manifests],
        "secrets": str(bundle.secrets),
        "readme": str(bundle.readme),
        "remarks": list(bundle.remarks),
    }
