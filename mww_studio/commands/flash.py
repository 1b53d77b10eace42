"""The commands that put a wake word on a device: by USB, over the network, or through Home Assistant's folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mww_studio.commands.common import Json, say, show_result, tell
from mww_studio.terminal import TerminalProgress

if TYPE_CHECKING:
    from mww_studio.esphome.flash_trouble import Target

_LOOK_S = 4.0


def flash(
    configuration: Annotated[Path, typer.Argument(metavar="FILE.yaml", help="The configuration of the device.")],
    port: Annotated[str, typer.Option(help="Write by USB, to this serial port; mww-studio ports lists them.")] = "",
    address: Annotated[
        str, typer.Option(metavar="HOST", help="Write over the network; mww-studio devices lists who is there.")
    ] = "",
    ask_password: Annotated[
        bool, typer.Option("--ask-password", help="Ask for the password that the device has now, if it is another one.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only let ESPHome read it and write its C++; so it is without a device.")
    ] = False,
    logs: Annotated[bool, typer.Option("--logs", help="Then show what the device says, until Ctrl-C.")] = False,
    as_json: Json = False,
) -> None:
    """Build the program for a device and write it; without a port or an address, only check that it can be built."""
    from mww_studio.esphome.flash_trouble import Target
    from mww_studio.jobs.flash import FlashOrder, check
    from mww_studio.jobs.flash import flash as put

    if (port and address) or (dry_run and (port or address or logs)):
        raise typer.BadParameter("give one of --port, --address and --dry-run; --logs needs a device.")
    target = Target(port, address)
    if logs and not target.name:
        raise typer.BadParameter("name the device by --port or --address.", param_hint="--logs")
    if not target.name:
        with TerminalProgress() as progress:
            checked = check(configuration, progress)
        show_result(as_json, checked.summary(), checked.describe())
        return
    password = typer.prompt("Password of the device", hide_input=True, err=True) if ask_password else ""
    _announce()
    with TerminalProgress() as progress:
        flashed = put(FlashOrder(configuration, target, password), progress)
    show_result(as_json, flashed.summary(), flashed.describe())
    if logs:
        _follow(configuration, target)


def ports(as_json: Json = False) -> None:
    """List the serial ports to which a device may be connected by USB."""
    from dataclasses import asdict

    from mww_studio.esphome.ports import permission_command, serial_ports

    there = serial_ports()
    show_result(
        as_json,
        [asdict(one) for one in there],
        "\n".join(
            f"{one.path}  {one.name}{'' if one.usable else f', not permitted: {permission_command(one.path)}'}"
            for one in there
        )
        or "No device is connected by USB. Plug one in with a cable that carries data; some cables carry power only.",
    )


def devices(
    seconds: Annotated[float, typer.Option(help="How long to look for them.", min=0.5, max=60)] = _LOOK_S,
    as_json: Json = False,
) -> None:
    """List the devices with ESPHome in this network."""
    from dataclasses import asdict

    from mww_studio.esphome.discovery import find_devices

    with TerminalProgress() as progress:
        progress.phase("Looking for devices")
        there = find_devices(progress, seconds)
    lines = [f"{one.friendly_name}  {one.address}  {one.name}.local  ESPHome {one.esphome_version}" for one in there]
    nobody = "No device answered. It may be off, or in another network; its address works, too: --address HOST."
    show_result(as_json, [asdict(one) for one in there], "\n".join(lines) or nobody)


def install(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that the files were saved to.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FOLDER",
            help="Home Assistant's folder config, or its share: smb://homeassistant.local/config.",
            show_default=False,
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace files of the same name; the old ones stay beside them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy the files of a device into Home Assistant's folder, for ESPHome to install from there."""
    from mww_studio.jobs.home_assistant import install as copy

    copied = copy(source, to, replace=replace)
    show_result(as_json, copied.summary(), copied.describe())


def _announce() -> None:
    """Say how much will be downloaded, before it is."""
    from mww_studio.esphome.toolchain import DOWNLOAD_BYTES, UNPACKED_BYTES, first_build

    build = first_build()
    if build.needed:
        tell(
            f"The first build downloads a compiler: about {DOWNLOAD_BYTES / 1e9:.1f} GB, which take"
            f" {UNPACKED_BYTES / 1e9:.0f} GB in {build.folder}. It takes 10 to 40 minutes, all others a minute or two."
        )


def _follow(configuration: Path, target: "Target") -> None:
    """Show the device's log until the person has seen enough, which is no failure."""
    from mww_studio.jobs.flash import follow_log

    tell("What the device says, until Ctrl-C:")
    try:
        with TerminalProgress() as progress:
            follow_log(configuration, target, progress)
    except KeyboardInterrupt:
        say("")
