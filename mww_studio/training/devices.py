"""Which processor does the work, and why not another."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mww_studio.errors import StudioError
from mww_studio.presets import Hardware

# Cards from this generation on (NVIDIA's compute capability) reckon with 16-bit numbers of the range of 32-bit ones.
_BFLOAT16_SINCE = (8, 0)


@dataclass(frozen=True)
class Device:
    """``arrays``: numpy or cupy, for work on whole batches. ``sentence``: what is used, and why. ``strategy``: how the
    work is shared out; models and trainers are made within its scope."""

    gpu: bool
    arrays: ModuleType
    sentence: str
    strategy: tf.distribute.Strategy = field(default_factory=tf.distribute.get_strategy)

    def tensor(self, array: Any) -> tf.Tensor:
        """An array of numpy or cupy as a tensor; from a graphics card's memory without a copy."""
        if isinstance(array, np.ndarray):
            return tf.constant(array)
        # TensorFlow does not wait for what another library has begun on the card.
        self.arrays.cuda.get_current_stream().synchronize()
        return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


def choose_device(wanted: Hardware, most: int = 1) -> Device:
    """The processor for this run. ``most``: among how many cards the work can be shared out.

    Raises StudioError ``hardware.no_gpu`` when a card was demanded and there is none.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if wanted.device == "cpu":
        tf.config.set_visible_devices([], "GPU")
        return Device(False, np, "Trains on the processor, as the preset asks.")
    if not gpus:
        why = "TensorFlow finds no CUDA GPU" + ("." if tf.test.is_built_with_cuda() else " and was built without CUDA.")
        if wanted.device == "gpu":
            raise StudioError(
                "hardware.no_gpu",
                "The preset asks for a GPU, and there is none to use.",
                why=why,
                do="Install the extra “gpu” on Linux with an NVIDIA card, or set hardware.device to auto.",
            )
        return Device(False, np, f"Trains on the processor: {why}")
    return _with_cards(wanted, gpus, most)


def _with_cards(wanted: Hardware, gpus: Sequence[Any], most: int) -> Device:
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    precision = "32-bit numbers"
    if wanted.mixed_precision and all(each.get("compute_capability", (0, 0)) >= _BFLOAT16_SINCE for each in details):
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
        precision = "16-bit numbers where they are enough"
    used = gpus[: max(most, 1)]
    names = ", ".join(each.get("device_name", gpu.name) for gpu, each in zip(used, details, strict=False))
    strategy = tf.distribute.get_strategy()
    if len(used) > 1:
        strategy = tf.distribute.MirroredStrategy([f"GPU:{number}" for number in range(len(used))])
    if importlib.util.find_spec("cupy") is None:
        sentence = f"Trains on {names} with {precision}; masks on the processor, because CuPy is not installed."
        return Device(True, np, sentence, strategy)
    import cupy

    return Device(True, cupy, f"Trains on {names} with {precision}, masks included.", strategy)


def set_seeds(seed: int) -> None:
    """Make all that draws by chance in this process (Python, numpy, TensorFlow) draw the same for the same ``seed``."""
    keras.utils.set_random_seed(seed)
