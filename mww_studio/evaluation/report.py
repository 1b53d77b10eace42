"""The scorecards of a run as files: report.json for programs, report.md with pictures for people."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from mww_studio.durable import write_durably
from mww_studio.evaluation.operating_point import OperatingPoint
from mww_studio.evaluation.scorecard import FalseAcceptRate, Recall, Scorecard

TRADE_OFF_PLOT = "trade-off.png"
SPEAKERS_PLOT = "speakers.png"

_INK = "#1f2933"
_COLOURS = ("#0b6e99", "#c2571a", "#3d7a37", "#7a3d77", "#8a6d00")
_WIDTH_IN = 7.2
_ROW_IN = 0.3
_DPI = 130
_LISTED = 20
_HOW_TO_READ = (
    "Detected: clips of the wake word that were answered; in brackets the range that the number of clips leaves open"
    " (Wilson, 95 %). False accepts: answers to sound without the wake word; in brackets the rate that is not exceeded"
    " with 95 % confidence (Poisson). New people, rooms and microphones can do worse."
)


class Report(BaseModel):
    """What report.json holds: how the cut-off was chosen on validation data, and scorecards by condition."""

    model_config = ConfigDict(frozen=True)

    title: str
    operating_point: OperatingPoint | None
    scorecards: dict[str, Scorecard]
    remarks: tuple[str, ...]


def write_report(
    scorecards: Mapping[str, Scorecard],
    folder: Path,
    *,
    title: str,
    operating_point: OperatingPoint | None = None,
    remarks: Sequence[str] = (),
) -> list[Path]:
    """Write report.json, report.md and the plots; give their paths.

    ``scorecards``: by condition, such as "clean" and "noise at 10 dB", the first of which carries the verdict; all of
    the same model, cut-off and window. ``remarks``: sentences on what the numbers do not show. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(title=title, operating_point=operating_point, scorecards=dict(scorecards), remarks=tuple(remarks))
    pictures: dict[str, Callable[[Mapping[str, Scorecard]], Any]] = {TRADE_OFF_PLOT: _trade_off_figure}
    first = next(iter(scorecards.values()))
    if len(first.speakers) > 1:
        pictures[SPEAKERS_PLOT] = _speakers_figure
    write_durably(folder / "report.json", report.model_dump_json(indent=2).encode())
    for name, draw in pictures.items():
        write_durably(folder / name, _png(draw(scorecards)))
    write_durably(folder / "report.md", _markdown(report, tuple(pictures)).encode())
    return [folder / name for name in ("report.json", "report.md", *pictures)]


# The text


def _markdown(report: Report, pictures: tuple[str, ...]) -> str:
    first = next(iter(report.scorecards.values()))
    parts = [f"# {report.title}", f"**{first.verdict}**"]
    if report.remarks:
        parts.append("\n".join(f"- {remark}" for remark in report.remarks))
    parts.append(_setting(first, report.operating_point))
    rows = [(name, _share(card.recall), _rate(card.false_accepts)) for name, card in report.scorecards.items()]
    parts += ["## What to expect", _table(("condition", "detected", "false accepts"), rows)]
    if first.delay is not None:
        delay = first.delay
        parts.append(
            f"The detection comes {1000 * delay.median_s:.0f} ms after the end of the word"
            f" (for most clips {1000 * delay.p10_s:.0f} to {1000 * delay.p90_s:.0f} ms)."
        )
    parts.append(f"![Recall against false accepts for every cut-off]({TRADE_OFF_PLOT})")
    if SPEAKERS_PLOT in pictures:
        speakers = [(name, _share(one)) for name, one in first.speakers.items()]
        parts += ["## By speaker", _table(("speaker", "detected"), speakers), f"![Recall by speaker]({SPEAKERS_PLOT})"]
    if first.sources:
        sources = sorted(first.sources.items(), key=lambda item: (-item[1].false_accepts, item[0]))
        parts += [
            "## False accepts by source",
            _table(("source", "false accepts"), [(n, _rate(r)) for n, r in sources]),
        ]
    if first.missed:
        parts += ["## Missed clips", _listed(first.missed)]
    if first.false_accept_times:
        times = [f"{one.id} at {one.time_s:.2f} s" for one in first.false_accept_times]
        parts += ["## Where it fired by mistake", _listed(times)]
    parts += ["## How to read this", _HOW_TO_READ]
    return "\n\n".join(parts) + "\n"


