"""Other talk: which texts there are to read, what of them somebody has read, and what stands beside the stage."""

from collections import defaultdict
from dataclasses import dataclass

from PySide6.QtCore import QLocale

from mww_studio.corpus.passages import script
from mww_studio.jobs.coverage import GOAL, Coverage
from mww_studio.project.records import ClipKind, Style
from mww_studio.project.store import Project
from mww_studio.ui.pages.record_left import Item
from mww_studio.ui.pages.record_readings import coverage_of, ids_of
from mww_studio.ui.pages.record_words import minutes_text, style_word, translate

FREE, NEAR = "free", "near"
NEAR_PHRASES = 20
_ROOM_MINUTES = 5
_LINE = "\N{LINE SEPARATOR}"


@dataclass(frozen=True)
class TalkText:
    """Something to read or to talk about. ``key`` is also the note of its clips."""

    key: str
    title: str
    text: str


def talk_texts(language: str) -> list[TalkText]:
    """The passages of a language, free talk, and the phrases that sound like the wake word."""
    written = script(language)
    free = translate("Record", "Talk freely")
    near = translate("Record", "Phrases that sound alike")
    return [
        *(TalkText(passage.title, passage.title, passage.text) for passage in written.passages),
        TalkText(FREE, free, _LINE.join(written.topics)),
        TalkText(NEAR, near, ""),
    ]


def read_seconds(project: Project, person: str) -> dict[str, float]:
    """How long somebody has read each text, by its key."""
    seconds: dict[str, float] = defaultdict(float)
    for clip in project.clips_by_id(ids_of(project, person, ClipKind.SPEECH)):
        seconds[clip.note] += clip.duration_s
    return seconds


def next_text(texts: list[TalkText], read: dict[str, float]) -> str:
    """The key of the first text that was not read yet, free talk where all were."""
    return next((text.key for text in texts if not read.get(text.key) and text.key != NEAR), FREE)


def what_is_left(
    project: Project, kind: str, person: str, texts: list[TalkText], text: str, style: Style | None
) -> tuple[str, list[Item], str]:
    """What stands beside the stage while clips of ``kind`` are recorded: a title, the lines, and why they matter.

    ``text`` and ``style`` are what is read now, and how it is said.
    """
    title = translate("Record", "{person}: what is left").replace("{person}", person)
    if kind == ClipKind.AMBIENCE:
        title = translate("Record", "What is left")
        why = translate("Record", "Once while it is quiet, once with the television on, once while somebody cooks.")
        return title, _room_items(project), why
    if kind == ClipKind.SPEECH:
        why = translate("Record", "From your own ordinary talk it learns what is not the wake word.")
        return title, _talk_items(project, person, texts, text), why
    why = translate(
        "Record", "Different ways of saying it make the wake word work from the sofa, in a hurry and half asleep."
    )
    return title, _style_items(coverage_of(project, person), style), why


def _style_items(covered: Coverage, now: Style | None) -> list[Item]:
    """The ways of speaking, and how many takes of each there are."""
    return [
        Item(covered.counts[style] >= wanted, style_word(style), _of(covered.counts[style], wanted), style is now)
        for style, wanted in GOAL.items()
    ]


def _talk_items(project: Project, person: str, texts: list[TalkText], now: str) -> list[Item]:
    """The texts, and how long each was read."""
    read = read_seconds(project, person)
    items = []
    for text in texts:
        if text.key == NEAR:
            count = len(ids_of(project, person, ClipKind.NEAR))
            items.append(Item(count >= NEAR_PHRASES, text.title, _of(count, NEAR_PHRASES), text.key == now))
        else:
            seconds = read.get(text.key, 0.0)
            items.append(Item(seconds > 0, text.title, minutes_text(seconds) if seconds else "", text.key == now))
    return items


def _room_items(project: Project) -> list[Item]:
    """How many minutes of the home's own sound there are; files that were added do not count."""
    clips = project.clips_by_id(ids_of(project, "", ClipKind.AMBIENCE))
    seconds = sum(clip.duration_s for clip in clips if "/" not in clip.source and not clip.engine)
    minutes = int(seconds // 60)
    text = translate("Record", "Minutes of your home")
    return [Item(minutes >= _ROOM_MINUTES, text, _of(minutes, _ROOM_MINUTES), now=True)]


def _of(count: int, goal: int) -> str:
    text = translate("Record", "{count} of {goal}")
    return text.format(count=QLocale().toString(count), goal=QLocale().toString(goal))
