"""From 32-bit sums back to int8, bit for bit as TensorFlow Lite Micro does it.

The device multiplies a sum by a 31-bit integer, rounds, shifts right, and rounds again. Over whole recordings the same
numbers come much faster from float64, if one can be sure of them: so the two forms are compared, once a model is
loaded, on both sides of every sum at which the result changes. Both never fall as the sum rises, so they are then equal
for every sum.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Sums = npt.NDArray[np.float32] | Reals
Outputs = npt.NDArray[np.float32]

_FRACTION_BITS = 31
_LARGEST_INT32 = 2.0**31 - 2
_NEIGHBOURS = np.arange(-3, 4)


class Scratch:
    """Where the steps in between lie; ``shape`` [channels, n, m] is that of the widest layer."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.reals = np.empty(shape)
        self.whole = np.empty(shape, np.int32)


@dataclass(frozen=True)
class Requantisation:
    """One layer's way from sums to outputs, both without their zero points.

    ``bias``, ``multiplier``, ``shift``: int64 [channels]; the factor of a channel is multiplier * 2**-(31 + shift).
    ``low``, ``high``: the range of the outputs; ``low`` is 0 behind a ReLU. ``largest``: how large sums can become.
    """

    bias: Integers
    multiplier: Integers
    shift: Integers
    low: int
    high: int
    largest: int

    def integers(self, sums: Integers) -> Integers:
        """The device's own arithmetic. ``sums``: int64 [channels, n, m], without the bias."""
        scaled = (sums + _column(self.bias)) << _column(np.maximum(-self.shift, 0))
        half = (scaled * _column(self.multiplier) + (1 << (_FRACTION_BITS - 1))) >> _FRACTION_BITS
        shift = _column(np.maximum(self.shift, 0))
        mask = (np.int64(1) << shift) - 1
        rounded = (half >> shift) + ((half & mask) > ((mask >> 1) + (half < 0)))
        outputs: Integers = np.clip(rounded, self.low, self.high)
        return outputs

    def reals(self, sums: Sums, out: Outputs, scratch: Scratch) -> None:
        """The same into ``out`` [channels, n, m], by float64; rely on it only when ``proven``."""
        scaled, whole = scratch.reals[: len(sums)], scratch.whole[: len(sums)]
        scaled[...] = sums
        np.multiply(scaled, self._factor, out=scaled)
        np.add(scaled, self._offset, out=scaled)
        if self.low < 0:
            np.add(scaled, np.copysign(self._rounding, scaled), out=scaled)
        # To int32 by leaving out what is behind the point. Behind a ReLU that rounds down, as nothing is below 0 then.
        np.copyto(whole, scaled, casting="unsafe")
        np.clip(whole, self.low, self.high, out=whole)
        out[...] = whole

    @cached_property
    def proven(self) -> bool:
        """Whether both forms agree for every sum."""
        if np.max(self.largest * self._factor + np.abs(self._offset)) >= _LARGEST_INT32:
            return False
        levels = np.arange(self.low + 1, self.high + 1)[:, None]
        sums = np.ceil((levels - 0.5) / self._factor - _column(self.bias)).astype(np.int64) + _NEIGHBOURS
        by_reals = np.empty(sums.shape, np.float32)
        self.reals(sums.astype(np.float64), by_reals, Scratch(sums.shape))
        by_integers = self.integers(sums)
        reached = by_integers >= levels
        return bool(np.array_equal(by_reals, by_integers) and not reached[..., 0].any() and reached[..., -1].all())

    @cached_property
    def _factor(self) -> Reals:
        factor = np.ldexp(self.multiplier.astype(np.float64), -(_FRACTION_BITS + self.shift))
        return _column(factor)

    @cached_property
    def _rounding(self) -> Reals:
        """Half an output, and half a unit of the first rounding where a second one follows."""
        return _column(0.5 + np.where(self.shift > 0, np.ldexp(1.0, -self.shift - 1), 0.0))

    @cached_property
    def _offset(self) -> Reals:
        bias = _column(self.bias) * self._factor
        return bias if self.low < 0 else bias + self._rounding


def quantise_factor(factor: float) -> tuple[int, int]:
    """A real factor as the device stores it: a 31-bit multiplier and a shift to the right."""
    fraction, exponent = math.frexp(factor)
    multiplier = math.floor(fraction * (1 << _FRACTION_BITS) + 0.5)
    if multiplier == 1 << _FRACTION_BITS:
        return multiplier // 2, -(exponent + 1)
    return multiplier, -exponent


def _column(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """One value a channel, for arrays [channels, n, m]."""
    return values[:, None, None]
