"""The part of the report that lays a run beside others: on the recordings that examined both, and only on those."""

from mww_studio.evaluation import html_report_charts as charts
from mww_studio.evaluation.html_report_content import Comparison, HtmlReport, Moment
from mww_studio.evaluation.html_report_parts import Html, element, given, listed, paragraph, section, table
from mww_studio.evaluation.html_report_words import (
    IN_100,
    hourly,
    hours_text,
    moments,
    of,
    rate,
    share,
    share_range,
    surely,
)
from mww_studio.evaluation.pairing import PairedMistakes, PairedTakes
from mww_studio.evaluation.scorecard import Scorecard

_LUCK = 0.05


def compare_section(title: str, report: HtmlReport) -> Html:
    """The section; nothing where there is no other run."""
    if not report.comparisons:
        return Html("")
    parts = [part for one in report.comparisons for part in _comparison(report.run_name, one)]
    note = (
        "Each run answers at its own cut-off. Only recordings on which two runs disagree can tell them apart (McNemar's"
        " exact test). Another training on the same takes differs, too; a difference that matters shows with several"
        " seeds."
    )
    if len(report.comparisons) > 1:
        note += " Of several comparisons one may seem to be more than luck by luck alone."
    return section("compare", title, *parts, paragraph(note, class_="note"))


def _comparison(own_name: str, one: Comparison) -> list[Html]:
    parts = [element("h3", f"{own_name} and {one.other_name}"), paragraph(one.other_about)]
    if not one.same_test:
        refusal = "These two were not examined on the same recordings, so their whole figures cannot be compared."
        parts.append(element("div", paragraph(refusal), listed(one.differences), class_="verdict info", role="note"))
        if one.own is not None:
            parts.append(paragraph("What follows is on the recordings that examined both."))
    if one.own is None or one.other is None:
        return [*parts, paragraph("No recording examined both, so there is nothing to compare.")]
    parts.append(table(("", own_name, one.other_name), _lines(one.own, one.other)))
    rows = [(f"Takes heard, {condition.name}", *_takes(condition.takes)) for condition in one.takes]
    if one.mistakes is not None:
        rows.append(("Wakes by mistake", *_mistakes(one.mistakes)))
    head = ("", "Both", f"Only {one.other_name}", f"Only {own_name}", "Difference", "Verdict")
    parts.append(table(head, rows, f"{own_name} less {one.other_name}, with 95 % intervals"))
    parts.append(charts.trade_off_chart(((own_name, one.own), (one.other_name, one.other))))
    parts += _only(f"Heard by {own_name} alone", one.only_own)
    parts += _only(f"Heard by {one.other_name} alone", one.only_other)
    return parts


def _lines(own: Scorecard, other: Scorecard) -> list[tuple[str, ...]]:
    cards = (own, other)
    return [
        ("Heard", *(of(card.recall.detected, card.recall.clips) for card in cards)),
        (IN_100, *(share_range(card.recall) for card in cards)),
        ("Wakes by mistake", *(rate(card.false_accepts) for card in cards)),
        ("This proves", *(surely(card.false_accepts) for card in cards)),
        (
            "Half of the answers, after the word",
            *(f"{card.delay.median_s:+.2f} s" if card.delay else "–" for card in cards),
        ),
        ("Cut-off and window", *(f"{card.cutoff:g}, {card.sliding_window_size}" for card in cards)),
    ]


def _takes(paired: PairedTakes) -> tuple[str, ...]:
    low, high = (f"{100 * end:+.1f}" for end in (paired.low, paired.high))
    difference = f"{100 * paired.difference:+.1f} in 100 ({low} to {high})"
    return str(paired.both), str(paired.only_first), str(paired.only_second), difference, _luck(paired.p_value)


def _mistakes(paired: PairedMistakes) -> tuple[str, ...]:
    ends = f"{hourly(paired.low_per_hour, '+')} to {hourly(paired.high_per_hour, '+')}"
    difference = f"{hourly(paired.difference_per_hour, '+')} an hour ({ends}) in {hours_text(paired.hours)}"
    return str(paired.both), str(paired.only_first), str(paired.only_second), difference, _luck(paired.p_value)


def _luck(p_value: float) -> str:
    chance = share(p_value) if p_value >= 0.001 else "less than 0.1 %"
    verdict = "More than luck" if p_value < _LUCK else "May be luck"
    return f"{verdict} (luck alone: {chance})"


def _only(title: str, sounds: tuple[Moment, ...]) -> list[Html]:
    return [element("h4", given(title)), moments(sounds)] if sounds else []
