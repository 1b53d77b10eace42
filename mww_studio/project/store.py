"""A wake word on disk: a folder that can be copied, with an SQLite library and the clips' audio files."""

import contextlib
import json
import os
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from mww_studio.constitution.articles import law
from mww_studio.durable import PART_SUFFIX, sync_folder, wav_bytes, write_durably
from mww_studio.errors import StudioError
from mww_studio.project.library import (
    LIBRARY,
    check_free,
    check_project,
    connect_for_reading,
    connect_for_writing,
    is_newer,
)
from mww_studio.project.migrations import migrate
from mww_studio.project.records import (
    Clip,
    ClipKind,
    NewClip,
    Problem,
    ProjectInfo,
    Quality,
    Run,
    RunState,
    checked_language,
    checked_name,
    checked_wake_word,
    pcm_sha256,
)
from mww_studio.project.storage import WriterLock, storage_errors

FOUND = "trash/found"
_FOLDERS = ("audio", "runs", "exports", "trash", "cache")
_SELECT_CLIPS = """
    SELECT clips.id, kind, path, sha256, duration_s, speech_start_s, speech_end_s, people.name AS speaker, source,
    recording, licence, engine, quality, created_at FROM clips LEFT JOIN people ON people.id = clips.person WHERE """


class Project:
    """An open project; a context manager.

    Everything that changes it raises StudioError: ``project.read_only``, ``project.disk_full``,
    ``project.not_writable`` or ``project.storage``.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> None:
        """Use :meth:`create` or :meth:`open`."""
        self.folder = folder
        self.read_only = lock is None
        self._connection = connection
        self._connection.row_factory = sqlite3.Row
        self._lock = lock
        word, language, author, created_at = connection.execute(
            "SELECT wake_word, language, author, created_at FROM project"
        ).fetchone()
        self.info = ProjectInfo(word, language, author, datetime.fromisoformat(created_at))

    @classmethod
    def create(cls, folder: Path, wake_word: str, language: str = "en", author: str = "") -> Self:
        """Make a new project in a folder that is missing or empty, and open it for writing."""
        values = (checked_wake_word(wake_word), checked_language(language), checked_name(author, "author's name"))
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / (LIBRARY + PART_SUFFIX)
            check_free(folder)
            part.unlink(missing_ok=True)  # of a creation that was killed
            with closing(sqlite3.connect(part)) as connection:
                migrate(connection)
                with connection:
                    connection.execute("INSERT INTO project VALUES (1, ?, ?, ?, ?)", (*values, _now()))
            part.replace(folder / LIBRARY)
            sync_folder(folder)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path, *, read_only: bool = False) -> Self:
        """Open a project. One that a newer version of the program wrote opens read-only.

        Raises StudioError ``project.not_found``, ``project.not_a_project``, ``project.in_use``, ``project.damaged``.
        """
        check_project(folder)
        with storage_errors(folder), contextlib.ExitStack() as undo:
            lock = None if read_only else WriterLock(folder)
            if lock:
                undo.callback(lock.release)
            connection = connect_for_writing(folder / LIBRARY) if lock else connect_for_reading(folder / LIBRARY)
            undo.callback(connection.close)
            if lock and is_newer(connection, folder):
                return cls.open(folder, read_only=True)
            project = cls(folder, connection, lock)
            if lock:
                project._settle_files()
            undo.pop_all()
            return project

    def close(self) -> None:
        """Close the library and let others write."""
        self._connection.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def clips(self, kind: ClipKind | None = None, *, trashed: bool = False) -> list[Clip]:
        """The clips of a kind (None: of every kind) in the order in which they came, or those in the trash."""
        return self._select("(trashed_at IS NOT NULL) = ? AND kind = coalesce(?, kind)", trashed, kind)

    def counts(self) -> dict[ClipKind, int]:
        """How many clips there are of each kind, the trash left out."""
        query = "SELECT kind, count(*) FROM clips WHERE trashed_at IS NULL GROUP BY kind"
        found: dict[str, int] = dict(self._connection.execute(query).fetchall())
        return {kind: found.get(kind, 0) for kind in ClipKind}

    def known(self, sha256: str, kind: ClipKind) -> bool:
        """Whether a clip with these samples is there, or in the trash."""
        query = "SELECT 1 FROM clips WHERE sha256 = ? AND kind = ?"
        return self._connection.execute(query, (sha256, kind)).fetchone() is not None

    def add_clips(self, new: Sequence[NewClip]) -> list[Clip]:
        """Write clips to the disk, then commit them all at once; returns those that were not there already.

        Files first, each forced to the disk and renamed into place, rows last: whatever happens in between, every
        row has its whole file.
        """
        self._check_writable()
        fresh: dict[tuple[str, ClipKind], NewClip] = {}
        for clip in new:
            key = (pcm_sha256(clip.pcm), clip.kind)
            if not self.known(*key):
                fresh.setdefault(key, clip)
        paths = {key: f"audio/{key[1]}/{key[0][:32]}.wav" for key in fresh}
        with storage_errors(self.folder):
            self._write_audio({paths[key]: clip for key, clip in fresh.items()})
            with self._connection:
                people = self._people({clip.speaker for clip in fresh.values() if clip.speaker})
                ids = [
                    self._insert(clip, sha256, paths[sha256, kind], people.get(clip.speaker or ""))
                    for (sha256, kind), clip in fresh.items()
                ]
        return self._select("clips.id BETWEEN ? AND ?", ids[0], ids[-1]) if ids else []

    def trash_clips(self, ids: Sequence[int]) -> None:
        """Take clips out of the project; their files wait in ``trash/``. Ids that are not there are ignored."""
        self._move_clips(ids, "audio/", "trash/", _now())

    def restore_clips(self, ids: Sequence[int]) -> None:
        """Bring clips back from the trash."""
        self._move_clips(ids, "trash/", "audio/", None)

    def assign_speaker(self, ids: Sequence[int], name: str | None) -> None:
        """Say who speaks in these clips (None: unknown)."""
        self._check_writable()
        name = checked_name(name, "person's name") if name else None
        with storage_errors(self.folder), self._connection:
            person = self._people({name})[name] if name else None
            self._connection.executemany("UPDATE clips SET person = ? WHERE id = ?", [(person, id_) for id_ in ids])

    def new_run(self, preset: str, seed: int) -> Run:
        """Begin a training run of this process, with a folder of its own."""
        self._check_writable()
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        with storage_errors(self.folder):
            taken = {run.id for run in self.runs()}
            names = (f"{stamp}-{number}" if number > 1 else stamp for number in range(1, 10_000))
            id_ = next(name for name in names if name not in taken)
            self.run_folder(id_).mkdir(parents=True, exist_ok=True)
            with self._connection:
                self._connection.execute(
                    "INSERT INTO runs VALUES (?, ?, ?, ?, ?, NULL, '', ?, ?)",
                    (id_, preset, seed, RunState.RUNNING, _now(), *_this_process()),
                )
        return next(run for run in self.runs() if run.id == id_)

    def set_run_state(self, id_: str, state: RunState, message: str = "") -> None:
        """Say where a run stands. A run set to RUNNING again (resumed) belongs to this process from now on."""
        self._check_writable()
        ended_at = None if state in (RunState.RUNNING, RunState.INTERRUPTED) else _now()
        with storage_errors(self.folder), self._connection:
            changed = self._connection.execute(
                "UPDATE runs SET state = ?, ended_at = ?, message = ?, pid = ?, process_started = ? WHERE id = ?",
                (state, ended_at, message, *_this_process(), id_),
            ).rowcount
        if not changed:
            raise StudioError("project.no_run", f"The project has no run {id_}.", do="See mww-studio status DIR.")

    def runs(self) -> list[Run]:
        """All runs, the oldest first. One whose process died while it was running is INTERRUPTED."""
        rows = self._connection.execute("SELECT * FROM runs ORDER BY id")
        return [_run(row) for row in rows]

    def run_folder(self, id_: str) -> Path:
        """Where a run keeps its files."""
        return self.folder / "runs" / id_

    def _select(self, where: str, *values: object) -> list[Clip]:
        rows = self._connection.execute(f"{_SELECT_CLIPS} {where} ORDER BY clips.id", values)
        return [_clip(row) for row in rows]

    def _check_writable(self) -> None:
        if self.read_only:
            raise StudioError(
                "project.read_only",
                f"The project in {self.folder} is open for reading only.",
                why="It was opened so, or a newer version of this program has changed it.",
                do="Use the newest version of this program.",
            )

    def _write_audio(self, clips: dict[str, NewClip]) -> None:
        """Write audio files, in threads since the time goes into waiting for the disk; all of them or none."""
        rate = law().frontend.sample_rate_hz
        folders = {(self.folder / path).parent for path in clips}
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        try:
            with ThreadPoolExecutor(8) as pool:
                jobs = [
                    pool.submit(write_durably, self.folder / path, wav_bytes(clip.pcm, rate))
                    for path, clip in clips.items()
                ]
            for job in jobs:
                job.result()
            for folder in folders:
                sync_folder(folder)
        except OSError:
            for path in clips:
                (self.folder / path).unlink(missing_ok=True)
            raise

    def _insert(self, clip: NewClip, sha256: str, path: str, person: int | None) -> int:
        row = (
            clip.kind,
            path,
            sha256,
            len(clip.pcm) / law().frontend.sample_rate_hz,
            clip.speech_start_s,
            clip.speech_end_s,
            person,
            clip.source,
            clip.recording,
            clip.licence,
            clip.engine,
            json.dumps(asdict(clip.quality)),
            _now(),
        )
        marks = ", ".join("?" * len(row))
        id_ = self._connection.execute(f"INSERT INTO clips VALUES (NULL, {marks}, NULL)", row).lastrowid  # noqa: S608
        if id_ is None:  # SQLite gives every inserted row an id
            raise sqlite3.InternalError
        return id_

    def _people(self, names: set[str]) -> dict[str, int]:
        for name in sorted(names):
            self._connection.execute("INSERT INTO people (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
        return dict(self._connection.execute("SELECT name, id FROM people").fetchall())

    def _move_clips(self, ids: Sequence[int], here: str, there: str, trashed_at: str | None) -> None:
        """Move files, then say so in one transaction; ``_settle_files`` undoes the moves of one that never came."""
        self._check_writable()
        wanted = set(ids)
        moves = [
            (there + path.removeprefix(here), trashed_at, id_, path)
            for id_, path in self._connection.execute("SELECT id, path FROM clips")
            if id_ in wanted and path.startswith(here)
        ]
        with storage_errors(self.folder):
            for new, _, _, old in moves:
                _move(self.folder / old, self.folder / new)
            with self._connection:
                self._connection.executemany(
                    "UPDATE clips SET path = ?, trashed_at = ? WHERE id = ?", [move[:3] for move in moves]
                )

    def _settle_files(self) -> None:
        """Put the files in the order that the library says, after a crash.

        Unfinished files go; a file that was moved without its row following moves back; an audio file without a row
        (its row never came) waits in ``trash/found``, from where it can be imported.
        """
        for name in _FOLDERS:
            (self.folder / name).mkdir(exist_ok=True)
        rows = {row[0] for row in self._connection.execute("SELECT path FROM clips")}
        for path in rows:
            here, _, rest = path.partition("/")
            other = self.folder / ("trash" if here == "audio" else "audio") / rest
            if not (self.folder / path).exists() and other.exists():
                _move(other, self.folder / path)
        for file in [file for file in (self.folder / "audio").rglob("*") if file.is_file()]:
            if file.relative_to(self.folder).as_posix() in rows:
                continue
            if file.suffix == PART_SUFFIX:
                file.unlink()
            else:
                _move(file, self.folder / FOUND / file.name)


def _move(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    old.replace(new)
    sync_folder(new.parent)


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _this_process() -> tuple[int, float]:
    return os.getpid(), psutil.Process().create_time()


def _alive(pid: int, started: float) -> bool:
    try:
        return bool(abs(psutil.Process(pid).create_time() - started) < 1)
    except psutil.Error:
        return False


def _clip(row: sqlite3.Row) -> Clip:
    values = dict(row)
    quality = json.loads(values["quality"])
    problems = tuple(Problem(**problem) for problem in quality.pop("problems"))
    values |= {
        "kind": ClipKind(values["kind"]),
        "quality": Quality(**quality, problems=problems),
        "created_at": datetime.fromisoformat(values["created_at"]),
    }
    return Clip(**values)


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
