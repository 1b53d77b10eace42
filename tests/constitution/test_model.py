import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mww_studio.constitution.articles import law
from mww_studio.constitution.flatbuffer import BrokenModelError, parse_model
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome, Verdict, failed

NAMES = ("alexa", "hey_jarvis", "hey_mycroft", "okay_nabu")
Op = schema.BuiltinOperator
Edited = Callable[[Callable[[Any], None]], Path]


def broken(verdicts: list[Verdict], outcome: Outcome = Outcome.FAIL) -> set[str]:
    return {verdict.rule for verdict in verdicts if verdict.outcome is outcome}


def find(model: Any, code: int, graph: int = 0) -> Any:
    """The first operator of a kind."""
    for operator in model.subgraphs[graph].operators:
        if model.operatorCodes[operator.opcodeIndex].builtinCode == code:
            return operator
    raise AssertionError(code)


def declare(model: Any, code: int) -> int:
    """A new operation in the model's table."""
    operation = schema.OperatorCodeT()
    operation.builtinCode = code
    operation.deprecatedBuiltinCode = min(code, 127)
    operation.version = 1
    model.operatorCodes.append(operation)
    return len(model.operatorCodes) - 1


def output(model: Any) -> Any:
    graph = model.subgraphs[0]
    return graph.tensors[graph.outputs[0]]


def model_input(model: Any) -> Any:
    return model.subgraphs[0].tensors[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ours", [False, True])
def test_official_models_obey_every_rule(official: Path, name: str, ours: bool) -> None:
    verdicts = check_model(official / f"{name}.tflite", ours=ours)
    assert {verdict.outcome for verdict in verdicts} == {Outcome.PASS}
    states = next(verdict for verdict in verdicts if verdict.rule == "states.present")
    reference = next(model for model in law().reference.models if model.name == name)
    listing = " ".join(f"{frames}x{channels}" for frames, channels in reference.states)
    size = sum(frames * channels for frames, channels in reference.states)
    assert states.found == f"6 states: {listing} ({size:,} values)"


def test_an_edited_copy_without_a_change_still_obeys(edited: Edited) -> None:
    assert not failed(check_model(edited(lambda _: None), ours=True))


def use_dequantize(model: Any) -> None:
    graph, last = model.subgraphs[0], find(model, Op.QUANTIZE)
    last.opcodeIndex = declare(model, Op.DEQUANTIZE)
    graph.tensors[graph.outputs[0]].type = schema.TensorType.FLOAT32


def use_tanh(model: Any) -> None:
    find(model, Op.LOGISTIC).opcodeIndex = declare(model, Op.TANH)


def use_split(model: Any) -> None:
    find(model, Op.SPLIT_V).opcodeIndex = declare(model, Op.SPLIT)


def use_custom(model: Any) -> None:
    index = declare(model, Op.CUSTOM)
    model.operatorCodes[index].customCode = b"MyOwn"
    find(model, Op.LOGISTIC).opcodeIndex = index


def hide_tanh_in_the_initialiser(model: Any) -> None:
    find(model, Op.VAR_HANDLE, graph=1).opcodeIndex = declare(model, Op.TANH)


def drop_initialiser(model: Any) -> None:
    del model.subgraphs[1]


def drop_main(model: Any) -> None:
    del model.subgraphs[0]


def drop_every_subgraph(model: Any) -> None:
    model.subgraphs = []


def drop_initial_value(model: Any) -> None:
    del model.subgraphs[1].operators[:2]


def forget_to_write_back(model: Any) -> None:
    model.subgraphs[0].operators.remove(find(model, Op.ASSIGN_VARIABLE))


def add_variables(model: Any) -> None:
    graph, handle = model.subgraphs[0], find(model, Op.VAR_HANDLE)
    for number in range(law().states.max_variables):
        more = copy.deepcopy(handle)
        more.builtinOptions.sharedName = f"more_{number}"
        graph.operators.insert(1, more)


def start_from_zero(model: Any) -> None:
    tensor = model.subgraphs[1].tensors[1]
    model.buffers[tensor.buffer].data = np.zeros_like(model.buffers[tensor.buffer].data)


def resize_state(model: Any) -> None:
    tensor = model.subgraphs[0].tensors[51]
    tensor.shape = np.array([1, 3, 1, 32], np.int32)


def turn_input_to(*shape: int) -> Callable[[Any], None]:
    return lambda model: setattr(model_input(model), "shape", np.array(shape, np.int32))


def set_type(tensor: Callable[[Any], Any], kind: int) -> Callable[[Any], None]:
    return lambda model: setattr(tensor(model), "type", kind)


def set_input_zero_point(model: Any) -> None:
    model_input(model).quantization.zeroPoint = np.array([0], np.int64)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (use_dequantize, "operations.registered"),
        (use_dequantize, "output.type"),
        (use_tanh, "operations.registered"),
        (use_split, "operations.registered"),
        (use_custom, "operations.registered"),
        (hide_tanh_in_the_initialiser, "operations.registered"),
        (drop_initialiser, "subgraphs.called"),
        (drop_initialiser, "states.initialised"),
        (drop_main, "input.shape"),
        (drop_every_subgraph, "model.flatbuffer"),
        (drop_initial_value, "states.initialised"),
        (forget_to_write_back, "states.written"),
        (add_variables, "states.count"),
        (resize_state, "states.shapes"),
        (turn_input_to(1, 3, 41), "input.shape"),
        (turn_input_to(2, 3, 40), "input.shape"),
        (turn_input_to(1, 3, 1, 40), "input.shape"),
        (turn_input_to(), "input.shape"),
        (turn_input_to(1, 256, 40), "input.stride-range"),
        (turn_input_to(1, 0, 40), "input.stride-range"),
        (turn_input_to(1, -3, 40), "model.flatbuffer"),
        (set_type(model_input, schema.TensorType.FLOAT32), "input.type"),
        (set_type(output, schema.TensorType.INT8), "output.type"),
        (lambda model: setattr(output(model), "shape", np.array([1, 2], np.int32)), "output.shape"),
        (lambda model: setattr(model.subgraphs[0], "outputs", np.array([], np.int32)), "output.shape"),
        (lambda model: setattr(model.subgraphs[0], "inputs", np.array([], np.int32)), "input.shape"),
        (set_input_zero_point, "input.zero-point"),
        (lambda model: setattr(model, "version", 4), "model.schema"),
        (lambda model: setattr(find(model, Op.CONV_2D), "opcodeIndex", 99), "model.flatbuffer"),
        (lambda model: setattr(find(model, Op.CONV_2D), "inputs", np.array([5], np.int32)), "model.flatbuffer"),
        (lambda model: setattr(find(model, Op.RESHAPE), "inputs", np.array([5000], np.int32)), "model.flatbuffer"),
        (lambda model: setattr(find(model, Op.CALL_ONCE), "builtinOptions", None), "model.flatbuffer"),
        (lambda model: setattr(model_input(model), "buffer", 5000), "model.flatbuffer"),
    ],
)
def test_what_the_firmware_cannot_run_fails_even_when_only_read(
    edited: Edited, change: Callable[[Any], None], rule: str
) -> None:
    assert rule in broken(check_model(edited(change), ours=False))


