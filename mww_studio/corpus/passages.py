"""Texts that a person reads aloud as ordinary talk, one file a language in resources/prompts."""

from dataclasses import dataclass
from functools import cache

import yaml

from mww_studio.corpus.voices import primary_language
from mww_studio.resources import resource


@dataclass(frozen=True)
class Passage:
    """About a minute of reading: ``text`` is one paragraph in everyday language."""

    title: str
    text: str


@dataclass(frozen=True)
class Script:
    """What there is to read in one ``language``, and ``topics`` to talk about freely, one sentence each."""

    language: str
    passages: tuple[Passage, ...]
    topics: tuple[str, ...]


@cache
def script(language: str) -> Script:
    """What to read aloud in ``language``; where nothing is written for it, only English topics to talk about."""
    own = primary_language(language)
    path = resource("prompts", f"passages_{own}.yaml")
    if not path.is_file():
        return Script(own, (), script("en").topics)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    passages = tuple(Passage(entry["title"], entry["text"]) for entry in content["passages"])
    return Script(own, passages, tuple(content["topics"]))
