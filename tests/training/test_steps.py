"""The paths that training takes on graphics cards, on the processor: they give what the plain one gives."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from tiny_training import FRAMES, training

from mww_studio.presets import Block, Model
from mww_studio.training.steps import Drawn

TINY = Model(first_conv_filters=8, blocks=(Block(kernels=(3, 5), filters=8),), final_frames=2)
# Two replicas need two devices, which a process must ask for before TensorFlow does anything.
SHARED_OUT = """
import sys
import numpy as np
import tensorflow as tf

processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.path[:0] = sys.argv[1:]
from test_steps import drawn, learned
from mww_studio.training.devices import Device
from mww_studio.training.steps import Drawn

once = drawn(3, 4, 4)
plain, losses = learned(Device(False, np, ""), once)
one, one_losses = learned(Device(False, np, "", tf.distribute.MirroredStrategy(["CPU:0"])), once)
np.testing.assert_allclose(one_losses, losses, rtol=1e-6)
for a, b in zip(one, plain, strict=True):
    np.testing.assert_allclose(a, b, atol=1e-6)

# Each example twice in a row: every replica has the same batch, so the mean of both is what one device finds.
twice = Drawn(*(np.repeat(array, 2, axis=1) for array in (once.inputs, once.end_frames, once.hard)), once.rates,
              once.decays)
two, two_losses = learned(Device(False, np, "", tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])), twice)
np.testing.assert_allclose(two_losses, losses, rtol=1e-4)
for a, b in zip(two, plain, strict=True):
    np.testing.assert_allclose(a, b, atol=1e-4)
"""


def drawn(count: int, words: int, others: int) -> Drawn:
    rng = np.random.default_rng(1)
    return Drawn(
        rng.integers(-128, 128, (count, words + others, FRAMES, 40)).astype(np.int8),
        rng.uniform(200, 230, (count, words)).astype(np.float32),
        rng.random((count, others)) < 0.5,
        np.linspace(1e-3, 1e-4, count, dtype=np.float32),
        np.full(count, 0.5, np.float32),
    )


def learned(device: object, what: Drawn) -> tuple[list[np.ndarray], np.ndarray]:
    """The weights, their mean, and the losses, after steps from weights that a seed gives."""
    from mww_studio.constitution.articles import law
    from mww_studio.training.devices import Device, set_seeds
    from mww_studio.training.loss import output_times
    from mww_studio.training.mixednet import MixedNet
    from mww_studio.training.steps import Steps

    assert isinstance(device, Device)
    set_seeds(1)
    with device.strategy.scope():
        model = MixedNet(TINY)
    settings = training(3)
    outputs = (FRAMES - TINY.receptive_frames) // law().input.stride + 1
    steps = Steps(model, settings, output_times(TINY, outputs), device)
    losses = steps.take(settings.phases[0], what)
    return [variable.numpy() for variable in [*model.variables, *steps.average]], losses


def test_work_that_is_shared_out_gives_the_same_weights() -> None:
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", SHARED_OUT, *paths], env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_every_card_has_a_part_of_the_words_and_of_the_rest() -> None:
    whole = drawn(2, 5, 4)
    parts = [whole.part(number, 2) for number in range(2)]
    assert [(ends.shape[1], hard.shape[1]) for _, ends, hard in parts] == [(3, 2), (2, 2)]
    for number, (inputs, ends, hard) in enumerate(parts):
        words = ends.shape[1]
        np.testing.assert_array_equal(inputs[:, :words], whole.inputs[:, :5][:, number::2])
        np.testing.assert_array_equal(inputs[:, words:], whole.inputs[:, 5:][:, number::2])
        np.testing.assert_array_equal(ends, whole.end_frames[:, number::2])
        np.testing.assert_array_equal(hard, whole.hard[:, number::2])
    assert whole.part(0, 1)[0] is whole.inputs
