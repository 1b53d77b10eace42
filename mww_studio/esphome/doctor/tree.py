"""A configuration as a tree that knows where everything stands: parsed by ruamel.yaml, never built into objects."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scanner import Scanner

from mww_studio.errors import StudioError
from mww_studio.esphome.doctor.files import SourceText, too_nested

_MAX_DEPTH = 60
_MAX_ITEMS = 30_000  # with what aliases repeat; the longest configurations have a tenth of it
_HINTS = (
    ("'\\t'", "There is a tab: YAML is indented with spaces."),
    (
        "mapping values are not allowed",
        "A colon stands where none may: is the line before it indented in the same way?",
    ),
    ("expected <block end>", "It is indented otherwise than the lines before it."),
    ("could not find expected ':'", "A colon is missing, or a space after it."),
    ("undefined alias", "It names an anchor that is not there."),
    ("single document", "A second document begins here."),
)


@dataclass(frozen=True, eq=False)
class Item:
    """A value: from ``start`` to ``end`` in its source. ``tag``: as !secret; ``shared``: used elsewhere, too."""

    source: SourceText
    start: int
    end: int
    tag: str
    shared: bool

    @property
    def line(self) -> int:
        """The number of its first line."""
        return self.source.line(self.start)


@dataclass(frozen=True, eq=False)
class Scalar(Item):
    """A single value. ``text``: without its quotes; ``scope``: the variables of the include that brought it."""

    text: str
    style: str
    scope: tuple[tuple[str, "Scalar"], ...] = field(default=(), repr=False)

    @property
    def empty(self) -> bool:
        """Whether nothing stands there."""
        return self.start == self.end or (not self.style and self.text in ("", "null", "~", "Null", "NULL"))


@dataclass(frozen=True, eq=False)
class Entry:
    """A key with its value. ``end``: where the value ends in the source of the key, before a comment."""

    key: Scalar
    value: Item
    end: int


@dataclass(frozen=True, eq=False)
class Mapping(Item):
    """Keys and values; of a merged one ``home`` is the mapping of the file that was laid over the others."""

    entries: tuple[Entry, ...]
    flow: bool
    merged: "Mapping | None" = None

    @property
    def home(self) -> "Mapping":
        """Where something can be added."""
        return self.merged or self

    def entry(self, key: str) -> Entry | None:
        """The entry with this key."""
        return next((entry for entry in self.entries if entry.key.text == key), None)

    def get(self, key: str) -> Item | None:
        """The value with this key."""
        entry = self.entry(key)
        return entry.value if entry else None


@dataclass(frozen=True, eq=False)
class Sequence(Item):
    """A list."""

    items: tuple[Item, ...]
    flow: bool


@dataclass(frozen=True, eq=False)
class Unread(Item):
    """What stands in a file or place that is not looked at."""


class _Shallow(Composer):
    """Stops at what stands too deep, before it costs time."""

    warn_double_anchors = False
    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise RecursionError
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Narrow(Scanner):
    """Looks no further for keys than brackets stand in each other in any real file."""

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803 - ruamel's name
        """Begin a list or mapping in brackets."""
        if len(self.flow_context) >= _MAX_DEPTH:
            raise RecursionError
        super().fetch_flow_collection_start(TokenClass, to_push)


def parse(source: SourceText) -> Node | None:
    """The nodes of a file, None for an empty one. Raises StudioError ``doctor.no-yaml`` and ``doctor.bomb``."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer, yaml.Scanner = _Shallow, _Narrow
    try:
        node: Node | None = yaml.compose(source.text)
    except RecursionError:
        raise too_nested(source.shown) from None
    except (YAMLError, ValueError) as error:
        raise _no_yaml(source, error) from None
    return node


