"""A folder of one's own recordings made into a set: hours of talk, television or kitchen, read and computed once.

Whole files stand on one side: most are for training, and of four or more some choose the cut-off and some count
mistakes, so that the model is never examined with a recording that it learned from.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

import numpy as np

from mww_studio.audio.files import duration_s, find_audio, read_blocks
from mww_studio.corpus.download import cannot_keep, check_space
from mww_studio.corpus.feature_store import write_features
from mww_studio.corpus.features import Features, device_features
from mww_studio.corpus.negatives import (
    UNKNOWN_LICENCE,
    FeatureSet,
    InstalledSet,
    catalogue,
    installed_sets,
    sets_folder,
    write_note,
)
from mww_studio.corpus.published_features import check_features, find_feature_folders
from mww_studio.durable import PART_SUFFIX, sync_folder
from mww_studio.errors import StudioError
from mww_studio.evaluation.clips import dithered
from mww_studio.jobs.negatives import make_in_worker
from mww_studio.jobs.spec import JobSpec, read_spec_as
from mww_studio.progress import Progress
from mww_studio.project.records import Split

KIND = "negatives_folder"
_PIECE_S = 300.0
_BYTES_A_SECOND = 8_000  # of features
_SPARE_BYTES = 200_000_000
_SHARE = 0.15  # of the files, for each of the two examining sides
_SIDES = {Split.TRAIN: "training", Split.VALIDATION: "validation_ambient", Split.TEST: "testing_ambient"}


class FolderSpec(JobSpec):
    """Make a set of a folder of recordings."""

    kind: Literal["negatives_folder"] = "negatives_folder"
    folder: Path
    name: str
    licence: str
    non_commercial: bool


@dataclass(frozen=True)
class Added:
    """A new set: what it is, and which files could not be read and why."""

    note: InstalledSet
    failed: tuple[tuple[Path, StudioError], ...]


def set_name(folder: Path) -> str:
    """The name that a set of ``folder`` gets where the person gives none."""
    return re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")[:64] or "recordings"


def add_folder(
    folder: Path, progress: Progress, *, name: str = "", licence: str = "", non_commercial: bool = False
) -> Path:
    """Make a set of the recordings in ``folder`` in a worker process; returns the set's folder.

    Raises Cancelled, StudioError ``negatives.name``, ``negatives.nothing``, ``audio.*``, ``download.no_space``.
    """
    taken = {each.described.name for each in installed_sets()} | {known.name for known in catalogue()}
    if str(folder.resolve()) in {each.described.source for each in installed_sets() if each.described.is_own}:
        raise StudioError(
            "negatives.name",
            f"A set was made of {folder} already.",
            do="Remove that set first, to have it made anew.",
        )
    chosen = name or _free_name(set_name(folder), taken)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", chosen):
        raise StudioError(
            "negatives.name",
            f"“{chosen}” cannot be the name of a set.",
            do="Use small letters, digits, - and _, at most 64.",
        )
    if chosen in taken:
        raise StudioError(
            "negatives.name",
            f"There is a set “{chosen}” already.",
            do="Give another name with --name, or remove that set first.",
        )
    spec = FolderSpec(
        folder=folder.resolve(), name=chosen, licence=licence or UNKNOWN_LICENCE, non_commercial=non_commercial
    )
    make_in_worker(spec, chosen, progress)
    return sets_folder() / chosen


def _free_name(name: str, taken: set[str]) -> str:
    return next(other for number in count(1) if (other := name if number == 1 else f"{name}-{number}") not in taken)


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Do the job in ``folder``, in the worker."""
    spec = read_spec_as(folder, FolderSpec)
    added = make_set(spec, progress)
    for _, error in added.failed:
        progress.log(f"Left out: {error}")
    return {"folder": str(sets_folder() / spec.name)}


