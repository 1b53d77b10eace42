"""What to think of a wake word before anybody records it, in at most three sentences."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mww_studio.corpus import phrase_advice
from mww_studio.corpus.phrase_advice import Level
from mww_studio.errors import StudioError
from mww_studio.project.records import checked_wake_word

MAX_ADVICE = 3
_LEVELS: dict[Level, Literal["ok", "info", "warn"]] = {
    Level.GOOD: "ok",
    Level.CAUTION: "info",
    Level.WARNING: "warn",
}


@dataclass(frozen=True)
class Advice:
    """One sentence. ``level`` "bad": it cannot be a wake word."""

    level: Literal["ok", "info", "warn", "bad"]
    text: str


@lru_cache(maxsize=256)
def advise(phrase: str, language: str) -> tuple[Advice, ...]:
    """The gravest first; nothing for an empty phrase. A new phrase takes a quarter of a second.

    Raises StudioError ``voices.*`` where the phonemizer fails.
    """
    if not phrase.strip():
        return ()
    try:
        word = checked_wake_word(phrase)
    except StudioError as error:
        return (Advice("bad", f"{error.what} {error.why or error.do}"),)
    return tuple(Advice(_LEVELS[one.level], one.text) for one in phrase_advice.advise(word, language)[:MAX_ADVICE])
