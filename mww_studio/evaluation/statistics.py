"""How far a measured share or rate can be trusted."""

import math


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a share of ``successes`` in ``n`` trials; (0, 1) when nothing was tried."""
    if n == 0:
        return 0.0, 1.0
    from scipy.special import ndtri  # a fifth of a second to load, which most who import this module do not need

    z = float(ndtri((1 + confidence) / 2))
    scale = n + z * z
    centre = (successes + z * z / 2) / scale
    half = z * math.sqrt(successes * (n - successes) / n + z * z / 4) / scale
    # At the ends the interval touches 0 or 1 exactly; rounding must not say otherwise.
    return (max(0.0, centre - half) if successes else 0.0), (min(1.0, centre + half) if successes < n else 1.0)


def poisson_upper(events: int, exposure: float, confidence: float = 0.95) -> float:
    """The highest rate that ``events`` in ``exposure`` (hours, say) do not contradict: the exact one-sided bound.

    Infinite when there was no exposure.
    """
    if exposure <= 0:
        return math.inf
    from scipy.special import gammaincinv

    return float(gammaincinv(events + 1, confidence)) / exposure
