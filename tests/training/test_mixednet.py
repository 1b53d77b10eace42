from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from synthetic_speech import talk
from tiny_training import SMALL

from mww_studio.corpus.features import device_features, quantise
from mww_studio.errors import StudioError
from mww_studio.presets import Block, Model
from mww_studio.reference import official_model
from mww_studio.training.mixednet import FoldedWeights, MixedNet
from mww_studio.training.streaming import StreamingMixedNet
from mww_studio.training.validation import model_input, stream_logits
from mww_studio.training.warm_start import read_weights

MODELS = {
    "reference": Model(),
    "small": SMALL,
    "one kernel a block": Model(blocks=(Block(kernels=(9,), filters=16), Block(kernels=(5,), filters=8))),
    "three kernels": Model(first_conv_filters=30, blocks=(Block(kernels=(3, 7, 5), filters=12),)),
    "little memory": Model(first_conv_kernel=4, blocks=(Block(kernels=(1,), filters=8),), final_frames=1),
    "a long beginning": Model(first_conv_kernel=8, blocks=(Block(kernels=(5, 1), filters=8),), final_frames=3),
}


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    return device_features(talk(20.0, who=12))


def random_model(architecture: Model) -> MixedNet:
    """Weights and batch statistics as if it had been trained, outputs spread over the whole scale."""
    tf.random.set_seed(1)
    model = MixedNet(architecture)
    rng = np.random.default_rng(2)
    for norm in model.norms:
        gamma = norm.get_weights()[0]
        shape = gamma.shape
        norm.set_weights(
            [
                rng.uniform(0.5, 1.5, shape),
                rng.normal(0, 0.3, shape),
                rng.normal(0, 1, shape),
                rng.uniform(0.5, 3, shape),
            ]
        )
    return model


