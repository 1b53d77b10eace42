"""Weights of the official models, as a place to start training from.

Source: the .tflite files in the package pymicro-wakeword (Apache-2.0, Kevin Ahrendt).
"""

from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from mww_studio.training.mixednet import Array, FoldedBlock, FoldedWeights

_WEIGHTED = {
    schema.BuiltinOperator.CONV_2D,
    schema.BuiltinOperator.DEPTHWISE_CONV_2D,
    schema.BuiltinOperator.FULLY_CONNECTED,
}


def read_weights(path: Path) -> FoldedWeights:
    """The MixedNet weights in a streaming int8 .tflite file, as floats."""
    (_, first, _), *middle, (_, dense, dense_bias) = _layers(path)
    blocks: list[FoldedBlock] = []
    depthwise: list[Array] = []
    carried: list[Array] = []
    for code, weight, bias in middle:
        kernel = weight.transpose(1, 2, 3, 0)
        if code == schema.BuiltinOperator.DEPTHWISE_CONV_2D:
            depthwise.append(kernel)
            carried.append(bias)
        else:
            # Nothing nonlinear stands between the two layers, so the first one's bias passes through the second.
            blocks.append(FoldedBlock(tuple(depthwise), kernel, bias + np.concatenate(carried) @ kernel[0, 0]))
            depthwise, carried = [], []
    channels = blocks[-1].pointwise.shape[3]
    return FoldedWeights(first.transpose(1, 2, 3, 0), tuple(blocks), dense.reshape(-1, 1, channels, 1), dense_bias)


def _layers(path: Path) -> list[tuple[int, Array, Array]]:
    """Operation code, weight and bias of every layer that has them, in order."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
    graph = model.subgraphs[0]
    layers = []
    for operator in graph.operators:
        entry = model.operatorCodes[operator.opcodeIndex]
        code = max(entry.builtinCode, entry.deprecatedBuiltinCode)
        if code in _WEIGHTED:
            weight, bias = (_constant(model, graph.tensors[index]) for index in operator.inputs[1:3])
            layers.append((code, weight, bias))
    return layers


def _constant(model: schema.ModelT, tensor: schema.TensorT) -> Array:
    """A constant tensor, dequantised; scales run along its quantised dimension."""
    width = np.int8 if tensor.type == schema.TensorType.INT8 else np.int32
    values = np.frombuffer(bytes(model.buffers[tensor.buffer].data), width).reshape(tensor.shape)
    scales = np.asarray(tensor.quantization.scale, np.float32)
    shape = [1] * values.ndim
    shape[tensor.quantization.quantizedDimension] = len(scales)
    return np.asarray(values * scales.reshape(shape), np.float32)
