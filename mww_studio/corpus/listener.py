"""Listens to many takes of one phrase, and finds those that do not say it: they are unlike the others in sound.

Two takes are compared by warping their cepstra onto each other in time (dynamic time warping). The cepstra come from
the device's own features, smoothed over pitch, and each take is set off against its own mean and range, so that
neither loudness nor voice counts for much, but the order of the sounds does. What warping forgives, a phrase that is
said twice or by half, its length gives away. Measured with benchmarks/listener.py.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.corpus.features import device_features

Pcm = npt.NDArray[np.int16]
Cepstra = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float32]

STRICTNESS = 4.0
"""How many times further from the others than usual a take may be."""

_COEFFICIENTS = 12
_STEPS_A_FRAME = 2
_LEAD_S = 0.3  # in which the device's noise estimate settles
_FAR = np.float32(1e9)
_PANEL = 60  # takes with which all others are compared
_NEAREST = 3  # of the panel; a voice is like itself and like few others
_LEAST_TAKES = 8  # fewer say nothing about what is usual
_LEAST_SPREAD = 0.05  # of the usual distance; a machine that repeats itself makes nobody else an outlier
_BATCH = 64
_LENGTH_FACTOR = 0.3  # natural logarithm: a third longer or a quarter shorter than usual
_MAD = 1.4826  # from the median deviation to the standard deviation


def cepstra_of(pcm: Pcm, start_s: float, end_s: float) -> Cepstra:
    """What counts of the speech between two times of a take (int16 [samples], 16 kHz): [frames, coefficients]."""
    rate, step_s = law().frontend.sample_rate_hz, law().frontend.step_ms / 1000
    noise = np.random.default_rng(0).integers(-3, 4, round(_LEAD_S * rate)).astype(np.int16)
    speech = pcm[round(start_s * rate) : round(end_s * rate)]
    frames = device_features(np.concatenate([noise, speech]))[round(_LEAD_S / step_s) - 1 :].astype(np.float32)
    whole = len(frames) // _STEPS_A_FRAME * _STEPS_A_FRAME
    if not whole:
        return np.zeros((1, _COEFFICIENTS), np.float32)
    channels = frames.shape[1]
    angle = np.pi / channels * (np.arange(channels)[:, None] + 0.5) * np.arange(1, _COEFFICIENTS + 1)[None]
    cepstra = frames[:whole].reshape(-1, _STEPS_A_FRAME, channels).mean(axis=1) @ np.cos(angle)
    set_off: Cepstra = ((cepstra - cepstra.mean(axis=0)) / (cepstra.std(axis=0) + 1e-3)).astype(np.float32)
    return set_off


def outliers(takes: Sequence[Cepstra], seconds: Sequence[float], strictness: float = STRICTNESS) -> list[bool]:
    """Which takes of one phrase by one engine do not sound like the others, or last much longer or shorter.

    ``seconds``: how long each would last at the same speed. Of fewer than eight takes none is an outlier. Takes in
    their thousands are compared with the same few, so that memory and time for each do not grow.
    """
    if len(takes) < _LEAST_TAKES:
        return [False] * len(takes)
    places = np.unique(np.linspace(0, len(takes) - 1, _PANEL).astype(int))
    panel = _Panel([takes[place] for place in places], places)
    batches = range(0, len(takes), _BATCH)
    strange = np.concatenate([panel.strangeness(takes[first : first + _BATCH], first) for first in batches])
    usual = np.median(strange)
    spread = max(_MAD * float(np.median(np.abs(strange - usual))), _LEAST_SPREAD * float(usual))
    lengths = np.log(np.maximum(seconds, 1e-3))
    off = np.abs(lengths - np.median(lengths))
    too_far = strange > usual + strictness * spread
    too_long = off > max(_LENGTH_FACTOR, strictness * _MAD * float(np.median(off)))
    return [bool(flag) for flag in too_far | too_long]


class _Panel:
    """The takes with which all are compared. ``places``: where they stand among all takes."""

    def __init__(self, takes: Sequence[Cepstra], places: npt.NDArray[np.intp]) -> None:
        self._places = places
        self._lengths = np.array([len(take) for take in takes])
        self._cepstra = _padded(takes).transpose(1, 0, 2)

    def strangeness(self, takes: Sequence[Cepstra], first: int) -> Floats:
        """The mean distance of each take from the nearest of the panel, itself left out.

        ``first``: where the first of them stands among all takes.
        """
        distances = self._warped(takes)
        distances[self._places[None, :] == first + np.arange(len(takes))[:, None]] = _FAR
        nearest: Floats = np.sort(distances, axis=1)[:, :_NEAREST].mean(axis=1)
        return nearest

    def _warped(self, takes: Sequence[Cepstra]) -> Floats:
        """[takes, panel]: how far they are from each other along the best path, for each frame of both."""
        lengths = np.array([len(take) for take in takes])
        padded = _padded(takes)
        columns, members = self._cepstra.shape[:2]
        above = np.full((columns + 1, len(takes), members), _FAR, np.float32)
        above[0] = 0
        best = np.empty((len(takes), members), np.float32)
        squares = (self._cepstra**2).sum(axis=2)
        for frame in range(padded.shape[1]):
            now = padded[:, frame]
            products = np.tensordot(self._cepstra, now, axes=(2, 1)).transpose(0, 2, 1)
            here = np.sqrt(np.maximum((now**2).sum(axis=1)[None, :, None] + squares[:, None] - 2 * products, 0))
            entered = np.minimum(above[:-1] + 2 * here, above[1:] + here)
            row = np.full_like(above, _FAR)
            for column in range(columns):
                np.minimum(entered[column], row[column] + here[column], out=row[column + 1])
            above = row
            over = lengths == frame + 1
            best[over] = above[self._lengths, :, np.arange(members)].T[over]
        best /= lengths[:, None] + self._lengths[None]
        return best


def _padded(takes: Sequence[Cepstra]) -> Cepstra:
    padded = np.zeros((len(takes), max(map(len, takes)), _COEFFICIENTS), np.float32)
    for row, take in zip(padded, takes, strict=True):
        row[: len(take)] = take
    return padded
