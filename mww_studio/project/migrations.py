"""The library's schema, and how an older library becomes a newer one."""

import sqlite3
from contextlib import closing
from pathlib import Path

# MIGRATIONS[n] turns schema n into schema n + 1; PRAGMA user_version holds n. Never edit one that was released.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE project (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        wake_word TEXT NOT NULL,
        language TEXT NOT NULL,
        author TEXT NOT NULL,
        created_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE people (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE clips (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        path TEXT NOT NULL UNIQUE,
        sha256 TEXT NOT NULL,
        duration_s REAL NOT NULL,
        speech_start_s REAL,
        speech_end_s REAL,
        person INTEGER REFERENCES people (id) ON DELETE SET NULL,
        source TEXT NOT NULL,
        recording TEXT NOT NULL,
        licence TEXT NOT NULL,
        engine TEXT,
        quality TEXT NOT NULL,
        created_at TEXT NOT NULL,
        trashed_at TEXT,
        UNIQUE (sha256, kind)
    ) STRICT;
    CREATE INDEX clips_by_person ON clips (person);
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        preset TEXT NOT NULL,
        seed INTEGER NOT NULL,
        state TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        message TEXT NOT NULL,
        pid INTEGER NOT NULL,
        process_started REAL NOT NULL
    ) STRICT;
    """,
    """
    ALTER TABLE project ADD COLUMN last_clip INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE people ADD COLUMN child INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE people ADD COLUMN consented_at TEXT;
    ALTER TABLE clips ADD COLUMN style TEXT;
    ALTER TABLE clips ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE clips ADD COLUMN note TEXT NOT NULL DEFAULT '';
    ALTER TABLE clips ADD COLUMN origin INTEGER;
    ALTER TABLE clips ADD COLUMN judgement TEXT GENERATED ALWAYS AS (
        CASE WHEN json_array_length(quality, '$.problems') = 0 THEN 'good' WHEN kept THEN 'kept' ELSE 'doubtful' END
    ) VIRTUAL;
    -- Tens of thousands are filtered, sorted and counted from this index alone, without touching the rows.
    CREATE INDEX clips_listed ON clips
        (trashed_at, kind, judgement, person, duration_s, created_at, style, engine, source, note);
    """,
)


def newest_schema() -> int:
    """The schema that this version of the program writes."""
    return len(MIGRATIONS)


def schema_version(connection: sqlite3.Connection) -> int:
    """The schema of an open library."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, *, backup_of: Path | None = None) -> None:
    """Bring an open library up to date, each step in its own transaction.

    An older library at ``backup_of`` is first copied to ``<library>.v<schema>.backup``.
    Raises sqlite3.Error, with the library at its last whole step.
    """
    found = schema_version(connection)
    if backup_of and 0 < found < newest_schema():
        _back_up(connection, backup_of.with_name(f"{backup_of.name}.v{found}.backup"))
    for version in range(found, newest_schema()):
        script = f"BEGIN IMMEDIATE; {MIGRATIONS[version]}; PRAGMA user_version = {version + 1}; COMMIT;"
        try:
            connection.executescript(script)
        except sqlite3.Error:
            if connection.in_transaction:
                connection.rollback()
            raise


def _back_up(connection: sqlite3.Connection, backup: Path) -> None:
    part = backup.with_name(backup.name + ".part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
    part.replace(backup)
