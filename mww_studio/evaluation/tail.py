"""How often a model will fire where it has not been tested: an upper estimate from the loudest mistakes it nearly made.

Ten minutes without a false accept say nothing about one in two hours. But the highest outputs below the cut-off do:
on a logit scale their tail falls about exponentially, so the height of the peaks that did occur tells how much rarer
higher ones are. The estimate's spread comes from redrawing the sources (mistakes come in bursts from one speaker or one
programme) and from the randomness of few peaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PEAK_APART_S = 2.0
# The upper estimate is exceeded one time in five.
CONFIDENCE = 0.8

_PEAKS = (10, 60)
_PEAK_SHARE = 0.02
_DRAWS = 400
# A weak belief, worth half a peak, for models that make hardly any: every unit of the logit halves the rate or better.
_PRIOR_PEAKS = 0.5
_PRIOR_SLOPE = 1.0


@dataclass(frozen=True)
class Tail:
    """The peaks above ``start`` (a logit): draws of their rate an hour, and of how the rate falls per unit."""

    start: float
    rates: Floats
    slopes: Floats

    def rate_above(self, logit: float, confidence: float = CONFIDENCE) -> float:
        """The upper estimate of peaks an hour above a logit that is not below ``start``."""
        rates = self.rates * np.exp(-(max(logit, self.start) - self.start) / self.slopes)
        return float(np.quantile(rates, confidence))


def fit_tail(peaks: Sequence[Floats], hours: Sequence[float], floor: float) -> Tail:
    """The tail of the highest peaks.

    ``peaks``: for each source the logits of its peaks; ``hours``: how long each source was. Peaks at or below
    ``floor`` are outputs of zero, which have no height.
    """
    together = np.concatenate([*peaks, np.zeros(0)])
    usable = np.sort(together[together > floor])
    wanted = int(np.clip(_PEAK_SHARE * len(together), *_PEAKS))
    start = float(usable[-wanted - 1]) if len(usable) > wanted else floor
    counts = np.array([np.sum(one > start) for one in peaks], float)
    heights = np.array([np.sum(one[one > start] - start) for one in peaks])
    rng = np.random.default_rng(0)
    weights = rng.standard_exponential((_DRAWS, len(peaks)))
    weights *= len(peaks) / weights.sum(axis=1, keepdims=True)
    count, height, exposure = (weights @ np.asarray(figures, float) for figures in (counts, heights, hours))
    rates = rng.gamma(count + 0.5) / exposure
    slopes = (height + _PRIOR_PEAKS * _PRIOR_SLOPE) / rng.gamma(count + _PRIOR_PEAKS)
    return Tail(start, rates, slopes)
