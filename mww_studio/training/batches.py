"""What one training step is shown. A batch depends on the seed and the step alone, so a run can resume anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mww_studio.corpus.examples import PlacedExamples
from mww_studio.corpus.feature_store import Features
from mww_studio.presets import HardNegativeMining


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
class Batch:
    """``inputs``: uint16 [positives + negatives, frames, channels]; ``end_frames``: float [positives], the end of each
    word; ``hard``: bool [negatives], whether a negative was said alone as the word is, or was mined."""

    inputs: Features
    end_frames: npt.NDArray[np.float32]
    hard: npt.NDArray[np.bool_]


class Batches:
    """Draws batches from the examples. ``isolated``: streams in which something else is said alone, near their end."""

    def __init__(
        self,
        words: PlacedExamples,
        isolated: Sequence[PlacedExamples],
        negatives: Stream,
        *,
        sizes: tuple[int, int],
        shares: HardNegativeMining,
        seed: int,
    ) -> None:
        self._words, self.negatives = words, negatives
        self._isolated = [group.streams for group in isolated if len(group.streams)]
        self._sizes, self._shares, self._seed = sizes, shares, seed
        self.frames = words.streams.shape[1]
        # Frames of the negatives at which the model, when it last looked, was wrong.
        self.mined: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def draw(self, step: int) -> Batch:
        """The batch of one step."""
        rng = self.generator(step)
        positives, negatives = self._sizes
        chosen = rng.integers(len(self._words.streams), size=positives)
        hard = [self._alone(rng) for _ in range(round(negatives * self._shares.isolated_share)) if self._isolated]
        hard += [self._mistake(rng) for _ in range(round(negatives * self._shares.share)) if len(self.mined)]
        hard = hard[:negatives]  # two shares of a half, both rounded up
        plain = [self._anywhere(rng) for _ in range(negatives - len(hard))]
        return Batch(
            np.concatenate([self._words.streams[chosen], np.stack([*hard, *plain])]),
            self._words.end_frames[chosen],
            np.arange(negatives) < len(hard),
        )

    def generator(self, step: int) -> np.random.Generator:
        """The random numbers of one step."""
        return np.random.default_rng([self._seed, step])

    def _anywhere(self, rng: np.random.Generator) -> Features:
        return self.negatives.cut(int(rng.integers(self.negatives.frames)), self.frames)

    def _alone(self, rng: np.random.Generator) -> Features:
        sizes = np.array([len(group) for group in self._isolated])
        # Between an equal share for each group and one by its size: a few near-sounding phrases must be seen too.
        group = self._isolated[rng.choice(len(sizes), p=np.sqrt(sizes) / np.sqrt(sizes).sum())]
        return np.asarray(group[rng.integers(len(group))])

    def _mistake(self, rng: np.random.Generator) -> Features:
        mistake = int(self.mined[rng.integers(len(self.mined))])
        return self.negatives.cut(mistake - int(rng.integers(self.frames // 2)), self.frames)
