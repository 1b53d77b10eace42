"""What a training said about itself so far, read from its folder: for curves of old runs and of runs that go on."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from mww_studio.jobs.events import EVENTS, PhaseStarted, Stepped
from mww_studio.project.records import Run

TOTAL = "total"  # a figure of this name says how many steps the phase has
LEARNING = "Training"
_EVENTS = "events.jsonl"


class Figure(NamedTuple):
    """A number that a job said about itself at a step."""

    step: int
    name: str
    value: float


@dataclass(frozen=True)
class RunHistory:
    """The numbers of the learning in their order, and how many of its ``steps`` were done (0 of 0: it never began)."""

    figures: tuple[Figure, ...]
    step: int
    steps: int

    @property
    def fraction(self) -> float:
        """How much of the learning is done, 0 to 1."""
        return self.step / self.steps if self.steps else 0.0


@dataclass(frozen=True)
class CutOffRun:
    """A training that did not come to its end and can go on."""

    run: Run
    history: RunHistory


def numbers(step: Stepped) -> list[Figure]:
    """The numbers that a step carries."""
    return [
        Figure(step.done, name, value)
        for name, value in step.figures.items()
        if name != TOTAL and not isinstance(value, str)
    ]


def read_history(folder: Path) -> RunHistory:
    """The history of the run in ``folder``. A step that was done twice, before and after a crash, counts once."""
    figures: list[Figure] = []
    phase, step, steps = "", 0, 0
    try:
        lines = (folder / _EVENTS).read_bytes().splitlines()
    except OSError:
        lines = []
    for line in lines:
        try:
            event = EVENTS.validate_json(line)
        except ValidationError:  # the last line of a worker that was killed
            continue
        if isinstance(event, PhaseStarted):
            phase = event.name
            steps = event.total if phase == LEARNING else steps
        elif isinstance(event, Stepped) and phase == LEARNING:
            if event.done <= step:
                figures = [figure for figure in figures if figure.step < event.done]
            step = event.done
            figures += numbers(event)
    return RunHistory(tuple(figures), step, steps)
