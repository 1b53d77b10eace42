"""One recording in many rooms, at many levels, before many microphones: augmentation of the waveform.

Every function is a pure function of its inputs and a seed, so that a variant can be made again anywhere.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import audiomentations
import numpy as np
import numpy.typing as npt
import soxr
from scipy.signal import fftconvolve

from mww_studio.constitution.articles import law
from mww_studio.presets import Augmentation

Wave = npt.NDArray[np.float32]
Pcm = npt.NDArray[np.int16]

_FULL_SCALE = 32768.0
_SPLICE_S = 0.02
_MARGIN_WORTH_CONTINUING_S = 0.12


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
        db = settings.equaliser_db
        noise_low, noise_high = settings.coloured_noise_snr_db
        self._voice = audiomentations.PitchShift(min_semitones=low, max_semitones=high, p=settings.pitch_shift)
        self._colour = audiomentations.Compose(
            [
                audiomentations.SevenBandParametricEQ(min_gain_db=-db, max_gain_db=db, p=settings.equaliser),
                audiomentations.TanhDistortion(
                    min_distortion=settings.distortion_range[0],
                    max_distortion=settings.distortion_range[1],
                    p=settings.distortion,
                ),
                audiomentations.BandStopFilter(p=settings.band_stop),
            ]
        )
        self._noise = audiomentations.AddColorNoise(
            min_snr_db=noise_low, max_snr_db=noise_high, p=settings.coloured_noise
        )

    def place(
        self, pcm: Pcm, speech_start_s: float, speech_end_s: float, *, lead_s: float, tail_s: float, seed: int
    ) -> Pcm:
        """Set a short clip into a stream: ``lead_s`` before its speech begins, exactly ``tail_s`` after it ends."""
        rng = self._seeded(seed)
        wave, factor = self._change_voice(_as_float(pcm), rng)
        first, last = (int(seconds * factor * self._rate) for seconds in (speech_start_s, speech_end_s))
        before, speech, after = wave[:first], wave[first:last], wave[last:]
        stream = self._continue(before, speech, after, lead_s, tail_s, rng)
        stream = self._background(self._room(stream, rng), _rms(speech), rng)
        return self._microphone(stream, rng)

    def stream(self, pcm: Pcm, seed: int) -> Pcm:
        """An augmented version of a whole recording; it keeps its length unless its speed changes."""
        rng = self._seeded(seed)
        wave, _ = self._change_voice(_as_float(pcm), rng)
        loudness = _rms(wave)
        wave = self._background(self._room(wave, rng), loudness, rng)
        return self._microphone(wave, rng)

    def _seeded(self, seed: int) -> np.random.Generator:
        # audiomentations draws from the two global generators, so these are what a variant depends on.
        random.seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        return np.random.default_rng(seed)

    def _change_voice(self, wave: Wave, rng: np.random.Generator) -> tuple[Wave, float]:
        """Another speaker from the same take: pitch and speed. Returns the wave and its new length over the old."""
        factor = 1.0
        if rng.random() < self._settings.speed:
            factor = float(rng.uniform(*self._settings.speed_factor))
            wave = soxr.resample(wave, self._rate, self._rate * factor, quality="MQ")
        return self._voice(wave, self._rate), factor

    def _continue(
        self, before: Wave, speech: Wave, after: Wave, lead_s: float, tail_s: float, rng: np.random.Generator
    ) -> Wave:
        """Extend speech on both sides by the clip's own quiet parts, or by silence."""
        lead, tail = int(lead_s * self._rate), int(tail_s * self._rate)
        enough = _MARGIN_WORTH_CONTINUING_S * self._rate
        keep = rng.random() >= self._settings.isolated
        if keep and len(before) >= enough:
            front = np.pad(before, (max(0, lead - len(before)), 0), mode="reflect")[-lead:]
        else:
            front = _faded(before[-lead:], lead, at_start=True)
        if keep and len(after) >= enough:
            back = np.pad(after, (0, max(0, tail - len(after))), mode="reflect")[:tail]
        else:
            back = _faded(after[:tail], tail, at_start=False)
        return np.concatenate([front, speech, back]).astype(np.float32)

    def _room(self, wave: Wave, rng: np.random.Generator) -> Wave:
        rooms = self._surroundings.rooms
        if not rooms or rng.random() >= self._settings.room:
            return wave
        room = rooms[int(rng.integers(len(rooms)))]
        # The direct sound must stay where it was: the labels know where the speech ends.
        onset = int(np.argmax(np.abs(room)))
        wet = fftconvolve(wave, room)[onset : onset + len(wave)]
        return np.asarray(wet * (_rms(wave) / max(_rms(wet), 1e-9)), np.float32)

    def _background(self, wave: Wave, loudness: float, rng: np.random.Generator) -> Wave:
        settings, backgrounds = self._settings, self._surroundings.backgrounds
        if backgrounds and rng.random() < settings.background:
            noise = _as_float(backgrounds[int(rng.integers(len(backgrounds)))])
            noise = _excerpt(noise, len(wave), rng)
            level = loudness * 10 ** (-rng.uniform(*settings.background_snr_db) / 20)
            wave = wave + noise * (level / max(_rms(noise), 1e-5))
        return wave.astype(np.float32)

    def _microphone(self, wave: Wave, rng: np.random.Generator) -> Pcm:
        settings = self._settings
        wave = self._noise(self._colour(wave, self._rate), self._rate)
        peak = float(np.max(np.abs(wave), initial=1e-5))
        wave = wave * (10 ** (rng.uniform(*settings.peak_dbfs) / 20) / peak)
        if rng.random() < settings.clipping:
            gain = 10 ** (rng.uniform(*settings.clipping_db) / 20) / float(np.max(np.abs(wave), initial=1e-5))
            wave = wave * gain
        if rng.random() >= settings.digital_silence:
            floor = 10 ** (rng.uniform(*settings.noise_floor_dbfs) / 20)
            wave = wave + rng.standard_normal(len(wave), dtype=np.float32) * np.float32(floor)
        return np.asarray(np.clip(np.rint(wave * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1), np.int16)


def _as_float(pcm: Pcm) -> Wave:
    return pcm.astype(np.float32) / np.float32(_FULL_SCALE)


def _rms(wave: npt.NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(wave, dtype=np.float64)))) if len(wave) else 0.0


def _faded(piece: Wave, length: int, *, at_start: bool) -> Wave:
    """``piece`` beside digital silence up to ``length`` samples, with a short fade where they meet."""
    piece = piece.copy()
    fade = min(len(piece), int(_SPLICE_S * law().frontend.sample_rate_hz))
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    if at_start:
        piece[:fade] *= ramp
        return np.pad(piece, (length - len(piece), 0))
    piece[len(piece) - fade :] *= ramp[::-1]
    return np.pad(piece, (0, length - len(piece)))


def _excerpt(wave: Wave, length: int, rng: np.random.Generator) -> Wave:
    """``length`` samples from a random place of ``wave``, repeated where it is shorter."""
    if len(wave) < length:
        wave = np.tile(wave, -(-length // max(len(wave), 1)))
    start = int(rng.integers(len(wave) - length + 1))
    return wave[start : start + length]
