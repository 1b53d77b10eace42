"""Which processor does the work, and why not the other."""

import importlib.util
from dataclasses import dataclass
from types import ModuleType

import keras
import numpy as np
import tensorflow as tf

from mww_studio.errors import StudioError
from mww_studio.presets import Hardware


@dataclass(frozen=True)
class Device:
    """``arrays``: numpy or cupy, for work on whole batches. ``sentence``: what is used, and why."""

    gpu: bool
    arrays: ModuleType
    sentence: str


def choose_device(wanted: Hardware) -> Device:
    """The processor for this run. Raises StudioError ``hardware.no_gpu`` when one was demanded and there is none."""
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
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
    if wanted.mixed_precision:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", gpus[0].name)
    if importlib.util.find_spec("cupy") is None:
        return Device(True, np, f"Trains on {name}; masks on the processor, because CuPy is not installed.")
    import cupy

    return Device(True, cupy, f"Trains on {name}, masks included.")


def set_seeds(seed: int) -> None:
    """Make all that draws by chance in this process (Python, numpy, TensorFlow) draw the same for the same ``seed``."""
    keras.utils.set_random_seed(seed)
