"""Which clips are nearly the same sound: cut, made louder, coloured or coded otherwise, or with a little noise on top.

A clip is known by how the loudness of 18 bands changes from moment to moment. Compared along all shifts, two copies of
one sound agree in that almost everywhere, while two sayings of one word do not. Of 100 takes of one word by a crowd, 18
pairs reached 0.8, and all of them were the same recording, wave by wave; different ones reached 0.796, and mostly 0.33.
Copies with noise at 20 dB reached 0.83 and more, cut ones 0.99.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mww_studio.audio.trimming import band_power

Pcm = npt.NDArray[np.int16]
Spectra = npt.NDArray[np.complex64]

ALIKE = 0.8
"""How like each other two clips are at least that are copies of one sound."""

LISTENED_S = 2.5
"""How much of a clip is compared, from the beginning."""

_HOP_FRAMES = 2
_SHIFTS = 256  # twice the frames that are compared, so that a shift brings nothing round to the other end
_RANGE_DB = 45.0
_TOGETHER = 512


@dataclass(frozen=True)
class Likeness:
    """Two clips, by their places, and how like each other they are, to 1."""

    first: int
    second: int
    likeness: float


def fingerprint(pcm: Pcm) -> Spectra:
    """What a clip, int16 [samples], is known by: complex64 [frequencies, bands]; all zeros for silence."""
    power = band_power(pcm)[: _HOP_FRAMES * _SHIFTS // 2]
    power = power[: len(power) // _HOP_FRAMES * _HOP_FRAMES]
    if not len(power):
        return np.zeros((_SHIFTS // 2 + 1, band_power(pcm[:0]).shape[1]), np.complex64)
    level = 10 * np.log10(power.reshape(-1, _HOP_FRAMES, power.shape[1]).mean(axis=1))
    level = np.maximum(level, level.max() - _RANGE_DB)
    change = np.diff(level, axis=0)
    change -= change.mean(axis=0) if len(change) else 0
    change /= np.linalg.norm(change) + 1e-6
    spectra: Spectra = np.fft.rfft(change, _SHIFTS, axis=0).astype(np.complex64)
    return spectra


def alike(ones: Sequence[Spectra], others: Sequence[Spectra]) -> Iterator[list[Likeness]]:
    """For each of ``ones``, by their fingerprints, which of ``others`` are copies of the same sound."""
    if not len(others):
        yield from ([] for _ in ones)
        return
    table = np.stack(others)
    for number, one in enumerate(ones):
        found = []
        for start in range(0, len(table), _TOGETHER):
            products = (table[start : start + _TOGETHER] * one.conj()).sum(axis=-1)
            best = np.fft.irfft(products, _SHIFTS, axis=-1).max(axis=-1)
            found += [
                Likeness(number, start + int(index), float(best[index])) for index in np.flatnonzero(best >= ALIKE)
            ]
        yield found
