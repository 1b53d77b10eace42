import audiomentations
import numpy as np
import pytest
from scipy.signal import freqz_sos

from mww_studio.corpus.equaliser import equaliser, random_equaliser

RATE = 16000
ROUND_AT_HZ = np.array([60.0, 150.0, 300.0, 600.0, 1500.0, 3000.0, 6000.0])


def response_db(sections: np.ndarray, at_hz: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.abs(freqz_sos(sections, at_hz, fs=RATE)[1]))


@pytest.mark.parametrize("seed", range(4))
def test_the_filters_are_those_of_the_library(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gains, qualities = rng.uniform(-12, 12, 7), rng.uniform(0.3, 0.9, 7)
    kinds = [
        audiomentations.LowShelfFilter,
        *[audiomentations.PeakingFilter] * 5,
        audiomentations.HighShelfFilter,
    ]
    sections = equaliser(ROUND_AT_HZ, gains, qualities, RATE)
    for kind, section, centre, gain, quality in zip(kinds, sections, ROUND_AT_HZ, gains, qualities, strict=True):
        library = kind(p=1.0)
        expected = library._get_biquad_coefficients_from_input_parameters(centre, gain, quality, RATE)
        np.testing.assert_allclose(section, expected[0], rtol=1e-9)


def test_a_band_is_as_much_louder_as_asked() -> None:
    for band in range(7):
        gains = np.where(np.arange(7) == band, 6.0, 0.0)
        sections = equaliser(ROUND_AT_HZ, gains, np.full(7, 0.9), RATE)
        at_hz = np.array([5.0, *ROUND_AT_HZ[1:-1], 7999.0])
        assert response_db(sections, at_hz)[band] == pytest.approx(6, abs=0.1)
    flat = equaliser(ROUND_AT_HZ, np.zeros(7), np.full(7, 0.9), RATE)
    np.testing.assert_allclose(response_db(flat, ROUND_AT_HZ), 0, atol=1e-9)


def test_whatever_is_drawn_is_stable() -> None:
    for seed in range(200):
        sections = random_equaliser(np.random.default_rng(seed), 24, RATE)
        assert sections.shape == (7, 6)
        assert all(np.abs(np.roots(section[3:])).max() < 1 for section in sections)
        at_hz = np.geomspace(50, 7900, 50)
        assert np.abs(response_db(sections, at_hz)).max() < 5 * 24


def test_another_draw_is_another_equaliser() -> None:
    one, other = (random_equaliser(np.random.default_rng(seed), 8, RATE) for seed in (1, 2))
    assert np.abs(response_db(one, ROUND_AT_HZ) - response_db(other, ROUND_AT_HZ)).max() > 1
