import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mww_studio.evaluation import detector
from mww_studio.evaluation.detector import Detector, Streams, byte_cutoff, cutoff_byte, cutoff_bytes, detections

LEVELS = st.sampled_from([0, 1, 90, 100, 101, 200, 247, 248, 254, 255])


@st.composite
def streams(draw):
    """Runs of equal probabilities: long enough for the counter, short enough to fire again and again."""
    runs = draw(st.lists(st.tuples(LEVELS, st.integers(1, 60)), max_size=12))
    return np.array([level for level, length in runs for _ in range(length)], np.uint8)


def slices_of(probabilities, cutoff, window, stride):
    device = Detector(cutoff, window, stride)
    inputs = [int(outputs) if last else None for outputs in probabilities for last in [False] * (stride - 1) + [True]]
    return [number for number, probability in enumerate(inputs) if device.slice(probability)]


def high_in_slices(first, last, total):
    return np.array([255 if first <= s <= last else 0 for s in range(2, total, 3)], np.uint8)


def test_a_burst_fires_once_when_the_window_is_full():
    burst = high_in_slices(150, 179, 600)
    assert slices_of(burst, 247, 5, 3) == [164]
    assert Streams([burst], 5, 3).detections(247).slice.tolist() == [164]
    assert detections(burst, 247, 5, 3).tolist() == [54]


def test_a_probability_held_high_before_the_counter_is_done_never_fires():
    held = high_in_slices(90, 10_000, 3000)
    assert slices_of(held, 247, 5, 3) == []
    assert len(Streams([held], 5, 3).detections(247).slice) == 0


def test_a_window_refused_by_the_counter_is_judged_between_inferences():
    # The high output comes in slice 98, two slices too early, and halts the counter; the next output, in slice 101,
    # is low, so the counter ends in slice 102, where no inference runs.
    outputs = np.zeros(60, np.uint8)
    outputs[32] = 255
    assert slices_of(outputs, 50, 5, 3) == [102]
    assert Streams([outputs], 5, 3).detections(50).slice.tolist() == [102]


def test_the_comparison_is_strict():
    exactly = np.array([0] * 50 + [100] * 20, np.uint8)
    assert slices_of(exactly, 100, 5, 3) == []
    assert len(slices_of(exactly, 99, 5, 3)) == 1


def test_cutoffs_are_truncated_and_every_byte_has_a_cutoff():
    assert cutoff_byte(0.97) == 247
    assert cutoff_byte(0.9) == 229
    assert [cutoff_byte(byte_cutoff(byte)) for byte in cutoff_bytes()] == list(range(1, 255))


@pytest.mark.parametrize("cutoff", [0, 255])
def test_a_cutoff_at_either_end_never_fires(cutoff):
    outputs = np.array([0] * 50 + [255] * 50, np.uint8)
    assert slices_of(outputs, cutoff, 5, 3) == []
    assert len(Streams([outputs], 5, 3).detections(cutoff).slice) == 0


@settings(max_examples=300, deadline=None)
@given(
    st.lists(streams(), max_size=4),
    st.sampled_from([1, 90, 100, 101, 200, 247, 254]),
    st.integers(1, 50),
    st.sampled_from([1, 2, 3, 4, 7, 99, 100, 101, 120]),
)
def test_jumping_equals_stepping(outputs, cutoff, window, stride):
    found = Streams(outputs, window, stride).detections(cutoff)
    stepped = [(number, at) for number, one in enumerate(outputs) for at in slices_of(one, cutoff, window, stride)]
    assert list(zip(found.stream.tolist(), found.slice.tolist(), strict=True)) == stepped
    for one in outputs[:1]:
        device = Detector(cutoff, window, stride)
        updated = [number for number, probability in enumerate(one) if device.update(int(probability))]
        assert detections(one, cutoff, window, stride).tolist() == updated


@settings(max_examples=100, deadline=None)
@given(st.lists(streams(), max_size=3), st.integers(1, 254), st.integers(1, 50), st.integers(1, 70))
def test_how_much_is_looked_at_together_changes_nothing(outputs, cutoff, window, at_once):
    whole = Streams(outputs, window, 3).detections(cutoff)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detector, "_AT_ONCE", at_once)
        parted = Streams(outputs, window, 3).detections(cutoff)
    np.testing.assert_array_equal(parted.stream, whole.stream)
    np.testing.assert_array_equal(parted.slice, whole.slice)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=600), st.integers(1, 254), st.integers(1, 10))
def test_jumping_equals_stepping_on_noise(values, cutoff, window):
    outputs = np.array(values, np.uint8)
    assert Streams([outputs], window, 3).detections(cutoff).slice.tolist() == slices_of(outputs, cutoff, window, 3)
