"""Markup that cannot be injected into: whatever is not markup already is escaped when it becomes part of it."""

import re
from collections.abc import Iterable
from html import escape
from typing import Self

Attribute = str | int | float | None

_VOID = frozenset({"br", "meta"})
# What no document may hold: control characters, halves of characters (file names may have them), non-characters; and
# what turns the direction of all text behind it.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_REPLACEMENT = "\ufffd"
_CELL_BAR_PX = (96, 14)


class Html(str):
    """Markup. A plain ``str`` is text."""

    __slots__ = ()

    @classmethod
    def of(cls, content: str | Iterable[str]) -> Self:
        """Text escaped, markup as it is, several joined."""
        if isinstance(content, cls):
            return content
        if isinstance(content, str):
            return cls(escape(printable(content)))
        return cls("".join(cls.of(part) for part in content))


def printable(text: str) -> str:
    """The text without what no document may hold."""
    return _IMPOSSIBLE.sub(_REPLACEMENT, text)


def element(tag: str, /, *content: str | Iterable[str], **attributes: Attribute) -> Html:
    """One element. Of the names of attributes, a last underscore is left out, others become hyphens; None: no such
    attribute."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(printable(_text(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{Html.of(Html.of(part) for part in content)}</{tag}>")


def given(text: str) -> Html:
    """A name that somebody gave: kept apart from the direction of the text around it."""
    return element("bdi", text)


def paragraph(*content: str, class_: str | None = None) -> Html:
    """A paragraph."""
    return element("p", content, class_=class_)


def listed(items: Iterable[str], class_: str | None = None) -> Html:
    """A list."""
    return element("ul", [element("li", item) for item in items], class_=class_)


def table(head: Iterable[str], rows: Iterable[Iterable[str]], caption: str = "") -> Html:
    """A table, the first column of which names the rows."""
    lines = [
        element("tr", [element("th", cells[0], scope="row"), *(element("td", cell) for cell in cells[1:])])
        for cells in map(tuple, rows)
    ]
    titles = element("tr", [element("th", title, scope="col") for title in head])
    above = element("caption", caption) if caption else Html("")
    whole = element("table", above, element("thead", titles), element("tbody", lines))
    return element("div", whole, class_="wide")


def section(anchor: str, title: str, *content: str) -> Html:
    """A part of the page, which can be linked to."""
    return element("section", element("h2", title), *content, id=anchor)


def details(title: str, *content: str) -> Html:
    """What is shown when it is asked for, and never printed."""
    return element("details", element("summary", title), *content)


def share_bar(low: float, middle: float, high: float) -> Html:
    """A share, 0 to 1, as a dot on the range that it may have; decoration, because the numbers stand beside it."""
    width, height = _CELL_BAR_PX
    inner, half = width - 10, height / 2

    def at(share: float) -> float:
        return round(5 + inner * share, 1)

    ground = element("line", x1=at(0), x2=at(1), y1=half, y2=half, class_="grid")
    span = element("line", x1=at(low), x2=at(high), y1=half, y2=half, class_="span")
    dot = element("circle", cx=at(middle), cy=half, r=4, class_="dot")
    return element(
        "svg", ground, span, dot, viewBox=f"0 0 {width} {height}", width=width, height=height, aria_hidden="true"
    )


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
