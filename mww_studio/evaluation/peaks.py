"""How high a model's mean over the sliding window rose, which is what the device compares with the cut-off."""

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.evaluation.detector import Probabilities
from mww_studio.evaluation.listening import HeardWord, slice_end_s

Means = npt.NDArray[np.float64]


def window_means(probabilities: Probabilities, window: int) -> Means:
    """The mean over the sliding window at each inference, 0 to 255, from a fresh device: before it were zeros."""
    total = np.concatenate([np.zeros(window, np.int64), np.cumsum(probabilities, dtype=np.int64)])
    means: Means = (total[window:] - total[:-window]) / window
    return means


def inference_s(stride: int) -> float:
    """How far inferences lie apart, in seconds."""
    return stride * law().frontend.step_ms / 1000


def inference_at(time_s: float, stride: int) -> int:
    """The first inference that is complete at a time of the stream, in seconds."""
    return max(0, round((time_s - slice_end_s(stride - 1)) / inference_s(stride)))


def word_means(word: HeardWord, window: int, stride: int) -> tuple[int, Means]:
    """The means from the first inference on that counts as an answer to the word; that one's number, and they."""
    means = window_means(word.probabilities, window)
    begin = min(inference_at(word.word_start_s, stride), max(len(means) - 1, 0))
    return begin, means[begin:]


def stretch_peaks(probabilities: Probabilities, window: int, stride: int, stretch_s: float) -> Means:
    """The highest mean of each stretch of a stream, the last of which may be shorter."""
    means = window_means(probabilities, window)
    if not len(means):
        return means
    apart = max(round(stretch_s / inference_s(stride)), 1)
    peaks: Means = np.maximum.reduceat(means, np.arange(0, len(means), apart))
    return peaks
