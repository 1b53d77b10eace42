"""What can go wrong with a disk, said to a person; and the lock that lets one program write at a time."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mww_studio.errors import StudioError

_LOCK = "writer.lock"
_PID = "writer.pid"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn the errors of the disk and of SQLite into StudioErrors about the project in ``folder``."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full(folder, error) from error
        if error.errno in _REFUSED:
            raise _not_writable(folder, error) from error
        raise _failing(folder, error) from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_FULL":
            raise _full(folder, error) from error
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            raise _not_writable(folder, error) from error
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise damaged(folder, str(error)) from error
        raise _failing(folder, error) from error


class WriterLock:
    """The right to write a project, held by one process and given back by the system when that process dies.

    It is an exclusive transaction on an empty SQLite database: the same lock on Linux, macOS and Windows.
    """

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises StudioError ``project.in_use`` naming the process that has it, or sqlite3.Error."""
        self._connection = sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None)
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
            (folder / _PID).write_text(str(os.getpid()), encoding="ascii")
        except sqlite3.OperationalError as error:
            self._connection.close()
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            raise _in_use(folder) from None
        except OSError:
            self._connection.close()
            raise

    def release(self) -> None:
        """Let others write."""
        self._connection.close()


def damaged(folder: Path, why: str) -> StudioError:
    """The error for a library that cannot be read."""
    return StudioError(
        "project.damaged",
        f"The project's library in {folder} cannot be read.",
        why=f"Reason: {why}.",
        do="Restore project.sqlite from a backup; the recordings themselves are in the folder audio.",
    )


def _in_use(folder: Path) -> StudioError:
    try:
        who = f"process {int((folder / _PID).read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        who = "another program"
    return StudioError(
        "project.in_use",
        f"The project in {folder} is being changed by {who}.",
        why="Only one program may change a project at a time.",
        do="Wait until it is done, or close it, and try again.",
    )


def _full(folder: Path, error: Exception) -> StudioError:
    return StudioError(
        "project.disk_full",
        f"The disk of {folder} is full.",
        why=f"The system says: {error}.",
        do="Free some space and start again: what was saved before is safe, and what is there already is skipped.",
    )


def _not_writable(folder: Path, error: Exception) -> StudioError:
    return StudioError(
        "project.not_writable",
        f"The project in {folder} cannot be changed.",
        why=f"The system says: {error}.",
        do="Allow writing to this folder, or copy it to a place where you may write.",
    )


def _failing(folder: Path, error: Exception) -> StudioError:
    return StudioError(
        "project.storage",
        f"Reading or writing the project in {folder} failed.",
        why=f"The system says: {error}.",
        do="Check that the disk is connected and healthy, and try again.",
    )
