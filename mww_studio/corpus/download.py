"""Files from the internet: fetched once, taken up where they broke off, and held against their hash before they count.

A draft lies beside the file's place under the suffix ``.part``, with a note of what it is a part of. pooch asks the
server in a thread of its own, so that a server that says nothing cannot hold up a cancel.
"""

import errno
import hashlib
import itertools
import json
import math
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
import urllib3

from mww_studio.corpus.server_answer import LOOK_S, SILENT_S, Answer, Head
from mww_studio.durable import PART_SUFFIX, sync_folder, write_durably
from mww_studio.errors import StudioError
from mww_studio.progress import Progress

WRONG_SUFFIX = ".wrong"
PAUSES_S = (1.0, 2.0, 4.0, 8.0)
_HASHED_BYTES = 1 << 22
_SPARE_BYTES = 50_000_000
_PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(frozen=True)
class Remote:
    """A file on a server. What is known of it beforehand, hash and exact size, the file that comes must fulfil."""

    url: str
    sha256: str | None = None
    md5: str | None = None
    bytes: int | None = None

    @property
    def host(self) -> str:
        """The server's name."""
        return urlsplit(self.url).hostname or self.url


def fetch(remote: Remote, path: Path, progress: Progress, *, pauses_s: Sequence[float] = PAUSES_S) -> Path:
    """Fetch ``remote`` to ``path``, and return ``path``; a file that is there and right is not fetched again.

    Progress is in bytes. What came before an error, a cancel or a kill stays as a draft, and the next call goes on
    from it. After a passing fault the server is asked again, with a pause of each of ``pauses_s`` in turn, as long as
    nothing comes; whatever comes begins the pauses anew. Raises Cancelled within a second, and StudioError
    ``download.offline``, ``download.server``, ``download.truncated``, ``download.hash`` (the file is then set aside
    under the suffix ``.wrong``), ``download.no_space``, ``download.folder``.
    """
    progress.check_cancelled()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and not _differs(remote, path, progress):
            return path
        draft = _Draft(path, remote)
        if not draft.is_whole:
            _fetch_patiently(remote, draft, progress, pauses_s)
        if why := _differs(remote, draft.path, progress):
            raise _wrong(remote, draft.set_aside(), why)
        draft.finish()
    except OSError as error:
        raise cannot_keep(path, error) from None
    return path


def check_space(folder: Path, needed_bytes: int, name: str) -> None:
    """Raise StudioError ``download.no_space`` where there is no room for ``needed_bytes`` in ``folder``."""
    free = free_bytes(folder)
    if free < needed_bytes:
        raise _no_space(folder, name, f"{_size(needed_bytes)} are needed, {_size(free)} are free.")


def free_bytes(folder: Path) -> int:
    """How much room there is where ``folder`` is or will be."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    return shutil.disk_usage(there).free


def cannot_keep(path: Path, error: OSError) -> StudioError:
    """What to say when ``path`` cannot be written: ``download.no_space`` or ``download.folder``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_space(path.parent, path.name, "It ran full on the way.")
    return StudioError(
        "download.folder",
        f"{path.name} cannot be kept in {path.parent}.",
        why=f"The system says: {error.strerror or error}.",
        do="Check that you may write there.",
    )


class _Broken(Exception):  # noqa: N818 - it may pass
    """A fault that may pass. ``code`` and sentences for when it does not."""

    def __init__(self, code: str, what: str, why: str) -> None:
        super().__init__(what)
        self.code, self.what, self.why = code, what, why


@dataclass(frozen=True)
class _Note:
    """What a draft is a part of. ``validator``: the server's own mark of this version of the file, or nothing."""

    remote: Remote
    validator: str = ""
    total: int | None = None


