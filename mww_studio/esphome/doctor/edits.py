"""Changes of single places in a text: nothing around them moves, and what cannot be changed so is left alone."""

from collections.abc import Iterable
from collections.abc import Sequence as Many
from dataclasses import dataclass
from pathlib import Path

from mww_studio.esphome.doctor.files import SourceText
from mww_studio.esphome.doctor.tree import Entry, Item, Mapping, Scalar, Sequence


@dataclass(frozen=True)
class Edit:
    """``text`` in the place of what stands from ``start`` to ``end``, offsets into the letters of the file."""

    path: Path
    start: int
    end: int
    text: str


Edits = tuple[Edit, ...]
"""What belongs together; an empty tuple says that it cannot be done safely."""


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """``text`` with the edits, which do not overlap; of two at one place the first comes first."""
    parts, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def overlap(some: Iterable[Edit], others: Iterable[Edit]) -> bool:
    """Whether edits touch the same letters; two insertions at one place do not."""
    others = list(others)
    return any(
        (one.path == other.path and one.start < other.end and other.start < one.end)
        or (one.path == other.path and one.start == other.start and one.end == other.end != one.start)
        for one in some
        for other in others
    )


def replaced(item: Scalar, text: str) -> Edits:
    """``item`` with another text, in its place and with its tag taken away."""
    if item.shared or item.style in ("|", ">") or "\n" in item.source.text[item.start : item.end]:
        return ()
    if item.start == item.end:
        return ()
    return (Edit(item.source.path, item.start, item.end, text),)


def renamed(key: Scalar, text: str) -> Edits:
    """A key with another name."""
    return replaced(key, text)


def added(mapping: Mapping, lines: Many[str], after: Many[str] = ()) -> Edits:
    """``lines`` as a new entry of ``mapping``: behind the last of the keys ``after`` that is there, else at its end."""
    home = mapping.home
    if home.shared or home.flow or not home.entries:
        return ()
    own = [entry for entry in home.entries if _belongs(entry, home)]
    if not own:
        return ()
    chosen = [entry for entry in own if entry.key.text in after]
    return _below(chosen[-1] if chosen else own[-1], lines)


def added_under(entry: Entry, lines: Many[str]) -> Edits:
    """``lines`` as the value of an entry that has none."""
    if not isinstance(entry.value, Scalar) or not entry.value.empty or entry.value.start != entry.value.end:
        return ()
    source = entry.key.source
    column = entry.key.start - source.line_start(entry.key.start)
    return _inserted(source, source.line_end(entry.end), " " * (column + 2), lines)


def appended(sequence: Sequence, lines: Many[str]) -> Edits:
    """``lines``, of which the first begins with a dash, at the end of a list."""
    if sequence.flow or sequence.shared or not sequence.items:
        return ()
    last = sequence.items[-1]
    if last.source is not sequence.source:
        return ()
    dash = _dash(last)
    if dash is None:
        return ()
    end = item_end(last)
    column = dash - last.source.line_start(dash)
    return _inserted(last.source, last.source.line_end(end), " " * column, lines)


def removed(mapping: Mapping, key: str) -> Edits:
    """``mapping`` without an entry, whose lines go with it."""
    home = mapping.home
    entry = home.entry(key) or mapping.entry(key)
    if entry is None or home.flow or home.shared or entry.value.shared:
        return ()
    source, start = entry.key.source, entry.key.start
    line = source.line_start(start)
    end = source.next_line(max(entry.end - 1, start))
    if not source.text[line:start].strip():
        siblings = [one for one in home.entries if one.key.source is source]
        return (Edit(source.path, line, end, ""),) if len(siblings) > 1 else ()
    later = [one for one in home.entries if one.key.source is source and one.key.start > start]
    if not later:  # the only key behind a dash
        return ()
    return (Edit(source.path, start, later[0].key.start, ""),)


def moved_first(sequence: Sequence, item: Item) -> Edits:
    """A list in which ``item`` stands first, with its lines."""
    first = sequence.items[0]
    if sequence.flow or sequence.shared or item is first or item.shared or first.source is not item.source:
        return ()
    lines = [_lines(one) for one in (first, item)]
    if lines[0] is None or lines[1] is None:
        return ()
    (to, _), (start, end) = lines[0], lines[1]
    source = item.source
    text = source.text[start:end]
    if not text.endswith("\n"):
        text += source.newline
        start -= len(source.newline)  # the line end before it goes, the last line keeps none
    return (Edit(source.path, to, to, text), Edit(source.path, start, end, ""))


def item_end(item: Item) -> int:
    """Where a value ends, before a comment and empty lines."""
    if isinstance(item, Mapping) and not item.flow and item.home.entries:
        return max(entry.end for entry in item.home.entries)
    if isinstance(item, Sequence) and not item.flow and item.items:
        return max(item_end(one) for one in item.items)
    return item.start + len(item.source.text[item.start : item.end].rstrip())


def _below(entry: Entry, lines: Many[str]) -> Edits:
    source = entry.key.source
    column = entry.key.start - source.line_start(entry.key.start)
    return _inserted(source, source.line_end(max(entry.end - 1, entry.key.start)), " " * column, lines)


def _inserted(source: SourceText, at: int, indent: str, lines: Many[str]) -> Edits:
    text = "".join(f"{source.newline}{indent}{line}" for line in lines)
    return (Edit(source.path, at, at, text),)


def _belongs(entry: Entry, home: Mapping) -> bool:
    return entry.key.source is home.source and home.start <= entry.key.start < max(home.end, home.start + 1)


def _dash(item: Item) -> int | None:
    """Where the dash before an item of a list stands."""
    dash = item.source.text.rfind("-", 0, item.start)
    if dash < 0 or item.source.text[dash + 1 : item.start].strip():
        return None
    return dash if not item.source.text[item.source.line_start(dash) : dash].strip() else None


def _lines(item: Item) -> tuple[int, int] | None:
    """From where to where the lines of an item of a list go."""
    dash = _dash(item)
    if dash is None:
        return None
    source = item.source
    return source.line_start(dash), source.next_line(max(item_end(item) - 1, item.start))