def scale_input(model: Any) -> None:
    model_input(model).quantization.scale = np.array([0.2], np.float32)


def scale_output(model: Any) -> None:
    output(model).quantization.scale = np.array([1 / 255], np.float32)


def quantize_twice(model: Any) -> None:
    graph = model.subgraphs[0]
    graph.operators.append(copy.deepcopy(graph.operators[-1]))


def pad_first_convolution(model: Any) -> None:
    find(model, Op.CONV_2D).builtinOptions.padding = schema.Padding.SAME


def forget_relu(model: Any) -> None:
    find(model, Op.CONV_2D).builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.NONE


def shorten_kernel(model: Any) -> None:
    """The first depthwise convolution looks back less far than its ring buffer reaches."""
    graph, operator = model.subgraphs[0], find(model, Op.DEPTHWISE_CONV_2D)
    weights = graph.tensors[operator.inputs[1]]
    weights.shape = np.array([1, 4, 1, 32], np.int32)
    model.buffers[weights.buffer].data = model.buffers[weights.buffer].data[: 4 * 32]


def work_in_the_initialiser(model: Any) -> None:
    model.subgraphs[1].operators.append(copy.deepcopy(find(model, Op.CALL_ONCE)))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (scale_input, "input.scale"),
        (scale_output, "output.quantisation"),
        (quantize_twice, "output.quantize"),
        (start_from_zero, "states.silence"),
        (pad_first_convolution, "mixednet.first-convolution"),
        (forget_relu, "mixednet.first-convolution"),
        (shorten_kernel, "states.frames"),
        (work_in_the_initialiser, "subgraphs.initialiser"),
        (turn_input_to(1, 2, 40), "input.stride"),
        (lambda model: model.subgraphs.append(copy.deepcopy(model.subgraphs[1])), "subgraphs.count"),
        (lambda model: declare(model, Op.TANH), "operations.unused"),
        (set_type(lambda model: model.subgraphs[0].tensors[59], schema.TensorType.INT16), "operations.tensor-types"),
    ],
)
def test_what_we_never_write_fails_when_ours_and_warns_when_read(
    edited: Edited, change: Callable[[Any], None], rule: str
) -> None:
    path = edited(change)
    assert rule in broken(check_model(path, ours=True))
    read = check_model(path, ours=False)
    assert rule in broken(read, Outcome.WARN)
    assert rule not in broken(read)


