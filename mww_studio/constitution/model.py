"""Applies the law to a .tflite file: can the firmware run it, and is it as every official model is?"""

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mww_studio.constitution.articles import law
from mww_studio.constitution.flatbuffer import BrokenModelError, ModelFile, Operator, Subgraph, Tensor, parse_model
from mww_studio.constitution.judge import Judge
from mww_studio.constitution.verdicts import Verdict

_FLOAT32 = 1e-6  # relative: two ways of computing the same 32-bit float
_KEEPS_FRAMES = {"SPLIT_V", "STRIDED_SLICE"}


@dataclass(frozen=True)
class State:
    """One variable with everything that touches it in the main graph. Tuples are empty where nothing does.

    ``reads`` are indices of tensors; ``initial`` comes from the graphs that initialise.
    """

    name: str
    reads: tuple[int, ...]
    writes: tuple[Tensor, ...]
    initial: tuple[Tensor, ...]


def check_model(path: Path, *, ours: bool) -> list[Verdict]:
    """Every rule of the law that concerns a model file, applied to ``path``.

    ``ours``: a model that this program wrote, so WRITER rules fail; otherwise they only warn. Never raises for a bad
    file: what cannot be read or parsed gets a failing verdict, and the rules that need it are left out.
    """
    judge = Judge(ours=ours)
    content = _read(path, judge)
    if content is None:
        return judge.verdicts
    try:
        model = parse_model(content)
    except BrokenModelError as error:
        judge.rule("model.flatbuffer", False, error, "a complete TensorFlow Lite model")
        return judge.verdicts
    judge.rule("model.flatbuffer", True, "complete", "a complete TensorFlow Lite model")
    _check_file(model, judge)
    _check_input(model.subgraphs[0], judge)
    _check_output(model.subgraphs[0], judge)
    _check_states(model, judge)
    _check_convolutions(model.subgraphs[0], judge)
    return judge.verdicts


def read_model_file(path: Path) -> bytes | None:
    """The bytes of a model file, None where there is none or far too much; never more than the law allows."""
    return _read(path, Judge(ours=False))


def read_states(model: ModelFile) -> list[State]:
    """Every variable in the order in which the main graph uses it."""
    main = model.subgraphs[0]
    names = _handles(main)
    starts = [model.subgraphs[index] for index in _called(main) if 0 < index < len(model.subgraphs)]
    order = dict.fromkeys(
        names[operator.inputs[0]]
        for operator in main.operators
        if operator.name == "ASSIGN_VARIABLE" and operator.inputs[0] in names
    )
    return [
        State(
            name=name,
            reads=tuple(
                operator.outputs[0]
                for operator in main.operators
                if operator.name == "READ_VARIABLE" and names.get(operator.inputs[0]) == name
            ),
            writes=_assigned(main, name),
            initial=tuple(tensor for graph in starts for tensor in _assigned(graph, name)),
        )
        for name in dict.fromkeys([*order, *names.values()])
    ]


def _read(path: Path, judge: Judge) -> bytes | None:
    limit = law().export.max_model_bytes
    expected = f"a file of 1 to {limit:,} bytes"
    try:
        if not path.is_file():
            found = "no such file" if not path.exists() else "not a regular file"
        elif not 0 < (size := path.stat().st_size) <= limit:
            found = "an empty file" if size == 0 else f"{size:,} bytes"
        else:
            judge.rule("model.file", True, f"{size:,} bytes", expected)
            with path.open("rb") as file:
                return file.read(limit)  # it may grow while it is read
    except (OSError, ValueError) as error:
        found = f"unreadable: {error}"
    judge.rule("model.file", False, found, expected)
    return None


