"""A passport as a web page that opens without the internet, in the style of the evaluation report."""

from mww_studio.evaluation.html_report_parts import (
    Html,
    details,
    element,
    given,
    listed,
    paragraph,
    section,
    table,
)
from mww_studio.evaluation.html_report_style import document
from mww_studio.evaluation.passport import Passport
from mww_studio.evaluation.passport_words import Section, sections

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(passport: Passport, made_on: str) -> str:
    """The whole page."""
    name = passport.wake_word or passport.file
    verdict = element(
        "div",
        element("p", passport.title, class_="title"),
        paragraph(passport.text),
        class_=f"verdict {passport.tone}",
        role="note",
    )
    head = element("header", element("h1", given(name)), paragraph(given(passport.file), class_="about"), verdict)
    shown = sections(passport)
    contents = element("nav", listed(element("a", one.title, href=f"#{one.key}") for one in shown))
    main = element("main", head, contents, *(_section(one) for one in shown))
    foot = element("footer", paragraph(f"Made by mww_studio on {made_on}. What is estimated is marked."))
    return document(f"{name}: passport of a wake word", _POLICY, main, foot)


def _section(one: Section) -> Html:
    listing = table(one.head, [tuple(map(given, row)) for row in one.rows])
    above = paragraph(one.sentence) if one.sentence else Html("")
    below = paragraph(one.note, class_="note") if one.note else Html("")
    if one.key in ("operations", "states"):
        listing = details("Show them", listing)
    return section(one.key, one.title, above, listing, below)
