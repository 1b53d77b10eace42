"""Opening a project's SQLite library, for writing and for reading."""

import contextlib
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from mww_studio.errors import StudioError
from mww_studio.project.migrations import migrate, newest_schema, schema_version
from mww_studio.project.storage import damaged

LIBRARY = "project.sqlite"


def check_free(folder: Path) -> None:
    """Raise StudioError where a new project cannot be made: ``project.exists``, ``project.folder_not_empty``."""
    names = {path.name for path in folder.iterdir()}
    if LIBRARY in names:
        raise StudioError(
            "project.exists", f"There is a project in {folder} already.", do="Use it, or choose another folder."
        )
    if any(not name.startswith((LIBRARY, ".")) for name in names):
        raise StudioError(
            "project.folder_not_empty", f"The folder {folder} is not empty.", do="Choose a new or an empty folder."
        )


def check_project(folder: Path) -> None:
    """Raise StudioError where there is no project: ``project.not_found``, ``project.not_a_project``."""
    if not folder.is_dir():
        raise StudioError(
            "project.not_found",
            f"There is no folder {folder}.",
            do="Check the spelling, or make a project: mww-studio new DIR --wake-word WORD.",
        )
    if not (folder / LIBRARY).is_file():
        raise StudioError(
            "project.not_a_project",
            f"{folder} is not a project.",
            why=f"It has no {LIBRARY}.",
            do="Make a project in a new folder: mww-studio new DIR --wake-word WORD.",
        )


def connect_for_writing(library: Path) -> sqlite3.Connection:
    """A connection to a library that was brought up to date; one from a newer program is left as it is."""
    connection = sqlite3.connect(library)
    try:
        if not is_newer(connection, library.parent):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(connection, backup_of=library)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_for_reading(library: Path) -> sqlite3.Connection:
    """A connection that changes nothing on the disk.

    Where SQLite cannot keep its shared memory beside the library (a folder that cannot be written), and where the
    schema is older than ours, a copy in memory stands in.
    """
    with contextlib.suppress(sqlite3.OperationalError):
        connection = sqlite3.connect(f"{library.resolve().as_uri()}?mode=ro", uri=True)
        try:
            current = _schema(connection, library.parent) >= newest_schema()
        except BaseException:
            connection.close()
            raise
        if current:
            return connection
        connection.close()
    memory = sqlite3.connect(":memory:")
    with tempfile.TemporaryDirectory() as scratch:
        for name in (library.name, library.name + "-wal"):
            if (library.parent / name).exists():
                shutil.copyfile(library.parent / name, Path(scratch, name))
        with closing(sqlite3.connect(Path(scratch, library.name))) as copy:
            copy.backup(memory)
    migrate(memory)
    return memory


def is_newer(connection: sqlite3.Connection, folder: Path) -> bool:
    """Whether a newer version of the program wrote the library. Raises StudioError ``project.damaged``."""
    return _schema(connection, folder) > newest_schema()


def _schema(connection: sqlite3.Connection, folder: Path) -> int:
    """The library's schema. A library is renamed into its place with its schema in it: without one it is damaged."""
    version = schema_version(connection)
    if not version:
        raise damaged(folder, "it is empty")
    return version
