"""Weights to the int8 streaming .tflite that the device loads."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from mww_studio.constitution.articles import law
from mww_studio.corpus.features import quantise
from mww_studio.training.mixednet import FoldedWeights
from mww_studio.training.streaming import StreamingMixedNet


def convert(weights: FoldedWeights, representative: npt.NDArray[np.uint16]) -> bytes:
    """The model file. ``representative``: device features [frames, channels] of typical sound, to set inner ranges.

    All states and activations are int8, the output is uint8, and the input's range is pinned to the law's, so that
    the device's own quantisation and the model's agree.
    """
    module = StreamingMixedNet(weights)
    stride, channels = law().input.stride, law().frontend.channels
    signature = module.step.get_concrete_function(tf.TensorSpec((1, stride, channels), tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([signature], module)
    converter.optimizations = {tf.lite.Optimize.DEFAULT}
    converter.target_spec.supported_ops = {tf.lite.OpsSet.TFLITE_BUILTINS_INT8}
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.uint8
    converter._experimental_variable_quantization = True  # noqa: SLF001 - the only way to int8 states
    converter.representative_dataset = lambda: _samples(representative, stride)
    return bytes(converter.convert())


def _samples(features: npt.NDArray[np.uint16], stride: int) -> Iterator[list[npt.NDArray[np.float32]]]:
    rule, limits = law().quantisation, law().export
    floats = (quantise(features).astype(np.float32) - rule.offset) * np.float32(rule.training_scale)
    floats[0, 0], floats[-1, 0] = limits.representative_low, limits.representative_high
    floats[:stride, 1], floats[:stride, 2] = limits.representative_low, limits.representative_high
    for start in range(0, len(floats) - stride + 1, stride):
        yield [floats[None, start : start + stride]]
