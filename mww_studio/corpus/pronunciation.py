"""How texts sound: by the phonemizer where there is one, else guessed from the letters."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import platformdirs

from mww_studio.corpus.phonemes import is_vowel, phonemes_of, sound_distance, spelled_phonemes, unit_edits
from mww_studio.corpus.phonemizer import Phonemizer, phonemizer_missing, phonemizer_version
from mww_studio.corpus.voices import Check
from mww_studio.durable import write_durably

Phonemes = tuple[str, ...]

_SAME_SHARE = 0.07  # people's accents differ by as much
_SAME_COST = 0.5  # and in a long phrase by no more than in a short one
_MANY = 200  # words at once are a word list of the studio's, which is the same each time
_HEARD: dict[str, dict[str, str]] = {}


@dataclass(frozen=True)
class Sound:
    """How a text sounds. ``ipa`` is empty where it was guessed from the letters."""

    ipa: str
    phonemes: Phonemes

    @property
    def syllables(self) -> int:
        """How many vowels it has."""
        return sum(is_vowel(phoneme) for phoneme in self.phonemes)

    @cached_property
    def rhyme(self) -> Phonemes:
        """What a rhyme must have too: from the vowel of the last stressed syllable on."""
        stressed = phonemes_of(self.ipa[self.ipa.rfind("ˈ") + 1 :]) if "ˈ" in self.ipa else self.phonemes
        vowels = [place for place, phoneme in enumerate(stressed) if is_vowel(phoneme)]
        if not vowels:
            return ()
        first = vowels[0] if "ˈ" in self.ipa else vowels[-2:][0]
        return stressed[first:]


class Ear:
    """Hears how texts of one language sound; use it as a context. What it heard is known while the program runs."""

    def __init__(self, language: str, check: Check = lambda: None) -> None:
        self.language = language
        self._check = check
        self._phonemizer: Phonemizer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._phonemizer is not None:
            self._phonemizer.__exit__(kind, error, trace)

    def hear(self, texts: Sequence[str]) -> list[Sound]:
        """How each text sounds, whatever its case; a thousand new ones take half a second.

        Raises StudioError ``voices.*`` where a phonemizer is installed and fails.
        """
        lower = [text.lower() for text in texts]
        if phonemizer_missing():
            return [Sound("", spelled_phonemes(text)) for text in lower]
        heard = _HEARD.setdefault(self.language, {})
        if len(lower) >= _MANY:
            heard |= _recall(self.language)
        new = [text for text in dict.fromkeys(lower) if text not in heard]
        if new:
            self._phonemizer = self._phonemizer or Phonemizer()
            spoken = self._phonemizer.ipa(new, self.language, self._check)
            heard |= dict(zip(new, spoken, strict=True))
            if len(new) >= _MANY:
                _remember(self.language, {text: heard[text] for text in lower})
        return [Sound(ipa, phonemes_of(ipa)) for ipa in (heard[text] for text in lower)]


def phoneme_cache() -> Path:
    """Where it is kept how the studio's words sound, so that they are not spelled out anew in every sitting."""
    return Path(platformdirs.user_cache_dir("mww-studio", appauthor=False)) / "phonemes"


def _recall(language: str) -> dict[str, str]:
    """What was remembered; nothing where there is nothing, or what is there cannot be read."""
    try:
        kept = json.loads(_file(language).read_bytes())
    except (OSError, ValueError):
        return {}
    good = isinstance(kept, dict) and all(isinstance(ipa, str) for ipa in kept.values())
    return kept if good else {}


def _remember(language: str, heard: dict[str, str]) -> None:
    path = _file(language)
    # A cache that cannot be written makes the next sitting slower, no more.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, json.dumps(heard, ensure_ascii=False).encode())


def _file(language: str) -> Path:
    return phoneme_cache() / f"{language}-{phonemizer_version()}.json"


def sounds_same(one: Phonemes, other: Phonemes) -> bool:
    """Whether two texts differ by no more than the accents of people do."""
    longer = max(len(one), len(other), 1)
    if abs(len(one) - len(other)) > 1:
        return False
    return sound_distance(one, other) <= min(_SAME_SHARE, _SAME_COST / longer)


def contains_sound(sound: Phonemes, wake: Phonemes) -> bool:
    """Whether ``wake``, or what sounds the same, is said somewhere in ``sound``."""
    return any(
        sounds_same(sound[start : start + length], wake)
        for length in (len(wake), len(wake) - 1, len(wake) + 1)
        for start in range(len(sound) - length + 1)
    )


def one_sound_apart(one: Phonemes, other: Phonemes) -> bool:
    """Whether exactly one sound was changed, added or left out, and differs clearly."""
    return unit_edits(one, other) == 1 and not sounds_same(one, other)
