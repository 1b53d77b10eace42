import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mww_studio.corpus.clustering import cosine_distances, group_voices, typical_first
from mww_studio.corpus.embeddings import unit


def voices(people, clips, spread, seed=0):
    """Vectors of several people whose clips scatter by ``spread`` around a direction of their own, and whose is which.

    A third of every direction is common to all, as when all say the same word.
    """
    rng = np.random.default_rng(seed)
    common = rng.normal(size=64)
    own = rng.normal(size=(people, 64))
    who = np.repeat(np.arange(people), clips)
    vectors = common * 0.6 + own[who] + spread * rng.normal(size=(len(who), 64))
    return unit(vectors.astype(np.float32)), who


def same_parts(labels, who):
    pairs = set(zip(labels.tolist(), who.tolist(), strict=True))
    return len(pairs) == len(set(labels.tolist())) == len(set(who.tolist()))


@pytest.mark.parametrize("people", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_people_are_found_however_near_their_clips_are(people, spread):
    vectors, who = voices(people, 12, spread)
    grouping = group_voices(vectors)
    assert grouping.count == people
    assert same_parts(grouping.groups, who)
    assert not grouping.doubtful.any()


def test_the_largest_group_comes_first():
    vectors, who = voices(3, 20, 0.3)
    chosen = np.concatenate([np.flatnonzero(who == 0)[:4], np.flatnonzero(who == 1)[:9], np.flatnonzero(who == 2)])
    grouping = group_voices(vectors[chosen])
    assert np.bincount(grouping.groups).tolist() == [20, 9, 4]


def test_nobody_is_split_where_nothing_is_clear():
    vectors = unit(np.random.default_rng(1).normal(size=(80, 64)).astype(np.float32))
    assert group_voices(vectors).count == 1


def test_a_known_number_of_people_does_not_count_what_is_like_nothing_else():
    vectors, who = voices(4, 10, 0.4)
    strange = unit(np.random.default_rng(9).normal(size=(1, 64)).astype(np.float32))
    grouping = group_voices(np.concatenate([vectors, strange]), people=4)
    assert same_parts(grouping.groups[:-1], who)
    assert grouping.doubtful.tolist() == [False] * 40 + [True]
    assert grouping.sure[-1] == 0


def test_a_threshold_is_obeyed():
    vectors, who = voices(3, 10, 0.4)
    assert group_voices(vectors, threshold=1.9).count == 1
    grouping = group_voices(vectors, threshold=0.5)
    assert same_parts(grouping.groups, who)
    assert grouping.widest <= 0.5 < grouping.nearest


def test_a_clip_between_two_people_is_doubtful():
    vectors, who = voices(2, 12, 0.2)
    between = unit(vectors[who == 0].mean(axis=0) + vectors[who == 1].mean(axis=0))[None]
    grouping = group_voices(np.concatenate([vectors, between]))
    assert grouping.doubtful.tolist() == [False] * 24 + [True]
    assert grouping.sure[:-1].min() > 0.3 > grouping.sure[-1]


def test_of_very_many_clips_all_get_a_group(monkeypatch):
    monkeypatch.setattr("mww_studio.corpus.clustering._MOST_IN_TREE", 40)
    vectors, who = voices(4, 60, 0.4)
    grouping = group_voices(vectors)
    assert same_parts(grouping.groups, who)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("how", [{}, {"people": 2}, {"threshold": 0.4}])
def test_few_clips_are_no_trouble(count, how):
    vectors = voices(1, 3, 0.3)[0][:count]
    grouping = group_voices(vectors, **how)
    assert len(grouping.groups) == len(grouping.sure) == len(grouping.doubtful) == count


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(0, 1000), st.sampled_from([None, 1, 3, 50]), st.booleans())
def test_every_clip_has_one_group_whatever_the_vectors(count, seed, people, same):
    vectors = unit(np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32))
    if same:
        vectors[:] = vectors[0]
    grouping = group_voices(vectors, people=people)
    assert set(grouping.groups.tolist()) == set(range(grouping.count))
    assert ((grouping.sure >= 0) & (grouping.sure <= 1)).all()


def test_the_typical_clips_come_first():
    vectors, _ = voices(1, 9, 0.2)
    stranger = unit(np.random.default_rng(5).normal(size=(1, 64)).astype(np.float32))
    assert typical_first(np.concatenate([stranger, vectors]))[-1] == 0


def test_distances_are_those_of_directions():
    vectors = unit(np.array([[1, 0], [0, 2], [-3, 0]], np.float32))
    assert np.allclose(cosine_distances(vectors), [[0, 1, 2], [1, 0, 1], [2, 1, 0]])
