"""What a model file is made of, whether or not a device runs it: operations, states, numbers, work per inference."""

import hashlib
import math
from collections import Counter

from mww_studio.constitution.articles import law
from mww_studio.constitution.flatbuffer import ModelFile, Operator, Subgraph, Tensor, parse_model
from mww_studio.constitution.model import read_states
from mww_studio.evaluation.scorecard import Figures

_WORKING = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_MOST_WORK = 10**12  # more than any device does in an hour: shapes that lie


class TensorFacts(Figures):
    """An input or output. ``scale``, ``zero_point``: None where it is not quantised, or not as a whole."""

    type: str
    shape: tuple[int, ...]
    scale: float | None
    zero_point: int | None


class OperationCount(Figures):
    """An operation of the file. ``allowed``: the firmware has it."""

    name: str
    count: int
    allowed: bool


class StateFacts(Figures):
    """A ring buffer that the model keeps between inferences."""

    name: str
    frames: int
    channels: int


class ModelFacts(Figures):
    """A model file. ``weights``: how many numbers it holds as constants of more than one dimension, ``parts`` how many
    graphs; ``stride``: frames that it takes in each inference, None where its input is of another kind.

    ``multiply_accumulates``: in one inference, in convolutions and dense layers; None where the file's shapes lie.
    """

    bytes: int
    sha256: str
    schema_version: int
    parts: int
    input: TensorFacts | None
    output: TensorFacts | None
    tensor_types: dict[str, int]
    operations: tuple[OperationCount, ...]
    operation_count: int
    states: tuple[StateFacts, ...]
    state_bytes: int
    weights: int
    stride: int | None
    inferences_per_s: float | None
    multiply_accumulates: int | None


def read_facts(content: bytes) -> ModelFacts:
    """The facts of a .tflite file. Raises BrokenModelError for anything else."""
    model = parse_model(content)
    main = model.subgraphs[0]
    source = main.tensors[main.inputs[0]] if main.inputs else None
    operations, states, stride = _operations(model), _states(model), _stride(source)
    return ModelFacts(
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        schema_version=model.schema_version,
        parts=len(model.subgraphs),
        input=_tensor_facts(source),
        output=_tensor_facts(main.tensors[main.outputs[0]] if main.outputs else None),
        tensor_types=dict(Counter(tensor.type for graph in model.subgraphs for tensor in graph.tensors).most_common()),
        operations=operations,
        operation_count=sum(one.count for one in operations),
        states=states,
        state_bytes=sum(one.frames * one.channels for one in states),
        weights=sum(math.prod(tensor.shape) for tensor in main.tensors if tensor.data and len(tensor.shape) > 1),
        stride=stride,
        inferences_per_s=1000 / (stride * law().frontend.step_ms) if stride else None,
        multiply_accumulates=_work(main),
    )


def _tensor_facts(tensor: Tensor | None) -> TensorFacts | None:
    if tensor is None:
        return None
    whole = len(tensor.scales) == len(tensor.zero_points) == 1 and math.isfinite(tensor.scales[0])
    return TensorFacts(
        type=tensor.type,
        shape=tensor.shape,
        scale=tensor.scales[0] if whole else None,
        zero_point=tensor.zero_points[0] if whole else None,
    )


def _operations(model: ModelFile) -> tuple[OperationCount, ...]:
    used = Counter(operator.name for graph in model.subgraphs for operator in graph.operators)
    known = set(law().operations.registered)
    return tuple(
        OperationCount(name=name, count=count, allowed=name in known)
        for name, count in sorted(used.items(), key=lambda item: (item[0] in known, -item[1], item[0]))
    )


def _states(model: ModelFile) -> tuple[StateFacts, ...]:
    """Those that are read, with their frames and channels as the graph sees them."""
    main = model.subgraphs[0]
    found = []
    for state in read_states(model):
        if state.reads:
            shape = main.tensors[state.reads[0]].shape
            frames = shape[1] if len(shape) > 1 else 1
            size = math.prod(shape)
            found.append(StateFacts(name=state.name, frames=frames, channels=size // frames if frames else 0))
    return tuple(found)


def _stride(source: Tensor | None) -> int | None:
    expected = law().input
    if source is None or len(source.shape) != expected.rank or source.shape[2] != law().frontend.channels:
        return None
    return source.shape[1] if expected.min_stride <= source.shape[1] <= expected.max_stride else None


def _work(graph: Subgraph) -> int | None:
    total = sum(_multiply_accumulates(graph, operator) for operator in graph.operators if operator.name in _WORKING)
    return total if total <= _MOST_WORK else None


def _multiply_accumulates(graph: Subgraph, operator: Operator) -> int:
    """One for every weight and every output that it goes into."""
    if len(operator.inputs) < 2 or operator.inputs[1] < 0 or not operator.outputs:
        return 0
    weights, made = graph.tensors[operator.inputs[1]].shape, graph.tensors[operator.outputs[0]].shape
    each = weights[1:3] if operator.name == "DEPTHWISE_CONV_2D" else weights[1:]
    return math.prod(made) * math.prod(each)
