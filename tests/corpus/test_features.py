import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymicro_features import MicroFrontend
from synthetic_speech import talk

from mww_studio.constitution.articles import law
from mww_studio.corpus.features import block_features, device_features, frame_count, quantise


def direct(pcm: np.ndarray) -> np.ndarray:
    """The frontend fed with one step after another, as the device feeds it."""
    frontend, data, frames = MicroFrontend(), pcm.tobytes(), []
    for start in range(0, len(data) - 319, 320):
        result = frontend.process_samples(data[start : start + 320])
        if result.features:
            frames.append([round(value / 0.0390625) for value in result.features])
    return np.array(frames, np.uint16).reshape(-1, 40)


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return talk(7.0, who=3)


def test_features_are_those_of_the_frontend(speech: np.ndarray) -> None:
    features = device_features(speech)
    assert features.dtype == np.uint16
    assert features.max() > 300
    np.testing.assert_array_equal(features, direct(speech))


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 479, 480, 481, 639, 640, 641, 16000, 16159])
def test_frame_count_is_what_the_frontend_makes(samples: int, speech: np.ndarray) -> None:
    assert device_features(speech[:samples]).shape == (frame_count(samples), 40)


@given(cuts=st.lists(st.integers(0, 8000), max_size=6))
def test_blocks_of_any_length_give_the_same(speech: np.ndarray, cuts: list[int]) -> None:
    pcm = speech[:8000]
    np.testing.assert_array_equal(block_features(np.split(pcm, sorted(cuts))), device_features(pcm))


def test_every_recording_begins_afresh(speech: np.ndarray) -> None:
    first = device_features(speech)
    device_features(speech[::-1].copy())
    np.testing.assert_array_equal(device_features(speech), first)


def test_samples_that_are_not_contiguous_are_read_in_order(speech: np.ndarray) -> None:
    stereo = np.stack([speech, -speech], axis=1)
    np.testing.assert_array_equal(device_features(stereo[:, 0]), device_features(speech))


def test_quantise_is_the_devices_formula_for_every_feature() -> None:
    features = np.arange(701, dtype=np.uint16)
    expected = [min(max((value * 256 + 333) // 666 - 128, -128), 127) for value in range(701)]
    result = quantise(features)
    assert result.dtype == np.int8
    assert result.tolist() == expected
    assert quantise(features.reshape(1, 701, 1)).shape == (1, 701, 1)


def test_the_largest_integer_of_the_frontend_does_not_wrap() -> None:
    assert quantise(np.array([0, 65535], np.uint16)).tolist() == [-128, 127]


def test_training_floats_and_device_integers_meet_at_both_ends() -> None:
    rule, export = law().quantisation, law().export
    ends = (np.array([rule.low, rule.high]) - rule.offset) * rule.training_scale
    np.testing.assert_allclose(ends, [export.representative_low, export.representative_high])
