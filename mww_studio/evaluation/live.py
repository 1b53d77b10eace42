"""The device's ear on this computer: sound in as it comes, and what the device would do at each step out."""

from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mww_studio.constitution.articles import law
from mww_studio.constitution.manifest import read_manifest
from mww_studio.corpus.features import DeviceFrontend, Features, Pcm
from mww_studio.evaluation.detector import Detector, cutoff_byte
from mww_studio.evaluation.listening import slice_end_s
from mww_studio.evaluation.runtime import load_runtime

GAINS = range(1, 65)  # ESPHome's option gain_factor


@dataclass(frozen=True, slots=True)
class Inference:
    """One step of the model. ``time_s``: when the sound it ends with was heard, from the start of listening.

    ``byte`` is the probability as the device has it, ``mean`` that over the sliding window, which decides; both of 255.
    ``deaf``: the device would refuse a detection, as it does for a second after one.
    """

    time_s: float
    byte: int
    mean: float
    woke: bool
    deaf: bool

    @property
    def probability(self) -> float:
        """The probability, to be held against a cut-off from 0 to 1."""
        return self.byte / law().detection.cutoff_multiplier

    @property
    def sure(self) -> float:
        """The mean over the window, to be held against a cut-off from 0 to 1."""
        return self.mean / law().detection.cutoff_multiplier


class LiveDetector:
    """A device that was just switched on, with the model of a manifest: its frontend, model and rule, exactly.

    ``wake_word``, ``cutoff`` (0 to 1, as the device's byte has it) and ``cutoff_byte`` are those of the manifest,
    ``runtime`` names what runs the model, ``step_s`` is the time between two inferences. ``gain`` may be changed at
    any time.
    """

    def __init__(self, manifest: Path, gain: int = 1) -> None:
        """``gain``: the device's gain_factor. Raises StudioError ``manifest.invalid``, ``model.invalid``."""
        described = read_manifest(manifest)
        runtime = load_runtime(described.model_path(manifest.parent))
        self.gain = gain
        self.wake_word = described.wake_word
        self.cutoff_byte = cutoff_byte(described.probability_cutoff)
        self.cutoff = self.cutoff_byte / law().detection.cutoff_multiplier
        self.runtime = runtime.name
        self.step_s = runtime.stride * law().frontend.step_ms / 1000
        self._stride = int(runtime.stride)
        self._step = runtime.stepper()
        self._frontend = DeviceFrontend()
        self._detector = Detector(self.cutoff_byte, described.sliding_window_size, runtime.stride)
        self._window = deque([0] * described.sliding_window_size, maxlen=described.sliding_window_size)
        self._frames = np.zeros((0, law().frontend.channels), np.uint16)
        self._slices = 0

    def feed(self, pcm: Pcm) -> list[Inference]:
        """Hear more: int16 [samples], 16 kHz mono, of any number. Returns the inferences that they complete."""
        loud = pcm if self.gain == 1 else np.clip(pcm.astype(np.int32) * self.gain, -32768, 32767).astype(np.int16)
        self._frames = np.concatenate([self._frames, self._frontend.feed(loud)])
        steps = len(self._frames) // self._stride
        inferences = [self._infer(self._frames[n * self._stride : (n + 1) * self._stride]) for n in range(steps)]
        self._frames = self._frames[steps * self._stride :]
        return inferences

    def _infer(self, frames: Features) -> Inference:
        byte = self._step(frames)
        self._window.append(byte)
        mean = sum(self._window) / len(self._window)
        woke = self._detector.update(byte)
        if woke:
            self._window.extend([0] * len(self._window))  # as the device does
        self._slices += self._stride
        return Inference(slice_end_s(self._slices - 1), byte, mean, woke, self._detector.deaf)
