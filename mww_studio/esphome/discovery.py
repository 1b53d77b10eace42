"""Devices with ESPHome in this network, as they announce themselves."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mww_studio.errors import StudioError
from mww_studio.progress import Progress

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, ServiceStateChange, Zeroconf

SERVICE = "_esphomelib._tcp.local."
LOOK_S = 4.0
"""Devices answer within a second or two; those that sleep take longer."""
_POLL_S = 0.1
_ANSWER_MS = 1500


@dataclass(frozen=True)
class FoundDevice:
    """A device: its host name, its name for people, and where it answers. ``encrypted``: it asks for a key."""

    name: str
    friendly_name: str
    address: str
    port: int
    esphome_version: str
    board: str
    encrypted: bool


def find_devices(progress: Progress, seconds: float = LOOK_S, interfaces: Sequence[str] = ()) -> list[FoundDevice]:
    """Listen for so long which devices there are, by name. ``interfaces``: addresses of this computer; else all.

    Raises StudioError ``devices.network`` and Cancelled.
    """
    from zeroconf import InterfaceChoice, ServiceBrowser, Zeroconf

    heard = _Names()
    try:
        network = Zeroconf(interfaces=list(interfaces) or InterfaceChoice.All)
    except OSError as error:
        raise StudioError(
            "devices.network",
            "This computer is in no network.",
            why=f"{error.strerror or error}.",
            do="Connect it to the network that the devices are in, or type the address.",
        ) from None
    found: dict[str, FoundDevice] = {}
    with network:
        browser = ServiceBrowser(network, SERVICE, handlers=[heard.changed])
        try:
            ends_at_s = time.monotonic() + seconds
            while time.monotonic() < ends_at_s:
                for name in heard.new():
                    info = network.get_service_info(SERVICE, name, _ANSWER_MS)
                    if info is not None and info.parsed_addresses():
                        found[name] = _device(info)
                        progress.step(len(found))
                progress.check_cancelled()
                time.sleep(_POLL_S)
        finally:
            browser.cancel()
    return sorted(found.values(), key=lambda device: device.friendly_name.lower())


class _Names:
    """Hears the names of devices, in zeroconf's own thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[str] = []

    def changed(self, zeroconf: "Zeroconf", service_type: str, name: str, state_change: "ServiceStateChange") -> None:  # noqa: ARG002 - zeroconf names them
        """One is there, is gone, or says something new about itself."""
        with self._lock:
            self._new.append(name)

    def new(self) -> list[str]:
        """Those that were heard since the last time."""
        with self._lock:
            names, self._new = self._new, []
        return names


def _device(info: "ServiceInfo") -> FoundDevice:
    said = {key: value for key, value in info.decoded_properties.items() if value is not None}
    name = info.name.removesuffix(f".{SERVICE}")
    addresses = info.parsed_addresses()
    return FoundDevice(
        name=printable(name),
        friendly_name=printable(said.get("friendly_name", "")) or printable(name),
        address=next((address for address in addresses if ":" not in address), addresses[0]),
        port=info.port or 0,
        esphome_version=printable(said.get("version", "")),
        board=printable(said.get("board", "")),
        encrypted="api_encryption" in said,
    )


def printable(text: str) -> str:
    """What a device says of itself, without anything that would steer a terminal, and not endless."""
    return "".join(letter for letter in text if letter.isprintable())[:100]
