"""The pictures of the report: drawn as SVG inside the page, in whose colours they appear, light or dark."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from mww_studio.evaluation.calibration import Separation
from mww_studio.evaluation.html_report_parts import Html, element
from mww_studio.evaluation.scorecard import Scorecard

_WIDTH, _HEIGHT = 560, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 26, 14, 48
SERIES = 4
"""So many lines can be told apart in one picture."""

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_RARE = (0.0001, 0.001, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6)
_HOURLY = tuple(digit * 10.0**power for power in range(-2, 4) for digit in (1, 3))


@dataclass(frozen=True)
class Axis:
    """One direction of a picture: what is on it, and where a value lies between 0 and 1."""

    label: str
    ticks: tuple[tuple[float, str], ...]
    place: Callable[[float], float]


@dataclass(frozen=True)
class Curve:
    """A line with its name, and the one point of it that is used: x, y, and between what y lies."""

    name: str
    points: Sequence[tuple[float, float]]
    dot: tuple[float, float] | None = None
    span: tuple[float, float] | None = None


def trade_off_chart(cards: Sequence[tuple[str, Scorecard]]) -> Html:
    """What every cut-off gives by the device's own rule: the share heard against mistakes an hour."""
    hours = max((card.false_accepts.hours for _, card in cards), default=0.0) or 1.0
    curves = []
    for name, card in cards[:SERIES]:
        own_hours, clips = card.false_accepts.hours or 1.0, max(card.recall.clips, 1)
        points = [(point.false_accepts / own_hours, point.detected / clips) for point in card.curve]
        dot = card.false_accepts.per_hour, card.recall.recall
        curves.append(Curve(name, _steps(points), dot, (card.recall.low, card.recall.high)))
    most = max((x for curve in curves for x, _ in curve.points), default=1.0)
    axis = _hourly_axis(1 / hours, max(most, 1.0))
    return _chart("Heard against wakes by mistake, for every cut-off", axis, _share_axis("takes heard"), curves)


def roc_chart(separation: Separation) -> Html:
    """The ROC curve."""
    points = tuple(zip(separation.roc.x, separation.roc.y, strict=True))
    chance = _path([(0.0, 0.0), (1.0, 1.0)], _share_axis(""), _share_axis(""), "limit")
    return _chart(
        "ROC: takes above a cut-off against stretches of other sound above it",
        _share_axis("stretches of other sound above the cut-off"),
        _share_axis("takes above the cut-off"),
        [Curve("this run", points, (separation.dot.stretches, separation.dot.takes))],
        chance,
    )


def precision_chart(separation: Separation) -> Html:
    """Precision against recall."""
    points = tuple(zip(separation.precision.x, separation.precision.y, strict=True))
    return _chart(
        "Precision and recall: how much of all above a cut-off is the wake word",
        _share_axis("takes above the cut-off (recall)"),
        _share_axis("of all above it, takes (precision)"),
        [Curve("this run", points, (separation.dot.takes, separation.dot.precision))],
    )


def det_chart(separation: Separation) -> Html:
    """The DET curve: both kinds of error, on scales on which rare ones have room."""
    x = _rare_axis("stretches of other sound above the cut-off", separation.stretches)
    y = _rare_axis("takes not above it", separation.takes)
    points = tuple(zip(separation.det.x, separation.det.y, strict=True))
    dot = separation.dot.stretches, 1 - separation.dot.takes
    return _chart("DET: both kinds of error against each other", x, y, [Curve("this run", points, dot)])


def calibration_chart(separation: Separation) -> Html:
    """The reliability diagram: how often it was the wake word, for each degree of certainty."""
    x, y = _share_axis("how sure the model was, at most"), _share_axis("how often it was the wake word")
    marks = [_path([(0.0, 0.0), (1.0, 1.0)], x, y, "limit")]
    most = max(one.share.clips for one in separation.bins)
    for one in separation.bins:
        height = 0.18 * math.log1p(one.share.clips) / math.log1p(most)
        marks.append(_box(one.low + 0.01, one.high - 0.01, height, x, y))
        marks += _dot(one.said, one.share.recall, (one.share.low, one.share.high), x, y, 1)
    return _chart("Calibration: what its certainty is worth", x, y, [], *marks)


def delay_chart(delays_s: Sequence[float]) -> Html:
    """How many takes were answered how long after the end of the word."""
    step_s = 0.1
    first, last = (math.floor(edge / step_s) for edge in (min(delays_s), max(delays_s)))
    counts = [sum(math.floor(one / step_s) == at for one in delays_s) for at in range(first, last + 1)]
    low_s, high_s = first * step_s, (last + 1) * step_s
    every = max(1, math.ceil((last + 1 - first) / 8))
    ticks = tuple((at * step_s, f"{at * step_s:.1f}") for at in range(first, last + 2, every))
    x = Axis("seconds from the end of the word to the answer", ticks, lambda s: (s - low_s) / (high_s - low_s))
    most = max(counts)
    each = max(1, math.ceil(most / 5))
    tops = tuple((float(count), str(count)) for count in range(0, most + each, each))
    y = Axis("takes", tops, lambda count: count / tops[-1][0])
    bars = [
        _box((first + at) * step_s + 0.006, (first + at + 1) * step_s - 0.006, count, x, y, "bar")
        for at, count in enumerate(counts)
        if count
    ]
    return _chart("When it answers", x, y, [], *bars)


