from collections.abc import Sequence

import numpy as np
import pytest

from mww_studio.corpus.examples import PlacedExamples
from mww_studio.training.batches import Batches, Mistakes, Portion
from mww_studio.training.negatives import Negatives, Source, Stream

FRAMES = 20
KINDS = {"word": 100, "near": 200, "piece": 300, "voice": 400}
NONE = PlacedExamples(np.zeros((0, 0, 40), "u2"), np.zeros(0, "f4"))


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


def others(*lengths: int) -> Negatives:
    return Negatives([Source(Stream(counted(lengths)))])


def batches(
    seed: int = 1,
    isolated: Sequence[Portion] = (),
    words: Sequence[Portion] = (Portion(placed("word", 7), 1.0),),
    mined_share: float = 0.3,
) -> Batches:
    return Batches(words, isolated, others(50, 1, 0, 3, 200), sizes=(6, 10), mined_share=mined_share, seed=seed)


def mistakes(*places: int, weights: Sequence[float] = ()) -> Mistakes:
    return Mistakes(np.array(places), np.array(weights or np.ones(len(places)), np.float32))


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


def test_real_takes_and_voices_have_their_shares() -> None:
    maker = batches(words=[Portion(placed("word", 3), 0.7), Portion(placed("voice", 50), 0.3)])
    kinds = np.concatenate([maker.draw(step).inputs[:6, 0, 0] // 100 for step in range(200)])
    assert (kinds == 4).mean() == pytest.approx(0.3, abs=0.03)
    assert (kinds == 1).mean() + (kinds == 4).mean() == 1


def test_voices_alone_are_all_positives() -> None:
    maker = batches(words=[Portion(NONE, 0.75), Portion(placed("voice", 5), 0.25)])
    assert np.all(maker.draw(0).inputs[:6, 0, 0] // 100 == 4)


def test_what_is_said_alone_comes_by_its_share() -> None:
    maker = batches(isolated=[Portion(placed("near", 4), 0.06), Portion(placed("piece", 64), 0.3), Portion(NONE, 0.5)])
    kinds = np.concatenate([maker.draw(step).inputs[6:, 0, 0] // 100 for step in range(300)])
    # A share that is no whole number of a batch is one in the mean.
    assert (kinds == 2).mean() == pytest.approx(0.06, abs=0.015)
    assert (kinds == 3).mean() == pytest.approx(0.3, abs=0.001)
    batch = maker.draw(0)
    np.testing.assert_array_equal(batch.hard, batch.inputs[6:, 0, 0] < 1000)


def test_mistakes_are_shown_again_inside_the_sequence() -> None:
    maker = batches(mined_share=0.3)
    maker.mistakes = mistakes(2, 120, 252)
    for step in range(100):
        batch = maker.draw(step)
        assert batch.hard.sum() == 3
        for sequence in batch.inputs[6:9, :, 0]:
            assert any(1000 + place in sequence[: FRAMES // 2] for place in maker.mistakes.places)


def test_the_surest_mistakes_are_shown_most() -> None:
    maker = batches(mined_share=0.3)
    maker.mistakes = mistakes(30, 150, weights=(0.9, 0.1))
    first = np.concatenate([(maker.draw(step).inputs[6:9, :, 0] == 1030).any(axis=1) for step in range(200)])
    assert first.mean() == pytest.approx(0.9, abs=0.06)


def test_a_share_of_all_leaves_no_plain_negatives() -> None:
    maker = batches(isolated=[Portion(placed("near", 4), 1.0)], mined_share=0.0)
    assert maker.draw(1).hard.all()


def test_shares_that_are_rounded_up_fit() -> None:
    odd = Batches(
        [Portion(placed("word", 7), 1.0)],
        [Portion(placed("near", 4), 0.5)],
        others(100),
        sizes=(2, 3),
        mined_share=0.5,
        seed=0,
    )
    odd.mistakes = mistakes(50)
    for step in range(20):
        assert odd.draw(step).inputs.shape == (5, FRAMES, 40)
        assert odd.draw(step).hard.shape == (3,)
