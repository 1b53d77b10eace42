"""“Say it ten times”: prompts at a steady pace, and counts how many of them a device heard."""

from dataclasses import dataclass
from typing import Any

from mww_studio.evaluation.statistics import wilson

WINDOW_S = 6.0
"""The time in which a wake word is expected after its prompt."""
PAUSE_S = 2.5
"""The time between two prompts: the device is deaf for a second, and a person draws breath."""


@dataclass(frozen=True)
class SayResult:
    """What came of it: ``said`` prompts, ``heard`` of them, and ``extra`` times that nobody was asked to say it."""

    said: int
    heard: int
    extra: int

    @property
    def interval(self) -> tuple[float, float]:
        """The share that is heard, likely (95 %): low and high, from 0 to 1."""
        return wilson(self.heard, self.said)

    def summary(self) -> dict[str, Any]:
        """For programs."""
        low, high = self.interval
        return {
            "said": self.said,
            "heard": self.heard,
            "extra": self.extra,
            "low": round(low, 3),
            "high": round(high, 3),
        }

    def describe(self) -> str:
        """For people."""
        low, high = self.interval
        head = f"Heard {self.heard} of {self.said}. Of 100 it would likely hear {100 * low:.0f} to {100 * high:.0f}."
        more = f"\nIt also woke {self.extra} times when nobody was asked to say it." if self.extra else ""
        return head + more


class SayTest:
    """Where such a test stands. Times are seconds of any clock; nothing happens by itself."""

    def __init__(self, count: int, now_s: float) -> None:
        self.count = count
        self.marks: list[bool] = []
        """Whether each prompt so far was heard; those whose time is over."""
        self.extra = 0
        self.speaking = False
        """Whether the person is asked to say it now."""
        self._changes_at_s = now_s + PAUSE_S

    @property
    def over(self) -> bool:
        """Whether all of it was said, and a last late answer would have come."""
        return len(self.marks) == self.count and not self.speaking and self._changes_at_s == float("inf")

    @property
    def result(self) -> SayResult:
        """What has come of it so far."""
        return SayResult(len(self.marks), sum(self.marks), self.extra)

    def left_s(self, now_s: float) -> float:
        """How long until it changes by itself."""
        return max(self._changes_at_s - now_s, 0.0)

    def tick(self, now_s: float) -> bool:
        """Go on as far as the time has; whether anything changed."""
        if now_s < self._changes_at_s:
            return False
        if self.speaking:
            self._mark(heard=False, now_s=now_s)
        elif len(self.marks) < self.count:
            self.speaking = True
            self._changes_at_s = now_s + WINDOW_S
        else:
            self._changes_at_s = float("inf")
        return True

    def heard(self, now_s: float) -> None:
        """The device heard the wake word. Late is not missed; twice is once too often."""
        if self.speaking:
            self._mark(heard=True, now_s=now_s)
        elif self.marks and not self.marks[-1] and not self.over:
            self.marks[-1] = True
        elif not self.over:
            self.extra += 1

    def _mark(self, *, heard: bool, now_s: float) -> None:
        self.marks.append(heard)
        self.speaking = False
        self._changes_at_s = now_s + PAUSE_S
