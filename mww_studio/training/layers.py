"""Keras layers whose work is done by the operations that a processor is quickest at.

Each computes what the layer it stands for computes and has its weights. Sequences are [batch, frames, 1, channels]; a
convolution over frames alone is a matrix product, and TensorFlow's own is two times slower at it.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class FirstConv(keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution over frames with a stride."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The matrix product of each output's frames, laid side by side, with the kernel."""
        frames, _, channels, filters = self.kernel.shape
        stride = self.strides[0]
        outputs = (tf.shape(inputs)[1] - frames) // stride + 1
        whole, rest = divmod(frames, stride)
        # Strides as rows: slices with a step are slow.
        rows = tf.pad(inputs[:, : (outputs - 1) * stride + frames, 0], [[0, 0], [0, -rest % stride], [0, 0]])
        rows = tf.reshape(rows, (-1, tf.shape(rows)[1] // stride, stride * channels))
        seen = [rows[:, first : first + outputs] for first in range(whole)]
        if rest:
            seen.append(rows[:, whole:, : rest * channels])
        product = tf.matmul(
            tf.reshape(tf.concat(seen, 2), (-1, frames * channels)),
            tf.reshape(self.kernel, (frames * channels, filters)),
        )
        return tf.reshape(product, (-1, outputs, 1, filters))


class Pointwise(keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution with a kernel of one frame."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The matrix product of every frame with the kernel."""
        _, _, channels, filters = self.kernel.shape
        product = tf.matmul(tf.reshape(inputs, (-1, channels)), self.kernel[0, 0])
        return tf.reshape(product, (-1, tf.shape(inputs)[1], 1, filters))


class FinalConv(keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution over frames with a single filter."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """The sum, over the channels, of a depthwise convolution."""
        each = tf.nn.depthwise_conv2d(inputs, self.kernel, (1, 1, 1, 1), "VALID")
        return tf.reduce_sum(each, axis=3, keepdims=True) + self.bias


class Norm(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch normalisation, in training as one operation."""

    def add_weight(self, *arguments: Any, **named: Any) -> keras.Variable:
        """A variable of the layer; where several cards write to it, the mean of what they write."""
        return super().add_weight(*arguments, **{**named, "aggregation": "mean"})

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Normalised by the batch in training, else by the statistics kept."""
        if not training or self.compute_dtype != "float32":
            return super().call(inputs, training=training)
        normal, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, tf.convert_to_tensor(self.gamma), tf.convert_to_tensor(self.beta), epsilon=self.epsilon
        )
        for kept, seen in ((self.moving_mean, mean), (self.moving_variance, variance)):
            kept.assign(kept * self.momentum + seen * (1 - self.momentum))
        return normal


def mixed_depthwise(x: tf.Tensor, layers: Sequence[keras.layers.DepthwiseConv2D]) -> tf.Tensor:
    """Side-by-side depthwise convolutions over equal parts of the channels, aligned at their newest frame.

    One convolution whose shorter kernels begin with zeros: quicker than parts that must be cut and joined again.
    """
    longest = max(layer.kernel_size[0] for layer in layers)
    kernels = [
        tf.pad(tf.cast(layer.kernel, x.dtype), [[longest - layer.kernel_size[0], 0], [0, 0], [0, 0], [0, 0]])
        for layer in layers
    ]
    return tf.nn.depthwise_conv2d(x, tf.concat(kernels, 2), (1, 1, 1, 1), "VALID")
