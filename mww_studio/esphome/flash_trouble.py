"""Why a build or an upload failed, read from the words of the programs behind it, with what to do next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mww_studio.errors import StudioError
from mww_studio.esphome.program import complaint
from mww_studio.esphome.toolchain import offline

_LAST_LINES = 60


@dataclass(frozen=True)
class Target:
    """Where the firmware goes: a serial ``port``, or else the ``address`` of a device in the network."""

    port: str = ""
    address: str = ""

    @property
    def name(self) -> str:
        """The port or the address."""
        return self.port or self.address


@dataclass(frozen=True)
class _Trouble:
    """Words that tell of a trouble, and what is said about it; ``{where}`` is the port or the address."""

    words: str
    code: str
    what: str
    why: str
    do: str


_TROUBLES = (
    _Trouble(
        r"No space left on device|\[Errno 28\]|not enough space on the disk",
        "project.disk_full",
        "The disk is full.",
        "The build did not fit. A first build needs about 4 GB.",
        "Make room on it, then try again: what was downloaded is kept.",
    ),
    _Trouble(
        r"Permission denied: '?/dev|do not have read or write permission|Errno 13.*could not open port",
        "flash.no_permission",
        "No permission for {where}.",
        "The port belongs to a group of the system.",
        "Add yourself to it, then log in again: sudo usermod -a -G dialout $USER",
    ),
    _Trouble(
        r"Device or resource busy|Errno 16|Access is denied|Could not exclusively lock port",
        "flash.busy",
        "Another program holds {where}.",
        "Only one program at a time can talk to a device by USB.",
        "Close the other program, such as one that shows the device's log, then try again.",
    ),
    _Trouble(
        r"serial port does not exist|Could not open \S+, the port is busy or doesn't exist"
        r"|device disconnected|Errno 5\] Input/output|Device not configured|ClearCommError failed|port is closed",
        "flash.no_port",
        "The device at {where} is gone.",
        "It was pulled out, or the cable has a loose contact or carries power only.",
        "Plug it in with a cable that carries data, and try again.",
    ),
    _Trouble(
        r"Failed to connect to ESP|No serial data received|Wrong boot mode detected",
        "flash.boot",
        "The device at {where} does not answer.",
        "It did not go into the mode in which it can be written.",
        "Hold the button BOOT, press RESET shortly, let BOOT go, and try again.",
    ),
    _Trouble(
        r"This chip is ESP[\w-]+, not ESP|Wrong --?chip argument|chip argument",
        "flash.chip",
        "This is another chip than the configuration is for.",
        "",
        "Choose the board that you have, save the files again, and flash those.",
    ),
    _Trouble(
        r"Authentication invalid|ESP requests password",
        "flash.password",
        "The device asks for another password.",
        "The one in the configuration is not the one that the device was set up with.",
        "Type the password that the device has now.",
    ),
    _Trouble(
        r"OTA partition on the ESP is too small|OTA partition on the ESP couldn't be found"
        r"|ESP does not have (?:enough space|the requested flash size)|wrong flash size",
        "flash.no_room",
        "The device has no room for it over the network.",
        "Its memory is divided in another way.",
        "Flash it once by USB.",
    ),
    _Trouble(
        r"Error resolving IP address|Connection failed\.|Connecting to \S+ port \d+ failed|receiving version"
        r"|Device closed connection|sending data:|timed out",
        "flash.no_answer",
        "The device did not answer on {where}.",
        "It may be switched off or on another network.",
        "Look whether it has power and is on this network, or type its address.",
    ),
    _Trouble(
        r"program size .* is greater than maximum allowed|section .* will not fit in region|overflowed by \d+ bytes"
        r"|app partition is too small",
        "flash.too_big",
        "The program does not fit on the device.",
        "All that the configuration asks for is more than its memory holds.",
        "Leave something out of the configuration, such as a wake word, and try again.",
    ),
)
_OFFLINE = re.compile(
    r"NameResolutionError|Temporary failure in name resolution|getaddrinfo failed|Could not resolve host"
    r"|Network is unreachable|not connected to the Internet|Failed to establish a new connection"
    r"|ConnectTimeoutError|package-manager-ioerror"
)
_COMPILER = re.compile(r": (?:fatal )?error: |undefined reference to|ninja: build stopped|\*\*\* \[.*\] Error \d")


def trouble(said: Sequence[str], target: Target, *, uploading: bool) -> StudioError:
    """Why a run of esphome failed, of all its lines."""
    last = "\n".join(said[-_LAST_LINES:])
    if not uploading and is_offline(last):
        return offline()
    if any("Failed config" in line for line in said):
        return _refused(said)
    for known in _TROUBLES:
        if re.search(known.words, last):
            where = target.name or "the device"
            why = known.why or next((line.strip() for line in said if re.search(known.words, line)), "")
            return StudioError(known.code, known.what.format(where=where), why=why, do=known.do)
    if uploading:
        return StudioError(
            "flash.upload",
            "The device could not be written.",
            why=complaint(said),
            do="Try again; if it stays so, try another cable, or the other way.",
        )
    if _COMPILER.search(last):
        lines = [line for line in said if _COMPILER.search(line)][:5]
        return StudioError(
            "flash.compile",
            "The program for the device could not be built.",
            why="\n".join(lines),
            do="Look at the log. If the configuration holds C++ of your own, look there first.",
        )
    return _refused(said)


def is_offline(text: str) -> bool:
    """Whether the words of a program say that it did not reach the internet."""
    return _OFFLINE.search(text) is not None


def _refused(said: Sequence[str]) -> StudioError:
    return StudioError(
        "esphome.refused",
        "ESPHome cannot build this configuration.",
        why=complaint(said),
        do="Correct what it names, then try again.",
    )
