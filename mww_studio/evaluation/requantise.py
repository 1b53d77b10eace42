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

_FRACTION_BITS = 31
_NEIGHBOURS = np.arange(-3, 4)


@dataclass(frozen=True)
class Requantisation:
    """One layer's way from sums to outputs, both without their zero points.

    ``bias``, ``multiplier``, ``shift``: int64 [channels]; the factor of a channel is multiplier * 2**-(31 + shift).
    ``low``, ``high``: the range of the outputs; ``low`` is 0 behind a ReLU.
    """

    bias: Integers
    multiplier: Integers
    shift: Integers
    low: int
    high: int

    def integers(self, sums: Integers) -> Integers:
        """The device's own arithmetic. ``sums``: int64 [channels, n, m], without the bias."""
        scaled = (sums + _column(self.bias)) << _column(np.maximum(-self.shift, 0))
        half = (scaled * _column(self.multiplier) + (1 << (_FRACTION_BITS - 1))) >> _FRACTION_BITS
        shift = _column(np.maximum(self.shift, 0))
        mask = (np.int64(1) << shift) - 1
        rounded = (half >> shift) + ((half & mask) > ((mask >> 1) + (half < 0)))
        outputs: Integers = np.clip(rounded, self.low, self.high)
        return outputs

    def reals(self, sums: npt.NDArray[np.float32] | Reals, out: Reals) -> None:
        """The same into ``out`` [channels, n, m], by float64 alone; rely on it only when ``proven``."""
        out[...] = sums
        np.multiply(out, self._factor, out=out)
        np.add(out, self._offset, out=out)
        if self.low < 0:
            np.add(out, np.copysign(self._rounding, out), out=out)
            np.trunc(out, out=out)
            np.clip(out, self.low, self.high, out=out)
        else:
            np.clip(out, 0, self.high, out=out)
            np.floor(out, out=out)

    @cached_property
    def proven(self) -> bool:
        """Whether both forms agree for every sum."""
        levels = np.arange(self.low + 1, self.high + 1)[:, None]
        sums = np.ceil((levels - 0.5) / self._factor - _column(self.bias)).astype(np.int64) + _NEIGHBOURS
        by_reals = np.empty(sums.shape)
        self.reals(sums.astype(np.float64), by_reals)
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
