"""Phrases with one sound changed, added or left out, in a spelling that is read so, else with their IPA."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from mww_studio.corpus.phonemes import (
    ipa_sounds,
    is_vowel,
    phoneme_distance,
    phonemes_of,
    respelled,
    sound_distance,
)
from mww_studio.corpus.pronunciation import Ear, Phonemes, Sound, one_sound_apart
from mww_studio.corpus.sentences import neighbour_words
from mww_studio.corpus.unsaid import is_unsaid

_NEIGHBOURS_A_WORD = 12
_LEAST_SPELLED = 6  # neighbours; where spelling gives fewer, sounds are changed instead
_TURNS_A_PLACE = 4
_CLEARLY = 0.5
_ENOUGH_WORDS = 300
_EDGE = "^"
_GRAPHEME = re.compile(
    "tsch|sch|tch|ch|sh|th|ph|ck|qu|gn|ll|nn|mm|ss|tt|pp|rr|ff|ee|oo|ea|ai|ay|ey|ou|ow|oa|ie|ei|eu|äu|au|[^ ]"
)
_VOWEL_LETTERS = frozenset("aeiouyäöüáéíóúàèìòùâêîôûëïæœ")
_CONSONANTS = ("b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z", "sh", "ch", "")
_VOWELS = ("a", "e", "i", "o", "u")
_LONG_VOWELS = (*_VOWELS, "ee", "oo", "ay", "ow", "ei", "au", "ou")


@dataclass(frozen=True)
class Neighbour:
    """A phrase with one sound changed. ``ipa``: how it must be spoken; empty where its spelling is read so."""

    text: str
    ipa: str = ""


def neighbours(parts: Sequence[str], ear: Ear) -> list[Neighbour]:
    """The phrase with one sound of one of its words changed; all words and all places in turn, the nearest first.

    Only changes that everybody hears: accents and colds change a sound as much as from one consonant to its voiced
    twin, and a wake word must be heard from those who have them.
    """
    found = []
    for place, (part, sound) in enumerate(zip(parts, ear.hear(parts), strict=True)):
        spelled = _spelled_neighbours(part.lower(), sound, ear)
        found.append([Neighbour(" ".join([*parts[:place], text, *parts[place + 1 :]])) for text in spelled])
        if len(spelled) < _LEAST_SPELLED and sound.ipa:
            found[-1] += _sounded_neighbours(parts, place, ear)
    return [neighbour for group in zip_longest(*found) for neighbour in group if neighbour]


def _spelled_neighbours(word: str, sound: Sound, ear: Ear) -> list[str]:
    """Spellings of which the phonemizer reads exactly one sound in another way; every place in turn."""
    places = dict(_respellings(word, _spelled_sequences(ear.language)))
    found: dict[int, list[tuple[float, str]]] = {}
    for text, heard in zip(places, ear.hear(list(places)), strict=True):
        if one_sound_apart(heard.phonemes, sound.phonemes) and not is_unsaid(heard.phonemes):
            distance = sound_distance(heard.phonemes, sound.phonemes)
            found.setdefault(places[text], []).append((distance, text))
    by_place = [[text for _, text in sorted(texts)[:_TURNS_A_PLACE]] for _, texts in sorted(found.items())]
    return [text for texts in zip_longest(*by_place) for text in texts if text][:_NEIGHBOURS_A_WORD]


def _respellings(word: str, known: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Spellings with one grapheme for another, and its place; only sequences of letters that the language has."""
    graphemes = _GRAPHEME.findall(word)
    own = _sequences(word)
    for place, grapheme in enumerate(graphemes):
        vowels = _VOWELS if len(grapheme) == 1 else _LONG_VOWELS
        for other in vowels if grapheme[0] in _VOWEL_LETTERS else _CONSONANTS:
            changed = "".join([*graphemes[:place], other, *graphemes[place + 1 :]])
            if changed != word and len(changed) > 1 and (not known or _sequences(changed) <= known | own):
                yield changed, place


@cache
def _spelled_sequences(language: str) -> frozenset[str]:
    """Every three letters that stand together in a word of the language; nothing where no words are known."""
    return frozenset(letters for word in neighbour_words(language) for letters in _sequences(word.lower()))


def _sequences(word: str) -> frozenset[str]:
    edged = f"{_EDGE}{word}{_EDGE}"
    return frozenset(edged[start : start + 3] for start in range(len(edged) - 2))


def _sounded_neighbours(parts: Sequence[str], place: int, ear: Ear) -> Iterator[Neighbour]:
    """One sound of a word in the place of another as IPA, where no spelling says it; spelled as well as it goes."""
    heard = ear.hear(neighbour_words(ear.language)[:_ENOUGH_WORDS])
    sounds = ear.hear(parts)
    inventory = sorted({phoneme for sound in (*heard, *sounds) for phoneme in sound.phonemes})
    pieces = ipa_sounds(sounds[place].ipa)
    for number, piece in enumerate(pieces):
        old = phonemes_of(piece)
        new = _clearly_other(old, inventory)
        ipa = "".join([*pieces[:number], piece.replace(old[0], new) if new else "", *pieces[number + 1 :]])
        if new and not is_unsaid(phonemes_of(ipa)):
            said = [*(sound.ipa for sound in sounds[:place]), ipa, *(sound.ipa for sound in sounds[place + 1 :])]
            text = " ".join([*parts[:place], respelled(phonemes_of(ipa)), *parts[place + 1 :]])
            yield Neighbour(text, " ".join(said))


def _clearly_other(phonemes: Phonemes, inventory: Sequence[str]) -> str:
    """The sound of the language that is nearest to a single one and yet clearly another; empty where there is none."""
    if len(phonemes) != 1:
        return ""
    old = phonemes[0]
    others = [new for new in inventory if is_vowel(new) == is_vowel(old) and phoneme_distance(new, old) >= _CLEARLY]
    return min(others, key=lambda new: phoneme_distance(new, old), default="")
