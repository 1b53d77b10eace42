"""What computer voices are to say: endless series of lines, the same ones every time, each voice in its turn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import cycle

import numpy as np

from mww_studio.corpus.phrases import NearPhrase
from mww_studio.corpus.sentences import sentences
from mww_studio.corpus.voices import Line, Voice, ipa_of
from mww_studio.project.records import Split

SIDES_IN_TURN = (Split.TRAIN, Split.VALIDATION, Split.TRAIN, Split.TRAIN, Split.TEST, Split.TRAIN)
_READINGS = ("{}", "{}.", "{}!", "{}?")


@dataclass(frozen=True)
class Manner:
    """How differently things are said: the ranges of the factors of :class:`~mww_studio.corpus.voices.Line`."""

    speed: tuple[float, float] = (0.8, 1.25)
    liveliness: tuple[float, float] = (0.6, 1.3)
    rhythm: tuple[float, float] = (0.6, 1.3)


def wake_lines(voices: Sequence[Voice], spellings: Sequence[str], language: str, manner: Manner) -> Iterator[Line]:
    """The wake word in every spelling in turn (IPA stands between slashes), by every voice, calmly and excitedly."""
    for take, voice in enumerate(_rota(voices)):
        rng = np.random.default_rng(take)
        # Each time round, the voices meet other spellings.
        spelling = spellings[(take + take // len(voices)) % len(spellings)]
        mark = _READINGS[rng.integers(len(_READINGS))]
        text = spelling if ipa_of(spelling) else mark.format(spelling)
        speed, liveliness = _within(manner.speed, rng), _within(manner.liveliness, rng)
        yield Line(text, language, voice, speed, liveliness, take, _within(manner.rhythm, rng))


def near_lines(
    voices: Sequence[Voice], near: Sequence[NearPhrase], language: str, manner: Manner, *, says_ipa: bool
) -> Iterator[Line]:
    """Near-sounding phrases. One that is not said as it is spelled is left to engines that can say IPA."""
    texts = [f"/{phrase.ipa}/" if phrase.ipa else phrase.text for phrase in near if says_ipa or not phrase.ipa]
    for number, voice in enumerate(_rota(voices) if texts else ()):
        turn, place = divmod(number, len(texts))
        # Each time round, the phrases meet other voices.
        speed = _within(manner.speed, np.random.default_rng(number))
        yield Line(texts[(place + turn) % len(texts)], language, voice, speed, take=turn)


def sentence_lines(voices: Sequence[Voice], language: str, manner: Manner) -> Iterator[Line]:
    """Each voice says sentences of its own side only, so that no sentence is known from training."""
    sides = {side: cycle(_sentences_of(side, language)) for side in Split}
    for number, voice in enumerate(_rota(voices)):
        speed = _within(manner.speed, np.random.default_rng(number))
        yield Line(next(sides[voice.side]), language, voice, speed, take=number)


def mixed(*series: Sequence[Line]) -> list[Line]:
    """Lines of all series, mixed evenly, so that any part of the whole has the same proportions."""
    placed = [((number + 0.5) / len(lines), line) for lines in series for number, line in enumerate(lines)]
    return [line for _, line in sorted(placed, key=lambda item: item[0])]


def _rota(voices: Sequence[Voice]) -> Iterator[Voice]:
    """Voices in turn, so that those held out speak often enough to examine the others."""
    by_side = {side: [voice for voice in voices if voice.side is side] for side in Split}
    speakers = {side: cycle(group) for side, group in by_side.items() if group}
    turns = [side for side in SIDES_IN_TURN if side in speakers]
    return (next(speakers[side]) for side in cycle(turns))


def _within(limits: tuple[float, float], rng: np.random.Generator) -> float:
    return round(float(rng.uniform(*limits)), 3)  # finely: some engines repeat themselves to the bit


def _sentences_of(side: Split, language: str) -> list[str]:
    places = {Split.VALIDATION: (2,), Split.TEST: (5,), Split.TRAIN: (0, 1, 3, 4, 6, 7)}[side]
    known = sorted(sentences(language), key=lambda text: sha256(text.encode()).digest())
    return [text for number, text in enumerate(known) if number % 8 in places]
