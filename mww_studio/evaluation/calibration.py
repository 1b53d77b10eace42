"""How well a model tells the wake word from other sound, whatever the cut-off, and what its certainty is worth.

A curve needs things that are counted once. A take counts once, with the highest mean over the sliding window from the
beginning of the word to a second after the take. Other sound is cut into stretches of two seconds, and each counts once
with its highest mean. So the score is not the probability of one inference but the number that the device compares with
its cut-off.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.evaluation.listening import Heard
from mww_studio.evaluation.peaks import stretch_peaks, word_means
from mww_studio.evaluation.scorecard import Figures, Recall, count_recall
from mww_studio.evaluation.tail import PEAK_APART_S

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STRETCH_S = PEAK_APART_S
BINS = 10
DRAWS = 200

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Scores:
    """How sure a model was, once for each take and each stretch.

    ``word``: int64 [n], 1 for a take. ``mean``: float64 [n], the highest mean over the window, 0 to 255.
    ``recording``: int64 [n], the number of the take or of the recording from which the stretch is.
    """

    word: Integers
    mean: Floats
    recording: Integers

    @property
    def score(self) -> Floats:
        """The same on the scale of cut-offs, 0 to 1."""
        return self.mean / law().detection.cutoff_multiplier

    @property
    def takes(self) -> int:
        """How many takes are counted."""
        return int(self.word.sum())

    @property
    def stretches(self) -> int:
        """How many stretches of other sound are counted."""
        return len(self.word) - self.takes


class Measured(Figures):
    """A figure with the 95 % interval that redrawing the takes and the recordings gives."""

    value: float
    low: float
    high: float


class Line(Figures):
    """A curve of points; x and y from 0 to 1."""

    x: tuple[float, ...]
    y: tuple[float, ...]


class Dot(Figures):
    """What the shipped cut-off gives: the share of the takes, and of the stretches, that come above it."""

    takes: float
    stretches: float
    precision: float


class CertaintyBin(Figures):
    """The takes and stretches with a score above ``low`` and not above ``high``.

    ``said``: their mean score; ``share``: how many of them were takes, with Wilson's interval.
    """

    low: float
    high: float
    said: float
    share: Recall


class Separation(Figures):
    """ROC, precision and recall, DET and calibration, on takes and stretches.

    ``roc``: x the share of stretches above a cut-off, y of takes. ``precision``: x the share of takes above it, y how
    many of all above it are takes. ``det``: x as in the ROC, y the share of takes that are not above. ``brier``: the
    mean squared distance of the score from 1 for takes and from 0 for stretches; ``brier_of_share``: that of always
    saying the share of takes.
    """

    takes: int
    stretches: int
    stretch_s: float
    roc: Line
    precision: Line
    det: Line
    dot: Dot
    area: Measured
    average_precision: Measured
    equal_error: float
    brier: Measured
    brier_of_share: float
    bins: tuple[CertaintyBin, ...]


def scores_of(heard: Heard, window: int) -> Scores:
    """The scores of all that a model heard."""
    peaks = [word_means(word, window, heard.stride)[1].max(initial=0.0) for word in heard.words]
    stretches = [stretch_peaks(one.probabilities, window, heard.stride, STRETCH_S) for one in heard.ambience]
    others = [np.full(len(one), len(peaks) + number) for number, one in enumerate(stretches)]
    return Scores(
        word=np.repeat([1, 0], [len(peaks), sum(map(len, stretches))]),
        mean=np.concatenate([np.array(peaks, np.float64), *stretches]),
        recording=np.concatenate([np.arange(len(peaks)), *others]).astype(np.int64),
    )


def measure_separation(scores: Scores, cutoff_byte: int) -> Separation | None:
    """What the scores show; None where there is no take or no other sound."""
    from sklearn import metrics  # a second to load

    if not scores.takes or not scores.stretches:
        return None
    word, score = scores.word, scores.score
    wrong, right, _ = metrics.roc_curve(word, score)
    precise, found, _ = metrics.precision_recall_curve(word, score, drop_intermediate=True)
    false, missed, _ = metrics.det_curve(word, score)
    over = scores.mean > cutoff_byte
    takes, stretches = over[word == 1], over[word == 0]
    share = scores.takes / len(word)
    area, average, brier = _measured(scores)
    return Separation(
        takes=scores.takes,
        stretches=scores.stretches,
        stretch_s=STRETCH_S,
        roc=_line(wrong, right),
        precision=_line(found, precise),
        det=_line(false, missed),
        dot=Dot(
            takes=float(takes.mean()),
            stretches=float(stretches.mean()),
            precision=float(takes.sum() / over.sum()) if over.any() else 1.0,
        ),
        area=area,
        average_precision=average,
        equal_error=_equal_error(false, missed),
        brier=brier,
        brier_of_share=share * (1 - share),
        bins=_bins(word, score),
    )


def _line(x: Floats, y: Floats) -> Line:
    return Line(x=tuple(x.tolist()), y=tuple(y.tolist()))


def _equal_error(false: Floats, missed: Floats) -> float:
    """Where as large a share of the takes is missed as of the stretches comes through, between the nearest points.

    Along both, the cut-off rises: fewer stretches come through, and more takes are missed.
    """
    gap = missed - false
    after = int(np.searchsorted(gap, 0.0))
    if after in (0, len(gap)):
        nearest = min(after, len(gap) - 1)
        return float((false[nearest] + missed[nearest]) / 2)
    before = after - 1
    part = -gap[before] / (gap[after] - gap[before])
    return float(missed[before] + part * (missed[after] - missed[before]))


def _measured(scores: Scores) -> list[Measured]:
    """Area under the ROC, average precision, Brier score; and between what they lie when takes and recordings are drawn
    again, each as often as by chance."""
    # Means over a window of bytes are few: what is equal is counted together, or days of sound would take minutes.
    levels, level = np.unique(scores.score, return_inverse=True)
    takes, recordings = scores.takes, int(scores.recording.max()) + 1
    rng = np.random.default_rng(0)

    def counted(weight: Floats, word: int) -> Floats:
        side = scores.word == word
        counts = np.bincount(level[side], weights=weight[scores.recording[side]], minlength=len(levels))
        return counts.astype(np.float64)

    weights = [np.ones(recordings)]
    weights += [np.append(_redrawn(takes, rng), _redrawn(recordings - takes, rng)) for _ in range(DRAWS)]
    said, others = (np.stack([counted(weight, word) for weight in weights]) for word in (1, 0))
    drawn = others.any(axis=1)  # none where the only recording with stretches was not drawn
    figures = _figures(levels, said[drawn], others[drawn])
    ends = ((1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2)
    measured = []
    for values in figures:
        value, (low, high) = float(values[0]), np.quantile(values[1:], ends) if len(values) > 1 else values[[0, 0]]
        measured.append(Measured(value=value, low=min(float(low), value), high=max(float(high), value)))
    return measured


def _figures(levels: Floats, said: Floats, others: Floats) -> tuple[Floats, Floats, Floats]:
    """The three figures of each draw, from how many takes and stretches have which score: [draws, levels].

    As scikit-learn has them, whose functions take one draw and its time.
    """
    all_said, all_others = (counts.sum(axis=1, keepdims=True) for counts in (said, others))
    above = np.cumsum(said[:, ::-1], axis=1)[:, ::-1]
    above_or_others = above + np.cumsum(others[:, ::-1], axis=1)[:, ::-1]
    area = (others * (above - said / 2)).sum(axis=1, keepdims=True) / (all_said * all_others)
    precision = np.divide(above, above_or_others, out=np.zeros_like(above), where=above_or_others > 0)
    average = (said * precision).sum(axis=1, keepdims=True) / all_said
    brier = (said @ (1 - levels) ** 2 + others @ levels**2) / (all_said + all_others)[:, 0]
    return area[:, 0], average[:, 0], brier


def _redrawn(count: int, rng: np.random.Generator) -> Floats:
    """How often each of them is drawn when as many are drawn as there are."""
    drawn: Floats = np.bincount(rng.integers(count, size=count), minlength=count).astype(np.float64)
    return drawn


def _bins(word: Integers, score: Floats) -> tuple[CertaintyBin, ...]:
    edges = np.linspace(0, 1, BINS + 1)
    number = np.searchsorted(edges[1:-1], score)
    found = []
    for at in np.unique(number):
        inside = number == at
        share = count_recall(int(inside.sum()), int(word[inside].sum()))
        found.append(
            CertaintyBin(low=float(edges[at]), high=float(edges[at + 1]), said=float(score[inside].mean()), share=share)
        )
    return tuple(found)
