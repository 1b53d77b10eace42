from collections.abc import Callable

import pytest

from mww_studio.corpus import phrases
from mww_studio.corpus.phonemes import (
    kokoro_phonemes,
    phoneme_distance,
    phonemes_of,
    sound_distance,
    spelled_phonemes,
    syllables,
)
from mww_studio.corpus.phonemizer import Phonemizer, phonemizer_missing
from mww_studio.corpus.phrases import Level, Nearness, advise, near_phrases
from mww_studio.corpus.sentences import sentences, words
from mww_studio.errors import Cancelled, StudioError

needs_phonemes = pytest.mark.skipif(bool(phonemizer_missing()), reason="no phonemizer is installed")


@pytest.fixture
def no_phonemizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases, "phonemizer_missing", lambda: "there is none")
    monkeypatch.setattr(phrases, "_HEARD", {})


def test_phonemes_of_ipa() -> None:
    assert phonemes_of("hˈeɪ kəmpjˈuːɾɚ") == ("h", "eɪ", "k", "ə", "m", "p", "j", "u", "ɾ", "ɚ")
    assert phonemes_of("tʃˈɜːtʃ") == ("tʃ", "ɜ", "tʃ")
    assert phonemes_of("") == ()


@pytest.mark.parametrize(
    ("ipa", "count"),
    [("hˈeɪ kəmpjˈuːɾɚ", 4), ("kɹiːˈeɪʃən", 3), ("bˈʌtn\u0329", 2), ("aɪ", 1), ("ɡˈuːtən mˈɔɾɡən", 4), ("", 0)],
)
def test_syllables(ipa: str, count: int) -> None:
    assert syllables(ipa) == count


def test_like_sounds_are_nearer_than_unlike_ones() -> None:
    assert phoneme_distance("p", "p") == 0
    assert phoneme_distance("p", "b") < phoneme_distance("p", "m") < phoneme_distance("p", "s")
    assert phoneme_distance("i", "ɪ") < phoneme_distance("i", "ɑ")
    assert phoneme_distance("a", "k") == 1
    assert phoneme_distance("s", "z") == phoneme_distance("z", "s")


def test_word_distance() -> None:
    computer = phonemes_of("kəmpjˈuːɾɚ")
    assert sound_distance(computer, computer) == 0
    commuter, kettle = phonemes_of("kəmjˈuːɾɚ"), phonemes_of("kˈɛɾəl")
    assert 0 < sound_distance(computer, commuter) < sound_distance(computer, kettle) <= 1
    assert sound_distance(computer, ()) == pytest.approx(0.8)
    assert sound_distance((), ()) == 0


def test_kokoro_alphabet() -> None:
    assert kokoro_phonemes("hˈeɪ kəmpjˈuːɾɚ", "en-US") == "hˈA kəmpjˈuTəɹ"
    assert kokoro_phonemes("dʒˈɑːɹvɪs", "en") == "ʤˈɑɹvɪs"
    assert kokoro_phonemes("ɡˈuːtən tʃˈaʊ", "de") == "ɡˈuːtən ʧˈaʊ"


def test_the_word_lists_are_large_and_clean() -> None:
    assert len(words("en")) > 1000
    assert all(word == word.lower() or word == "I" for word in words("en"))
    assert len(sentences("en-GB")) > 250
    assert len(set(sentences("en"))) == len(sentences("en"))
    assert len(sentences("de")) >= 50
    assert sentences("xx") == sentences("en")
    assert words("xx") == ()


@needs_phonemes
def test_near_phrases_by_sound() -> None:
    found = near_phrases("Hey  Computer", "en", 60)
    texts = {near.text for near in found}
    assert {"computer", "hey", "hey commuter", "hey there"} <= texts
    assert {near.nearness for near in found} == set(Nearness)
    # What sounds the same or holds the whole phrase is no counterexample.
    assert not texts & {"hey computer", "hey computers", "hay computer"}
    assert all(0 < near.distance <= 1 for near in found)
    assert len(found) == len(texts) <= 60


@needs_phonemes
@pytest.mark.parametrize("phrase", ["jarvis", "okay nabu", "computadora", "schnurrbart", "o", "ça va", "123"])
def test_near_phrases_of_anything(phrase: str) -> None:
    found = near_phrases(phrase, "en", 20)
    assert len(found) <= 20
    assert phrase not in {near.text for near in found}


@pytest.mark.usefixtures("no_phonemizer")
def test_near_phrases_by_spelling() -> None:
    texts = {near.text for near in near_phrases("hey computer", "en", 60)}
    assert {"computer", "hey", "hey commuter"} <= texts
    assert "hey computer" not in texts


@pytest.mark.usefixtures("no_phonemizer")
def test_spelling_gives_phonemes() -> None:
    assert spelled_phonemes("Phone") == ("f", "o", "n")
    assert spelled_phonemes("cheese shop") == ("tʃ", "i", "s", "ʃ", "o", "p")


def codes(phrase: str, language: str = "en") -> dict[str, Level]:
    return {advice.code: advice.level for advice in advise(phrase, language)}


@pytest.fixture(params=[pytest.param("sound", marks=needs_phonemes), "spelling"])
def either(request: pytest.FixtureRequest) -> Callable[[str], dict[str, Level]]:
    if request.param == "spelling":
        request.getfixturevalue("no_phonemizer")
    return codes


def test_advice(either: Callable[[str], dict[str, Level]]) -> None:
    assert either("hey computer").get("length") is Level.GOOD
    assert either("hey computer").get("varied") is Level.GOOD
    assert either("go")["too-short"] is Level.WARNING
    assert either("jarvis")["short"] is Level.CAUTION
    assert either("jarvis")["taken"] is Level.CAUTION
    assert either("computer")["common-word"] is Level.WARNING
    assert either("good night")["common-phrase"] is Level.WARNING
    assert "long" in either("supercalifragilistic telephone operator")
    assert "digits" in either("robot 3000")


@needs_phonemes
def test_advice_names_words_that_sound_alike() -> None:
    by_code = {advice.code: advice.text for advice in advise("commuder", "en")}
    assert "commuter" in by_code["sounds-like"]


@needs_phonemes
def test_the_gravest_advice_comes_first() -> None:
    levels = [list(Level).index(advice.level) for advice in advise("computer", "en")]
    assert levels == sorted(levels, reverse=True)


@needs_phonemes
def test_phonemizer_speaks_languages_and_refuses_unknown_ones() -> None:
    with Phonemizer() as phonemizer:
        english, german = phonemizer.ipa(["computer"], "en-US")[0], phonemizer.ipa(["Computer"], "de")[0]
        assert "j" in english
        assert english != german
        with pytest.raises(StudioError):
            phonemizer.ipa(["hello"], "nowhere")


@needs_phonemes
def test_phonemizer_can_be_cancelled() -> None:
    def cancel() -> None:
        raise Cancelled

    with Phonemizer() as phonemizer, pytest.raises(Cancelled):
        phonemizer.ipa(["hello"], "en", cancel)


def test_without_a_phonemizer_there_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mww_studio.corpus.phonemizer.phonemizer_missing", lambda: "install one")
    with pytest.raises(StudioError, match="install one") as caught:
        Phonemizer()
    assert caught.value.code == "voices.no_phonemizer"
