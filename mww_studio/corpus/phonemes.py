"""Phonemes in the alphabet of the IPA: how far apart they sound, how many syllables they make."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from mww_studio.corpus.voices import primary_language

_JOINED = ("tʃ", "dʒ", "ts", "pf", "aɪ", "eɪ", "oʊ", "əʊ", "aʊ", "ɔɪ", "ɔø", "ɔʏ", "ɪə", "eə", "ʊə", "aɪə", "aʊə")
_PHONEME = re.compile("|".join(sorted(_JOINED, key=len, reverse=True)) + r"|\w[ːˑ̃ʲʰ̩̯]*")
_VOWELS = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵻ")

# place (lips 0 .. throat 9), manner (stop 0, affricate 1, fricative 2, nasal 3, liquid 4, glide 5), voiced
_CONSONANTS = {
    "p": (0, 0, 0), "b": (0, 0, 1), "m": (0, 3, 1), "f": (1, 2, 0), "v": (1, 2, 1), "w": (0, 5, 1), "ʋ": (1, 5, 1),
    "pf": (1, 1, 0), "θ": (2, 2, 0), "ð": (2, 2, 1), "t": (3, 0, 0), "d": (3, 0, 1), "ɾ": (3, 0, 1), "n": (3, 3, 1),
    "s": (3, 2, 0), "z": (3, 2, 1), "ts": (3, 1, 0), "l": (3, 4, 1), "ɫ": (3, 4, 1), "ɹ": (4, 4, 1), "r": (4, 4, 1),
    "ʃ": (5, 2, 0), "ʒ": (5, 2, 1), "tʃ": (5, 1, 0), "dʒ": (5, 1, 1), "ç": (6, 2, 0), "j": (6, 5, 1), "ɲ": (6, 3, 1),
    "ʎ": (6, 4, 1), "k": (7, 0, 0), "ɡ": (7, 0, 1), "g": (7, 0, 1), "ŋ": (7, 3, 1), "x": (7, 2, 0), "ɣ": (7, 2, 1),
    "ʁ": (8, 4, 1), "ʀ": (8, 4, 1), "h": (9, 2, 0), "ʔ": (9, 0, 0),
}  # fmt: skip
# height (close 0 .. open 4), backness (front 0 .. back 2), rounded
_VOWEL_SHAPES = {
    "i": (0, 0, 0), "y": (0, 0, 1), "ɪ": (0.5, 0.3, 0), "ʏ": (0.5, 0.3, 1), "e": (1, 0, 0), "ø": (1, 0, 1),
    "ɛ": (3, 0, 0), "œ": (3, 0, 1), "æ": (3.5, 0, 0), "a": (4, 0.5, 0), "ɐ": (3.5, 1, 0), "ə": (2, 1, 0),
    "ᵻ": (0.7, 0.7, 0), "ɚ": (2, 1, 0.5), "ɜ": (2.5, 1, 0), "ɝ": (2.5, 1, 0.5), "ʌ": (3, 1.7, 0), "ɑ": (4, 2, 0),
    "ɒ": (4, 2, 1), "ɔ": (3, 2, 1), "o": (1, 2, 1), "ʊ": (0.5, 1.7, 1), "u": (0, 2, 1), "ɯ": (0, 2, 0),
}  # fmt: skip
_GAP_COST = 0.8
_STRESS = "ˈˌ"


def phonemes_of(ipa: str) -> tuple[str, ...]:
    """The phonemes of an IPA text, without stress, length and pauses; diphthongs and affricates are one."""
    plain = "".join(symbol for symbol in unicodedata.normalize("NFC", ipa) if symbol not in f"{_STRESS}'")
    return tuple(re.sub("[ːˑ̃ʲʰ̩̯]", "", match) or match for match in _PHONEME.findall(plain))


def is_vowel(phoneme: str) -> bool:
    """Whether a phoneme carries a syllable."""
    return phoneme[0] in _VOWELS


def syllables(ipa: str) -> int:
    """How many syllables an IPA text has."""
    return sum(is_vowel(phoneme) for phoneme in phonemes_of(ipa)) + ipa.count("\u0329")


@lru_cache(maxsize=1 << 14)
def phoneme_distance(one: str, other: str) -> float:
    """How differently two phonemes sound: 0 the same .. 1 nothing in common."""
    if one == other:
        return 0.0
    if is_vowel(one) != is_vowel(other):
        return 1.0
    if is_vowel(one):
        ends = ((one[0], other[0]), (one[-1], other[-1]))
        return max(0.1, sum(_vowel_distance(a, b) for a, b in ends) / 2)
    a, b = _CONSONANTS.get(one), _CONSONANTS.get(other)
    if a is None or b is None:
        return 1.0
    return min(1.0, max(0.1, min(abs(a[0] - b[0]), 4) * 0.12 + 0.45 * (a[1] != b[1]) + 0.2 * (a[2] != b[2])))


def sound_distance(one: Sequence[str], other: Sequence[str]) -> float:
    """How differently two words sound: the cheapest edit from one to the other, per phoneme of the longer one."""
    row = [_GAP_COST * column for column in range(len(other) + 1)]
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], _GAP_COST * i
        for j, b in enumerate(other, 1):
            best = min(diagonal + phoneme_distance(a, b), row[j] + _GAP_COST, row[j - 1] + _GAP_COST)
            diagonal, row[j] = row[j], best
    return row[-1] / max(len(one), len(other), 1)


def unit_edits(one: Sequence[str], other: Sequence[str], alike: float = 0.2) -> int:
    """How many sounds were changed, added or left out; sounds whose distance is below ``alike`` count as the same."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            changed = diagonal + (phoneme_distance(a, b) >= alike)
            diagonal, row[j] = row[j], min(changed, row[j] + 1, row[j - 1] + 1)
    return row[-1]


