from dataclasses import replace

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from mww_studio.evaluation.calibration import BINS, Scores, measure_separation, scores_of
from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord

INFERENCES_A_STRETCH = 67  # 2 s at a stride of 3


def stream(*levels):
    """An output of that height in each stretch of two seconds."""
    made = np.zeros(INFERENCES_A_STRETCH * len(levels), np.uint8)
    for number, level in enumerate(levels):
        made[number * INFERENCES_A_STRETCH + 30 :][:10] = level
    return made


def heard(words, *ambience):
    takes = [HeardWord(f"{n}.wav", stream(0, level), 2.0, None, None) for n, level in enumerate(words)]
    return Heard(
        "a test", 3, takes, [HeardAmbience(str(n), stream(*one), "tv", 0.01) for n, one in enumerate(ambience)]
    )


def many(seed=1):
    """60 takes and 400 stretches of ten recordings that cannot be told apart wholly."""
    rng = np.random.default_rng(seed)
    streams = [tuple((255 * rng.random(40) ** 4).astype(int)) for _ in range(10)]
    return scores_of(heard(tuple((255 * rng.random(60) ** 0.25).astype(int)), *streams), 5)


def test_takes_and_stretches_count_once():
    scores = scores_of(heard((200, 100), (10, 250), (60,)), 5)
    np.testing.assert_array_equal(scores.word, [1, 1, 0, 0, 0])
    np.testing.assert_allclose(scores.mean, [200, 100, 10, 250, 60])
    np.testing.assert_array_equal(scores.recording, [0, 1, 2, 2, 3])
    np.testing.assert_allclose(scores.score, scores.mean / 255)
    assert (scores.takes, scores.stretches) == (2, 3)


def test_what_comes_before_the_word_does_not_count():
    early = heard((200,), (1,))
    word = replace(early.words[0], probabilities=stream(255, 50))
    assert scores_of(replace(early, words=[word]), 5).mean[0] == 50


def test_the_figures_are_those_of_the_field():
    scores = many()
    found = measure_separation(scores, 128)
    assert found is not None
    assert found.area.value == pytest.approx(roc_auc_score(scores.word, scores.score))
    assert found.average_precision.value == pytest.approx(average_precision_score(scores.word, scores.score))
    assert found.brier.value == pytest.approx(brier_score_loss(scores.word, scores.score))
    share = scores.takes / len(scores.word)
    assert found.brier_of_share == pytest.approx(brier_score_loss(scores.word, np.full(len(scores.word), share)))
    shares, said = calibration_curve(scores.word, scores.score, n_bins=BINS)
    np.testing.assert_allclose([one.share.recall for one in found.bins], shares)
    np.testing.assert_allclose([one.said for one in found.bins], said)
    assert sum(one.share.clips for one in found.bins) == len(scores.word)
    for one in found.bins:
        assert one.low <= one.said <= one.high
        assert one.share.low <= one.share.recall <= one.share.high
    for measured in (found.area, found.average_precision, found.brier):
        assert measured.low < measured.value < measured.high


def test_the_curves_go_through_the_shipped_cut_off():
    scores = many()
    for byte in (40, 128, 230):
        found = measure_separation(scores, byte)
        assert found is not None
        takes, stretches = ((scores.mean[scores.word == side] > byte).mean() for side in (1, 0))
        assert (found.dot.takes, found.dot.stretches) == (takes, stretches)
        assert np.interp(found.dot.stretches, found.roc.x, found.roc.y) >= found.dot.takes - 0.02
        over = scores.word[scores.mean > byte]
        assert found.dot.precision == over.mean()
    assert found.equal_error == pytest.approx(min(np.maximum(found.det.x, found.det.y)), abs=0.02)


@pytest.mark.parametrize(("words", "others"), [((250, 240, 255), (3, 2, 0)), ((250,), (0,)), ((0, 0), (0, 0))])
def test_few_and_easy_sounds_are_no_trouble(words, others):
    found = measure_separation(scores_of(heard(words, others), 5), 200)
    assert found is not None
    assert 0 <= found.equal_error <= 0.5
    assert found.area.low <= found.area.value <= found.area.high


def test_one_side_alone_shows_nothing():
    assert measure_separation(scores_of(heard((200, 100)), 5), 128) is None
    assert measure_separation(scores_of(heard((), (3, 4)), 5), 128) is None
    assert measure_separation(scores_of(heard((), ()), 5), 128) is None


def test_hours_of_sound_are_measured_at_once():
    rng = np.random.default_rng(3)
    others = np.rint(rng.random(40_000) * 1275) / 5
    scores = Scores(
        word=np.repeat([1, 0], [500, len(others)]),
        mean=np.concatenate([np.rint(rng.random(500) * 1275) / 5, others]),
        recording=np.concatenate([np.arange(500), 500 + np.arange(len(others)) // 1000]),
    )
    found = measure_separation(scores, 250)
    assert found is not None
    assert found.area.value == pytest.approx(0.5, abs=0.05)
    assert found.area.low < 0.5 < found.area.high
