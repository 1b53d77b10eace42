"""The phrases that sound like a project's wake word: what was found, and what people added and took away.

What people changed is kept in ``phrases.json`` in the project's folder; what is found follows from the wake word alone.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.corpus.phrases import Nearness, NearPhrase, near_phrases, nearness_of
from mww_studio.corpus.voices import Check
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.wording import counted
from mww_studio.project.records import ClipKind, ProjectInfo
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project

FILE = "phrases.json"
MAX_CHARACTERS = 60
_FOUND = 60
_SAID_BY = re.compile('"(.*?)[.?!]?" said by ')


class Origin(StrEnum):
    """How a phrase came into the list, or that somebody took it away."""

    FOUND = "found"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class ProjectPhrase:
    """A phrase on which the device must stay quiet. ``distance``: 0 sounds like the wake word .. 1 nothing in common.

    ``ipa``: how it must be spoken where its spelling would be read in another way; empty where the spelling does.
    """

    text: str
    nearness: Nearness
    distance: float
    origin: Origin
    ipa: str = ""


@dataclass(frozen=True)
class Said:
    """How often a phrase was said: takes by people, and clips by computer voices."""

    people: int = 0
    voices: int = 0


class Edits(BaseModel):
    """What people changed in the list: the phrases that they added, the newest last, and those that they took away."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def phrases_of(project: Project, *, removed: bool = False, check: Check = lambda: None) -> list[ProjectPhrase]:
    """The phrases of a project: those that people added, then those found, the most useful first.

    With ``removed`` also those that people took away, at the end. The first time for a wake word takes a second.
    Raises StudioError ``phrases.unreadable``, and ``voices.*`` where the phonemizer fails.
    """
    return _listed(project.info, read_edits(project), removed=removed, check=check)


def phrases_to_read(project: Project, limit: int = 20) -> list[str]:
    """What people are asked to read aloud: what they added, then real words; made-up ones are left to voices.

    Raises StudioError as :func:`phrases_of` does.
    """
    phrases = phrases_of(project)
    return [one.text for one in phrases if one.origin is Origin.ADDED or one.nearness is not Nearness.NEIGHBOUR][:limit]


def times_said(project: Project) -> dict[str, Said]:
    """How often each phrase was said, by its text in lower case; clips that name no phrase are left out."""
    clips = project.clips(ClipKind.NEAR)
    by_voices = Counter(_quoted(clip.source) for clip in clips if clip.synthetic)
    by_people = Counter(clip.note.casefold() for clip in clips if not clip.synthetic)
    return {text: Said(by_people[text], by_voices[text]) for text in {*by_voices, *by_people} if text}


def read_edits(project: Project) -> Edits:
    """What people changed. Raises StudioError ``phrases.unreadable``."""
    path = project.folder / FILE
    try:
        return Edits.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Edits()
    except (OSError, ValidationError) as error:
        raise StudioError(
            "phrases.unreadable",
            f"The list of phrases in {path} cannot be read.",
            why=f"{error}.",
            do=f"Restore {FILE} from a backup, or delete it: the phrases that were found come back.",
        ) from None


def write_edits(project: Project, edits: Edits) -> None:
    """Keep what people changed. Raises StudioError as every change of a project does."""
    project.check_writable()
    with storage_errors(project.folder):
        write_durably(project.folder / FILE, edits.model_dump_json(indent=1).encode())


def with_added(project: Project, texts: Sequence[str], check: Check = lambda: None) -> Edits:
    """The changes with phrases added; nothing is written. One that somebody took away comes back.

    Raises StudioError ``phrases.text`` for what cannot be said, ``phrases.wake_word`` for what would be heard as the
    wake word itself, and ``phrases.known`` for what is in the list.
    """
    edits = read_edits(project)
    for text in texts:
        edits = _added(project.info, edits, checked_phrase(text), check)
    return edits


def with_removed(project: Project, texts: Sequence[str], check: Check = lambda: None) -> Edits:
    """The changes with phrases taken away; nothing is written. Raises StudioError ``phrases.unknown``."""
    edits = read_edits(project)
    for text in texts:
        edits = _removed(project.info, edits, text, check)
    return edits


def with_replaced(project: Project, old: str, new: str, check: Check = lambda: None) -> Edits:
    """The changes with one phrase in the place of another; nothing is written. Raises StudioError as the others do."""
    edits = _removed(project.info, read_edits(project), old, check)
    return _added(project.info, edits, checked_phrase(new), check)


