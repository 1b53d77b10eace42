"""Figures of the report in words, the same in all its parts."""

from collections.abc import Sequence

from mww_studio.evaluation.html_report_content import Moment
from mww_studio.evaluation.html_report_parts import Html, element, given, paragraph
from mww_studio.evaluation.scorecard import FalseAcceptRate, Recall

IN_100 = "Of 100 (likely)"
"""The head of what :func:`share_range` says."""

_LISTED = 100
_PLAYED = 40
_BEFORE_S = 2.0
_LATEST_S = 60
_TIED = "\N{NO-BREAK SPACE}"


def of(part: int, whole: int) -> str:
    """Such as “56 of 60”."""
    return f"{part}{_TIED}of{_TIED}{whole}"


def one_or_many(count: int, one: str) -> str:
    """Such as “1 take” and “2 takes”."""
    return f"{count} {one if count == 1 else one + 's'}"


def share(value: float, decimals: int = 1) -> str:
    """Such as “93.3 %”."""
    return f"{100 * value:.{decimals}f} %"


def share_range(recall: Recall) -> str:
    """How many of 100, and between what that lies: “93 (84 to 97)”."""
    if not recall.clips:
        return "–"
    low, high = round(100 * recall.low), round(100 * recall.high)
    return f"{round(100 * recall.recall)} ({low} to {high})".replace(" ", _TIED)


def hours_text(hours: float) -> str:
    """Such as “7.6 hours”, “15 minutes” or “40 s”."""
    minutes = round(60 * hours)
    if minutes >= 60:
        return f"{hours:.1f} hours"
    return one_or_many(minutes, "minute") if minutes else f"{round(3600 * hours)} s"


def hourly(rate: float, sign: str = "") -> str:
    """A number an hour with as many digits as it is worth; ``sign``: "+" where it is a difference."""
    return f"{rate:{sign}.0f}" if abs(rate) >= 10 else f"{rate:{sign}.2f}"


def rate(counted: FalseAcceptRate) -> str:
    """Such as “3 in 7.6 hours, 0.39 an hour”."""
    if counted.high is None:
        return "not measured"
    return f"{counted.false_accepts} in {hours_text(counted.hours)}, {hourly(counted.per_hour)} an hour"


def surely(counted: FalseAcceptRate) -> str:
    """What a count proves: “fewer than 0.4 an hour”."""
    return "nothing" if counted.high is None else f"fewer than {hourly(counted.high)} an hour"


def clock(seconds: float) -> str:
    """A place in a recording: “20:14”, “1:02:03”, or “4.2 s” where it is short."""
    if seconds < _LATEST_S:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    minutes = f"{whole // 60 % 60:02}" if whole >= 3600 else f"{whole // 60}"
    hours = f"{whole // 3600}:" if whole >= 3600 else ""
    return f"{hours}{minutes}:{whole % 60:02}"


def moments(sounds: Sequence[Moment]) -> Html:
    """Sounds that can be opened and, the first of them, played where the page stands."""
    items = []
    for number, one in enumerate(sounds[:_LISTED]):
        said = f" · {one.about}" if one.about else ""
        if one.certainty is not None:
            said += f" · at {clock(one.time_s)} · {100 * one.certainty:.0f} % sure"
        if one.link is None:
            items.append(element("li", given(one.name), said, " · its sound is not kept here"))
            continue
        begin_s = max(one.time_s - _BEFORE_S, 0.0)
        place = f"{one.link}#t={begin_s:.1f}" if begin_s else one.link
        item = [element("a", given(one.name), href=place), said]
        if number < _PLAYED:
            item.append(element("audio", controls="", preload="none", src=place))
        items.append(element("li", *item))
    left = len(sounds) - _LISTED
    more = paragraph(f"And {left} more.") if left > 0 else Html("")
    return Html.of([element("ul", items, class_="sounds"), more])
