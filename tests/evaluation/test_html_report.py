"""The page of the report, from figures made by hand, read by a parser that knows no mercy."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest

from mww_studio.evaluation.calibration import measure_separation, scores_of
from mww_studio.evaluation.html_report import render
from mww_studio.evaluation.html_report_charts import SERIES, trade_off_chart
from mww_studio.evaluation.html_report_content import (
    Comparison,
    FactTable,
    Group,
    Grouping,
    HtmlReport,
    Moment,
    PairedCondition,
)
from mww_studio.evaluation.html_report_parts import Html, element, given
from mww_studio.evaluation.html_report_words import clock, hourly, hours_text, moments, rate, share_range, surely
from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.operating_point import choose_operating_point
from mww_studio.evaluation.pairing import pair_mistakes, pair_takes
from mww_studio.evaluation.scorecard import count_rate, count_recall, judge

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>\x00\ud800\u202e&amp;"
VOID = {"meta", "br", "img"}


class Strict(HTMLParser):
    """Reads a page; whatever is opened must be closed in its turn."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.links, self.texts, self.ids = [], [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            if name in {"href", "src"}:
                self.links.append(value)
            if name == "id":
                self.ids.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.texts.append(text)

    @property
    def text(self):
        return "".join(self.texts)


@cache
def heard(loss=1.0):
    """Twenty takes of three people, and a quarter of an hour with some close calls."""
    rng = np.random.default_rng(4)
    words = []
    for number in range(60):
        outputs = np.zeros(140, np.uint8)
        outputs[100:108] = np.clip(252 - loss * rng.random() ** 3 * 200, 0, 255)
        words.append(HeardWord(f"audio/take {number}.wav", outputs, 2.4, 3.0, ("Ada", HOSTILE, None)[number % 3]))
    evening = np.zeros(30_000, np.uint8)
    for start in range(1000, 30_000, 700):
        evening[start : start + 8] = 255 * rng.random() ** 0.5
    return Heard("a test", 3, words, [HeardAmbience("audio/evening.wav", evening, HOSTILE, 0.25)])


@cache
def card_of(loss=1.0):
    return judge(heard(loss), 0.7, 5)


@cache
def full_report():
    said = heard()
    point = choose_operating_point(said, 5.0, (5,))
    card, noisy = card_of(), card_of(2.0)
    moment = Moment(name=HOSTILE, about=HOSTILE, time_s=70.0, certainty=0.5, link="./audio/a%20b.wav")
    return HtmlReport(
        wake_word=HOSTILE,
        run_name="Run 2",
        run_about=HOSTILE,
        made_on="2026-01-02 03:04",
        tone="warn",
        verdict_title=HOSTILE,
        verdict_text="Record more.",
        remarks=(HOSTILE,),
        operating_point=point,
        conditions={"as recorded": card, "with noise at 10 dB": noisy},
        separation=measure_separation(scores_of(said, 5), 200),
        delays_s=(0.1, 0.2, 0.35, -0.05),
        groupings=(
            Grouping(
                title="Each person",
                note="",
                groups=tuple(
                    Group(name=name or "?", note="new voice", recalls=(one, noisy.speakers[name]))
                    for name, one in card.speakers.items()
                ),
            ),
        ),
        missed=(moment,),
        mistakes=(moment, moment.model_copy(update={"link": None})),
        nearest=(moment,),
        comparisons=(),
        facts=(FactTable(title="Licences", head=("", "recordings"), rows=((HOSTILE, "3"),)),),
        untested=(HOSTILE,),
    )


def report(**changed):
    return full_report().model_copy(update=changed)


def comparison(**changed):
    first, second = card_of(), card_of(2.0)
    ids = [word.id for word in heard().words]
    takes = pair_takes(len(ids), set(ids) - set(second.missed), set(ids) - set(first.missed))
    made = Comparison(
        other_name="Run 1",
        other_about=HOSTILE,
        same_test=True,
        differences=(),
        own=first,
        other=second,
        takes=(PairedCondition(name="as recorded", takes=takes),),
        mistakes=pair_mistakes(0.25, second.false_accept_times, first.false_accept_times),
        only_own=(Moment(name="take 1", about="Ada", time_s=0.0, certainty=None, link="./a.wav"),),
    )
    return made.model_copy(update=changed)


def test_the_page_is_whole_and_nothing_is_injected():
    page = render(report(comparisons=(comparison(),)))
    page.encode("utf-8")
    read = Strict(page)
    assert {"script", "img", "iframe", "object", "link"}.isdisjoint(read.tags)
    assert "<script>alert(1)</script>" in read.text
    assert "&amp;" in read.text
    assert not set("\x00\ud800\u202e") & set(page)
    assert len(read.ids) == len(set(read.ids))


