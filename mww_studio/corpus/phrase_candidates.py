"""Where phrases that sound like a wake phrase come from: its own parts, real words, and rhymes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from mww_studio.corpus.phonemes import is_vowel, sound_distance
from mww_studio.corpus.pronunciation import Ear, Phonemes, Sound, sounds_same
from mww_studio.corpus.sentences import neighbour_words, words
from mww_studio.corpus.voices import primary_language

_NEAR = 0.27  # of the sounds of a word; beyond it nobody hears a likeness
_NEAR_SHORT = 0.34
_SHORT = 5  # sounds
_NEAR_PIECE = 0.3
_NEAR_TOGETHER = 0.2
_RHYME_SHARE = 0.04
_WORDS_A_PLACE = 12
_RHYMES_A_PHRASE = 8
_TWO_WORDS = 5
_COMMON_WORDS = 400  # of the list, which begins with the most frequent
_PIECES = 6  # words on either side of a cut that are tried together
_TURNS_A_WORD = 2
_LEAST_PART = 3  # sounds
_LARGEST_PART = 0.75  # of a word; a word of which less is missing may be the word, said in a hurry
_AS_SPELLED = 0.25
_BEFORE = {
    "en": ("the", "my"), "de": ("das", "mein"), "fr": ("c'est", "mon"), "es": ("es", "mi"), "it": ("è", "il mio"),
    "nl": ("dat is", "mijn"),
}  # fmt: skip
_AFTER = {
    "en": ("says", "is on"), "de": ("sagt", "ist an"), "fr": ("dit", "est là"), "es": ("dice", "está aquí"),
    "it": ("dice", "è qui"), "nl": ("zegt", "staat aan"),
}  # fmt: skip
_GREETED = {
    "en": ("there", "you", "what is that"), "de": ("du", "was ist das"), "fr": ("toi", "qu'est-ce que c'est"),
    "es": ("tú", "qué es eso"), "it": ("tu", "che cos'è"), "nl": ("jij", "wat is dat"),
}  # fmt: skip


def partial_phrases(parts: Sequence[str], ear: Ear) -> list[str]:
    """Runs of its words, words that somebody breaks off or begins too late, and its words in other company."""
    runs = [
        " ".join(parts[start : start + length])
        for length in range(len(parts) - 1, 0, -1)
        for start in range(len(parts) - length + 1)
    ]
    company = []
    if len(parts) > 1:
        known, rest = primary_language(ear.language), " ".join(parts[1:])
        company += [f"{rest} {after}" for after in _AFTER.get(known, ())]
        company += [f"{parts[0]} {after}" for after in _GREETED.get(known, ())]
        company += [f"{before} {rest}" for before in _BEFORE.get(known, ())]
    broken = [" ".join([*parts[:-1], start]) for start in _beginnings(parts[-1], ear)]
    late = [" ".join([end, *parts[1:]]) for end in _ends(parts[0], ear)]
    return list(dict.fromkeys([*runs, *company, *broken, *late]))


def similar_phrases(parts: Sequence[str], ear: Ear) -> list[str]:
    """The phrase with a real word in the place of one of its own, or two real words that sound like the whole."""
    own = {part.lower() for part in parts}
    known = [word for word in neighbour_words(ear.language) if word.lower() not in own]
    heard = list(zip(known, (sound.phonemes for sound in ear.hear(known)), strict=True))
    places = []
    for place, sound in enumerate(ear.hear(parts)):
        nearest = _nearest(sound.phonemes, heard)[:_WORDS_A_PLACE]
        places.append([" ".join([*parts[:place], word, *parts[place + 1 :]]) for word in nearest])
    in_turn = [text for texts in zip_longest(*places) for text in texts if text]
    return list(dict.fromkeys([*in_turn, *_two_words(parts, ear)]))


def rhymes(parts: Sequence[str], ear: Ear) -> list[str]:
    """The phrase with a real word at its end that rhymes with its own."""
    known = [word for word in neighbour_words(ear.language) if word.lower() != parts[-1].lower()]
    last, *sounds = ear.hear([parts[-1], *known])
    if len(last.rhyme) < 2:
        return []
    found = sorted(
        (sound_distance(last.phonemes, sound.phonemes), word)
        for word, sound in zip(known, sounds, strict=True)
        if _rhymes(sound, last)
    )
    return [" ".join([*parts[:-1], word]) for _, word in found[:_RHYMES_A_PHRASE]]


def _beginnings(word: str, ear: Ear) -> list[str]:
    """Where somebody may break off inside a word: the longest spelling of each number of syllables that is read so."""
    cuts = [word[:kept] for kept in range(2, len(word))]
    whole, *sounds = ear.hear([word, *cuts])
    found = {}
    for text, sound in zip(cuts, sounds, strict=True):
        start = whole.phonemes[: len(sound.phonemes)]
        if _is_part(sound, whole) and sound_distance(sound.phonemes, start) <= _AS_SPELLED:
            found[sound.syllables] = text
    return [text for _, text in sorted(found.items(), reverse=True)]


def _ends(word: str, ear: Ear) -> list[str]:
    """What is left of a word whose beginning is missing: the longest spelling of each number of syllables."""
    cuts = [word[start:] for start in range(1, len(word) - 1)]
    whole, *sounds = ear.hear([word, *cuts])
    found: dict[int, str] = {}
    for text, sound in zip(cuts, sounds, strict=True):
        end = whole.phonemes[-len(sound.phonemes) :]
        speakable = any(is_vowel(phoneme) for phoneme in sound.phonemes[:3])
        if speakable and _is_part(sound, whole) and sound_distance(sound.phonemes, end) <= _AS_SPELLED:
            found.setdefault(sound.syllables, text)
    return list(found.values())


def _is_part(sound: Sound, whole: Sound) -> bool:
    """Whether enough is said to be recognised, and at least a syllable is missing."""
    long_enough = _LEAST_PART <= len(sound.phonemes) <= _LARGEST_PART * len(whole.phonemes)
    return long_enough and 0 < sound.syllables < whole.syllables


def _nearest(sound: Phonemes, heard: Iterable[tuple[str, Phonemes]]) -> list[str]:
    """The words that sound most like ``sound``, the nearest first; those that sound the same are left out."""
    ranked = []
    for word, other in heard:
        longer = max(len(sound), len(other))
        limit = _NEAR_SHORT if longer <= _SHORT else _NEAR
        # A quick look before the long one: a word of quite another length is another word.
        if abs(len(sound) - len(other)) <= limit * longer / 0.8:
            distance = sound_distance(sound, other)
            if distance <= limit and not sounds_same(sound, other):
                ranked.append((distance, word))
    return [word for _, word in sorted(ranked)]


def _two_words(parts: Sequence[str], ear: Ear) -> list[str]:
    """Two everyday words one after the other that together sound like the whole phrase, wherever it is cut."""
    (whole,) = ear.hear([" ".join(parts)])
    known = words(ear.language)
    heard = list(zip(known, (sound.phonemes for sound in ear.hear(known)), strict=True))
    ranked = []
    for cut in range(2, len(whole.phonemes) - 1):
        first, second = (_pieces(piece, heard) for piece in (whole.phonemes[:cut], whole.phonemes[cut:]))
        for one, before in first:
            for other, after in second:
                distance = sound_distance(whole.phonemes, before + after)
                if distance <= _NEAR_TOGETHER:
                    ranked.append((distance, one, other))
    found = []
    common = set(known[:_COMMON_WORDS])
    turns: Counter[str] = Counter()
    for _, one, other in sorted(set(ranked)):
        if common & {one, other} and max(turns[one], turns[other]) < _TURNS_A_WORD and one != other:
            turns.update((one, other))
            found.append(f"{one} {other}")
    return found[:_TWO_WORDS]


def _pieces(piece: Phonemes, heard: Sequence[tuple[str, Phonemes]]) -> list[tuple[str, Phonemes]]:
    near = [(word, other) for word, other in heard if abs(len(other) - len(piece)) <= 1]
    ranked = sorted((sound_distance(piece, other), word, other) for word, other in near)
    return [(word, other) for distance, word, other in ranked[:_PIECES] if distance <= _NEAR_PIECE]


def _rhymes(sound: Sound, other: Sound) -> bool:
    """Whether two words end alike from their last stressed vowel on, and begin in different ways."""
    tail, wanted = sound.rhyme, other.rhyme
    if len(tail) != len(wanted) or abs(sound.syllables - other.syllables) > 1:
        return False
    return sound.phonemes[: -len(tail)] != other.phonemes[: -len(wanted)] and (
        sound_distance(tail, wanted) <= _RHYME_SHARE
    )