def _no_yaml(source: SourceText, error: Exception) -> StudioError:
    """Where and in what way it is no YAML; the parser's own words may quote the file."""
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    problem = str(getattr(error, "problem", ""))
    hint = next((said for part, said in _HINTS if part in problem), "It is not written as YAML there.")
    where = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return StudioError(
        "doctor.no-yaml",
        f"{source.shown} cannot be read.",
        why=f"{where}{hint}",
        do="Correct that line, then check it again. Nothing was changed.",
    )


class Converter:
    """Turns the nodes of files into items, and counts them, for aliases can repeat without end."""

    def __init__(self) -> None:
        self._count = 0

    def convert(
        self,
        node: Node,
        source: SourceText,
        scope: tuple[tuple[str, Scalar], ...] = (),
        depth: int = 0,
        shared: bool = False,
    ) -> Item:
        """The item of a node. Raises StudioError ``doctor.bomb``."""
        self._count += 1
        if self._count > _MAX_ITEMS or depth > _MAX_DEPTH:
            raise too_nested(source.shown)
        start, end = node.start_mark.index, node.end_mark.index
        shared = shared or node.anchor is not None
        written = str(node.tag)
        tag = written if written.startswith("!") else ""
        if isinstance(node, SequenceNode):
            items = tuple(self.convert(one, source, scope, depth + 1, shared) for one in node.value)
            return Sequence(source, start, end, tag, shared, items, bool(node.flow_style))
        if isinstance(node, MappingNode):
            entries = tuple(
                Entry(key, self.convert(value, source, scope, depth + 1, shared), _end(value, key))
                for key, value in self._pairs(node, source, scope, depth, shared)
            )
            return Mapping(source, start, end, tag, shared, _flatten(entries), bool(node.flow_style))
        assert isinstance(node, ScalarNode)  # noqa: S101 - there are these three
        return Scalar(source, start, end, tag, shared, str(node.value), node.style or "", scope)

    def _pairs(
        self, node: MappingNode, source: SourceText, scope: tuple[tuple[str, Scalar], ...], depth: int, shared: bool
    ) -> list[tuple[Scalar, Node]]:
        pairs = []
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                item = self.convert(key, source, scope, depth + 1, shared)
                assert isinstance(item, Scalar)  # noqa: S101 - of a scalar node
                pairs.append((item, value))
        return pairs


def _end(node: Node, key: Scalar) -> int:
    """Where a value ends that stands after ``key``; of an alias or nothing the key's own end."""
    return max(_content_end(node, key.source.text), key.end + 1)


def _content_end(node: Node, text: str) -> int:
    if isinstance(node, MappingNode | SequenceNode) and node.flow_style:
        return int(node.end_mark.index)
    if isinstance(node, MappingNode):
        return max((max(_content_end(value, text), key.end_mark.index + 1) for key, value in node.value), default=0)
    if isinstance(node, SequenceNode):
        return max((_content_end(one, text) for one in node.value), default=0)
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    return 0 if start == end else len(text[:end].rstrip())  # a block of text ends after its line end


def _flatten(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """With what ``<<`` brings in, which cannot be changed from here."""
    own = tuple(entry for entry in entries if entry.key.text != "<<")
    if len(own) == len(entries):
        return entries
    known = {entry.key.text for entry in own}
    brought = []
    for entry in entries:
        parts = entry.value.items if isinstance(entry.value, Sequence) else (entry.value,)
        if entry.key.text == "<<":
            for part in parts:
                if not isinstance(part, Mapping):
                    return entries  # an include, which is looked at later
                brought += [_shared(each) for each in part.entries if each.key.text not in known]
                known |= {each.key.text for each in part.entries}
    return (*own, *brought)


def _shared(entry: Entry) -> Entry:
    return Entry(entry.key, replace(entry.value, shared=True), entry.end)


def plain_path(folder: Path, name: str) -> Path | None:
    """The file called ``name`` as seen from ``folder``, None where it lies outside or cannot be a file's name."""
    try:
        real = (folder / name).resolve()
        return real if real.is_relative_to(folder.resolve()) else None
    except (OSError, RuntimeError, ValueError):
        return None