class _Draft:
    """The part of a file that has come so far."""

    def __init__(self, path: Path, remote: Remote) -> None:
        self.path = path.with_name(path.name + PART_SUFFIX)
        self.note = _Note(remote)
        self._goal = path
        self._note_path = path.with_name(path.name + PART_SUFFIX + ".json")
        before = self._read_note()
        if before is not None and before.remote == remote and self.path.is_file():
            self.note = before
        else:
            self.forget()

    @property
    def name(self) -> str:
        """The name of the file that it becomes."""
        return self._goal.name

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def total(self) -> int | None:
        """Bytes that the whole file has, as far as is known."""
        return self.note.remote.bytes if self.note.total is None else self.note.total

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return self.total is not None and self.size == self.total

    @property
    def can_go_on(self) -> bool:
        """Whether what comes can be appended: some of it is there, and a mark or a hash tells whether it fits."""
        known = self.note.validator or self.note.remote.sha256 or self.note.remote.md5
        return self.size > 0 and bool(known)

    def begin(self, note: _Note, *, anew: bool) -> BinaryIO:
        """Write down what it becomes a part of; returns the file to write to, at its end."""
        if anew:
            self.path.unlink(missing_ok=True)
        write_durably(self._note_path, json.dumps(asdict(note)).encode())
        self.note = note
        return self.path.open("ab")

    def forget(self) -> None:
        """Throw it away."""
        self.path.unlink(missing_ok=True)
        self._note_path.unlink(missing_ok=True)

    def set_aside(self) -> Path:
        """Put it where it is not taken for the file; returns where."""
        aside = self._goal.with_name(self._goal.name + WRONG_SUFFIX)
        self.path.replace(aside)
        self._note_path.unlink(missing_ok=True)
        return aside

    def finish(self) -> None:
        """Make it the file."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self.path.replace(self._goal)
        sync_folder(self._goal.parent)
        self._note_path.unlink(missing_ok=True)

    def _read_note(self) -> _Note | None:
        try:
            note = json.loads(self._note_path.read_text(encoding="utf-8"))
            return _Note(Remote(**note["remote"]), str(note["validator"]), note["total"])
        except (OSError, ValueError, TypeError, KeyError):
            return None


def _fetch_patiently(remote: Remote, draft: _Draft, progress: Progress, pauses_s: Sequence[float]) -> None:
    """Ask until the draft is whole."""
    progress.phase(f"Downloading {draft.name}", draft.total or 0)
    pauses = iter(pauses_s)
    while True:
        before = draft.size
        try:
            return _fetch_once(remote, draft, progress)
        except _Broken as fault:
            if draft.size > before:
                pauses = iter(pauses_s)
            pause_s = next(pauses, None)
            if fault.code == "download.offline":
                pauses = iter(())  # without internet, once more is enough
            if pause_s is None:
                kept = f"The {_size(draft.size)} that came are kept. " if draft.size else ""
                raise StudioError(
                    fault.code, fault.what, why=fault.why, do=f"{kept}Check the connection, and try again."
                ) from None
            progress.log(f"{fault.what} {fault.why} It is asked again.")
            _wait(pause_s, progress)


def _fetch_once(remote: Remote, draft: _Draft, progress: Progress) -> None:
    headers = {"Accept-Encoding": "identity"}  # a packed stream has other offsets than the file
    if draft.can_go_on:
        headers["Range"] = f"bytes={draft.size}-"
        if draft.note.validator:
            headers["If-Range"] = draft.note.validator
    elif draft.size:
        draft.forget()
    try:
        with Answer(remote.url, headers) as answer:
            _take_down(remote, draft, answer.said(progress), progress)
    except (requests.exceptions.ConnectionError, requests.exceptions.Timeout, urllib3.exceptions.HTTPError) as error:
        raise _unreachable(remote, draft, error) from None
    except requests.exceptions.ChunkedEncodingError:
        raise _cut_off(remote, draft) from None
    except (requests.exceptions.RequestException, ValueError) as error:
        raise StudioError(
            "download.server",
            f"{draft.name} cannot be downloaded from {remote.host}.",
            why=f"{error}.",
            do="Check the address.",
        ) from None
    if draft.total is not None and draft.size < draft.total:
        raise _cut_off(remote, draft)


def _take_down(remote: Remote, draft: _Draft, said: Iterator[Head | bytes], progress: Progress) -> None:
    head = next(said, None)
    if not isinstance(head, Head):
        raise _cut_off(remote, draft)
    if head.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        draft.forget()  # it is longer than the file
        raise _Broken("download.server", f"{draft.name} has changed on {remote.host}.", "It begins anew.")
    if head.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise _refused(remote, draft, head)
    if remote.bytes is not None and head.total is not None and head.total != remote.bytes:
        raise StudioError(
            "download.hash",
            f"{draft.name} on {remote.host} is not the expected file.",
            why=f"It has {head.total:,} bytes; {remote.bytes:,} are right.",
            do="Try again another day, or look for a newer version of the program.",
        )
    anew = head.first_byte != draft.size
    if anew and head.first_byte != 0:
        draft.forget()
        raise _Broken("download.server", f"{remote.host} sent another part of {draft.name}.", "It begins anew.")
    with draft.begin(_Note(remote, head.validator, head.total), anew=anew) as file:
        done = file.tell()
        check_space(draft.path.parent, (draft.total or done) - done + _SPARE_BYTES, draft.name)
        progress.phase(f"Downloading {draft.name}", draft.total or 0)
        progress.step(done)
        began_s, first = time.monotonic(), done
        for content in said:
            if isinstance(content, bytes):
                file.write(content)
                done += len(content)
                seconds = max(time.monotonic() - began_s, 1e-3)
                progress.step(done, megabytes_per_second=round((done - first) / 1e6 / seconds, 2))


def _differs(remote: Remote, path: Path, progress: Progress) -> str:
    """Why the file at ``path`` is not ``remote``, in a sentence; empty where it is, as far as can be told."""
    size = path.stat().st_size
    if remote.bytes is not None and size != remote.bytes:
        return f"It has {size:,} bytes; {remote.bytes:,} are right."
    expected = {name: digest for name, digest in (("sha256", remote.sha256), ("md5", remote.md5)) if digest}
    if not expected:
        return ""
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in expected}
    progress.phase(f"Checking {path.name.removesuffix(PART_SUFFIX)}", size)
    with path.open("rb") as file:
        for number in itertools.count(1):
            progress.check_cancelled()
            content = file.read(_HASHED_BYTES)
            if not content:
                break
            for each in hashes.values():
                each.update(content)
            progress.step(min(number * _HASHED_BYTES, size))
    for name, digest in expected.items():
        if hashes[name].hexdigest() != digest.lower():
            return f"Its {name} is {hashes[name].hexdigest()}; {digest.lower()} is right."
    return ""


def _wait(seconds: float, progress: Progress) -> None:
    for _ in range(math.ceil(seconds / LOOK_S)):
        progress.check_cancelled()
        time.sleep(LOOK_S)


def _unreachable(remote: Remote, draft: _Draft, error: Exception) -> _Broken:
    if draft.size:
        return _cut_off(remote, draft)
    if isinstance(error, requests.exceptions.SSLError):
        return _Broken("download.server", f"There is no safe connection to {remote.host}.", f"{error}.")
    if isinstance(error, requests.exceptions.ReadTimeout):
        return _Broken("download.server", f"{remote.host} does not answer.", f"It said nothing for {SILENT_S:.0f} s.")
    return _Broken(
        "download.offline",
        f"{remote.host} cannot be reached.",
        "This computer has no internet just now, or the server is off.",
    )


def _cut_off(remote: Remote, draft: _Draft) -> _Broken:
    of = f" of {_size(draft.total)}" if draft.total else ""
    return _Broken(
        "download.truncated",
        f"The download of {draft.name} broke off.",
        f"{_size(draft.size)}{of} came from {remote.host}.",
    )


def _refused(remote: Remote, draft: _Draft, head: Head) -> Exception:
    what = f"{remote.host} does not send {draft.name}."
    why = f"It answered “{head.status} {head.reason}”."
    if head.status >= HTTPStatus.INTERNAL_SERVER_ERROR or head.status in _PASSING:
        return _Broken("download.server", what, why)
    return StudioError(
        "download.server", what, why=why, do="The file was moved or removed. Look for a newer version of the program."
    )


def _wrong(remote: Remote, aside: Path, why: str) -> StudioError:
    return StudioError(
        "download.hash",
        f"What came from {remote.host} is not the expected file.",
        why=why,
        do=f"It was damaged on its way or changed; it was set aside as {aside}. Try again.",
    )


def _no_space(folder: Path, name: str, why: str) -> StudioError:
    return StudioError(
        "download.no_space",
        f"There is no space for {name}.",
        why=f"The disk of {folder}: {why}",
        do="Free some space, and try again; what came is kept.",
    )


def _size(count: int) -> str:
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= bytes_:
            return f"{count / bytes_:.1f} {unit}"
    return f"{count} bytes"
