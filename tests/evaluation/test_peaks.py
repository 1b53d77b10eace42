import numpy as np
import pytest

from mww_studio.evaluation.detector import Detector
from mww_studio.evaluation.listening import HeardWord, slice_end_s
from mww_studio.evaluation.peaks import inference_at, inference_s, stretch_peaks, window_means, word_means

STRIDE = 3


def outputs(level, first, last, length=300):
    made = np.zeros(length, np.uint8)
    made[first:last] = level
    return made


def test_the_mean_is_the_one_that_decides():
    said = outputs(230, 100, 120)
    means = window_means(said, 5)
    detector = Detector(180, 5, STRIDE)
    fired = [number for number, output in enumerate(said) if detector.update(int(output))]
    assert fired[0] == next(number for number, mean in enumerate(means) if mean > 180)
    assert len(means) == len(said)
    assert len(window_means(said[:0], 5)) == 0


def test_a_word_counts_from_its_beginning_on():
    early = outputs(200, 10, 20)
    word = HeardWord("take", np.maximum(early, outputs(90, 150, 160)), slice_end_s(120 * STRIDE - 1), None, None)
    begin, means = word_means(word, 5, STRIDE)
    assert begin == 119
    assert means.max() == 90
    nothing = word_means(HeardWord("take", early[:0], 2.0, None, None), 5, STRIDE)
    assert (nothing[0], len(nothing[1])) == (0, 0)


def test_times_and_inferences_belong_together():
    assert inference_s(STRIDE) == pytest.approx(0.03)
    for number in (0, 7, 100):
        assert inference_at(slice_end_s((number + 1) * STRIDE - 1), STRIDE) == number


def test_every_stretch_has_its_peak():
    peaks = stretch_peaks(outputs(250, 70, 75, 150), 5, STRIDE, 2.0)
    np.testing.assert_allclose(peaks, [0, 250, 0])
    assert len(stretch_peaks(np.zeros(0, np.uint8), 5, STRIDE, 2.0)) == 0
