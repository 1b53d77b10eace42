"""Reads a .tflite file that may be damaged or hostile into plain frozen dataclasses.

The flatbuffers library checks nothing, so every vector is counted against a budget and every index against its
range before it is followed: bad bytes end in :class:`BrokenModelError`, never in another exception and never in a loop
without end.
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from mww_studio.constitution.articles import law

_OPERATIONS = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
_TYPES = {code: name for name, code in vars(schema.TensorType).items() if isinstance(code, int)}
_BYTES = {"INT8": 1, "UINT8": 1, "BOOL": 1, "INT16": 2, "FLOAT16": 2, "INT32": 4, "FLOAT32": 4, "INT64": 8}
_HEADER_BYTES = 8
_MOST_DIMENSIONS = 8  # tflite-micro's own limit; products of more would be numbers too long to print
_LONGEST_NAME_BYTES = 400


class BrokenModelError(Exception):
    """The bytes are no complete TensorFlow Lite model; the message says where they stop making sense."""


@dataclass(frozen=True)
class Tensor:
    """A tensor. ``data`` is empty unless it is a constant."""

    type: str
    shape: tuple[int, ...]
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    data: bytes


@dataclass(frozen=True)
class Convolution:
    """The options of a CONV_2D. ``stride`` is along time."""

    stride: int
    valid_padding: bool
    relu: bool


@dataclass(frozen=True)
class Operator:
    """One step of a graph. Inputs and outputs are indices of tensors; -1 is an input left out."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    variable: str | None = None
    calls: int | None = None
    convolution: Convolution | None = None


