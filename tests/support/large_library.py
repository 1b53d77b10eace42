"""A library of many clips that only the database knows: for lists, not for listening."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from mww_studio.project.library import LIBRARY
from mww_studio.project.records import ClipKind, Problem, Quality, Style

PEOPLE = ("Anna", "Ben", "Mia")
_KINDS = (ClipKind.WAKE_WORD, ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.AMBIENCE)
_GOOD = Quality(-6.0, -20.0, 40.0, 0.0, 0.0)
_QUIET = Quality(-30.0, -50.0, 12.0, 0.0, 0.0, (Problem("quiet", "Step closer."),))


def fill_library(folder: Path, clips: int) -> None:
    """Give the project in ``folder`` rows without files; every ninth is doubtful, every hundredth has a note."""
    styles = list(Style)
    good, quiet = (json.dumps(asdict(quality)) for quality in (_GOOD, _QUIET))
    with closing(sqlite3.connect(folder / LIBRARY)) as library, library:
        library.executemany("INSERT OR IGNORE INTO people (name) VALUES (?)", [(name,) for name in PEOPLE])
        people = dict(library.execute("SELECT name, id FROM people"))
        library.executemany(
            "INSERT INTO clips (kind, path, sha256, duration_s, speech_start_s, speech_end_s, person, source,"
            " recording, licence, quality, created_at, style, note)"
            " VALUES (?, ?, ?, ?, 0.4, 0.9, ?, ?, ?, 'CC0-1.0', ?, ?, ?, ?)",
            (
                (
                    _KINDS[number % 4],
                    f"audio/none/{number}.wav",
                    f"{number:064x}",
                    1.0 + number % 5 / 10,
                    people[PEOPLE[number % 3]],
                    "microphone",
                    f"{number // 20:064x}",
                    quiet if number % 9 == 4 else good,
                    f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}+00:00",
                    styles[number % len(styles)],
                    f"remarkable {number}" if number % 100 == 0 else "",
                )
                for number in range(clips)
            ),
        )