def make_set(spec: FolderSpec, progress: Progress) -> Added:
    """Read the recordings and compute their features; nothing of it shows before all is there.

    A file that cannot be read is left out and named. Raises as :func:`add_folder`.
    """
    files = find_audio([spec.folder])
    failed: list[tuple[Path, StudioError]] = []
    seconds = {}
    for path in files:
        progress.check_cancelled()
        try:
            seconds[path] = duration_s(path)
        except StudioError as error:
            failed.append((path, error))
    if not seconds:
        raise _nothing(spec, failed)
    goal = sets_folder() / spec.name
    draft = goal.with_name(goal.name + PART_SUFFIX)
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(goal, ignore_errors=True)  # without its note it is what a crash left
    try:
        check_space(goal.parent, round(sum(seconds.values()) * _BYTES_A_SECOND) + _SPARE_BYTES, f"“{spec.name}”")
        try:
            note = _fill(draft, spec, seconds, failed, progress)
            write_note(draft, note)
            draft.rename(goal)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        sync_folder(goal.parent)
    except OSError as error:
        raise cannot_keep(goal, error) from None
    return Added(note, tuple(failed))


def _fill(
    draft: Path,
    spec: FolderSpec,
    seconds: dict[Path, float],
    failed: list[tuple[Path, StudioError]],
    progress: Progress,
) -> InstalledSet:
    progress.phase(f"Listening to {spec.folder.name}", round(sum(seconds.values())))
    done_s = 0.0

    def items(paths: list[Path]) -> Iterator[Features]:
        nonlocal done_s
        for path in paths:
            try:
                for number, piece in enumerate(read_blocks(path, _PIECE_S)):
                    progress.check_cancelled()
                    features = device_features(dithered(piece, _generator(path, number)))
                    if len(features):
                        yield features
                    progress.step(round(done_s + min((number + 1) * _PIECE_S, seconds[path])))
            except StudioError as error:
                failed.append((path, error))
            done_s += seconds[path]

    for side, paths in _sides(list(seconds), progress).items():
        place = draft / _SIDES[side] / f"{spec.name}_mmap"
        place.parent.mkdir(parents=True, exist_ok=True)
        write_features(place, items(paths))
    frames: dict[Split, int] = {}
    for each in find_feature_folders(draft):
        frames[each.side] = check_features(each.path)
    if not frames:
        raise _nothing(spec, failed)
    note = InstalledSet(frames=frames, files=len(seconds), described=_description(spec, 0.0))
    return note.model_copy(update={"described": _description(spec, note.hours)})


def _nothing(spec: FolderSpec, failed: list[tuple[Path, StudioError]]) -> StudioError:
    return StudioError(
        "negatives.nothing",
        f"There is no sound to learn from in {spec.folder}.",
        why=str(failed[0][1]) if failed else "It holds no sound files.",
        do="Name a folder with WAV, FLAC, OGG or MP3 files.",
    )


def _description(spec: FolderSpec, hours: float) -> FeatureSet:
    return FeatureSet(
        name=spec.name,
        title=spec.folder.name,
        hours=round(hours, 2),
        licence=spec.licence,
        non_commercial=spec.non_commercial,
        source=str(spec.folder),
    )


def _sides(paths: list[Path], progress: Progress) -> dict[Split, list[Path]]:
    """Which files stand where; the same content always stands together, wherever it lies."""
    contents: dict[str, list[Path]] = {}
    for path in paths:
        progress.check_cancelled()
        with path.open("rb") as file:
            contents.setdefault(hashlib.file_digest(file, "sha256").hexdigest(), []).append(path)
    once = [contents[digest][0] for digest in sorted(contents)]
    held = max(1, round(_SHARE * len(once))) if len(once) > 3 else 0
    found = {Split.VALIDATION: once[:held], Split.TEST: once[held : 2 * held], Split.TRAIN: once[2 * held :]}
    return {side: sorted(chosen) for side, chosen in found.items() if chosen}


def _generator(path: Path, number: int) -> np.random.Generator:
    """Noise for one piece of one file; the same each time."""
    return np.random.default_rng([int(hashlib.sha256(path.name.encode()).hexdigest()[:15], 16), number])
