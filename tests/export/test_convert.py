from pathlib import Path

import numpy as np
import pytest
from synthetic_features import long_features
from synthetic_speech import talk

from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome
from mww_studio.corpus.features import device_features, quantise
from mww_studio.evaluation.arena import measure_arena_bytes
from mww_studio.evaluation.runtime import PROVEN, TFLITE_MICRO, UNCOMPARED, ExactRuntime, TfliteMicro, load_runtime
from mww_studio.export.convert import convert
from mww_studio.presets import Block, Model, load_preset
from mww_studio.reference import official_model
from mww_studio.training.mixednet import FoldedBlock, FoldedWeights
from mww_studio.training.streaming import StreamingMixedNet
from mww_studio.training.validation import model_input
from mww_studio.training.warm_start import read_weights

MODELS = {
    "reference": Model(),
    "small": load_preset("small").model,
    "one kernel a block": Model(blocks=(Block(kernels=(9,), filters=16), Block(kernels=(5,), filters=8))),
    "three kernels": Model(first_conv_filters=30, blocks=(Block(kernels=(3, 7, 5), filters=12),)),
    "little memory": Model(first_conv_kernel=4, blocks=(Block(kernels=(1,), filters=8),), final_frames=1),
    "many blocks": Model(blocks=tuple(Block(kernels=(3, 5), filters=8) for _ in range(8)), final_frames=2),
    "wide": Model(first_conv_filters=48, blocks=(Block(kernels=(5, 9), filters=64), Block(kernels=(7,), filters=20))),
}


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return device_features(talk(20.0, who=14))


def random_weights(model: Model) -> FoldedWeights:
    rng = np.random.default_rng(4)

    def drawn(*shape: int, inputs: float) -> np.ndarray:
        return (rng.standard_normal(shape) / np.sqrt(inputs)).astype(np.float32)

    channels = model.first_conv_filters
    first = drawn(model.first_conv_kernel, 1, 40, channels, inputs=model.first_conv_kernel * 40)
    blocks = []
    for block in model.blocks:
        share = channels // len(block.kernels)
        depthwise = tuple(drawn(kernel, 1, share, 1, inputs=kernel) for kernel in block.kernels)
        pointwise = drawn(1, 1, channels, block.filters, inputs=channels / 2)
        blocks.append(FoldedBlock(depthwise, pointwise, drawn(block.filters, inputs=25)))
        channels = block.filters
    dense = drawn(model.final_frames, 1, channels, 1, inputs=model.final_frames * channels)
    return FoldedWeights(first, tuple(blocks), dense, np.full(1, 0.1, np.float32))


def in_floats(weights: FoldedWeights, features: np.ndarray) -> np.ndarray:
    graph = StreamingMixedNet(weights)
    inputs = model_input(quantise(features))[: len(features) // 3 * 3].reshape(-1, 1, 3, 40)
    return np.array([256 * graph.step(step).numpy()[0, 0] for step in inputs])


@pytest.mark.parametrize("name", MODELS)
def test_every_architecture_becomes_a_lawful_file(name: str, speech: np.ndarray, tmp_path: Path) -> None:
    weights = random_weights(MODELS[name])
    path = tmp_path / "model.tflite"
    path.write_bytes(convert(weights, speech))
    verdicts = check_model(path, ours=True)
    assert [verdict for verdict in verdicts if verdict.outcome is not Outcome.PASS] == []
    assert read_weights(path).architecture == MODELS[name]
    # Numbers survive eight bits as well as eight bits allow.
    runtime = load_runtime(path)
    assert runtime.name in {PROVEN, UNCOMPARED}
    streams = [speech[:900], np.random.default_rng(2).integers(0, 674, (900, 40), np.uint16)]
    outputs = runtime.run(streams)
    if runtime.name == PROVEN:
        np.testing.assert_array_equal(outputs, TfliteMicro(path.read_bytes()).run(streams))
    heard = outputs[0].astype(float)
    exact = in_floats(weights, speech[:900])
    settled = -(-MODELS[name].receptive_frames // 3)
    assert heard[settled:].std() > 2
    assert np.corrcoef(heard[settled:], exact[settled:])[0, 1] > 0.97


def test_the_small_model_is_half_an_official_one(speech: np.ndarray, tmp_path: Path) -> None:
    path, official = tmp_path / "small.tflite", official_model("okay_nabu")
    path.write_bytes(convert(random_weights(MODELS["small"]), speech))
    assert path.stat().st_size <= official.stat().st_size / 2
    needed = measure_arena_bytes(path)
    assert needed is None or needed < 0.75 * (measure_arena_bytes(official) or 0)


def test_the_official_architecture_needs_less_memory_than_the_official_file(speech: np.ndarray, tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro")
    path, official = tmp_path / "again.tflite", official_model("okay_nabu")
    path.write_bytes(convert(random_weights(MODELS["reference"]), speech))
    assert path.stat().st_size < official.stat().st_size
    assert (measure_arena_bytes(path) or 0) < (measure_arena_bytes(official) or 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_hours_of_sound_give_the_bytes_of_tflite_micro(name: str, speech: np.ndarray) -> None:
    pytest.importorskip("tflite_micro")
    content = convert(random_weights(MODELS[name]), speech)
    streams = [long_features(360_000, seed=12)]
    (outputs,) = ExactRuntime(content, PROVEN).run(streams)
    np.testing.assert_array_equal(outputs, TfliteMicro(content).run(streams)[0])
    assert len(np.unique(outputs)) > 30


def test_official_weights_give_the_official_file_again(speech: np.ndarray, tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro")
    official = official_model("okay_nabu")
    path = tmp_path / "again.tflite"
    path.write_bytes(convert(read_weights(official), speech))
    for ours, theirs in zip(read_weights(path).blocks, read_weights(official).blocks, strict=True):
        np.testing.assert_allclose(ours.pointwise, theirs.pointwise, atol=0.02)
    first, second = (load_runtime(model) for model in (path, official))
    assert {first.name, second.name} <= {PROVEN, TFLITE_MICRO}
    streams = [speech, np.random.default_rng(1).integers(0, 600, (3000, 40)).astype(np.uint16)]
    for ours, theirs in zip(first.run(streams), second.run(streams), strict=True):
        difference = np.abs(ours.astype(int) - theirs)
        assert np.mean(difference) < 2
        assert np.quantile(difference, 0.99) <= 12


def test_the_range_of_the_input_does_not_depend_on_the_sound(tmp_path: Path) -> None:
    weights = random_weights(MODELS["one kernel a block"])
    path = tmp_path / "quiet.tflite"
    path.write_bytes(convert(weights, np.zeros((60, 40), np.uint16)))
    assert [verdict for verdict in check_model(path, ours=True) if verdict.outcome is not Outcome.PASS] == []


def test_the_same_weights_give_the_same_file(speech: np.ndarray) -> None:
    weights = random_weights(MODELS["little memory"])
    assert convert(weights, speech[:600]) == convert(weights, speech[:600])
