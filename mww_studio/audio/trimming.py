"""Finding the speech in a recording, and cutting takes of a wake word out of it.

A frame's score is how far it rises above the background, averaged over bands as wide as the ear's, in dB: hum, hiss
and rumble stay in their own bands. Background and thresholds follow the recording in chunks of some seconds.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law

Pcm = npt.NDArray[np.int16]
Floats = npt.NDArray[np.floating[Any]]

MARGIN_BEFORE_S = 0.5
MARGIN_AFTER_S = 0.4
MAX_PAUSE_S = 0.35  # a longer one parts two takes

HOP_S = 0.010
WINDOW_S = 0.025
_FFT = 512
_BANDS_HZ = np.geomspace(200.0, 7000.0, 19)
_LIFT = (_BANDS_HZ[:-1] / _BANDS_HZ[0]).astype(np.float32)  # 3 dB an octave, so that an s counts beside a vowel
_BLOCK_FRAMES = 6000
_CHUNK_FRAMES = 1500

_BACKGROUND_PERCENTILE = 20
_CALM_RANGE_DB = 15.0  # what varies less has no speech in it: the slow noises of a room
_BACKGROUND_BELOW_PEAK_DB = 20.0  # at least, in a clip that is speech from end to end
_RISE_DB = 4.0  # by which noise exceeds its own floor
EDGE = (1.5, 0.2)  # a frame is speech above this score, and above this fraction of the chunk's peak score
CORE = (3.5, 0.45)  # and speech must somewhere reach this
_EDGE_BELOW_PEAK_DB = 25.0  # what lies further below a take's loudest frame is its echo or a breath
_SYLLABLE_GAP_S = 0.08  # the closure of a t or k
_SHORTEST_S = 0.12
_TYPICAL_FRAMES = 60
_LEAST_WEIGHT = 0.4  # of the heaviest piece in the recording; clicks and clatter weigh less
_LEAST_PIECE_WEIGHT = 0.06


@dataclass(frozen=True)
class Segment:
    """Speech, from sample ``start`` up to but without sample ``end``."""

    start: int
    end: int


@dataclass(frozen=True)
class Take:
    """One saying of the wake word with the real sound around it: ``pcm`` int16 [samples], times inside it."""

    pcm: Pcm
    speech_start_s: float
    speech_end_s: float


def find_speech(pcm: Pcm) -> list[Segment]:
    """Where someone speaks in ``pcm`` (int16 [samples], 16 kHz mono). Pauses up to MAX_PAUSE_S stay inside."""
    power = band_power(pcm)
    if not len(power):
        return []
    score, core, edge = _scores(power)
    weight = np.maximum(score - edge, 0)
    pieces = _joined(_true_ranges(score > edge), _SYLLABLE_GAP_S)
    pieces = [piece for piece in pieces if (score > core)[slice(*piece)].any()]
    pieces = _joined(_heaviest(pieces, weight, _LEAST_PIECE_WEIGHT), MAX_PAUSE_S)
    loudness = 10 * np.log10(_smoothed(power) @ _LIFT)
    found = []
    for start, end in _heaviest(pieces, weight, _LEAST_WEIGHT):
        inside = loudness[start:end]
        loud = np.flatnonzero((inside > inside.max() - _EDGE_BELOW_PEAK_DB) & (weight[start:end] > 0))
        first, last = start + int(loud[0]), start + int(loud[-1]) + 1
        if (last - first) * HOP_S >= _SHORTEST_S:
            found.append(_segment(first, last, len(power), len(pcm)))
    return found


def cut_takes(pcm: Pcm) -> list[Take]:
    """One take for each stretch of speech, with up to MARGIN_BEFORE_S and MARGIN_AFTER_S of what was around it.

    Two takes that are closer than that part the pause between them in its middle.
    """
    rate = law().frontend.sample_rate_hz
    segments = find_speech(pcm)
    if not segments:
        return []
    middles = [(a.end + b.start) // 2 for a, b in pairwise(segments)]
    takes = []
    for segment, low, high in zip(segments, [0, *middles], [*middles, len(pcm)], strict=True):
        start = max(low, segment.start - round(MARGIN_BEFORE_S * rate))
        end = min(high, segment.end + round(MARGIN_AFTER_S * rate))
        takes.append(Take(pcm[start:end], (segment.start - start) / rate, (segment.end - start) / rate))
    return takes


def band_power(pcm: Pcm) -> Floats:
    """The power of int16 [samples] in frames of 25 ms every 10 ms and bands from 200 to 7000 Hz: float [frames, bands].

    Full scale is about 1.
    """
    rate = law().frontend.sample_rate_hz
    hop, window = round(HOP_S * rate), round(WINDOW_S * rate)
    edges = np.searchsorted(np.fft.rfftfreq(_FFT, 1 / rate), _BANDS_HZ)
    shape = np.hanning(window).astype(np.float32)
    frames = (
        np.lib.stride_tricks.sliding_window_view(pcm, window)[::hop] if len(pcm) >= window else np.zeros((0, window))
    )
    blocks = [np.zeros((0, len(edges) - 1), np.float32)]
    for start in range(0, len(frames), _BLOCK_FRAMES):
        block = frames[start : start + _BLOCK_FRAMES].astype(np.float32) * (shape / 32768)
        spectrum = np.fft.rfft(block, _FFT)
        squares = spectrum.real[:, : edges[-1]] ** 2 + spectrum.imag[:, : edges[-1]] ** 2
        blocks.append(np.add.reduceat(squares, edges[:-1], axis=1) * np.float32(4 / shape.sum() ** 2))
    return np.concatenate(blocks) + np.float32(1e-10)


def rise_db(level: Floats, floor: Floats) -> Floats:
    """How far frames rise above a background, averaged over the bands: float [frames], never below 0.

    ``level``: dB [frames, bands]; ``floor``: dB [bands] or as ``level``.
    """
    rise: Floats = np.maximum(level - floor - _RISE_DB, 0).mean(axis=1)
    return rise


def _scores(power: Floats) -> tuple[Floats, Floats, Floats]:
    """For each frame its score, and the scores that count as speech: somewhere in it, and all through it."""
    level = 10 * np.log10(_smoothed(power))
    chunks = np.array_split(level, max(1, round(len(level) / _CHUNK_FRAMES)))
    lengths = [len(chunk) for chunk in chunks]
    centres = np.cumsum(lengths) - np.array(lengths) / 2
    floors = np.array([_background(chunk) for chunk in chunks])
    frames = np.arange(len(level))
    floor = np.stack([np.interp(frames, centres, band) for band in floors.T], axis=1)
    score = rise_db(level, floor)
    core: list[float] = []
    edge: list[float] = []
    for part in np.split(score, np.cumsum(lengths)[:-1]):
        peak = float(np.percentile(part, 98))
        noise = min(float(np.percentile(part, 35)), 0.25 * peak)
        core.append(max(CORE[0], noise + CORE[1] * (peak - noise)))
        edge.append(max(EDGE[0], noise + EDGE[1] * (peak - noise)))
    return score, np.repeat(core, lengths), np.repeat(edge, lengths)


def _background(level: Floats) -> Floats:
    low: Floats
    high: Floats
    low, high = np.percentile(level, (_BACKGROUND_PERCENTILE, 99), axis=0)
    if (high - low).max() < _CALM_RANGE_DB:
        return low
    floor: Floats = np.minimum(low, high.max() - _BACKGROUND_BELOW_PEAK_DB)
    return floor


def _smoothed(power: Floats) -> Floats:
    """The mean over each frame and its two neighbours."""
    padded = np.concatenate([power[:1], power, power[-1:]])
    mean: Floats = (padded[:-2] + padded[1:-1] + padded[2:]) / np.float32(3)
    return mean


def _true_ranges(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    changes = np.flatnonzero(np.diff(mask, prepend=False, append=False))
    return list(zip(changes[::2].tolist(), changes[1::2].tolist(), strict=True))


def _joined(pieces: list[tuple[int, int]], gap_s: float) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        if joined and (start - joined[-1][1]) * HOP_S <= gap_s:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _heaviest(pieces: list[tuple[int, int]], weight: Floats, least: float) -> list[tuple[int, int]]:
    """The pieces that weigh at least that fraction of the heaviest; a word's length of each is weighed."""
    weights = [np.sort(weight[slice(*piece)])[-_TYPICAL_FRAMES:].sum() for piece in pieces]
    return [piece for piece, own in zip(pieces, weights, strict=True) if own >= least * max(weights)]


def _segment(first: int, last: int, frames: int, samples: int) -> Segment:
    """Frames to samples: a frame stands for the hop around its middle, the outermost ones for all up to the end."""
    rate = law().frontend.sample_rate_hz
    shift = (WINDOW_S - HOP_S) / 2
    start = 0 if first == 0 else round((first * HOP_S + shift) * rate)
    end = samples if last == frames else round((last * HOP_S + shift) * rate)
    return Segment(start, end)
