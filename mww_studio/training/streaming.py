"""The model as the device runs it: one stride of frames in, one probability out, the past kept in ring buffers."""

import numpy as np
import tensorflow as tf

from mww_studio.constitution.articles import law
from mww_studio.training.mixednet import Array, FoldedWeights


class StreamingMixedNet(tf.Module):  # type: ignore[misc]
    """Features [1, stride, channels] to a probability [1, 1]. Equal to MixedNet on the same stream."""

    def __init__(self, weights: FoldedWeights) -> None:
        super().__init__()
        self._weights = weights
        stride, channels = law().input.stride, law().frontend.channels
        rings = [(weights.first.shape[0] - stride, channels)]
        rings += [(max(k.shape[0] for k in b.depthwise) - 1, b.pointwise.shape[2]) for b in weights.blocks]
        rings += [(weights.dense.shape[0] - 1, weights.dense.shape[2])]
        self._rings = [
            tf.Variable(tf.zeros((1, frames, 1, width)), trainable=False, name=f"ring_{number}") if frames else None
            for number, (frames, width) in enumerate(rings)
        ]

    @tf.function  # type: ignore[untyped-decorator]
    def step(self, inputs: tf.Tensor) -> tf.Tensor:
        """One inference."""
        x = self._push(0, tf.expand_dims(inputs, 2))
        x = tf.nn.relu(tf.nn.conv2d(x, self._weights.first, [1, law().input.stride, 1, 1], "VALID"))
        for number, block in enumerate(self._weights.blocks, start=1):
            x = _depthwise(self._push(number, x), block.depthwise)
            x = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, block.pointwise, 1, "VALID"), block.bias))
        x = self._push(len(self._weights.blocks) + 1, x)
        dense = self._weights.dense.reshape(-1, 1).astype(np.float32)
        return tf.sigmoid(tf.reshape(x, (1, len(dense))) @ dense + self._weights.dense_bias)

    def _push(self, number: int, x: tf.Tensor) -> tf.Tensor:
        """The newest frames behind those remembered; the ring keeps the last of them for the next time."""
        ring = self._rings[number]
        if ring is None:
            return x
        # In this order little is in memory at once: a ring is read when it is needed, and written before the next is.
        with tf.control_dependencies([x]):
            past = ring.read_value()
        whole = tf.concat([past, x], 1)
        with tf.control_dependencies([ring.assign(whole[:, -ring.shape[1] :])]):
            return tf.identity(whole)


def _depthwise(x: tf.Tensor, kernels: tuple[Array, ...]) -> tf.Tensor:
    if len(kernels) == 1:
        return tf.nn.depthwise_conv2d(x, kernels[0], [1, 1, 1, 1], "VALID")
    longest = max(len(kernel) for kernel in kernels)
    # Sizes, not a count: a count becomes SPLIT, which the firmware does not know; sizes become SPLIT_V.
    parts = tf.split(x, [kernel.shape[2] for kernel in kernels], axis=3)
    return tf.concat(
        [
            tf.nn.depthwise_conv2d(part[:, longest - len(kernel) :], kernel, [1, 1, 1, 1], "VALID")
            for part, kernel in zip(parts, kernels, strict=True)
        ],
        3,
    )
