import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mww_studio.corpus import phonemizer as phonemizing
from mww_studio.corpus import pronunciation
from mww_studio.corpus.phonemes import (
    ipa_sounds,
    kokoro_phonemes,
    phoneme_distance,
    phonemes_of,
    sound_distance,
    spelled_phonemes,
    syllables,
)
from mww_studio.corpus.phonemizer import Phonemizer, phonemizer_missing
from mww_studio.corpus.phrase_advice import Level, advise
from mww_studio.corpus.phrase_neighbours import _sounded_neighbours, neighbours
from mww_studio.corpus.phrases import Nearness, near_phrases, nearness_of
from mww_studio.corpus.pronunciation import Ear, Sound, contains_sound, one_sound_apart, sounds_same
from mww_studio.corpus.sentences import neighbour_words, sentences, words
from mww_studio.corpus.unsaid import is_unsaid
from mww_studio.errors import Cancelled, StudioError

needs_phonemes = pytest.mark.skipif(bool(phonemizer_missing()), reason="no phonemizer is installed")


@pytest.fixture
def no_phonemizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pronunciation, "phonemizer_missing", lambda: "there is none")
    monkeypatch.setattr(pronunciation, "_HEARD", {})


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


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "it", "nl"])
def test_every_list_has_a_word_once(language: str) -> None:
    known = neighbour_words(language)
    assert len(words(language)) > 500
    assert set(words(language)) < set(known)
    assert all(word.replace("'", "").replace("-", "").isalpha() for word in known)


@needs_phonemes
def test_near_phrases_by_sound() -> None:
    found = near_phrases("Hey  Computer", "en", 60)
    texts = {near.text for near in found}
    assert {"computer", "hey", "hey commuter", "hey there", "computer says", "the computer"} <= texts
    assert {near.nearness for near in found} == set(Nearness)
    # What sounds the same or holds the whole phrase is no counterexample.
    assert not texts & {"hey computer", "hey computers", "hay computer"}
    assert all(0 < near.distance <= 1 for near in found)
    assert len(found) == len(texts) <= 60


@needs_phonemes
@pytest.mark.parametrize(
    ("phrase", "language", "expected"),
    [
        ("computer", "en", {"commuter", "compute", "pewter", "compu"}),
        ("jarvis", "en", {"marvin", "harvest", "jarv", "jarbis"}),
        ("okay nabu", "en", {"nabu", "okay taboo", "obey nabu", "okay you"}),
        ("alexa", "en", {"alexis", "election", "lexus", "alesa"}),
        ("Hallo Haus", "de", {"Hallo", "Hallo Maus", "Hallo raus", "mein Haus"}),
        ("ordinateur", "fr", {"ordonnateur", "ordinaire", "animateur"}),
    ],
)
def test_near_phrases_of_well_known_words(phrase: str, language: str, expected: set[str]) -> None:
    found = near_phrases(phrase, language, 60)
    assert expected <= {near.text for near in found}
    with Ear(language) as ear:
        (wake,) = ear.hear([phrase])
        sounds = [Sound(near.ipa, phonemes_of(near.ipa)) if near.ipa else ear.hear([near.text])[0] for near in found]
    assert len({sound.phonemes for sound in sounds}) == len(found)
    for near, sound in zip(found, sounds, strict=True):
        assert not contains_sound(sound.phonemes, wake.phonemes)
        if near.nearness is Nearness.NEIGHBOUR:
            assert one_sound_apart(sound.phonemes, wake.phonemes), near
        if near.nearness is Nearness.WORD:
            assert set(near.text.split()) <= {*neighbour_words(language), *phrase.split()}


@needs_phonemes
def test_what_no_spelling_says_is_spoken_by_its_sounds() -> None:
    with Ear("en") as ear:
        found = list(_sounded_neighbours(["hey", "alexa"], 1, ear))
        (wake,) = ear.hear(["hey alexa"])
    assert found
    for neighbour in found:
        assert neighbour.ipa.startswith("hˈeɪ ")
        assert neighbour.ipa.count("ˈ") == wake.ipa.count("ˈ")
        assert one_sound_apart(phonemes_of(neighbour.ipa), wake.phonemes)


@needs_phonemes
@pytest.mark.parametrize("phrase", ["o", "ça va 123", ""])
def test_near_phrases_of_anything(phrase: str) -> None:
    found = near_phrases(phrase, "en", 20)
    assert len(found) <= 20
    assert phrase not in {near.text for near in found}


@needs_phonemes
def test_a_language_without_words_has_neighbours_in_sound_all_the_same() -> None:
    found = near_phrases("hej dator", "sv", 40)
    assert {Nearness.PARTIAL, Nearness.NEIGHBOUR} <= {near.nearness for near in found}


