from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mww_studio.training.negatives import Negatives, Source, Stream


def counted(lengths: Sequence[int], first: int = 0) -> list[np.ndarray]:
    """Recordings whose every frame is its number in the whole stream."""
    numbers = first + np.arange(sum(lengths), dtype=np.uint16)
    whole = np.broadcast_to(numbers[:, None], (len(numbers), 40))
    return [part.copy() for part in np.split(whole, np.cumsum(lengths)[:-1])]


def source(*lengths: int, first: int, weight: float = 1.0) -> Source:
    return Source(Stream(counted(lengths, first)), weight)


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1).filter(any), start=st.integers(-50, 900), frames=st.integers(1, 80)
)
def test_a_stream_is_cut_over_its_joints_and_begins_again_at_its_end(
    lengths: list[int], start: int, frames: int
) -> None:
    stream = Stream(counted(lengths))
    whole = np.arange(stream.frames)
    expected = np.take(whole, np.arange(start, start + frames), mode="wrap")
    cut = stream.cut(start, frames)
    assert cut.shape == (frames, 40)
    np.testing.assert_array_equal(cut[:, 0], expected)


def test_a_long_source_does_not_drown_a_short_one() -> None:
    negatives = Negatives([source(100, first=0), source(5000, 4900, first=1000), source(0, first=60000)])
    rng = np.random.default_rng(0)
    drawn = np.array([negatives.draw(rng, 20)[0, 0] < 1000 for _ in range(2000)])
    # By length it would be one in a hundred; by its square root, one in eleven.
    assert drawn.mean() == pytest.approx(1 / (1 + np.sqrt(99)), abs=0.02)


def test_a_source_is_drawn_from_by_its_weight() -> None:
    negatives = Negatives([source(400, first=0, weight=3.0), source(400, first=1000)])
    rng = np.random.default_rng(0)
    drawn = np.array([negatives.draw(rng, 5)[0, 0] < 1000 for _ in range(2000)])
    assert drawn.mean() == pytest.approx(0.75, abs=0.04)


def test_a_cut_stays_in_its_source() -> None:
    negatives = Negatives([source(50, 50, first=0), source(30, 40, first=1000)])
    assert negatives.frames == 170
    np.testing.assert_array_equal(negatives.cut(60, 5, 10)[:, 0], np.arange(55, 65))
    np.testing.assert_array_equal(negatives.cut(102, 5, 10)[:, 0], [1067, 1068, 1069, *range(1000, 1007)])
    np.testing.assert_array_equal(negatives.cut(98, 0, 4)[:, 0], [98, 99, 0, 1])


def test_a_scan_goes_through_everything_once() -> None:
    negatives = Negatives([source(50, 55, first=0), source(30, first=1000)])
    blocks = list(negatives.blocks(np.random.default_rng(0), longest=40, most=1000))
    assert [start for start, _ in blocks] == [0, 40, 80, 105]
    np.testing.assert_array_equal(
        np.concatenate([block[:, 0] for _, block in blocks]), [*range(105), *range(1000, 1030)]
    )


def test_a_scan_of_much_takes_other_parts_each_time() -> None:
    negatives = Negatives([source(20_000, 20_000, first=0), source(100, first=50_000)])
    scans = [list(negatives.blocks(np.random.default_rng(seed), longest=100, most=2000)) for seed in range(5)]
    for scan in scans:
        assert 1500 <= sum(len(block) for _, block in scan) <= 2500
        assert scan[-1][0] == 40_000
        for start, block in scan[:-1]:
            assert block[0, 0] == start
    assert len({tuple(start for start, _ in scan) for scan in scans}) == 5
