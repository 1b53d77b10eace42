"""What to think of a wake phrase before anybody records it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mww_studio.corpus.phonemes import sound_distance
from mww_studio.corpus.pronunciation import Ear, Sound, contains_sound
from mww_studio.corpus.sentences import neighbour_words, sentences, words
from mww_studio.corpus.voices import Check

_CONFUSABLE = 0.22
_FEW_SYLLABLES = 3
_MANY_SYLLABLES = 6
_KNOWN_WAKE_WORDS = ("alexa", "hey siri", "siri", "hey google", "okay google", "cortana", "okay nabu", "hey jarvis")


class Level(StrEnum):
    """How much a piece of advice matters."""

    GOOD = "good"
    CAUTION = "caution"
    WARNING = "warning"


@dataclass(frozen=True)
class Advice:
    """One thing to know about a wake phrase."""

    code: str
    level: Level
    text: str


def advise(phrase: str, language: str, check: Check = lambda: None) -> list[Advice]:
    """What speaks for and against ``phrase`` as a wake phrase, the gravest first."""
    spoken = " ".join(phrase.lower().split())
    with Ear(language, check) as ear:
        (sound,) = ear.hear([spoken])
        advice = [*_on_length(phrase, sound), *_on_sounds(sound), *_on_commonness(spoken, language)]
        advice += _on_neighbours(spoken, sound, ear)
    order = list(Level)
    return sorted(advice, key=lambda item: -order.index(item.level))


def _on_length(phrase: str, sound: Sound) -> Iterator[Advice]:
    syllables = sound.syllables
    if any(character.isdigit() for character in phrase):
        yield Advice("digits", Level.CAUTION, "Write numbers as words, so that everybody says them in the same way.")
    if syllables <= 1:
        yield Advice(
            "too-short", Level.WARNING, "One syllable is too short: it will wake by mistake. Two to four work best."
        )
    elif syllables < _FEW_SYLLABLES:
        text = "Two syllables are few: it will wake by mistake more often. A word in front, such as “hey”, helps."
        yield Advice("short", Level.CAUTION, text)
    elif syllables > _MANY_SYLLABLES:
        text = f"{syllables} syllables are many: people shorten them, and slow speakers exceed what the model hears."
        yield Advice("long", Level.WARNING if syllables > _MANY_SYLLABLES + 2 else Level.CAUTION, text)
    else:
        yield Advice("length", Level.GOOD, f"{syllables} syllables are a good length.")


def _on_sounds(sound: Sound) -> Iterator[Advice]:
    different = len(set(sound.phonemes))
    if len(sound.phonemes) >= 4 and different <= len(sound.phonemes) / 2:
        yield Advice("monotonous", Level.CAUTION, "The same sounds repeat; different ones are easier to recognise.")
    elif different >= 6:
        yield Advice("varied", Level.GOOD, f"{different} different sounds make it easy to recognise.")


def _on_commonness(spoken: str, language: str) -> Iterator[Advice]:
    known = next((name for name in _KNOWN_WAKE_WORDS if name in (spoken, f"hey {spoken}")), None)
    if known is not None:
        text = f"“{known}” wakes other assistants; if one is in the house, both will answer."
        yield Advice("taken", Level.CAUTION, text)
    if spoken in {word.lower() for word in words(language)}:
        text = f"“{spoken}” is an everyday word: people say it all day, and each time it wakes the device."
        yield Advice("common-word", Level.WARNING, text)
    elif any(f" {spoken} " in f" {_letters(sentence)} " for sentence in sentences(language)):
        yield Advice("common-phrase", Level.WARNING, f"“{spoken}” is said in ordinary conversation.")


def _on_neighbours(spoken: str, sound: Sound, ear: Ear) -> Iterator[Advice]:
    known = [word for word in neighbour_words(ear.language) if word.lower() not in spoken.split()]
    alike = []
    for word, other in zip(known, ear.hear(known), strict=True):
        # A quick look before the long one: a word of quite another length is another word.
        if abs(len(other.phonemes) - len(sound.phonemes)) <= _CONFUSABLE * len(sound.phonemes) + 1:
            distance = sound_distance(sound.phonemes, other.phonemes)
            if distance < _CONFUSABLE and not contains_sound(other.phonemes, sound.phonemes):
                alike.append((distance, word))
    if alike:
        names = ", ".join(f"“{word}”" for _, word in sorted(alike)[:3])
        text = f"It sounds like {names}: record these too, as other talk."
        yield Advice("sounds-like", Level.CAUTION, text)


def _letters(text: str) -> str:
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in text.lower()).split())
