"""Judges a model or a manifest, and everything that belongs to it, by the law."""

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from mww_studio.constitution.articles import law
from mww_studio.constitution.judge import Judge
from mww_studio.constitution.manifest import check_manifest, read_manifest
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome, Verdict, failed
from mww_studio.errors import StudioError
from mww_studio.evaluation.arena import measure_arena_bytes, recommended_arena_bytes

_MARKS = {Outcome.PASS: "ok", Outcome.WARN: "warning", Outcome.FAIL: "FAILED"}


def verify_file(path: Path, *, ours: bool = False) -> list[Verdict]:
    """All verdicts on a ``.tflite`` model, or on a ``.json`` manifest, its model and its arena.

    ``ours``: files that this program wrote, for which WRITER rules bind. Never raises for a bad file; a file of
    another kind raises StudioError ``verify.kind``.
    """
    kind = path.suffix.lower()
    if kind == ".tflite":
        return _verify_model(path, None, ours=ours)
    if kind != ".json":
        raise StudioError(
            "verify.kind",
            f"{path.name} is neither a model nor a manifest.",
            do="Give a file that ends in .tflite or .json.",
        )
    verdicts = check_manifest(path)
    if failed(verdicts):
        return verdicts
    manifest = read_manifest(path)
    return verdicts + _verify_model(manifest.model_path(path.parent), manifest.tensor_arena_size, ours=ours)


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


def _verify_model(model: Path, arena_bytes: int | None, *, ours: bool) -> list[Verdict]:
    """The verdicts on a model and, when it is sound, on loading it. ``arena_bytes``: what the manifest asks for."""
    verdicts = check_model(model, ours=ours)
    if failed(verdicts):
        return verdicts
    judge = Judge(ours=ours)
    try:
        total = measure_arena_bytes(model)
    except StudioError as error:
        judge.rule("arena.loads", False, error.why or error.what, "tflite-micro loads it")
        return verdicts + judge.verdicts
    if total is None:
        judge.rule("arena.measured", False, "tflite-micro is not installed here", "tflite-micro's total")
        return verdicts + judge.verdicts
    judge.rule("arena.loads", True, "loaded", "tflite-micro loads it")
    judge.rule("arena.measured", True, f"{total:,} bytes", "tflite-micro's total")
    if arena_bytes is not None:
        wanted = recommended_arena_bytes(total)
        judge.rule("arena.enough", arena_bytes >= total, f"{arena_bytes:,} bytes", f"at least {total:,} bytes")
        judge.rule("arena.reserve", arena_bytes >= wanted, f"{arena_bytes:,} bytes", f"at least {wanted:,} bytes")
    return verdicts + judge.verdicts
