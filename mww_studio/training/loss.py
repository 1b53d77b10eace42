"""What is asked of the model: the device's own decision, made differentiable.

The device fires when the mean of its last few outputs exceeds the cut-off. So of a word the best such mean shortly
after its end counts, and of everything else the highest outputs count: those are the ones that would wake the device.
"""

from typing import NamedTuple

import tensorflow as tf

from mww_studio.constitution.articles import law
from mww_studio.presets import Model, Phase

# Slices (10 ms) relative to the end of the word: where the best window may end, where every output should be high,
# and how long before the end an output must not fire yet.
_WINDOW_ENDS = (-3.0, 45.0)
_CORE = (3.0, 18.0)
_TOO_EARLY = -30.0
_WINDOW = 5
_CORE_WEIGHT = 0.5
_EARLY_WEIGHT = 0.5
_HIGHEST = 8
_IMPOSSIBLE = -30.0


class Losses(NamedTuple):
    """Scalars: the whole, and its parts."""

    total: tf.Tensor
    positive: tf.Tensor
    negative: tf.Tensor


def output_times(model: Model, outputs: int) -> tf.Tensor:
    """When the audio that each output has seen ends, in slices from the start of the sequence: float [outputs]."""
    frontend = law().frontend
    beyond = frontend.window_ms / frontend.step_ms - 1
    return tf.range(outputs, dtype=tf.float32) * law().input.stride + (model.receptive_frames + beyond)


def detection_loss(
    logits: tf.Tensor,
    end_slices: tf.Tensor,
    times: tf.Tensor,
    hard: tf.Tensor,
    phase: Phase,
    label_smoothing: float,
) -> Losses:
    """``logits`` [positives + negatives, outputs]; ``end_slices`` float [positives]; ``times`` from output_times;
    ``hard`` bool [negatives]."""
    positives = tf.shape(end_slices)[0]
    words, others = logits[:positives], logits[positives:]
    after_end = times[None, :] - end_slices[:, None]

    windows = tf.nn.avg_pool1d(words[:, :, None], _WINDOW, 1, "VALID")[:, :, 0]
    ends = after_end[:, _WINDOW - 1 :]
    best = tf.reduce_max(tf.where((ends >= _WINDOW_ENDS[0]) & (ends <= _WINDOW_ENDS[1]), windows, _IMPOSSIBLE), 1)
    detected = tf.reduce_mean((1 - label_smoothing) * tf.nn.softplus(-best) + label_smoothing * tf.nn.softplus(best))
    core = tf.cast((after_end >= _CORE[0]) & (after_end <= _CORE[1]), tf.float32)
    high = tf.math.divide_no_nan(tf.reduce_sum(core * tf.nn.softplus(-words)), tf.reduce_sum(core))
    early = tf.cast(after_end < _TOO_EARLY, tf.float32) * tf.nn.softplus(words)

    positive = phase.positive_weight * (detected + _CORE_WEIGHT * high)
    silent = tf.nn.softplus(others)
    each = tf.reduce_mean(tf.math.top_k(silent, _HIGHEST)[0], 1) + tf.reduce_mean(silent, 1)
    weights = tf.where(hard, phase.hard_negative_weight, phase.negative_weight)
    too_early = tf.reduce_mean(tf.math.top_k(early, _HIGHEST)[0])
    negative = tf.reduce_mean(weights * each) + phase.negative_weight * _EARLY_WEIGHT * too_early
    return Losses(positive + negative, positive, negative)
