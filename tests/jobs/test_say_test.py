"""“Say it ten times”, on a clock of the test's own."""

from mww_studio.jobs.say_test import PAUSE_S, WINDOW_S, SayTest


def run(count, heard_at):
    """A test of so many prompts, with the device hearing something at these times."""
    say, now_s, times = SayTest(count, 0.0), 0.0, sorted(heard_at)
    while not say.over:
        now_s += 0.25
        while times and times[0] <= now_s:
            say.heard(times.pop(0))
        say.tick(now_s)
        assert now_s < 1000
    return say


def test_each_prompt_is_heard_or_missed():
    say = run(3, [PAUSE_S + 1])
    assert say.marks == [True, False, False]
    assert (say.result.said, say.result.heard, say.result.extra) == (3, 1, 0)


def test_late_is_heard_and_twice_is_once_too_often():
    late = PAUSE_S + WINDOW_S + 1
    assert run(1, [late]).result.heard == 1
    twice = run(1, [PAUSE_S + 1, PAUSE_S + 2]).result
    assert (twice.heard, twice.extra) == (1, 1)


def test_before_the_first_prompt_nobody_was_asked():
    assert run(1, [0.5]).result.extra == 1


def test_the_result_has_its_interval():
    result = run(10, [PAUSE_S + 0.5 + number * (0.5 + PAUSE_S + 0.25) for number in range(10)]).result
    assert result.heard == 10
    low, high = result.interval
    assert 0.7 < low < 0.75
    assert high == 1.0
    assert result.describe().startswith("Heard 10 of 10. Of 100 it would likely hear 72 to 100.")
    assert result.summary()["low"] == 0.722
