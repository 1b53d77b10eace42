"""Sound that others have published: what there is, what is on this computer, and what a training uses of it.

Each set lies in a folder of its own below the program's data folder, with a note of what it is. Nothing is ever
fetched unasked; without any set everything works as if there were none.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from mww_studio.constitution.articles import law
from mww_studio.corpus.download import Remote
from mww_studio.corpus.feature_store import Features, open_feature_set
from mww_studio.corpus.published_features import Joined, find_feature_folders, whole_recording
from mww_studio.durable import PART_SUFFIX, write_durably
from mww_studio.errors import StudioError
from mww_studio.presets import Preset
from mww_studio.project.records import Split
from mww_studio.resources import data_folder, resource

UNKNOWN_LICENCE = "not stated"
"""The licence of own recordings whose owner names none."""
_CATALOGUE = "negatives.yaml"
_NOTE = "set.json"
_NAME = r"^[a-z0-9][a-z0-9_-]{0,63}$"
_FRAMES_AN_HOUR = 360_000


class Purpose(StrEnum):
    """What a set is for: to learn from, to be examined with, or to put takes into other rooms and other noise."""

    TRAIN = "train"
    EXAMINE = "examine"
    SURROUND = "surround"


class FeatureSet(BaseModel):
    """A published set, or a folder of one's own that was made into one.

    ``bytes`` are those of the archive, ``weight`` says how often it is drawn from beside other sets. ``noises`` and
    ``rooms`` are patterns of sound files to use; a set without them holds features.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=_NAME)
    title: str = Field(min_length=1)
    what: str = ""
    purpose: Purpose = Purpose.TRAIN
    url: str = ""
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    md5: str | None = Field(None, pattern="^[0-9a-f]{32}$")
    bytes: int = Field(0, ge=0)
    unpacked_bytes: int = Field(0, ge=0)
    hours: float = Field(0.0, ge=0)
    licence: str
    licence_url: str = ""
    non_commercial: bool = False
    source: str = ""
    weight: float = Field(1.0, gt=0)
    noises: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()

    @property
    def remote(self) -> Remote:
        """Where its archive is."""
        return Remote(self.url, self.sha256, self.md5, self.bytes or None)

    @property
    def is_own(self) -> bool:
        """Whether it was made of a folder on this computer."""
        return not self.url

    @property
    def holds_features(self) -> bool:
        """Whether it holds features, not sound files."""
        return not self.noises and not self.rooms


class InstalledSet(BaseModel):
    """The note that lies in a set's folder. ``frames``: of features, by side."""

    model_config = ConfigDict(frozen=True)

    described: FeatureSet
    frames: dict[Split, int] = {}
    files: int = 0

    @property
    def hours(self) -> float:
        """How long its features are, all sides together."""
        return sum(self.frames.values()) / _FRAMES_AN_HOUR


@dataclass(frozen=True)
class Used:
    """One side of one set, as a training uses it.

    ``items``: its recordings, ``whole``: the same end to end in a few pieces; both [frames, channels], left on disk.
    """

    name: str
    items: Sequence[Features]
    whole: tuple[Features, ...]
    weight: float
    licence: str
    non_commercial: bool
    side: Split

    @property
    def hours(self) -> float:
        """How long it is."""
        return sum(len(piece) for piece in self.whole) * law().frontend.step_ms / 3_600_000


@dataclass(frozen=True)
class SurroundingSounds:
    """Sound files to put takes into: noises to mix them with, and impulse responses of rooms."""

    noises: tuple[Path, ...]
    rooms: tuple[Path, ...]


def sets_folder() -> Path:
    """Where the sets lie, whether there are any or not."""
    return data_folder() / "negatives"


def catalogue() -> list[FeatureSet]:
    """The published sets: those that the program knows, and those of a file negatives.yaml beside the installed ones.

    Raises StudioError ``negatives.catalogue``.
    """
    own = sets_folder() / _CATALOGUE
    sets = {known.name: known for known in _read_catalogue(resource(_CATALOGUE))}
    if own.is_file():
        sets.update({known.name: known for known in _read_catalogue(own)})
    return list(sets.values())


def published(name: str) -> FeatureSet:
    """A published set. Raises StudioError ``negatives.unknown``."""
    sets = catalogue()
    for known in sets:
        if known.name == name:
            return known
    raise StudioError(
        "negatives.unknown",
        f"There is no set “{name}” to download.",
        do=f"Choose one of: {', '.join(known.name for known in sets)}.",
    )


