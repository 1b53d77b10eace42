import numpy as np
import pytest
import soundfile

from mww_studio.errors import StudioError
from mww_studio.evaluation.clips import LEAD_IN_S, TAIL_S, LeadIn, NoiseBed, dithered, positive_clip, present

RATE = 16000


def word(level=6000.0, background=40.0, seconds=1.2):
    """A second of something loud in the middle of a quiet, dull background."""
    rng = np.random.default_rng(5)
    background_noise = np.convolve(rng.normal(0, background, round(seconds * RATE)), np.ones(8) / 8**0.5, "same")
    time = np.arange(len(background_noise)) / RATE
    burst = level * np.sin(2 * np.pi * 440 * time) * ((time > 0.4) & (time < 0.8))
    return np.rint(background_noise + burst).astype(np.int16)


def rms(samples):
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def test_the_floor_continues_the_clips_own_background():
    clip = word()
    stream = present(clip)
    before = round(LEAD_IN_S * RATE)
    assert len(stream) == before + len(clip) + round(TAIL_S * RATE)
    for floor in (stream[:before], stream[before + len(clip) :]):
        assert rms(floor) == pytest.approx(rms(clip[: RATE // 4]), rel=0.3)
    spectrum = np.abs(np.fft.rfft(stream[:before].astype(float))) ** 2
    assert spectrum[: len(spectrum) // 8].mean() > 10 * spectrum[len(spectrum) // 2 :].mean()


def test_a_clip_without_a_pause_does_not_get_a_loud_floor():
    tone = np.rint(8000 * np.sin(np.arange(RATE) / 5)).astype(np.int16)
    assert rms(present(tone)[: RATE * 2]) < rms(tone) / 10 ** (29 / 20)


def test_the_same_clip_gives_the_same_stream_without_digital_zeros():
    clip = word(background=0.0)
    stream = present(clip)
    np.testing.assert_array_equal(stream, present(clip.copy()))
    assert rms(stream[: RATE * 2]) == pytest.approx(1.0, rel=0.2)


def test_digital_silence_leaves_the_clip_alone():
    clip = word()
    stream = present(clip, lead_in=LeadIn.DIGITAL_SILENCE)
    before = round(LEAD_IN_S * RATE)
    assert not stream[:before].any()
    np.testing.assert_array_equal(stream[before : before + len(clip)], clip)
    assert not stream[before + len(clip) :].any()


def test_noise_has_the_asked_distance_to_the_speech(tmp_path):
    hiss = np.random.default_rng(6).normal(0, 0.02, RATE)
    soundfile.write(tmp_path / "hiss.wav", hiss, RATE)
    clip = word(background=0.0)
    bed = NoiseBed([tmp_path], snr_db=10)
    stream = present(clip, speech_start_s=0.4, speech_end_s=0.8, lead_in=LeadIn.DIGITAL_SILENCE, noise=bed)
    noise = stream.astype(float) - present(clip, lead_in=LeadIn.DIGITAL_SILENCE)
    assert 20 * np.log10(rms(clip[round(0.4 * RATE) : round(0.8 * RATE)]) / rms(noise)) == pytest.approx(10, abs=0.2)
    assert rms(noise[:RATE]) == pytest.approx(rms(noise[-RATE:]), rel=0.1)


def test_noise_needs_a_sound(tmp_path):
    with pytest.raises(StudioError) as caught:
        NoiseBed([tmp_path], snr_db=10)
    assert caught.value.code == "noise.none"


def test_times_move_with_the_lead_in():
    clip = positive_clip(word(), "w", speech_start_s=0.4, speech_end_s=0.8, speaker="Ada")
    assert (clip.word_start_s, clip.speech_end_s, clip.speaker) == (2.4, 2.8, "Ada")
    assert clip.features.shape == ((round((LEAD_IN_S + 1.2 + TAIL_S) * RATE) - 480) // 160 + 1, 40)
    assert positive_clip(word(), "w").speech_end_s is None


def test_very_short_and_silent_clips_are_presented_too():
    for clip in (np.zeros(0, np.int16), np.zeros(100, np.int16), np.ones(5, np.int16)):
        assert len(present(clip)) == round((LEAD_IN_S + TAIL_S) * RATE) + len(clip)


def test_dither_is_one_step_of_the_scale_and_never_wraps():
    silence = dithered(np.zeros(20_000, np.int16), np.random.default_rng(1))
    assert rms(silence) == pytest.approx(1.0, rel=0.1)
    assert dithered(np.full(1000, 32767, np.int16), np.random.default_rng(1)).min() > 32000