@needs_phonemes
def test_how_near_is_what_somebody_wrote() -> None:
    texts = ["hey", "hey commuter", "hey gomputer", "Hey  Computer", "oh hey computer", "nonsense"]
    found = {near.text: near for near in nearness_of("hey computer", "en", texts)}
    assert list(found) == ["hey", "hey commuter", "hey gomputer", "nonsense"]
    assert found["hey"].nearness is Nearness.PARTIAL
    assert found["hey commuter"].nearness is Nearness.WORD
    assert found["nonsense"].distance > 0.5
    assert nearness_of("computer", "en", ["comguter"])[0].nearness is Nearness.NEIGHBOUR


@needs_phonemes
def test_rude_words_are_not_made() -> None:
    with Ear("en") as ear:
        made = [near.text for near in neighbours(["duck"], ear)]
        (rude,) = ear.hear(["".join(("f", "uck"))])
        assert is_unsaid(rude.phonemes)
        assert rude.phonemes not in [sound.phonemes for sound in ear.hear(made)]
    assert made


def test_sounds_that_people_do_not_tell_apart_are_the_same() -> None:
    computer = phonemes_of("kəmpjˈuːɾɚ")
    assert sounds_same(computer, phonemes_of("kɐmpjˈuːdɚ"))
    assert not sounds_same(computer, phonemes_of("kəmjˈuːɾɚ"))
    assert contains_sound((*phonemes_of("ðə"), *computer, "z"), computer)
    assert not contains_sound(computer[:-3], computer)
    # In a long phrase one sound is as much as in a short one.
    assert not sounds_same(
        ("h", "eɪ", "k", "ɪ", "tʃ", "ə", "n", *computer), ("h", "eɪ", "k", "ɪ", "tʃ", "ə", "n", *computer[:-1])
    )


def test_an_ipa_text_is_cut_into_its_sounds() -> None:
    text = "hˈeɪ kəmpjˈuːɾɚ"
    assert "".join(ipa_sounds(text)) == text
    assert [phonemes_of(piece) for piece in ipa_sounds(text)][:3] == [("h",), ("eɪ",), ("k",)]


def test_rhymes_begin_at_the_stressed_vowel() -> None:
    def rhyme(ipa: str) -> tuple[str, ...]:
        return Sound(ipa, phonemes_of(ipa)).rhyme

    assert rhyme("kəmpjˈuːɾɚ") == ("u", "ɾ", "ɚ")
    assert rhyme("dʒˈɑːɹvɪs") == ("ɑ", "ɹ", "v", "ɪ", "s")
    assert rhyme("") == ()


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
    long = "supercalifragilistic telephone operator"
    phrases = ("hey computer", "go", "jarvis", "computer", "good night", long, "robot 3000")
    with Ear("en") as ear:
        ear.hear(phrases)  # one phonemizer for all of them
    told = {phrase: either(phrase) for phrase in phrases}
    assert told["hey computer"].get("length") is Level.GOOD
    assert told["hey computer"].get("varied") is Level.GOOD
    assert told["go"]["too-short"] is Level.WARNING
    assert told["jarvis"]["short"] is Level.CAUTION
    assert told["jarvis"]["taken"] is Level.CAUTION
    assert told["computer"]["common-word"] is Level.WARNING
    assert told["good night"]["common-phrase"] is Level.WARNING
    assert "long" in told[long]
    assert "digits" in told["robot 3000"]


@needs_phonemes
def test_advice_names_words_that_sound_alike() -> None:
    by_code = {advice.code: advice.text for advice in advise("composter", "en")}
    assert "composer" in by_code["sounds-like"]
    # What contains it is no other word.
    assert "“computers”" not in {advice.code: advice.text for advice in advise("computer", "en")}["sounds-like"]


@needs_phonemes
def test_how_words_sound_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = words("nl")[:250]
    monkeypatch.setattr(pronunciation, "phoneme_cache", lambda: tmp_path)
    monkeypatch.setattr(pronunciation, "_HEARD", {})
    with Ear("nl") as ear:
        first = ear.hear(known)
    (kept,) = tmp_path.iterdir()
    monkeypatch.setattr(pronunciation, "_HEARD", {})
    monkeypatch.setattr(pronunciation, "Phonemizer", None)  # nobody needs it any more
    with Ear("nl") as ear:
        assert ear.hear(known) == first
    for damage in ("{", '{"huis": 3}', "[]"):
        kept.write_text(damage, encoding="utf-8")
        assert pronunciation._recall("nl") == {}


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
        # An accent that it does not know is a language that it knows.
        assert phonemizer.ipa(["Haus"], "de-AT") == phonemizer.ipa(["Haus"], "de")
        assert "ʁ" in phonemizer.ipa(["ordinateur"], "fr")[0]
        with pytest.raises(StudioError):
            phonemizer.ipa(["hello"], "nowhere")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_the_systems_program_says_many_texts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phonemizing, "find_spec", lambda _: None)
    texts = ["computer", "a, b", "it's me", "hey there", "I"]
    with Phonemizer() as phonemizer:
        together = phonemizer.ipa(texts, "en")
        assert together == [phonemizer.ipa([text], "en")[0] for text in texts]
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
