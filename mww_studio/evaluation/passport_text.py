"""A passport as text: for a terminal, and as Markdown."""

import textwrap

from mww_studio.evaluation.passport import Passport
from mww_studio.evaluation.passport_words import KEPT, Row, Section, sections

_WIDTH = 110
_LAST_COLUMN = 70


def plain(passport: Passport) -> str:
    """For a terminal, with those rules only that are not kept."""
    parts = [passport.title, *textwrap.wrap(passport.text, _WIDTH)]
    for section in sections(passport):
        rules = section.key == "rules"
        parts += ["", section.title, *(_unkept(section) if rules else _table(section))]
        parts += textwrap.wrap(section.note, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(parts)


def markdown(passport: Passport, made_on: str) -> str:
    """All of it, as Markdown."""
    parts = [f"# {_escaped(passport.wake_word or passport.file)}", f"**{_escaped(passport.title)}**"]
    parts.append(_escaped(passport.text))
    for section in sections(passport):
        parts += [f"## {section.title}", *([_escaped(section.sentence)] if section.sentence else [])]
        lines = [section.head, ("---",) * len(section.head), *(tuple(map(_escaped, row)) for row in section.rows)]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
        parts += [_escaped(section.note)] if section.note else []
    return "\n\n".join([*parts, f"Made by mww_studio on {made_on}."]) + "\n"


def _unkept(section: Section) -> list[str]:
    lines = [f"  {section.sentence}"]
    for kept, says, found, expected, otherwise in section.rows:
        if kept != KEPT:
            head = f"  {kept:8}"
            inside = " " * len(head)
            for text in (says, f"Found: {found}. Expected: {expected}.", otherwise):
                lines += textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=inside)
                head = inside
    return lines


def _table(section: Section) -> list[str]:
    rows = section.rows if not any(section.head[:1]) else (section.head, *section.rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(section.head) - 1)]
    lines = []
    for row in rows:
        lines += _lines(row, widths)
    return lines


def _lines(row: Row, widths: list[int]) -> list[str]:
    """One row, its last cell folded."""
    cells = "".join(f"{cell:{width}}  " for cell, width in zip(row, widths, strict=False))
    folded = textwrap.wrap(row[-1], _LAST_COLUMN) or [""]
    return [f"  {cells}{folded[0]}".rstrip(), *(" " * (len(cells) + 2) + line for line in folded[1:])]


def _escaped(text: str) -> str:
    """What Markdown or the HTML in it would read as its own is text."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|!~" else letter for letter in text)
