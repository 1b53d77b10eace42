"""The sentences and words that the studio brings, one file a language in resources/prompts."""

from functools import cache

from mww_studio.corpus.voices import primary_language
from mww_studio.resources import resource


@cache
def sentences(language: str) -> tuple[str, ...]:
    """Everyday sentences in ``language``; English ones where there are none, for they too are speech."""
    return _lines("sentences", language) or _lines("sentences", "en")


@cache
def words(language: str) -> tuple[str, ...]:
    """Everyday words in ``language``, without repetition; none where the studio brings none."""
    return tuple(dict.fromkeys(" ".join(_lines("words", language)).split()))


@cache
def neighbour_words(language: str) -> tuple[str, ...]:
    """Everyday words, names and rarer words in ``language``: what a wake phrase may sound like."""
    return tuple(dict.fromkeys([*words(language), *" ".join(_lines("neighbours", language)).split()]))


def _lines(name: str, language: str) -> tuple[str, ...]:
    path = resource("prompts", f"{name}_{primary_language(language)}.txt")
    if not path.is_file():
        return ()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
