"""The command about presets."""

from typing import Annotated

import typer

from mww_studio.commands.common import Json, show_result


def presets(
    reference: Annotated[bool, typer.Option("--reference", help="Print every option with what it may be.")] = False,
    as_json: Json = False,
) -> None:
    """List the presets that come with the program, or print what can stand in one."""
    from mww_studio.presets import load_preset, preset_names
    from mww_studio.resources import resource

    if reference:
        page = resource("help", "presets.md").read_text(encoding="utf-8")
        show_result(as_json, {"reference": page}, page)
        return
    known = {name: load_preset(name) for name in preset_names()}
    width = max(map(len, known))
    lines = [f"{name:<{width}}  {preset.description}" for name, preset in known.items()]
    show_result(as_json, [preset.model_dump(mode="json") for preset in known.values()], "\n".join(lines))
