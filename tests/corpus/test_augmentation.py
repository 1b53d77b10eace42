from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_speech import talk, word

from mww_studio.corpus.augmentation import Augmenter, Surroundings
from mww_studio.presets import Augmentation

RATE = 16000
TAKE = word(1, 1)
EVERYTHING = Augmentation(
    equaliser=1, distortion=1, pitch_shift=1, speed=1, band_stop=1, narrow_band=1, coloured_noise=1, background=1,
    room=1, digital_silence=0.5, clipping=1, isolated=0.5,
)  # fmt: skip
NOTHING = Augmentation(
    equaliser=0, distortion=0, pitch_shift=0, speed=0, band_stop=0, narrow_band=0, coloured_noise=0, background=0,
    room=0, digital_silence=1, clipping=0, isolated=0, peak_dbfs=(-6, -6),
)  # fmt: skip


def surroundings(rooms: Sequence[np.ndarray] = ()) -> Surroundings:
    return Surroundings([talk(3.0, who=8), talk(9.0, who=9)], rooms or [echo()])


def echo(onset: int = 40) -> np.ndarray:
    room = np.zeros(4000, np.float32)
    room[onset] = 1
    room[onset + 1 :] = (
        0.2 * np.random.default_rng(0).standard_normal(4000 - onset - 1) * np.exp(-np.arange(4000 - onset - 1) / 800)
    )
    return room


@pytest.fixture(scope="module")
def augmenter() -> Augmenter:
    return Augmenter(EVERYTHING, surroundings())


def placed(augmenter: Augmenter, seed: int, lead_s: float = 2.0, tail_s: float = 0.5) -> np.ndarray:
    return augmenter.place(TAKE.pcm, TAKE.start_s, TAKE.end_s, lead_s=lead_s, tail_s=tail_s, seed=seed)


def test_a_seed_always_gives_the_same_sound(augmenter: Augmenter) -> None:
    first, second = placed(augmenter, 5), augmenter.stream(TAKE.pcm, 5)
    placed(augmenter, 6)
    np.random.default_rng(1).random(3)
    again = Augmenter(EVERYTHING, surroundings())
    for other in (augmenter, again):
        np.testing.assert_array_equal(placed(other, 5), first)
        np.testing.assert_array_equal(other.stream(TAKE.pcm, 5), second)
    assert not np.array_equal(placed(augmenter, 6)[: len(first)], first[: len(placed(augmenter, 6))])


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 2**60),
    level=st.sampled_from([0.0, 0.001, 1.0]),
    lead_s=st.floats(0.3, 4),
    tail_s=st.floats(0.05, 1.5),
)
def test_whatever_is_drawn_the_sound_is_whole(
    augmenter: Augmenter, seed: int, level: float, lead_s: float, tail_s: float
) -> None:
    pcm = (TAKE.pcm * level).astype(np.int16)
    for made in (
        augmenter.place(pcm, TAKE.start_s, TAKE.end_s, lead_s=lead_s, tail_s=tail_s, seed=seed),
        augmenter.stream(pcm, seed),
    ):
        assert made.dtype == np.int16
        assert len(made) > 0.3 * RATE
        # A sample that wrapped around would jump over the whole scale where the sound before and after is small.
        assert np.abs(made.astype(np.int32)).max() <= 32768


def test_the_speech_ends_exactly_where_it_was_asked_to() -> None:
    plain = Augmenter(NOTHING, Surroundings([], []))
    # A click as the last sample of the speech shows where the speech ends.
    pcm = np.zeros(RATE, np.int16)
    pcm[11999] = 20000
    for tail_s in (0.1, 0.3, 0.74321):
        stream = plain.place(pcm, 0.5, 0.75, lead_s=1.0, tail_s=tail_s, seed=1)
        assert len(stream) - 1 - int(np.argmax(np.abs(stream))) == int(tail_s * RATE)
        assert len(stream) == RATE + 4000 + int(tail_s * RATE)


def test_a_room_does_not_move_the_speech() -> None:
    roomy = Augmenter(NOTHING.model_copy(update={"room": 1.0}), Surroundings([], [echo(onset=700)]))
    pcm = np.zeros(RATE, np.int16)
    pcm[11999] = 20000
    stream = roomy.place(pcm, 0.5, 0.75, lead_s=1.0, tail_s=0.5, seed=1)
    assert int(np.argmax(np.abs(stream))) == RATE + 3999
    assert np.abs(stream[RATE + 4000 :]).max() > 100


