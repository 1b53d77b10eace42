"""How a short clip of a wake word, and an hour of ambience, become the stream that a device hears.

A device listens all day: when the word comes, its frontend has long settled on the room's noise and its ignore counter
has run out. A clip alone would meet a deaf device. So it is led in by two seconds (the counter needs one, the model
looks back 1.7) and followed by one, in which a late detection still counts.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.audio.files import find_audio, read_audio
from mww_studio.constitution.articles import law
from mww_studio.corpus.features import Features, Pcm, device_features
from mww_studio.errors import StudioError

Floats = npt.NDArray[np.float64]

LEAD_IN_S = 2.0
TAIL_S = 1.0

# No microphone gives digital zeros, which the frontend's noise reduction and gain control treat like no other sound;
# recordings cut by software are full of them. Noise of one step of the 16-bit scale (-90 dBFS) replaces them and lies
# below what any recorded sound carries anyway.
_DITHER_RMS = 1.0
# A floor made from a clip without any pause would be as loud as its speech; real rooms are this much quieter.
_FLOOR_BELOW_SPEECH_DB = 30.0
_QUIET_SHARE = 0.2
_ACTIVE_RANGE_DB = 20.0
_FRAME = 320
_NOISE_FILES_IN_MEMORY = 8


class LeadIn(StrEnum):
    """What comes before and after a clip."""

    NOISE_FLOOR = "noise-floor"
    """Steady noise shaped like the clip's own quiet parts: what a device in that room would hear."""
    DIGITAL_SILENCE = "digital-silence"
    """Zeros, as in recordings that software has cut."""


@dataclass(frozen=True)
class PositiveClip:
    """A wake word in its stream. ``features``: uint16 [frames, channels]; times in seconds of the stream.

    A detection counts from ``word_start_s`` on; ``speech_end_s`` is None where the word's end is not known.
    """

    id: str
    features: Features
    word_start_s: float
    speech_end_s: float | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class AmbientClip:
    """A recording without the wake word, which is one stream. ``features``: uint16 [frames, channels]."""

    id: str
    features: Features
    source: str


class NoiseBed:
    """Noise recordings from which each clip gets its own part, chosen by the clip's content."""

    def __init__(self, paths: list[Path], snr_db: float) -> None:
        """Files and folders. Raises StudioError ``noise.none`` when they hold no sound."""
        self._files = find_audio(paths)
        self.snr_db = snr_db
        if not self._files:
            raise StudioError("noise.none", "There is no sound file among the noise.", do="Name another folder.")

    def part(self, samples: int, rng: np.random.Generator) -> Floats:
        """A part of one file from a random place on, begun again at its end."""
        noise = _read_noise(self._files[rng.integers(len(self._files))])
        start = int(rng.integers(len(noise)))
        return np.take(noise, np.arange(start, start + samples), mode="wrap").astype(np.float64)


def present(
    pcm: Pcm,
    *,
    speech_start_s: float | None = None,
    speech_end_s: float | None = None,
    lead_in: LeadIn = LeadIn.NOISE_FLOOR,
    noise: NoiseBed | None = None,
) -> Pcm:
    """A clip (int16 [samples]) with its lead-in and its tail, over noise if there is some.

    The noise's level is set against the speech between ``speech_start_s`` and ``speech_end_s`` (or what is loud).
    The same clip always gives the same stream.
    """
    rate = law().frontend.sample_rate_hz
    rng = np.random.default_rng(int.from_bytes(hashlib.blake2b(pcm.tobytes(), digest_size=8).digest()))
    before, after = round(LEAD_IN_S * rate), round(TAIL_S * rate)
    clip = pcm.astype(np.float64)
    start, end = (None if time_s is None else round(time_s * rate) for time_s in (speech_start_s, speech_end_s))
    speech_rms = _active_rms(clip[start:end])
    stream = np.zeros(before + len(clip) + after)
    if lead_in is LeadIn.NOISE_FLOOR:
        floor = _noise_floor(clip, speech_rms, before + after, rng)
        stream[:before], stream[before + len(clip) :] = floor[:before], floor[before:]
    stream[before : before + len(clip)] = clip
    if noise is not None:
        part = noise.part(len(stream), rng)
        rms = _rms(part)
        stream += part * (speech_rms / rms / 10 ** (noise.snr_db / 20) if rms else 0.0)
    if lead_in is LeadIn.NOISE_FLOOR:
        stream += rng.normal(0, _DITHER_RMS, len(stream))
    return _int16(stream)


def positive_clip(
    pcm: Pcm,
    id: str,  # noqa: A002 - the name of the field
    *,
    speech_start_s: float | None = None,
    speech_end_s: float | None = None,
    speaker: str | None = None,
    lead_in: LeadIn = LeadIn.NOISE_FLOOR,
    noise: NoiseBed | None = None,
) -> PositiveClip:
    """A clip as :func:`present` makes it, through the device's frontend. Times in seconds of the clip."""
    stream = present(pcm, speech_start_s=speech_start_s, speech_end_s=speech_end_s, lead_in=lead_in, noise=noise)
    return PositiveClip(
        id=id,
        features=device_features(stream),
        word_start_s=LEAD_IN_S + (speech_start_s or 0.0),
        speech_end_s=None if speech_end_s is None else LEAD_IN_S + speech_end_s,
        speaker=speaker,
    )


def dithered(pcm: Pcm, rng: np.random.Generator) -> Pcm:
    """Ambience (int16 [samples]) without its digital zeros."""
    return _int16(pcm + _DITHER_RMS * rng.standard_normal(len(pcm), np.float32))


def _noise_floor(clip: Floats, speech_rms: float, samples: int, rng: np.random.Generator) -> Floats:
    """Steady noise with the spectrum and the level of the clip's quietest frames."""
    white = rng.normal(0, 1, samples)
    frames = clip[: len(clip) // _FRAME * _FRAME].reshape(-1, _FRAME)
    if not len(frames):
        return np.zeros(samples)
    quietest = np.argsort((frames**2).mean(axis=1), kind="stable")[: max(1, int(_QUIET_SHARE * len(frames)))]
    quiet = frames[quietest]
    power = (np.abs(np.fft.rfft(quiet * np.hanning(_FRAME))) ** 2).mean(axis=0)
    power[0] = 0.0
    bins = np.fft.rfftfreq(samples)
    shaped = np.fft.irfft(np.fft.rfft(white) * np.sqrt(np.interp(bins, np.fft.rfftfreq(_FRAME), power)), samples)
    level = min(_rms(quiet), speech_rms / 10 ** (_FLOOR_BELOW_SPEECH_DB / 20))
    rms = _rms(shaped)
    return shaped * (level / rms) if rms else np.zeros(samples)


def _active_rms(speech: Floats) -> float:
    """The level of the frames that are within 20 dB of the loudest one."""
    frames = speech[: len(speech) // _FRAME * _FRAME].reshape(-1, _FRAME)
    if not len(frames):
        return _rms(speech)
    power = (frames**2).mean(axis=1)
    return float(np.sqrt(power[power >= power.max() / 10 ** (_ACTIVE_RANGE_DB / 10)].mean()))


def _rms(samples: Floats) -> float:
    return float(np.sqrt(np.mean(samples**2))) if samples.size else 0.0


def _int16(samples: npt.NDArray[np.floating]) -> Pcm:
    pcm: Pcm = np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
    return pcm


@lru_cache(maxsize=_NOISE_FILES_IN_MEMORY)
def _read_noise(path: Path) -> Pcm:
    return read_audio(path)
