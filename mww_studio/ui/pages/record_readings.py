"""What a person is asked to say: the wake word in many ways, or phrases that only sound like it."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QLocale

from mww_studio.jobs.coverage import Coverage, coverage, next_style
from mww_studio.project.records import ClipKind, ClipQuery, Style
from mww_studio.project.store import Project
from mww_studio.ui.pages.record_people import Speaker
from mww_studio.ui.pages.record_words import Action, Answer, translate

_REST_EVERY = 10


def coverage_of(project: Project, person: str) -> Coverage:
    """How far somebody is with the wake word."""
    return coverage(project.tallies(ClipKind.WAKE_WORD), person)


def ids_of(project: Project, person: str, kind: ClipKind) -> list[int]:
    """The clips of a kind that somebody recorded, the oldest first; "" is nobody known."""
    return project.clip_ids(ClipQuery(kinds=frozenset([kind]), speaker=person, descending=False))


class WakeWordReading:
    """The wake word, in the way of speaking that is most wanted of this person."""

    kind = ClipKind.WAKE_WORD
    note = ""

    def __init__(self, project: Project, speaker: str) -> None:
        self.speaker = speaker
        self.following: Speaker | None = None  # who else is not done yet
        self._project = project
        self._skipped = 0
        self._style = self._wanted()

    @property
    def phrase(self) -> str:
        """The wake word."""
        return self._project.info.wake_word

    @property
    def style(self) -> Style:
        """How to say it now."""
        return self._style

    @property
    def taken(self) -> int:
        """How many takes of this person count."""
        return coverage_of(self._project, self.speaker).total

    def advance(self) -> None:
        """Ask for what is wanted most now."""
        self._style = self._wanted()

    def skip(self) -> None:
        """Ask for another way of speaking."""
        self._skipped += 1
        self._style = self._wanted()

    def rest(self) -> Answer | None:
        """Stop after every tenth take, and when nothing is left to say."""
        now = coverage_of(self._project, self.speaker)
        number = QLocale().toString(now.total)
        if now.done:
            title = translate("Record", "{person} is done").replace("{person}", self.speaker)
            if self.following is None:
                text = translate("Record", "Take {number} kept. More voices make it better.")
                return Answer("ok", title, text.format(number=number), (Action.ADD_PERSON, Action.TRAIN))
            text = translate("Record", "Take {number} kept. Next: {name} ({taken} of {goal}).")
            text = text.format(number=number, taken=self.following.taken, goal=self.following.goal, name="{name}")
            return Answer("ok", title, text.replace("{name}", self.following.name), (Action.NEXT_PERSON,))
        if now.total % _REST_EVERY == 0:
            text = translate("Record", "Take {number} kept. Swap, or go on?")
            actions = (Action.TAKE_BACK, Action.NEXT_PERSON) if self.following else (Action.PLAY, Action.TAKE_BACK)
            title = translate("Record", "10 more done")
            return Answer("ok", title, text.format(number=number), actions)
        return None

    def _wanted(self) -> Style:
        covered = coverage_of(self._project, self.speaker)
        return next_style(covered, covered.total + self._skipped)


class NearReading:
    """Phrases that only sound like the wake word, each said once: on them the device must stay quiet.

    The note of a take is its phrase, so that the one that was said least comes next.
    """

    kind = ClipKind.NEAR
    style = None

    def __init__(self, project: Project, speaker: str, phrases: Sequence[str]) -> None:
        """``phrases``: at least one, the most useful first."""
        self.speaker = speaker
        self.phrases = tuple(phrases)
        self._project = project
        self._place = self._wanted()

    @property
    def phrase(self) -> str:
        """The one to say now."""
        return self.phrases[self._place]

    @property
    def note(self) -> str:
        """What is written on a take."""
        return self.phrase

    @property
    def taken(self) -> int:
        """How many takes of this person count."""
        return len(ids_of(self._project, self.speaker, ClipKind.NEAR))

    def advance(self) -> None:
        """Ask for the one that this person said least."""
        self._place = self._wanted()

    def skip(self) -> None:
        """Ask for the next one."""
        self._place = (self._place + 1) % len(self.phrases)

    def rest(self) -> Answer | None:
        """Stop when all were said."""
        said = self._said()
        if len({said[phrase] for phrase in self.phrases}) > 1:
            return None
        title = translate("Record", "All phrases done")
        return Answer("ok", title, translate("Record", "Now it knows what it is not."))

    def _said(self) -> Counter[str]:
        ids = ids_of(self._project, self.speaker, ClipKind.NEAR)
        return Counter(clip.note for clip in self._project.clips_by_id(ids))

    def _wanted(self) -> int:
        said = self._said()
        return min(range(len(self.phrases)), key=lambda place: said[self.phrases[place]])
