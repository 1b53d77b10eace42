"""How loud a sound is, and what it looks like, at the pace of a meter."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from mww_studio.audio.trimming import band_power
from mww_studio.constitution.articles import law

Pcm = npt.NDArray[np.int16]
Envelope = npt.NDArray[np.float32]

LOWEST_DBFS = -90.0
TOO_QUIET_DBFS = -30.0  # the peak of speech at the level from which a take counts as quiet
TOO_LOUD_DBFS = -3.0
_QUIET_ROOM_DBFS = -58.0
_LOUD_ROOM_DBFS = -45.0  # speech from a few steps away stands out from less by too little
ENVELOPE_STEP_S = 0.01


class Zone(StrEnum):
    """Where a peak stands on the meter."""

    TOO_QUIET = "too quiet"
    GOOD = "good"
    TOO_LOUD = "too loud"


class Noise(StrEnum):
    """How loud a room is."""

    QUIET = "quiet"
    FAIR = "fair"
    LOUD = "loud"


@dataclass(frozen=True)
class RoomNoise:
    """What a room sounds like when nobody speaks: a word, and the level where speech is."""

    noise: Noise
    dbfs: float


def peak_dbfs(pcm: Pcm) -> float:
    """The largest of int16 [samples] against full scale, not below LOWEST_DBFS."""
    return _dbfs(float(np.abs(pcm.astype(np.int32)).max(initial=0)) / 32768)


def rms_dbfs(pcm: Pcm) -> float:
    """The level of int16 [samples]; a square wave of full scale has 0 dBFS. Not below LOWEST_DBFS."""
    return _dbfs(float(np.sqrt(np.mean(np.square(pcm, dtype=np.float64)))) / 32768) if len(pcm) else LOWEST_DBFS


def zone(dbfs: float) -> Zone:
    """Where the peak of a sound stands."""
    if dbfs < TOO_QUIET_DBFS:
        return Zone.TOO_QUIET
    return Zone.TOO_LOUD if dbfs > TOO_LOUD_DBFS else Zone.GOOD


def room_noise(pcm: Pcm) -> RoomNoise:
    """Judge some seconds (int16 [samples], 16 kHz mono) in which nobody spoke."""
    power = band_power(pcm)
    # The middle of the frames: a chair that creaks once is not the room.
    level = _dbfs(float(np.sqrt(np.median(power.sum(axis=1))))) if len(power) else LOWEST_DBFS
    if level < _QUIET_ROOM_DBFS:
        return RoomNoise(Noise.QUIET, level)
    return RoomNoise(Noise.LOUD if level > _LOUD_ROOM_DBFS else Noise.FAIR, level)


def envelope(pcm: Pcm, columns: int) -> Envelope:
    """The lowest and highest sample in each of ``columns`` equal parts: float32 [columns, 2], full scale is 1.

    ``pcm``: int16 [samples]. With fewer samples than columns, neighbours show the same sample.
    """
    if not len(pcm):
        return np.zeros((columns, 2), np.float32)
    edges = np.linspace(0, len(pcm), columns + 1).astype(np.intp)[:-1]
    low, high = np.minimum.reduceat(pcm, edges), np.maximum.reduceat(pcm, edges)
    return np.stack([low, high], axis=1).astype(np.float32) / np.float32(32768)


class RollingEnvelope:
    """The envelope of the newest seconds, renewed piece by piece: a column stands for ENVELOPE_STEP_S."""

    def __init__(self, seconds: float) -> None:
        """Begin with silence."""
        self._step = round(ENVELOPE_STEP_S * law().frontend.sample_rate_hz)
        self.columns: Envelope = np.zeros((round(seconds / ENVELOPE_STEP_S), 2), np.float32)
        self._rest = np.zeros(0, np.int16)

    def feed(self, pcm: Pcm) -> None:
        """Shift the columns by what is new. ``pcm``: int16 [samples] of any number."""
        whole = np.concatenate([self._rest, pcm])
        count = len(whole) // self._step
        self._rest = whole[count * self._step :]
        if count:
            new = envelope(whole[: count * self._step], count)[-len(self.columns) :]
            self.columns = np.concatenate([self.columns[len(new) :], new])


def _dbfs(amplitude: float) -> float:
    return max(LOWEST_DBFS, 20 * float(np.log10(max(amplitude, 1e-9))))
