"""What a model is worth to a search: one number from the validation side, and the intervals that many tries widen."""

import math
from collections.abc import Sequence

import numpy as np

from mww_studio.constitution.articles import law
from mww_studio.evaluation.detector import Streams, cutoff_byte
from mww_studio.evaluation.listening import Heard
from mww_studio.evaluation.operating_point import OperatingPoint, choose_operating_point
from mww_studio.evaluation.peaks import word_means
from mww_studio.evaluation.scorecard import Recall, count_detected, count_rate, count_recall, judge
from mww_studio.evaluation.statistics import wilson
from mww_studio.jobs.tuning_records import Judged, Measured

# What the upper estimate of mistakes costs for each time that it is e times the target: a margin, in recall.
_MARGIN = 0.05
_UNREACHED = 0.1
_DOUBT = 0.05


def judged(heard: Heard, noisy: Heard | None, target_per_hour: float, windows: Sequence[int]) -> Judged:
    """The worth of a model at the cut-off and window that would be shipped for this target.

    The mean, over the takes as they are and amid noise, of which part is heard and of how far each lies above the
    cut-off, so that few takes still tell good models apart; less a margin for the upper estimate of mistakes, and less
    a tenth where even the middle one misses the target.
    """
    point = choose_operating_point(heard, target_per_hour, windows)
    sides = [heard] if noisy is None else [heard, noisy]
    answered = np.mean([(_recall(side, point).recall + _sureness(side, point)) / 2 for side in sides])
    excess = math.log(max(point.estimated_per_hour_high / target_per_hour, 1.0))
    value = float(answered) - _MARGIN * excess - (0.0 if point.reached else _UNREACHED)
    return Judged(value=value, point=point, noisy=None if noisy is None else _recall(noisy, point))


def proven(point: OperatingPoint, target_per_hour: float, target_recall: float, models: int) -> bool:
    """Whether both targets are met at the unlucky end of what was measured, with ``models`` to choose from."""
    low = widened(point.recall, models).low
    return low >= target_recall and point.estimated_per_hour_high <= target_per_hour


def widened(recall: Recall, models: int) -> Recall:
    """The recall with an interval that holds for the best of so many models: each is given its share of the doubt."""
    low, high = wilson(recall.detected, recall.clips, 1 - _DOUBT / max(models, 1))
    return recall.model_copy(update={"low": low, "high": high})


def on_validation(point: OperatingPoint, models: int = 1) -> Measured:
    """What a cut-off that was chosen on the validation side gave there."""
    rate = count_rate(point.hours, point.false_accepts)
    return Measured(
        recall=widened(point.recall, models), false_accepts=rate, expected_high=point.estimated_per_hour_high
    )


def on_test(heard: Heard, point: OperatingPoint) -> Measured:
    """What the same cut-off gives on the test side."""
    card = judge(heard, point.cutoff, point.sliding_window_size, point.target_per_hour)
    return Measured(recall=card.recall, false_accepts=card.false_accepts)


def _recall(heard: Heard, point: OperatingPoint) -> Recall:
    words = Streams([word.probabilities for word in heard.words], point.sliding_window_size, heard.stride)
    return count_recall(len(heard.words), count_detected(heard.words, words.detections(cutoff_byte(point.cutoff))))


def _sureness(heard: Heard, point: OperatingPoint) -> float:
    """How far the takes lie above the cut-off: the mean of a half at it, 1 far above, 0 far below."""
    if not heard.words:
        return 0.0
    peaks = [word_means(word, point.sliding_window_size, heard.stride)[1].max(initial=0.0) for word in heard.words]
    above = _logits(np.array(peaks)) - _logits(np.array(float(cutoff_byte(point.cutoff))))
    return float(np.mean(1 / (1 + np.exp(-above))))


def _logits(levels: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    shares = (levels + 0.5) / law().output.levels
    logits: np.typing.NDArray[np.float64] = np.log(shares / (1 - shares))
    return logits
