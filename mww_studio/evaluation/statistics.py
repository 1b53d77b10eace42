"""How far a measured share or rate can be trusted."""

import math

from scipy import stats


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a share of ``successes`` in ``n`` trials; (0, 1) when nothing was tried."""
    if n == 0:
        return 0.0, 1.0
    interval = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def poisson_upper(events: int, exposure: float, confidence: float = 0.95) -> float:
    """The highest rate that ``events`` in ``exposure`` (hours, say) do not contradict: the exact one-sided bound.

    Infinite when there was no exposure.
    """
    if exposure <= 0:
        return math.inf
    return float(stats.chi2.ppf(confidence, 2 * (events + 1))) / 2 / exposure
