"""The sound files of a project: written so that each is whole, moved, and put in order after a crash."""

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.durable import PART_SUFFIX, sync_folder, wav_bytes, write_durably

FOUND = "trash/found"
_FOLDERS = ("audio", "runs", "exports", "trash", "cache")
_WRITERS = 8


def write_audio(folder: Path, clips: Mapping[str, npt.NDArray[np.int16]]) -> None:
    """Write samples by their paths in ``folder``, in threads since the time goes into waiting for the disk.

    All of them or, with an OSError, none.
    """
    rate = law().frontend.sample_rate_hz
    folders = {(folder / path).parent for path in clips}
    for one in folders:
        one.mkdir(parents=True, exist_ok=True)
    try:
        with ThreadPoolExecutor(_WRITERS) as pool:
            jobs = [pool.submit(write_durably, folder / path, wav_bytes(pcm, rate)) for path, pcm in clips.items()]
        for job in jobs:
            job.result()
        for one in folders:
            sync_folder(one)
    except OSError:
        for path in clips:
            (folder / path).unlink(missing_ok=True)
        raise


def copy_files(folder: Path, copies: Collection[tuple[str, str]]) -> None:
    """Durable copies, each (old path, new path) in ``folder``, in threads as above. Raises OSError."""

    def copy(old: str, new: str) -> None:
        write_durably(folder / new, (folder / old).read_bytes())

    folders = _make_folders(folder, copies)
    with ThreadPoolExecutor(_WRITERS) as pool:
        jobs = [pool.submit(copy, old, new) for old, new in copies]
    for job in jobs:
        job.result()
    for one in folders:
        sync_folder(one)


def move_files(folder: Path, moves: Collection[tuple[str, str]]) -> None:
    """Move files, each (old path, new path) in ``folder``; every folder is forced to the disk once. Raises OSError."""
    folders = _make_folders(folder, moves)
    for old, new in moves:
        (folder / old).replace(folder / new)
    for one in folders:
        sync_folder(one)


def settle_files(folder: Path, rows: Collection[str]) -> None:
    """Put the files in the order that the library's paths (``rows``) say, after a crash.

    Unfinished files go; a file that was moved without its row following moves back; an audio file without a row
    (its row never came) waits in ``trash/found``, from where it can be imported.
    """
    for name in _FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    for path in rows:
        here, _, rest = path.partition("/")
        other = folder / ("trash" if here == "audio" else "audio") / rest
        if not (folder / path).exists() and other.exists():
            move_files(folder, [(other.relative_to(folder).as_posix(), path)])
    for file in [file for file in (folder / "audio").rglob("*") if file.is_file()]:
        if file.relative_to(folder).as_posix() in rows:
            continue
        if file.suffix == PART_SUFFIX:
            file.unlink()
        else:
            move_files(folder, [(file.relative_to(folder).as_posix(), f"{FOUND}/{file.name}")])


def _make_folders(folder: Path, changes: Collection[tuple[str, str]]) -> set[Path]:
    """The folders of the new paths, which are there afterwards."""
    folders = {(folder / new).parent for _, new in changes}
    for one in folders:
        one.mkdir(parents=True, exist_ok=True)
    return folders
