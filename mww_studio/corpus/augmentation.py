"""One recording in many rooms, at many levels, before many microphones: augmentation of the waveform.

Every function is a pure function of its inputs and a seed, so that a variant can be made again anywhere.
"""

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import audiomentations
import numpy as np
import numpy.typing as npt
import soxr
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import butter, oaconvolve, sosfilt

from mww_studio.constitution.articles import law
from mww_studio.corpus.equaliser import random_equaliser
from mww_studio.presets import Augmentation

Wave = npt.NDArray[np.float32]
Pcm = npt.NDArray[np.int16]
Sound = TypeVar("Sound", Wave, Pcm)

_FULL_SCALE = 32768.0
_SPLICE_S = 0.02
_MARGIN_WORTH_CONTINUING_S = 0.12
_CUT_OUT_BESIDE_S = (0.04, 0.5)
# How much around the speech gets its pitch; the rest is the room's sound, not the speaker's.
_VOICED_AROUND_S = 0.25
# How steeply coloured noise falls or rises, in dB an octave, and how long a filter gives it its colour.
_COLOUR_DB = (-6.0, 6.0)
_COLOUR_SAMPLES = 128
# A little more than a minute: long enough that no two excerpts are alike.
_WHITE_NOISE_SAMPLES = 1 << 20
# The deepest tones that a narrow band has, between these.
_NARROW_BAND_FROM_HZ = (80.0, 400.0)
_NARROW_BAND_ORDER = 4


@dataclass(frozen=True)
class Surroundings:
    """What can sound around a clip: backgrounds (int16, 16 kHz) and impulse responses (float32, 16 kHz)."""

    backgrounds: Sequence[Pcm]
    rooms: Sequence[Wave]


