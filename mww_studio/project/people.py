"""The people whose voices are in a project, as rows of its library."""

import sqlite3
from datetime import UTC, datetime

from mww_studio.errors import StudioError
from mww_studio.project.records import Person, checked_name

_WHO = "person's name"


_EVERYBODY = "SELECT id, name, child, consented_at FROM people"
# Whoever was added by hand, or has a clip that no engine made.
_PEOPLE = """
    SELECT id, name, child, consented_at FROM people WHERE consented_at IS NOT NULL
    OR NOT EXISTS (SELECT 1 FROM clips WHERE person = people.id)
    OR EXISTS (SELECT 1 FROM clips WHERE person = people.id AND engine IS NULL)"""


def list_people(connection: sqlite3.Connection) -> list[Person]:
    """Everybody but the voices of computers, in the order in which they came."""
    return _read(connection, _PEOPLE)


def _read(connection: sqlite3.Connection, query: str) -> list[Person]:
    rows = connection.execute(f"{query} ORDER BY id")
    return [
        Person(id_, name, bool(child), datetime.fromisoformat(agreed) if agreed else None)
        for id_, name, child, agreed in rows
    ]


def find_person(connection: sqlite3.Connection, name: str) -> Person:
    """One of them. Raises StudioError ``project.no_person``."""
    for person in _read(connection, _EVERYBODY):
        if person.name == name:
            return person
    raise StudioError(
        "project.no_person", f"The project knows nobody named {name}.", do="Check the spelling, or add them first."
    )


def insert_person(connection: sqlite3.Connection, name: str, child: bool, consent: bool) -> str:
    """Add somebody; returns their tidied name. Raises StudioError ``project.person_exists`` and ``project.name``."""
    name = free_name(connection, name)
    connection.execute(
        "INSERT INTO people (name, child, consented_at) VALUES (?, ?, ?)", (name, child, _now() if consent else None)
    )
    return name


def update_person(connection: sqlite3.Connection, person: Person, child: bool, consent: bool) -> None:
    """Say who somebody is; a consent that was given earlier keeps its date."""
    agreed = (person.consented_at.isoformat() if person.consented_at else _now()) if consent else None
    connection.execute("UPDATE people SET child = ?, consented_at = ? WHERE id = ?", (child, agreed, person.id))


def free_name(connection: sqlite3.Connection, name: str, but: str | None = None) -> str:
    """A tidied name that nobody but ``but`` has. Raises StudioError ``project.person_exists`` and ``project.name``."""
    name = checked_name(name, _WHO)
    if not name:
        raise StudioError("project.name", "The person has no name.", do="Type a name, or any word you know them by.")
    others = [one.name for one in _read(connection, _EVERYBODY) if one.name != but]
    taken = next((other for other in others if other.casefold() == name.casefold()), None)
    if taken is not None:
        raise StudioError(
            "project.person_exists", f"The project knows {taken} already.", do="Choose them, or add another name."
        )
    return name


def _now() -> str:
    return datetime.now(UTC).isoformat()
