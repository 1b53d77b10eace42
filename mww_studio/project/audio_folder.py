"""The sound files of a project: written so that each is whole, moved, and put in order after a crash."""

import os
from collections.abc import Collection, Iterator, Mapping
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


def link_files(folder: Path, links: Collection[tuple[str, str]]) -> None:
    """Give files a second name, each (old path, new path) in ``folder``; durable copies where the file system cannot,
    in threads as above. Raises OSError."""
    folders = _make_folders(folder, links)
    copies = []
    for old, new in links:
        try:
            os.link(folder / old, folder / new)
        except OSError:
            copies.append((folder / old, folder / new))
    with ThreadPoolExecutor(_WRITERS) as pool:
        jobs = [pool.submit(_copy, old, new) for old, new in copies]
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
    # Looked up in two lists: to ask the disk for each of tens of thousands takes a second.
    there = {*_files(folder, "audio"), *_files(folder, "trash")}
    for path in set(rows) - there:
        here, _, rest = path.partition("/")
        other = f"{'trash' if here == 'audio' else 'audio'}/{rest}"
        if other in there:
            move_files(folder, [(other, path)])
            there -= {other}
    for path in there - set(rows):
        if path.startswith("audio/") and path.endswith(PART_SUFFIX):
            (folder / path).unlink()
        elif path.startswith("audio/"):
            move_files(folder, [(path, f"{FOUND}/{path.rpartition('/')[2]}")])


def _files(folder: Path, below: str) -> Iterator[str]:
    """The paths of all files below a folder in ``folder``, relative to that, with forward slashes."""
    with os.scandir(folder / below) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        if is_folder:
            yield from _files(folder, f"{below}/{name}")
        else:
            yield f"{below}/{name}"


def _copy(old: Path, new: Path) -> None:
    write_durably(new, old.read_bytes())


def _make_folders(folder: Path, changes: Collection[tuple[str, str]]) -> set[Path]:
    """The folders of the new paths, which are there afterwards."""
    folders = {(folder / new).parent for _, new in changes}
    for one in folders:
        one.mkdir(parents=True, exist_ok=True)
    return folders
