"""The clips and people of an open project, and every change of them: with a name, and a way back."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QUndoStack

from mww_studio.errors import StudioError
from mww_studio.project.records import Clip, ClipKind, NewClip, Person
from mww_studio.project.store import Project
from mww_studio.services.jobs import Job, JobList
from mww_studio.services.undo import Change
from mww_studio.services.works import changing

_MANY = 300  # more clips than this are changed in another thread
_MANY_NEW = 20  # and more than this are made there
_LANE = "changes"


class Library(QObject):
    """What may be changed in a project. Everything that changes it raises StudioError, as the project does.

    Many clips are changed by a job; its signals come when it is done. ``trouble`` carries the StudioError of that, and
    of a change that was being taken back or made again.
    """

    clips_changed = Signal()
    people_changed = Signal()
    step_changed = Signal()
    trouble = Signal(object)

    def __init__(self, project: Project, jobs: JobList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._jobs = jobs
        self._own_jobs: list[Job] = []
        self.undo = QUndoStack(self)
        self.is_open = True
        self._recorded: list[int] = []

    def add_take(self, new: NewClip) -> Clip:
        """Keep a take. Undoing moves it to the trash. Raises StudioError ``project.clip_exists`` for the same sound."""
        made = self._add([new], self.tr("Record a take"))
        if not made:
            raise StudioError(
                "project.clip_exists",
                "This very take is in the project already, or in its trash.",
                do="Say the wake word again.",
            )
        self._recorded.append(made[0].id)
        return made[0]

    def take_back_last(self, number: int | None = None) -> Clip | None:
        """Move the newest take of this sitting that is still there to the trash; None: there is none.

        ``number`` is what the person knows the take by; its id where none is given.
        """
        clips = [clip for clip in self.project.clips_by_id(self._recorded[::-1]) if not is_trashed(clip)]
        if not clips:
            return None
        self._trash([clips[0].id], self.tr("Take back take {number}").format(number=number or clips[0].id))
        return clips[0]

    def add_clips(self, new: Sequence[NewClip], text: str) -> list[Clip]:
        """Add clips under a name for undo; those that are there already are left out."""
        return self._add(new, text)

    def added(self, ids: Sequence[int], text: str) -> None:
        """A job has added these clips: tell it, and let them be taken back under a name for undo."""
        self._did_change(self.people_changed, self.clips_changed)
        if self.is_open and ids:
            again, back = partial(self._restore_now, list(ids)), partial(self._trash_now, list(ids))
            self._push(text, again, back)

    def trash(self, ids: Sequence[int]) -> None:
        """Move clips to the trash."""
        one, many = self.tr("Move 1 sample to trash"), self.tr("Move %Ln samples to trash", "", len(ids))
        self._trash(list(ids), one if len(ids) == 1 else many)

    def restore(self, ids: Sequence[int]) -> None:
        """Bring clips back from the trash."""
        one, many = self.tr("Bring back 1 sample"), self.tr("Bring back %Ln samples", "", len(ids))
        again, back = partial(self._restore_now, list(ids)), partial(self._trash_now, list(ids))
        self._change(one if len(ids) == 1 else many, again, back)

    def relabel(self, ids: Sequence[int], kind: ClipKind) -> None:
        """Say what clips teach."""
        one = self.tr("Change the kind of 1 sample")
        many = self.tr("Change the kind of %Ln samples", "", len(ids))
        before: dict[ClipKind, list[int]] = defaultdict(list)
        for label in self.project.labels(ids):
            before[label.kind].append(label.id)
        again = partial(self._relabel_now, {kind: list(ids)})
        self._change(one if len(ids) == 1 else many, again, partial(self._relabel_now, dict(before)))

    def assign(self, ids: Sequence[int], person: str | None) -> None:
        """Say who speaks in clips (None: unknown)."""
        if person is None:
            one = self.tr("Say that nobody knows who speaks in 1 take")
            many = self.tr("Say that nobody knows who speaks in %Ln takes", "", len(ids))
        else:
            one = self.tr("Say that 1 take is {person}").format(person=person)
            many = self.tr("Say that %Ln takes are {person}", "", len(ids)).format(person=person)
        self.assign_each(dict.fromkeys(ids, person), one if len(ids) == 1 else many)

    def assign_each(self, speakers: Mapping[int, str | None], text: str) -> None:
        """Say who speaks in each of many clips (by its id; None: unknown), as one change with a name for undo."""
        before: dict[str | None, list[int]] = defaultdict(list)
        for label in self.project.labels(list(speakers)):
            before[label.speaker].append(label.id)
        after: dict[str | None, list[int]] = defaultdict(list)
        for id_, person in speakers.items():
            after[person].append(id_)
        self._change(text, partial(self._assign_now, dict(after)), partial(self._assign_now, dict(before)))

    def keep(self, ids: Sequence[int], kept: bool = True) -> None:
        """Keep clips with problems on purpose, or no longer."""
        one, many = self.tr("Keep 1 take anyway"), self.tr("Keep %Ln takes anyway", "", len(ids))
        if not kept:
            one, many = self.tr("Doubt 1 take again"), self.tr("Doubt %Ln takes again", "", len(ids))
        before: dict[bool, list[int]] = defaultdict(list)
        for label in self.project.labels(ids):
            before[label.kept].append(label.id)
        again = partial(self._keep_now, {kept: list(ids)})
        self._change(one if len(ids) == 1 else many, again, partial(self._keep_now, dict(before)))

    def set_note(self, id_: int, text: str) -> None:
        """Write something about a clip, or nothing."""
        before = next((clip.note for clip in self.project.clips_by_id([id_])), "")
        if text.strip() != before:
            again, back = partial(self._note_now, id_, text), partial(self._note_now, id_, before)
            self._change(self.tr("Write a note on sample {number}").format(number=id_), again, back)

    def trim(self, id_: int, start_s: float, end_s: float) -> Clip:
        """Keep only the part between two times of a clip; the whole goes to the trash. Returns the part.

        Raises StudioError ``project.no_clip``, ``project.clip_exists`` and ``audio.too_short``.
        """
        from mww_studio.jobs.trimming import trimmed

        new = self.project.replace_clip(id_, trimmed(self.project, id_, start_s, end_s))
        self._clips_did_change()
        again, back = partial(self._swap_now, id_, new.id), partial(self._swap_now, new.id, id_)
        self._push(self.tr("Trim sample {number}").format(number=id_), again, back)
        return new

    def empty_trash(self) -> int:
        """Delete everything in the trash for good; what was done before can no longer be undone."""
        count = self.project.empty_trash()
        self._forget_changes()
        self._clips_did_change()
        return count

    def people(self) -> list[Person]:
        """Everybody in the project, in the order in which they came."""
        return self.project.people()

    def add_person(self, name: str, child: bool, consent: bool) -> Person:
        """Add somebody."""
        person = self.project.add_person(name, child, consent)
        self._people_did_change()
        return person

    def set_person(self, name: str, child: bool, consent: bool) -> Person:
        """Say who somebody is."""
        person = self.project.set_person(name, child, consent)
        self._people_did_change()
        return person

    def rename_person(self, old: str, new: str) -> Person:
        """Give somebody another name. What was done before can no longer be undone: it speaks of the old name."""
        person = self.project.rename_person(old, new)
        self._forget_changes()
        self._did_change(self.people_changed, self.clips_changed)
        return person

    def delete_person(self, name: str) -> None:
        """Delete somebody and every clip of theirs for good; what was done before can no longer be undone."""
        self.project.delete_person(name)
        self._forget_changes()
        self._did_change(self.people_changed, self.clips_changed)

    def _add(self, new: Sequence[NewClip], text: str) -> list[Clip]:
        people = {person.name for person in self.project.people()}
        made = self.project.add_clips(new)
        if made:
            ids = [clip.id for clip in made]
            new_people = {clip.speaker for clip in made if clip.speaker} - people
            self._did_change(*([self.people_changed] if new_people else []), self.clips_changed)
            self._push(text, again=partial(self._restore_now, ids), back=partial(self._trash_now, ids))
        return made

    def _trash(self, ids: list[int], text: str) -> None:
        self._change(text, partial(self._trash_now, ids), partial(self._restore_now, ids))

    def _change(self, text: str, again: Callable[[], None], back: Callable[[], None]) -> None:
        again()
        self._push(text, again, back)

    def _push(self, text: str, again: Callable[[], None], back: Callable[[], None]) -> None:
        self.undo.push(Change(text, again=again, back=back, failed=self.trouble.emit))

    def _trash_now(self, ids: list[int]) -> None:
        self._write(partial(Project.trash_clips, ids=ids), len(ids))

    def _restore_now(self, ids: list[int]) -> None:
        self._write(partial(Project.restore_clips, ids=ids), len(ids))

    def _swap_now(self, old: int, new: int) -> None:
        self.project.trash_clips([old])
        self.project.restore_clips([new])
        self._clips_did_change()

    def _relabel_now(self, kinds: dict[ClipKind, list[int]]) -> None:
        self._write(partial(_relabel_in, kinds=kinds), sum(map(len, kinds.values())))

    def _assign_now(self, speakers: dict[str | None, list[int]]) -> None:
        self._write(partial(_assign_in, speakers=speakers), sum(map(len, speakers.values())), people=True)

    def _keep_now(self, judgements: dict[bool, list[int]]) -> None:
        self._write(partial(_keep_in, judgements=judgements), sum(map(len, judgements.values())))

    def _note_now(self, id_: int, text: str) -> None:
        self.project.set_note(id_, text)
        self._clips_did_change()

    def _write(self, change: Callable[[Project], None], count: int, *, people: bool = False, new: bool = False) -> None:
        """Change the project now; where that is a change of many clips, or one is still being made, in another thread,
        one after the other. ``new``: it makes clips, which takes longer."""
        if count <= (_MANY_NEW if new else _MANY) and not any(
            job.is_busy and job.lane == _LANE for job in self._own_jobs
        ):
            change(self.project)
            self._tell_change(people=people)
            return
        title = self.tr("Changing %Ln samples", "", count) if count != 1 else self.tr("Changing 1 sample")
        job = Job("change", title, changing(self.project, change), lane=_LANE)
        job.settled.connect(self._on_people_written if people else self._on_written)
        self.start(job)

    def _on_written(self, job: Job) -> None:
        self._tell_change(people=False)
        self._tell_trouble(job)

    def _on_people_written(self, job: Job) -> None:
        self._tell_change(people=True)
        self._tell_trouble(job)

    def _tell_change(self, *, people: bool) -> None:
        self._did_change(*([self.people_changed] if people else []), self.clips_changed)

    def _tell_trouble(self, job: Job) -> None:
        if job.error:
            self.trouble.emit(job.error)

    def start(self, job: Job) -> Job:
        """Let a job of this project begin; it stands in the list of jobs from now on."""
        self._own_jobs.append(self._jobs.add(job))
        return job

    def _forget_changes(self) -> None:
        self.undo.clear()
        self._recorded.clear()

    def _clips_did_change(self) -> None:
        self._did_change(self.clips_changed)

    def _people_did_change(self) -> None:
        self._did_change(self.people_changed)

    def _did_change(self, *what: SignalInstance) -> None:
        """Tell it, unless the project was left: what a late job says then would send the window to a closed library."""
        if not self.is_open:
            return
        for signal in what:
            signal.emit()
        self.step_changed.emit()


def _relabel_in(project: Project, kinds: dict[ClipKind, list[int]]) -> None:
    for kind, ids in kinds.items():
        project.relabel(ids, kind)


def _assign_in(project: Project, speakers: dict[str | None, list[int]]) -> None:
    for person, ids in speakers.items():
        project.assign_speaker(ids, person)


def _keep_in(project: Project, judgements: dict[bool, list[int]]) -> None:
    for kept, ids in judgements.items():
        project.set_kept(ids, kept)


def is_trashed(clip: Clip) -> bool:
    """Whether a clip lies in the trash."""
    return clip.path.startswith("trash/")
