"""Rooms that are computed: impulse responses of boxes, from a bathroom to a hall, a near or a far talker. Seeded."""

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfiltfilt

from mww_studio.constitution.articles import law

Wave = npt.NDArray[np.float32]

_SOUND_M_PER_S = 343.0
_LOW_M = (1.6, 1.6, 2.2)
_HIGH_M = (9.0, 7.0, 3.6)
_DECAY_S = (0.12, 0.9)
_DISTANCE_M = (0.3, 4.5)
_TALKER_DIRECTIVITY = 2.5
_EARLY_S = 0.06
_LOUDEST_REFLECTION = 0.9
_IMAGES = 4
_DULL_ABOVE_HZ = 2000.0


def make_room(seed: int) -> Wave:
    """The impulse response of a random box-shaped room between a talker and a microphone.

    float32 [samples], 16 kHz; it begins with the direct sound, which is its largest sample, of amplitude 1. Early
    reflections by the image-source method (Allen and Berkley, 1979), later ones as noise that decays with the room's
    reverberation time, faster at high frequencies.
    """
    rng = np.random.default_rng(seed)
    rate = law().frontend.sample_rate_hz
    size = rng.uniform(_LOW_M, _HIGH_M)
    decay_s = rng.uniform(*_DECAY_S) * (0.6 + 0.4 * np.cbrt(size.prod() / np.prod(_HIGH_M)))
    talker, microphone = _positions(rng, size)
    direct = float(np.linalg.norm(talker - microphone))
    length = round(min(decay_s * 1.2, 1.2) * rate)
    response = _early(size, talker, microphone, decay_s, direct, length, rate)
    response += _late(rng, size, decay_s, direct, length, rate)
    response[1:] = np.clip(response[1:], -_LOUDEST_REFLECTION, _LOUDEST_REFLECTION)
    response[0] = 1.0
    return response.astype(np.float32)


def _positions(rng: np.random.Generator, size: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], ...]:
    """A talker and a microphone inside the room, away from the walls, at a distance that is likely at home."""
    wall = 0.25
    while True:
        microphone = rng.uniform(wall, size - wall)
        direction = rng.standard_normal(3) * (1.0, 1.0, 0.3)
        distance = np.exp(rng.uniform(*np.log(_DISTANCE_M)))
        talker = microphone + direction / np.linalg.norm(direction) * distance
        if np.all(talker > wall) and np.all(talker < size - wall):
            return talker, microphone


def _early(
    size: npt.NDArray[np.float64],
    talker: npt.NDArray[np.float64],
    microphone: npt.NDArray[np.float64],
    decay_s: float,
    direct: float,
    length: int,
    rate: int,
) -> npt.NDArray[np.float64]:
    """Reflections by mirrored talkers; walls absorb as much as Sabine's formula says for the decay."""
    surface = 2 * (size[0] * size[1] + size[0] * size[2] + size[1] * size[2])
    absorption = min(0.95, 0.161 * float(size.prod()) / (surface * decay_s))
    reflection = np.sqrt(1 - absorption)
    response = np.zeros(length)
    last = min(length, round(_EARLY_S * rate))
    orders = np.arange(-_IMAGES, _IMAGES + 1)
    cells = np.stack(np.meshgrid(orders, orders, orders), axis=-1).reshape(-1, 1, 3)
    mirrored = np.stack(np.meshgrid((0, 1), (0, 1), (0, 1)), axis=-1).reshape(1, -1, 3)
    images = np.where(mirrored, -talker, talker) + 2 * cells * size
    distances = np.linalg.norm(images - microphone, axis=-1)
    bounces = np.abs(2 * cells - mirrored).sum(axis=-1)
    delays = np.rint((distances - direct) / _SOUND_M_PER_S * rate).astype(int)
    early = (delays > 0) & (delays < last)
    np.add.at(response, delays[early], (reflection**bounces * direct / distances)[early])
    return response


def _late(
    rng: np.random.Generator, size: npt.NDArray[np.float64], decay_s: float, direct: float, length: int, rate: int
) -> npt.NDArray[np.float64]:
    """The diffuse tail, whose energy against the direct sound follows from volume, decay and distance."""
    t = np.arange(length) / rate
    noise = rng.standard_normal(length)
    low_pass = butter(2, _DULL_ABOVE_HZ, fs=rate, output="sos")
    low = sosfiltfilt(low_pass, noise)
    tail = low * 10 ** (-3 * t / decay_s) + (noise - low) * 10 ** (-3 * t / (0.6 * decay_s))
    rise = min(length, round(_EARLY_S * rate))
    tail[:rise] *= np.linspace(0, 1, rise)
    critical_m = 0.057 * np.sqrt(_TALKER_DIRECTIVITY * float(size.prod()) / decay_s)
    energy = (direct / critical_m) ** 2
    late: npt.NDArray[np.float64] = tail * np.sqrt(energy / max(float(np.sum(tail**2)), 1e-12))
    return late