@dataclass(frozen=True)
class Subgraph:
    """Tensors and the operators that connect them, in the order in which they run."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class ModelFile:
    """The whole file. ``declared`` names all operations in its table, used or not."""

    schema_version: int
    declared: tuple[str, ...]
    subgraphs: tuple[Subgraph, ...]


def parse_model(content: bytes) -> ModelFile:
    """The model in ``content``. Raises BrokenModelError for anything else."""
    if not content:
        raise BrokenModelError("the file is empty")
    if len(content) < _HEADER_BYTES or content[4:_HEADER_BYTES] != law().export.file_identifier.encode():
        raise BrokenModelError("the file does not begin like a TensorFlow Lite model")
    try:
        return _Reader(content).model()
    except (struct.error, ValueError, TypeError, IndexError, OverflowError, AttributeError) as error:
        raise BrokenModelError(f"the file is damaged or cut short ({error})") from error


class _Reader:
    """Walks the generated accessors, counting every item."""

    def __init__(self, content: bytes) -> None:
        self._root: Any = schema.Model.GetRootAs(content, 0)
        self._left = law().export.max_items
        self._contents: dict[int, bytes] = {}
        self._bytes_left = len(content)

    def model(self) -> ModelFile:
        declared = tuple(self._declared(i) for i in self._count(self._root.OperatorCodesLength()))
        self._buffers = self._root.BuffersLength()
        self._count(self._buffers)
        subgraphs = tuple(
            self._subgraph(self._root.Subgraphs(i), declared) for i in self._count(self._root.SubgraphsLength())
        )
        for graph in subgraphs:
            _check_calls(graph)
        if not subgraphs:
            raise BrokenModelError("the model has no subgraphs")
        return ModelFile(self._root.Version(), declared, subgraphs)

    def _count(self, items: int) -> range:
        self._left -= items
        if self._left < 0:
            raise BrokenModelError("the file claims far more parts than any wake word model has")
        return range(items)

    def _declared(self, index: int) -> str:
        code = self._root.OperatorCodes(index)
        builtin = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        name = _OPERATIONS.get(builtin, f"operation {builtin}")
        return f"CUSTOM {_text(code.CustomCode())}" if name == "CUSTOM" else name

    def _subgraph(self, graph: Any, declared: tuple[str, ...]) -> Subgraph:
        tensors = tuple(self._tensor(graph.Tensors(i)) for i in self._count(graph.TensorsLength()))
        inputs = self._indices(graph.InputsAsNumpy(), len(tensors))
        outputs = self._indices(graph.OutputsAsNumpy(), len(tensors))
        operators = tuple(
            self._operator(graph.Operators(i), declared, len(tensors)) for i in self._count(graph.OperatorsLength())
        )
        return Subgraph(tensors, operators, inputs, outputs)

    def _tensor(self, tensor: Any) -> Tensor:
        quantisation = tensor.Quantization()
        scales = self._vector(quantisation.ScaleAsNumpy()) if quantisation else ()
        zero_points = self._vector(quantisation.ZeroPointAsNumpy()) if quantisation else ()
        type_name = _TYPES.get(tensor.Type(), f"type {tensor.Type()}")
        shape = tuple(int(size) for size in self._vector(tensor.ShapeAsNumpy()))
        if len(shape) > _MOST_DIMENSIONS:
            raise BrokenModelError(f"a tensor has {len(shape)} dimensions")
        if min(shape, default=1) < 0:
            raise BrokenModelError(f"a tensor has the shape {list(shape)}")
        data = self._data(tensor.Buffer())
        if data and type_name in _BYTES and len(data) != math.prod(shape) * _BYTES[type_name]:
            raise BrokenModelError(f"a constant of shape {list(shape)} and type {type_name} has {len(data)} bytes")
        return Tensor(type_name, shape, tuple(map(float, scales)), tuple(map(int, zero_points)), data)

    def _data(self, index: int) -> bytes:
        """The content of a buffer, copied once however many tensors share it."""
        if index >= self._buffers:
            raise BrokenModelError(f"a tensor names the buffer {index} of {self._buffers}")
        if index not in self._contents:
            found = self._root.Buffers(index).DataAsNumpy()
            content = found if isinstance(found, np.ndarray) else b""
            self._bytes_left -= len(content)
            if self._bytes_left < 0:  # buffers that lie over each other would be copied without end
                raise BrokenModelError("the buffers hold more than the whole file")
            self._contents[index] = bytes(content)
        return self._contents[index]

    def _operator(self, operator: Any, declared: tuple[str, ...], tensors: int) -> Operator:
        code = operator.OpcodeIndex()
        if code >= len(declared):
            raise BrokenModelError(f"an operator names the operation {code} of {len(declared)}")
        inputs = self._indices(operator.InputsAsNumpy(), tensors, lowest=-1)
        outputs = self._indices(operator.OutputsAsNumpy(), tensors)
        name, options = declared[code], operator.BuiltinOptions()
        if name == "VAR_HANDLE":
            handle = _options(schema.VarHandleOptions, options, name)
            return Operator(name, inputs, outputs, variable=_text(handle.Container()) + _text(handle.SharedName()))
        if name == "CALL_ONCE":
            call = _options(schema.CallOnceOptions, options, name)
            return Operator(name, inputs, outputs, calls=call.InitSubgraphIndex())
        if name == "CONV_2D":
            chosen = _options(schema.Conv2DOptions, options, name)
            convolution = Convolution(
                stride=chosen.StrideH(),
                valid_padding=chosen.Padding() == schema.Padding.VALID,
                relu=chosen.FusedActivationFunction() == schema.ActivationFunctionType.RELU,
            )
            return Operator(name, inputs, outputs, convolution=convolution)
        return Operator(name, inputs, outputs)

    def _vector(self, values: Any) -> tuple[float, ...]:
        if not isinstance(values, np.ndarray):
            return ()
        self._count(len(values))
        return tuple(values.tolist())

    def _indices(self, values: Any, count: int, lowest: int = 0) -> tuple[int, ...]:
        indices = tuple(int(value) for value in self._vector(values))
        for index in indices:
            if not lowest <= index < count:
                raise BrokenModelError(f"an operator or a graph names the tensor {index} of {count}")
        return indices


_OPERANDS = {"READ_VARIABLE": 1, "ASSIGN_VARIABLE": 2, "CONV_2D": 2, "DEPTHWISE_CONV_2D": 2}
_RESULTS = {"VAR_HANDLE": 1, "READ_VARIABLE": 1, "CONCATENATION": 1}


def _check_calls(graph: Subgraph) -> None:
    """The operators whose operands the rules look at have them."""
    for operator in graph.operators:
        operands, results = _OPERANDS.get(operator.name, 0), _RESULTS.get(operator.name, 0)
        missing = len(operator.inputs) < operands or min(operator.inputs[:operands], default=0) < 0
        if missing or len(operator.outputs) < results:
            raise BrokenModelError(f"a {operator.name} lacks operands")


def _options(kind: Any, table: Any, name: str) -> Any:
    if table is None:
        raise BrokenModelError(f"a {name} has no options")
    options = kind()
    options.Init(table.Bytes, table.Pos)
    return options


def _text(value: bytes | None) -> str:
    """A name that can be printed: what would steer a terminal is replaced, what has no end is cut."""
    name = (value or b"")[:_LONGEST_NAME_BYTES].decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
