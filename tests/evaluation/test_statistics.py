import math

import numpy as np
import pytest
from scipy import stats

from mww_studio.evaluation.statistics import poisson_upper, wilson


@pytest.mark.parametrize(("successes", "n"), [(57, 60), (0, 20), (20, 20), (1, 3), (499, 1000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_wilson_agrees_with_scipy(successes, n, confidence):
    expected = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    assert wilson(successes, n, confidence) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_no_trials_say_nothing():
    assert wilson(0, 0) == (0.0, 1.0)


def test_no_event_in_three_hours_allows_one_an_hour():
    assert poisson_upper(0, 3.0) == pytest.approx(-math.log(0.05) / 3)


def test_no_exposure_allows_any_rate():
    assert poisson_upper(0, 0.0) == math.inf


def test_the_poisson_bound_covers_as_often_as_it_promises():
    rate, hours = 0.8, 5.0
    events = np.random.default_rng(1).poisson(rate * hours, 4000)
    assert np.mean([poisson_upper(int(count), hours) >= rate for count in events]) >= 0.94
