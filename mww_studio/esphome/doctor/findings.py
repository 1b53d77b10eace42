"""What is found: a stable code, how bad it is, why in one sentence, what to do, where, and what would mend it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mww_studio.esphome.doctor.edits import Edits


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The device does not build, or does not hear the wake word."""
    WARNING = "warning"
    """It may hear it, but something that people expect does not work."""
    HINT = "hint"
    """Worth knowing."""


@dataclass(frozen=True)
class Place:
    """Where something stands. ``shown``: the file as people are told of it; ``line``: from 1."""

    path: Path
    shown: str
    line: int

    def __str__(self) -> str:
        return f"{self.shown}:{self.line}"


@dataclass(frozen=True)
class Finding:
    """Something that keeps the wake word from working. ``edits``: what mends it, empty where a person must."""

    code: str
    severity: Severity
    what: str
    do: str
    place: Place
    edits: Edits = ()

    @property
    def mendable(self) -> bool:
        """Whether it can be mended safely without a person."""
        return bool(self.edits)
