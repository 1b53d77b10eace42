"""What sounds almost like the wake phrase, and what to think of a wake phrase before recording it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mww_studio.corpus.phonemes import is_vowel, phonemes_of, sound_distance, spelled_phonemes
from mww_studio.corpus.phonemizer import Phonemizer, phonemizer_missing
from mww_studio.corpus.sentences import sentences, words
from mww_studio.corpus.voices import Check, primary_language

Phonemes = tuple[str, ...]

_SAME = 0.07  # people's accents differ by as much
_NEAR = 0.5
_CONFUSABLE = 0.22
_FEW_SYLLABLES = 3
_MANY_SYLLABLES = 6
_KNOWN_WAKE_WORDS = ("alexa", "hey siri", "siri", "hey google", "okay google", "cortana", "okay nabu", "hey jarvis")
_AFTERWARDS = {"en": ("there", "you", "what is that"), "de": ("du", "was ist das")}
_SPEAKABLE = re.compile("[^aeiouy]?[aeiouyäöü]")
_SWAPS = (
    ("p", "b"), ("b", "p"), ("t", "d"), ("d", "t"), ("c", "g"), ("k", "g"), ("g", "k"), ("f", "v"), ("v", "f"),
    ("s", "z"), ("m", "n"), ("n", "m"), ("l", "r"), ("r", "l"), ("j", "ch"), ("x", "ss"), ("h", "w"), ("w", "v"),
    ("a", "o"), ("e", "i"), ("i", "e"), ("o", "a"), ("u", "a"),
)  # fmt: skip
_HEARD: dict[tuple[str, str], Phonemes] = {}


class Nearness(StrEnum):
    """In which way a phrase is near to the wake phrase."""

    PARTIAL = "part of the phrase"
    WORD = "real words that sound alike"
    RHYME = "rhyme"
    NEIGHBOUR = "one sound changed"


@dataclass(frozen=True)
class NearPhrase:
    """A phrase on which the device must stay quiet. ``distance``: 0 sounds the same .. 1 nothing in common.

    ``ipa``: how it must be spoken where its spelling would be read in another way; empty where the spelling does.
    """

    text: str
    nearness: Nearness
    distance: float
    ipa: str = ""


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


def near_phrases(phrase: str, language: str, limit: int = 60, check: Check = lambda: None) -> list[NearPhrase]:
    """Phrases that sound like ``phrase`` but are not it: all kinds in turn, within each the nearest first.

    Nothing that contains the whole phrase, and nothing that sounds the same. Where no phonemizer is installed,
    sounds are guessed from the spelling. Raises StudioError ``voices.*`` where it is, and fails.
    """
    spoken = " ".join(phrase.lower().split())
    candidates = dict(_candidates(spoken, language, _nearest_words(spoken, language, check)))
    if not candidates:
        return []
    sounds = _sounds([spoken, *candidates], language, check)
    wake, rest = sounds[0], sounds[1:]
    found: dict[Nearness, list[NearPhrase]] = {nearness: [] for nearness in Nearness}
    for (text, nearness), sound in zip(candidates.items(), rest, strict=True):
        distance = sound_distance(wake, sound)
        if distance > _SAME and sound and not _contains(sound, wake):
            found[nearness].append(NearPhrase(text, nearness, round(distance, 3)))
    for near in found.values():
        near.sort(key=lambda item: (item.distance, item.text))
    found[Nearness.WORD] = _no_place_too_often(spoken, found[Nearness.WORD])
    return list(_in_turn(found.values()))[:limit]


def nearness_of(phrase: str, language: str, texts: Sequence[str], check: Check = lambda: None) -> list[NearPhrase]:
    """How near each of these texts is to ``phrase``; those that contain it, or sound the same, are left out."""
    spoken = " ".join(phrase.lower().split())
    wake, *sounds = _sounds([spoken, *(text.lower() for text in texts)], language, check)
    found = []
    for text, sound in zip(texts, sounds, strict=True):
        distance = sound_distance(wake, sound)
        if distance > _SAME and sound and not _contains(sound, wake):
            part = f" {text.lower()} " in f" {spoken} "
            found.append(NearPhrase(text, Nearness.PARTIAL if part else Nearness.WORD, round(distance, 3)))
    return found


def advise(phrase: str, language: str, check: Check = lambda: None) -> list[Advice]:
    """What speaks for and against ``phrase`` as a wake phrase, the gravest first."""
    spoken = " ".join(phrase.lower().split())
    (sound,) = _sounds([spoken], language, check)
    advice = [*_on_length(phrase, sound), *_on_sounds(sound), *_on_commonness(spoken, language)]
    advice += _on_neighbours(spoken, sound, language, check)
    order = list(Level)
    return sorted(advice, key=lambda item: -order.index(item.level))


def _on_length(phrase: str, sound: Phonemes) -> Iterator[Advice]:
    syllables = sum(is_vowel(phoneme) for phoneme in sound)
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


def _on_sounds(sound: Phonemes) -> Iterator[Advice]:
    different = len(set(sound))
    if len(sound) >= 4 and different <= len(sound) / 2:
        yield Advice("monotonous", Level.CAUTION, "The same sounds repeat; different ones are easier to recognise.")
    elif different >= 6:
        yield Advice("varied", Level.GOOD, f"{different} different sounds make it easy to recognise.")


def _on_commonness(spoken: str, language: str) -> Iterator[Advice]:
    known = next((name for name in _KNOWN_WAKE_WORDS if name in (spoken, f"hey {spoken}")), None)
    if known is not None:
        text = f"“{known}” wakes other assistants; if one is in the house, both will answer."
        yield Advice("taken", Level.CAUTION, text)
    if spoken in words(language):
        text = f"“{spoken}” is an everyday word: people say it all day, and each time it wakes the device."
        yield Advice("common-word", Level.WARNING, text)
    elif any(f" {spoken} " in f" {_letters(sentence)} " for sentence in sentences(language)):
        yield Advice("common-phrase", Level.WARNING, f"“{spoken}” is said in ordinary conversation.")


def _on_neighbours(spoken: str, sound: Phonemes, language: str, check: Check) -> Iterator[Advice]:
    known = [word for word in words(language) if word not in spoken.split()]
    alike = []
    for word, other in zip(known, _sounds(known, language, check), strict=True):
        distance = sound_distance(sound, other)
        if distance < _CONFUSABLE:
            alike.append((distance, word))
    if alike:
        names = ", ".join(f"“{word}”" for _, word in sorted(alike)[:3])
        text = f"It sounds like {names}: record these too, as other talk."
        yield Advice("sounds-like", Level.CAUTION, text)


def _candidates(spoken: str, language: str, nearest: dict[str, list[str]]) -> Iterator[tuple[str, Nearness]]:
    parts = spoken.split()
    for text in _neighbours(parts):
        yield text, Nearness.NEIGHBOUR
    for place, part in enumerate(parts):
        for word in nearest[part]:
            rhyme = word[-3:] == part[-3:] and word[0] != part[0]
            yield " ".join([*parts[:place], word, *parts[place + 1 :]]), Nearness.RHYME if rhyme else Nearness.WORD
    for text in _partials(parts, language):
        yield text, Nearness.PARTIAL


def _partials(parts: list[str], language: str) -> Iterator[str]:
    """Runs of words, and words that break off: at either end of the phrase."""
    for length in range(1, len(parts)):
        for start in range(len(parts) - length + 1):
            yield " ".join(parts[start : start + length])
    for place, part in enumerate(parts):
        for kept in range(3, len(part) - 1):
            yield " ".join([*parts[:place], part[:kept]])
            if _SPEAKABLE.match(part[len(part) - kept :]):
                yield " ".join([part[len(part) - kept :], *parts[place + 1 :]])
    if len(parts) > 1:
        for after in _AFTERWARDS.get(primary_language(language), ()):
            yield f"{parts[0]} {after}"


def _neighbours(parts: list[str]) -> Iterator[str]:
    """Spellings with one letter for another of a different sound."""
    for place, part in enumerate(parts):
        for position, letter in enumerate(part):
            for old, new in _SWAPS:
                if letter == old:
                    changed = part[:position] + new + part[position + 1 :]
                    yield " ".join([*parts[:place], changed, *parts[place + 1 :]])


def _nearest_words(spoken: str, language: str, check: Check, count: int = 14) -> dict[str, list[str]]:
    """For each word of the phrase the everyday words that sound most like it, the nearest first."""
    parts = spoken.split()
    known = [word for word in words(language) if word not in parts]
    sounds = _sounds([*parts, *known], language, check)
    nearest = {}
    for part, sound in zip(parts, sounds[: len(parts)], strict=True):
        ranked = sorted(
            (sound_distance(sound, other), word) for word, other in zip(known, sounds[len(parts) :], strict=True)
        )
        nearest[part] = [word for distance, word in ranked[:count] if _SAME < distance < _NEAR]
    return nearest


def _sounds(texts: Sequence[str], language: str, check: Check) -> list[Phonemes]:
    new = [text for text in dict.fromkeys(texts) if (language, text) not in _HEARD]
    if new and phonemizer_missing():
        return [spelled_phonemes(text) for text in texts]
    if new:
        with Phonemizer() as phonemizer:
            ipa = phonemizer.ipa(new, language, check)
        _HEARD.update({(language, text): phonemes_of(sound) for text, sound in zip(new, ipa, strict=True)})
    return [_HEARD[language, text] for text in texts]


def _contains(sound: Phonemes, wake: Phonemes) -> bool:
    return any(
        sound_distance(sound[start : start + len(wake)], wake) <= _SAME for start in range(len(sound) - len(wake) + 1)
    )


def _in_turn(groups: Iterable[list[NearPhrase]]) -> Iterator[NearPhrase]:
    queues = [iter(group) for group in groups]
    while queues:
        for group in list(queues):
            item = next(group, None)
            if item is None:
                queues.remove(group)
            else:
                yield item


def _no_place_too_often(spoken: str, near: list[NearPhrase]) -> list[NearPhrase]:
    """In turn one replacement of each word of the phrase, or those of the shortest word would come first."""
    places: list[list[NearPhrase]] = [[] for _ in spoken.split()]
    for item in near:
        changed = next(
            (i for i, (a, b) in enumerate(zip(spoken.split(), item.text.split(), strict=False)) if a != b), 0
        )
        places[changed].append(item)
    return list(_in_turn(places))


def _letters(text: str) -> str:
    return " ".join("".join(c if c.isalnum() or c == "'" else " " for c in text.lower()).split())
