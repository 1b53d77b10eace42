from functools import cache
from pathlib import Path

import numpy as np
import pymicro_wakeword
import pytest
from ai_edge_litert import schema_py_generated as schema
from edited_model import edited, operator
from flatbuffers import Builder
from synthetic_features import long_features

from mww_studio.corpus.features import quantise
from mww_studio.evaluation.exact_int8 import ExactInt8
from mww_studio.evaluation.fixed_logistic import logistic_table
from mww_studio.evaluation.int8_graph import UnsupportedModelError
from mww_studio.evaluation.requantise import Requantisation, Scratch, quantise_factor

MODELS = sorted((Path(pymicro_wakeword.__file__).parent / "models").glob("*.tflite"))


def sound_features(rng):
    """Frontend integers of every kind: noise over all values, extremes, and spectra that drift as sounds do."""
    drift = np.cumsum(rng.normal(0, 18, (900, 40)), axis=0)
    envelope = 300 + 250 * np.sin(np.arange(900) / 9)[:, None] + drift - drift.mean(0)
    return np.concatenate(
        [
            rng.integers(0, 700, (150, 40)),
            rng.choice([0, 670, 65535], (151, 40)),
            np.full((40, 40), 65535),
            np.zeros((40, 40)),
            np.clip(envelope, 0, 670),
        ]
    ).astype(np.uint16)


def tflite_micro_outputs(content, features):
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    interpreter = runtime.Interpreter.from_bytes(content)
    stride = interpreter.get_input_details(0)["shape"][1]
    inputs = quantise(features)
    outputs = []
    for step in range(len(features) // stride):
        interpreter.set_input(inputs[None, step * stride : (step + 1) * stride], 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0).item())
    return outputs


@cache
def lively(path):
    """The model with the bias of its last layer moved so that its outputs are spread, not pinned at zero."""

    content, features = path.read_bytes(), sound_features(np.random.default_rng(7))

    def moved(amount):
        def edit(model):
            bias = model.subgraphs[0].tensors[operator(model, "FULLY_CONNECTED").inputs[2]]
            buffer = model.buffers[bias.buffer]
            value = np.frombuffer(bytes(buffer.data), np.int32) + amount
            buffer.data = np.frombuffer(value.astype(np.int32).tobytes(), np.uint8)

        return edited(content, edit)

    candidates = [moved(amount) for amount in (0, 40_000, 80_000, 120_000, 160_000)]
    return max(candidates, key=lambda one: len(np.unique(ExactInt8(one).run([features])[0])))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_official_model_gives_the_bytes_of_tflite_micro(path):
    features = sound_features(np.random.default_rng(7))
    for content in (path.read_bytes(), lively(path)):
        model = ExactInt8(content)
        assert model.proven
        expected = tflite_micro_outputs(content, features)
        assert model.run([features])[0].tolist() == expected
    assert len(set(expected)) > 20


@pytest.mark.slow
@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_hours_of_sound_give_the_bytes_of_tflite_micro(path):
    features = long_features(720_000, seed=11)
    for content in (path.read_bytes(), lively(path)):
        outputs = ExactInt8(content).run([features])[0]
        assert outputs.tolist() == tflite_micro_outputs(content, features)
    assert len(np.unique(outputs)) > 30


