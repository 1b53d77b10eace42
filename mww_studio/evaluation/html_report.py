"""The report of a run as one HTML file: it opens without the internet, in light and dark, and can be printed.

There is no script in it, and a policy in its head forbids any, as it forbids whatever lies elsewhere but sounds.
"""

from collections.abc import Iterable, Sequence

from mww_studio.evaluation import html_report_charts as charts
from mww_studio.evaluation.calibration import DRAWS, Measured, Separation
from mww_studio.evaluation.html_report_comparison import compare_section
from mww_studio.evaluation.html_report_content import FactTable, Grouping, HtmlReport
from mww_studio.evaluation.html_report_parts import (
    Html,
    details,
    element,
    given,
    listed,
    paragraph,
    section,
    share_bar,
    table,
)
from mww_studio.evaluation.html_report_style import document
from mww_studio.evaluation.html_report_words import (
    IN_100,
    hourly,
    hours_text,
    moments,
    of,
    one_or_many,
    rate,
    share,
    share_range,
    surely,
)
from mww_studio.evaluation.scorecard import Recall, Scorecard

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self' file:"
_CONTENTS = {
    "expect": "What to expect",
    "who": "Who is heard, and how",
    "mistakes": "What wakes it by mistake",
    "missed": "What it missed",
    "delay": "How fast it answers",
    "curves": "Curves",
    "compare": "Beside other runs",
    "data": "What it was made of",
    "untested": "What was not tested",
}


def render(report: HtmlReport) -> str:
    """The whole page."""
    title = f"{report.wake_word}, {report.run_name}: evaluation report"
    sections = [
        _expect(report),
        _who(report),
        _mistakes(report),
        _missed(report),
        _delay(report),
        _curves(report.separation),
        compare_section(_CONTENTS["compare"], report),
        _data(report.facts),
        section("untested", _CONTENTS["untested"], listed(report.untested)),
    ]
    shown = [key for key in _CONTENTS if key != "compare" or report.comparisons]
    contents = element("nav", listed(element("a", _CONTENTS[key], href=f"#{key}") for key in shown))
    return document(title, _POLICY, element("main", _head(report), contents, *sections), _foot(report))


def _head(report: HtmlReport) -> Html:
    verdict = element(
        "div",
        element("p", report.verdict_title, class_="title"),
        paragraph(report.verdict_text),
        class_=f"verdict {report.tone}",
        role="note",
    )
    remarks = listed(report.remarks, "remarks") if report.remarks else Html("")
    about = paragraph(report.run_name, " · ", report.run_about, class_="about")
    return element("header", element("h1", "“", given(report.wake_word), "”"), about, verdict, remarks)


def _foot(report: HtmlReport) -> Html:
    text = f"Made by mww_studio on {report.made_on}. The links lead to sounds on the computer on which it was made."
    return element("footer", paragraph(text))


def _expect(report: HtmlReport) -> Html:
    point = report.operating_point
    card = next(iter(report.conditions.values()))
    rows = [
        (name, *_recall_cells(one.recall), rate(one.false_accepts), surely(one.false_accepts))
        for name, one in report.conditions.items()
    ]
    setting = (
        f"Cut-off {card.cutoff:g}, mean over {card.sliding_window_size} answers of the model, measured with"
        f" {card.runtime} and the device's own decision rule on recordings from which it never learned. How it was"
        f" chosen, on recordings kept aside for choosing: {point.sentence}"
    )
    return section(
        "expect",
        _CONTENTS["expect"],
        table(("Circumstances", "Heard", IN_100, "", "Wakes by mistake", "This proves"), rows),
        paragraph(
            "“Likely” is the range that so few takes leave open (Wilson, 95 %). “This proves” is the rate that is not"
            " exceeded with 95 % confidence (Poisson). New people, rooms and microphones can do worse.",
            class_="note",
        ),
        charts.trade_off_chart(tuple(report.conditions.items())),
        paragraph("Each line goes through every cut-off; the dot is the one in use, with its likely range."),
        paragraph(setting),
        _cutoff_table(card),
    )


def _cutoff_table(card: Scorecard) -> Html:
    """The same as numbers, one line for each cut-off that changes something."""
    points = [
        point
        for before, point in zip([None, *card.curve], card.curve, strict=False)
        if before is None or (before.detected, before.false_accepts) != (point.detected, point.false_accepts)
    ]
    hours = card.false_accepts.hours
    rows = [
        (
            f"{point.cutoff:.3f}",
            of(point.detected, card.recall.clips),
            str(point.false_accepts),
            hourly(point.false_accepts / hours) if hours else "–",
        )
        for point in points
    ]
    head = ("From this cut-off on", "Heard", "Wakes by mistake", "An hour")
    return details("The same as a table", table(head, rows))


def _who(report: HtmlReport) -> Html:
    parts = []
    for grouping in report.groupings:
        parts += [element("h3", grouping.title), _group_table(grouping, tuple(report.conditions))]
        parts.append(paragraph(grouping.note, class_="note") if grouping.note else Html(""))
    empty = paragraph("No take was kept for the test.") if not parts else Html("")
    return section("who", _CONTENTS["who"], empty, *parts)


def _group_table(grouping: Grouping, conditions: Sequence[str]) -> Html:
    head = ["", *(text for name in conditions for text in (f"Heard, {name}", IN_100, ""))]
    rows = []
    for group in grouping.groups:
        title = [given(group.name), element("small", f" {group.note}") if group.note else Html("")]
        rows.append([Html.of(title), *(cell for recall in group.recalls for cell in _recall_cells(recall))])
    return table(head, rows)


