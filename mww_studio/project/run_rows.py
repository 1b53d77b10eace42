"""Training runs as rows of the library, and which process they belong to."""

import os
import sqlite3
from datetime import UTC, datetime

import psutil

from mww_studio.project.records import Run, RunState


def list_runs(connection: sqlite3.Connection) -> list[Run]:
    """All runs, the oldest first. One whose process died while it was running is INTERRUPTED."""
    return [_run(row) for row in connection.execute("SELECT * FROM runs ORDER BY id")]


def insert_run(connection: sqlite3.Connection, id_: str, preset: str, seed: int) -> None:
    """Insert a run that is running in this process."""
    connection.execute(
        "INSERT INTO runs VALUES (?, ?, ?, ?, ?, NULL, '', ?, ?)",
        (id_, preset, seed, RunState.RUNNING, _now(), *_this_process()),
    )


def update_run(connection: sqlite3.Connection, id_: str, state: RunState, message: str) -> bool:
    """Say where a run stands; it belongs to this process from now on. False where there is no such run."""
    ended_at = None if state in (RunState.RUNNING, RunState.INTERRUPTED) else _now()
    changed = connection.execute(
        "UPDATE runs SET state = ?, ended_at = ?, message = ?, pid = ?, process_started = ? WHERE id = ?",
        (state, ended_at, message, *_this_process(), id_),
    )
    return bool(changed.rowcount)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _this_process() -> tuple[int, float]:
    return os.getpid(), psutil.Process().create_time()


def _alive(pid: int, started: float) -> bool:
    try:
        process = psutil.Process(pid)
        # A zombie is dead; only nobody has asked after it yet.
        return bool(abs(process.create_time() - started) < 1) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _run(row: sqlite3.Row) -> Run:
    values = dict(row)
    state, pid, process_started = RunState(values["state"]), values.pop("pid"), values.pop("process_started")
    died = state is RunState.RUNNING and not _alive(pid, process_started)
    ended_at = values["ended_at"]
    values |= {
        "state": RunState.INTERRUPTED if died else state,
        "started_at": datetime.fromisoformat(values["started_at"]),
        "ended_at": datetime.fromisoformat(ended_at) if ended_at else None,
    }
    return Run(**values)
