import numpy as np
import numpy.typing as npt
import pytest

from mww_studio.audio.quality import judge
from mww_studio.project.records import ClipKind, Quality

RATE = 16000
START_S, END_S = 0.5, 1.1


def clip(
    speech: float = 0.05, noise: float = 0.0005, offset: float = 0.0, start_s: float = START_S, end_s: float = END_S
):
    """Peaky noise in the place of speech, so that unclipped clips look unclipped; RMS levels."""
    rng = np.random.default_rng(0)
    sound = noise * rng.standard_normal(round(1.5 * RATE)) + offset
    span = slice(round(start_s * RATE), round(end_s * RATE))
    sound[span] += speech * rng.standard_normal(span.stop - span.start)
    return sound


def pcm(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)


def verdict(
    sound: npt.NDArray[np.float64], kind: ClipKind = ClipKind.WAKE_WORD, start_s=START_S, end_s=END_S
) -> Quality:
    return judge(pcm(sound), start_s, end_s, kind)


def codes(quality: Quality) -> set[str]:
    assert all(problem.advice.endswith(".") for problem in quality.problems)
    return {problem.code for problem in quality.problems}


def test_a_good_take() -> None:
    quality = verdict(clip())
    assert codes(quality) == set()
    assert quality.speech_rms_dbfs == pytest.approx(-26, abs=0.5)
    assert quality.snr_db == pytest.approx(40, abs=1)
    assert quality.clipped_fraction < 0.001
    assert quality.dc_offset == pytest.approx(0, abs=0.001)
    assert -18 < quality.peak_dbfs < -10


@pytest.mark.parametrize("gain", [1.0, 0.6])
def test_clipping_also_when_turned_down_afterwards(gain: float) -> None:
    assert codes(verdict(gain * np.clip(clip(0.6), -1, 1))) == {"clipped"}


def test_too_quiet() -> None:
    assert codes(verdict(clip(0.002, 0.00005))) == {"quiet"}


def test_low_signal_to_noise() -> None:
    quality = verdict(clip(0.05, 0.03))
    assert codes(quality) == {"noisy"}
    assert quality.snr_db == pytest.approx(5.8, abs=0.5)


def test_rumble_below_the_voice_is_no_noise() -> None:
    rumble = 0.1 * np.sin(2 * np.pi * 30 * np.arange(round(1.5 * RATE)) / RATE)
    assert codes(verdict(clip() + rumble)) == set()


@pytest.mark.parametrize(("end_s", "code"), [(0.6, {"short"}), (0.8, set()), (1.4, set())])
def test_too_short(end_s: float, code: set[str]) -> None:
    assert codes(verdict(clip(end_s=end_s), end_s=end_s)) == code


def test_too_long() -> None:
    sound = np.concatenate([clip(end_s=1.5), clip(start_s=0.0, end_s=1.5), clip(start_s=0.0)])
    assert codes(verdict(sound, end_s=4.1)) == {"long"}


@pytest.mark.parametrize(("start_s", "end_s"), [(0.0, 0.6), (0.9, 1.5)])
def test_cut_off_at_an_end(start_s: float, end_s: float) -> None:
    sound = clip(start_s=start_s, end_s=end_s)
    assert codes(verdict(sound, start_s=start_s, end_s=end_s)) == {"cut-off"}


def test_offset() -> None:
    quality = verdict(clip(offset=0.1))
    assert codes(quality) == {"offset"}
    assert quality.dc_offset == pytest.approx(0.1, abs=0.01)
    assert quality.speech_rms_dbfs == pytest.approx(-26, abs=0.5)


@pytest.mark.parametrize("kind", ClipKind)
def test_silence(kind: ClipKind) -> None:
    quality = verdict(np.zeros(RATE), kind, 0.1, 0.9)
    assert "silent" in codes(quality)
    assert np.isfinite([quality.peak_dbfs, quality.speech_rms_dbfs]).all()


def test_no_background_means_no_signal_to_noise() -> None:
    sound = clip(start_s=0.02, end_s=1.48)
    quality = verdict(sound, start_s=0.02, end_s=1.48)
    assert quality.snr_db is None
    assert codes(quality) == set()


def test_ambience_may_be_quiet_and_impulse_responses_loud() -> None:
    assert codes(judge(pcm(clip(0.0005, 0.0005)), None, None, ClipKind.AMBIENCE)) == set()
    assert codes(judge(pcm(np.clip(clip(0.9), -1, 1)), None, None, ClipKind.AMBIENCE)) == set()
    assert codes(judge(pcm(np.clip(clip(0.9), -1, 1)), None, None, ClipKind.SPEECH)) == {"clipped"}
    burst = np.zeros(RATE)
    burst[100:110] = 1.0
    assert codes(judge(pcm(burst), 0.006, None, ClipKind.RIR)) == set()
    assert codes(judge(np.zeros(0, np.int16), None, None, ClipKind.SPEECH)) == {"silent"}
