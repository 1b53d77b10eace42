"""What is not the wake word, by where it comes from: so that hours of one source do not drown minutes of another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mww_studio.corpus.feature_store import Features


class Stream:
    """Many recordings end to end, left where they are (on disk, for a store's features)."""

    def __init__(self, parts: Sequence[Features]) -> None:
        self._parts = [part for part in parts if len(part)]
        self._ends = np.cumsum([len(part) for part in self._parts])
        self.frames = int(self._ends[-1]) if self._parts else 0

    def cut(self, start: int, frames: int) -> Features:
        """``frames`` frames from ``start``, over the joints where need be; after the last recording comes the first.

        uint16 [frames, channels].
        """
        pieces = []
        start %= self.frames
        number = int(np.searchsorted(self._ends, start, side="right"))
        offset = start - (int(self._ends[number - 1]) if number else 0)
        while frames > 0:
            piece = np.asarray(self._parts[number][offset : offset + frames])
            pieces.append(piece)
            frames -= len(piece)
            number, offset = (number + 1) % len(self._parts), 0
        return np.concatenate(pieces)


@dataclass(frozen=True)
class Source:
    """One source. ``weight``: how often it is drawn from beside others of the same length."""

    stream: Stream
    weight: float = 1.0


class Negatives:
    """Sources, each drawn from by its weight and the square root of its length.

    A place in them is one number: that of the frame, were all sources end to end.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = [source for source in sources if source.stream.frames]
        lengths = np.array([source.stream.frames for source in self._sources], np.int64)
        self._ends = np.cumsum(lengths)
        self.frames = int(lengths.sum())
        weights = np.sqrt(lengths) * [source.weight for source in self._sources]
        self._shares = weights / weights.sum()
        # What Generator.choice would add up anew for every draw.
        self._shares_up_to = np.cumsum(self._shares) / np.cumsum(self._shares)[-1]

    def draw(self, rng: np.random.Generator, frames: int) -> Features:
        """``frames`` frames from anywhere in a source. uint16 [frames, channels]"""
        chosen = np.searchsorted(self._shares_up_to, rng.random(), side="right")
        stream = self._sources[int(chosen)].stream
        return stream.cut(int(rng.integers(stream.frames)), frames)

    def cut(self, place: int, before: int, frames: int) -> Features:
        """``frames`` frames of the source in which ``place`` lies, from ``before`` frames before it on."""
        number = int(np.searchsorted(self._ends, place, side="right"))
        stream = self._sources[number].stream
        return stream.cut(place - int(self._ends[number]) + stream.frames - before, frames)

    def blocks(self, rng: np.random.Generator, longest: int, most: int) -> Iterator[tuple[int, Features]]:
        """About ``most`` frames, or all where there are fewer, in blocks of up to ``longest``, each with its place.

        Sources that are too long to be gone through give as much of ``most`` as they are drawn from.
        """
        begin = 0
        for source, end, share in zip(self._sources, self._ends.tolist(), self._shares, strict=True):
            starts = np.arange(begin, end, longest)
            if self.frames > most:
                count = max(round(share * most / longest), 1)
                starts = np.sort(rng.permutation(starts)[:count])
            for start in starts.tolist():
                yield start, source.stream.cut(start - begin, min(longest, end - start))
            begin = end
