"""ESPHome's decision rule, exactly: probabilities in, detections out.

Source: ESPHome's micro_wake_word/streaming_model.cpp (constitution, article Detection). The device looks once per
10 ms slice. A slice that completes `stride` frames brings a new probability into the ring; in every slice the ignore
counter rises while the newest probability lies below the cut-off; and a probability that has not been judged yet is
judged as soon as the counter stands at zero, which may be in a slice without an inference.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law

Probabilities = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]

# Inferences that are looked at together, so that what is computed of each does not add up over hours.
_AT_ONCE = 1 << 17


def cutoff_byte(cutoff: float) -> int:
    """The byte that the firmware compares with: truncated, not rounded."""
    return int(law().detection.cutoff_multiplier * cutoff)


def byte_cutoff(byte: int) -> float:
    """The shortest cut-off of three decimals that the firmware turns into ``byte``."""
    return math.ceil(1000 * byte / law().detection.cutoff_multiplier) / 1000


def cutoff_bytes() -> range:
    """Every cut-off byte that can ever fire, from the most sensitive to the strictest."""
    return range(law().detection.min_cutoff_byte, law().detection.max_cutoff_byte + 1)


class Detector:
    """The device's detector as it runs, one probability at a time."""

    def __init__(self, cutoff_byte: int, sliding_window_size: int, stride: int) -> None:
        self._cutoff = cutoff_byte
        self._stride = stride
        self._ring = deque([0] * sliding_window_size, maxlen=sliding_window_size)
        self._ignore = -law().detection.ignore_slices
        self._unjudged = False

    @property
    def deaf(self) -> bool:
        """Whether it would refuse a detection now, as it does for a second after the start and after each one."""
        return self._ignore < 0

    def update(self, probability: int) -> bool:
        """Run the ``stride`` slices that end with this inference; True if one of them detects the wake word."""
        early = [self.slice() for _ in range(self._stride - 1)]
        return self.slice(probability) or any(early)

    def slice(self, probability: int | None = None) -> bool:
        """Run one 10 ms slice, with the probability of its inference if it has one; True on a detection."""
        if probability is not None:
            self._ring.append(probability)
            self._unjudged = True
        if self._ring[-1] < self._cutoff:
            self._ignore = min(self._ignore + 1, 0)
        if not self._unjudged or self._ignore < 0:
            return False
        self._unjudged = False
        size = len(self._ring)
        if sum(self._ring) <= self._cutoff * size:
            return False
        self._ring.extend([0] * size)
        self._ignore = -law().detection.ignore_slices
        return True


@dataclass(frozen=True, slots=True)
class Detections:
    """Where a set of streams fires: for each detection the stream's number and the slice in it, in stream order."""

    stream: Integers
    slice: Integers


