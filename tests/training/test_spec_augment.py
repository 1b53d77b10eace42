from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mww_studio.presets import Phase
from mww_studio.training.spec_augment import apply_masks, draw_masks, spec_augment

PHASE = Phase(
    steps=1, learning_rate=1e-3, final_learning_rate=1e-3,
    time_masks=2, time_mask_frames=20, frequency_masks=1, frequency_mask_channels=5,
)  # fmt: skip


def naively(inputs: np.ndarray, time: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    masked = inputs.copy()
    for row in range(len(inputs)):
        for start, end in time[row]:
            masked[row, start:end, :] = -128
        for start, end in frequency[row]:
            masked[row, :, start:end] = -128
    return masked


@given(
    inputs=arrays.arrays(np.int8, st.tuples(st.integers(1, 4), st.integers(30, 40), st.just(40))),
    seed=st.integers(0, 1000),
    masks=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_masks_are_applied_as_a_loop_would(inputs: np.ndarray, seed: int, masks: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    time = draw_masks(rng, len(inputs), masks[0], 15, inputs.shape[1])
    frequency = draw_masks(rng, len(inputs), masks[1], 20, 40)
    result = apply_masks(np, inputs, time, frequency)
    assert result.dtype == np.int8
    np.testing.assert_array_equal(result, naively(inputs, time, frequency))


@given(seed=st.integers(0, 10_000), longest=st.integers(0, 50), length=st.integers(50, 400))
def test_masks_lie_inside(seed: int, longest: int, length: int) -> None:
    bounds = draw_masks(np.random.default_rng(seed), 3, 4, longest, length)
    assert bounds.shape == (3, 4, 2)
    widths = bounds[..., 1] - bounds[..., 0]
    assert bounds.min() >= 0
    assert bounds.max() <= length
    assert 0 <= widths.min() <= widths.max() <= longest


def test_masks_reach_every_place_and_every_width() -> None:
    bounds = draw_masks(np.random.default_rng(0), 500, 4, 5, 40)
    assert set((bounds[..., 1] - bounds[..., 0]).ravel()) == set(range(6))
    covered = {place for start, end in bounds.reshape(-1, 2) for place in range(start, end)}
    assert covered == set(range(40))


def test_the_phase_says_how_many_masks() -> None:
    inputs = np.full((200, 100, 40), 5, np.int8)
    result = spec_augment(np, inputs, PHASE, np.random.default_rng(3))
    frames = (result == -128).all(axis=2).sum(axis=1)
    channels = (result == -128).all(axis=1).sum(axis=1)
    assert frames.max() > 20
    assert frames.max() <= 40
    assert channels.max() == 5
    assert set(np.unique(result)) == {-128, 5}
    nothing = PHASE.model_copy(update={"time_masks": 0, "frequency_masks": 0})
    np.testing.assert_array_equal(spec_augment(np, inputs, nothing, np.random.default_rng(3)), inputs)


def test_the_arrays_are_made_by_whoever_is_given() -> None:
    """CuPy runs the very same code; NumPy stands in for it, and shows that nothing goes past ``xp``."""

    class Recorded(ModuleType):
        used: ClassVar[set[str]] = set()

        def __getattr__(self, name: str) -> object:
            self.used.add(name)
            return getattr(np, name)

    inputs = np.random.default_rng(1).integers(-128, 128, (16, 358, 40)).astype(np.int8)
    recorded = spec_augment(Recorded("cupy"), inputs, PHASE, np.random.default_rng(2))
    np.testing.assert_array_equal(recorded, spec_augment(np, inputs, PHASE, np.random.default_rng(2)))
    assert Recorded.used == {"asarray", "arange"}


def test_cupy_gives_the_same() -> None:
    cupy = pytest.importorskip("cupy")
    inputs = np.random.default_rng(1).integers(-128, 128, (16, 358, 40)).astype(np.int8)
    here = spec_augment(np, inputs, PHASE, np.random.default_rng(2))
    there = spec_augment(cupy, cupy.asarray(inputs), PHASE, np.random.default_rng(2))
    np.testing.assert_array_equal(here, cupy.asnumpy(there))
