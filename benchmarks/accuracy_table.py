"""The tables of the accuracy benchmark, all seeds of a row together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accuracy_conditions import MAIN, QUIET
from accuracy_exam import POINTS, SHIPPED, TARGET, ZERO, Result
from accuracy_models import Trained
from measuring import share_text

from mww_studio.evaluation.statistics import poisson_upper

_POINTS = {SHIPPED: "shipped", TARGET: "0.5/h at most", ZERO: "none in these hours"}


@dataclass(frozen=True)
class Row:
    """One model. ``recipe``: what made it, in words; ``takes``: how many were asked for, None where it came trained."""

    recipe: str
    takes: int | None
    seed: int
    trained: Trained
    result: Result


def tables(rows: Sequence[Row]) -> str:
    """All tables, in Markdown."""
    groups: dict[tuple[str, int | None], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.recipe, row.takes), []).append(row)
    others = [name for name in rows[0].result.clips if name not in MAIN] if rows else []
    main = [name for name in MAIN if rows and name in rows[0].result.clips]
    return "\n".join(
        [
            "### Heard, and mistakes\n",
            *_recalls(groups, main),
            "\n### Other people, microphones and levels, at the shipped cut-off\n",
            *_others(groups, others, SHIPPED),
            "\n### The same at the cut-off with at most 0.5 mistakes an hour\n",
            *_others(groups, others, TARGET),
            "\n### Cost\n",
            *_costs(groups),
        ]
    )


def spread(group: Sequence[Row], point: str, condition: str) -> float:
    """The best seed's recall less the worst one's."""
    shares = [row.result.detected[point][condition] / max(row.result.clips[condition], 1) for row in group]
    return max(shares) - min(shares)


def _recalls(groups: dict[tuple[str, int | None], list[Row]], names: Sequence[str]) -> Iterator[str]:
    yield from _head(["model", "takes", "cut-off", *names, "mistakes at the shipped cut-off", "at most, promised"])
    for (recipe, takes), group in groups.items():
        for point in POINTS:
            cutoffs = [row.result.cutoffs[point] for row in group]
            known = [cutoff for cutoff in cutoffs if cutoff is not None]
            where = f"{_POINTS[point]}: {_range(known, '{:g}')}" if known else f"{_POINTS[point]}: no cut-off"
            shares = [share_text(*_counts(group, point, name)) for name in names]
            shipped = point == SHIPPED
            yield _line(
                [
                    recipe,
                    _asked(takes, group),
                    where,
                    *shares,
                    *((_mistakes(group), _promised(group)) if shipped else ("", "")),
                ]
            )


def _others(groups: dict[tuple[str, int | None], list[Row]], names: Sequence[str], point: str) -> Iterator[str]:
    yield from _head(["model", "takes", *names])
    for (recipe, takes), group in groups.items():
        yield _line([recipe, _asked(takes, group), *(share_text(*_counts(group, point, name)) for name in names)])


def _costs(groups: dict[tuple[str, int | None], list[Row]]) -> Iterator[str]:
    yield from _head(
        [
            "model",
            "takes",
            "processor s",
            "wall s",
            "peak MB",
            "model bytes",
            "arena bytes",
            "spread over seeds, quiet",
            "spread, 10 dB",
        ]
    )
    for (recipe, takes), group in groups.items():
        costs = [
            _range([getattr(row.trained, name) for row in group if getattr(row.trained, name) is not None], "{:.0f}")
            for name in ("cpu_s", "wall_s", "peak_mb")
        ]
        sizes = [
            _range([getattr(row.result, name) for row in group if getattr(row.result, name) is not None], "{:.0f}")
            for name in ("model_bytes", "arena_bytes")
        ]
        spreads = [
            f"{spread(group, TARGET, name):.2f}" if len(group) > 1 and name in group[0].result.clips else "-"
            for name in (QUIET, "10 dB")
        ]
        yield _line([recipe, _asked(takes, group), *costs, *sizes, *spreads])


def _counts(group: Sequence[Row], point: str, name: str) -> tuple[list[int], list[int]]:
    return [row.result.detected[point][name] for row in group], [row.result.clips[name] for row in group]


def _asked(takes: int | None, group: Sequence[Row]) -> str:
    if takes is None:
        return "-"
    had = group[0].trained.takes
    return str(takes) if had in (takes, None) else f"{had} (of {takes} wanted)"


def _mistakes(group: Sequence[Row]) -> str:
    mistakes, hours = sum(row.result.false_accepts for row in group), sum(row.result.hours for row in group)
    high = poisson_upper(mistakes, hours)
    return f"{mistakes} in {hours:.1f} h: {mistakes / max(hours, 1e-9):.1f}/h (at most {high:.1f})"


def _promised(group: Sequence[Row]) -> str:
    return _range([row.trained.promised for row in group if row.trained.promised is not None], "{:.1f}/h")


def _range(values: Sequence[float], form: str) -> str:
    if not values:
        return "-"
    low, high = form.format(min(values)), form.format(max(values))
    return low if low == high else f"{low} to {high}"


def _head(columns: Sequence[str]) -> Iterator[str]:
    yield _line(columns)
    yield "|" + " --- |" * len(columns)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
