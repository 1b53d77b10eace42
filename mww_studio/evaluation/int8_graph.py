"""Reads a streaming int8 model as layers over whole recordings.

One step of the device's graph sees `stride` new frames and a few old ones from its state variables. Read over a whole
recording, every tensor is a window that slides along a series of frames, and everything but the arithmetic only
chooses which frames and channels of a series are seen. So each tensor is held as an array of positions in a series,
on which the graph's own reshapes, slices and splits run as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

from mww_studio.constitution.flatbuffer import BrokenModelError, parse_model
from mww_studio.evaluation.fixed_logistic import logistic_table
from mww_studio.evaluation.requantise import Requantisation, quantise_factor

Weights = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
_TYPES = {schema.TensorType.INT8: np.int8, schema.TensorType.INT32: np.int32}
_NO_ACTIVATION = schema.ActivationFunctionType.NONE
_RELU = schema.ActivationFunctionType.RELU


class UnsupportedModelError(Exception):
    """The model is not of the family that can be run over whole recordings; the message says what it has instead."""


@dataclass(slots=True)
class Series:
    """Frames of channels along a recording, ``frames`` of them a step, kept without their zero point.

    ``initial``: float32 [history, channels], what the state holds before the first frame.
    """

    channels: int
    frames: int
    scale: float
    zero_point: int
    initial: Weights


@dataclass(frozen=True)
class Window:
    """What a layer sees of a series in each step: frames first.. (0 is the newest step's first), and channels."""

    series: Series
    first_frame: int
    frames: int
    first_channel: int
    channels: int


@dataclass(frozen=True)
class Convolution:
    """``weights``: float32 [outputs, frames, channels]; also the dense layer, whose window is the whole input."""

    window: Window
    weights: Weights
    requantisation: Requantisation
    output: Series


@dataclass(frozen=True)
class Depthwise:
    """``weights``: float32 [channels, frames]."""

    window: Window
    weights: Weights
    requantisation: Requantisation
    output: Series


@dataclass(frozen=True)
class Join:
    """Channels of several series side by side."""

    windows: tuple[Window, ...]
    output: Series


@dataclass(frozen=True)
class Graph:
    """A model: layers in order, and the table from the last series' int8 (0: -128) to the output byte."""

    source: Series
    layers: tuple[Convolution | Depthwise | Join, ...]
    last: Series
    table: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class _View:
    """A tensor of the graph: for each element its frame * channels + channel in the series."""

    series: Series
    positions: Indices


def read_graph(content: bytes) -> Graph:
    """The layers of a .tflite file. Raises UnsupportedModelError."""
    try:
        parse_model(content)
    except BrokenModelError as error:
        raise UnsupportedModelError(str(error)) from error
    try:
        return _Reader(schema.ModelT.InitFromPackedBuf(content, 0)).graph()
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise UnsupportedModelError(f"The model is built in another way than expected ({error!r}).") from error


class _Reader:
    def __init__(self, model: Any) -> None:
        self._model = model
        self._tensors = model.subgraphs[0].tensors
        self._views: dict[int, _View] = {}
        self._handles: dict[int, bytes] = {}
        self._initial: dict[bytes, npt.NDArray[np.int8]] = {}
        self._states: dict[int, bytes] = {}
        self._streams: dict[bytes, Indices] = {}
        self._owners: dict[bytes, Series] = {}
        self._assigned: set[bytes] = set()
        self._layers: list[Convolution | Depthwise | Join] = []
        self._table: tuple[Series, npt.NDArray[np.uint8]] | None = None
        self._output = -1

    def graph(self) -> Graph:
        main = self._model.subgraphs[0]
        _demand(len(main.inputs) == len(main.outputs) == 1, "more than one input or output")
        source = self._source(int(main.inputs[0]))
        for operator in main.operators:
            read = self._readers().get(self._name(operator))
            _demand(read is not None, f"a {self._name(operator)}")
            assert read is not None  # noqa: S101 - for the type checker
            read(operator)
        _demand(self._assigned == set(self._streams) == set(self._initial), "a state variable that is not a shift")
        _demand(self._table is not None and self._output == int(main.outputs[0]), "an end without a logistic")
        assert self._table is not None  # noqa: S101 - for the type checker
        _demand(all(self._fits_source(layer, source) for layer in self._layers), "no convolution over its input")
        return Graph(source, tuple(self._layers), *self._table)

    def _fits_source(self, layer: Convolution | Depthwise | Join, source: Series) -> bool:
        windows = layer.windows if isinstance(layer, Join) else (layer.window,)
        whole = isinstance(layer, Convolution) and layer.window.channels == source.channels
        return whole or all(window.series is not source for window in windows)

    def _readers(self) -> dict[str, Callable[[Any], None]]:
        return {
            "CALL_ONCE": self._call_once,
            "VAR_HANDLE": self._var_handle,
            "READ_VARIABLE": self._read_variable,
            "ASSIGN_VARIABLE": self._assign_variable,
            "CONCATENATION": self._concatenation,
            "STRIDED_SLICE": self._strided_slice,
            "RESHAPE": self._reshape,
            "SPLIT_V": self._split_v,
            "CONV_2D": self._conv_2d,
            "DEPTHWISE_CONV_2D": self._depthwise,
            "FULLY_CONNECTED": self._fully_connected,
            "LOGISTIC": self._logistic,
            "QUANTIZE": self._quantize,
        }

    def _name(self, operator: Any) -> str:
        code = self._model.operatorCodes[operator.opcodeIndex]
        return str(_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)])

    def _source(self, tensor: int) -> Series:
        _batch, frames, channels = self._tensors[tensor].shape
        return self._new_series(tensor, frames, channels)

    # State

    def _call_once(self, operator: Any) -> None:
        initial = self._model.subgraphs[operator.builtinOptions.initSubgraphIndex]
        names: dict[int, bytes] = {}
        for step in initial.operators:
            if self._name(step) == "VAR_HANDLE":
                names[step.outputs[0]] = step.builtinOptions.sharedName
            elif self._name(step) == "ASSIGN_VARIABLE":
                self._initial[names[step.inputs[0]]] = self._constant(initial.tensors[step.inputs[1]])
            else:
                _demand(False, f"a {self._name(step)} in the initialisation")

    def _var_handle(self, operator: Any) -> None:
        self._handles[operator.outputs[0]] = operator.builtinOptions.sharedName

    def _read_variable(self, operator: Any) -> None:
        self._states[operator.outputs[0]] = self._handles[operator.inputs[0]]

    def _assign_variable(self, operator: Any) -> None:
        name, view = self._handles[operator.inputs[0]], self._view(operator.inputs[1])
        _demand(name in self._streams and view.series is self._owners[name], "a state fed by another tensor")
        _demand(np.array_equal(view.positions.ravel(), self._streams[name]), "a state that is not a shift")
        self._assigned.add(name)

    def _stream(self, operator: Any) -> None:
        """The window over a state variable and what is new: from now on the series has a history."""
        state, new = operator.inputs
        name, view = self._states[state], self._view(new)
        series = view.series
        size = series.frames * series.channels
        initial = self._initial.get(name)
        _demand(initial is not None and initial.ndim == 4, "a state without a beginning")
        assert initial is not None  # noqa: S101 - for the type checker
        _demand(np.array_equal(view.positions.ravel(), np.arange(size)), "a state that keeps a part of a layer")
        _demand(len(series.initial) == 0 and name not in self._streams, "a layer or a state in two streams")
        _demand(initial.shape[-1] == series.channels and initial.shape[2] == 1, "a state of another width")
        self._same_numbers(state, new, operator.outputs[0])
        series.initial = initial[0, :, 0].astype(np.float32) - series.zero_point
        kept = initial.size
        positions = np.arange(-kept, size)
        self._owners[name] = series
        self._streams[name] = positions[-kept:]
        shape = (1, len(series.initial) + series.frames, 1, series.channels)
        self._views[operator.outputs[0]] = _View(series, positions.reshape(shape))

    # Views

    def _concatenation(self, operator: Any) -> None:
        options = operator.builtinOptions
        _demand(options.fusedActivationFunction == _NO_ACTIVATION, "a CONCATENATION with an activation")
        if any(tensor in self._states for tensor in operator.inputs):
            first_only = [tensor in self._states for tensor in operator.inputs] == [True, False]
            _demand(first_only and options.axis == 1, "a state joined in another way")
            self._stream(operator)
            return
        output = operator.outputs[0]
        _demand(options.axis in (-1, 3), "a CONCATENATION along another axis")
        self._same_numbers(*operator.inputs, output)
        windows = tuple(_window(self._view(tensor)) for tensor in operator.inputs)
        _demand(all(window.frames == 1 for window in windows), "a CONCATENATION of more than one frame")
        series = self._layer_output(output)
        self._layers.append(Join(windows, series))

    def _strided_slice(self, operator: Any) -> None:
        options = operator.builtinOptions
        odd = options.ellipsisMask or options.newAxisMask or options.shrinkAxisMask or options.offset
        _demand(not odd, "a STRIDED_SLICE that changes axes")
        view = self._view(operator.inputs[0])
        begin, end, step = (self._constant(self._tensors[tensor]) for tensor in operator.inputs[1:])
        chosen = tuple(
            slice(
                None if options.beginMask >> axis & 1 else int(begin[axis]),
                None if options.endMask >> axis & 1 else int(end[axis]),
                int(step[axis]),
            )
            for axis in range(len(begin))
        )
        self._keep(operator, 0, view, view.positions[chosen])

    def _reshape(self, operator: Any) -> None:
        view = self._view(operator.inputs[0])
        self._keep(operator, 0, view, view.positions.reshape(self._tensors[operator.outputs[0]].shape))

    def _split_v(self, operator: Any) -> None:
        view = self._view(operator.inputs[0])
        sizes, axis = (self._constant(self._tensors[tensor]) for tensor in operator.inputs[1:])
        parts = np.split(view.positions, np.cumsum(sizes)[:-1], axis=int(axis))
        for number, positions in enumerate(parts):
            self._keep(operator, number, view, positions)

    def _keep(self, operator: Any, number: int, view: _View, positions: Indices) -> None:
        output = operator.outputs[number]
        self._same_numbers(operator.inputs[0], output)
        _demand(positions.shape == tuple(self._tensors[output].shape), f"a {self._name(operator)} of another shape")
        self._views[output] = _View(view.series, positions)

    # Arithmetic

    def _conv_2d(self, operator: Any) -> None:
        options = operator.builtinOptions
        window = _window(self._view(operator.inputs[0]))
        weights = self._weights(operator.inputs[1])
        outputs, frames, width, channels = weights.shape
        _demand(width == 1 and channels == window.channels, "a CONV_2D that is wide or in groups")
        self._single_frame(options, window, frames)
        requantisation = self._requantisation(operator, window, weights, axis=0)
        series = self._layer_output(operator.outputs[0])
        self._layers.append(Convolution(window, weights.reshape(outputs, frames, channels), requantisation, series))

    def _depthwise(self, operator: Any) -> None:
        options = operator.builtinOptions
        window = _window(self._view(operator.inputs[0]))
        weights = self._weights(operator.inputs[1])
        _batch, frames, width, channels = weights.shape
        _demand(width == 1 and channels == window.channels, "a DEPTHWISE_CONV_2D that is wide or multiplies channels")
        self._single_frame(options, window, frames)
        requantisation = self._requantisation(operator, window, weights, axis=3)
        series = self._layer_output(operator.outputs[0])
        self._layers.append(Depthwise(window, weights.reshape(frames, channels).T, requantisation, series))

    def _fully_connected(self, operator: Any) -> None:
        window = _window(self._view(operator.inputs[0]))
        weights = self._weights(operator.inputs[1])
        _demand(weights.shape[1] == window.frames * window.channels, "a FULLY_CONNECTED of another size")
        requantisation = self._requantisation(operator, window, weights, axis=0)
        series = self._layer_output(operator.outputs[0])
        shape = (len(weights), window.frames, window.channels)
        self._layers.append(Convolution(window, weights.reshape(shape), requantisation, series))

    def _logistic(self, operator: Any) -> None:
        series = self._view(operator.inputs[0]).series
        self._is_probability(operator.outputs[0], zero_point=-128)
        _demand(series.channels == 1 and series is self._layers[-1].output, "a LOGISTIC inside")
        self._table = series, logistic_table(series.scale, series.zero_point)
        self._output = operator.outputs[0]

    def _quantize(self, operator: Any) -> None:
        _demand(operator.inputs[0] == self._output, "a QUANTIZE inside")
        self._is_probability(operator.outputs[0], zero_point=0)
        _demand(self._tensors[operator.outputs[0]].type == schema.TensorType.UINT8, "an output that is not uint8")
        self._output = operator.outputs[0]

    # Details

    def _view(self, tensor: int) -> _View:
        _demand(tensor in self._views, "a layer on something that is no layer")
        return self._views[tensor]

    def _new_series(self, tensor: int, frames: int, channels: int) -> Series:
        scale, zero_point = self._numbers(tensor)
        series = Series(channels, frames, scale, zero_point, np.zeros((0, channels), np.float32))
        positions = np.arange(frames * channels).reshape(self._tensors[tensor].shape)
        self._views[tensor] = _View(series, positions)
        return series

    def _layer_output(self, tensor: int) -> Series:
        shape = self._tensors[tensor].shape
        _demand(int(np.prod(shape)) == shape[-1], "a layer of more than one frame")
        return self._new_series(tensor, 1, int(shape[-1]))

    def _numbers(self, tensor: int) -> tuple[float, int]:
        """Scale and zero point of an int8 tensor."""
        found = self._tensors[tensor]
        _demand(found.type == schema.TensorType.INT8, "an inner tensor that is not int8")
        _demand(found.quantization is not None and len(found.quantization.scale) == 1, "an inner tensor without scale")
        return float(found.quantization.scale[0]), int(found.quantization.zeroPoint[0])

    def _same_numbers(self, *tensors: int) -> None:
        _demand(len({self._numbers(tensor) for tensor in tensors}) == 1, "a view that changes the scale")

    def _is_probability(self, tensor: int, zero_point: int) -> None:
        quantisation = self._tensors[tensor].quantization
        right = quantisation.scale[0] == 1 / 256 and quantisation.zeroPoint[0] == zero_point
        _demand(right, "an output of another scale")

    def _constant(self, tensor: Any) -> npt.NDArray[Any]:
        data = self._model.buffers[tensor.buffer].data
        _demand(data is not None and tensor.type in _TYPES, "a constant without content")
        shape = () if tensor.shape is None else tuple(tensor.shape)
        return np.frombuffer(bytes(data), _TYPES[tensor.type]).reshape(shape)

    def _weights(self, tensor: int) -> Weights:
        found = self._tensors[tensor]
        _demand(found.type == schema.TensorType.INT8, "weights that are not int8")
        _demand(not np.any(found.quantization.zeroPoint), "weights with a zero point")
        return self._constant(found).astype(np.float32)

    def _single_frame(self, options: Any, window: Window, frames: int) -> None:
        plain = options.dilationHFactor == options.dilationWFactor == 1
        valid = options.padding == schema.Padding.VALID or frames == window.frames == 1
        one = frames == window.frames
        _demand(plain and valid and one, "a convolution that gives more than one frame a step")

    def _requantisation(self, operator: Any, window: Window, weights: Weights, axis: int) -> Requantisation:
        source, weights_tensor, bias = operator.inputs
        scales = self._tensors[weights_tensor].quantization
        output_scale, zero_point = self._numbers(operator.outputs[0])
        outputs = weights.shape[axis]
        _demand(len(scales.scale) in (1, outputs), "weights with scales along another axis")
        _demand(len(scales.scale) == 1 or scales.quantizedDimension == axis, "weights with scales along another axis")
        _demand(min(scales.scale) > 0, "weights of scale 0")
        factors = np.float64(self._numbers(source)[0]) * np.asarray(scales.scale, np.float64) / output_scale
        pairs = np.array([quantise_factor(float(factor)) for factor in np.broadcast_to(factors, outputs)], np.int64)
        activation = operator.builtinOptions.fusedActivationFunction
        _demand(activation in (_NO_ACTIVATION, _RELU), "an activation other than ReLU")
        low = max(-128, zero_point) if activation == _RELU else -128
        biases = np.zeros(outputs) if bias < 0 else self._constant(self._tensors[bias])
        furthest = max(127 - window.series.zero_point, window.series.zero_point + 128)
        largest = furthest * int(np.abs(np.moveaxis(weights, axis, 0).reshape(outputs, -1)).sum(1).max())
        return Requantisation(
            biases.astype(np.int64), pairs[:, 0], pairs[:, 1], low - zero_point, 127 - zero_point, largest
        )


def _window(view: _View) -> Window:
    """The positions as a block of frames and channels. Raises UnsupportedModelError when they are none."""
    positions, width = view.positions.ravel(), view.series.channels
    frames = len(np.unique(positions // width))
    block = positions.reshape(frames, -1)
    first_frame, first_channel = divmod(int(block[0, 0]), width)
    window = Window(view.series, first_frame, frames, first_channel, block.shape[1])
    rows = (first_frame + np.arange(frames))[:, None] * width
    _demand(np.array_equal(block, rows + first_channel + np.arange(window.channels)), "a layer on scattered elements")
    return window


def _demand(condition: bool, found: str) -> None:
    if not condition:
        raise UnsupportedModelError(f"The model has {found}.")