def installed_sets() -> list[InstalledSet]:
    """What is on this computer, by name. A folder without a note that can be read is no set."""
    notes = [_read_note(path) for path in sorted(sets_folder().glob(f"*/{_NOTE}"))]
    return [note for note in notes if note is not None]


def installed(name: str) -> Path | None:
    """The folder of an installed set."""
    folder = sets_folder() / name
    return folder if name and (folder / _NOTE).is_file() else None


def archive_of(known: FeatureSet) -> Path:
    """Where the archive of a set is downloaded to."""
    return sets_folder() / f"{known.name}.zip"


def downloaded_bytes(known: FeatureSet) -> int:
    """How much of its archive has come already."""
    archive = archive_of(known)
    drafts = (archive, archive.with_name(archive.name + PART_SUFFIX))
    return max((path.stat().st_size for path in drafts if path.is_file()), default=0)


def write_note(folder: Path, note: InstalledSet) -> None:
    """Say in a set's folder what it is. Raises OSError."""
    write_durably(folder / _NOTE, note.model_dump_json(indent=1).encode())


def remove(name: str) -> None:
    """Delete an installed set, and what is left of a download that broke off.

    Raises StudioError ``negatives.unknown`` and ``negatives.folder``.
    """
    archive = sets_folder() / f"{name}.zip"
    left = [path for path in sets_folder().glob(f"{archive.name}*") if path.is_file()] if name else []
    folder = installed(name)
    if folder is None and not left:
        there = ", ".join(each.described.name for each in installed_sets())
        raise StudioError(
            "negatives.unknown",
            f"The set “{name}” is not on this computer.",
            do=f"Choose one of: {there}." if there else "",
        )
    try:
        if folder is not None:
            (folder / _NOTE).unlink()
            shutil.rmtree(folder)
        for path in left:
            path.unlink()
    except OSError as error:
        raise StudioError(
            "negatives.folder",
            f"The set “{name}” cannot be deleted.",
            why=f"The system says: {error.strerror or error}.",
            do="Close what uses it, a training for instance, and try again.",
        ) from None


def used_sets(preset: Preset) -> list[InstalledSet]:
    """Which installed sets a training with ``preset`` uses."""
    chosen = preset.negatives
    return [
        each
        for each in installed_sets()
        if each.described.name not in chosen.leave_out and (chosen.non_commercial or not each.described.non_commercial)
    ]


def training_sets(preset: Preset) -> list[Used]:
    """What is learned from, by set. Raises StudioError ``features.*`` where a set was damaged since."""
    return _used(preset, {Split.TRAIN})


def examining_sets(preset: Preset) -> list[Used]:
    """What the cut-off is chosen with (``side`` VALIDATION) and mistakes are counted on (TEST), by set and side.

    Raises StudioError ``features.*`` where a set was damaged since.
    """
    return _used(preset, {Split.VALIDATION, Split.TEST})


def surrounding_sounds(preset: Preset) -> SurroundingSounds:
    """The noises and impulse responses of the sets of sound files."""
    noises: list[Path] = []
    rooms: list[Path] = []
    for each in used_sets(preset):
        known, folder = each.described, sets_folder() / each.described.name
        noises += sound_files(folder, known.noises)
        rooms += sound_files(folder, known.rooms)
    return SurroundingSounds(tuple(noises), tuple(rooms))


def sound_files(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """The files below ``folder`` whose names from there match one of ``patterns``, sorted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if patterns else []
    return [
        path for path in files if any(fnmatchcase(path.relative_to(folder).as_posix(), pattern) for pattern in patterns)
    ]


def _used(preset: Preset, sides: set[Split]) -> list[Used]:
    found = []
    for each in used_sets(preset):
        known = each.described
        if not known.holds_features:
            continue
        folders = find_feature_folders(sets_folder() / known.name)
        for side in Split:
            paths = [folder.path for folder in folders if folder.side is side and side in sides]
            if paths:
                found.append(
                    Used(
                        known.name,
                        Joined([open_feature_set(path) for path in paths]),
                        tuple(whole_recording(path) for path in paths),
                        preset.negatives.weights.get(known.name, known.weight),
                        known.licence,
                        known.non_commercial,
                        side,
                    )
                )
    return found


def _read_catalogue(path: Path) -> list[FeatureSet]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        return TypeAdapter(list[FeatureSet]).validate_python(values)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
        raise StudioError(
            "negatives.catalogue", f"{path} is not a list of sets.", why=f"{error}.", do="Correct it, or remove it."
        ) from None


def _read_note(path: Path) -> InstalledSet | None:
    try:
        note = InstalledSet.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
    return note if note.described.name == path.parent.name else None
