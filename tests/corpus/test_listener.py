import numpy as np
import pytest
from synthetic_speech import RATE, Take, word

from mww_studio.corpus.listener import Cepstra, cepstra_of, outliers

PEOPLE, TAKES = 4, 5


def heard(take: Take, begin: float = 0.0, end: float = 1.0) -> tuple[Cepstra, float]:
    """What the listener gets of a part of a take."""
    length = take.end_s - take.start_s
    start_s, end_s = take.start_s + begin * length, take.start_s + end * length
    return cepstra_of(take.pcm, start_s, end_s), end_s - start_s


@pytest.fixture
def good() -> list[tuple[Cepstra, float]]:
    return [heard(word(who, take)) for who in range(PEOPLE) for take in range(TAKES)]


def flags(takes: list[tuple[Cepstra, float]]) -> list[bool]:
    return outliers([cepstra for cepstra, _ in takes], [seconds for _, seconds in takes])


def test_takes_of_different_people_are_alike(good: list[tuple[Cepstra, float]]) -> None:
    assert sum(flags(good)) <= 1


def test_what_is_not_the_word_stands_out(good: list[tuple[Cepstra, float]]) -> None:
    take = word(1, 77)
    backwards = Take(take.pcm[::-1].copy(), len(take.pcm) / RATE - take.end_s, len(take.pcm) / RATE - take.start_s)
    speech = take.pcm[round(take.start_s * RATE) : round(take.end_s * RATE)]
    twice = np.concatenate([speech, speech])
    wrong = [
        heard(take, end=0.6),
        heard(take, begin=0.45),
        (cepstra_of(twice, 0.0, len(twice) / RATE), len(twice) / RATE),
        heard(backwards),
    ]
    for one in wrong:
        found = flags([*good, one])
        assert found[-1]
        assert sum(found[:-1]) <= 1


def test_loudness_does_not_count(good: list[tuple[Cepstra, float]]) -> None:
    take = word(2, 50)
    quiet = Take((take.pcm * 0.2).astype(np.int16), take.start_s, take.end_s)
    assert not flags([*good, heard(quiet)])[-1]


def test_a_few_takes_say_nothing_about_what_is_usual(good: list[tuple[Cepstra, float]]) -> None:
    assert flags([*good[:6], heard(word(0, 9), end=0.5)]) == [False] * 7
    assert flags([]) == []


def test_silence_is_heard_without_an_error(good: list[tuple[Cepstra, float]]) -> None:
    nothing = cepstra_of(np.zeros(0, np.int16), 0.0, 0.0)
    assert flags([*good, (nothing, 0.0)])[-1]


def test_takes_by_the_hundred_are_compared_with_a_few(good: list[tuple[Cepstra, float]]) -> None:
    many = [take for take in good for _ in range(4)]
    assert len(flags(many)) == 80