def test_it_needs_nothing_from_elsewhere():
    page = render(report(comparisons=(comparison(),)))
    read = Strict(page)
    sounds = [link for link in read.links if not link.startswith("#")]
    assert set(sounds) == {"./audio/a%20b.wav#t=68.0", "./a.wav"}
    assert {link[1:] for link in read.links if link.startswith("#")} == set(read.ids)
    assert "http" not in re.sub(r'http-equiv="[^"]*"', "", page)
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src &#x27;none&#x27;" in page
    assert "prefers-color-scheme:dark" in page
    assert "@media print" in page


def test_the_figures_stand_with_what_they_are_worth():
    made = report()
    text = Strict(render(made)).text.replace("\N{NO-BREAK SPACE}", " ")
    card = made.conditions["as recorded"]
    assert f"{card.recall.detected} of 60" in text
    assert share_range(card.recall).replace("\N{NO-BREAK SPACE}", " ") in text
    assert surely(card.false_accepts) in text
    assert made.operating_point.sentence in text
    separation = made.separation
    assert separation is not None
    assert f"{separation.brier.value:.4f} ({separation.brier.low:.4f} to {separation.brier.high:.4f})" in text
    assert f"60 takes and {separation.stretches} stretches" in text
    for curve in ("ROC", "Precision and recall", "DET", "Calibration", "When it answers"):
        assert curve in text
    for name in ("Each person", "new voice", "What was not tested", "its sound is not kept here"):
        assert name in text
    assert "Beside other runs" not in text


def test_runs_on_other_recordings_are_not_compared():
    differing = comparison(same_test=False, differences=("3 takes examined both; 2 takes examined Run 2 alone.",))
    text = Strict(render(report(comparisons=(differing,)))).text
    assert "cannot be compared" in text
    assert differing.differences[0] in text
    assert "on the recordings that examined both" in text
    strangers = differing.model_copy(update={"own": None, "other": None, "takes": (), "mistakes": None})
    text = Strict(render(report(comparisons=(strangers, differing)))).text
    assert "nothing to compare" in text
    assert "Of several comparisons" in text


def test_a_comparison_says_whether_it_may_be_luck():
    text = Strict(render(report(comparisons=(comparison(),)))).text
    assert "cannot be compared" not in text
    assert re.search(r"(More than luck|May be luck) \(luck alone: ", text)
    assert "Heard by Run 2 alone" in text


@pytest.mark.parametrize("takes", [0, 1])
def test_next_to_nothing_can_be_reported(takes):
    said = replace(heard(), words=heard().words[:takes], ambience=[])
    page = report(separation=None, delays_s=(), missed=(), mistakes=(), nearest=(), groupings=())
    card = judge(said, 0.5, 5)
    text = Strict(render(page.model_copy(update={"conditions": {"as recorded": card}}))).text
    assert "not measured" in text
    assert "Curves need takes" in text
    assert "No other sound was kept" in text


def test_words_for_figures():
    assert (hours_text(7.61), hours_text(0.25), hours_text(1 / 60), hours_text(0.005)) == (
        "7.6 hours",
        "15 minutes",
        "1 minute",
        "18 s",
    )
    assert (clock(4.21), clock(1214), clock(3723)) == ("4.2 s", "20:14", "1:02:03")
    assert (hourly(0.394), hourly(71.2), hourly(-2.0, "+")) == ("0.39", "71", "-2.00")
    assert rate(count_rate(0.0, 0)) == "not measured"
    assert rate(count_rate(2.0, 1)) == "1 in 2.0 hours, 0.50 an hour"
    assert share_range(count_recall(0, 0)) == "–"


def test_markup_is_escaped_unless_it_is_markup():
    assert element("p", "<&>", Html("<b>x</b>")) == "<p>&lt;&amp;&gt;<b>x</b></p>"
    assert element("a", "x", href='"', class_=None, aria_label=Html('"')) == (
        '<a href="&quot;" aria-label="&quot;">x</a>'
    )
    assert given("\u202eabc") == "<bdi>\ufffdabc</bdi>"


def test_long_lists_are_cut_and_long_legends_too():
    many = [Moment(name=str(n), about="", time_s=1.0, certainty=0.5, link=f"./{n}.wav") for n in range(130)]
    read = Strict(f"<div>{moments(many)}</div>")
    assert "And 30 more." in read.text
    assert read.tags.count("audio") == 40
    chart = trade_off_chart([(f"run {number}", card_of()) for number in range(SERIES + 2)])
    assert Strict(chart).tags.count("polyline") == SERIES
