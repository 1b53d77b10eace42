"""Clips as rows of the library: read, inserted, listed."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from mww_studio.constitution.articles import law
from mww_studio.project.records import (
    Clip,
    ClipKind,
    ClipOrder,
    ClipQuery,
    Judgement,
    Label,
    Lineage,
    NewClip,
    Problem,
    Quality,
    Style,
    Tally,
)

SPLITS_TABLE = "clip_splits"

_SELECT = """
    SELECT clips.id, kind, path, sha256, duration_s, speech_start_s, speech_end_s, people.name AS speaker, source,
    recording, licence, engine, quality, created_at, style, kept, note, origin
    FROM clips LEFT JOIN people ON people.id = clips.person WHERE """
_COLUMNS = (
    "id, kind, path, sha256, duration_s, speech_start_s, speech_end_s, person, source, recording, licence, engine,"
    " quality, created_at, style, kept, note, origin"
)
_ORDERS = {
    ClipOrder.ID: "clips.id",
    ClipOrder.KIND: "kind",
    ClipOrder.SPEAKER: "who.folded IS NULL, who.folded",
    ClipOrder.DURATION: "duration_s",
    ClipOrder.JUDGEMENT: f"CASE judgement WHEN '{Judgement.DOUBTFUL}' THEN 2 WHEN '{Judgement.KEPT}' THEN 1 END",
    ClipOrder.CREATED: "created_at",
}
# SQLite takes so many values in one statement on every system.
_VALUES_AT_ONCE = 500


def prepare(connection: sqlite3.Connection) -> None:
    """Make a fresh connection ready for the functions below."""
    connection.row_factory = sqlite3.Row
    connection.create_function("fold", 1, _fold, deterministic=True)
    connection.execute(f"CREATE TEMP TABLE {SPLITS_TABLE} (id INTEGER PRIMARY KEY, split TEXT NOT NULL)")


def select_clips(connection: sqlite3.Connection, where: str, *values: object) -> list[Clip]:
    """The clips for which ``where`` holds, the oldest first."""
    return [_clip(row) for row in connection.execute(f"{_SELECT} {where} ORDER BY clips.id", values)]


def clips_by_id(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Clip]:
    """These clips, in this order; ids that are not there are left out."""
    found: dict[int, Clip] = {}
    for start in range(0, len(ids), _VALUES_AT_ONCE):
        part = ids[start : start + _VALUES_AT_ONCE]
        marks = ", ".join("?" * len(part))
        found |= {clip.id: clip for clip in select_clips(connection, f"clips.id IN ({marks})", *part)}
    return [found[id_] for id_ in ids if id_ in found]


def insert_clip(connection: sqlite3.Connection, clip: NewClip, row: tuple[int, str, str, int | None, str]) -> None:
    """Insert a clip; ``row``: its id, path, sha256, person and when it came."""
    id_, path, sha256, person, created_at = row
    values = (
        id_,
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
        created_at,
        clip.style,
        clip.kept,
        clip.note,
        clip.origin,
    )
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO clips ({_COLUMNS}) VALUES ({marks})", values)  # noqa: S608 - our own text


def list_clips(connection: sqlite3.Connection, query: ClipQuery) -> list[int]:
    """The ids that a query finds, in its order. Tens of thousands take a few hundredths of a second."""
    where = [f"trashed_at IS {'NOT ' if query.trashed else ''}NULL"]
    values: list[object] = []
    tables = "clips"
    if query.kinds != frozenset(ClipKind):
        where.append(f"kind IN ({', '.join('?' * len(query.kinds))})")
        values += sorted(query.kinds)
    if query.speaker == "":
        where.append("person IS NULL")
    elif query.speaker is not None:
        where.append("person = (SELECT id FROM people WHERE name = ?)")
        values.append(query.speaker)
    if query.judgement is not None:
        where.append("judgement = ?")
        values.append(query.judgement)
    if query.split is not None:
        tables += f" JOIN temp.{SPLITS_TABLE} AS sides ON sides.id = clips.id AND sides.split = ?"
        values.insert(0, query.split)
    if query.text.strip():
        where.append("instr(fold(source || char(10) || note) || char(10) || coalesce(who.folded, ''), ?)")
        values.append(_fold(query.text.strip()))
    way = "DESC" if query.descending else "ASC"
    order = ", ".join(f"{part} {way}" for part in (*_ORDERS[query.order].split(", "), "clips.id"))
    text = (
        "WITH who AS MATERIALIZED (SELECT id, fold(name) AS folded FROM people)"  # noqa: S608 - our own text
        f" SELECT clips.id FROM {tables} LEFT JOIN who ON who.id = clips.person"
        f" WHERE {' AND '.join(where)} ORDER BY {order}"
    )
    cursor = connection.cursor()
    cursor.row_factory = None
    return [id_ for (id_,) in cursor.execute(text, values)]


def tallies(connection: sqlite3.Connection, kind: ClipKind | None, since: datetime | None) -> list[Tally]:
    """How many clips there are of every sort, of all or of one kind and of those that came after ``since``."""
    where, values = "trashed_at IS NULL", []
    if kind is not None:
        where, values = f"{where} AND kind = ?", [str(kind)]
    if since is not None:
        where, values = f"{where} AND created_at > ?", [*values, since.astimezone(UTC).isoformat()]
    query = (
        "SELECT kind, judgement, people.name, style, synthetic, found, seconds FROM ("  # noqa: S608 - our own text
        " SELECT kind, judgement, person, style, engine IS NOT NULL AS synthetic, count(*) AS found,"
        f" sum(duration_s) AS seconds FROM clips WHERE {where}"
        " GROUP BY kind, judgement, person, style, synthetic"
        ") LEFT JOIN people ON people.id = person"
    )
    return [
        Tally(ClipKind(sort), Judgement(judgement), speaker, Style(style) if style else None, bool(synthetic), *rest)
        for sort, judgement, speaker, style, synthetic, *rest in connection.execute(query, values)
    ]


def labels(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Label]:
    """What was said about these clips, the oldest first; ids that are not there are left out."""
    query = (
        "SELECT clips.id, kind, people.name, kept FROM clips LEFT JOIN people ON people.id = person"
        " WHERE clips.id IN (SELECT value FROM json_each(?)) ORDER BY clips.id"
    )
    rows = connection.execute(query, (json.dumps(list(ids)),))
    return [Label(id_, ClipKind(kind), speaker, bool(kept)) for id_, kind, speaker, kept in rows]


def files(connection: sqlite3.Connection, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """Id, path and sha256 of these clips, the oldest first; ids that are not there are left out."""
    query = "SELECT id, path, sha256 FROM clips WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(query, (json.dumps(list(ids)),)).fetchall()


def lineages(connection: sqlite3.Connection, *, trashed: bool) -> list[Lineage]:
    """What decides on the sides of the clips, the oldest first. Tens of thousands take a tenth of a second."""
    people = dict(connection.execute("SELECT id, name FROM people").fetchall())
    kinds = {str(kind): kind for kind in ClipKind}
    cursor = connection.cursor()
    cursor.row_factory = None
    # Through the table in its order: an index would send SQLite back to the table for every single row.
    rows = cursor.execute(
        "SELECT id, kind, person, recording, engine, origin FROM clips WHERE (+trashed_at IS NOT NULL) = ? ORDER BY id",
        (trashed,),
    )
    return [
        Lineage(id_, kinds[kind], people.get(person), recording, engine, origin)
        for id_, kind, person, recording, engine, origin in rows
    ]


def _fold(text: str | None) -> str | None:
    """As people compare words: whatever the case. Beyond ASCII SQLite cannot do it."""
    return None if text is None else text.casefold()


def _clip(row: sqlite3.Row) -> Clip:
    values = dict(row)
    quality = json.loads(values["quality"])
    problems = tuple(Problem(**problem) for problem in quality.pop("problems"))
    values |= {
        "kind": ClipKind(values["kind"]),
        "quality": Quality(**quality, problems=problems),
        "created_at": datetime.fromisoformat(values["created_at"]),
        "style": Style(values["style"]) if values["style"] else None,
        "kept": bool(values["kept"]),
    }
    return Clip(**values)
