"""The ways in which the accuracy benchmark lets a take be heard."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from measuring import Change, presented
from scipy.signal import butter, oaconvolve, sosfilt

from mww_studio.audio.files import Pcm, read_audio
from mww_studio.constitution.articles import law
from mww_studio.evaluation.clips import LeadIn, NoiseBed, PositiveClip

QUIET = "quiet"
MAIN = (QUIET, "10 dB", "0 dB", "rooms")
OTHERS = "other people"
OTHERS_10 = "other people, 10 dB"

_PEAKS_DBFS = (-35.0, -20.0, -3.0)
_STEADY_BELOW_DB = 20.0
_OVERDRIVE_DB = 12.0
_NARROW_HZ = (300.0, 3400.0)
_BEFORE_WORD_S = 0.1


def conditions(
    tested: Sequence[Path], others: Sequence[Path], noise: Sequence[Path], rooms: Sequence[Path]
) -> Iterator[tuple[str, list[PositiveClip]]]:
    """Every condition by its name, with its takes as streams. Those for which there is no sound are left out."""
    yield QUIET, [presented(file) for file in tested]
    beds = {snr_db: NoiseBed(list(noise), snr_db) for snr_db in (10.0, 0.0)} if noise else {}
    for snr_db, bed in beds.items():
        yield f"{snr_db:g} dB", [presented(file, bed) for file in tested]
    if rooms:
        yield (
            "rooms",
            [presented(file, change=in_room(rooms[number % len(rooms)])) for number, file in enumerate(tested)],
        )
    for peak_dbfs in _PEAKS_DBFS:
        yield f"peak {peak_dbfs:g} dBFS", [presented(file, change=at_peak(peak_dbfs)) for file in tested]
    yield (
        "zeros before",
        [presented(file, change=zeros_before, lead_in=LeadIn.DIGITAL_SILENCE) for file in tested],
    )
    yield "steady noise", [presented(file, change=steady_noise) for file in tested]
    yield "overdriven", [presented(file, change=at_peak(_OVERDRIVE_DB)) for file in tested]
    yield "narrow band", [presented(file, change=narrow) for file in tested]
    if others:
        yield OTHERS, [presented(file) for file in others]
    if others and beds:
        yield OTHERS_10, [presented(file, beds[10.0]) for file in others]


def at_peak(dbfs: float) -> Change:
    """The loudest sample at this level; above 0, the rest is clipped as a microphone with too much gain does."""

    def change(pcm: Pcm, start: int, end: int) -> Pcm:
        loudest = max(float(np.abs(pcm[start:end].astype(np.float64)).max(initial=0.0)), 1.0)
        return _int16(pcm * (32768 * 10 ** (dbfs / 20) / loudest))

    return change


def in_room(room: Path) -> Change:
    """Said in a room: the direct sound stays where it was, and the loudness what it was."""

    def change(pcm: Pcm, _start: int, _end: int) -> Pcm:
        response = read_audio(room).astype(np.float64)
        onset = int(np.argmax(np.abs(response)))
        wet = oaconvolve(pcm.astype(np.float64), response)[onset : onset + len(pcm)]
        return _int16(wet * (_rms(pcm) / max(_rms(wet), 1e-9)))

    return change


def zeros_before(pcm: Pcm, start: int, _end: int) -> Pcm:
    """As software cuts takes: digital zeros up to just before the word."""
    quiet = max(start - round(_BEFORE_WORD_S * law().frontend.sample_rate_hz), 0)
    return np.concatenate([np.zeros(quiet, np.int16), pcm[quiet:]])


def steady_noise(pcm: Pcm, start: int, end: int) -> Pcm:
    """A hiss from the first sample to the last; what leads in is made from the take's own floor, and so hisses too."""
    seed = int.from_bytes(hashlib.blake2b(pcm.tobytes(), digest_size=8).digest())
    level = _rms(pcm[start:end]) * 10 ** (-_STEADY_BELOW_DB / 20)
    return _int16(pcm + np.random.default_rng(seed).normal(0, max(level, 1.0), len(pcm)))


def narrow(pcm: Pcm, _start: int, _end: int) -> Pcm:
    """The band of a telephone."""
    sections = butter(4, _NARROW_HZ, "bandpass", fs=law().frontend.sample_rate_hz, output="sos")
    return _int16(sosfilt(sections, pcm.astype(np.float64)))


def _rms(samples: npt.NDArray[np.generic]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0


def _int16(samples: npt.NDArray[np.floating]) -> Pcm:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
