import numpy as np
import pytest

from mww_studio.audio.levels import (
    LOWEST_DBFS,
    Noise,
    RollingEnvelope,
    Zone,
    envelope,
    peak_dbfs,
    rms_dbfs,
    room_noise,
    zone,
)


def hiss(rms, seconds=3.0):
    return np.random.default_rng(2).normal(0, rms, round(seconds * 16000)).astype(np.int16)


def test_levels_are_held_against_full_scale():
    square = np.tile(np.array([-32768, 32767], np.int16), 800)
    assert peak_dbfs(square) == pytest.approx(0, abs=0.01)
    assert rms_dbfs(square) == pytest.approx(0, abs=0.01)
    assert rms_dbfs((square / 2).astype(np.int16)) == pytest.approx(-6.02, abs=0.01)
    for nothing in (np.zeros(100, np.int16), np.zeros(0, np.int16)):
        assert (peak_dbfs(nothing), rms_dbfs(nothing)) == (LOWEST_DBFS, LOWEST_DBFS)


@pytest.mark.parametrize(("dbfs", "where"), [(-50, Zone.TOO_QUIET), (-12, Zone.GOOD), (-1, Zone.TOO_LOUD)])
def test_the_meter_has_three_zones(dbfs, where):
    assert zone(dbfs) is where


@pytest.mark.parametrize(("rms", "word"), [(10, Noise.QUIET), (80, Noise.FAIR), (1000, Noise.LOUD)])
def test_a_room_is_judged_by_its_steady_noise(rms, word):
    sound = hiss(rms)
    assert room_noise(sound).noise is word
    sound[20000:22000] = 20000  # a knock
    assert room_noise(sound).noise is word
    assert room_noise(np.zeros(0, np.int16)).noise is Noise.QUIET


def test_an_envelope_has_the_extremes_of_each_part():
    pcm = np.arange(-500, 500, dtype=np.int16)
    columns = envelope(pcm, 10) * 32768
    assert columns[:, 0].tolist() == list(range(-500, 500, 100))
    assert columns[:, 1].tolist() == list(range(-401, 500, 100))
    assert envelope(pcm[:3], 6).shape == (6, 2)
    assert not envelope(np.zeros(0, np.int16), 4).any()


@pytest.mark.parametrize("size", [1, 533, 7000])
def test_a_rolling_envelope_does_not_depend_on_the_pieces(size):
    pcm = hiss(3000, 1.003)
    rolling = RollingEnvelope(0.5)
    for start in range(0, len(pcm), size):
        rolling.feed(pcm[start : start + size])
    assert rolling.columns.shape == (50, 2)
    np.testing.assert_array_equal(rolling.columns, envelope(pcm[:16000], 100)[-50:])