def ipa_sounds(ipa: str) -> list[str]:
    """An IPA text cut before each phoneme: joined again it is the same text, with stress, length and spaces."""
    found = (match.start() for match in _PHONEME.finditer(ipa) if match[0] not in _STRESS)
    starts = [0, *found]
    ends = [*starts[1:], len(ipa)]
    return [ipa[start:end] for start, end in zip(starts, ends, strict=True) if start < end]


@lru_cache(maxsize=1 << 14)
def spelled_phonemes(text: str) -> tuple[str, ...]:
    """A guess at the phonemes from the letters alone, for systems without a phonemizer."""
    spelling = text.lower()
    for letters, sound in _SPELLINGS:
        spelling = re.sub(letters, sound, spelling)
    return phonemes_of(spelling)


def respelled(phonemes: Sequence[str]) -> str:
    """Phonemes in letters that a person can read, such as ``kampyooter``; no language reads them exactly so."""
    return "".join(_LETTERS.get(phoneme, phoneme) for phoneme in phonemes)


def kokoro_phonemes(ipa: str, language: str) -> str:
    """IPA of espeak-ng in the alphabet that Kokoro was trained on: ligatures, and English diphthongs as capitals."""
    english = primary_language(language) == "en"
    for ours, theirs in _KOKORO + (_KOKORO_ENGLISH if english else ()):
        ipa = ipa.replace(ours, theirs)
    return ipa.replace("ː", "") if english else ipa


def _vowel_distance(one: str, other: str) -> float:
    a, b = _VOWEL_SHAPES.get(one, (2, 1, 0)), _VOWEL_SHAPES.get(other, (2, 1, 0))
    return min(1.0, abs(a[0] - b[0]) * 0.18 + abs(a[1] - b[1]) * 0.22 + abs(a[2] - b[2]) * 0.15)


_KOKORO = (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("ts", "ʦ"), ("g", "ɡ"), ("ɫ", "l"))
_KOKORO_ENGLISH = (
    ("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("oʊ", "O"), ("əʊ", "Q"), ("ɔɪ", "Y"), ("ɚ", "əɹ"), ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"), ("ɝ", "ɜɹ"), ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("ɾ", "T"), ("ɐ", "ə"),
)  # fmt: skip
_LETTERS = {
    "tʃ": "ch", "dʒ": "j", "ʃ": "sh", "ʒ": "zh", "θ": "th", "ð": "th", "ŋ": "ng", "ɲ": "ny", "ʎ": "ly", "j": "y",
    "ɹ": "r", "ʁ": "r", "ʀ": "r", "ɾ": "t", "ɡ": "g", "ç": "h", "x": "kh", "ɣ": "g", "ʔ": "", "ɫ": "l", "ʋ": "v",
    "ʝ": "y", "β": "b",
    "i": "ee", "ɪ": "i", "y": "ue", "ʏ": "ue", "ø": "eu", "œ": "eu", "ɛ": "e", "æ": "a", "ɐ": "a", "ə": "a", "ᵻ": "i",
    "ɚ": "er", "ɜ": "er", "ɝ": "er", "ʌ": "u", "ɑ": "ah", "ɒ": "o", "ɔ": "aw", "ʊ": "u", "u": "oo", "ɯ": "u",
    "eɪ": "ay", "aɪ": "eye", "ɔɪ": "oy", "ɔø": "oy", "ɔʏ": "oy", "oʊ": "oh", "əʊ": "oh", "aʊ": "ow", "ɪə": "eer",
    "eə": "air", "ʊə": "oor",
}  # fmt: skip
_SPELLINGS = (
    (r"([b-df-hj-np-tv-z])\1", r"\1"), (r"(?<=\w\w)e\b", ""), (r"tch|ch", "tʃ"), (r"sch|sh", "ʃ"), ("ph", "f"),
    ("th", "θ"), ("ck|qu|q", "k"), ("c(?=[eiy])", "s"), ("c", "k"), ("x", "ks"), ("j", "dʒ"), (r"er\b|or\b", "ə"),
    ("ee|ea", "i"), ("oo", "u"), ("ai|ay|ey", "eɪ"), ("ou|ow", "aʊ"), ("oa", "oʊ"), (r"y\b", "i"), ("ng", "ŋ"),
)  # fmt: skip
