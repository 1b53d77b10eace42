"""The whole configuration as ESPHome would see it: includes, packages and substitutions, but nothing from outside."""

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from pathlib import Path

from ruamel.yaml.nodes import Node

from mww_studio.errors import StudioError
from mww_studio.esphome.doctor.files import SourceText, read_source, too_nested
from mww_studio.esphome.doctor.tree import (
    Converter,
    Entry,
    Item,
    Mapping,
    Scalar,
    Sequence,
    Unread,
    parse,
    plain_path,
)
from mww_studio.esphome.secrets import SECRETS

_MOST_FILES = 60
_NAME = re.compile(r"\$(?:\{\s*(\w+)\s*\}|(\w+))")
_WHOLE_NAME = re.compile(rf"\s*(?:{_NAME.pattern})\s*")
_MOST_LETTERS = 4_000
_MOST_STEPS = 8


@dataclass(frozen=True)
class Obstacle:
    """Why a part could not be read: a stable code, a sentence, what to do, and where it is asked for."""

    code: str
    what: str
    do: str
    item: Item
    hint: bool = False


@dataclass(frozen=True)
class Config:
    """A configuration. ``complete``: nothing of it lies in files that are not looked at.

    ``sources``: the files that were read, the person's own first; ``secrets``: the text of secrets.yaml, if there is
    one; ``known_secrets``: its keys, None where they cannot be known.
    """

    root: Mapping
    sources: tuple[SourceText, ...]
    complete: bool
    obstacles: tuple[Obstacle, ...]
    secrets: SourceText | None
    known_secrets: frozenset[str] | None
    substitutions: tuple[tuple[str, Scalar], ...]

    @property
    def main(self) -> SourceText:
        """The person's own file."""
        return self.sources[0]

    @property
    def folder(self) -> Path:
        """Where ESPHome looks for other files from."""
        return self.main.path.parent

    def at(self, *keys: str) -> Item | None:
        """What stands under these keys, one in the other."""
        item: Item | None = self.root
        for key in keys:
            item = item.get(key) if isinstance(item, Mapping) else None
        return item

    def value(self, item: Item | None) -> str | None:
        """The text of a single value with its substitutions; None where nothing, or nothing known, stands there."""
        if not isinstance(item, Scalar) or item.empty or item.tag not in ("", "!extend"):
            return None
        return self._substituted(item.text, item, 0)

    def origin(self, item: Scalar) -> Scalar:
        """Where the text of ``item`` is written: the substitution that it names and nothing else, or itself."""
        found = _WHOLE_NAME.fullmatch(item.text)
        known = dict((*self.substitutions, *item.scope))
        there = known.get(found[1] or found[2]) if found and not item.tag else None
        return there or item

    def uses(self, scalar: Scalar) -> int:
        """How often the configuration names the substitution whose value ``scalar`` is."""
        names = {name for name, value in self.substitutions if value is scalar}
        return sum((found[1] or found[2]) in names for source in self.sources for found in _NAME.finditer(source.text))

    def _substituted(self, text: str, item: Scalar, steps: int) -> str | None:
        if "$" not in text and "{{" not in text:
            return text
        known = dict((*self.substitutions, *item.scope))
        if steps >= _MOST_STEPS or len(text) > _MOST_LETTERS:
            return None
        parts, at = [], 0
        for found in _NAME.finditer(text):
            there = known.get(found[1] or found[2])
            if there is None or there.tag:
                return None
            parts += [text[at : found.start()], there.text]
            at = found.end()
        if not parts:
            return None if "${" in text or "{{" in text else text
        return self._substituted("".join([*parts, text[at:]]), item, steps + 1)


def read_config(path: Path, overlay: Map[Path, bytes] | None = None) -> Config:
    """The configuration in ``path`` with all that it includes; ``overlay``: files as they would be.

    Raises StudioError for the file itself, as :func:`read_source` and :func:`parse` do, and ``doctor.no-config``; what
    is wrong with files that it includes is among the obstacles.
    """
    try:
        return _Reading(path, overlay or {}).config()
    except RecursionError:  # files that include one another deeper than any real ones
        raise too_nested(path.name) from None