def test_a_small_difference_of_the_input_scale_is_accepted_only_when_read(edited: Edited) -> None:
    def scale(model: Any) -> None:
        model_input(model).quantization.scale = np.array([law().input.scale * 1.002], np.float32)

    path = edited(scale)
    assert "input.scale" not in broken(check_model(path, ours=False), Outcome.WARN)
    assert "input.scale" in broken(check_model(path, ours=True))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "model.file"),
        (b"x", "model.flatbuffer"),
        (b"TFL3", "model.flatbuffer"),
        (b"\x10\0\0\0TFL3", "model.flatbuffer"),
        (b"\xff" * 4096, "model.flatbuffer"),
        (b"\xff\xff\xff\xffTFL3" + b"\xff" * 100, "model.flatbuffer"),
        (b"<html>404: Not Found</html>", "model.flatbuffer"),
    ],
)
def test_garbage_is_a_verdict(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "garbage.tflite"
    path.write_bytes(content)
    verdicts = check_model(path, ours=False)
    assert broken(verdicts) == {rule}
    assert all(verdict.consequence for verdict in verdicts)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.tflite"
    path.touch()
    os.truncate(path, 4 * 2**30)
    (verdict,) = check_model(path, ours=False)
    assert (verdict.rule, verdict.outcome) == ("model.file", Outcome.FAIL)
    assert verdict.found == "4,294,967,296 bytes"


def test_what_is_no_file_is_a_verdict(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.tflite", tmp_path / "a\0b"):
        assert broken(check_model(path, ours=False)) == {"model.file"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.tflite"
    os.mkfifo(pipe)
    assert broken(check_model(pipe, ours=False)) == {"model.file"}


def test_every_truncation_is_a_verdict(official: Path, tmp_path: Path) -> None:
    content = (official / "okay_nabu.tflite").read_bytes()
    path = tmp_path / "short.tflite"
    for length in range(1, len(content) - 64, 997):
        path.write_bytes(content[:length])
        assert failed(check_model(path, ours=False)), length


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(NAMES),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=30),
    cut=st.floats(0, 1),
)
def test_damaged_bytes_never_escape(
    official: Path, tmp_path: Path, name: str, flips: list[tuple[float, int]], cut: float
) -> None:
    content = bytearray((official / f"{name}.tflite").read_bytes())
    for position, value in flips:
        content[int(position * len(content))] = value
    path = tmp_path / "damaged.tflite"
    path.write_bytes(content[: max(1, int(cut * len(content)))] if cut < 0.5 else content)
    assert check_model(path, ours=True)


@settings(max_examples=300, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(8, 2500), st.integers(0, 255)), min_size=1, max_size=4), end=st.booleans())
def test_damaged_tables_never_escape(flips: list[tuple[int, int]], end: bool) -> None:
    """The tables and vectors of the file lie near its beginning and its end; most of the rest are weights."""
    content = bytearray(_alexa())
    for position, value in flips:
        content[-position if end else position] = value
    try:
        parse_model(bytes(content))
    except BrokenModelError as error:
        assert str(error)


def test_vectors_that_claim_to_be_endless_are_refused_at_once() -> None:
    """Every 32-bit word in turn becomes a huge number, as a length would."""
    content = _alexa()
    refused = 0
    for position in range(8, len(content) - 4, 64):
        try:
            parse_model(content[:position] + b"\xff\xff\xff\x7f" + content[position + 4 :])
        except BrokenModelError:
            refused += 1
    assert refused > 10


def _alexa() -> bytes:
    import pymicro_wakeword

    return (Path(pymicro_wakeword.__file__).parent / "models" / "alexa.tflite").read_bytes()
