"""What a file would look like when it is mended: worked out in memory, and kept only where it does no harm."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from pathlib import Path

from mww_studio.errors import StudioError
from mww_studio.esphome.doctor.chart import MeasureArena
from mww_studio.esphome.doctor.diagnose import Diagnosis, diagnose
from mww_studio.esphome.doctor.edits import Edit, apply_edits, overlap
from mww_studio.esphome.doctor.files import SourceText, read_source
from mww_studio.esphome.doctor.findings import Finding, Severity

_MOST_ROUNDS = 8


@dataclass(frozen=True)
class FileChange:
    """A file before and after. ``before``: None where there is none yet."""

    path: Path
    shown: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True)
class Plan:
    """What would be written. ``mended``: the findings that it takes care of; ``after``: what is found then."""

    changes: tuple[FileChange, ...]
    mended: tuple[Finding, ...]
    after: Diagnosis


def plan_mending(path: Path, found: Diagnosis, chosen: Sequence[Finding] | None, measure: MeasureArena) -> Plan:
    """Mend the ``chosen`` findings of ``found``, or, where that is None, all that can be, one after the other.

    Nothing is written. What would break something else is left as it is.
    """
    overlay: dict[Path, bytes] = {}
    mended: list[Finding] = []
    now = found
    for _ in range(_MOST_ROUNDS):
        wanted = [one for one in (now.findings if chosen is None else chosen) if one.mendable]
        done, overlay, after = _round(path, now, wanted, overlay, measure)
        mended += done
        now = after
        if not done or chosen is not None:
            break
    folder = found.config.folder
    changes = tuple(_change(target, data, folder) for target, data in overlay.items())
    return Plan(tuple(change for change in changes if change.before != change.after), tuple(mended), now)


def _round(
    path: Path, now: Diagnosis, wanted: Iterable[Finding], overlay: dict[Path, bytes], measure: MeasureArena
) -> tuple[list[Finding], dict[Path, bytes], Diagnosis]:
    """Apply what does not touch each other; what does harm together is tried one by one."""
    together: list[Finding] = []
    for one in wanted:
        if not any(overlap(one.edits, other.edits) for other in together):
            together.append(one)
    tried = _tried(path, now, together, overlay, measure)
    if tried is not None:
        return together, *tried
    for one in together:
        tried = _tried(path, now, [one], overlay, measure)
        if tried is not None:
            return [one], *tried
    return [], overlay, now


def _tried(
    path: Path, now: Diagnosis, chosen: Sequence[Finding], overlay: dict[Path, bytes], measure: MeasureArena
) -> tuple[dict[Path, bytes], Diagnosis] | None:
    """The files with these edits and what is found in them; None where that is worse than before."""
    if not chosen:
        return None
    edits: dict[Path, list[Edit]] = {}
    for edit in dict.fromkeys(edit for one in chosen for edit in one.edits):
        edits.setdefault(edit.path, []).append(edit)
    later = dict(overlay)
    for target, own in edits.items():
        source = _source(target, now, overlay)
        later[target] = source.encode(apply_edits(source.text, own))
    try:
        after = diagnose(path, measure, later)
    except StudioError:
        return None
    gone = {one.code for one in chosen}
    worse = {one.code for one in after.findings if one.severity is Severity.ERROR}
    worse -= {one.code for one in now.findings}
    fewer = all(_count(after, code) < _count(now, code) for code in gone)
    return (later, after) if fewer and not worse else None


def _count(diagnosis: Diagnosis, code: str) -> int:
    return sum(one.code == code for one in diagnosis.findings)


def _source(path: Path, now: Diagnosis, overlay: Map[Path, bytes]) -> SourceText:
    known: list[SourceText] = [*now.config.sources, *filter(None, [now.config.secrets])]
    for source in known:
        if source.path == path:
            return source
    try:
        return read_source(path, path.name, overlay)
    except StudioError as error:
        if error.code != "doctor.missing":
            raise
        return SourceText(path, path.name, b"", "")


def _change(path: Path, after: bytes, folder: Path) -> FileChange:
    shown = path.relative_to(folder).as_posix()
    try:
        before = read_source(path, shown).data
    except StudioError as error:
        if error.code != "doctor.missing":
            raise
        before = None
    return FileChange(path, shown, before, after)
