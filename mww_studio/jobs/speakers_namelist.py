"""The list of names that a person corrects: which clips are one voice, and whose. Read with distrust, it is edited."""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.jobs.speakers import SpeakerAnalysis
from mww_studio.jobs.speakers_report import describe_analysis
from mww_studio.project.records import ClipKind, checked_name
from mww_studio.project.storage import storage_errors

_MOST_BYTES = 200_000_000
# Names that Windows keeps for itself, and signs that some system does not allow in the name of a folder.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_NOT_IN_FOLDERS = set('<>:"/\\|?*')

Sha256 = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]


class NamedClip(BaseModel):
    """A clip in the list: the id of a project's clip, or the path of a file inside the folder, with forward slashes.

    ``sha256``: what it was when the list was made, and ``speaker`` who was said to speak in it; it is left alone if it
    is another by now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    clip: int | str
    sha256: Sha256 = ""
    speaker: str | None = None
    sure: float | None = None

    @field_validator("clip")
    @classmethod
    def _inside(cls, clip: int | str) -> int | str:
        if isinstance(clip, str):
            path = PurePosixPath(clip)
            if not clip or path.is_absolute() or ".." in path.parts or "\\" in clip or ":" in path.parts[0]:
                raise ValueError("a clip of a folder is named by its path inside that folder")
            if any(ord(sign) < 32 for sign in clip):
                raise ValueError("a path has no control characters")
        return clip


class NamedGroup(BaseModel):
    """The clips of one voice. Without a name they stay as they are; two groups with one name are one person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None
    sure: float | None = None
    sounds_like: str | None = None
    clips: tuple[NamedClip, ...]

    @field_validator("name")
    @classmethod
    def _usable(cls, name: str | None) -> str | None:
        try:
            return checked_name(name, "person's name") or None if name else None
        except StudioError as error:
            raise ValueError(str(error)) from None


class Namelist(BaseModel):
    """Who speaks where. ``place``: the folder of the project, or of the sound files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["mww-studio namelist 1"] = "mww-studio namelist 1"
    place: Path
    in_project: bool
    kind: ClipKind
    groups: tuple[NamedGroup, ...]
    not_sure: tuple[NamedClip, ...] = Field(default=())

    @model_validator(mode="after")
    def _consistent(self) -> "Namelist":
        if not self.place.is_absolute():
            raise ValueError("place is the whole path of the folder")
        wanted = int if self.in_project else str
        seen: set[int | str] = set()
        for clip in (clip for group in self.groups for clip in group.clips):
            fits = isinstance(clip.clip, wanted)
            if not fits:
                raise ValueError(f"{clip.clip!r} is no clip of a {'project' if self.in_project else 'folder'}")
            if clip.clip in seen:
                raise ValueError(f"the clip {clip.clip} stands in two places")
            seen.add(clip.clip)
        if not self.in_project:
            for group in self.groups:
                if group.name is not None:
                    _check_folder_name(group.name)
        return self


def namelist_of(analysis: SpeakerAnalysis) -> Namelist:
    """The list of an analysis, its groups named “person 1” and so on, or after the known person whom they resemble."""
    names = _names(analysis)
    whole = analysis.in_project
    return Namelist(
        place=analysis.place,
        in_project=whole,
        kind=analysis.clip_kind,
        groups=tuple(
            NamedGroup(
                name=name,
                sure=group.sure,
                sounds_like=group.likely,
                clips=tuple(
                    NamedClip(clip=int(one.key) if whole else one.key, sha256=one.sha256, sure=one.sure)
                    for one in group.members
                ),
            )
            for name, group in zip(names, analysis.groups, strict=True)
        ),
        not_sure=tuple(
            NamedClip(clip=int(doubt.key) if whole else doubt.key, sha256=doubt.sha256) for doubt in analysis.doubts
        ),
    )


def write_results(analysis: SpeakerAnalysis, out: Path) -> tuple[Path, Path]:
    """Write ``{kind}_namelist.json`` and ``{kind}_cluster_report.txt`` into a folder; returns where they are."""
    names, report = out / f"{analysis.clip_kind}_namelist.json", out / f"{analysis.clip_kind}_cluster_report.txt"
    with storage_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        write_durably(names, (namelist_of(analysis).model_dump_json(indent=1) + "\n").encode())
        write_durably(report, describe_analysis(analysis).encode())
    return names, report


def read_namelist(path: Path) -> Namelist:
    """A list that somebody may have edited. Raises StudioError ``speakers.namelist``."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _not_usable(path, "It is far too large.")
        return Namelist.model_validate(json.loads(path.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        raise _not_usable(path, explain(error)) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _not_usable(path, f"{error}.") from None


def explain(error: ValidationError) -> str:
    """The first few problems, each with the place where it is."""
    places = (".".join(str(part) for part in problem["loc"]) for problem in error.errors())
    said = [
        f"{place}: {problem['msg']}.".removeprefix(": ") for place, problem in zip(places, error.errors(), strict=True)
    ]
    return " ".join(said[:3]) + (f" And {len(said) - 3} more." if len(said) > 3 else "")


def _names(analysis: SpeakerAnalysis) -> list[str]:
    taken: set[str] = set()
    names = []
    for number, group in enumerate(analysis.groups, 1):
        name = group.likely if group.likely and group.likely not in taken else f"person {number}"
        taken.add(name)
        names.append(name)
    return names


def _check_folder_name(name: str) -> None:
    if name.startswith(".") or name.endswith((".", " ")) or _NOT_IN_FOLDERS & set(name) or _RESERVED.fullmatch(name):
        raise ValueError(f"“{name}” cannot be the name of a folder")


def _not_usable(path: Path, why: str) -> StudioError:
    return StudioError(
        "speakers.namelist",
        f"The list of names {path} cannot be used. Nothing was changed.",
        why=why,
        do="Correct it, or make it anew with mww-cluster-analyze.",
    )
