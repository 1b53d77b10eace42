import itertools

import pytest

from mww_studio.services.timetable import (
    SILENT_S,
    PhasePlan,
    PlannedPhase,
    SteadyTimeLeft,
    Timetable,
    rounded_minutes,
    spoken_time_left,
    time_left_text,
)

PLAN = [
    PlannedPhase("start", 10, "Prepare"),
    PlannedPhase("mix", 20, "Prepare"),
    PlannedPhase("learn", 60, "Learn"),
    PlannedPhase("look", 10, "Check"),
]


@pytest.mark.parametrize(
    ("left_s", "minutes"),
    [
        (0, 0),
        (59.9, 0),
        (60, 1),
        (89, 1),
        (91, 2),
        (9.4 * 60, 9),
        (10.4 * 60, 10),
        (11 * 60, 10),
        (12.6 * 60, 15),
        (62 * 60, 60),
        (183 * 60, 185),
    ],
)
def test_minutes_to_ten_then_steps_of_five(left_s, minutes):
    assert rounded_minutes(left_s) == minutes


def test_words():
    assert [time_left_text(minutes) for minutes in (None, 0, 1, 6, 85)] == [
        "working out how long",
        "less than 1 min left",
        "about 1 min left",
        "about 6 min left",
        "about 1 h 25 min left",
    ]
    assert [spoken_time_left(minutes) for minutes in (None, 0, 1, 6, 85)] == [
        "working out how long",
        "less than a minute left",
        "about a minute left",
        "about 6 minutes left",
        "about 1 hours and 25 minutes left",
    ]


def test_nothing_is_said_at_first():
    shown = SteadyTimeLeft(100.0)
    assert shown.show(300.0, 100.0 + SILENT_S - 1) is None
    assert shown.show(None, 100.0 + SILENT_S + 1) is None
    assert shown.show(300.0, 100.0 + SILENT_S + 2) == 5


def test_it_rises_by_one_step_at_a_time_and_falls_at_once():
    shown = SteadyTimeLeft(0.0)
    heard = [shown.show(left_min * 60, 20.0 + second) for second, left_min in enumerate([8, *[60] * 60])]
    steps = [b - a for a, b in itertools.pairwise(heard)]
    assert heard[0] == 8
    assert set(steps) == {0, 1, 5}
    assert heard[-1] == 30
    assert shown.show(120.0, 100.0) == 2


def test_the_plan_gives_the_segments():
    table = Timetable(PLAN, 0.0)
    assert table.segments == [PhasePlan("Prepare", 30), PhasePlan("Learn", 60), PhasePlan("Check", 10)]
    assert table.segment == 0
    table.enter("learn", 100, 30.0)
    assert table.segment == 1


def test_fraction_and_time_left_follow_plan_and_steps():
    table = Timetable(PLAN, 0.0)
    assert table.fraction(0.0) == 0
    assert table.left_s(0.0) == 100
    table.enter("mix", 0, 10.0)
    assert table.fraction(20.0) == pytest.approx(0.2)
    assert table.left_s(20.0) == pytest.approx(80)
    table.enter("learn", 100, 30.0)
    table.step(0, 30.0)
    table.step(50, 60.0)
    assert table.fraction(60.0) == pytest.approx(0.6)
    assert table.left_s(60.0) == pytest.approx(40)


def test_a_slow_computer_makes_the_rest_longer():
    table = Timetable(PLAN, 0.0)
    table.enter("mix", 0, 20.0)
    table.enter("learn", 100, 60.0)
    assert table.left_s(60.0) == pytest.approx(140)


def test_a_resumed_training_is_measured_from_where_it_went_on():
    table = Timetable(PLAN, 0.0)
    table.enter("learn", 100, 30.0)
    table.step(60, 30.0)
    table.step(80, 40.0)
    assert table.left_s(40.0) == pytest.approx(10 + 10 * 50 / 54)


def test_the_fraction_never_falls_and_unknown_phases_do_not_move_the_plan():
    table = Timetable(PLAN, 0.0)
    table.enter("learn", 100, 10.0)
    table.step(90, 20.0)
    before = table.fraction(20.0)
    table.enter("something else", 7, 21.0)
    table.step(0, 22.0)
    assert table.fraction(22.0) == before
    assert table.segment == 1


def test_without_a_plan_steps_are_all_there_is():
    table = Timetable([], 0.0)
    assert (table.segments, table.fraction(5.0), table.left_s(5.0)) == ([], None, None)
    table.enter("import", 40, 5.0)
    table.step(0, 5.0)
    table.step(10, 15.0)
    assert table.fraction(15.0) == 0.25
    assert table.left_s(15.0) == pytest.approx(30)
    table.step(10, 15.0, total=20)
    assert table.fraction(15.0) == 0.5


def test_work_that_takes_longer_than_planned_is_never_over():
    table = Timetable(PLAN, 0.0)
    table.enter("look", 0, 90.0)
    assert table.fraction(500.0) == pytest.approx(0.995)
    assert table.left_s(500.0) > 0
