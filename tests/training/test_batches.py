from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mww_studio.corpus.examples import PlacedExamples
from mww_studio.presets import HardNegativeMining
from mww_studio.training.batches import Batches, Stream

FRAMES = 20
KINDS = {"word": 100, "near": 200, "piece": 300}


def placed(kind: str, count: int) -> PlacedExamples:
    """Streams whose every value tells the kind and the number."""
    values = KINDS[kind] + np.arange(count, dtype=np.uint16)
    streams = np.broadcast_to(values[:, None, None], (count, FRAMES, 40)).copy()
    return PlacedExamples(streams, values.astype(np.float32))


def counted(lengths: Sequence[int], first: int = 1000) -> list[np.ndarray]:
    """Recordings whose every frame is its number in the whole stream."""
    numbers = first + np.arange(sum(lengths), dtype=np.uint16)
    whole = np.broadcast_to(numbers[:, None], (len(numbers), 40))
    return [part.copy() for part in np.split(whole, np.cumsum(lengths)[:-1])]


def batches(seed: int = 1, isolated: Sequence[PlacedExamples] = (), **shares: float) -> Batches:
    return Batches(
        placed("word", 7), isolated, Stream(counted([50, 1, 0, 3, 200])), sizes=(6, 10),
        shares=HardNegativeMining(**shares), seed=seed,
    )  # fmt: skip


@given(
    lengths=st.lists(st.integers(0, 30), min_size=1).filter(any), start=st.integers(-50, 900), frames=st.integers(1, 80)
)
def test_a_stream_is_cut_over_its_joints_and_begins_again_at_its_end(
    lengths: list[int], start: int, frames: int
) -> None:
    stream = Stream(counted(lengths, first=0))
    whole = np.arange(stream.frames)
    expected = np.take(whole, np.arange(start, start + frames), mode="wrap")
    cut = stream.cut(start, frames)
    assert cut.shape == (frames, 40)
    np.testing.assert_array_equal(cut[:, 0], expected)


def test_a_batch_depends_on_the_seed_and_the_step_alone() -> None:
    first, second = batches(), batches()
    ahead = [first.draw(step) for step in range(6)]
    for step in (5, 0, 3, 3):
        drawn = second.draw(step)
        np.testing.assert_array_equal(drawn.inputs, ahead[step].inputs)
        np.testing.assert_array_equal(drawn.end_frames, ahead[step].end_frames)
        np.testing.assert_array_equal(drawn.hard, ahead[step].hard)
    assert not np.array_equal(ahead[0].inputs, ahead[1].inputs)
    assert not np.array_equal(ahead[0].inputs, batches(seed=2).draw(0).inputs)


def test_words_come_first_with_their_ends() -> None:
    batch = batches().draw(4)
    assert batch.inputs.shape == (16, FRAMES, 40)
    assert batch.inputs.dtype == np.uint16
    np.testing.assert_array_equal(batch.inputs[:6, 0, 0], batch.end_frames)
    assert batch.inputs[6:].min() >= 1000
    assert not batch.hard.any()


def test_what_is_said_alone_comes_by_its_share() -> None:
    maker = batches(
        isolated=[
            placed("near", 4),
            placed("piece", 64),
            PlacedExamples(np.zeros((0, 0, 40), "u2"), np.zeros(0, "f4")),
        ],
        isolated_share=0.4,
    )
    kinds = np.concatenate([maker.draw(step).inputs[6:, 0, 0] // 100 for step in range(200)])
    assert (kinds == 2).sum() + (kinds == 3).sum() == 200 * 4
    # By the square root of their sizes, 2 to 8: few near-sounding phrases are seen more often than their number says.
    assert (kinds == 2).sum() / 800 == pytest.approx(0.2, abs=0.05)
    batch = maker.draw(0)
    np.testing.assert_array_equal(batch.hard, batch.inputs[6:, 0, 0] < 1000)


def test_mistakes_are_shown_again_inside_the_sequence() -> None:
    maker = batches(share=0.3)
    maker.mined = np.array([2, 120, 252])
    for step in range(100):
        batch = maker.draw(step)
        assert batch.hard.sum() == 3
        for sequence in batch.inputs[6:9, :, 0]:
            assert any(1000 + place in sequence[: FRAMES // 2] for place in maker.mined)


def test_a_share_of_all_leaves_no_plain_negatives() -> None:
    maker = batches(isolated=[placed("near", 4)], isolated_share=1.0, share=0.0)
    assert maker.draw(1).hard.all()


def test_two_halves_of_an_odd_number_fit() -> None:
    odd = Batches(
        placed("word", 7),
        [placed("near", 4)],
        Stream(counted([100])),
        sizes=(2, 3),
        shares=HardNegativeMining(share=0.5, isolated_share=0.5),
        seed=0,
    )
    odd.mined = np.array([50])
    assert odd.draw(0).inputs.shape == (5, FRAMES, 40)
    assert odd.draw(0).hard.shape == (3,)


def test_recordings_shorter_than_a_sequence_are_enough() -> None:
    short = Batches(placed("word", 2), [], Stream(counted([5, 2])), sizes=(2, 3), shares=HardNegativeMining(), seed=0)
    assert set(np.unique(short.draw(0).inputs[2:])) == set(range(1000, 1007))
