"""What one training step is shown. A batch depends on the seed and the step alone, so a run can resume anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mww_studio.corpus.examples import PlacedExamples
from mww_studio.corpus.feature_store import Features


class Stream:
    """Many recordings end to end, left where they are (on disk, for a store's features)."""

    def __init__(self, parts: Sequence[Features]) -> None:
        self._parts = [part for part in parts if len(part)]
        self._ends = np.cumsum([len(part) for part in self._parts])
        self.frames = int(self._ends[-1]) if self._parts else 0

    def cut(self, start: int, frames: int) -> Features:
        """``frames`` frames from ``start``, over the joints where need be. uint16 [frames, channels]."""
        pieces = []
        number = int(np.searchsorted(self._ends, start, side="right"))
        offset = start - (int(self._ends[number - 1]) if number else 0)
        while frames > 0:
            piece = np.asarray(self._parts[number][offset : offset + frames])
            pieces.append(piece)
            frames -= len(piece)
            number, offset = number + 1, 0
        return np.concatenate(pieces)


@dataclass(frozen=True)
class Batch:
    """``inputs``: uint16 [positives + negatives, frames, channels]; ``end_frames``: float [positives], the end of each
    word; ``hard``: bool [negatives], whether a negative is near-sounding or was mined."""

    inputs: Features
    end_frames: npt.NDArray[np.float32]
    hard: npt.NDArray[np.bool_]


class Batches:
    """Draws batches from the examples."""

    def __init__(
        self,
        positives: PlacedExamples,
        near: PlacedExamples,
        negatives: Stream,
        *,
        size: tuple[int, int],
        hard_share: float,
        seed: int,
    ) -> None:
        self._positives, self._near, self.negatives = positives, near, negatives
        self._size = size
        self._hard_share = hard_share
        self._seed = seed
        self.frames = positives.streams.shape[1]
        # Frames of the negatives at which the model, when it last looked, was wrong.
        self.mined: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def draw(self, step: int) -> Batch:
        """The batch of one step."""
        rng = self.generator(step)
        positives, negatives = self._size
        chosen = rng.integers(len(self._positives.streams), size=positives)
        hard = self._hard(rng, round(negatives * self._hard_share))
        plain = [self._plain(rng) for _ in range(negatives - len(hard))]
        return Batch(
            np.concatenate([self._positives.streams[chosen], np.stack([*hard, *plain])]),
            self._positives.end_frames[chosen],
            np.arange(negatives) < len(hard),
        )

    def generator(self, step: int) -> np.random.Generator:
        """The random numbers of one step."""
        return np.random.default_rng([self._seed, step])

    def _plain(self, rng: np.random.Generator) -> Features:
        return self.negatives.cut(int(rng.integers(self.negatives.frames - self.frames)), self.frames)

    def _hard(self, rng: np.random.Generator, wanted: int) -> list[Features]:
        """Up to ``wanted`` sequences: near-sounding phrases and what mining found, half and half where both are."""
        near, mined = len(self._near.streams), len(self.mined)
        if not near + mined:
            return []
        from_near = wanted if not mined else wanted // 2 if near else 0
        hard = [self._near.streams[rng.integers(near)] for _ in range(from_near)]
        for _ in range(wanted - from_near):
            place = int(self.mined[rng.integers(mined)]) - int(rng.integers(self.frames // 2))
            hard.append(self.negatives.cut(int(np.clip(place, 0, self.negatives.frames - self.frames)), self.frames))
        return hard
