"""Other speakers from one voice: its pitch and its formants moved apart from each other."""

import numpy as np
import numpy.typing as npt
import soxr

from mww_studio.constitution.articles import law

Wave = npt.NDArray[np.float32]

_WINDOW = 512
_HOP = 128
_ENVELOPE_QUEFRENCIES = 30  # 1.9 ms: short of the period of a voice of 500 Hz
_LARGEST_GAIN = (-6.0, 4.0)  # natural logarithms


def change_speaker(wave: Wave, rate_hz: float, pitch: float, formants: float) -> Wave:
    """``wave`` (float32 [samples]) at 16 kHz, its pitch and formants multiplied, and shortened by ``pitch``.

    Played faster, a voice becomes that of a smaller person in every way; then the formants alone go to where they
    shall be, by filtering every frame from its own spectral envelope (the first quefrencies of its cepstrum) to the
    moved one. A man's voice with pitch 1.7 and formants 1.15 is a woman's.
    """
    played: Wave = soxr.resample(wave, rate_hz * pitch, law().frontend.sample_rate_hz)
    return played if formants == pitch else _move_formants(played, formants / pitch)


def _move_formants(wave: Wave, factor: float) -> Wave:
    shape = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    padded = np.pad(wave, (_WINDOW, _WINDOW + _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP] * shape
    spectra = np.fft.rfft(frames)
    cepstra = np.fft.irfft(np.log(np.abs(spectra) + 1e-4))
    cepstra[:, _ENVELOPE_QUEFRENCIES : 1 - _ENVELOPE_QUEFRENCIES] = 0
    envelopes = np.fft.rfft(cepstra).real
    source = np.clip(np.arange(spectra.shape[1]) / factor, 0, spectra.shape[1] - 1)
    low = np.minimum(source.astype(int), spectra.shape[1] - 2)
    moved = envelopes[:, low] + (envelopes[:, low + 1] - envelopes[:, low]) * (source - low)
    filtered = np.fft.irfft(spectra * np.exp(np.clip(moved - envelopes, *_LARGEST_GAIN))) * shape
    result, weight = np.zeros(len(padded)), np.full(len(padded), 1e-3)
    for number, frame in enumerate(filtered):
        place = slice(number * _HOP, number * _HOP + _WINDOW)
        result[place] += frame
        weight[place] += shape**2
    moved_wave: Wave = (result / weight)[_WINDOW : _WINDOW + len(wave)].astype(np.float32)
    return moved_wave
