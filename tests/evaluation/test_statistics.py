import math

import numpy as np
import pytest

from mww_studio.evaluation.statistics import poisson_upper, wilson


def test_wilson_agrees_with_its_textbook_formula():
    successes, n, z = 57, 60, 1.959964
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert wilson(successes, n) == pytest.approx((centre - half, centre + half), abs=1e-6)


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
