"""Two models on the very same recordings: what one hears that the other does not, and how sure the difference is.

Both were examined on the same clips, so only the clips on which they disagree can tell them apart.
"""

import math
from collections.abc import Collection, Sequence

from mww_studio.evaluation.scorecard import FalseAccept, Figures
from mww_studio.evaluation.tail import PEAK_APART_S

_CONFIDENCE = 0.95


class PairedTakes(Figures):
    """The same takes heard by two models. ``difference``: the second's share less the first's, with its 95 % interval
    (Bonett and Price); ``p_value``: McNemar's exact test, how often luck alone makes them differ so much."""

    takes: int
    both: int
    only_first: int
    only_second: int
    difference: float
    low: float
    high: float
    p_value: float

    @property
    def neither(self) -> int:
        """The takes that none of them heard."""
        return self.takes - self.both - self.only_first - self.only_second


class PairedMistakes(Figures):
    """The false accepts of two models in the same sound; ``both``: at the same moment. ``difference_per_hour``: the
    second's rate less the first's, with its 95 % interval (Zou and Donner, from exact Poisson bounds); ``p_value``: as
    for the takes."""

    hours: float
    both: int
    only_first: int
    only_second: int
    difference_per_hour: float
    low_per_hour: float
    high_per_hour: float
    p_value: float


def pair_takes(takes: int, first: Collection[str], second: Collection[str]) -> PairedTakes:
    """Compare which of so many takes two models heard."""
    both = len(set(first) & set(second))
    only_first, only_second = len(set(first)) - both, len(set(second)) - both
    low, high = _difference_of_shares(only_first, only_second, takes)
    return PairedTakes(
        takes=takes,
        both=both,
        only_first=only_first,
        only_second=only_second,
        difference=(only_second - only_first) / takes if takes else 0.0,
        low=low,
        high=high,
        p_value=_even_odds(only_first, only_second),
    )


def pair_mistakes(hours: float, first: Sequence[FalseAccept], second: Sequence[FalseAccept]) -> PairedMistakes:
    """Compare where two models woke by mistake in the same hours. Hours must be more than 0."""
    only_first, only_second = len(unmatched(first, second)), len(unmatched(second, first))
    low, high = _difference_of_counts(only_first, only_second)
    return PairedMistakes(
        hours=hours,
        both=len(second) - only_second,
        only_first=only_first,
        only_second=only_second,
        difference_per_hour=(only_second - only_first) / hours,
        low_per_hour=low / hours,
        high_per_hour=high / hours,
        p_value=_even_odds(only_first, only_second),
    )


def unmatched(some: Sequence[FalseAccept], others: Sequence[FalseAccept]) -> tuple[FalseAccept, ...]:
    """Those that others do not have; one that only moves a little is the same one."""

    def same(one: FalseAccept, other: FalseAccept) -> bool:
        return one.id == other.id and abs(one.time_s - other.time_s) < PEAK_APART_S

    return tuple(one for one in some if not any(same(one, other) for other in others))


def _even_odds(only_first: int, only_second: int) -> float:
    """How often a fair coin falls at least as unevenly."""
    from scipy.stats import binomtest  # half a second to load

    thrown = only_first + only_second
    return float(binomtest(only_first, thrown).pvalue) if thrown else 1.0


def _difference_of_shares(only_first: int, only_second: int, takes: int) -> tuple[float, float]:
    from scipy.special import ndtri

    z = float(ndtri((1 + _CONFIDENCE) / 2))
    lost, won = (only_first + 1) / (takes + 2), (only_second + 1) / (takes + 2)
    half = z * math.sqrt((lost + won - (won - lost) ** 2) / (takes + 2))
    return max(won - lost - half, -1.0), min(won - lost + half, 1.0)


def _difference_of_counts(only_first: int, only_second: int) -> tuple[float, float]:
    """Between what the second count less the first lies, by the distances to the bounds of each."""
    (first_low, first_high), (second_low, second_high) = map(_poisson_interval, (only_first, only_second))
    down = math.hypot(only_second - second_low, first_high - only_first)
    up = math.hypot(second_high - only_second, only_first - first_low)
    difference = only_second - only_first
    return difference - down, difference + up


def _poisson_interval(events: int) -> tuple[float, float]:
    """The exact two-sided interval of a count."""
    from scipy.special import gammaincinv

    tail = (1 - _CONFIDENCE) / 2
    low = float(gammaincinv(events, tail)) if events else 0.0
    return low, float(gammaincinv(events + 1, 1 - tail))
