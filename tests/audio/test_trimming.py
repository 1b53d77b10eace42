import numpy as np
import numpy.typing as npt
import pytest

from mww_studio.audio.trimming import MARGIN_AFTER_S, MARGIN_BEFORE_S, cut_takes, find_speech

RATE = 16000
Sound = npt.NDArray[np.float64]


def word(seconds: float = 0.6, pitch_hz: float = 120.0, amplitude: float = 0.3) -> Sound:
    """Something like two syllables: harmonics under moving formants, with a weaker consonant in the middle."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros_like(time)
    for number in range(1, 40):
        hz = number * pitch_hz
        formants = sum(np.exp(-(((hz - f - 200 * time) / 150) ** 2)) for f in (500, 1400, 2600))
        sound += formants * np.sin(2 * np.pi * hz * time)
    attack = np.minimum(1, np.minimum(time, time[::-1]) / 0.01)
    dip = 1 - 0.8 * np.exp(-(((time - seconds / 2) / 0.03) ** 2))
    return amplitude * sound * attack * dip / np.abs(sound).max()


def hiss(seconds: float, amplitude: float, seed: int = 0) -> Sound:
    return amplitude * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def recording(seconds: float, *words: tuple[float, Sound], noise: float = 0.001) -> npt.NDArray[np.int16]:
    sound = hiss(seconds, noise)
    for at_s, what in words:
        start = round(at_s * RATE)
        sound[start : start + len(what)] += what
    return np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("noise", [0.0, 0.0003, 0.003, 0.01])
@pytest.mark.parametrize("amplitude", [0.02, 0.3, 0.9])
def test_start_and_end_are_found_within_30_ms(noise: float, amplitude: float) -> None:
    pcm = recording(3.0, (1.2, word(0.62, amplitude=amplitude)), noise=noise * amplitude / 0.3)
    (found,) = find_speech(pcm)
    assert found.start / RATE == pytest.approx(1.2, abs=0.03)
    assert found.end / RATE == pytest.approx(1.82, abs=0.03)


def test_hum_and_an_offset_do_not_hide_a_word() -> None:
    hum = 0.1 * np.sin(2 * np.pi * 50 * np.arange(3 * RATE) / RATE) + 0.1
    (found,) = find_speech(recording(3.0, (0.0, hum), (1.0, word(amplitude=0.1))))
    assert found.start / RATE == pytest.approx(1.0, abs=0.03)
    assert found.end / RATE == pytest.approx(1.6, abs=0.03)


def test_a_take_keeps_the_real_sound_around_it() -> None:
    pcm = recording(3.0, (1.2, word(0.6)))
    (take,) = cut_takes(pcm)
    assert take.speech_start_s == pytest.approx(MARGIN_BEFORE_S, abs=0.001)
    assert len(take.pcm) / RATE - take.speech_end_s == pytest.approx(MARGIN_AFTER_S, abs=0.001)
    start = round((1.2 - MARGIN_BEFORE_S) * RATE)
    assert any(np.array_equal(take.pcm, pcm[i : i + len(take.pcm)]) for i in range(start - 500, start + 500))


def test_margins_end_where_the_recording_ends() -> None:
    (take,) = cut_takes(recording(1.0, (0.2, word(0.6))))
    assert len(take.pcm) == RATE
    assert take.speech_start_s == pytest.approx(0.2, abs=0.03)
    assert take.speech_end_s == pytest.approx(0.8, abs=0.03)


def test_a_word_that_is_cut_off_reaches_the_end() -> None:
    sound = word(0.6)
    (take,) = cut_takes(recording(1.5, (1.2, sound[: round(0.3 * RATE)])))
    assert take.speech_end_s == len(take.pcm) / RATE
    (take,) = cut_takes(recording(1.5, (0.0, sound[round(0.3 * RATE) :])))
    assert take.speech_start_s == 0.0


@pytest.mark.parametrize(("pause_s", "takes"), [(0.1, 1), (0.2, 1), (0.3, 1), (0.6, 2), (1.5, 2)])
def test_only_long_pauses_part_takes(pause_s: float, takes: int) -> None:
    found = cut_takes(recording(4.0, (0.8, word(0.4)), (1.2 + pause_s, word(0.5))))
    assert len(found) == takes
    expected_s = [0.4 + pause_s + 0.5] if takes == 1 else [0.4, 0.5]
    lengths_s = [take.speech_end_s - take.speech_start_s for take in found]
    assert lengths_s == pytest.approx(expected_s, abs=0.05)


def test_neighbours_share_the_pause_between_them() -> None:
    pcm = recording(4.0, (1.0, word(0.5)), (2.1, word(0.5)))
    first, second = cut_takes(pcm)
    assert len(first.pcm) / RATE - first.speech_end_s == pytest.approx(0.3, abs=0.03)
    assert second.speech_start_s == pytest.approx(0.3, abs=0.03)


def test_a_long_recording_of_takes_as_loud_and_as_far_as_people_are() -> None:
    rng = np.random.default_rng(3)
    words = [
        (2 + 2.5 * i, word(rng.uniform(0.4, 0.9), rng.uniform(90, 240), 0.3 * 10 ** rng.uniform(-0.6, 0)))
        for i in range(40)
    ]
    pcm = recording(105.0, *words, noise=0.001)
    found = find_speech(pcm)
    assert len(found) == 40
    errors = [
        abs(segment.end / RATE - at_s - len(what) / RATE) for segment, (at_s, what) in zip(found, words, strict=True)
    ]
    assert np.max(errors) < 0.04


def test_clicks_are_no_takes() -> None:
    click = hiss(0.02, 0.3)
    (found,) = find_speech(recording(4.0, (0.3, click), (1.5, word()), (3.2, click)))
    assert found.start / RATE == pytest.approx(1.5, abs=0.03)
    assert find_speech(recording(3.0, (1.0, click))) == []


@pytest.mark.parametrize("samples", [0, 1, 399, 400, 1000, 48000])
def test_silence_and_noise_have_no_speech(samples: int) -> None:
    assert find_speech(np.zeros(samples, np.int16)) == []
    noise = np.random.default_rng(0).normal(0, 300, samples).astype(np.int16)
    assert find_speech(noise) == []
    assert cut_takes(noise) == []


def test_a_clip_that_is_all_speech() -> None:
    pcm = recording(0.6, (0.0, word(0.6)), noise=0.0)
    (take,) = cut_takes(pcm)
    assert len(take.pcm) == len(pcm)
    assert take.speech_end_s - take.speech_start_s > 0.5
