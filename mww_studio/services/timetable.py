"""How far work is and how long it will take, said so that a person can trust it. No Qt objects, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

SILENT_S = 20.0  # so long the time left is "working out how long"
_RISE_S = 10.0  # between two steps up
_FINE_MIN, _COARSE_MIN = 10, 5
_MEASURED_S = 2.0
_PACE_S = 5.0
_SLOWEST, _FASTEST = 4.0, 0.25
_ALMOST = 0.95


@dataclass(frozen=True)
class PhasePlan:
    """A segment of the progress bar: its shown name and the time it is expected to take."""

    name: str
    expected_s: float


@dataclass(frozen=True)
class PlannedPhase:
    """A phase as the work names it, with the time it took before and the segment that it belongs to."""

    name: str
    expected_s: float
    segment: str


class Timetable:
    """Where work stands in its plan. Times are seconds of any clock that stands still while the work is paused."""

    def __init__(self, plan: Sequence[PlannedPhase], now_s: float) -> None:
        self._plan = list(plan) or [PlannedPhase("", 0.0, "")]
        self._planned = bool(plan)
        self._index = 0
        self._began_s = self._entered_s = now_s
        self._done, self._total = 0, 0
        self._first: tuple[int, float] | None = None
        self._furthest = 0.0

    @property
    def segments(self) -> list[PhasePlan]:
        """The segments of the bar in their order; empty without a plan."""
        names = dict.fromkeys(phase.segment for phase in self._plan if self._planned)
        return [PhasePlan(name, sum(p.expected_s for p in self._plan if p.segment == name)) for name in names]

    @property
    def segment(self) -> int:
        """The index of the segment in which the work is."""
        names = list(dict.fromkeys(phase.segment for phase in self._plan))
        return names.index(self._plan[self._index].segment)

    def enter(self, name: str, total: int, now_s: float) -> None:
        """A phase of ``total`` steps begins (0: unknown). Phases outside the plan do not move the plan."""
        places = [place for place, phase in enumerate(self._plan) if phase.name == name and place >= self._index]
        if places and places[0] != self._index:
            self._index, self._entered_s = places[0], now_s
        if places or not self._planned:
            self._done, self._total, self._first = 0, total, None

    def step(self, done: int, now_s: float, total: int | None = None) -> None:
        """``done`` steps of the phase are finished."""
        self._done, self._total = done, self._total if total is None else total
        if self._first is None:
            self._first = (done, now_s)

    def fraction(self, now_s: float) -> float | None:
        """How much of all work is done, 0 to 1, never less than before; None where nobody knows."""
        here = self._here(now_s)
        if here is None:
            return None
        expected = [phase.expected_s for phase in self._plan] if self._planned else [1.0]
        done = sum(expected[: self._index]) + here * expected[self._index]
        self._furthest = max(self._furthest, min(done / max(sum(expected), 1e-9), 1.0))
        return self._furthest

    def left_s(self, now_s: float) -> float | None:
        """The time left as far as it can be known, or None."""
        measured = self._measured_left_s(now_s)
        if not self._planned:
            return measured
        pace = self._pace(now_s)
        here = measured
        if here is None:
            expected = self._plan[self._index].expected_s * pace
            here = max(expected - (now_s - self._entered_s), (1 - _ALMOST) * expected)
        return here + pace * sum(phase.expected_s for phase in self._plan[self._index + 1 :])

    def _here(self, now_s: float) -> float | None:
        """How much of this phase is done."""
        if self._total:
            return min(self._done / self._total, 1.0)
        if not self._planned:
            return None
        return min((now_s - self._entered_s) / max(self._plan[self._index].expected_s, 1e-9), _ALMOST)

    def _measured_left_s(self, now_s: float) -> float | None:
        """By the speed of this phase, once it is known. A resumed training does not begin at its first step."""
        if not self._total or self._first is None:
            return None
        first, since_s = self._first
        took_s, done = now_s - since_s, self._done - first
        return took_s * (self._total - self._done) / done if took_s >= _MEASURED_S and done > 0 else None

    def _pace(self, now_s: float) -> float:
        """How much slower than planned it has gone so far."""
        expected = sum(phase.expected_s for phase in self._plan[: self._index])
        took = self._entered_s - self._began_s
        left = self._measured_left_s(now_s)
        if left is not None and self._first:
            expected += self._plan[self._index].expected_s * (1 - self._first[0] / self._total)
            took = now_s - self._began_s + left
        return min(max(took / expected, _FASTEST), _SLOWEST) if expected >= _PACE_S else 1.0


def rounded_minutes(left_s: float) -> int:
    """0 for less than a minute, then whole minutes to 10, then steps of 5."""
    minutes = left_s / 60
    if minutes < 1:
        return 0
    return round(minutes) if minutes < _FINE_MIN else _COARSE_MIN * round(minutes / _COARSE_MIN)


class SteadyTimeLeft:
    """The time left as it is shown: nothing for a while, then rounded, rising by one step at a time at most."""

    def __init__(self, now_s: float) -> None:
        self._since_s = now_s
        self._shown: int | None = None
        self._rose_s = now_s

    def show(self, left_s: float | None, now_s: float) -> int | None:
        """The minutes to show for a time left; None: it is still being worked out."""
        if left_s is None or now_s - self._since_s < SILENT_S:
            return self._shown
        minutes = rounded_minutes(left_s)
        if self._shown is None or minutes < self._shown:
            self._shown = minutes
            self._rose_s = now_s
        elif minutes > self._shown and now_s - self._rose_s >= _RISE_S:
            self._shown += 1 if self._shown < _FINE_MIN else _COARSE_MIN
            self._rose_s = now_s
        return self._shown


def time_left_text(minutes: int | None) -> str:
    """Such as “about 6 min left”, for the strip; the arguments of :meth:`SteadyTimeLeft.show`."""
    if minutes is None:
        return QCoreApplication.translate("TimeLeft", "working out how long")
    if minutes == 0:
        return QCoreApplication.translate("TimeLeft", "less than 1 min left")
    if minutes < 60:
        return QCoreApplication.translate("TimeLeft", "about {minutes} min left").format(minutes=minutes)
    hours, rest = divmod(minutes, 60)
    return QCoreApplication.translate("TimeLeft", "about {hours} h {minutes} min left").format(
        hours=hours, minutes=rest
    )


def spoken_time_left(minutes: int | None) -> str:
    """Such as “about 6 minutes left”, for a headline or a screen reader."""
    if minutes is None:
        return QCoreApplication.translate("TimeLeft", "working out how long")
    if minutes == 0:
        return QCoreApplication.translate("TimeLeft", "less than a minute left")
    if minutes == 1:
        return QCoreApplication.translate("TimeLeft", "about a minute left")
    if minutes < 60:
        return QCoreApplication.translate("TimeLeft", "about %n minutes left", None, minutes)
    hours, rest = divmod(minutes, 60)
    return QCoreApplication.translate("TimeLeft", "about {hours} hours and {minutes} minutes left").format(
        hours=hours, minutes=rest
    )