def streamed(weights: FoldedWeights, features: np.ndarray) -> np.ndarray:
    """Logits of the streaming graph, a stride at a time."""
    graph = StreamingMixedNet(weights)
    inputs = model_input(quantise(features))
    steps = inputs[: len(inputs) // 3 * 3].reshape(-1, 1, 3, 40)
    probability = np.array([graph.step(tf.constant(step)).numpy()[0, 0] for step in steps], np.float64)
    return np.log(probability / (1 - probability))


def spread(weights: FoldedWeights, features: np.ndarray) -> FoldedWeights:
    """The same with a final layer that keeps the outputs where a float probability is exact."""
    small = replace(weights, dense=weights.dense * 1e-3, dense_bias=weights.dense_bias * 0)
    logits = streamed(small, features)
    scale = 1 / logits.std()
    return replace(
        small,
        dense=(small.dense * scale).astype(np.float32),
        dense_bias=np.full_like(weights.dense_bias, -logits.mean() * scale),
    )


@pytest.mark.parametrize("name", MODELS)
def test_the_streaming_graph_is_the_same_model(name: str, speech: np.ndarray) -> None:
    architecture = MODELS[name]
    model = random_model(architecture)
    weights = spread(model.folded(), speech[:600])
    model.dense.set_weights([weights.dense, weights.dense_bias])
    whole, steps = stream_logits(model, [speech])[0], streamed(weights, speech)
    assert len(whole) == len(steps) == len(speech) // 3
    assert steps.std() > 0.1
    # Before it has seen as much as it remembers, the stream's memory is empty.
    settled = -(-architecture.receptive_frames // 3)
    np.testing.assert_allclose(steps[settled:], whole[settled:], atol=1e-4)
    if settled > 2:
        assert np.abs(steps[settled + 1 :] - whole[settled:-1]).max() > 0.01


@pytest.mark.parametrize("name", MODELS)
def test_one_output_sees_as_much_as_the_preset_says(name: str) -> None:
    architecture = MODELS[name]
    model = random_model(architecture)
    for extra, outputs in ((0, 1), (2, 1), (3, 2)):
        assert model(tf.zeros((2, architecture.receptive_frames + extra, 40))).shape == (2, outputs)
    inputs = tf.Variable(tf.random.stateless_uniform((1, architecture.receptive_frames + 3, 40), (1, 2), 0, 26))
    with tf.GradientTape() as tape:
        first = model(inputs)[:, 0]
    seen = np.abs(tf.convert_to_tensor(tape.gradient(first, inputs)).numpy()).sum(axis=(0, 2)) > 0
    assert not seen[architecture.receptive_frames :].any()
    assert seen[: architecture.receptive_frames][-1]


def test_long_recordings_are_heard_in_blocks_without_a_seam(
    speech: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = random_model(SMALL)
    whole = stream_logits(model, [speech])[0]
    monkeypatch.setattr("mww_studio.training.validation._BLOCK_OUTPUTS", 100)
    np.testing.assert_allclose(stream_logits(model, [speech])[0], whole, atol=1e-4)


def test_recordings_that_are_heard_together_are_heard_each_from_its_start(speech: np.ndarray) -> None:
    for architecture in MODELS.values():
        model = random_model(architecture)
        parts = [speech[:700], speech[700:702], speech[702:1003], speech[:0], speech[1003:1500]]
        together = stream_logits(model, parts)
        assert [len(logits) for logits in together] == [len(part) // 3 for part in parts]
        for part, logits in zip(parts, together, strict=True):
            np.testing.assert_allclose(stream_logits(model, [part])[0], logits, atol=1e-4)
    assert stream_logits(model, []) == []


@pytest.mark.parametrize("name", ["okay_nabu", "hey_jarvis", "alexa", "hey_mycroft"])
def test_adopting_official_weights_changes_nothing(name: str, speech: np.ndarray) -> None:
    weights = spread(read_weights(official_model(name)), speech[:600])
    model = MixedNet(weights.architecture)
    rng = np.random.default_rng(1)
    starts = rng.integers(len(speech) - 300, size=16)
    model.adopt(weights, model_input(quantise(np.stack([speech[start : start + 300] for start in starts]))))
    model.dense.set_weights([weights.dense, weights.dense_bias])
    settled = -(-weights.architecture.receptive_frames // 3)
    ours, official = stream_logits(model, [speech])[0][settled:], streamed(weights, speech)[settled:]
    assert official.std() > 0.5
    np.testing.assert_allclose(ours, official, atol=1e-3)
    for norm in model.norms:
        gamma, _, _, variance = norm.get_weights()
        np.testing.assert_allclose(gamma, np.sqrt(variance + norm.epsilon), rtol=1e-5)


def test_folded_weights_describe_their_architecture() -> None:
    for architecture in MODELS.values():
        assert MixedNet(architecture).folded().architecture == architecture
    assert read_weights(official_model("okay_nabu")).architecture == Model()


def test_statistics_are_those_of_the_sequences(speech: np.ndarray) -> None:
    model = random_model(SMALL)
    inputs = model_input(quantise(speech[:1500].reshape(5, 300, 40)))
    model.recompute_statistics(inputs)
    # With the batch's own statistics, training and use agree.
    np.testing.assert_allclose(model(inputs, training=True), model(inputs, training=False), atol=1e-2)


def test_half_precision_says_nearly_the_same(speech: np.ndarray) -> None:
    inputs = model_input(quantise(speech[:1500].reshape(5, 300, 40)))
    exact = random_model(SMALL)
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        half = MixedNet(SMALL)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    half.set_weights(exact.get_weights())
    for training in (False, True):
        wanted, found = exact(inputs, training=training).numpy(), half(inputs, training=training).numpy()
        assert found.dtype == np.float32
        assert not np.array_equal(found, wanted)
        assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.99


def test_official_models_are_found_or_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert official_model("alexa").is_file()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(StudioError, match="pymicro-wakeword") as caught:
        official_model("alexa")
    assert caught.value.code == "training.no_warm_start"
