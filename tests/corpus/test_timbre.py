import numpy as np
import pytest
from scipy.signal import lfilter

from mww_studio.corpus.timbre import change_speaker

RATE = 16000
PITCH_HZ = 110.0
FORMANT_HZ = 1000.0


def vowel(rate: int = 22050) -> np.ndarray:
    """A buzz with one resonance."""
    pulses = np.zeros(rate)
    pulses[:: round(rate / PITCH_HZ)] = 1.0
    radius, angle = np.exp(-np.pi * 150 / rate), 2 * np.pi * FORMANT_HZ / rate
    wave = lfilter([1.0], [1.0, -2 * radius * np.cos(angle), radius**2], pulses)
    return (0.3 * wave / np.abs(wave).max()).astype(np.float32)


def pitch_hz(wave: np.ndarray) -> float:
    middle = wave[2000:6000] - wave[2000:6000].mean()
    likeness = np.correlate(middle, middle, "full")[len(middle) - 1 :]
    first, last = RATE // 400, RATE // 60
    return RATE / (first + int(np.argmax(likeness[first:last])))


def formant_hz(wave: np.ndarray) -> float:
    """The centre of the loudest 300 Hz between 500 Hz and 2 kHz."""
    power = np.abs(np.fft.rfft(wave[1000:9000], 8000)) ** 2
    hz = np.fft.rfftfreq(8000, 1 / RATE)
    centres = np.arange(500, 2000, 20)
    return float(centres[np.argmax([power[np.abs(hz - centre) < 150].sum() for centre in centres])])


@pytest.mark.parametrize(("pitch", "formants"), [(1.0, 1.0), (1.2, 1.2), (1.7, 1.15), (1.0, 1.2), (0.85, 1.0)])
def test_pitch_and_formants_go_where_they_shall(pitch: float, formants: float) -> None:
    changed = change_speaker(vowel(), 22050, pitch, formants)
    assert changed.dtype == np.float32
    assert len(changed) == pytest.approx(RATE / pitch, abs=2)
    assert pitch_hz(changed) == pytest.approx(PITCH_HZ * pitch, rel=0.02)
    assert formant_hz(changed) == pytest.approx(FORMANT_HZ * formants, rel=0.08)


def test_nothing_to_change_changes_nothing() -> None:
    wave = vowel(RATE)
    assert np.allclose(change_speaker(wave, RATE, 1.0, 1.0), wave, atol=1e-6)


def test_silence_and_very_short_sounds() -> None:
    assert np.abs(change_speaker(np.zeros(RATE, np.float32), RATE, 1.5, 1.1)).max() == 0
    assert len(change_speaker(np.zeros(0, np.float32), RATE, 1.5, 1.1)) == 0
    assert len(change_speaker(np.ones(15, np.float32), RATE, 1.5, 1.1)) == 10
