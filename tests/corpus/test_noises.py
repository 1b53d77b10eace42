import numpy as np
import pytest

from mww_studio.corpus.noises import make_babble, make_noise, noise_kinds

RATE = 16000


def slope_db_per_octave(pcm: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(pcm.astype(float))) ** 2
    hz = np.fft.rfftfreq(len(pcm), 1 / RATE)
    octaves = 2.0 ** np.arange(7, 13)
    levels = [10 * np.log10(power[(hz > low / 2**0.5) & (hz < low * 2**0.5)].mean()) for low in octaves]
    return float(np.polyfit(np.log2(octaves), levels, 1)[0])


@pytest.mark.parametrize("kind", noise_kinds())
def test_every_kind_sounds_and_is_reproducible(kind: str) -> None:
    noise = make_noise(kind, 3.0, seed=5)
    assert noise.dtype == np.int16
    assert len(noise) == 3 * RATE
    assert np.abs(noise.astype(int)).max() < 32767
    assert noise.std() > 50
    assert np.array_equal(noise, make_noise(kind, 3.0, seed=5))
    assert not np.array_equal(noise, make_noise(kind, 3.0, seed=6))


@pytest.mark.parametrize(("kind", "slope"), [("white", 0.0), ("pink", -3.0), ("brown", -6.0)])
def test_colours_have_their_slope(kind: str, slope: float) -> None:
    assert slope_db_per_octave(make_noise(kind, 20.0, seed=1)) == pytest.approx(slope, abs=0.4)


def test_levels_differ() -> None:
    loudness = [20 * np.log10(make_noise("pink", 1.0, seed).std() / 32768) for seed in range(20)]
    assert min(loudness) < -32
    assert max(loudness) > -25


def test_babble_mixes_what_it_is_given() -> None:
    rng = np.random.default_rng(0)
    low = (8000 * np.sin(2 * np.pi * 300 * np.arange(RATE) / RATE)).astype(np.int16)
    high = (8000 * np.sin(2 * np.pi * 2000 * np.arange(RATE // 2) / RATE)).astype(np.int16)
    speech = [low, high, rng.normal(0, 10, 100).astype(np.int16)]
    babble = make_babble(speech, 6.0, seed=3)
    assert len(babble) == 6 * RATE
    assert np.array_equal(babble, make_babble(speech, 6.0, seed=3))
    spectrum = np.abs(np.fft.rfft(babble.astype(float)))
    assert spectrum[1798:1803].max() > 100 * np.median(spectrum)
    assert spectrum[11990:12010].max() > 100 * np.median(spectrum)