class _Reading:
    def __init__(self, path: Path, overlay: Map[Path, bytes]) -> None:
        self._overlay = overlay
        self._converter = Converter()
        self._obstacles: list[Obstacle] = []
        self._sources: list[SourceText] = []
        self._texts: dict[Path, SourceText] = {}
        self._nodes: dict[Path, Node | None] = {}
        self._complete = True
        self._main = self._source(path, path.name)

    def config(self) -> Config:
        root = self._load(self._main, (), ())
        if not isinstance(root, Mapping) or not root.entries:
            raise StudioError(
                "doctor.no-config",
                f"{self._main.shown} is no configuration of ESPHome.",
                why="It has no keys such as esphome and wifi.",
                do="Choose the YAML file that you give to ESPHome. Nothing was changed.",
            )
        root = self._without_removed(self._packed(root, 0))
        secrets, known = self._secrets()
        return Config(
            root=root,
            sources=tuple(self._sources),
            complete=self._complete,
            obstacles=tuple(self._obstacles),
            secrets=secrets,
            known_secrets=known,
            substitutions=tuple(_pairs(root.get("substitutions"))),
        )

    # Files ------------------------------------------------------------------------------------------------------

    def _source(self, path: Path, shown: str) -> SourceText:
        source = read_source(path, shown, self._overlay)
        if source.path in self._texts:
            return self._texts[source.path]
        self._texts[source.path] = source
        self._sources.append(source)
        return source

    def _load(self, source: SourceText, scope: tuple[tuple[str, Scalar], ...], above: tuple[Path, ...]) -> Item | None:
        if source.path not in self._nodes:
            self._nodes[source.path] = parse(source)
        node = self._nodes[source.path]
        if node is None:
            return None
        return self._opened(self._converter.convert(node, source, scope), (*above, source.path))

    def _opened(self, item: Item, above: tuple[Path, ...]) -> Item:
        """``item`` with the files in the place of what includes them."""
        if item.tag == "!include":
            return self._included(item, above)
        if item.tag.startswith("!include"):
            return self._unread(item)
        if isinstance(item, Mapping):
            entries = tuple(Entry(one.key, self._opened(one.value, above), one.end) for one in item.entries)
            brought = [one for one in entries if one.key.text == "<<" and isinstance(one.value, Mapping)]
            for one in brought:
                assert isinstance(one.value, Mapping)  # noqa: S101 - chosen so
                entries = tuple(each for each in entries if each is not one)
                known = {each.key.text for each in entries}
                entries += tuple(each for each in one.value.entries if each.key.text not in known)
            return replace(item, entries=entries)
        if isinstance(item, Sequence):
            return replace(item, items=tuple(self._opened(one, above) for one in item.items))
        return item

    def _included(self, item: Item, above: tuple[Path, ...]) -> Item:
        name, scope = item, item.scope if isinstance(item, Scalar) else ()
        if isinstance(item, Mapping):
            name = item.get("file") or item
            scope = (*scope, *_pairs(item.get("vars")))
        text = name.text if isinstance(name, Scalar) else ""
        if not text or "$" in text:
            return self._unread(item)
        path = plain_path(self._main.path.parent, str(item.source.path.parent / text))
        if path is None:
            return self._unread(
                item,
                "include.outside",
                "It includes a file from outside its folder, which is not looked at.",
                "What stands in there is not checked. Copy it into the folder if it should be.",
                hint=True,
            )
        if path in above:
            return self._unread(
                item, "include.circle", "This file includes itself, so ESPHome never finishes reading it.", "Delete it."
            )
        if len(self._sources) >= _MOST_FILES:
            return self._unread(item, "include.many", "It includes more files than can be looked at.", "", hint=True)
        shown = path.relative_to(self._main.path.parent).as_posix()
        try:
            found = self._load(self._source(path, shown), scope, above)
        except StudioError as error:
            if error.code == "doctor.bomb":
                raise
            return self._unread(item, error.code.replace("doctor.", "include."), error.what, error.why or error.do)
        return found if found is not None else self._unread(item)

    def _unread(self, item: Item, code: str = "", what: str = "", do: str = "", *, hint: bool = False) -> Unread:
        self._complete = False
        if code:
            self._obstacles.append(Obstacle(code, what, do, item, hint))
        return Unread(item.source, item.start, item.end, "", item.shared)

    def _secrets(self) -> tuple[SourceText | None, frozenset[str] | None]:
        """The file of secrets beside the configuration; it is read for its keys, and no word of it is told."""
        path = self._main.path.parent / SECRETS
        if path not in self._overlay and not path.exists() and not path.is_symlink():
            return None, frozenset()
        if plain_path(path.parent, SECRETS) != path.parent.resolve() / SECRETS:
            return None, None  # a link to somewhere else
        try:
            source = read_source(path, SECRETS, self._overlay)
            node = parse(source)
            root = Converter().convert(node, source) if node is not None else None
        except StudioError:
            return None, None
        if root is None:
            return source, frozenset()
        if not isinstance(root, Mapping) or root.flow or root.entry("<<") is not None:
            return None, None
        return source, frozenset(entry.key.text for entry in root.entries)

    # Packages ---------------------------------------------------------------------------------------------------

    def _packed(self, root: Mapping, depth: int) -> Mapping:
        """``root`` laid over its packages."""
        packages = root.get("packages")
        rest = replace(root, entries=tuple(one for one in root.entries if one.key.text != "packages"))
        if packages is None or depth > _MOST_STEPS:
            return rest
        listed: list[Item] = [packages]
        if isinstance(packages, Sequence):
            listed = list(packages.items)
        elif isinstance(packages, Mapping) and not packages.tag and packages.entry("url") is None:
            listed = [entry.value for entry in packages.entries]
        merged: Item = rest
        for package in reversed(listed):
            if isinstance(package, Mapping) and package.entry("url") is None:
                merged = _merge(self._packed(package, depth + 1), merged)
            else:
                self._complete = False
        assert isinstance(merged, Mapping)  # noqa: S101 - of two mappings
        return merged

    def _without_removed(self, item: Mapping) -> Mapping:
        entries = []
        for entry in item.entries:
            if entry.value.tag == "!remove":
                continue
            entries.append(Entry(entry.key, self._cleaned(entry.value), entry.end))
        return replace(item, entries=tuple(entries))

    def _cleaned(self, item: Item) -> Item:
        if isinstance(item, Mapping):
            return self._without_removed(item)
        if isinstance(item, Sequence):
            return replace(item, items=tuple(_extended([self._cleaned(one) for one in item.items])))
        return item


