"""Which clips the table shows: asks the library in another thread, soon after the question changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from mww_studio.errors import StudioError
from mww_studio.project.records import ClipKind, ClipQuery, Judgement, Split
from mww_studio.project.store import Project
from mww_studio.services.session import Session
from mww_studio.ui.models.clip_table import ClipTableModel

DEBOUNCE_MS = 150
REFRESH_MS = 250
_KEY = "samples.list"
_SPLITS_KEY = "samples.splits"
_SPLITS_MS = 600  # after the last of many changes: this reads every clip
_GOOD_PRESET = "standard"
_OTHER_SOUND = (ClipKind.SPEECH, ClipKind.AMBIENCE)


@dataclass(frozen=True)
class Facts:
    """How much a project holds: clips, those that wait to be heard, those in the trash; who speaks."""

    clips: int
    doubtful: int
    trashed: int
    people: tuple[str, ...]
    other_sound_s: float


@dataclass(frozen=True)
class Found:
    """What a question found."""

    query: ClipQuery
    ids: list[int]
    facts: Facts

    @property
    def total(self) -> int:
        """How many clips there are to find, in the trash or outside it."""
        return self.facts.trashed if self.query.trashed else self.facts.clips


class ClipList(QObject):
    """Keeps a :class:`ClipTableModel` at the answer to a question. ``listed`` comes with each answer."""

    listed = Signal()
    trouble = Signal(object)

    def __init__(self, session: Session, model: ClipTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model = model
        self._splits: Mapping[int, Split] = {}
        self.query = ClipQuery()
        self.found: Found | None = None
        self._facts: Facts | None = None
        self._changed = False
        self._soon = _timer(self, DEBOUNCE_MS)
        self._soon.timeout.connect(self._ask)
        self._pause = _timer(self, REFRESH_MS)
        self._pause.timeout.connect(self._pause_over)
        self._splits_soon = _timer(self, _SPLITS_MS)
        self._splits_soon.timeout.connect(self._ask_splits)

    def ask(self, query: ClipQuery, *, at_once: bool = False) -> None:
        """Show what this finds, once the question has stood for a moment, or at once."""
        if query == self.query and not at_once:
            return
        self.query = query
        if at_once:
            self._ask()
        else:
            self._soon.start()

    def refresh(self) -> None:
        """The clips changed: ask again, at once but at most four times a second."""
        self._splits_soon.start()
        self._facts = None
        if self._pause.isActive():
            self._changed = True
        else:
            self._pause.start()
            self._ask()

    def stop(self) -> None:
        """Ask nothing more."""
        for timer in (self._soon, self._pause, self._splits_soon):
            timer.stop()
        self._changed = False

    def _pause_over(self) -> None:
        if self._changed:
            self._changed = False
            self._pause.start()
            self._ask()

    def _ask(self) -> None:
        self._soon.stop()
        work = partial(look_up, query=self.query, splits=self._splits, facts=self._facts)
        self._session.ask(work, self._show, self._fail, key=_KEY)

    def _ask_splits(self) -> None:
        self._session.ask(look_up_splits, self._show_splits, self._fail, key=_SPLITS_KEY)

    def _show(self, found: Found) -> None:
        if found.query != self.query:
            return  # the next answer is on its way
        if not self._changed:
            self._facts = found.facts
        self.found = found
        self._model.show_ids(found.ids)
        self.listed.emit()

    def _show_splits(self, splits: Mapping[int, Split]) -> None:
        if splits != self._splits:
            self._splits = splits
            self._model.show_splits(splits)
            if self.query.split is not None:
                self._ask()

    def _fail(self, error: StudioError) -> None:
        self.trouble.emit(error)


def _timer(owner: QObject, interval_ms: int) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    return timer


def look_up(library: Project, query: ClipQuery, splits: Mapping[int, Split], facts: Facts | None) -> Found:
    """Answer ``query``, in any thread; ``facts`` are those of the last answer if nothing changed since."""
    if query.split is not None:
        library.set_splits(splits)
    return Found(query, library.clip_ids(query), facts or look_at(library))


def look_at(library: Project) -> Facts:
    """Count what a project holds, in any thread."""
    seconds = library.seconds()
    return Facts(
        clips=sum(library.counts().values()),
        doubtful=len(library.clip_ids(ClipQuery(judgement=Judgement.DOUBTFUL))),
        trashed=len(library.clip_ids(ClipQuery(trashed=True))),
        people=tuple(person.name for person in library.people()),
        other_sound_s=sum(seconds[kind] for kind in _OTHER_SOUND),
    )


def look_up_splits(library: Project) -> dict[int, Split]:
    """What each clip would be used for, were the good preset trained now; in any thread."""
    from mww_studio.jobs.planning import sides
    from mww_studio.presets import load_preset

    return sides(library, library.lineages(), load_preset(_GOOD_PRESET))