@pytest.mark.parametrize("block_steps", [1, 17, 100, 5000])
def test_blocks_and_neighbours_change_nothing(block_steps):
    features = sound_features(np.random.default_rng(8))
    model = ExactInt8(lively(MODELS[0]))
    recordings = [features, features[:2], features[:601], features[:600], features[300:900], features[:0]]
    whole = [model.run([one])[0] for one in recordings]
    together = model.run(recordings, block_steps)
    assert [len(one) for one in together] == [len(one) // 3 for one in recordings]
    for one, other in zip(whole, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_layers_that_cannot_be_proven_run_in_integers(monkeypatch):
    features = sound_features(np.random.default_rng(9))
    content = lively(MODELS[0])
    fast = ExactInt8(content).run([features])[0]
    monkeypatch.setattr(Requantisation, "proven", False)
    slow = ExactInt8(content)
    assert not slow.proven
    np.testing.assert_array_equal(slow.run([features])[0], fast)


def test_single_rounding_is_not_proven():
    factor = quantise_factor(0.0007)
    layer = Requantisation(*(np.array([value]) for value in (1234, *factor)), low=-100, high=120, largest=10**6)
    assert layer.proven
    layer = Requantisation(*(np.array([value]) for value in (1234, *factor)), low=-100, high=120, largest=10**6)
    layer.__dict__["_rounding"] = np.full((1, 1, 1), 0.5)
    assert not layer.proven


def test_sums_that_could_leave_the_integers_are_not_proven():
    factor = [np.array([value]) for value in quantise_factor(40.0)]
    assert Requantisation(np.array([5]), *factor, low=0, high=120, largest=10**7).proven
    assert not Requantisation(np.array([5]), *factor, low=0, high=120, largest=10**8).proven


@pytest.mark.parametrize("factor", [3.7, 0.31, 0.013, 0.00021])
def test_the_float_form_equals_the_device_form_for_random_sums(factor):
    rng = np.random.default_rng(10)
    sums = rng.integers(-200_000, 200_000, (1, 1, 20_000))
    for low in (-90, 0):
        multiplier, shift = quantise_factor(factor)
        layer = Requantisation(np.array([77]), np.array([multiplier]), np.array([shift]), low, 150, 200_000)
        reals = np.empty(sums.shape, np.float32)
        layer.reals(sums.astype(np.float64), reals, Scratch(sums.shape))
        assert layer.proven
        np.testing.assert_array_equal(reals, layer.integers(sums))


@pytest.mark.parametrize(("scale", "zero_point"), [(0.15294228, 46), (0.02, 0), (0.5, -128), (0.09, 127)])
def test_the_logistic_table_is_the_kernel_of_tflite_micro(scale, zero_point):
    runtime = pytest.importorskip("tflite_micro.python.tflite_micro.runtime")
    table = logistic_table(scale, zero_point)
    interpreter = runtime.Interpreter.from_bytes(logistic_model(scale, zero_point))
    interpreter.set_input(np.arange(-128, 128, dtype=np.int8)[None], 0)
    interpreter.invoke()
    np.testing.assert_array_equal(interpreter.get_output(0)[0].astype(np.int16) + 128, table)


def logistic_model(scale, zero_point):
    def tensor(scale, zero_point):
        one = schema.TensorT()
        one.shape, one.type, one.buffer, one.name = [1, 256], schema.TensorType.INT8, 0, b"x"
        one.quantization = schema.QuantizationParametersT()
        one.quantization.scale, one.quantization.zeroPoint = [scale], [zero_point]
        return one

    model, graph, step, code = schema.ModelT(), schema.SubGraphT(), schema.OperatorT(), schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.LOGISTIC
    code.version = 1
    step.opcodeIndex, step.inputs, step.outputs = 0, [0], [1]
    graph.tensors = [tensor(scale, zero_point), tensor(1 / 256, -128)]
    graph.inputs, graph.outputs, graph.operators = [0], [1], [step]
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    builder = Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_other_graphs_are_refused():
    content = MODELS[0].read_bytes()

    def add(model):
        code = operator(model, "DEPTHWISE_CONV_2D").opcodeIndex
        model.operatorCodes[code].builtinCode = schema.BuiltinOperator.MAX_POOL_2D
        model.operatorCodes[code].deprecatedBuiltinCode = schema.BuiltinOperator.MAX_POOL_2D

    def feed_back(model):
        model.subgraphs[0].operators = [
            one for one in model.subgraphs[0].operators if one is not operator(model, "ASSIGN_VARIABLE")
        ]

    def relu6(model):
        operator(model, "CONV_2D").builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.RELU6

    def rescaled(model):
        sliced = operator(model, "STRIDED_SLICE").outputs[0]
        model.subgraphs[0].tensors[sliced].quantization.scale = [0.5]

    for edit in (add, feed_back, relu6, rescaled):
        with pytest.raises(UnsupportedModelError):
            ExactInt8(edited(content, edit))
    for garbage in (b"", b"garbage" * 100, content[:20_000], logistic_model(0.1, 0)):
        with pytest.raises(UnsupportedModelError):
            ExactInt8(garbage)
