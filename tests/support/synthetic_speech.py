"""Sounds like speech, made of formants: a word that several people say, and talk without it.

Enough for a small model to learn the word within seconds. Everything depends on the arguments alone, so it is made once
and kept: nearly every test wants some, and twenty seconds of talk take a quarter of a second. Nobody may write into it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

Pcm = npt.NDArray[np.int16]
Syllable = tuple[str, str]

RATE = 16000
WORD: tuple[Syllable, ...] = (("k", "o"), ("s", "i"), ("t", "a"))
_FORMANTS_HZ = {
    "a": (750, 1300, 2500),
    "e": (500, 1900, 2600),
    "i": (300, 2300, 3000),
    "o": (500, 900, 2500),
    "u": (320, 800, 2400),
}
_NOISES = {"s": (4500, 7500, 0.09), "k": (1500, 2500, 0.03), "t": (3500, 5500, 0.03), "f": (1500, 7000, 0.07)}
_VOWEL_S = 0.12
_MARGIN_S = 0.5
_FLOOR = 10.0
_KEPT = 256


@dataclass(frozen=True)
class Person:
    """A voice: the pitch, and how long the vocal tract and how fast the tongue is beside others'."""

    pitch_hz: float
    formants: float
    tempo: float


@dataclass(frozen=True)
class Take:
    """One recording of the word; the times are where it begins and ends in ``pcm``."""

    pcm: Pcm
    start_s: float
    end_s: float


def person(number: int) -> Person:
    rng = np.random.default_rng([number, 7])
    return Person(float(rng.uniform(90, 230)), float(rng.uniform(0.9, 1.12)), float(rng.uniform(0.9, 1.1)))


@lru_cache(_KEPT)
def word(who: int, take: int) -> Take:
    """The word as person number ``who`` says it in take number ``take``, half a second of quiet on both sides."""
    rng = np.random.default_rng([who, take])
    said = _say(WORD, person(who), rng)
    start = round(_MARGIN_S * RATE)
    whole = np.concatenate([np.zeros(start), said, np.zeros(start)])
    return Take(_recorded(whole, rng), start / RATE, (start + len(said)) / RATE)


@lru_cache(_KEPT)
def talk(seconds: float, who: int) -> Pcm:
    """Syllables in random order, with pauses, without the word."""
    rng = np.random.default_rng([who, 99])
    pieces: list[npt.NDArray[np.float64]] = []
    while sum(map(len, pieces)) < seconds * RATE:
        pieces += [_say(_sentence(rng), person(who), rng), np.zeros(round(rng.uniform(0.15, 0.6) * RATE))]
    return _recorded(np.concatenate(pieces)[: round(seconds * RATE)], rng)


def _sentence(rng: np.random.Generator) -> Sequence[Syllable]:
    consonants, vowels = [*_NOISES, ""], list(_FORMANTS_HZ)
    while True:
        said = tuple((str(rng.choice(consonants)), str(rng.choice(vowels))) for _ in range(rng.integers(1, 7)))
        if not any(said[n : n + 2] in (WORD[:2], WORD[1:]) for n in range(len(said))):
            return said


def _say(syllables: Sequence[Syllable], who: Person, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    voice = Person(*(value * rng.uniform(0.96, 1.04) for value in (who.pitch_hz, who.formants, who.tempo)))
    parts = []
    for consonant, vowel in syllables:
        if consonant:
            parts.append(_hiss(consonant, voice, rng))
        parts.append(_vowel(vowel, voice, rng))
    return np.concatenate(parts)


def _hiss(name: str, who: Person, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    low, high, seconds = _NOISES[name]
    noise = rng.standard_normal(round(seconds / who.tempo * RATE))
    sections = butter(2, [low, high], "bandpass", fs=RATE, output="sos")
    return np.asarray(sosfilt(sections, noise)) * np.hanning(len(noise)) * 0.8


def _vowel(name: str, who: Person, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    time = np.arange(round(_VOWEL_S * rng.uniform(0.9, 1.1) / who.tempo * RATE)) / RATE
    pitch = who.pitch_hz * (1.05 - 0.1 * time / time[-1])
    harmonics = np.arange(1, int(4000 / pitch.max()))[:, None]
    # The formants glide into the vowel from the middle of the mouth, so that its order in the word is heard.
    glide = 1 - np.exp(-time / 0.03)
    envelope = np.zeros((len(harmonics), len(time)))
    for target, neutral, width in zip(_FORMANTS_HZ[name], (500, 1500, 2500), (90, 110, 160), strict=True):
        centre = who.formants * (neutral + (target - neutral) * glide)
        envelope += 1 / (1 + ((harmonics * pitch - centre) / width) ** 2)
    phase = 2 * np.pi * harmonics * np.cumsum(pitch) / RATE
    return np.asarray((envelope * np.sin(phase)).sum(0) * np.hanning(len(time)) ** 0.4)


def _recorded(wave: npt.NDArray[np.float64], rng: np.random.Generator) -> Pcm:
    """At some level, in a quiet room."""
    peak = float(np.abs(wave).max())
    level = rng.uniform(0.2, 0.7) * 32767 / peak
    pcm = np.clip(wave * level + rng.normal(0, _FLOOR, len(wave)), -32768, 32767).astype(np.int16)
    pcm.flags.writeable = False
    return pcm