def _chart(title: str, x: Axis, y: Axis, curves: Sequence[Curve], *marks: Html) -> Html:
    drawn: list[Html] = [*_grid(x, y), *marks]
    for number, curve in enumerate(curves, start=1):
        drawn.append(_path(curve.points, x, y, f"line s{number}"))
    for number, curve in enumerate(curves, start=1):
        if curve.dot is not None:
            drawn += _dot(*curve.dot, curve.span, x, y, number)
    picture = element("svg", *drawn, viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=title)
    legend = _legend([curve.name for curve in curves]) if len(curves) > 1 else Html("")
    return element("figure", element("figcaption", title), picture, legend)


def _legend(names: Sequence[str]) -> Html:
    items = []
    for number, text in enumerate(names, start=1):
        sample = element("line", x1=0, x2=28, y1=6, y2=6, class_=f"line s{number}")
        items.append(
            element("li", element("svg", sample, viewBox="0 0 28 12", width=28, height=12, aria_hidden="true"), text)
        )
    return element("ul", items, class_="legend")


def _grid(x: Axis, y: Axis) -> Iterable[Html]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for value, text in y.ticks:
        at = _y(y, value)
        yield element("line", x1=_LEFT, x2=right, y1=at, y2=at, class_="grid")
        yield element("text", text, x=_LEFT - 8, y=at + 4, text_anchor="end")
    for value, text in x.ticks:
        at = _x(x, value)
        yield element("line", x1=at, x2=at, y1=bottom, y2=bottom + 4, class_="grid")
        yield element("text", text, x=at, y=bottom + 18, text_anchor="middle")
    yield element("text", x.label, x=(_LEFT + right) / 2, y=_HEIGHT - 8, text_anchor="middle", class_="label")
    middle = (_TOP + bottom) / 2
    yield element(
        "text", y.label, x=14, y=middle, text_anchor="middle", class_="label", transform=f"rotate(-90 14 {middle:g})"
    )


def _path(points: Iterable[tuple[float, float]], x: Axis, y: Axis, class_: str) -> Html:
    placed = [(_x(x, across), _y(y, up)) for across, up in points]
    kept = [place for number, place in enumerate(placed) if not number or place != placed[number - 1]]
    return element("polyline", points=" ".join(f"{across:g},{up:g}" for across, up in kept), class_=class_)


def _dot(across: float, up: float, span: tuple[float, float] | None, x: Axis, y: Axis, number: int) -> list[Html]:
    marks = []
    if span is not None:
        low, high = (_y(y, end) for end in span)
        marks.append(element("line", x1=_x(x, across), x2=_x(x, across), y1=low, y2=high, class_=f"span s{number}"))
    return [*marks, element("circle", cx=_x(x, across), cy=_y(y, up), r=5, class_=f"dot s{number}")]


def _box(left: float, right: float, top: float, x: Axis, y: Axis, class_: str = "count") -> Html:
    """A bar from the lower edge up."""
    begin, end, above = _x(x, left), _x(x, right), _y(y, top)
    return element(
        "rect",
        x=begin,
        y=above,
        width=max(round(end - begin, 1), 1),
        height=max(round(_HEIGHT - _BOTTOM - above, 1), 1),
        class_=class_,
    )


def _x(axis: Axis, value: float) -> float:
    return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(axis.place(value), 0.0), 1.0), 1)


def _y(axis: Axis, value: float) -> float:
    return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - min(max(axis.place(value), 0.0), 1.0)), 1)


def _share_axis(label: str) -> Axis:
    return Axis(label, tuple((share, f"{100 * share:.0f} %") for share in _SHARES), float)


def _rare_axis(label: str, count: int) -> Axis:
    """Shares on the scale of the normal distribution, down to half of one in ``count``."""
    least, most = min(0.5 / count, 0.01), 0.8
    normal = NormalDist()
    low, high = normal.inv_cdf(least), normal.inv_cdf(most)
    ticks = tuple((share, f"{100 * share:g} %") for share in _RARE if least <= share <= most)
    return Axis(label, ticks, lambda share: (normal.inv_cdf(min(max(share, least), most)) - low) / (high - low))


def _hourly_axis(one_per_hour: float, most: float) -> Axis:
    """Numbers an hour, on a scale that is even up to the smallest that can be seen and then grows by tens."""
    scale = math.asinh(most / one_per_hour)
    ticks = tuple((rate, f"{rate:g}") for rate in (0.0, *_HOURLY) if not rate or one_per_hour <= rate <= most)
    return Axis("wakes by mistake an hour", ticks, lambda rate: math.asinh(rate / one_per_hour) / scale)


def _steps(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Corners between points: what one cut-off gives holds until the next one gives more."""
    corners: list[tuple[float, float]] = []
    for rate, share in sorted(set(points)):
        if corners:
            corners.append((rate, corners[-1][1]))
        corners.append((rate, share))
    return corners