class Augmenter:
    """Makes augmented versions of clips with one preset's probabilities and ranges."""

    def __init__(self, settings: Augmentation, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings
        self._rate = law().frontend.sample_rate_hz
        low, high = settings.pitch_semitones
        self._voice = audiomentations.PitchShift(min_semitones=low, max_semitones=high, p=settings.pitch_shift)
        self._device = audiomentations.Compose(
            [
                audiomentations.TanhDistortion(
                    min_distortion=settings.distortion_range[0],
                    max_distortion=settings.distortion_range[1],
                    p=settings.distortion,
                ),
                audiomentations.BandStopFilter(p=settings.band_stop),
            ]
        )

    def place(
        self, pcm: Pcm, speech_start_s: float, speech_end_s: float, *, lead_s: float, tail_s: float, seed: int
    ) -> Pcm:
        """Set a short clip into a stream: ``lead_s`` before its speech begins, exactly ``tail_s`` after it ends."""
        rng = self._seeded(seed)
        wave, factor = self._change_speed(_as_float(pcm), rng)
        first, last = (int(seconds * factor * self._rate) for seconds in (speech_start_s, speech_end_s))
        around = int(_VOICED_AROUND_S * self._rate)
        start, end = max(first - around, 0), last + around
        wave[start:end] = _joined(wave[start:end], self._voice(wave[start:end], self._rate))
        before, speech, after = wave[:first], wave[first:last], wave[last:]
        lead, tail = int(lead_s * self._rate), int(tail_s * self._rate)
        stream = np.concatenate([self._beside(before[::-1], lead)[::-1], speech, self._beside(after, tail)])
        stream = self._background(self._room(stream, rng), _rms(speech), rng)
        if rng.random() < self._settings.isolated:
            stream = self._cut_out(stream, lead, lead + len(speech), rng)
        return self._microphone(stream, rng)

    def stream(self, pcm: Pcm, seed: int) -> Pcm:
        """An augmented version of a whole recording; it keeps its length unless its speed changes."""
        rng = self._seeded(seed)
        wave, _ = self._change_speed(_as_float(pcm), rng)
        wave = self._voice(wave, self._rate)
        loudness = _rms(wave)
        wave = self._background(self._room(wave, rng), loudness, rng)
        return self._microphone(wave, rng)

    def _seeded(self, seed: int) -> np.random.Generator:
        # audiomentations draws from the two global generators, so these are what a variant depends on.
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        return np.random.default_rng(seed)

    def _change_speed(self, wave: Wave, rng: np.random.Generator) -> tuple[Wave, float]:
        """The same take said faster or slower. Returns the wave and its new length over the old."""
        if rng.random() >= self._settings.speed:
            return wave, 1.0
        factor = float(rng.uniform(*self._settings.speed_factor))
        return soxr.resample(wave, self._rate, self._rate * factor, quality="MQ"), factor

    def _beside(self, sound: Wave, length: int) -> Wave:
        """``length`` samples beside speech: a clip's own, back and forth, or silence where they are too few."""
        if len(sound) >= _MARGIN_WORTH_CONTINUING_S * self._rate:
            return np.pad(sound, (0, max(0, length - len(sound))), mode="reflect")[:length]
        return _faded(sound[:length], length)

    def _cut_out(self, stream: Wave, start: int, end: int, rng: np.random.Generator) -> Wave:
        """Only what is between two samples and a little beside it, as software cuts a word out of a recording."""
        before, after = (int(seconds * self._rate) for seconds in rng.uniform(*_CUT_OUT_BESIDE_S, 2))
        ended = _faded(stream[: end + after], len(stream))
        return _faded(ended[max(start - before, 0) :][::-1], len(stream))[::-1].copy()

    def _room(self, wave: Wave, rng: np.random.Generator) -> Wave:
        rooms = self._surroundings.rooms
        if not rooms or rng.random() >= self._settings.room:
            return wave
        room = rooms[int(rng.integers(len(rooms)))]
        # The direct sound must stay where it was: the labels know where the speech ends.
        onset = int(np.argmax(np.abs(room)))
        length = next_fast_len(len(wave) + len(room) - 1, real=True)
        wet = irfft(rfft(wave, length) * rfft(room, length), length)[onset : onset + len(wave)]
        return np.asarray(wet * (_rms(wave) / max(_rms(wet), 1e-9)), np.float32)

    def _background(self, wave: Wave, loudness: float, rng: np.random.Generator) -> Wave:
        settings, backgrounds = self._settings, self._surroundings.backgrounds
        if backgrounds and rng.random() < settings.background:
            noise = _as_float(_excerpt(backgrounds[int(rng.integers(len(backgrounds)))], len(wave), rng))
            level = loudness * 10 ** (-rng.uniform(*settings.background_snr_db) / 20)
            wave = wave + noise * (level / max(_rms(noise), 1e-5))
        return wave.astype(np.float32)

    def _microphone(self, wave: Wave, rng: np.random.Generator) -> Pcm:
        settings = self._settings
        if rng.random() < settings.equaliser:
            sections = random_equaliser(rng, settings.equaliser_db, self._rate)
            wave = np.asarray(sosfilt(sections, wave), np.float32)
        if rng.random() < settings.narrow_band:
            band = [np.exp(rng.uniform(*np.log(ends))) for ends in (_NARROW_BAND_FROM_HZ, settings.narrow_band_hz)]
            sections = butter(_NARROW_BAND_ORDER, band, "bandpass", fs=self._rate, output="sos")
            wave = np.asarray(sosfilt(sections, wave), np.float32)
        wave = self._device(wave, self._rate)
        if rng.random() < settings.coloured_noise:
            level = _rms(wave) * 10 ** (-rng.uniform(*settings.coloured_noise_snr_db) / 20)
            wave = wave + np.float32(level) * _coloured_noise(len(wave), rng)
        peak = max(float(wave.max(initial=1e-5)), -float(wave.min(initial=0.0)))
        loudest_dbfs = rng.uniform(*settings.peak_dbfs)
        if rng.random() < settings.clipping:
            loudest_dbfs = rng.uniform(*settings.clipping_db)
        wave = wave * np.float32(_FULL_SCALE * 10 ** (loudest_dbfs / 20) / peak)
        if rng.random() >= settings.digital_silence:
            floor = 10 ** (rng.uniform(*settings.noise_floor_dbfs) / 20)
            wave += np.float32(_FULL_SCALE * floor) * _hiss(len(wave), rng)
        np.clip(np.rint(wave, out=wave), -_FULL_SCALE, _FULL_SCALE - 1, out=wave)
        return wave.astype(np.int16)


def _as_float(pcm: Pcm) -> Wave:
    return pcm.astype(np.float32) / np.float32(_FULL_SCALE)


def _rms(wave: npt.NDArray[np.floating]) -> float:
    return float(np.sqrt(np.dot(wave, wave) / len(wave))) if len(wave) else 0.0


def _joined(outside: Wave, inside: Wave) -> Wave:
    """``inside``, which begins and ends as ``outside`` does."""
    fade = min(len(outside) // 2, int(_SPLICE_S * law().frontend.sample_rate_hz))
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    share = np.concatenate([ramp, np.ones(len(outside) - 2 * fade, np.float32), ramp[::-1]])
    return np.asarray(outside + share * (inside - outside), np.float32)


def _coloured_noise(length: int, rng: np.random.Generator) -> Wave:
    """Noise of loudness 1 that gets quieter or louder with the frequency, as audiomentations' AddColorNoise does."""
    slope = rng.uniform(*_COLOUR_DB) / (20 * np.log10(2))
    frequencies = np.maximum(np.fft.rfftfreq(_COLOUR_SAMPLES, 1 / law().frontend.sample_rate_hz), 1.0)
    turns = rng.uniform(0, 1, len(frequencies))
    colour = np.fft.irfft(frequencies**slope * np.exp(2j * np.pi * turns)).astype(np.float32)
    noise = oaconvolve(_hiss(length, rng), colour, "same")
    return np.asarray(noise / max(_rms(noise), 1e-9), np.float32)


def _hiss(length: int, rng: np.random.Generator) -> Wave:
    """White noise of loudness 1: an excerpt, which is quicker than drawing every sample anew."""
    return _excerpt(_white_noise(), length, rng)


@functools.cache
def _white_noise() -> Wave:
    return np.random.default_rng(0).standard_normal(_WHITE_NOISE_SAMPLES, dtype=np.float32)


def _faded(sound: Wave, length: int) -> Wave:
    """``sound``, with a short fade at its end, and digital silence up to ``length`` samples."""
    fade = min(len(sound), int(_SPLICE_S * law().frontend.sample_rate_hz))
    faded = np.pad(sound, (0, length - len(sound)))
    faded[len(sound) - fade : len(sound)] *= np.linspace(1, 0, fade, dtype=np.float32)
    return faded


def _excerpt(wave: Sound, length: int, rng: np.random.Generator) -> Sound:
    """``length`` samples from a random place of ``wave``, repeated where it is shorter."""
    if len(wave) < length:
        wave = np.tile(wave, -(-length // max(len(wave), 1)))
    start = int(rng.integers(len(wave) - length + 1))
    return wave[start : start + length]
