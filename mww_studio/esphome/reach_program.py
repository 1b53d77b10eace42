"""Asks whether a device takes updates at an address: finds it as esphome does, and connects for a moment.

Run with ``-m`` and the address and the port; the last line that it says is an :class:`Answer`. A process of its own,
because a name that nobody answers to keeps its asker waiting.
"""

import os
import socket
import sys
from enum import StrEnum

FINDING_S = 8.0
"""How long a name is looked for in the network."""
ANSWERING_S = 5.0
"""How long an address has time to answer: a device that saves power misses the first calls."""


class Answer(StrEnum):
    """What came of it. ``REFUSED``: somebody is there, but takes no updates at this port."""

    ANSWERED = "answered"
    REFUSED = "refused"
    SILENT = "silent"
    UNKNOWN = "unknown"


def ask(address: str, port: int) -> Answer:
    """Ask at every place that the address stands for, until somebody is there."""
    os.environ["ESPHOME_RESOLVE_TIMEOUT"] = str(FINDING_S)  # read when esphome is imported
    from esphome.core import EsphomeError
    from esphome.helpers import resolve_ip_address

    try:
        places = resolve_ip_address(address, port)
    except EsphomeError:
        return Answer.UNKNOWN
    for family, kind, protocol, _, place in places:
        with socket.socket(family, kind, protocol) as line:
            line.settimeout(ANSWERING_S)
            try:
                line.connect(place)
            except ConnectionRefusedError:
                return Answer.REFUSED
            except OSError:
                continue
            return Answer.ANSWERED
    return Answer.SILENT


if __name__ == "__main__":
    print(ask(sys.argv[1], int(sys.argv[2])))  # noqa: T201 - its only way to speak
