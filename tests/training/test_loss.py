import numpy as np
import pytest
import tensorflow as tf

from mww_studio.presets import Model, Phase
from mww_studio.training.loss import Losses, detection_loss, output_times

MODEL = Model()
OUTPUTS = 63
TIMES = output_times(MODEL, OUTPUTS)
END = 300.0
PHASE = Phase(steps=1, learning_rate=1e-3, final_learning_rate=1e-3)


def loss(
    word: np.ndarray, other: np.ndarray, *, hard: bool = False, phase: Phase = PHASE, smoothing: float = 0.0
) -> Losses:
    return detection_loss(
        tf.constant(np.stack([word, other]), tf.float32),
        tf.constant([END]),
        TIMES,
        tf.constant([hard]),
        phase,
        smoothing,
    )


def outputs(level: float = -6.0, *, high_from: float = 0.0, high_to: float = 0.0, high: float = 6.0) -> np.ndarray:
    """Logits that are ``high`` at the outputs whose sound ends in this range of slices after the word."""
    after = TIMES.numpy() - END
    return np.where((after >= high_from) & (after < high_to), high, level)


def test_times_are_when_the_sound_of_each_output_ends() -> None:
    # Output 0 has seen 170 frames: the last begins at slice 169 and is 3 slices long.
    assert TIMES.numpy()[0] == 172
    np.testing.assert_array_equal(np.diff(TIMES.numpy()), 3)


def gradients(word: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    logits = tf.Variable(np.stack([word, other]), dtype=tf.float32)
    with tf.GradientTape() as tape:
        total = detection_loss(logits, tf.constant([END]), TIMES, tf.constant([False]), PHASE, 0.0).total
    gradient = tf.convert_to_tensor(tape.gradient(total, logits)).numpy()
    return gradient[0], gradient[1]


def test_learning_raises_the_word_after_its_end_and_lowers_all_else() -> None:
    rng = np.random.default_rng(0)
    word, other = gradients(rng.normal(0, 1, OUTPUTS), rng.normal(0, 1, OUTPUTS))
    after = TIMES.numpy() - END
    assert np.all(word[(after >= 3) & (after <= 18)] < 0)
    assert word[after < -30].max() > 0
    assert word[after < -30].min() >= 0
    # Between the word's middle and its end the output may do as it likes; so it may long after.
    free = (after >= -30) & (after < -15)
    np.testing.assert_array_equal(word[free], 0)
    np.testing.assert_array_equal(word[after > 45], 0)
    assert np.all(other > 0)


def test_the_highest_outputs_of_other_sound_count_most() -> None:
    other = np.full(OUTPUTS, -2.0)
    other[20] = 3.0
    _, gradient = gradients(outputs(), other)
    assert gradient.argmax() == 20
    assert gradient[20] > 10 * np.median(gradient)


@pytest.mark.parametrize(("high_from", "high_to"), [(0, 18), (10, 28), (30, 46), (-14, 4)])
def test_a_detection_within_the_allowed_time_is_found(high_from: float, high_to: float) -> None:
    silent = loss(outputs(), outputs()).positive.numpy()
    heard = loss(outputs(high_from=high_from, high_to=high_to), outputs()).positive.numpy()
    assert heard < silent - 2


@pytest.mark.parametrize(("high_from", "high_to"), [(-60, -42), (60, 78)])
def test_a_detection_outside_it_is_not(high_from: float, high_to: float) -> None:
    silent = loss(outputs(), outputs()).positive.numpy()
    heard = loss(outputs(high_from=high_from, high_to=high_to), outputs()).positive.numpy()
    assert heard == pytest.approx(silent)


def test_firing_early_costs() -> None:
    punctual = loss(outputs(high_from=0, high_to=20), outputs()).total.numpy()
    early = loss(outputs(high_from=-80, high_to=20), outputs()).total.numpy()
    assert early > punctual + 1


def test_a_single_output_is_not_a_detection() -> None:
    one = loss(outputs(high_from=9, high_to=12), outputs()).positive.numpy()
    five = loss(outputs(high_from=6, high_to=21), outputs()).positive.numpy()
    assert five < one - 2


def test_weights_of_the_phase() -> None:
    phase = PHASE.model_copy(update={"positive_weight": 3.0, "negative_weight": 2.0, "hard_negative_weight": 7.0})
    wrong = outputs(high_from=0, high_to=20)
    silent = outputs()
    weighted, plainly = loss(silent, wrong, phase=phase), loss(silent, wrong)
    assert float(weighted.positive) == pytest.approx(3 * float(plainly.positive))
    assert float(weighted.negative) == pytest.approx(2 * float(plainly.negative))
    assert float(weighted.total) == pytest.approx(float(weighted.positive) + float(weighted.negative))
    plain, hard = (loss(silent, wrong, phase=phase, hard=hard).negative.numpy() for hard in (False, True))
    early = 2 * 0.5 * np.log1p(np.exp(-6))
    assert hard - early == pytest.approx(3.5 * (plain - early), rel=1e-4)


def test_smoothing_ends_the_reward_for_ever_higher_outputs() -> None:
    def at(level: float, smoothing: float) -> float:
        return float(loss(outputs(high_from=0, high_to=46, high=level), outputs(), smoothing=smoothing).positive)

    assert at(12.0, 0.0) < at(3.0, 0.0)
    assert at(30.0, 0.1) > at(3.0, 0.1)


def test_a_word_that_ends_outside_the_sequence_gives_no_nan() -> None:
    logits = tf.Variable(np.zeros((2, OUTPUTS)), dtype=tf.float32)
    with tf.GradientTape() as tape:
        total = detection_loss(logits, tf.constant([2000.0]), TIMES, tf.constant([False]), PHASE, 0.0).total
    assert np.isfinite(total.numpy())
    assert np.isfinite(tf.convert_to_tensor(tape.gradient(total, logits)).numpy()).all()
