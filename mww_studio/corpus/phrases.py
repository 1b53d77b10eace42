"""What sounds almost like the wake phrase: on all of it the device must stay quiet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mww_studio.corpus.phonemes import phonemes_of, sound_distance
from mww_studio.corpus.phrase_candidates import partial_phrases, rhymes, similar_phrases
from mww_studio.corpus.phrase_neighbours import Neighbour, neighbours
from mww_studio.corpus.pronunciation import Ear, Phonemes, contains_sound, one_sound_apart, sounds_same
from mww_studio.corpus.sentences import neighbour_words
from mww_studio.corpus.voices import Check, primary_language

_NEAR = 0.34
_LEAST_SOUNDS = 2
_CAPITALS = ("de",)


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


def near_phrases(phrase: str, language: str, limit: int = 60, check: Check = lambda: None) -> list[NearPhrase]:
    """Phrases that sound like ``phrase`` but are not it: all kinds in turn, within each the nearest first.

    Nothing that contains the whole phrase, nothing that sounds the same, and no two that sound alike. Where no
    phonemizer is installed, sounds are guessed from the spelling. Takes a second or two. Raises StudioError
    ``voices.*`` where a phonemizer is installed and fails.
    """
    parts = _parts(phrase, language)
    if not parts:
        return []
    found: dict[Nearness, list[NearPhrase]] = {nearness: [] for nearness in Nearness}
    with Ear(language, check) as ear:
        (wake,) = ear.hear([" ".join(parts)])
        said = {wake.phonemes}
        made = {
            Nearness.RHYME: [Neighbour(text) for text in rhymes(parts, ear)],
            Nearness.WORD: [Neighbour(text) for text in similar_phrases(parts, ear)],
            Nearness.PARTIAL: [Neighbour(text) for text in partial_phrases(parts, ear)],
            Nearness.NEIGHBOUR: neighbours(parts, ear),
        }
        ear.hear([candidate.text for group in made.values() for candidate in group])
        for nearness, candidates in made.items():
            for near, sound in _measured(candidates, nearness, wake.phonemes, ear):
                if sound not in said and (nearness is Nearness.PARTIAL or near.distance <= _NEAR):
                    said.add(sound)
                    found[nearness].append(near)
    return list(_in_turn(found.values()))[:limit]


def nearness_of(phrase: str, language: str, texts: Sequence[str], check: Check = lambda: None) -> list[NearPhrase]:
    """How near each of these texts is to ``phrase``; those that contain it, or sound the same, are left out."""
    parts = phrase.lower().split()
    real = {word.lower() for word in neighbour_words(language)}
    found = []
    with Ear(language, check) as ear:
        wake, *sounds = ear.hear([" ".join(parts), *texts])
        for text, sound in zip(texts, sounds, strict=True):
            own = text.lower().split()
            if f" {' '.join(own)} " in f" {' '.join(parts)} ":
                kind = Nearness.PARTIAL
            elif one_sound_apart(sound.phonemes, wake.phonemes) and not real.issuperset(own):
                kind = Nearness.NEIGHBOUR
            else:
                kind = Nearness.WORD
            found += [near for near, _ in _measured([Neighbour(text)], kind, wake.phonemes, ear)]
    return found


def _parts(phrase: str, language: str) -> list[str]:
    """The words of a phrase, in lower case where no word of the language needs a capital."""
    return (phrase if primary_language(language) in _CAPITALS else phrase.lower()).split()


def _measured(
    candidates: Sequence[Neighbour], nearness: Nearness, wake: Phonemes, ear: Ear
) -> list[tuple[NearPhrase, Phonemes]]:
    """The candidates that are no wake phrase, with how far they are from it and their sounds."""
    found = []
    for candidate, sound in zip(candidates, ear.hear([candidate.text for candidate in candidates]), strict=True):
        heard = phonemes_of(candidate.ipa) if candidate.ipa else sound.phonemes
        if len(heard) >= _LEAST_SOUNDS and not sounds_same(heard, wake) and not contains_sound(heard, wake):
            distance = round(sound_distance(heard, wake), 3)
            ipa = candidate.ipa if sound.phonemes != heard else ""  # it is read so after all
            found.append((NearPhrase(candidate.text, nearness, distance, ipa), heard))
    return found


def _in_turn(groups: Iterable[list[NearPhrase]]) -> Iterator[NearPhrase]:
    queues = [iter(group) for group in groups]
    while queues:
        for group in list(queues):
            item = next(group, None)
            if item is None:
                queues.remove(group)
            else:
                yield item
