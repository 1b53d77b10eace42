"""Noise that is computed: what a home sounds like when nobody has recorded it yet. Seeded, 16 kHz mono int16."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from mww_studio.constitution.articles import law

Pcm = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float64]
Maker = Callable[[np.random.Generator, int, int], Wave]

_FULL_SCALE = 32768.0
_PEAK = 0.9
_LOUDNESS_DBFS = (-38.0, -18.0)


def noise_kinds() -> tuple[str, ...]:
    """The kinds of noise that :func:`make_noise` knows."""
    return tuple(_MAKERS)


def make_noise(kind: str, seconds: float, seed: int) -> Pcm:
    """``seconds`` of one kind of noise at a random level. The same seed gives the same samples."""
    rng = np.random.default_rng([seed, list(_MAKERS).index(kind)])
    rate = law().frontend.sample_rate_hz
    return _at_random_level(_MAKERS[kind](rng, round(seconds * rate), rate), rng)


def make_babble(speech: Sequence[Pcm], seconds: float, seed: int, talkers: int = 4) -> Pcm:
    """Several people talking at once, mixed from clips of speech; each talks on and on with short pauses."""
    rng = np.random.default_rng([seed, len(_MAKERS)])
    rate = law().frontend.sample_rate_hz
    mixed = np.zeros(round(seconds * rate) + rate)  # the first second, in which they begin, is dropped
    for _ in range(talkers):
        place = int(rng.integers(rate))
        gain = rng.uniform(0.4, 1.0)
        while place < len(mixed):
            clip = speech[int(rng.integers(len(speech)))][: len(mixed) - place] / _FULL_SCALE
            mixed[place : place + len(clip)] += gain * clip
            place += len(clip) + int(rng.uniform(0.05, 0.6) * rate)
    return _at_random_level(mixed[rate:], rng)


def _at_random_level(wave: Wave, rng: np.random.Generator) -> Pcm:
    loudness = max(float(np.sqrt(np.mean(wave**2))), 1e-9)
    gain = min(10 ** (rng.uniform(*_LOUDNESS_DBFS) / 20) / loudness, _PEAK / max(float(np.abs(wave).max()), 1e-9))
    return np.rint(wave * gain * (_FULL_SCALE - 1)).astype(np.int16)


def _coloured(rng: np.random.Generator, length: int, slope: float) -> Wave:
    """Noise whose power falls with frequency to the power of ``slope``: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    bins = np.maximum(np.arange(len(spectrum)), max(1, len(spectrum) // 400))
    return np.fft.irfft(spectrum / bins ** (slope / 2), length)


def _band(wave: Wave, low_hz: float, high_hz: float, rate: int) -> Wave:
    filtered: Wave = sosfilt(butter(2, (low_hz, high_hz), "bandpass", fs=rate, output="sos"), wave)
    return filtered


def _slow(rng: np.random.Generator, length: int, rate: int, per_second: float, depth: float) -> Wave:
    """A curve around 1 that wanders ``per_second`` times a second by up to ``depth``."""
    knots = max(2, round(length / rate * per_second) + 2)
    return np.interp(np.linspace(0, knots - 1, length), np.arange(knots), 1 + depth * rng.uniform(-1, 1, knots))


def _scatter(length: int, rate: int, rng: np.random.Generator, per_second: float, sound: Callable[[], Wave]) -> Wave:
    """Short sounds at random moments."""
    wave = np.zeros(length)
    for start in rng.integers(0, length, max(1, rng.poisson(per_second * length / rate))):
        piece = sound()[: length - start]
        wave[start : start + len(piece)] += piece
    return wave


def _tone(frequencies: npt.ArrayLike, amplitudes: npt.ArrayLike, decay_s: float, seconds: float, rate: int) -> Wave:
    t = np.arange(round(seconds * rate)) / rate
    pitches, loudnesses = np.asarray(frequencies, float), np.asarray(amplitudes, float) * np.less(frequencies, rate / 2)
    tone: Wave = loudnesses @ np.sin(2 * np.pi * np.outer(pitches, t)) * np.exp(-t / decay_s) * np.minimum(1, t / 0.004)
    return tone


def _white(rng: np.random.Generator, length: int, _rate: int) -> Wave:
    return _coloured(rng, length, 0.0)


def _pink(rng: np.random.Generator, length: int, _rate: int) -> Wave:
    return _coloured(rng, length, 1.0)


def _brown(rng: np.random.Generator, length: int, _rate: int) -> Wave:
    return _coloured(rng, length, 2.0)


def _hum(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Mains hum with harmonics over a quiet hiss."""
    mains = rng.choice([50.0, 60.0]) * rng.uniform(0.998, 1.002)
    t = np.arange(length) / rate
    harmonics = [
        rng.uniform(0.2, 1.0) / n * np.sin(2 * np.pi * mains * n * t + rng.uniform(0, 6)) for n in range(1, 13)
    ]
    hum: Wave = np.sum(harmonics, axis=0)
    return hum + 0.05 * rng.standard_normal(length)


def _fan(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Air moved by blades."""
    blades = 1 + 0.3 * np.sin(2 * np.pi * rng.uniform(8, 60) * np.arange(length) / rate)
    return _band(_coloured(rng, length, 1.2), 40, rng.uniform(1500, 6000), rate) * blades


def _motor(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """A vacuum cleaner or mixer: a wandering whine with harmonics in broad noise."""
    phase = 2 * np.pi * np.cumsum(rng.uniform(90, 400) * _slow(rng, length, rate, 0.7, 0.08)) / rate
    whine = np.sum([rng.uniform(0.2, 1.0) / n * np.sin(n * phase) for n in range(1, 9)], axis=0)
    hiss = _coloured(rng, length, 0.5)
    motor: Wave = whine + rng.uniform(0.5, 2.0) * hiss / hiss.std()
    return motor


def _kettle(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Water that heats up: a rising rush, then bubbles."""
    rush = _band(rng.standard_normal(length), 300, rng.uniform(2500, 7000), rate) * np.linspace(0.2, 1.0, length) ** 2
    bubbles = _scatter(
        length, rate, rng, 25, lambda: rng.uniform(0.1, 0.6) * _tone([rng.uniform(300, 1200)], [1.0], 0.015, 0.06, rate)
    )
    return rush + bubbles


def _rain(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Rain or a running tap: hiss that swells, with drops."""
    hiss = _band(rng.standard_normal(length), 800, 7000, rate) * _slow(rng, length, rate, 0.5, 0.5)
    drops = _scatter(
        length, rate, rng, 40, lambda: rng.exponential(0.5) * _tone([rng.uniform(900, 4000)], [1.0], 0.004, 0.02, rate)
    )
    return hiss + drops


def _traffic(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Cars that come and go."""
    road = _band(_coloured(rng, length, 1.6), 30, 2500, rate)
    return road * _slow(rng, length, rate, 0.4, 0.9)


def _clicks(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Keys, switches and footsteps over a quiet room."""

    def click() -> Wave:
        body = rng.standard_normal(round(rng.uniform(0.004, 0.05) * rate))
        return rng.uniform(0.2, 1.0) * body * np.exp(-np.linspace(0, 6, len(body)))

    return _scatter(length, rate, rng, rng.uniform(1, 9), click) + 0.01 * _coloured(rng, length, 1.0)


def _dishes(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Plates, glasses and cutlery: ringing modes."""

    def clink() -> Wave:
        modes = rng.uniform(700, 7500, 6)
        return rng.uniform(0.1, 1.0) * _tone(modes, rng.uniform(0.2, 1, 6), rng.uniform(0.01, 0.12), 0.5, rate)

    return _scatter(length, rate, rng, rng.uniform(0.7, 4), clink) + 0.01 * _coloured(rng, length, 1.0)


def _beeps(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Alarms, timers and bells."""
    pitch = rng.uniform(500, 3500)
    bell = rng.random() < 0.5
    beep = _tone([pitch, pitch * rng.uniform(1.5, 3.1)], [1.0, 0.4], 0.4 if bell else 5.0, 1.2 if bell else 0.18, rate)
    wave = np.zeros(length)
    for start in range(0, length, round(rng.uniform(0.35, 1.6) * rate)):
        wave[start : start + len(beep)] += beep[: length - start]
    return wave + 0.01 * _coloured(rng, length, 1.0)


def _music(rng: np.random.Generator, length: int, rate: int) -> Wave:
    """Chords, a tune and a beat."""
    beat = rng.uniform(0.3, 0.7)
    root = rng.uniform(90, 220)
    scale = 2 ** (np.array([0, 2, 4, 5, 7, 9, 11]) / 12)
    overtones = np.arange(1, 6)
    timbre = rng.uniform(0.1, 1.0, 5) / overtones
    wave = np.zeros(length + 2 * rate)
    for number, start in enumerate(range(0, length, round(beat * rate))):
        notes = [root * 2 * scale[rng.integers(7)] * rng.choice([1, 2])]
        if number % 4 == 0:
            degree = rng.integers(7)
            notes += [root * scale[(degree + step) % 7] for step in (0, 2, 4)]
        for note in notes:
            sound = rng.uniform(0.4, 1.0) * _tone(note * overtones, timbre, rng.uniform(0.2, 0.9), 1.5, rate)
            wave[start : start + len(sound)] += sound
        drum = rng.standard_normal(rate // 12) * np.exp(-np.linspace(0, 9, rate // 12))
        wave[start : start + len(drum)] += rng.uniform(0, 0.8) * drum
    return wave[:length]


_MAKERS: dict[str, Maker] = {
    "white": _white,
    "pink": _pink,
    "brown": _brown,
    "hum": _hum,
    "fan": _fan,
    "motor": _motor,
    "kettle": _kettle,
    "rain": _rain,
    "traffic": _traffic,
    "clicks": _clicks,
    "dishes": _dishes,
    "beeps": _beeps,
    "music": _music,
}
