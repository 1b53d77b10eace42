"""A list of names made true, and taken back: labels in a project, folders for people in a folder of sound files.

What was done is written down before it is done, so that it can be taken back whenever it ends.
"""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.audio.files import read_blocks
from mww_studio.durable import sync_folder, write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.speakers import LISTENED_S
from mww_studio.jobs.speakers_namelist import NamedClip, Namelist, explain, read_namelist
from mww_studio.jobs.wording import counted
from mww_studio.project.records import Clip, pcm_sha256
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project


class Relabelled(BaseModel):
    """A clip of a project and who was said to speak in it before and after."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clip: int
    sha256: str
    before: str | None
    after: str | None


class Moved(BaseModel):
    """A file and its place before and after, inside the folder. ``sha256``: of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: str
    after: str
    sha256: str


class UndoRecord(BaseModel):
    """What was changed by a list, for the way back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["mww-studio undo 1"] = "mww-studio undo 1"
    place: Path
    in_project: bool
    labels: tuple[Relabelled, ...] = ()
    moves: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class Applied:
    """What became of a list or of an undo: how many clips were changed for each person, what was left alone and why.

    ``undo``: the file by which it can be taken back; None where nothing was written.
    """

    place: Path
    changed: Counter[str]
    skipped: tuple[str, ...]
    dry_run: bool
    undo: Path | None = None

    def summary(self) -> dict[str, object]:
        """For machines."""
        return {
            "changed": dict(self.changed),
            "skipped": list(self.skipped),
            "dry_run": self.dry_run,
            "undo": str(self.undo) if self.undo else None,
        }

    def describe(self) -> str:
        """For people."""
        would = "would be changed (dry run, nothing was done)" if self.dry_run else "changed"
        lines = [f"{counted(self.changed.total(), 'clip')} {would} in {self.place}."]
        lines += [f"  {name}: {counted(count, 'clip')}" for name, count in sorted(self.changed.items())]
        lines += [f"Left alone: {reason}" for reason in self.skipped]
        if self.undo:
            lines.append(f"To take it back: mww-cluster-apply --undo {self.undo}")
        return "\n".join(lines)


def apply_namelist(path: Path, *, dry_run: bool = False) -> Applied:
    """Make a list of names true; clips that are not as they were when it was made are left alone.

    Raises StudioError ``speakers.namelist``, ``speakers.place`` and those of :class:`Project`.
    """
    names = read_namelist(path)
    if names.in_project:
        return _label(names, path, dry_run)
    return _move_into_folders(names, path, dry_run)


def undo_namelist(path: Path, *, dry_run: bool = False) -> Applied:
    """Take back what a list changed, by the undo file; clips that were changed again since are left alone.

    Raises StudioError ``speakers.undo``, ``speakers.place`` and those of :class:`Project`.
    """
    record = _read_undo(path)
    applied = _label_back(record, dry_run) if record.in_project else _move_back(record, path, dry_run)
    if not dry_run and not applied.skipped:
        with storage_errors(path.parent):
            path.unlink()
    return applied


def _label(names: Namelist, path: Path, dry_run: bool) -> Applied:
    with Project.open(names.place, read_only=dry_run) as project:
        wanted = [(clip, group.name) for group in names.groups if group.name for clip in group.clips]
        clips = {clip.id: clip for clip in project.clips_by_id([int(clip.clip) for clip, _ in wanted])}
        labels, skipped = [], []
        for named, name in wanted:
            clip = clips.get(int(named.clip))
            reason = _not_as_it_was(clip, named, names)
            if reason or clip is None:
                skipped.append(f"clip {named.clip}: {reason}")
            elif clip.speaker != name:
                labels.append(Relabelled(clip=clip.id, sha256=clip.sha256, before=clip.speaker, after=name))
        changed = Counter(str(label.after) for label in labels)
        if dry_run or not labels:
            return Applied(names.place, changed, tuple(skipped), dry_run)
        undo = _write_undo(UndoRecord(place=names.place, in_project=True, labels=tuple(labels)), path)
        _assign(project, [(label.clip, label.after) for label in labels])
        return Applied(names.place, changed, tuple(skipped), dry_run, undo)


def _not_as_it_was(clip: Clip | None, named: NamedClip, names: Namelist) -> str:
    """Why a clip is left alone; empty where it is as it was."""
    if clip is None:
        return "it is not in the project any more"
    if clip.path.startswith("trash/"):
        return "it lies in the trash"
    if named.sha256 != clip.sha256:
        return "it is another clip than in the list"
    if clip.kind is not names.kind:
        return f"it is of the kind {clip.kind} by now"
    if clip.speaker != named.speaker:
        return f"somebody said meanwhile that {clip.speaker or 'nobody known'} speaks in it"
    return ""


def _label_back(record: UndoRecord, dry_run: bool) -> Applied:
    with Project.open(record.place, read_only=dry_run) as project:
        clips = {clip.id: clip for clip in project.clips_by_id([label.clip for label in record.labels])}
        back, skipped = [], []
        for label in record.labels:
            clip = clips.get(label.clip)
            if clip is None or clip.sha256 != label.sha256:
                skipped.append(f"clip {label.clip}: it is not in the project any more")
            elif clip.speaker == label.after:
                back.append((label.clip, label.before))
            elif clip.speaker != label.before:
                skipped.append(
                    f"clip {label.clip}: somebody said meanwhile that {clip.speaker or 'nobody'} speaks in it"
                )
        if not dry_run:
            _assign(project, back)
        return Applied(record.place, Counter(name or "nobody known" for _, name in back), tuple(skipped), dry_run)


def _assign(project: Project, labels: Sequence[tuple[int, str | None]]) -> None:
    by_name: dict[str | None, list[int]] = defaultdict(list)
    for id_, name in labels:
        by_name[name].append(id_)
    for name, ids in by_name.items():
        project.assign_speaker(ids, name)


def _move_into_folders(names: Namelist, path: Path, dry_run: bool) -> Applied:
    root = _root(names.place)
    moves: list[Moved] = []
    skipped: list[str] = []
    taken: set[str] = set()
    spelling: dict[str, str] = {}
    for group in names.groups:
        if not group.name:
            continue
        folder = spelling.setdefault(group.name.casefold(), group.name)
        for named in group.clips:
            source = str(named.clip)
            reason = _not_the_file(root, source, named.sha256)
            if reason:
                skipped.append(f"{source}: {reason}")
            elif Path(source).parent.as_posix() != folder:
                target = _free(root, folder, Path(source).name, taken)
                moves.append(Moved(before=source, after=target, sha256=_file_hash(root / source)))
    changed = Counter(move.after.split("/")[0] for move in moves)
    if dry_run or not moves:
        return Applied(names.place, changed, tuple(skipped), dry_run)
    undo = _write_undo(UndoRecord(place=names.place, in_project=False, moves=tuple(moves)), path)
    with storage_errors(root):
        for move in moves:
            _move(root, move.before, move.after)
    return Applied(names.place, changed, tuple(skipped), dry_run, undo)


def _move_back(record: UndoRecord, path: Path, dry_run: bool) -> Applied:
    root = _root(record.place)
    for place in (place for move in record.moves for place in (move.before, move.after)):
        if not _is_inside(root, place):
            raise _bad_undo(path, f"{place} lies outside {root}.")
    reasons = {move: _not_movable_back(root, move) for move in record.moves}
    # What never left its place needs no way back: the work was cut off before it.
    back = [move for move, reason in reasons.items() if not reason and (root / move.after).is_file()]
    skipped = [reason for reason in reasons.values() if reason]
    changed = Counter(move.after.split("/")[0] for move in back)
    if not dry_run:
        with storage_errors(root):
            for move in reversed(back):
                _move(root, move.after, move.before)
            for folder in {(root / move.after).parent for move in back}:
                if folder != root and not any(folder.iterdir()):
                    folder.rmdir()
    return Applied(record.place, changed, tuple(skipped), dry_run)


def _not_movable_back(root: Path, move: Moved) -> str:
    """Why a file is left alone; empty where it can be moved back, or never was moved."""
    if not (root / move.after).is_file():
        return "" if (root / move.before).is_file() else f"{move.after}: it is not there any more"
    if (root / move.before).exists():
        return f"{move.before}: another file is in its place"
    return "" if _file_hash(root / move.after) == move.sha256 else f"{move.after}: it was changed since"


def _not_the_file(root: Path, source: str, sha256: str) -> str:
    """Why a file is left alone; empty where it is as it was."""
    if not _is_inside(root, source):
        return "its path leads out of the folder"
    path = root / source
    if not path.is_file():
        return "it is not there any more"
    try:
        samples = next(read_blocks(path, LISTENED_S))
    except StudioError:
        return "it cannot be read"
    return "" if pcm_sha256(samples) == sha256 else "it is another sound than in the list"


def _is_inside(root: Path, relative: str) -> bool:
    """Whether a path stays in the folder, links followed."""
    return (root / relative).resolve().is_relative_to(root) and ".." not in Path(relative).parts


def _free(root: Path, folder: str, name: str, taken: set[str]) -> str:
    """A name in the person's folder that nothing has."""
    stem, suffix = Path(name).stem, Path(name).suffix
    if not _is_inside(root, folder):
        raise StudioError(
            "speakers.place",
            f"The folder {folder} is a link that leads out of {root}. Nothing was changed.",
            do="Give the person another name, or take the link away.",
        )
    number = 1
    while True:
        target = f"{folder}/{name}" if number == 1 else f"{folder}/{stem}-{number}{suffix}"
        if target.casefold() not in taken and not (root / target).exists():
            taken.add(target.casefold())
            return target
        number += 1


