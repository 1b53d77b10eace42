"""Archives from the internet, unpacked without trusting them.

Nothing lands outside the goal, nothing but plain files and folders is made, and what unpacks to far more than it may
is given up before it fills the disk. The goal appears at once and whole, or not at all.
"""

import re
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from mww_studio.corpus.download import cannot_keep, check_space
from mww_studio.durable import PART_SUFFIX, sync_folder
from mww_studio.errors import StudioError
from mww_studio.progress import Progress

_CHUNK_BYTES = 1 << 20
_MAX_NAME = 1000
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# Windows takes these for drives, streams, patterns or devices.
_BAD_CHARACTERS = re.compile(r'[\x00-\x1f<>:"|?*\\]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)

Keep = Callable[[Path], None]
"""Looks at a folder before it appears; may add to it and take from it; raises what is wrong with it."""


@dataclass(frozen=True)
class Limits:
    """What an archive may at most hold. ``ratio``: of what comes out to the size of the archive."""

    files: int = 100_000
    bytes: int = 64_000_000_000
    ratio: float = 100.0


def unpack(
    archive: Path,
    folder: Path,
    progress: Progress,
    *,
    limits: Limits | None = None,
    wanted: Sequence[str] = (),
    keep: Keep | None = None,
) -> None:
    """Unpack the zip file ``archive`` to ``folder``, which must not exist.

    ``wanted``: patterns of the names that are taken; all without them. ``keep`` looks at the folder while it still
    has another name. After an error or a cancel nothing is left of it. Progress is in bytes. Raises Cancelled, what
    ``keep`` raises, and StudioError ``archive.damaged``, ``archive.unsafe``, ``archive.too_large``,
    ``download.no_space``, ``download.folder``.
    """
    draft = folder.with_name(folder.name + PART_SUFFIX)
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            _unpack(archive, draft, progress, limits or Limits(), wanted)
            if keep is not None:
                keep(draft)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise cannot_keep(folder, error) from None


def _unpack(archive: Path, draft: Path, progress: Progress, limits: Limits, wanted: Sequence[str]) -> None:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _checked(opened, archive, limits)
            chosen = [member for member in members if not wanted or _is_wanted(member.filename, wanted)]
            total = sum(member.file_size for member in chosen)
            check_space(draft, total, f"what is in {archive.name}")
            progress.phase(f"Unpacking {archive.name}", total)
            done = 0
            for member in chosen:
                done = _write(opened, member, draft, done, progress)
    except _FAULTS as error:
        raise StudioError(
            "archive.damaged",
            f"{archive.name} cannot be unpacked.",
            why=f"{error}.".replace("..", "."),
            do="Remove it, and download it again.",
        ) from None


def _checked(opened: zipfile.ZipFile, archive: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The files in an archive, each with a name that stays inside; raises for everything that is not just data."""
    members = opened.infolist()
    size = sum(member.file_size for member in members)
    if len(members) > limits.files:
        raise _too_large(archive, f"It holds {len(members):,} files; {limits.files:,} are allowed.")
    if size > limits.bytes:
        raise _too_large(archive, f"It unpacks to {size:,} bytes; {limits.bytes:,} are allowed.")
    if size > limits.ratio * archive.stat().st_size:
        raise _too_large(archive, f"It unpacks to {size:,} bytes, more than {limits.ratio:.0f} times its own size.")
    # Parts that lie on each other make a bomb out of an archive of any ratio.
    ends = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < ends:
            raise _unsafe(archive, member, "it lies on another one")
        ends = member.header_offset + member.compress_size
    names: set[str] = set()
    for member in members:
        if why := _objection(member):
            raise _unsafe(archive, member, why)
        name = str(PurePosixPath(member.filename)).casefold()
        if name in names and not member.is_dir():
            raise _unsafe(archive, member, "the name is there twice")
        names.add(name)
    return [member for member in members if not member.is_dir()]


def _objection(member: zipfile.ZipInfo) -> str:
    """Why a member is not taken; empty for a plain file or folder with a harmless name."""
    name, mode = member.orig_filename, member.external_attr >> 16
    path = PurePosixPath(member.filename)
    if not path.parts or path.is_absolute() or ".." in path.parts:
        return "its name leads out of the folder"
    if _BAD_CHARACTERS.search(name) or len(name) > _MAX_NAME or any(_is_odd(part) for part in path.parts):
        return "its name is not allowed on every computer"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "it is neither a file nor a folder"
    if member.flag_bits & _ENCRYPTED:
        return "it is locked by a password"
    if member.compress_type not in _PACKINGS:
        return "it is packed in an unusual way"
    return ""


def _is_odd(part: str) -> bool:
    return part.endswith((" ", ".")) or _DEVICES.fullmatch(part) is not None


def _is_wanted(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, draft: Path, done: int, progress: Progress) -> int:
    """Write one file; returns how many bytes are written of all."""
    path = draft.joinpath(*PurePosixPath(member.filename).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    end = done + member.file_size
    with opened.open(member) as source, path.open("xb") as file:
        while content := source.read(_CHUNK_BYTES):
            progress.check_cancelled()
            done += len(content)
            if done > end:
                raise zipfile.BadZipFile(f"{member.filename} is longer than it says")
            file.write(content)
            progress.step(done)
    if done < end:
        raise zipfile.BadZipFile(f"{member.filename} is shorter than it says")
    return done


def _unsafe(archive: Path, member: zipfile.ZipInfo, why: str) -> StudioError:
    return StudioError(
        "archive.unsafe",
        f"{archive.name} is not unpacked.",
        why=f"It holds {member.filename!r}, and {why}.",
        do="Nothing of it was kept. Take it from where it was published, or leave it.",
    )


def _too_large(archive: Path, why: str) -> StudioError:
    return StudioError(
        "archive.too_large",
        f"{archive.name} is not unpacked.",
        why=why,
        do="Nothing of it was kept. Take it from where it was published, or leave it.",
    )