def _check_file(model: ModelFile, judge: Judge) -> None:
    export, operations = law().export, law().operations
    schema = model.schema_version
    judge.rule("model.schema", schema == export.schema_version, schema, export.schema_version)

    used = Counter(operator.name for graph in model.subgraphs for operator in graph.operators)
    foreign = sorted(set(used) - set(operations.registered))
    summary = f"{len(used)} kinds, {used.total()} operations"
    known = f"only the {len(operations.registered)} registered operations"
    judge.rule("operations.registered", not foreign, ", ".join(foreign) or summary, known)
    idle = sorted(set(model.declared) - set(used) - set(operations.registered))
    judge.rule("operations.unused", not idle, ", ".join(idle) or "none", "none")
    types = sorted({tensor.type for graph in model.subgraphs for tensor in graph.tensors})
    judge.rule(
        "operations.tensor-types",
        set(types) <= set(operations.tensor_types),
        ", ".join(types),
        "only " + ", ".join(operations.tensor_types),
    )

    count = len(model.subgraphs)
    judge.rule("subgraphs.count", count == export.subgraphs, count, export.subgraphs)
    called = _called(model.subgraphs[0])
    missing = [index for index in called if not 0 < index < count]
    judge.rule(
        "subgraphs.called",
        not missing,
        f"subgraph {missing[0]} is called but there are {count}" if missing else f"calls {called}",
        "every called subgraph exists",
    )
    work = [
        operator.name
        for graph in model.subgraphs[1:]
        for operator in graph.operators
        if operator.name not in {"VAR_HANDLE", "ASSIGN_VARIABLE"}
    ]
    ports = sum(len(graph.inputs) + len(graph.outputs) for graph in model.subgraphs[1:])
    found = ", ".join(sorted(set(work))) or f"{ports} inputs and outputs"
    judge.rule("subgraphs.initialiser", not work and not ports, found, "handles and assignments only")


def _check_input(graph: Subgraph, judge: Judge) -> None:
    expected, channels = law().input, law().frontend.channels
    judge.rule("input.count", len(graph.inputs) == expected.tensors, len(graph.inputs), expected.tensors)
    if not graph.inputs:
        judge.rule("input.shape", False, "no input", f"[{expected.batch}, {expected.stride}, {channels}]")
        return
    tensor = graph.tensors[graph.inputs[0]]
    shape = tensor.shape
    rank_holds = len(shape) == expected.rank
    judge.rule(
        "input.shape",
        rank_holds and (shape[0], shape[2]) == (expected.batch, channels),
        list(shape),
        f"[{expected.batch}, {expected.stride}, {channels}]",
    )
    judge.rule("input.type", tensor.type == expected.type, tensor.type, expected.type)
    if rank_holds:
        allowed = f"{expected.min_stride} to {expected.max_stride}"
        judge.rule("input.stride-range", expected.min_stride <= shape[1] <= expected.max_stride, shape[1], allowed)
        judge.rule("input.stride", shape[1] == expected.stride, shape[1], expected.stride)
    zero_point = (expected.zero_point,)
    judge.rule("input.zero-point", tensor.zero_points == zero_point, list(tensor.zero_points), list(zero_point))
    tolerance = _FLOAT32 if judge.ours else expected.read_tolerance
    near = len(tensor.scales) == 1 and math.isclose(tensor.scales[0], expected.scale, rel_tol=tolerance)
    judge.rule("input.scale", near, _numbers(tensor.scales), f"{expected.scale:.8g}")


def _check_output(graph: Subgraph, judge: Judge) -> None:
    expected = law().output
    judge.rule("output.count", len(graph.outputs) == expected.tensors, len(graph.outputs), expected.tensors)
    if not graph.outputs:
        judge.rule("output.shape", False, "no output", list(expected.shape))
        return
    index = graph.outputs[0]
    tensor = graph.tensors[index]
    judge.rule("output.shape", tensor.shape == expected.shape, list(tensor.shape), list(expected.shape))
    judge.rule("output.type", tensor.type == expected.type, tensor.type, expected.type)
    judge.rule(
        "output.quantisation",
        tensor.scales == (expected.scale,) and tensor.zero_points == (expected.zero_point,),
        f"scale {_numbers(tensor.scales)}, zero point {_numbers(tensor.zero_points)}",
        f"scale {expected.scale:.8g}, zero point {expected.zero_point}",
    )
    conversions = [operator for operator in graph.operators if operator.name == "QUANTIZE"]
    steps = [f"{_type(graph, step.inputs[:1])} to {_type(graph, step.outputs[:1])}" for step in conversions]
    step = f"{expected.inner_type} to {expected.type}"
    wanted = [step] * law().operations.quantize_count
    last = bool(conversions) and index in conversions[-1].outputs
    judge.rule("output.quantize", last and steps == wanted, ", ".join(steps) or "none", f"{step}, giving the output")