def _merge(old: Item, new: Item) -> Item:
    """``new`` laid over ``old`` as ESPHome does it: keys one by one, lists one after the other."""
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        entries = {entry.key.text: entry for entry in old.entries}
        for entry in new.entries:
            below = entries.get(entry.key.text)
            value = entry.value if below is None else _merge(below.value, entry.value)
            entries[entry.key.text] = entry if below is None else Entry(entry.key, value, entry.end)
        return replace(new, entries=tuple(entries.values()), merged=new.home)
    if isinstance(new, Sequence) and isinstance(old, Sequence):
        return replace(new, items=(*old.items, *new.items))
    if isinstance(new, Scalar) and new.empty and not new.tag:
        return old
    return new


def _extended(items: list[Item]) -> list[Item]:
    """A list in which items are changed or left out by their id; those of an id that is not there are left out."""
    result: list[Item] = []
    for item in items:
        name = item.get("id") if isinstance(item, Mapping) else None
        if name is None or name.tag not in ("!extend", "!remove"):
            result.append(item)
            continue
        assert isinstance(name, Scalar) and isinstance(item, Mapping)  # noqa: S101 - looked up in it
        at = next((n for n, one in enumerate(result) if _id(one) == name.text), None)
        if at is not None and name.tag == "!remove":
            del result[at]
        elif at is not None:
            rest = replace(item, entries=tuple(one for one in item.entries if one.key.text != "id"))
            result[at] = _merge(result[at], rest)
    return result


def _id(item: Item) -> str | None:
    name = item.get("id") if isinstance(item, Mapping) else None
    return name.text if isinstance(name, Scalar) else None


def _pairs(item: Item | None) -> Iterator[tuple[str, Scalar]]:
    if isinstance(item, Mapping):
        for entry in item.entries:
            if isinstance(entry.value, Scalar):
                yield entry.key.text, entry.value