def describe(phrases: Sequence[ProjectPhrase]) -> str:
    """For people: a line a phrase."""
    width = max((len(phrase.text) for phrase in phrases), default=0)
    lines = [
        f"{one.text:<{width}}  {round(100 * (1 - one.distance)):>3} % alike  {one.nearness:<29}  {one.origin}"
        for one in phrases
    ]
    left = sum(phrase.origin is not Origin.REMOVED for phrase in phrases)
    return "\n".join([*lines, counted(left, "phrase")])


def checked_phrase(text: str) -> str:
    """A phrase with its spaces tidied. Raises StudioError ``phrases.text`` where nobody can say it."""
    phrase = " ".join(unicodedata.normalize("NFC", text).split())
    if not any(character.isalpha() for character in phrase):
        raise StudioError("phrases.text", f"“{phrase}” has no letters to say.", do="Write it as it is spoken.")
    if len(phrase) > MAX_CHARACTERS or any(unicodedata.category(character)[0] == "C" for character in phrase):
        raise StudioError(
            "phrases.text",
            "This phrase cannot be used.",
            why=f"It is longer than {MAX_CHARACTERS} characters, or has characters that nobody can say.",
            do="Write a short phrase in ordinary letters.",
        )
    return phrase


def _added(info: ProjectInfo, edits: Edits, phrase: str, check: Check) -> Edits:
    listed = _listed(info, edits, removed=True, check=check)
    there = next((one for one in listed if one.text.casefold() == phrase.casefold()), None)
    if there is not None and there.origin is not Origin.REMOVED:
        raise StudioError("phrases.known", f"“{there.text}” is in the list already.")
    if there is None and not nearness_of(info.wake_word, info.language, [phrase], check):
        raise StudioError(
            "phrases.wake_word",
            f"“{phrase}” contains the wake word, or sounds the same.",
            why="The wake word would be learned as something to ignore.",
            do="Choose a phrase that somebody could tell apart by ear.",
        )
    text = there.text if there else phrase
    found = any(near.text == text for near in _found_for(info.wake_word, info.language))
    removed = tuple(other for other in edits.removed if other != text)
    return Edits(added=edits.added if found else (*edits.added, text), removed=removed)


def _removed(info: ProjectInfo, edits: Edits, text: str, check: Check) -> Edits:
    phrase = " ".join(text.split()).casefold()
    listed = (one.text for one in _listed(info, edits, removed=False, check=check))
    wanted = next((text for text in listed if text.casefold() == phrase), None)
    if wanted is None:
        raise StudioError(
            "phrases.unknown", f"“{text}” is not in the list.", do="Look at the list, and give one of its phrases."
        )
    added = tuple(other for other in edits.added if other != wanted)
    return Edits(added=added, removed=(*edits.removed, wanted))


def _listed(info: ProjectInfo, edits: Edits, *, removed: bool, check: Check) -> list[ProjectPhrase]:
    word, language = info.wake_word, info.language
    found = {near.text: near for near in _found_for(word, language, check)}
    own = nearness_of(word, language, edits.added, check)
    phrases = [_phrase(near, Origin.ADDED) for near in own]
    taken = {*edits.added, *edits.removed}
    phrases += [_phrase(near, Origin.FOUND) for text, near in found.items() if text not in taken]
    if removed:
        gone = nearness_of(word, language, edits.removed, check)
        phrases += [_phrase(found.get(near.text, near), Origin.REMOVED) for near in gone]
    return phrases


@lru_cache(maxsize=32)
def _shelf(_word: str, _language: str) -> list[NearPhrase]:
    """Empty, until somebody waits for what is found."""
    return []


def _found_for(word: str, language: str, check: Check = lambda: None) -> tuple[NearPhrase, ...]:
    check()
    shelf = _shelf(word, language)
    if not shelf:
        shelf[:] = near_phrases(word, language, _FOUND, check)
    return tuple(shelf)


def _quoted(source: str) -> str:
    """The phrase in ``"hey commuter" said by piper:...``."""
    match = _SAID_BY.match(source)
    return match[1].casefold() if match else ""


def _phrase(near: NearPhrase, origin: Origin) -> ProjectPhrase:
    return ProjectPhrase(near.text, near.nearness, near.distance, origin, near.ipa)
