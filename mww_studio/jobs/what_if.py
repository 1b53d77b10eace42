"""What another cut-off or window would give, from all that the model said: nothing is listened to again."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mww_studio.evaluation.detector import Detections, Probabilities, Streams
from mww_studio.evaluation.listening import Heard, HeardWord, slice_end_s
from mww_studio.evaluation.pairing import unmatched
from mww_studio.evaluation.peaks import Means, inference_at, inference_s, window_means, word_means
from mww_studio.evaluation.scorecard import FalseAccept, count_rate, detected_words, find_false_accepts
from mww_studio.evaluation.tail import PEAK_APART_S


@dataclass(frozen=True)
class Point:
    """What a cut-off gives. ``bound_per_hour``: with 95 % confidence there are fewer; None without other sound."""

    cutoff_byte: int
    window: int
    heard: int
    takes: int
    false_accepts: int
    hours: float
    bound_per_hour: float | None
    delay_median_s: float | None


@dataclass(frozen=True)
class Flips:
    """What changes between two cut-offs: takes by their ids, false accepts with their times."""

    newly_heard: tuple[str, ...]
    newly_missed: tuple[str, ...]
    new_false_accepts: tuple[FalseAccept, ...]
    gone_false_accepts: tuple[FalseAccept, ...]


@dataclass(frozen=True)
class Peak:
    """Where a stream came highest: the mean over the window (0 to 255) and when it did, in seconds of the stream."""

    id: str
    source: str
    time_s: float
    mean: float


class WhatIf:
    """One side's recordings, judged at any cut-off and window. Slow only where a window is new: a tenth of a second."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._streams: dict[int, tuple[Streams, Streams]] = {}

    def at(self, cutoff_byte: int, window: int) -> Point:
        """What this cut-off gives with this window."""
        words, ambience = self._fired(cutoff_byte, window)
        known = self.delays_s(cutoff_byte, window)
        rate = count_rate(self._heard.hours, len(ambience.slice))
        return Point(
            cutoff_byte=cutoff_byte,
            window=window,
            heard=len(detected_words(self._heard.words, words)),
            takes=len(self._heard.words),
            false_accepts=rate.false_accepts,
            hours=rate.hours,
            bound_per_hour=rate.high,
            delay_median_s=float(np.median(known)) if known else None,
        )

    def delays_s(self, cutoff_byte: int, window: int) -> list[float]:
        """How long after the end of the word each take is answered whose end is known, in seconds."""
        delays = detected_words(self._heard.words, self._fired(cutoff_byte, window)[0])
        return [delay for delay in delays.values() if delay is not None]

    def flips(self, from_byte: int, to_byte: int, window: int) -> Flips:
        """What another cut-off changes. A false accept that only moves a little is the same one."""
        before, after = self._fired(from_byte, window), self._fired(to_byte, window)
        heard_before, heard_after = (set(detected_words(self._heard.words, words)) for words, _ in (before, after))
        woke_before, woke_after = (find_false_accepts(self._heard, ambience) for _, ambience in (before, after))
        return Flips(
            newly_heard=self._names(heard_after - heard_before),
            newly_missed=self._names(heard_before - heard_after),
            new_false_accepts=unmatched(woke_after, woke_before),
            gone_false_accepts=unmatched(woke_before, woke_after),
        )

    def missed(self, cutoff_byte: int, window: int) -> list[Peak]:
        """The takes that are not heard, and where each came nearest, the nearest first."""
        words, _ = self._fired(cutoff_byte, window)
        heard = detected_words(self._heard.words, words)
        missed = [word for number, word in enumerate(self._heard.words) if number not in heard]
        peaks = [self._peak_of(word, window) for word in missed]
        return sorted(peaks, key=lambda peak: -peak.mean)

    def mistakes(self, cutoff_byte: int, window: int) -> list[Peak]:
        """The false accepts in their order, with the height that the mean reached."""
        _, ambience = self._fired(cutoff_byte, window)
        found = []
        for wrong in find_false_accepts(self._heard, ambience):
            means = self._means_of(wrong.id, window)
            around = inference_at(wrong.time_s, self._heard.stride), round(PEAK_APART_S / self._inference_s)
            near = means[max(0, around[0] - 1) : around[0] + around[1]]
            found.append(Peak(wrong.id, wrong.source, wrong.time_s, float(near.max(initial=0.0))))
        return found

    def nearest(self, count: int, cutoff_byte: int, window: int) -> list[Peak]:
        """The sounds without the wake word that came nearest to waking it and did not, the nearest first."""
        woke = self.mistakes(cutoff_byte, window)
        found: list[Peak] = []
        apart = max(round(PEAK_APART_S / self._inference_s), 1)
        for stream in self._heard.ambience:
            means = window_means(stream.probabilities, window)
            for start in range(0, len(means), apart):
                at = start + int(np.argmax(means[start : start + apart]))
                found.append(Peak(stream.id, stream.source, self._time_s(at), float(means[at])))
        found.sort(key=lambda peak: -peak.mean)
        near: list[Peak] = []
        for peak in found:
            if len(near) == count or peak.mean == 0:
                break
            if not any(peak.id == other.id and abs(peak.time_s - other.time_s) < PEAK_APART_S for other in near + woke):
                near.append(peak)
        return near

    @property
    def _inference_s(self) -> float:
        return inference_s(self._heard.stride)

    @cached_property
    def _ambience(self) -> dict[str, Probabilities]:
        return {stream.id: stream.probabilities for stream in self._heard.ambience}

    def _fired(self, cutoff_byte: int, window: int) -> tuple[Detections, Detections]:
        if window not in self._streams:
            self._streams[window] = (
                Streams([word.probabilities for word in self._heard.words], window, self._heard.stride),
                Streams([stream.probabilities for stream in self._heard.ambience], window, self._heard.stride),
            )
        words, ambience = self._streams[window]
        return words.detections(cutoff_byte), ambience.detections(cutoff_byte)

    def _names(self, numbers: set[int]) -> tuple[str, ...]:
        return tuple(self._heard.words[number].id for number in sorted(numbers))

    def _means_of(self, id_: str, window: int) -> Means:
        return window_means(self._ambience[id_], window)

    def _peak_of(self, word: HeardWord, window: int) -> Peak:
        begin, means = word_means(word, window, self._heard.stride)
        at = int(np.argmax(means)) if len(means) else 0
        return Peak(word.id, word.speaker or "", self._time_s(begin + at), float(means[at]) if len(means) else 0.0)

    def _time_s(self, inference: int) -> float:
        return slice_end_s((inference + 1) * self._heard.stride - 1)
