import numpy as np
import pytest

from mww_studio.evaluation.detector import byte_cutoff
from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord, slice_end_s
from mww_studio.evaluation.scorecard import judge
from mww_studio.jobs.what_if import WhatIf

STRIDE, WINDOW = 3, 5


def stream(seed: int, *peaks: tuple[int, int], length: int = 200) -> np.ndarray:
    """Low outputs, with five high ones of a level at each place."""
    outputs = np.random.default_rng(seed).integers(0, 40, length).astype(np.uint8)
    for place, level in peaks:
        outputs[place : place + WINDOW] = level
    return outputs


HEARD = Heard(
    "test",
    STRIDE,
    [
        HeardWord("high", stream(1, (100, 250)), 2.5, 3.0, "Ann"),
        HeardWord("middle", stream(2, (110, 200)), 2.5, 3.2, "Ann"),
        HeardWord("low", stream(3, (120, 120)), 2.5, None, None),
        HeardWord("too early", stream(4, (45, 250)), 2.5, 3.0, "Ben"),
    ],
    [
        HeardAmbience("talk", stream(5, (60, 230), (150, 160)), "television", 0.5),
        HeardAmbience("room", stream(6), "kitchen", 1.5),
        HeardAmbience("short", stream(7, length=2), "kitchen", 0.0),
    ],
)


@pytest.fixture
def what_if() -> WhatIf:
    return WhatIf(HEARD)


@pytest.mark.parametrize("byte", [50, 130, 180, 220, 240, 254])
@pytest.mark.parametrize("window", [3, 5, 10])
def test_it_says_what_an_examination_would(what_if: WhatIf, byte: int, window: int) -> None:
    card = judge(HEARD, byte_cutoff(byte), window)
    point = what_if.at(byte, window)
    assert (point.heard, point.takes) == (card.recall.detected, 4)
    assert (point.false_accepts, point.hours) == (card.false_accepts.false_accepts, 2.0)
    assert point.bound_per_hour == card.false_accepts.high
    assert point.delay_median_s == (pytest.approx(card.delay.median_s, abs=1e-3) if card.delay else None)
    assert {peak.id for peak in what_if.missed(byte, window)} == set(card.missed)
    assert [(one.id, one.time_s) for one in what_if.mistakes(byte, window)] == [
        (one.id, one.time_s) for one in card.false_accept_times
    ]


def test_what_another_cutoff_changes_is_named(what_if: WhatIf) -> None:
    more = what_if.flips(240, 150, WINDOW)
    assert (more.newly_heard, more.newly_missed) == (("middle",), ())
    assert [(one.id, one.source) for one in more.new_false_accepts] == [("talk", "television")] * 2
    assert more.gone_false_accepts == ()
    fewer = what_if.flips(150, 220, WINDOW)
    assert (fewer.newly_heard, fewer.newly_missed) == ((), ("middle",))
    # The first one comes a little later at a higher cut-off; it is the same one.
    assert [one.time_s for one in fewer.gone_false_accepts] == [pytest.approx(slice_end_s(154 * STRIDE), abs=0.1)]
    assert fewer.new_false_accepts == ()
    nothing = what_if.flips(150, 150, WINDOW)
    assert not any((nothing.newly_heard, nothing.newly_missed, nothing.new_false_accepts, nothing.gone_false_accepts))


def test_missed_takes_and_near_sounds_say_how_near_they_came(what_if: WhatIf) -> None:
    missed = what_if.missed(220, WINDOW)
    assert [(peak.id, round(peak.mean)) for peak in missed[:2]] == [("middle", 200), ("low", 120)]
    assert missed[0].time_s == pytest.approx(slice_end_s(115 * STRIDE - 1))
    assert missed[2].id == "too early"
    near = what_if.nearest(1, 200, WINDOW)
    assert [(peak.id, peak.source, round(peak.mean)) for peak in near] == [("talk", "television", 160)]
    assert near[0].time_s == pytest.approx(slice_end_s(155 * STRIDE - 1))
    many = what_if.nearest(50, 254, WINDOW)
    assert [round(peak.mean) for peak in many[:2]] == [230, 160]
    assert many == sorted(many, key=lambda peak: -peak.mean)
    (mistake,) = what_if.mistakes(200, WINDOW)
    assert round(mistake.mean) == 230


def test_nothing_heard_is_nothing_found() -> None:
    empty = WhatIf(Heard("test", STRIDE, [], []))
    point = empty.at(200, WINDOW)
    assert (point.heard, point.takes, point.hours, point.bound_per_hour, point.delay_median_s) == (0, 0, 0, None, None)
    assert empty.missed(200, WINDOW) == empty.mistakes(200, WINDOW) == empty.nearest(5, 200, WINDOW) == []
