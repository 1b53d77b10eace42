import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from mww_studio.evaluation.tail import fit_tail

RATE_PER_HOUR = 900.0


def reached_rates(draw, true_rate, hours_each, sources, seeds, target=0.5):
    """For many small tests: the true rate at the lowest logit whose upper estimate meets the target."""
    rates = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        peaks = [draw(rng, rng.poisson(RATE_PER_HOUR * hours_each)) for _ in range(sources)]
        tail = fit_tail(peaks, [hours_each] * sources, floor=-20.0)
        lowest = brentq(lambda logit, tail=tail: tail.rate_above(logit) - target, tail.start, 60, xtol=0.01)
        rates.append(true_rate(lowest))
    return np.array(rates)


@pytest.mark.parametrize("hours_each", [0.055, 0.25, 2.5])
@pytest.mark.parametrize("slope", [0.5, 1.2])
def test_an_exponential_tail_is_met_most_of_the_time_without_giving_everything_away(hours_each, slope):
    rates = reached_rates(
        lambda rng, n: -4 + rng.exponential(slope, n),
        lambda x: RATE_PER_HOUR * np.exp(-(x + 4) / slope),
        hours_each,
        4,
        150,
    )
    assert np.mean(rates <= 0.5) >= 0.72
    assert np.median(rates) > 0.5 / 60


def test_a_tail_that_falls_faster_is_on_the_safe_side():
    rates = reached_rates(
        lambda rng, n: rng.normal(-4, 1.5, n), lambda x: RATE_PER_HOUR * norm.sf(x, -4, 1.5), 0.055, 4, 150
    )
    assert np.mean(rates <= 0.5) >= 0.8


def test_the_same_peaks_from_one_bad_source_widen_the_estimate():
    peaks = np.sort(-4 + np.random.default_rng(1).exponential(1, 1800))
    spread, burst = [peaks[start::6] for start in range(6)], np.split(peaks, 6)
    assert fit_tail(burst, [0.3] * 6, -20.0).rate_above(0.1) > 1.3 * fit_tail(spread, [0.3] * 6, -20.0).rate_above(0.1)


def test_silence_alone_still_has_an_upper_estimate_that_time_lowers():
    quiet = [np.full(100, -6.0)] * 3
    short, long = fit_tail(quiet, [0.05] * 3, -6.0), fit_tail(quiet, [5.0] * 3, -6.0)
    assert 0 < long.rate_above(0) < short.rate_above(0) / 20