def _check_states(model: ModelFile, judge: Judge) -> None:
    main, limits = model.subgraphs[0], law().states
    names = {
        operator.variable for graph in model.subgraphs for operator in graph.operators if operator.variable is not None
    }
    if not judge.rule(
        "states.count", len(names) <= limits.max_variables, len(names), f"at most {limits.max_variables}"
    ):
        return
    states = [state for state in read_states(model) if state.reads]
    kept = [main.tensors[state.reads[0]] for state in states]
    size = sum(math.prod(tensor.shape) for tensor in kept)
    listing = " ".join(_frames_by_channels(tensor) for tensor in kept)
    found = f"{len(states)} states: {listing} ({size:,} values)" if states else "none"
    judge.rule("states.present", bool(states), found, "ring buffers")
    if not states:
        return

    missing = [state.name for state in states if not state.initial]
    judge.rule("states.initialised", not missing, _or_all(missing, "without initial value"), "all initialised")
    missing = [state.name for state in states if not state.writes]
    judge.rule("states.written", not missing, _or_all(missing, "never written"), "all written")
    torn = [
        state.name
        for state in states
        if len({(tensor.type, tensor.shape) for tensor in _touching(main, state)}) != 1
        or any(not tensor.data for tensor in state.initial)
    ]
    judge.rule("states.shapes", not torn, _or_all(torn, "in different shapes or types"), "one shape and type each")
    silence = (limits.initial_value % 256).to_bytes(1, "little")
    loud = [
        state.name
        for state in states
        if any(
            (tensor.type, tensor.zero_points) != (limits.type, (limits.zero_point,))
            for tensor in _touching(main, state)
        )
        or any(tensor.data.strip(silence) for tensor in state.initial)
    ]
    judge.rule("states.silence", not loud, _or_all(loud, "not silent at the start"), f"all {limits.initial_value}")
    _check_ring_buffers(main, states, judge)


def _check_ring_buffers(main: Subgraph, states: list[State], judge: Judge) -> None:
    """How many frames each state keeps, against what the layers that read it need."""
    first = next((operator for operator in main.operators if operator.convolution), None)
    users = _users(main)
    joined = {state.name: _joined(users, state.reads[0]) for state in states}
    head = [state for state in states if first and joined[state.name] == first.inputs[0]]
    if first and first.convolution and head and main.inputs:
        tensor, weights = main.tensors[head[0].reads[0]], main.tensors[first.inputs[1]]
        wanted = (law().input.batch, _frames(weights) - first.convolution.stride, 1, law().frontend.channels)
        holds = tensor.shape == wanted and tensor.scales == main.tensors[main.inputs[0]].scales
        found = f"{list(tensor.shape)}, scale {_numbers(tensor.scales)}"
        judge.rule("states.first", holds, found, f"{list(wanted)} at the input's scale")
    else:
        judge.rule("states.first", False, "no state before the first convolution", "the frames that it overlaps")

    wrong = []
    for state in states:
        if state in head:
            continue
        kept = _frames(main.tensors[state.reads[0]])
        needed = _frames_needed(main, users, joined[state.name])
        if kept != needed - 1:
            wrong.append(f"{state.name} keeps {kept} frames, its readers need {needed}")
    judge.rule("states.frames", not wrong, "; ".join(wrong) or "exact", "one frame less than the layers that read it")


