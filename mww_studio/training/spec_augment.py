"""SpecAugment on whole batches: the same array code on the GPU with CuPy and on the processor with NumPy."""

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.presets import Phase

Bounds = npt.NDArray[np.int64]


def draw_masks(rng: np.random.Generator, batch: int, masks: int, longest: int, length: int) -> Bounds:
    """Where to mask: [batch, masks, 2], start and end along an axis of ``length``; each up to ``longest`` long."""
    widths = rng.integers(0, longest + 1, size=(batch, masks))
    starts = rng.integers(0, length - longest + 1, size=(batch, masks))
    return np.stack([starts, starts + widths], axis=-1)


def apply_masks(xp: ModuleType, inputs: Any, time: Bounds, frequency: Bounds) -> Any:
    """``inputs`` [batch, frames, channels] int8 with the masked parts silent. ``xp``: numpy or cupy."""
    _, frames, channels = inputs.shape
    masked = inputs.copy()
    # Places are few: writing to them is quicker than choosing for every value.
    masked[_inside(xp, time, frames)] = law().quantisation.low
    masked.transpose(0, 2, 1)[_inside(xp, frequency, channels)] = law().quantisation.low
    return masked


def spec_augment(xp: ModuleType, inputs: Any, phase: Phase, rng: np.random.Generator) -> Any:
    """A batch with the masks of a training phase."""
    batch, frames, channels = inputs.shape
    time = draw_masks(rng, batch, phase.time_masks, phase.time_mask_frames, frames)
    frequency = draw_masks(rng, batch, phase.frequency_masks, phase.frequency_mask_channels, channels)
    return apply_masks(xp, inputs, time, frequency)


def _inside(xp: ModuleType, bounds: Bounds, length: int) -> Any:
    """[batch, length] of booleans: inside any of a row's bounds."""
    bounds = xp.asarray(bounds)
    places = xp.arange(length)
    return ((places >= bounds[:, :, :1]) & (places < bounds[:, :, 1:])).any(axis=1)
