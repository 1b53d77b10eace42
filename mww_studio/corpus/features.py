"""The device's own frontend: audio to spectral features, and features to the model's int8 input."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from pymicro_features import create_frontend, process_samples

from mww_studio.constitution.articles import law
from mww_studio.corpus.aside import laid_aside

Pcm = npt.NDArray[np.int16]
Features = npt.NDArray[np.uint16]


def frame_count(samples: int) -> int:
    """How many feature frames the device makes of ``samples`` samples."""
    frontend = law().frontend
    return max(0, (samples - frontend.window_samples) // frontend.step_samples + 1)


def device_features(pcm: Pcm) -> Features:
    """The integers that the device's frontend makes, from a fresh start.

    ``pcm``: int16 [samples], 16 kHz mono. Returns uint16 [frames, channels].
    Source: pymicro-features, bit-equal to the frontend that ESPHome runs (constitution, article Frontend).
    """
    return DeviceFrontend().feed(pcm)


def block_features(blocks: Iterable[Pcm]) -> Features:
    """The same for a recording that comes in blocks of any length, of which one is in memory at a time.

    More than an hour lies on disk, as :func:`~mww_studio.corpus.aside.laid_aside` says.
    """
    return laid_aside(map(DeviceFrontend().feed, blocks))


class DeviceFrontend:
    """The frontend of a device that was just started, fed as the sound comes."""

    def __init__(self) -> None:
        self._generator = create_frontend()
        self._rest = b""

    def feed(self, pcm: Pcm) -> Features:
        """The frames (uint16 [frames, channels]) that ``pcm`` (int16 [samples] of any number) completes."""
        frontend = law().frontend
        sample_bytes = np.dtype(np.int16).itemsize
        step_bytes = frontend.step_samples * sample_bytes
        data = self._rest + np.ascontiguousarray(pcm, dtype="<i2").tobytes()
        generator, position = self._generator, 0
        values: list[float] = []
        while position + step_bytes <= len(data):
            frame, samples_read = process_samples(generator, data[position : position + step_bytes])
            position += samples_read * sample_bytes or 1
            values += frame
        self._rest = data[position:]
        scaled = np.array(values, np.float32).reshape(-1, frontend.channels) / np.float32(frontend.raw_scale)
        features: Features = np.rint(scaled).astype(np.uint16)
        return features


def quantise(features: npt.NDArray[np.uint16]) -> npt.NDArray[np.int8]:
    """The model's int8 input as the device computes it from frontend integers. Any shape."""
    rule = law().quantisation
    scaled = (features.astype(np.int32) * rule.multiplier + rule.rounding) // rule.divisor + rule.offset
    return np.clip(scaled, rule.low, rule.high).astype(np.int8)
