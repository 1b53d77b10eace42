import numpy as np

from mww_studio.corpus.rooms import make_room

RATE = 16000


def decay_s(room: np.ndarray) -> float:
    """The reverberation time, from Schroeder's backward integration between -5 and -25 dB."""
    energy = np.cumsum(room[::-1].astype(float) ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-12)
    return float((np.argmax(level < -25) - np.argmax(level < -5)) / RATE * 3)


def test_the_direct_sound_comes_first_and_is_the_loudest() -> None:
    for seed in range(12):
        room = make_room(seed)
        assert room.dtype == np.float32
        assert room[0] == 1.0
        assert np.argmax(np.abs(room)) == 0
        assert np.isfinite(room).all()
        assert 0.05 * RATE < len(room) <= 1.2 * RATE


def test_rooms_are_reproducible_and_differ() -> None:
    assert np.array_equal(make_room(3), make_room(3))
    times = [decay_s(make_room(seed)) for seed in range(20)]
    assert min(times) < 0.25
    assert max(times) > 0.4
    direct = [10 * np.log10(1 / np.sum(make_room(seed)[32:].astype(float) ** 2)) for seed in range(20)]
    assert min(direct) < -3
    assert max(direct) > 5


def test_the_tail_dies_away() -> None:
    for seed in range(5):
        room = make_room(seed).astype(float)
        start, end = room[: len(room) // 4], room[-len(room) // 4 :]
        assert np.sum(end**2) < 1e-3 * np.sum(start**2)
