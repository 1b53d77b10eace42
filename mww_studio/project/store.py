"""A wake word on disk: a folder that can be copied, with an SQLite library and the clips' audio files."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from mww_studio.durable import PART_SUFFIX, sync_folder
from mww_studio.errors import StudioError
from mww_studio.project import clip_rows, people, run_rows
from mww_studio.project.audio_folder import link_files, move_files, settle_files, write_audio
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
    ClipQuery,
    Label,
    Lineage,
    NewClip,
    Person,
    ProjectInfo,
    Run,
    RunState,
    Split,
    Tally,
    checked_language,
    checked_name,
    checked_wake_word,
    pcm_sha256,
)
from mww_studio.project.storage import WriterLock, storage_errors

_FEATURES = "cache/features"


class Project:
    """An open project; a context manager. It belongs to the thread that opened it (see :meth:`sibling`).

    Everything that changes it raises StudioError: ``project.read_only``, ``project.disk_full``,
    ``project.not_writable`` or ``project.storage``.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> None:
        """Use :meth:`create` or :meth:`open`."""
        self.folder = folder
        self.read_only = lock is None
        self._connection = connection
        self._lock = lock
        clip_rows.prepare(connection)
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
                    connection.execute(
                        "INSERT INTO project (id, wake_word, language, author, created_at) VALUES (1, ?, ?, ?, ?)",
                        (*values, _now()),
                    )
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
                settle_files(folder, {row[0] for row in connection.execute("SELECT path FROM clips")})
            undo.pop_all()
            return project

    def sibling(self) -> Self:
        """The same project for the thread that calls this; close it there, and before this one.

        It writes where this one may. Closing it leaves the right to write with this one.
        """
        with storage_errors(self.folder), contextlib.ExitStack() as undo:
            connect = connect_for_reading if self.read_only else connect_for_writing
            connection = connect(self.folder / LIBRARY)
            undo.callback(connection.close)
            twin = type(self)(self.folder, connection, None)
            twin.read_only = self.read_only
            undo.pop_all()
            return twin

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
        where = "(trashed_at IS NOT NULL) = ? AND kind = coalesce(?, kind)"
        return clip_rows.select_clips(self._connection, where, trashed, kind)

    def clip_ids(self, query: ClipQuery) -> list[int]:
        """The ids that a query finds, in its order."""
        return clip_rows.list_clips(self._connection, query)

    def clips_by_id(self, ids: Sequence[int]) -> list[Clip]:
        """These clips, in this order, the trash included; ids that are not there are left out."""
        return clip_rows.clips_by_id(self._connection, ids)

    def set_splits(self, splits: Mapping[int, Split]) -> None:
        """Say which clip stands on which side, for :meth:`clip_ids`. Nothing is written; siblings do not know it."""
        with self._connection:
            self._connection.execute(f"DELETE FROM temp.{clip_rows.SPLITS_TABLE}")  # noqa: S608 - our own name
            self._connection.executemany(
                f"INSERT INTO temp.{clip_rows.SPLITS_TABLE} VALUES (?, ?)",  # noqa: S608
                splits.items(),
            )

    def counts(self) -> dict[ClipKind, int]:
        """How many clips there are of each kind, the trash left out."""
        query = "SELECT kind, count(*) FROM clips WHERE trashed_at IS NULL GROUP BY kind"
        found: dict[str, int] = dict(self._connection.execute(query).fetchall())
        return {kind: found.get(kind, 0) for kind in ClipKind}

    def seconds(self) -> dict[ClipKind, float]:
        """How long the clips of each kind are together, the trash left out."""
        query = "SELECT kind, sum(duration_s) FROM clips WHERE trashed_at IS NULL GROUP BY kind"
        found: dict[str, float] = dict(self._connection.execute(query).fetchall())
        return {kind: found.get(kind, 0.0) for kind in ClipKind}

    def tallies(self, kind: ClipKind | None = None, *, since: datetime | None = None) -> list[Tally]:
        """How many clips there are of every sort, the trash left out: all, or those of a kind and that came since."""
        return clip_rows.tallies(self._connection, kind, since)

    def lineages(self, *, trashed: bool = False) -> list[Lineage]:
        """What decides on the sides of the clips, or of those in the trash, the oldest first."""
        return clip_rows.lineages(self._connection, trashed=trashed)

    def labels(self, ids: Sequence[int]) -> list[Label]:
        """What was said about these clips, the oldest first; thousands take a hundredth of a second."""
        return clip_rows.labels(self._connection, ids)

    def known(self, sha256: str, kind: ClipKind) -> bool:
        """Whether a clip with these samples is there, or in the trash."""
        query = "SELECT 1 FROM clips WHERE sha256 = ? AND kind = ?"
        return self._connection.execute(query, (sha256, kind)).fetchone() is not None

    def add_clips(self, new: Sequence[NewClip]) -> list[Clip]:
        """Write clips to the disk, then commit them all at once; returns those that were not there already.

        Files first, each forced to the disk and renamed into place, rows last: whatever happens in between, every
        row has its whole file.
        """
        self.check_writable()
        fresh: dict[tuple[str, ClipKind], NewClip] = {}
        for clip in new:
            key = (pcm_sha256(clip.pcm), clip.kind)
            if not self.known(*key):
                fresh.setdefault(key, clip)
        if not fresh:
            return []
        paths = {key: f"audio/{key[1]}/{key[0][:32]}.wav" for key in fresh}
        with storage_errors(self.folder):
            write_audio(self.folder, {paths[key]: clip.pcm for key, clip in fresh.items()})
            with self._connection:
                persons = self._people({clip.speaker for clip in fresh.values() if clip.speaker})
                first = self._next_clip()
                for id_, ((sha256, kind), clip) in enumerate(fresh.items(), first):
                    row = (id_, paths[sha256, kind], sha256, persons.get(clip.speaker or ""), _now())
                    clip_rows.insert_clip(self._connection, clip, row)
        where = "clips.id BETWEEN ? AND ?"
        return clip_rows.select_clips(self._connection, where, first, first + len(fresh) - 1)

    def replace_clip(self, id_: int, new: NewClip) -> Clip:
        """Put a trimmed version in the place of a clip, which goes to the trash.

        It stands on the side of the corpus on which the first version stood. To undo it, trash the new one and restore
        the old one. Raises StudioError ``project.no_clip``, and ``project.clip_exists`` where it is there already.
        """
        (old,) = self.clips_by_id([id_]) or (None,)
        if old is None:
            raise StudioError("project.no_clip", f"The project has no clip {id_}.", do="Look at its samples again.")
        made = self.add_clips([replace(new, origin=old.origin or old.id)])
        if not made:
            raise StudioError(
                "project.clip_exists",
                "This very piece is in the project already, or in its trash.",
                do="Cut it a little differently, or restore it from the trash.",
            )
        self.trash_clips([id_])
        return made[0]

    def trash_clips(self, ids: Sequence[int]) -> None:
        """Take clips out of the project; their files wait in ``trash/``. Ids that are not there are ignored."""
        self._move_clips(ids, "audio/", "trash/", _now())

    def restore_clips(self, ids: Sequence[int]) -> None:
        """Bring clips back from the trash."""
        self._move_clips(ids, "trash/", "audio/", None)

    def empty_trash(self) -> int:
        """Delete everything in the trash for good; returns how many clips that were."""
        self.check_writable()
        trashed = self.clips(trashed=True)
        with storage_errors(self.folder):
            self._delete(trashed, lambda: None)
            shutil.rmtree(self.folder / "trash")
            (self.folder / "trash").mkdir()
        return len(trashed)

    def relabel(self, ids: Sequence[int], kind: ClipKind) -> None:
        """Say what clips teach. One that is there as this kind already stays what it is."""
        self.check_writable()
        moves: dict[str, tuple[int, str, str]] = {}
        for id_, old, sha256 in clip_rows.files(self._connection, ids):
            root, _, rest = old.split("/", 2)
            if not self.known(sha256, kind):
                moves.setdefault(sha256, (id_, old, f"{root}/{kind}/{rest}"))
        with storage_errors(self.folder):
            # There under both names until the row is written, so that every row has its file whenever this ends.
            link_files(self.folder, [(old, new) for _, old, new in moves.values()])
            with self._connection:
                self._connection.executemany(
                    "UPDATE clips SET kind = ?, path = ? WHERE id = ?",
                    [(kind, new, id_) for id_, _, new in moves.values()],
                )
            for _, old, _ in moves.values():
                (self.folder / old).unlink(missing_ok=True)

    def assign_speaker(self, ids: Sequence[int], name: str | None) -> None:
        """Say who speaks in these clips (None: unknown)."""
        name = checked_name(name, "person's name") if name else None
        with self._writing():
            person = self._people({name})[name] if name else None
            self._connection.executemany("UPDATE clips SET person = ? WHERE id = ?", [(person, id_) for id_ in ids])

    def set_kept(self, ids: Sequence[int], kept: bool) -> None:
        """Say whether clips with problems are kept on purpose."""
        with self._writing():
            self._connection.executemany("UPDATE clips SET kept = ? WHERE id = ?", [(kept, id_) for id_ in ids])

    def set_note(self, id_: int, text: str) -> None:
        """Write something about a clip, or nothing."""
        with self._writing():
            self._connection.execute("UPDATE clips SET note = ? WHERE id = ?", (text.strip(), id_))

    def people(self) -> list[Person]:
        """Everybody whose voice is or will be in the project, in the order in which they came; no computer voices."""
        return people.list_people(self._connection)

    def add_person(self, name: str, child: bool, consent: bool) -> Person:
        """Add somebody. ``consent``: they, or a parent, agreed. Raises ``project.person_exists``, ``project.name``."""
        with self._writing():
            name = people.insert_person(self._connection, name, child, consent)
        return people.find_person(self._connection, name)

    def set_person(self, name: str, child: bool, consent: bool) -> Person:
        """Say who somebody is. Raises StudioError ``project.no_person``."""
        with self._writing():
            people.update_person(self._connection, people.find_person(self._connection, name), child, consent)
        return people.find_person(self._connection, name)

    def rename_person(self, old: str, new: str) -> Person:
        """Give somebody another name. Raises StudioError as :meth:`add_person` and :meth:`set_person` do."""
        with self._writing():
            person = people.find_person(self._connection, old)
            new = people.free_name(self._connection, new, but=old)
            self._connection.execute("UPDATE people SET name = ? WHERE id = ?", (new, person.id))
        return people.find_person(self._connection, new)

    def delete_person(self, name: str) -> None:
        """Delete somebody for good: the name, every clip of theirs, the trash included, and what was computed of them.

        Runs keep what they counted. Raises StudioError ``project.no_person``, and ``project.busy`` during a training.
        """
        self.check_writable()
        person = people.find_person(self._connection, name)
        if any(run.state is RunState.RUNNING for run in self.runs()):
            raise StudioError(
                "project.busy",
                f"{name} cannot be deleted while a training runs.",
                why="It is learning from these takes.",
                do="Stop the training, or wait until it is done.",
            )
        with storage_errors(self.folder):
            # Features are almost speech; they are computed again for those who stay.
            shutil.rmtree(self.folder / _FEATURES, ignore_errors=True)
            clips = clip_rows.select_clips(self._connection, "person = ?", person.id)
            self._delete(clips, lambda: self._connection.execute("DELETE FROM people WHERE id = ?", (person.id,)))

    def new_run(self, preset: str, seed: int) -> Run:
        """Begin a training run of this process, with a folder of its own."""
        self.check_writable()
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        with storage_errors(self.folder):
            taken = {run.id for run in self.runs()}
            names = (f"{stamp}-{number}" if number > 1 else stamp for number in range(1, 10_000))
            id_ = next(name for name in names if name not in taken)
            self.run_folder(id_).mkdir(parents=True, exist_ok=True)
            with self._connection:
                run_rows.insert_run(self._connection, id_, preset, seed)
        return next(run for run in self.runs() if run.id == id_)

    def set_run_state(self, id_: str, state: RunState, message: str = "") -> None:
        """Say where a run stands. A run set to RUNNING again (resumed) belongs to this process from now on."""
        self.check_writable()
        with storage_errors(self.folder), self._connection:
            changed = run_rows.update_run(self._connection, id_, state, message)
        if not changed:
            raise StudioError("project.no_run", f"The project has no run {id_}.", do="See mww-studio status DIR.")

    def runs(self) -> list[Run]:
        """All runs, the oldest first. One whose process died while it was running is INTERRUPTED."""
        return run_rows.list_runs(self._connection)

    def run_folder(self, id_: str) -> Path:
        """Where a run keeps its files."""
        return self.folder / "runs" / id_

    def check_writable(self) -> None:
        """Raise StudioError ``project.read_only`` where nothing may be changed."""
        if self.read_only:
            raise StudioError(
                "project.read_only",
                f"The project in {self.folder} is open for reading only.",
                why="It was opened so, or a newer version of this program has changed it.",
                do="Use the newest version of this program.",
            )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A transaction."""
        self.check_writable()
        with storage_errors(self.folder), self._connection:
            yield

    def _next_clip(self) -> int:
        """An id that no clip ever had: runs and undo speak of clips by their ids."""
        # A write first, so that no other connection takes the same one.
        self._connection.execute(
            "UPDATE project SET last_clip = max(last_clip, (SELECT coalesce(max(id), 0) FROM clips))"
        )
        last: int = self._connection.execute("SELECT last_clip FROM project").fetchone()[0]
        return last + 1

    def _delete(self, clips: Sequence[Clip], more: Callable[[], object]) -> None:
        """Delete files, then rows: what is to be gone does not come back as a file that was found."""
        for clip in clips:
            (self.folder / clip.path).unlink(missing_ok=True)
        with self._connection:
            self._next_clip()
            self._connection.executemany("DELETE FROM clips WHERE id = ?", [(clip.id,) for clip in clips])
            more()

    def _people(self, names: set[str]) -> dict[str, int]:
        for name in sorted(names):
            self._connection.execute("INSERT INTO people (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
        return dict(self._connection.execute("SELECT name, id FROM people").fetchall())

    def _move_clips(self, ids: Sequence[int], here: str, there: str, trashed_at: str | None) -> None:
        """Move files, then say so in one transaction; ``settle_files`` undoes the moves of one that never came."""
        self.check_writable()
        moves = [
            (there + path.removeprefix(here), trashed_at, id_, path)
            for id_, path, _ in clip_rows.files(self._connection, ids)
            if path.startswith(here)
        ]
        with storage_errors(self.folder):
            move_files(self.folder, [(old, new) for new, _, _, old in moves])
            with self._connection:
                self._connection.executemany(
                    "UPDATE clips SET path = ?, trashed_at = ? WHERE id = ?", [move[:3] for move in moves]
                )


def _now() -> str:
    return datetime.now(UTC).isoformat()