def _move(root: Path, before: str, after: str) -> None:
    """Under both names for a moment, so that it is never gone, and never in the place of another file."""
    source, target = root / before, root / after
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if target.exists():
            raise FileExistsError(f"{target} is there already") from None
        source.rename(target)
    else:
        source.unlink()
    sync_folder(target.parent)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _root(place: Path) -> Path:
    if not place.is_dir():
        raise StudioError(
            "speakers.place", f"There is no folder {place}. Nothing was changed.", do="Was it moved? Analyse it anew."
        )
    return place.resolve()


def _write_undo(record: UndoRecord, namelist: Path) -> Path:
    """Beside the list, under a name that is free."""
    stem = namelist.stem.removesuffix("_namelist")
    numbers = ("", *(f"-{number}" for number in range(2, 10_000)))
    path = next(free for n in numbers if not (free := namelist.with_name(f"{stem}_undo{n}.json")).exists())
    with storage_errors(path.parent):
        write_durably(path, (record.model_dump_json(indent=1) + "\n").encode())
    return path


def _read_undo(path: Path) -> UndoRecord:
    try:
        return UndoRecord.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise _bad_undo(path, explain(error)) from None
    except OSError as error:
        raise _bad_undo(path, f"{error}.") from None


def _bad_undo(path: Path, why: str) -> StudioError:
    return StudioError(
        "speakers.undo",
        f"{path} is not the undo file of a list of names. Nothing was changed.",
        why=why,
        do="Give the file that mww-cluster-apply named when it applied the list; its name ends in _undo.json.",
    )
