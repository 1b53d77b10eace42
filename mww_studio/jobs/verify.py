"""Judges a model or a manifest, and everything that belongs to it, by the law."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mww_studio.constitution.articles import law
from mww_studio.constitution.judge import Judge
from mww_studio.constitution.manifest import check_manifest, glance_at
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome, Verdict, failed
from mww_studio.errors import StudioError
from mww_studio.evaluation.arena import measure_arena_bytes, recommended_arena_bytes

PROVENANCE = "provenance.json"
_LISTED = 5
_MARKS = {Outcome.PASS: "ok", Outcome.WARN: "warning", Outcome.FAIL: "FAILED"}


@dataclass(frozen=True)
class Findings:
    """All verdicts on what was asked about. ``manifest``, ``model``: which files they are about, None where there is
    none. ``arena_bytes``: what tflite-micro reports for the model; None where it is not installed or refuses it.
    """

    verdicts: tuple[Verdict, ...]
    manifest: Path | None
    model: Path | None
    arena_bytes: int | None


def verify_file(path: Path, *, ours: bool = False) -> list[Verdict]:
    """All verdicts on a model, a manifest or an export's folder, as :func:`examine_file` finds them."""
    return list(examine_file(path, ours=ours).verdicts)


def examine_file(path: Path, *, ours: bool = False) -> Findings:
    """Judge a ``.tflite`` model, or a ``.json`` manifest, its model and its arena; or the folder of an export.

    ``ours``: files that this program wrote, for which WRITER rules bind. Never raises for a bad file; a file of
    another kind, and a folder with several models, raise StudioError ``verify.kind``.
    """
    path = _in_folder(path) if path.is_dir() else path
    kind = path.suffix.lower()
    if kind == ".tflite":
        return _with_model([], None, path, None, ours=ours)
    if kind != ".json":
        raise StudioError(
            "verify.kind",
            f"{path.name} is neither a model nor a manifest.",
            do="Give a file that ends in .tflite or .json, or the folder of an export.",
        )
    verdicts, seen = check_manifest(path), glance_at(path)
    if seen.model is None:
        return Findings(tuple(verdicts), path, None, None)
    return _with_model(verdicts, path, path.parent / seen.model, seen.tensor_arena_size, ours=ours)


def _in_folder(folder: Path) -> Path:
    """The manifest in a folder, else the model. Raises StudioError ``verify.kind`` unless there is just one."""
    try:
        found = [path for path in sorted(folder.glob("*.json")) if path.name != PROVENANCE]
        found = found or sorted(folder.glob("*.tflite"))
    except OSError as error:
        raise StudioError("verify.kind", f"{folder} cannot be read.", why=f"{error.strerror}.") from None
    if len(found) != 1:
        names = ", ".join(path.name for path in found[:_LISTED])
        raise StudioError(
            "verify.kind",
            f"{folder.name} holds {'several models' if found else 'neither a model nor a manifest'}.",
            why=f"Found: {names}." if found else "",
            do="Give the file itself, which ends in .tflite or .json.",
        )
    return found[0]


def describe(verdicts: Iterable[Verdict]) -> str:
    """The verdicts for people: grouped by article, what is wrong with its consequence, and a summary."""
    verdicts = list(verdicts)
    lines = []
    for article, group in groupby(verdicts, key=lambda verdict: verdict.article):
        lines.append(f"{article}")
        for verdict in group:
            lines += _lines(verdict)
        lines.append("")
    counts = {outcome: sum(verdict.outcome is outcome for verdict in verdicts) for outcome in Outcome}
    lines.append(", ".join(f"{counts[outcome]} {_MARKS[outcome]}" for outcome in Outcome))
    return "\n".join(lines)


def _lines(verdict: Verdict) -> list[str]:
    rule = law().rules.get(verdict.rule)
    says = rule.says if rule else f"{verdict.rule} = {verdict.expected}"
    head = f"  {_MARKS[verdict.outcome]:8}{says}"
    if verdict.outcome is Outcome.PASS:
        return [head]
    detail = [
        f"{verdict.rule} ({verdict.level})",
        f"found:    {verdict.found}",
        f"expected: {verdict.expected}",
        verdict.consequence,
    ]
    return [head, *(" " * 10 + line for line in detail)]


def _with_model(
    before: list[Verdict], manifest: Path | None, model: Path, arena_bytes: int | None, *, ours: bool
) -> Findings:
    """Also the verdicts on a model and, when it is sound, on loading it. ``arena_bytes``: in the manifest."""
    verdicts = check_model(model, ours=ours)
    if failed(verdicts):
        return Findings((*before, *verdicts), manifest, model, None)
    judge, total = Judge(ours=ours), None
    try:
        total = measure_arena_bytes(model)
    except StudioError as error:
        judge.rule("arena.loads", False, error.why or error.what, "tflite-micro loads it")
    else:
        _judge_arena(judge, total, arena_bytes)
    return Findings((*before, *verdicts, *judge.verdicts), manifest, model, total)


def _judge_arena(judge: Judge, total: int | None, arena_bytes: int | None) -> None:
    if total is None:
        judge.rule("arena.measured", False, "tflite-micro is not installed here", "tflite-micro's total")
        return
    judge.rule("arena.loads", True, "loaded", "tflite-micro loads it")
    judge.rule("arena.measured", True, f"{total:,} bytes", "tflite-micro's total")
    if arena_bytes is not None:
        wanted = recommended_arena_bytes(total)
        judge.rule("arena.enough", arena_bytes >= total, f"{arena_bytes:,} bytes", f"at least {total:,} bytes")
        judge.rule("arena.reserve", arena_bytes >= wanted, f"{arena_bytes:,} bytes", f"at least {wanted:,} bytes")
