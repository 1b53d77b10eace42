"""The serial ports of this computer to which a device may be connected by USB."""

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from mww_studio.errors import StudioError

_ESPRESSIF = 0x303A
_BRIDGES = {
    0x10C4: "CP210x",
    0x1A86: "CH340",
    0x0403: "FTDI",
    0x067B: "PL2303",
}
"""The makers of the chips by which boards without USB of their own speak, by USB's number."""


@dataclass(frozen=True)
class SerialPort:
    """A port: its path, its name for people, and whether what is plugged in looks like a device for ESPHome."""

    path: str
    name: str
    likely: bool
    usable: bool


def serial_ports() -> list[SerialPort]:
    """The ports with something plugged in by USB, those that look like a device first; others where there is none."""
    from serial.tools import list_ports

    found = sorted(list_ports.comports(), key=lambda port: str(port.device))
    by_usb = [port for port in found if port.vid is not None]
    ports = [
        SerialPort(
            port.device,
            _name(port.device, port.vid, port.product, port.description),
            _likely(port.vid),
            _usable(port.device),
        )
        for port in by_usb or found
    ]
    return sorted(ports, key=lambda port: (not port.likely, port.path))


def check_port(path: str) -> None:
    """Make sure that a port is there and may be used.

    Raises StudioError ``flash.no_port`` and ``flash.no_permission``, with the command that gives the permission.
    """
    if sys.platform == "win32":
        if path.upper() not in {port.path.upper() for port in serial_ports()}:
            raise _no_port(path)
        return
    if not Path(path).exists():
        raise _no_port(path)
    if not _usable(path):
        raise StudioError(
            "flash.no_permission",
            f"No permission for {path}.",
            why=_owner(path),
            do=f"Add yourself to it, then log out and in again: {permission_command(path)}",
        )


def permission_command(path: str) -> str:
    """The command that lets this person use a port, to be copied into a terminal."""
    return f"sudo usermod -a -G {_group(path) or 'dialout'} {getpass.getuser()}"


def _no_port(path: str) -> StudioError:
    return StudioError(
        "flash.no_port",
        f"There is no device at {path}.",
        why="It is not plugged in, or its cable carries power only.",
        do="Plug it in with a cable that carries data. The command mww-studio ports lists what is there.",
    )


def _usable(path: str) -> bool:
    return sys.platform == "win32" or os.access(path, os.R_OK | os.W_OK)


def _likely(vendor: int | None) -> bool:
    return vendor == _ESPRESSIF or vendor in _BRIDGES


def _name(path: str, vendor: int | None, product: str | None, description: str) -> str:
    said = product or (description if description not in ("n/a", Path(path).name) else "")
    if vendor == _ESPRESSIF:
        return said or "ESP32 with USB of its own"
    if vendor in _BRIDGES and _BRIDGES[vendor] not in said:
        return f"{said} ({_BRIDGES[vendor]})" if said else _BRIDGES[vendor]
    return said or "Serial port"


def _group(path: str) -> str:
    if sys.platform == "win32":
        return ""
    try:
        return Path(path).group()
    except (OSError, KeyError):
        return ""


def _owner(path: str) -> str:
    group = _group(path)
    if group and group != "root":
        return f"The port belongs to the group {group}, and you are not in it."
    return "The port belongs to the system alone: a rule of udev for it is missing, as the package esptool brings one."