def test_what_is_around_a_short_clip_is_its_own() -> None:
    stream = placed(Augmenter(NOTHING, Surroundings([], [])), 3, lead_s=3.0)
    assert stream[: int(2.4 * RATE)].astype(float).std() > 0.5
    speech = stream[3 * RATE : -RATE // 2].astype(float)
    assert np.abs(speech).max() == pytest.approx(32768 * 10 ** (-6 / 20), abs=2)


def test_a_word_is_cut_out_of_all_that_sounds_around_it_at_various_places() -> None:
    settings = NOTHING.model_copy(update={"isolated": 1.0, "background": 1.0, "background_snr_db": (0.0, 0.0)})
    noise = np.random.default_rng(0).normal(0, 3000, 5 * RATE).astype(np.int16)
    augmenter = Augmenter(settings, Surroundings([noise], []))
    spoken = (TAKE.end_s - TAKE.start_s) * RATE
    left = []
    for seed in range(30):
        sounding = np.flatnonzero(placed(augmenter, seed, lead_s=2.0, tail_s=0.75))
        left.append((2.0 - sounding[0] / RATE, (sounding[-1] - spoken) / RATE - 2.0))
    # The fade of 20 ms rounds the outermost samples to zero.
    assert np.min(left) > 0.035
    assert np.max(left) < 0.501
    assert np.ptp(left, axis=0).min() > 0.3


def test_a_clip_without_margins_can_be_placed(augmenter: Augmenter) -> None:
    bare = TAKE.pcm[int(TAKE.start_s * RATE) : int(TAKE.end_s * RATE)]
    stream = augmenter.place(bare, 0.0, len(bare) / RATE, lead_s=1.0, tail_s=0.5, seed=4)
    assert len(stream) >= 1.5 * RATE + len(bare) * EVERYTHING.speed_factor[0] - 2
    assert np.abs(stream.astype(np.int32)).max() > 100


def test_digital_silence_stays_silent() -> None:
    quiet = Augmenter(NOTHING, Surroundings([], []))
    assert not quiet.stream(np.zeros(RATE, np.int16), 1).any()
    floor = Augmenter(NOTHING.model_copy(update={"digital_silence": 0.0}), Surroundings([], []))
    noise = floor.stream(np.zeros(RATE, np.int16), 1)
    assert -91 < 20 * np.log10(noise.astype(float).std() / 32768) < -54


def test_background_lies_under_the_speech_as_much_as_asked() -> None:
    settings_ = NOTHING.model_copy(update={"background": 1.0, "background_snr_db": (10.0, 10.0)})
    noise = np.random.default_rng(0).normal(0, 3000, 5 * RATE).astype(np.int16)
    stream = placed(Augmenter(settings_, Surroundings([noise], [])), 3, lead_s=3.0).astype(float)
    spoken = round((TAKE.end_s - TAKE.start_s) * RATE)
    background = stream[: 2 * RATE].std()
    speech = np.sqrt(stream[3 * RATE : 3 * RATE + spoken].var() - background**2)
    assert 20 * np.log10(speech / background) == pytest.approx(10, abs=0.5)


def test_every_effect_changes_the_sound() -> None:
    plain = Augmenter(NOTHING, Surroundings([], [])).stream(TAKE.pcm, 2)
    effects = (
        "equaliser",
        "distortion",
        "pitch_shift",
        "band_stop",
        "narrow_band",
        "coloured_noise",
        "background",
        "room",
    )
    for effect in effects:
        with_it = Augmenter(NOTHING.model_copy(update={effect: 1.0}), surroundings()).stream(TAKE.pcm, 2)
        assert with_it.shape == plain.shape
        assert np.abs(with_it.astype(int) - plain).max() > 50, effect
    faster = NOTHING.model_copy(update={"speed": 1.0, "speed_factor": (0.8, 0.8)})
    assert len(Augmenter(faster, Surroundings([], [])).stream(TAKE.pcm, 2)) == pytest.approx(0.8 * len(plain), abs=2)


def test_a_narrow_band_has_neither_the_deepest_nor_the_highest_tones() -> None:
    settings_ = NOTHING.model_copy(update={"narrow_band": 1.0, "narrow_band_hz": (3400.0, 3400.0)})
    hiss = np.random.default_rng(0).normal(0, 3000, 4 * RATE).astype(np.int16)
    power = np.abs(np.fft.rfft(Augmenter(settings_, Surroundings([], [])).stream(hiss, 2).astype(float))) ** 2
    frequencies = np.fft.rfftfreq(4 * RATE, 1 / RATE)
    loudness = [
        power[(low <= frequencies) & (frequencies < high)].mean() for low, high in ((0, 40), (500, 3000), (5000, 8000))
    ]
    deep_db, high_db = (10 * np.log10(loudness[1] / outside) for outside in (loudness[0], loudness[2]))
    assert deep_db > 15
    assert high_db > 20
