"""A person's own YAML: looked through, mended with a backup when they ask for it, and put back when they regret it."""

import os
import stat
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mww_studio.durable import sync_folder, write_durably
from mww_studio.errors import Cancelled, StudioError
from mww_studio.esphome.doctor.chart import ArenaNeed
from mww_studio.esphome.doctor.diagnose import Diagnosis, diagnose
from mww_studio.esphome.doctor.differences import FileDiff, difference
from mww_studio.esphome.doctor.files import read_source
from mww_studio.esphome.doctor.findings import Finding, Severity
from mww_studio.esphome.doctor.mending import FileChange, Plan, plan_mending
from mww_studio.esphome.doctor.secret_values import Veil
from mww_studio.esphome.program import validate
from mww_studio.evaluation.arena import measure_arena_bytes, recommended_arena_bytes
from mww_studio.progress import Progress

SUFFIXES = (".yaml", ".yml")
_PRIVATE = 0o600
_MARKS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "hint"}


@dataclass(frozen=True)
class Checkup:
    """What was found in a file, and what would change if all that can be mended were. Nothing was written."""

    path: Path
    diagnosis: Diagnosis
    plan: Plan
    diffs: tuple[FileDiff, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found, the worst first."""
        return self.diagnosis.findings


@dataclass(frozen=True)
class Backup:
    """A file as it was: ``copy`` beside it, None where there was none; ``written``: what stands there now."""

    path: Path
    copy: Path | None
    written: bytes


@dataclass(frozen=True)
class Mended:
    """What was written: the backups, what was mended, and what ESPHome says to the file (empty: it accepts it).

    ``esphome``: None where it could not be asked; ``online``: it needs the internet to judge the file.
    """

    backups: tuple[Backup, ...]
    findings: tuple[Finding, ...]
    diffs: tuple[FileDiff, ...]
    esphome: str | None
    online: bool


def check_up(path: Path) -> Checkup:
    """Look a configuration through. Raises StudioError as :func:`diagnose` does, and ``doctor.kind``."""
    if path.suffix.lower() not in SUFFIXES:
        raise StudioError(
            "doctor.kind",
            f"{path.name} is no configuration of ESPHome.",
            why="Their names end in .yaml or .yml.",
            do="Choose the YAML file that you give to ESPHome.",
        )
    measure = cache(_measure)
    diagnosis = diagnose(path, measure)
    plan = plan_mending(path, diagnosis, None, measure)
    return Checkup(path, diagnosis, plan, _differences(plan))


def preview(checkup: Checkup, chosen: Sequence[Finding]) -> Plan:
    """What would change if only these were mended."""
    return plan_mending(checkup.path, checkup.diagnosis, chosen, cache(_measure))


def mend(checkup: Checkup, chosen: Sequence[Finding] | None = None, progress: Progress | None = None) -> Mended:
    """Mend all that can be, or only the ``chosen`` findings; then ask ESPHome what it says.

    Every file is kept under another name before it is changed, and is either wholly old or wholly new. Raises
    StudioError ``doctor.changed``, ``doctor.link``, ``doctor.nothing`` or ``doctor.not-written``: all is as it was.
    """
    plan = checkup.plan if chosen is None else preview(checkup, chosen)
    if not plan.changes:
        raise StudioError("doctor.nothing", "There is nothing that can be mended safely.", do="Mend it by hand.")
    if checkup.path.is_symlink():
        raise StudioError(
            "doctor.link",
            f"{checkup.path.name} is a link to another file.",
            why="Mending it would change that one.",
            do="Choose the file itself. Nothing was changed.",
        )
    for change in plan.changes:
        _check_unchanged(change.path, change.shown, change.before)
    backups = _write(plan.changes)
    return Mended(backups, plan.mended, _differences(plan), ask_esphome(checkup, progress), plan.after.online)


def put_back(backups: Sequence[Backup]) -> None:
    """Undo a mending: every file as it was; the backups stay. Raises StudioError as :func:`mend` does."""
    for backup in backups:
        _check_unchanged(backup.path, backup.path.name, backup.written)
    for backup in backups:
        try:
            if backup.copy is None:
                backup.path.unlink()
            else:
                _replace(backup.path, backup.copy.read_bytes())
        except OSError as error:
            raise _not_written(backup.path.name, error) from error


def ask_esphome(checkup: Checkup, progress: Progress | None = None) -> str | None:
    """What ESPHome says against the file, without the secrets in it; empty: nothing. None where it cannot be asked."""
    try:
        said = validate(checkup.path, progress)
    except (StudioError, Cancelled):  # the file is mended whatever became of the question
        return None
    config = checkup.diagnosis.config
    veil = Veil(*config.sources, *((config.secrets,) if config.secrets else ()))
    return "" if said.ok else veil.hide(said.message)


def describe(checkup: Checkup) -> str:
    """What was found, for a person at a terminal."""
    lines = [line for finding in checkup.findings for line in _lines(finding)]
    if not checkup.diagnosis.complete:
        lines.append("Parts of this configuration lie elsewhere and were not looked at.")
    if not checkup.findings:
        lines.append(f"{checkup.path.name}: nothing stands in the way of the wake word.")
    else:
        counts = [f"{checkup.diagnosis.count(level)} {_MARKS[level]}s" for level in Severity]
        lines.append(f"{', '.join(counts)}; {len(checkup.plan.mended)} can be mended.")
    return "\n".join(lines)


def describe_mended(mended: Mended) -> str:
    """What was done, for a person at a terminal."""
    lines = [f"Mended {len(mended.findings)}."]
    lines += [f"Before: {backup.copy}" for backup in mended.backups if backup.copy]
    if mended.esphome is None:
        lines.append("ESPHome could not be asked about it.")
    elif mended.esphome and mended.online:
        lines += ["ESPHome could not judge it without the internet, or refuses it:", mended.esphome]
    elif mended.esphome:
        lines += ["ESPHome still refuses it:", mended.esphome]
    else:
        lines.append("ESPHome accepts it.")
    return "\n".join(lines)


def summary(checkup: Checkup) -> dict[str, Any]:
    """The same as JSON: every finding with its place, and the lines that would change."""
    return {
        "file": str(checkup.path),
        "complete": checkup.diagnosis.complete,
        "findings": [
            {
                "code": one.code,
                "severity": one.severity,
                "what": one.what,
                "do": one.do,
                "file": one.place.shown,
                "line": one.place.line,
                "mendable": one.mendable,
            }
            for one in checkup.findings
        ],
        "diff": [asdict(diff) for diff in checkup.diffs],
    }


def _lines(finding: Finding) -> list[str]:
    head = f"{_MARKS[finding.severity]:8}{finding.place}: {finding.what}"
    return [head, f"        {finding.do} [{finding.code}{', can be mended' if finding.mendable else ''}]"]


def _differences(plan: Plan) -> tuple[FileDiff, ...]:
    return tuple(difference(change) for change in plan.changes)


def _measure(model: Path) -> ArenaNeed | None:
    try:
        total = measure_arena_bytes(model)
    except StudioError:
        return None
    return None if total is None else ArenaNeed(total, recommended_arena_bytes(total))


def _check_unchanged(path: Path, shown: str, known: bytes | None) -> None:
    now: bytes | None
    try:
        now = read_source(path, shown).data
    except StudioError as error:
        now = None if error.code == "doctor.missing" else b"\0"
    if now != known:
        raise StudioError(
            "doctor.changed",
            f"{shown} was changed meanwhile.",
            do="Check it again. Nothing was changed.",
        )


def _write(changes: Sequence[FileChange]) -> tuple[Backup, ...]:
    stamp = time.strftime("%Y%m%d-%H%M%S")
    backups: list[Backup] = []
    try:
        for change in changes:
            copy = None if change.before is None else _keep(change.path, change.before, stamp)
            backups.append(Backup(change.path, copy, change.after))
        for done, change in enumerate(changes):
            try:
                _replace(change.path, change.after)
            except OSError:
                for earlier in changes[:done]:
                    _restore(earlier)
                raise
    except OSError as error:
        raise _not_written(changes[len(backups) - 1].shown if backups else changes[0].shown, error) from error
    return tuple(backups)


def _keep(path: Path, data: bytes, stamp: str) -> Path:
    """A copy beside the file, for the same readers, under a name that nothing has yet."""
    mode = stat.S_IMODE(path.stat().st_mode)
    number = 1
    while True:
        copy = path.with_name(f"{path.name}.bak-{stamp}{f'-{number}' if number > 1 else ''}")
        try:
            descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        except FileExistsError:
            number += 1
            continue
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(copy.parent)
        return copy


def _replace(path: Path, data: bytes) -> None:
    """Write a file for the readers that it had; a new one, which holds secrets, for its owner alone."""
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else _PRIVATE
    write_durably(path, data, mode=mode)
    sync_folder(path.parent)


def _restore(change: FileChange) -> None:
    if change.before is None:
        change.path.unlink(missing_ok=True)
    else:
        _replace(change.path, change.before)


def _not_written(shown: str, error: OSError) -> StudioError:
    return StudioError(
        "doctor.not-written",
        f"{shown} could not be written.",
        why=f"{error.strerror}.",
        do="Look whether you may write in that folder and whether there is room. It is as it was.",
    )