class Streams:
    """Many recordings' probabilities, each from a fresh device, judged together at any cut-off.

    Behind a second without a high output the detector's state no longer depends on what came before. So the recordings
    fall into segments that are judged side by side, and in each of them it jumps from detection to detection instead of
    stepping through slices: all 254 cut-offs over hours of audio take seconds. Equal to :class:`Detector` in every
    slice.
    """

    def __init__(self, probabilities: Sequence[Probabilities], sliding_window_size: int, stride: int) -> None:
        self._window = sliding_window_size
        self._stride = stride
        lengths = np.array([len(stream) for stream in probabilities], np.int64)
        self._end = np.cumsum(lengths)
        self._start = self._end - lengths
        self._joined = np.concatenate([*probabilities, np.zeros(0, np.uint8)])
        # Most of an ambient recording exceeds no cut-off at all: only the rest is ever looked at again.
        found = [self._loud(begin) for begin in range(0, max(len(self._joined), 1), _AT_ONCE)]
        self._window_at, self._window_level, self._newest_at, self._newest_level, self._event_at, self._event_level = (
            np.concatenate(parts) for parts in zip(*found, strict=True)
        )

    def _loud(self, begin: int) -> tuple[npt.NDArray[Any], ...]:
        """Of some inferences: whose window, whose own output, and either of both exceeds any cut-off, and which."""
        newest = self._joined[begin : begin + _AT_ONCE]
        at = np.arange(begin, begin + len(newest))
        first = np.maximum(at + 1 - self._window, self._start[np.searchsorted(self._end, at, side="right")])
        earliest = max(begin - self._window, 0)
        total = np.concatenate([[0], np.cumsum(self._joined[earliest : begin + len(newest)], dtype=np.int64)])
        strictest = (total[at + 1 - earliest] - total[first - earliest] - 1) // self._window
        parts: list[npt.NDArray[Any]] = []
        for level in (strictest, newest, np.maximum(newest, strictest)):
            loud = np.flatnonzero(level >= law().detection.min_cutoff_byte)
            parts += [loud + begin, level[loud].astype(np.uint8)]
        return tuple(parts)

    def detections(self, cutoff_byte: int) -> Detections:
        """Every detection at one cut-off."""
        found_stream: list[Integers] = []
        found_slice: list[Integers] = []
        over = self._window_at[self._window_level >= cutoff_byte]
        if cutoff_byte in cutoff_bytes() and len(over):
            high = self._newest_at[self._newest_level >= cutoff_byte]
            low_before = high - np.arange(len(high))
            beyond = np.append(over, len(self._joined))
            stream, begin, fresh = self._segments(self._event_at[self._event_level >= cutoff_byte])
            stream_end = self._end[stream]
            end = np.minimum(np.append(begin[1:], len(self._joined)), stream_end)
            deaf, late = self._counter_at_zero(high, low_before, begin, np.full(len(begin), self._stride - 1))
            # In a fresh segment the counter is at zero and the ring is full.
            ready, late = np.where(fresh, begin, deaf), np.where(fresh, 0, late)
            first = np.where(fresh, begin - self._window, begin)
            while len(stream):
                fired, found = self._first_over(beyond, cutoff_byte, first, ready)
                late = np.where(fired == ready, late, 0)
                # Slices behind the last inference belong to leftover frames, which nobody judges.
                found &= (fired < end) & ((late == 0) | (fired < stream_end - 1))
                stream, stream_end, end, fired, late = (
                    values[found] for values in (stream, stream_end, end, fired, late)
                )
                found_stream.append(stream)
                found_slice.append((fired - self._start[stream] + 1) * self._stride - 1 + late)
                first = fired + 1
                ready, late = self._counter_at_zero(high, low_before, first, self._stride - 1 - late)
        streams = np.concatenate([*found_stream, np.zeros(0, np.int64)])
        slices = np.concatenate([*found_slice, np.zeros(0, np.int64)])
        order = np.lexsort((slices, streams))
        return Detections(streams[order], slices[order])

    def _segments(self, events: Integers) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
        """Stretches that can be judged alone: their stream, their first inference, and whether they begin fresh.

        ``events``: inferences whose output or window is high. A segment begins at an event before which there were
        none for so long that the counter stands at zero, or at the start of a stream, where it does not.
        """
        stream = np.searchsorted(self._end, events, side="right")
        start = self._start[stream]
        before = np.maximum(np.append(-1, events[:-1]), start - 1)
        quiet = max(-(-law().detection.ignore_slices // self._stride), self._window)
        fresh = events - before > quiet
        begins = fresh | (before < start)
        return stream[begins], np.where(fresh, events, start)[begins], fresh[begins]

    def _counter_at_zero(
        self, high: Integers, low_before: Integers, first: Integers, quiet: Integers
    ) -> tuple[Integers, Integers]:
        """The inference after which the ignore counter reaches zero, and how many slices after it.

        ``high``: inferences at or above the cut-off, in whose slices the counter stands still, and how many others
        lie before each of them. ``first``: the first inference after the reset; ``quiet``: slices between the reset
        and it, all of which count.
        """
        missing = np.maximum(law().detection.ignore_slices - quiet, 0)
        low_inferences = -(-missing // self._stride)
        rank = first - np.searchsorted(high, first) + low_inferences - 1
        at = rank + np.searchsorted(low_before, rank, side="right")
        late = (missing - 1) % self._stride
        return np.where(missing > 0, at, first), np.where(missing > 0, late, 0)

    def _first_over(
        self, over: Integers, cutoff_byte: int, first: Integers, ready: Integers
    ) -> tuple[Integers, npt.NDArray[np.bool_]]:
        """The first inference from ``ready`` on whose window exceeds the cut-off, and whether there is one.

        ``over``: all inferences whose windows do, before any reset is considered, and one behind the end.
        """
        last = len(over) - 1
        position = np.searchsorted(over[:last], ready)
        while True:
            fired = over[position]
            # A reset empties the ring, so soon after it the sum begins at `first`.
            emptied = (fired - first + 1 < self._window) & (position < last)
            emptied[emptied] = self._sum(first[emptied], fired[emptied]) <= cutoff_byte * self._window
            if not emptied.any():
                return fired, position < last
            position = position + emptied

    def _sum(self, first: Integers, last: Integers) -> Integers:
        """Of the outputs from ``first`` to ``last``, which are fewer than a window."""
        total = np.zeros(len(first), np.int64)
        for number in range(self._window):
            at = first + number
            total += np.where(at <= last, self._joined[np.minimum(at, last)], 0)
        return total


def detections(probabilities: Probabilities, cutoff_byte: int, sliding_window_size: int, stride: int) -> Integers:
    """The inferences (uint8 [n], one recording) in whose slices the device detects: those for which
    :meth:`Detector.update` returns True."""
    fired = Streams([probabilities], sliding_window_size, stride).detections(cutoff_byte)
    return np.unique(fired.slice // stride)
