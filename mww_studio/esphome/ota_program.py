"""Sends a firmware to a device whose password was typed: esphome itself knows only the one in the configuration.

Run with ``-m`` and an :class:`OtaOrder` as JSON on standard input, so that no list of processes shows the password.
"""

import sys
from pathlib import Path

from pydantic import BaseModel, Field

PORT = 3232
"""Where ESP32 devices with ESPHome take updates."""


class OtaOrder(BaseModel):
    """Which file goes to which device."""

    address: str
    file: Path
    password: str = Field(repr=False)
    port: int


def main() -> int:
    """Send it. Returns the exit status; esphome's own words go to standard error."""
    order = OtaOrder.model_validate_json(sys.stdin.read())
    from esphome.core import CORE
    from esphome.espota2 import run_ota
    from esphome.log import setup_log

    CORE.dashboard = True  # it draws its bar though nobody sits at a terminal
    setup_log()
    return int(run_ota([order.address], order.port, order.password, order.file)[0])


if __name__ == "__main__":
    raise SystemExit(main())
