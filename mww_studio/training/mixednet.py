"""MixedNet: the model that trains, over whole sequences, and the weights that ship.

Source of the architecture: constitution, article MixedNet family.
"""

from dataclasses import dataclass

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mww_studio.constitution.articles import law
from mww_studio.presets import Block, Model
from mww_studio.training.layers import FinalConv, FirstConv, Norm, Pointwise, mixed_depthwise

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FoldedBlock:
    """Depthwise kernels, each [frames, 1, channels, 1]; pointwise [1, 1, in, out] and its bias [out]."""

    depthwise: tuple[Array, ...]
    pointwise: Array
    bias: Array


@dataclass(frozen=True)
class FoldedWeights:
    """What the device computes with: batch normalisation folded into convolutions.

    ``first`` [frames, 1, feature channels, filters]; ``dense`` [final frames, 1, channels, 1]; ``dense_bias`` [1].
    """

    first: Array
    blocks: tuple[FoldedBlock, ...]
    dense: Array
    dense_bias: Array

    @property
    def architecture(self) -> Model:
        """The preset section that describes these weights."""
        return Model(
            first_conv_filters=self.first.shape[3],
            first_conv_kernel=self.first.shape[0],
            blocks=tuple(
                Block(kernels=tuple(kernel.shape[0] for kernel in block.depthwise), filters=block.pointwise.shape[3])
                for block in self.blocks
            ),
            final_frames=self.dense.shape[0],
        )


class MixedNet(keras.Model):  # type: ignore[misc]
    """Features [batch, frames, channels] (float, 0 to 26) to logits [batch, outputs], one output per stride.

    Output ``i`` has seen frames ``i * stride`` to ``i * stride + architecture.receptive_frames - 1``.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.architecture = model
        self.first = FirstConv(
            model.first_conv_filters, (model.first_conv_kernel, 1), (law().input.stride, 1), use_bias=False
        )
        self.depthwise: list[list[keras.layers.DepthwiseConv2D]] = []
        self.pointwise: list[Pointwise] = []
        self.norms: list[Norm] = []
        channels = model.first_conv_filters
        for block in model.blocks:
            layers = [keras.layers.DepthwiseConv2D((k, 1), use_bias=False) for k in block.kernels]
            for layer in layers:
                layer.build((None, None, 1, channels // len(layers)))
            self.depthwise.append(layers)
            self.pointwise.append(Pointwise(block.filters, 1, use_bias=False))
            self.norms.append(Norm(momentum=0.95))
            channels = block.filters
        self.dense = FinalConv(1, (model.final_frames, 1), dtype="float32")
        features = law().frontend.channels
        self(tf.zeros((1, model.receptive_frames, features)))
        # Compiled once for sequences of any number and length.
        self.listen = tf.function(self, input_signature=[tf.TensorSpec((None, None, features))])

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Logits of a batch of sequences."""
        x = tf.nn.relu(self.first(tf.expand_dims(inputs, 2)))
        for depthwise, pointwise, norm in zip(self.depthwise, self.pointwise, self.norms, strict=True):
            x = pointwise(mixed_depthwise(x, depthwise))
            x = tf.nn.relu(norm(x, training=training))
        return self.dense(x)[:, :, 0, 0]

    def folded(self) -> FoldedWeights:
        """The weights as the device uses them."""
        blocks = []
        for depthwise, pointwise, norm in zip(self.depthwise, self.pointwise, self.norms, strict=True):
            gamma, beta, mean, variance = (np.asarray(value) for value in norm.get_weights())
            scale = gamma / np.sqrt(variance + norm.epsilon)
            blocks.append(
                FoldedBlock(
                    tuple(np.asarray(layer.get_weights()[0]) for layer in depthwise),
                    np.asarray(pointwise.get_weights()[0]) * scale,
                    beta - mean * scale,
                )
            )
        dense, bias = self.dense.get_weights()
        return FoldedWeights(np.asarray(self.first.get_weights()[0]), tuple(blocks), dense, bias)

    def adopt(self, weights: FoldedWeights, sequences: Array) -> None:
        """Take over folded weights, with batch normalisation set so that nothing changes on ``sequences``.

        ``sequences``: float [n, frames, channels], typical inputs; their statistics become the layers' own.
        The final layer starts anew: it is what knew the other word.
        """
        self.first.set_weights([weights.first])
        x = tf.nn.relu(self.first(tf.expand_dims(tf.constant(sequences), 2)))
        for depthwise, pointwise, norm, block in zip(
            self.depthwise, self.pointwise, self.norms, weights.blocks, strict=True
        ):
            for layer, kernel in zip(depthwise, block.depthwise, strict=True):
                layer.set_weights([kernel])
            pointwise.set_weights([block.pointwise])
            x = pointwise(mixed_depthwise(x, depthwise))
            mean, variance = (np.asarray(value) for value in tf.nn.moments(tf.cast(x, tf.float32), axes=[0, 1, 2]))
            norm.set_weights([np.sqrt(variance + norm.epsilon), block.bias + mean, mean, variance])
            x = tf.nn.relu(norm(x, training=False))

    def recompute_statistics(self, sequences: Array) -> None:
        """Set the batch statistics to those of ``sequences`` under the present weights."""
        x = tf.nn.relu(self.first(tf.expand_dims(tf.constant(sequences), 2)))
        for depthwise, pointwise, norm in zip(self.depthwise, self.pointwise, self.norms, strict=True):
            x = pointwise(mixed_depthwise(x, depthwise))
            gamma, beta, _, _ = norm.get_weights()
            mean, variance = (np.asarray(value) for value in tf.nn.moments(tf.cast(x, tf.float32), axes=[0, 1, 2]))
            norm.set_weights([gamma, beta, mean, variance])
            x = tf.nn.relu(norm(x, training=False))
