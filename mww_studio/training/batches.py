"""What one training step is shown. A batch depends on the seed and the step alone, so a run can resume anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mww_studio.corpus.examples import PlacedExamples
from mww_studio.corpus.feature_store import Features
from mww_studio.training.negatives import Negatives


@dataclass(frozen=True)
class Portion:
    """Examples of one kind, and which part of a batch's positives, or of its negatives, they are."""

    examples: PlacedExamples
    share: float


@dataclass(frozen=True)
class Mistakes:
    """Places in the negatives at which the model, when it last looked, was wrong; and how often each is drawn."""

    places: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]

    @classmethod
    def none(cls) -> "Mistakes":
        """Before it looked."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.float32))


@dataclass(frozen=True)
class Batch:
    """``inputs``: uint16 [positives + negatives, frames, channels]; ``end_frames``: float [positives], the end of each
    word; ``hard``: bool [negatives], whether a negative was said alone as the word is, or was mined."""

    inputs: Features
    end_frames: npt.NDArray[np.float32]
    hard: npt.NDArray[np.bool_]


class Batches:
    """Draws batches from the examples.

    ``words``: portions of the positives, of which the whole is shared out. ``isolated``: portions of the negatives in
    which something else is said alone, near the end. ``mined_share``: the part of the negatives that are mistakes.
    """

    def __init__(
        self,
        words: Sequence[Portion],
        isolated: Sequence[Portion],
        negatives: Negatives,
        *,
        sizes: tuple[int, int],
        mined_share: float,
        seed: int,
    ) -> None:
        self._words = [portion for portion in words if len(portion.examples.streams) and portion.share]
        self._isolated = [portion for portion in isolated if len(portion.examples.streams)]
        self.negatives = negatives
        self._sizes, self._mined_share, self._seed = sizes, mined_share, seed
        self.frames = self._words[0].examples.streams.shape[1]
        self.mistakes = Mistakes.none()

    def draw(self, step: int) -> Batch:
        """The batch of one step."""
        rng = self.generator(step)
        positives, negatives = self._sizes
        inputs, ends = zip(*self._said(rng, positives), strict=True)
        hard = [stream for portion in self._isolated for stream in self._alone(rng, portion)]
        if len(self.mistakes.places):
            hard += [self._mistake(rng) for _ in range(_whole(rng, negatives * self._mined_share))]
        hard = hard[:negatives]  # shares that were all rounded up
        plain = [self.negatives.draw(rng, self.frames) for _ in range(negatives - len(hard))]
        return Batch(np.stack([*inputs, *hard, *plain]), np.array(ends, np.float32), np.arange(negatives) < len(hard))

    def generator(self, step: int) -> np.random.Generator:
        """The random numbers of one step."""
        return np.random.default_rng([self._seed, step])

    def _said(self, rng: np.random.Generator, count: int) -> list[tuple[Features, float]]:
        shares = np.array([portion.share for portion in self._words])
        counts = np.floor(count * np.cumsum(shares) / shares.sum() + rng.random())
        counts[-1] = count
        drawn = []
        for portion, number in zip(self._words, np.diff(np.minimum(counts, count), prepend=0), strict=True):
            streams, ends = portion.examples.streams, portion.examples.end_frames
            drawn += [(streams[at], float(ends[at])) for at in rng.integers(len(streams), size=int(number))]
        return drawn

    def _alone(self, rng: np.random.Generator, portion: Portion) -> list[Features]:
        streams = portion.examples.streams
        count = _whole(rng, self._sizes[1] * portion.share)
        return [np.asarray(streams[at]) for at in rng.integers(len(streams), size=count)]

    def _mistake(self, rng: np.random.Generator) -> Features:
        weights = self.mistakes.weights.astype(np.float64)
        place = int(self.mistakes.places[rng.choice(len(weights), p=weights / weights.sum())])
        return self.negatives.cut(place, int(rng.integers(self.frames // 2)), self.frames)


def _whole(rng: np.random.Generator, number: float) -> int:
    """A whole number that is ``number`` in the mean."""
    return int(number + rng.random())
