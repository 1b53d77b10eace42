"""What a check says: one verdict a rule, with what was found, what the law expects and what breaks otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How binding a sentence of the law is."""

    MUST = "MUST"
    """The firmware refuses the model or misbehaves."""
    WRITER = "WRITER"
    """What this program always writes, as every official model does; a model that is only read may differ."""
    NOTE = "NOTE"
    """Worth knowing; never a reason to refuse."""


class Outcome(StrEnum):
    """How a check ended."""

    PASS = "PASS"  # noqa: S105 - a word of the report, not a password
    FAIL = "FAIL"
    WARN = "WARN"


@dataclass(frozen=True)
class Verdict:
    """The outcome of one rule. ``rule`` is a stable code such as ``input.shape``; the rest is for people."""

    article: str
    rule: str
    level: Level
    outcome: Outcome
    found: str
    expected: str
    consequence: str


def failed(verdicts: Iterable[Verdict]) -> bool:
    """Whether any verdict is a failure."""
    return any(verdict.outcome is Outcome.FAIL for verdict in verdicts)
