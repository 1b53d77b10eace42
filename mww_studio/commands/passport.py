"""The command that tells what a model can do."""

from pathlib import Path
from typing import Annotated

import typer

from mww_studio.commands.common import Json, show_result, tell


def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .tflite model, a .json manifest, or the folder of an export.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the passport, as the name ends: .html, .md or .json."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what any model is made of and takes, and whether ESP32, ESP32-S3 and Linux voice assistants run it."""
    from mww_studio.evaluation.passport_text import plain
    from mww_studio.jobs.passport import check_out, make_passport, save_passport

    if out is not None:
        check_out(out)
    passport = make_passport(file)
    if out is not None:
        save_passport(passport, out)
        tell(f"The passport is in {out}")
    show_result(as_json, passport.model_dump(mode="json"), plain(passport))
    if passport.broken:
        raise typer.Exit(1)
