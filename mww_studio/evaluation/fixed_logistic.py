"""The logistic function in the fixed-point arithmetic of the device's kernels, as a table over int8.

The kernels use gemmlowp's method: exp(-a) as a product of stored powers and a Taylor polynomial around -1/8, then
1 / (1 + x) by three of Newton's steps, all in 32-bit fixed point with rounding, doubling high products. Written from
the published method; the table is checked against tflite-micro.
"""

import math

import numpy as np
import numpy.typing as npt

from mww_studio.evaluation.requantise import quantise_factor

_BITS = 31
_MAX = (1 << _BITS) - 1
_INPUT_INTEGER_BITS = 4
_INPUT_FRACTION_BITS = _BITS - _INPUT_INTEGER_BITS
_OUTPUT_BITS = 8
_NEWTON_STEPS = 3
_NEWTON_INTEGER_BITS = 2


def logistic_table(input_scale: float, input_zero_point: int) -> npt.NDArray[np.uint8]:
    """uint8 [256]: the output (of scale 1/256, zero point 0) for the int8 inputs -128..127."""
    multiplier, shift = quantise_factor(input_scale * (1 << _INPUT_FRACTION_BITS))
    radius = math.floor(((1 << _INPUT_INTEGER_BITS) - 1) * 2.0 ** (_INPUT_FRACTION_BITS + shift))
    values = []
    for quantised in range(-128, 128):
        centred = quantised - input_zero_point
        if abs(centred) >= radius:
            values.append(0 if centred < 0 else 255)
            continue
        argument = _round_shift(_product(centred << max(-shift, 0), multiplier), max(shift, 0))
        values.append(min(_round_shift(_logistic(argument), _BITS - _OUTPUT_BITS), 255))
    return np.array(values, np.uint8)


def _logistic(argument: int) -> int:
    if argument == 0:
        return 1 << (_BITS - 1)
    positive = _one_over_one_plus(_exp_of_negative(-abs(argument)))
    return positive if argument > 0 else _MAX - positive


def _exp_of_negative(argument: int) -> int:
    """exp(argument) for an argument below 0 with 4 integer bits; the result has none."""
    quarter = 1 << (_INPUT_FRACTION_BITS - 2)
    inside = (argument & (quarter - 1)) - quarter
    result = _exp_near_minus_one_eighth(_saturate(inside << _INPUT_INTEGER_BITS))
    remainder = inside - argument
    for exponent in range(-2, _INPUT_INTEGER_BITS):
        if remainder & (1 << (_INPUT_FRACTION_BITS + exponent)):
            result = _product(result, _fixed(math.exp(-(2.0**exponent)), 0))
    return result


def _exp_near_minus_one_eighth(argument: int) -> int:
    """exp(argument) on [-1/4, 0)."""
    x = argument + (1 << (_BITS - 3))
    squared = _product(x, x)
    cubed = _product(squared, x)
    fourth = _product(squared, squared)
    tail = _round_shift(_product(_round_shift(fourth, 2) + cubed, _fixed(1 / 3, 0)) + squared, 1)
    base = _fixed(math.exp(-1 / 8), 0)
    return _saturate(base + _product(base, x + tail))


def _one_over_one_plus(value: int) -> int:
    """1 / (1 + value) for a value in [0, 1)."""
    half_denominator = (value + _MAX + 1) // 2
    x = _fixed(48 / 17, 2) + _product(half_denominator, _fixed(-32 / 17, 2))
    for _ in range(_NEWTON_STEPS):
        missing = (1 << (_BITS - _NEWTON_INTEGER_BITS)) - _product(half_denominator, x)
        x += _saturate(_product(x, missing) << _NEWTON_INTEGER_BITS)
    return _saturate(x << (_NEWTON_INTEGER_BITS - 1))


def _fixed(value: float, integer_bits: int) -> int:
    return min(round(math.ldexp(value, _BITS - integer_bits)), _MAX)


def _product(a: int, b: int) -> int:
    return _saturate((a * b + (1 << (_BITS - 1))) >> _BITS)


def _round_shift(value: int, bits: int) -> int:
    """Divide by a power of two; halves go away from zero."""
    mask = (1 << bits) - 1
    return (value >> bits) + int((value & mask) > (mask >> 1) + (value < 0))


def _saturate(value: int) -> int:
    return max(-_MAX - 1, min(_MAX, value))
