"""Clips and people as the command line shows and names them."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from mww_studio.errors import StudioError
from mww_studio.jobs.wording import counted
from mww_studio.project.records import Clip, ClipKind, Judgement, Style
from mww_studio.project.store import Project

_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_MOST_IDS = 1_000_000


class ClipRow(BaseModel):
    """One clip. ``problems``: their codes."""

    id: int
    kind: ClipKind
    speaker: str | None
    style: Style | None
    duration_s: float
    judgement: Judgement
    problems: list[str]
    source: str
    note: str
    path: str
    created_at: datetime


class PersonRow(BaseModel):
    """One person, and how many takes of the wake word they have."""

    name: str
    child: bool
    consented_at: datetime | None
    takes: int


def clip_rows(project: Project, ids: Sequence[int]) -> list[ClipRow]:
    """These clips, in this order; ids that are not there are left out."""
    return [_row(clip) for clip in project.clips_by_id(ids)]


def describe_clips(rows: Sequence[ClipRow]) -> str:
    """For people: a line a clip."""
    if not rows:
        return "There are no such clips."
    lines = [
        f"{row.id:>6}  {row.kind:<9}  {row.speaker or '-':<12}  {row.style or '-':<7}  {row.duration_s:>6.1f} s"
        f"  {row.judgement:<8}  {', '.join([*row.problems, *([row.note] if row.note else [])])}".rstrip()
        for row in rows
    ]
    return "\n".join([*lines, counted(len(rows), "clip")])


def person_rows(project: Project) -> list[PersonRow]:
    """Everybody, in the order in which they came."""
    takes = Counter(clip.speaker for clip in project.clips(ClipKind.WAKE_WORD))
    return [
        PersonRow(name=one.name, child=one.child, consented_at=one.consented_at, takes=takes[one.name])
        for one in project.people()
    ]


def describe_people(rows: Sequence[PersonRow]) -> str:
    """For people: a line a person."""
    if not rows:
        return "The project knows nobody yet."
    return "\n".join(
        f"{row.name:<20}  {'child' if row.child else 'adult'}  {counted(row.takes, 'take'):>11}"
        f"  {f'agreed on {row.consented_at:%Y-%m-%d}' if row.consented_at else 'consent unknown'}"
        for row in rows
    )


def parse_ids(text: str) -> list[int]:
    """Ids as a person writes them: ``3,5-9``. Raises StudioError ``clips.ids``."""
    ids: list[int] = []
    for part in text.replace(" ", "").split(","):
        match = _RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first or last - first >= _MOST_IDS:
            raise StudioError(
                "clips.ids",
                f"“{text}” names no clips.",
                do="Write their numbers as in --trash 3,5-9; mww-studio clips DIR lists them.",
            )
        ids += range(first, last + 1)
    return ids


def _row(clip: Clip) -> ClipRow:
    return ClipRow(
        id=clip.id,
        kind=clip.kind,
        speaker=clip.speaker,
        style=clip.style,
        duration_s=clip.duration_s,
        judgement=clip.judgement,
        problems=[problem.code for problem in clip.quality.problems],
        source=clip.source,
        note=clip.note,
        path=clip.path,
        created_at=clip.created_at,
    )