def _check_convolutions(graph: Subgraph, judge: Judge) -> None:
    found = [operator for operator in graph.operators if operator.convolution]
    expected = f"k x 1 over {law().frontend.channels} channels, stride {law().input.stride}, no padding, ReLU"
    if not found:
        judge.rule("mixednet.first-convolution", False, "no convolution", expected)
        return
    shapes = [graph.tensors[operator.inputs[1]].shape for operator in found]
    options, first = found[0].convolution, shapes[0]
    summary = f"{'x'.join(map(str, first))}, stride {options.stride}" if options else ""
    summary += ", no padding" if options and options.valid_padding else ", padding"
    summary += ", ReLU" if options and options.relu else ", no ReLU"
    judge.rule(
        "mixednet.first-convolution",
        options is not None
        and len(first) == 4
        and first[2:] == (1, law().frontend.channels)
        and options.stride == law().input.stride
        and options.valid_padding
        and options.relu,
        summary,
        expected,
    )
    wide = [list(shape) for shape in shapes[1:] if shape[1:3] != (1, 1)]
    judge.rule("mixednet.pointwise", not wide, wide or f"{len(shapes) - 1} convolutions of 1 x 1", "1 x 1")


def _handles(graph: Subgraph) -> dict[int, str]:
    return {operator.outputs[0]: operator.variable for operator in graph.operators if operator.variable is not None}


def _assigned(graph: Subgraph, name: str) -> tuple[Tensor, ...]:
    names = _handles(graph)
    return tuple(
        graph.tensors[operator.inputs[1]]
        for operator in graph.operators
        if operator.name == "ASSIGN_VARIABLE" and names.get(operator.inputs[0]) == name
    )


def _called(graph: Subgraph) -> list[int]:
    return [operator.calls for operator in graph.operators if operator.calls is not None]


def _touching(main: Subgraph, state: State) -> list[Tensor]:
    return [*(main.tensors[index] for index in state.reads), *state.writes, *state.initial]


def _users(graph: Subgraph) -> dict[int, list[Operator]]:
    """For every tensor the operators that read it."""
    users: dict[int, list[Operator]] = {}
    for operator in graph.operators:
        for tensor in set(operator.inputs):
            users.setdefault(tensor, []).append(operator)
    return users


def _joined(users: dict[int, list[Operator]], kept: int) -> int:
    """The tensor in which the old frames ``kept`` and the new ones stand together, or ``kept`` itself."""
    return next((user.outputs[0] for user in users.get(kept, []) if user.name == "CONCATENATION"), kept)


def _frames_needed(graph: Subgraph, users: dict[int, list[Operator]], joined: int) -> int:
    """The longest kernel that reads ``joined``, through slices and splits; all of its frames for any other layer."""
    longest, waiting, seen = 0, [joined], {joined}
    while waiting:
        index = waiting.pop()
        for user in users.get(index, []):
            if user.name in _KEEPS_FRAMES:
                waiting.extend(set(user.outputs) - seen)
                seen.update(user.outputs)
            elif user.name != "ASSIGN_VARIABLE":
                is_kernel = user.name in {"CONV_2D", "DEPTHWISE_CONV_2D"}
                longest = max(longest, _frames(graph.tensors[user.inputs[1] if is_kernel else index]))
    return longest


def _frames(tensor: Tensor) -> int:
    """The size along time, the second dimension of feature maps and of kernels."""
    return tensor.shape[1] if len(tensor.shape) > 1 else 0


def _type(graph: Subgraph, indices: tuple[int, ...]) -> str:
    return graph.tensors[indices[0]].type if indices else "nothing"


def _frames_by_channels(tensor: Tensor) -> str:
    return "x".join(str(size) for size in tensor.shape if size != 1) or "1"


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.8g}" for value in values[:3]) + (" ..." if len(values) > 3 else "") or "none"


def _or_all(names: list[str], trouble: str) -> str:
    return f"{', '.join(names)}: {trouble}" if names else "all of them"
