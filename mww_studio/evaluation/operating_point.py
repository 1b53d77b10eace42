"""Chooses the cut-off and the sliding window that are shipped: on validation data, with a margin for the unseen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.evaluation.detector import Probabilities, Streams, byte_cutoff, cutoff_byte, cutoff_bytes
from mww_studio.evaluation.listening import Heard
from mww_studio.evaluation.scorecard import TARGET_PER_HOUR, Figures, Recall, count_detected, count_recall
from mww_studio.evaluation.tail import CONFIDENCE, PEAK_APART_S, Tail, fit_tail

Floats = npt.NDArray[np.float64]

DEFAULT_WINDOW = 5
WINDOWS = (5, 3, 4, 6, 7, 8, 9, 10)

_KEPT_RECALL = 0.8
# What the target may cost before an estimate of _RELAXED times the target is good enough.
_GOOD_RECALL = 0.9
_RELAXED = 2.0
# Where nothing is good enough, so many times the target is still better than to lose a clip by.
_BEARABLE = 10.0
# Held against ordinary talk that was not listened to, the middle estimate from a quarter of an hour was two to four
# times too high: real near misses thin out faster than exponentially.
_REAL_TAILS_ARE_LIGHTER = 2.0
# Half of the output byte's range. The training sets the output so that the target is expected there, which counts as
# much as so many hours of listening: estimates from a quarter of an hour alone were off by factors of up to twenty.
_LIKELY = 128
_PROMISED_HOURS = 0.35
# So many units of the logit further up, the promised rate is a third.
_PROMISED_SLOPE = 1.0

# Of so few clips all may be hard ones: a model that hears half of what is said misses three in a row one time in eight.
_TOO_FEW_CLIPS = 3

# With fewer sources than this, their streams are redrawn instead.
_ENOUGH_SOURCES = 4


class OperatingPoint(Figures):
    """A cut-off and a window, and what they gave and promise on the validation data.

    ``reached``: whether the middle estimate of false accepts meets the target. ``sentence`` says it to a person.
    """

    cutoff: float
    sliding_window_size: int
    reached: bool
    target_per_hour: float
    estimated_per_hour_high: float
    false_accepts: int
    hours: float
    recall: Recall
    sentence: str


@dataclass(frozen=True)
class _Candidate:
    byte: int
    window: int
    detected: int
    false_accepts: int
    estimate: float
    expected: float


def choose_operating_point(
    heard: Heard, target_per_hour: float = TARGET_PER_HOUR, windows: Sequence[int] = WINDOWS
) -> OperatingPoint:
    """The cut-off and the window that detect the most clips among those that meet the target.

    A cut-off meets the target when the middle estimate from the tail of near misses (see
    :mod:`mww_studio.evaluation.tail`) is not above it, drawn towards what training promised where little was listened
    to, and neither is what the false accepts show by themselves. The upper estimate, given
    beside it, would cost a third of the recall. Where several are equally good, the most sensitive one is taken,
    because few clips do not show what a stricter one would miss; of windows, the earlier in ``windows``.
    Where that would cost much of the recall, an estimate of twice the target is accepted: it is not known that well.
    When nothing that meets even that detects any clip, the strictest cut-off that keeps most of the recall is given,
    with ``reached`` False: a model that answers too often shows what is wrong with it, a deaf one does not. What it
    answers more than ten times as often as wanted counts only where it detects nothing else. Three clips or fewer
    cannot show that a model is deaf.
    """
    candidates = [
        candidate for window in windows for candidate in _candidates(heard, window, cutoff_bytes(), target_per_hour)
    ]
    most = max(one.detected for one in candidates)
    hearing = [one for one in candidates if one.detected or len(heard.words) <= _TOO_FEW_CLIPS]
    meeting = [one for one in hearing if one.expected <= target_per_hour]
    if max((one.detected for one in meeting), default=0) < _GOOD_RECALL * most:
        meeting = [one for one in hearing if one.expected <= _RELAXED * target_per_hour]
    if meeting:
        chosen = _most_sensitive(meeting)
    else:
        chosen = _strictest_useful(
            [one for one in hearing if one.expected <= _BEARABLE * target_per_hour] or candidates
        )
    sentence = _sentence(bool(meeting), chosen, len(heard.words), heard.hours, target_per_hour)
    return _operating_point(heard, chosen, target_per_hour, sentence)


def _strictest_useful(candidates: Sequence[_Candidate]) -> _Candidate:
    """The one with the lowest estimate that keeps most of what is detected."""
    most = max(one.detected for one in candidates)
    useful = [one for one in candidates if one.detected >= _KEPT_RECALL * most]
    return min(useful, key=lambda one: (one.estimate, -one.detected))


def operating_point_at(
    heard: Heard, cutoff: float, sliding_window_size: int, target_per_hour: float = TARGET_PER_HOUR
) -> OperatingPoint:
    """The same figures for a cut-off that a person chose."""
    (chosen,) = _candidates(heard, sliding_window_size, [cutoff_byte(cutoff)], target_per_hour)
    sentence = (
        f"This cut-off was chosen by hand: {chosen.detected} of {len(heard.words)} clips are detected, with"
        f" {chosen.false_accepts} false accepts in {heard.hours:.1f} h."
    )
    return _operating_point(heard, chosen, target_per_hour, sentence)


def _operating_point(heard: Heard, chosen: _Candidate, target_per_hour: float, sentence: str) -> OperatingPoint:
    return OperatingPoint(
        cutoff=byte_cutoff(chosen.byte),
        sliding_window_size=chosen.window,
        reached=chosen.expected <= target_per_hour,
        target_per_hour=target_per_hour,
        estimated_per_hour_high=chosen.estimate,
        false_accepts=chosen.false_accepts,
        hours=heard.hours,
        recall=count_recall(len(heard.words), chosen.detected),
        sentence=sentence,
    )


def _most_sensitive(candidates: Sequence[_Candidate]) -> _Candidate:
    """Of those that detect the most, the lowest that is likely: the estimate has the margin for the unseen already."""
    most = max(one.detected for one in candidates)
    best = [one for one in candidates if one.detected == most]
    same_window = [one for one in best if one.window == best[0].window]
    return next((one for one in same_window if one.byte >= _LIKELY), same_window[-1])


def _candidates(heard: Heard, window: int, bytes_: Sequence[int], target_per_hour: float) -> list[_Candidate]:
    words = Streams([word.probabilities for word in heard.words], window, heard.stride)
    ambience = Streams([stream.probabilities for stream in heard.ambience], window, heard.stride)
    tail = _tail(heard, window)
    found = []
    for byte in bytes_:
        false_accepts = len(ambience.detections(byte).slice)
        seen = false_accepts / heard.hours if heard.hours else 0.0
        estimate, middle = (
            tail.rate_above(_logit(byte), confidence) if tail else np.inf for confidence in (CONFIDENCE, 0.5)
        )
        expected = _believed(middle / _REAL_TAILS_ARE_LIGHTER, byte, heard.hours, target_per_hour)
        found.append(
            _Candidate(
                byte=byte,
                window=window,
                detected=count_detected(heard.words, words.detections(byte)),
                false_accepts=false_accepts,
                estimate=max(seen, estimate),
                expected=max(expected, _certain(false_accepts, heard.hours, target_per_hour)),
            )
        )
    return found


def _certain(false_accepts: int, hours: float, target_per_hour: float) -> float:
    """The rate that the false accepts show by themselves: of little sound the least that they leave likely."""
    if hours * target_per_hour >= 1:
        return false_accepts / hours
    return max(false_accepts - 2 * false_accepts**0.5, 0.0) / hours if hours else 0.0


def _believed(heard_rate: float, byte: int, hours: float, target_per_hour: float) -> float:
    """The rate that listening for ``hours`` tells, drawn towards the one that training promised at this cut-off."""
    if not hours:
        return heard_rate
    promised = target_per_hour * np.exp((_logit(_LIKELY) - _logit(byte)) / _PROMISED_SLOPE)
    share = hours / (hours + _PROMISED_HOURS)
    return float(np.exp(share * np.log(max(heard_rate, 1e-9)) + (1 - share) * np.log(promised)))


def _tail(heard: Heard, window: int) -> Tail | None:
    if not heard.hours:
        return None
    sources = {stream.source for stream in heard.ambience}
    by_source = len(sources) >= _ENOUGH_SOURCES
    peaks: dict[str, list[Floats]] = {}
    hours: dict[str, float] = {}
    for number, stream in enumerate(heard.ambience):
        name = stream.source if by_source else str(number)
        peaks.setdefault(name, []).append(_peaks(stream.probabilities, window, heard.stride))
        hours[name] = hours.get(name, 0.0) + stream.hours
    return fit_tail([np.concatenate(peaks[name]) for name in hours], list(hours.values()), floor=_logit(0))


def _peaks(probabilities: Probabilities, window: int, stride: int) -> Floats:
    """The highest window means, as logits, of stretches so long that one event seldom reaches into two."""
    if len(probabilities) < window:
        return np.zeros(0)
    total = np.concatenate([[0], np.cumsum(probabilities, dtype=np.int64)])
    means = (total[window:] - total[:-window]) / window
    apart = round(PEAK_APART_S * 1000 / law().frontend.step_ms / stride)
    return _logits(np.maximum.reduceat(means, np.arange(0, len(means), max(apart, 1))))


def _logit(level: float) -> float:
    """A cut-off byte on the scale on which the model works."""
    return float(_logits(np.array(level)))


def _logits(levels: Floats) -> Floats:
    """Window means, 0..255, on that scale."""
    shares = (levels + 0.5) / law().output.levels
    logits: Floats = np.log(shares / (1 - shares))
    return logits


def _sentence(reached: bool, chosen: _Candidate, clips: int, hours: float, target_per_hour: float) -> str:
    found = f"{chosen.detected} of {clips} clips are detected, with {chosen.false_accepts} false accepts"
    if reached:
        return (
            f"At this cut-off {found} in {hours:.1f} h; about {max(chosen.expected, 0.01):.2g} an hour are to be"
            f" expected, {chosen.estimate:.2g} if the sound was kinder than usual."
        )
    if not hours:
        return "There is no sound without the wake word to choose a cut-off on; the strictest one was taken."
    return (
        f"No cut-off keeps false accepts to {target_per_hour:g} an hour; at the strictest usable one {found}"
        f" in {hours:.1f} h. More varied sound without the wake word, used in training, is what helps."
    )
