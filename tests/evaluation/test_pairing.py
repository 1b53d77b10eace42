import pytest
from scipy.stats import binom

from mww_studio.evaluation.pairing import pair_mistakes, pair_takes, unmatched
from mww_studio.evaluation.scorecard import FalseAccept


def wrong(id_, time_s):
    return FalseAccept(id=id_, source="tv", time_s=time_s)


def test_takes_are_counted_by_who_heard_them():
    paired = pair_takes(10, {"a", "b", "c", "d"}, {"c", "d", "e"})
    assert (paired.both, paired.only_first, paired.only_second, paired.neither) == (2, 2, 1, 5)
    assert paired.difference == pytest.approx(-0.1)
    assert paired.low < paired.difference < paired.high
    assert paired.p_value == 1.0


def test_luck_is_told_from_a_difference():
    takes = [str(number) for number in range(60)]
    same = pair_takes(60, takes[:50], takes[:50])
    assert (same.difference, same.p_value) == (0.0, 1.0)
    assert same.low < 0 < same.high
    better = pair_takes(60, takes[:40], takes[:52])
    assert better.p_value == pytest.approx(2 * binom.cdf(0, 12, 0.5))
    assert 0 < better.low < better.difference < better.high < 1
    assert pair_takes(0, [], []).p_value == 1.0


@pytest.mark.parametrize(("first", "second"), [(0, 10), (10, 0), (1, 1)])
def test_the_interval_stays_possible(first, second):
    takes = [str(number) for number in range(10)]
    paired = pair_takes(10, takes[:first], takes[:second])
    assert -1 <= paired.low <= paired.difference <= paired.high <= 1


def test_mistakes_at_the_same_moment_are_the_same():
    first = [wrong("a", 10.0), wrong("a", 50.0), wrong("b", 10.0)]
    second = [wrong("a", 11.0), wrong("b", 30.0)]
    assert unmatched(first, second) == (first[1], first[2])
    paired = pair_mistakes(2.0, first, second)
    assert (paired.both, paired.only_first, paired.only_second) == (1, 2, 1)
    assert paired.difference_per_hour == pytest.approx(-0.5)
    assert paired.low_per_hour < -0.5 < paired.high_per_hour
    assert paired.p_value == 1.0


def test_no_mistakes_prove_little():
    paired = pair_mistakes(1.0, [], [])
    assert paired.difference_per_hour == 0.0
    assert paired.high_per_hour == -paired.low_per_hour == pytest.approx(3.689, abs=0.001)
    many = pair_mistakes(10.0, [wrong("a", 10.0 * n) for n in range(20)], [])
    assert many.high_per_hour < 0
    assert many.p_value < 0.001
