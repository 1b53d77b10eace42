"""The boards that the program writes configurations for: one file each in ``resources/boards``, facts first.

Such a file has three parts between lines of three dashes: the facts of the board (a :class:`Board`), what a person may
want to change (ESPHome's ``substitutions``), and the hardware in ESPHome's words. What all boards share is in
``resources/boards/parts``.
"""

import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from mww_studio.errors import StudioError
from mww_studio.resources import resource

# What the wake words of a board may ask for together. Without PSRAM they share some 300 KB with Wi-Fi, the connection
# to Home Assistant and the sound; the limit is this program's own caution, taken from no data sheet.
_ARENA_WITHOUT_PSRAM_BYTES = 80 * 1024
_ARENA_WITH_PSRAM_BYTES = 1024 * 1024


class BoardTemplate(Template):
    """YAML with holes such as ``@{name}``: ``${name}`` is ESPHome's own."""

    delimiter = "@"


class VendorPackage(BaseModel):
    """The vendor's own configuration, which ours is laid over, and the names in it that ours holds on to.

    ``url``: where ESPHome fetches it. ``listener``, ``assistant``, ``update``: the ids of its ``micro_wake_word``, its
    ``voice_assistant`` and, if it has one, its ``ota``. ``update_secret``: the secret that it reads itself as the
    password of updates. ``words``: the ids of the wake words that it has already. ``arena_bytes``: what these and its
    voice activity model ask for, generously.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    listener: str
    assistant: str
    update: str | None = None
    update_secret: str | None = None
    words: tuple[str, ...] = ()
    arena_bytes: int = Field(default=0, ge=0)


class Board(BaseModel):
    """What is known of a board.

    ``half_duplex``: the microphone and the speaker share one bus, so it cannot listen while it speaks. ``gain`` and
    ``speech_gain``: how much louder the wake word and the assistant hear the microphone, 1 to 64; ``channel``: which
    of its channels they hear. ``source``: where the facts come from. ``package``: set where the vendor's own
    configuration is built upon, which only ESPHome with internet can read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    about: str
    chip: Literal["esp32", "esp32s3"]
    psram: bool
    half_duplex: bool
    has_speaker: bool
    has_light: bool = False
    gain: int = Field(default=1, ge=1, le=64)
    speech_gain: int = Field(default=1, ge=1, le=64)
    channel: int = Field(default=0, ge=0, le=1)
    needs: tuple[str, ...]
    limits: tuple[str, ...]
    source: str
    package: VendorPackage | None = None

    @property
    def arena_bytes(self) -> int:
        """How much working memory the wake words that a person adds may ask for together."""
        whole = _ARENA_WITH_PSRAM_BYTES if self.psram else _ARENA_WITHOUT_PSRAM_BYTES
        return whole - (self.package.arena_bytes if self.package else 0)


class _BoardFile(BaseModel):
    """A board's file: its facts, the text of its substitutions and of its hardware."""

    board: Board
    settings: str
    hardware: str


def boards() -> tuple[Board, ...]:
    """Every board there is: the ready-made ones first, by title, then those that a person wires."""
    found = [_read(path).board for path in resource("boards").glob("*.yaml")]
    return tuple(sorted(found, key=lambda each: (each.name.startswith("generic"), each.title.lower())))


def board(name: str) -> Board:
    """The board called ``name``. Raises StudioError ``board.unknown``."""
    return _file_of(name).board


def board_settings(name: str) -> str:
    """The lines of a board's substitutions. Raises StudioError ``board.unknown``."""
    return _file_of(name).settings


def board_hardware(name: str) -> str:
    """A board's hardware in ESPHome's words. Raises StudioError ``board.unknown``."""
    return _file_of(name).hardware


def part(name: str) -> BoardTemplate:
    """What boards share: a part of a configuration, with holes."""
    return BoardTemplate(resource("boards", "parts", f"{name}.yaml").read_text("utf-8"))


def _file_of(name: str) -> _BoardFile:
    known = {each.name for each in boards()}
    if name not in known:
        listed = ", ".join(sorted(known))
        raise StudioError("board.unknown", f"There is no board called {name}.", do=f"Choose one of: {listed}.")
    return _read(resource("boards", f"{name}.yaml"))


@cache
def _read(path: Path) -> _BoardFile:
    facts, settings, hardware = re.split(r"^---\n", path.read_text("utf-8"), flags=re.MULTILINE)
    described = Board.model_validate({"name": path.stem, **yaml.safe_load(facts)})
    return _BoardFile(board=described, settings=settings.strip("\n"), hardware=hardware.strip("\n"))