def _recall_cells(recall: Recall) -> tuple[str, str, Html]:
    bar = share_bar(recall.low, recall.recall, recall.high) if recall.clips else Html("–")
    return of(recall.detected, recall.clips), share_range(recall), bar


def _mistakes(report: HtmlReport) -> Html:
    card = next(iter(report.conditions.values()))
    sources = sorted(card.sources.items(), key=lambda item: (-item[1].false_accepts, -item[1].hours, item[0]))
    rows = [
        (given(name or "unknown"), hours_text(one.hours), str(one.false_accepts), hourly(one.per_hour), surely(one))
        for name, one in sources
    ]
    total = card.false_accepts
    rows.append(
        (Html("<b>all</b>"), hours_text(total.hours), str(total.false_accepts), hourly(total.per_hour), surely(total))
    )
    listing = table(("Source", "Listened to", "Mistakes", "An hour", "This proves"), rows)
    if not sources:
        return section("mistakes", _CONTENTS["mistakes"], paragraph("No other sound was kept for the test."))
    parts = [listing, element("h3", "Each time")]
    parts.append(moments(report.mistakes) if report.mistakes else paragraph("No sound woke it by mistake."))
    if report.nearest:
        parts += [element("h3", "What came nearest without waking it"), moments(report.nearest)]
    return section("mistakes", _CONTENTS["mistakes"], *parts)


def _missed(report: HtmlReport) -> Html:
    card = next(iter(report.conditions.values()))
    if not report.missed:
        text = "It missed no take." if card.recall.clips else "No take was kept for the test."
        return section("missed", _CONTENTS["missed"], paragraph(text))
    needed = f"It needed to be more than {100 * card.cutoff:.0f} % sure. The time is when it was surest."
    return section("missed", _CONTENTS["missed"], moments(report.missed), paragraph(needed, class_="note"))


def _delay(report: HtmlReport) -> Html:
    delay = next(iter(report.conditions.values())).delay
    if delay is None or not report.delays_s:
        return section("delay", _CONTENTS["delay"], paragraph("The ends of the words that it heard are not known."))
    sentence = (
        f"Counted from the end of the word, half of the answers are there at {delay.median_s:+.2f} s and 9 of 10 at"
        f" {delay.p90_s:+.2f} s ({one_or_many(delay.clips, 'take')} with a known end). Below 0 it answered before the"
        " word was over."
    )
    return section("delay", _CONTENTS["delay"], charts.delay_chart(report.delays_s), paragraph(sentence))


def _curves(separation: Separation | None) -> Html:
    if separation is None:
        text = "Curves need takes of the wake word and other sound, both kept for the test."
        return section("curves", _CONTENTS["curves"], paragraph(text))
    counted = (
        f"Counted are {one_or_many(separation.takes, 'take')} and {separation.stretches} stretches of other sound,"
        f" each once. A take's score is the highest mean over the sliding window from the beginning of the word to a"
        f" second after the take. Other sound is cut into stretches of {separation.stretch_s:g} s, and the score of"
        " each is its highest mean. The dots are the cut-off in use; the device is deaf for a second after each answer,"
        " which these curves leave out and the figures above do not. Ranges come from drawing takes and recordings"
        f" again {DRAWS} times (95 %)."
    )
    calibration = (
        f"Brier score {_measured(separation.brier, 4)}: the mean squared distance between a score and what was true. To"
        f" say {share(separation.takes / (separation.takes + separation.stretches))} every time, the share of takes in"
        f" this test, would give {separation.brier_of_share:.4f}. On the dotted line a model that says 70 % is right 7"
        f" times of 10. The grey bars show how many scores lie there, on a logarithmic scale. Where the word is rarer"
        f" than in this test, as in any home, the same certainty is right less often."
    )
    bins = [
        (
            f"{one.low:.1f} to {one.high:.1f}",
            f"{one.said:.2f}",
            of(one.share.detected, one.share.clips),
            share_range(one.share),
        )
        for one in separation.bins
    ]
    return section(
        "curves",
        _CONTENTS["curves"],
        paragraph(counted),
        element(
            "div",
            _figure(
                charts.roc_chart(separation),
                f"Area under the curve {_measured(separation.area, 4)}: how often a take has a higher score than a"
                f" stretch. 0.5 is luck (dotted), 1 is perfect.",
            ),
            _figure(
                charts.precision_chart(separation),
                f"Average precision {_measured(separation.average_precision, 4)}. It depends on how many stretches come"
                f" with a take, in this test {separation.stretches / separation.takes:.1f}.",
            ),
            _figure(
                charts.det_chart(separation),
                f"Equal error rate {share(separation.equal_error, 2)}: at that cut-off as large a share of takes is"
                f" missed as of stretches comes through. Both scales are those of the normal distribution.",
            ),
            _figure(charts.calibration_chart(separation), calibration),
            class_="charts",
        ),
        details("Calibration as a table", table(("Score", "Mean score", "Wake word", IN_100), bins)),
    )


def _figure(chart: Html, text: str) -> Html:
    return element("div", chart, paragraph(text, class_="note"))


def _measured(figure: Measured, decimals: int) -> str:
    low, high = (f"{end:.{decimals}f}" for end in (figure.low, figure.high))
    return f"{figure.value:.{decimals}f} ({low} to {high})"


def _data(facts: Iterable[FactTable]) -> Html:
    parts = []
    for one in facts:
        rows = [(given(row[0]), *map(given, row[1:])) for row in one.rows]
        parts += [element("h3", one.title), table(one.head, rows)]
    return section("data", _CONTENTS["data"], *parts)
