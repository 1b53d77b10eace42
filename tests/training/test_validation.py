from collections.abc import Sequence

import numpy as np
import pytest
from tiny_training import SMALL

from mww_studio.evaluation.detector import Streams, cutoff_byte
from mww_studio.training.mixednet import MixedNet
from mww_studio.training.validation import (
    Validation,
    ValidationSet,
    believed_threshold,
    false_accept_threshold,
    validate,
)

HOUR_OUTPUTS = 120_000


def noise(outputs: int, seed: int = 1) -> np.ndarray:
    """Logits whose window means have an exponential tail, as those of real talk have."""
    rng = np.random.default_rng(seed)
    logits = np.full(outputs, -8.0)
    for place in rng.integers(0, outputs - 5, outputs // 300):
        logits[place : place + 5] = np.maximum(logits[place : place + 5], -6 + rng.exponential(1.5))
    return logits.astype(np.float32)


def exceeded(logits: np.ndarray, threshold: float) -> int:
    """How often a device with this threshold would fire."""
    probabilities = np.clip(np.rint(256 / (1 + np.exp(threshold - logits))), 0, 255).astype(np.uint8)
    return len(Streams([probabilities], 5, 3).detections(cutoff_byte(0.5)).stream)


@pytest.mark.parametrize("target", [0.5, 4.0])
def test_the_threshold_gives_the_target_on_what_was_not_heard(target: float) -> None:
    rates = []
    for seed in range(6):
        threshold = false_accept_threshold([noise(HOUR_OUTPUTS, seed)], 1.0, target)
        rates.append(np.mean([exceeded(noise(HOUR_OUTPUTS, 100 + n), threshold) for n in range(4)]))
    assert target / 4 < np.mean(rates) < target * 4


def test_fewer_false_accepts_need_a_higher_threshold() -> None:
    streams = [noise(20_000, n) for n in range(3)]
    thresholds = [false_accept_threshold(streams, 0.5, target) for target in (10.0, 1.0, 0.1)]
    assert thresholds == sorted(thresholds)
    assert thresholds[2] > thresholds[0] + 1


@pytest.mark.parametrize("streams", [[], [np.zeros(0, np.float32)], [np.zeros(4, np.float32)]])
def test_nothing_to_hear_gives_the_middle(streams: list[np.ndarray]) -> None:
    assert false_accept_threshold(streams, 0.1, 0.5) == 0.0


def test_a_stream_of_equal_outputs_has_a_finite_threshold() -> None:
    assert false_accept_threshold([np.full(500, 3.0, np.float32)], 0.1, 0.5) == pytest.approx(3.0, abs=0.1)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> MixedNet:
    """A model whose logit is the first channel of the newest frame minus 100."""

    def logits(_: MixedNet, streams: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [stream[2::3, 0].astype(np.float32) - 100 for stream in streams]

    monkeypatch.setattr("mww_studio.training.validation.stream_logits", logits)
    return MixedNet(SMALL)


def spoken(level: float, start: int = 240, end: int = 270) -> np.ndarray:
    stream = np.full((360, 40), 92, np.uint16)
    stream[start:end, 0] = level + 100
    return stream


def examined(words: list[np.ndarray], judged: MixedNet) -> Validation:
    others = [np.full((12_000, 40), 92, np.uint16) for _ in range(2)]
    others[1][6000:6030, 0] = 120
    return validate(judged, ValidationSet(words, [255.0] * len(words), others), 0.5)


def test_words_above_the_threshold_are_heard(judged: MixedNet) -> None:
    result = examined([spoken(60), spoken(60), spoken(-7)], judged)
    assert -8 < result.threshold < 40
    assert result.recall == pytest.approx(2 / 3)
    assert result.typical == 60
    assert 2 / 3 < result.score < 0.8
    assert result.false_accepts_per_hour == pytest.approx(15)


def test_better_words_score_better_though_recall_is_the_same(judged: MixedNet) -> None:
    low, high = (examined([spoken(level)] * 4, judged) for level in (28, 33))
    assert low.recall == high.recall
    assert low.score < high.score


def test_a_word_that_is_heard_too_late_does_not_score(judged: MixedNet) -> None:
    late = examined([np.concatenate([spoken(-8), spoken(60)])], judged)
    assert late.typical == -8


def test_no_words_score_nothing(judged: MixedNet) -> None:
    result = examined([], judged)
    assert (result.recall, result.score) == (0.0, 0.0)


def test_little_sound_says_little_about_the_threshold() -> None:
    usual = believed_threshold(9.0, 0.0)
    minutes, hours = believed_threshold(9.0, 0.15), believed_threshold(9.0, 20.0)
    assert usual < minutes < (usual + 9.0) / 2
    assert hours == pytest.approx(9.0, abs=0.4)
    assert believed_threshold(usual, 0.15) == pytest.approx(usual)
