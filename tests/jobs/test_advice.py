import pytest

from mww_studio.corpus.phonemizer import phonemizer_missing
from mww_studio.jobs.advice import MAX_ADVICE, advise

needs_phonemes = pytest.mark.skipif(bool(phonemizer_missing()), reason="no phonemizer here")


@pytest.mark.parametrize("phrase", ["vad", "VAD ", "x" * 99, "?!", "bell\x07"])
def test_what_cannot_be_a_wake_word_says_why(phrase: str) -> None:
    (advice,) = advise(phrase, "en")
    assert advice.level == "bad"
    assert advice.text.endswith(".")


def test_nothing_is_said_about_nothing() -> None:
    assert advise("  ", "en") == ()


@needs_phonemes
def test_the_gravest_comes_first_and_there_are_three_at_most() -> None:
    good = advise("hey willow", "en")
    assert {one.level for one in good} == {"ok"}
    assert "3 syllables" in good[0].text
    common = advise("computer", "en")
    assert common[0].level == "warn"
    assert "“computer”" in common[0].text
    assert len(common) <= MAX_ADVICE
    assert advise("yes", "en")[0].level == "warn"