def _setting(card: Scorecard, point: OperatingPoint | None) -> str:
    chosen = "" if point is None else f" It was chosen on separate recordings: {point.sentence}"
    return (
        f"Cut-off {card.cutoff:g}, sliding window {card.sliding_window_size}, measured with {card.runtime} and the"
        f" device's own decision rule.{chosen}"
    )


def _share(recall: Recall) -> str:
    return f"{recall.detected} of {recall.clips}, {recall.recall:.1%} ({recall.low:.1%} to {recall.high:.1%})"


def _rate(rate: FalseAcceptRate) -> str:
    if rate.high is None:
        return "not measured"
    return f"{rate.false_accepts} in {rate.hours:.2f} h, {rate.per_hour:.2f} an hour (at most {rate.high:.2f})"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _listed(items: list[str]) -> str:
    more = [f"- and {len(items) - _LISTED} more, in report.json"] if len(items) > _LISTED else []
    return "\n".join([*(f"- {item}" for item in items[:_LISTED]), *more])


# The pictures


def _trade_off_figure(scorecards: Mapping[str, Scorecard]) -> Any:
    """Missed share against false accepts an hour, one line a condition, both from all cut-offs."""
    figure, axes = _figure(4.4)
    lowest = 1.0
    for colour, (name, card) in zip(_COLOURS, scorecards.items(), strict=False):
        hours = card.false_accepts.hours or 1.0
        rates = [point.false_accepts / hours for point in card.curve]
        shares = [100 * point.detected / max(card.recall.clips, 1) for point in card.curve]
        lowest = min(lowest, 0.5 / hours)
        axes.plot(rates, shares, color=colour, linewidth=1.8, drawstyle="steps-post", label=name, zorder=2)
        axes.errorbar(
            card.false_accepts.per_hour,
            100 * card.recall.recall,
            yerr=[
                [100 * max(card.recall.recall - card.recall.low, 0.0)],
                [100 * max(card.recall.high - card.recall.recall, 0.0)],
            ],
            color=colour,
            marker="o",
            markersize=7,
            capsize=4,
            zorder=3,
            clip_on=False,
        )
    axes.set_xscale("symlog", linthresh=lowest, linscale=0.5)
    axes.xaxis.set_major_formatter(lambda rate, _position: f"{rate:g}")
    axes.set_xlim(left=0)
    axes.set_ylim(0, 102)
    axes.set_xlabel("false accepts an hour")
    axes.set_ylabel("detected wake words, %")
    axes.set_title("Every cut-off; the dot is the one that ships", loc="left", color=_INK)
    axes.grid(alpha=0.25)
    axes.legend(loc="lower right", frameon=False)
    return figure


def _speakers_figure(scorecards: Mapping[str, Scorecard]) -> Any:
    """Recall by speaker in the first condition, the weakest on top, with intervals."""
    speakers = next(iter(scorecards.values())).speakers
    ordered = sorted(speakers.items(), key=lambda item: (-item[1].recall, item[0]))
    names = [f"{name} ({one.detected}/{one.clips})" for name, one in ordered]
    figure, axes = _figure(1.3 + _ROW_IN * len(ordered))
    for row, (_name, one) in enumerate(ordered):
        axes.plot([100 * one.low, 100 * one.high], [row, row], color=_COLOURS[0], alpha=0.35, linewidth=5)
        axes.plot(100 * one.recall, row, "o", color=_COLOURS[0], markersize=7)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlim(-2, 102)
    axes.set_xlabel("detected wake words, %")
    axes.set_title("Recall by speaker", loc="left", color=_INK)
    axes.grid(axis="x", alpha=0.25)
    return figure


def _figure(height_in: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure  # slow to import, and only reports draw

    figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
    axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _png(figure: Any) -> bytes:
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg

    content = BytesIO()
    FigureCanvasAgg(figure).print_figure(content, format="png", dpi=_DPI)
    return content.getvalue()
