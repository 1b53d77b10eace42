"""Searching hours of sound for what wakes a finished model by mistake, or nearly does: hard negatives to learn from."""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.audio.files import read_audio, write_wav
from mww_studio.constitution.articles import law
from mww_studio.corpus.features import device_features
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.evaluation.clips import LEAD_IN_S, present
from mww_studio.evaluation.detector import cutoff_byte
from mww_studio.evaluation.scorecard import FalseAcceptRate, count_rate
from mww_studio.jobs.delivery import MODEL
from mww_studio.jobs.examination import read_examination
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.mining_record import (
    Candidate,
    MiningRecord,
    Scan,
    State,
    cut,
    read_record,
    sound_file,
    write_record,
)
from mww_studio.jobs.mining_scan import APART_S, HeardPart, Judge, SoundEvent, hear_all, parts_of
from mww_studio.jobs.mining_sketch import Sketch, likeness, read_sketch, sketch
from mww_studio.jobs.mining_sources import Source, find_sources
from mww_studio.jobs.spec import JobSpec, read_spec, read_spec_as
from mww_studio.jobs.wording import counted
from mww_studio.presets import Mining
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, RunState
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project

LISTENING = "Listening"
_RESULT, _SOUNDS = "result.json", "sounds"
# Takes that a sound is held against, and how many there must be; as like one of them as most are like another.
_MOST_TAKES, _LEAST_TAKES = 60, 6
_LIKE_OTHERS = 0.25
_AFTER_WORD_S = 0.1
# Events in memory for each that can be offered: many are like others.
_SPARE = 10


class MiningSpec(JobSpec):
    """One search. ``own``: also in the project's sounds that teach; ``examining``: and in those that examine."""

    kind: Literal["mining"] = "mining"
    project: Path
    run: str
    paths: tuple[Path, ...]
    own: bool
    examining: bool
    licence: str
    settings: Mining


class Found(BaseModel):
    """A sound to be offered. ``sound``: the file in the job's folder that holds it, empty for a clip of the project."""

    model_config = ConfigDict(frozen=True)

    file: str
    content: str
    clip: int | None
    examines: bool
    licence: str
    event: SoundEvent
    maybe_word: bool
    sound: str


class LeftOut(BaseModel):
    """A file that was not heard, and why."""

    model_config = ConfigDict(frozen=True)

    file: str
    reason: str


class MiningResult(BaseModel):
    """What a search found. ``woke``: how often the device would have woken in all that was heard.

    ``alike``: events that were like another or offered before; ``beyond``: those beyond the limits.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    cutoff_byte: int
    window: int
    hours: float
    files: int
    woke: int
    near: int
    alike: int
    beyond: int
    found: tuple[Found, ...]
    unreadable: tuple[LeftOut, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def rate(self) -> FalseAcceptRate:
        """How often it wakes by mistake, with what the hours prove."""
        return count_rate(self.hours, self.woke)

    def describe(self) -> str:
        """For a person, in a few lines."""
        high = self.rate.high
        proves = f"; that proves fewer than {high:.2f} an hour" if high is not None else ""
        recordings, times = counted(self.files, "recording"), counted(self.woke, "time")
        lines = [
            f"Heard {self.hours:.2f} h in {recordings}: woke {times}{proves}.",
            f"{counted(len(self.found), 'sound')} to listen to"
            + (f"; {self.alike} more were like these or offered before" if self.alike else "")
            + (f"; {self.beyond} more were beyond the limits" if self.beyond else "")
            + ".",
        ]
        lines += [f"Cannot be read: {one.file}: {one.reason}" for one in self.unreadable]
        lines += [f"Left out: {one.file}: {one.reason}" for one in self.left_out]
        return "\n".join(lines)


def plan_mining(
    project: Project,
    run_id: str | None,
    paths: Sequence[Path],
    *,
    own: bool = False,
    examining: bool = False,
    licence: str = "",
    limit: int | None = None,
    per_source: int | None = None,
) -> MiningSpec:
    """A search with a finished run, the newest if none is named, with its preset's settings save the limits given.

    Raises StudioError ``mining.no_run`` and ``mining.nothing``.
    """
    finished = [run.id for run in project.runs() if run.state is RunState.DONE]
    chosen = run_id or (finished[-1] if finished else None)
    if chosen not in finished:
        raise StudioError(
            "mining.no_run",
            f"There is no finished training {run_id}." if run_id else "No training of this project is finished.",
            why="Only a finished wake word can be searched for mistakes.",
            do=f"Choose one of: {', '.join(finished)}." if finished else "Train first.",
        )
    if not paths and not own:
        raise StudioError(
            "mining.nothing",
            "There is no sound to listen to.",
            do="Name files or folders with recordings, or take the project's own sounds.",
        )
    settings = read_spec(project.run_folder(chosen)).preset.mining
    wanted = {"limit": limit or settings.limit, "per_source": per_source or settings.per_source}
    return MiningSpec(
        project=project.folder.resolve(),
        run=chosen,
        paths=tuple(path.resolve() for path in paths),
        own=own,
        examining=examining,
        licence=licence,
        settings=settings.model_copy(update=wanted),
    )


def mine(project: Project, spec: MiningSpec, progress: Progress) -> MiningResult:
    """Search in a worker process, and keep what was found in the project. Raises as the search does, and Cancelled.

    After a cancel or a kill nothing of what was heard is heard again by the same model.
    """
    project.check_writable()
    read_record(project.folder)
    folder = project.folder / "cache" / "work" / "mining"
    run_job(folder, spec, progress)
    return keep(project, folder, spec)


def keep(project: Project, folder: Path, spec: MiningSpec) -> MiningResult:
    """Bring what a job found into the project's record; ones that wait since an earlier run are dropped."""
    try:
        result = MiningResult.model_validate_json((folder / _RESULT).read_bytes())
    except (OSError, ValidationError) as error:
        raise StudioError(
            "mining.result", "What the search found cannot be read.", why=f"{error}.", do="Search again."
        ) from None
    record = read_record(project.folder)
    now = datetime.now(UTC)
    new = [
        Candidate(
            id=number,
            file=found.file,
            content=found.content,
            clip=found.clip,
            time_s=found.event.time_s,
            score=found.event.score,
            cutoff_byte=result.cutoff_byte,
            woke=found.event.woke,
            maybe_word=found.maybe_word,
            examines=found.examines,
            run=spec.run,
            licence=found.licence,
            sketch=found.event.sketch,
            found_at=now,
        )
        for number, found in enumerate(result.found, start=record.last_id + 1)
    ]
    old = _still_valid(record, spec.run)
    dropped = {one.id for one in record.candidates} - {one.id for one in old}
    with storage_errors(project.folder):
        for one, found in zip(new, result.found, strict=True):
            if found.sound:
                sound_file(project.folder, one.id).parent.mkdir(parents=True, exist_ok=True)
                shutil.move(folder / found.sound, sound_file(project.folder, one.id))
    scan = Scan(run=spec.run, at=now, hours=result.hours, woke=result.woke, offered=len(new))
    write_record(
        project,
        MiningRecord(
            last_id=record.last_id + len(new),
            candidates=(*old, *new),
            scans=(*record.scans, scan),
            steps=record.steps,
        ),
    )
    for id_ in dropped:
        sound_file(project.folder, id_).unlink(missing_ok=True)
    return result


def _still_valid(record: MiningRecord, run: str) -> list[Candidate]:
    """What was decided, and what waits since a search with this run: another model falls for other sounds."""
    return [one for one in record.candidates if one.state is not State.WAITING or one.run == run]


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Search; in the worker. Reads the project, writes into the job's folder alone."""
    spec = read_spec_as(folder, MiningSpec)
    run_folder = spec.project / "runs" / spec.run
    point = read_examination(run_folder).operating_point
    judge = Judge(run_folder / MODEL, cutoff_byte(point.cutoff), point.sliding_window_size, spec.settings.near_share)
    with Project.open(spec.project, read_only=True) as project:
        preset = read_spec(run_folder).preset
        sources = find_sources(project, preset, spec.paths, progress, own=spec.own, examining=spec.examining)
        takes = _take_sketches(project, project.clips(ClipKind.WAKE_WORD), progress)
    unreadable = {str(one.path): one.reason for one in sources.unreadable}
    heard = _listen(sources.sources, judge, _memory(folder, judge), spec.settings, progress)
    unreadable = {str(one.path): one.reason for one in sources.unreadable} | heard.unreadable
    picked = _Picked(_still_valid(read_record(spec.project), spec.run), spec.settings)
    picked.beyond = heard.dropped
    for source, event in heard.best():
        progress.check_cancelled()
        picked.offer(source, event)
    found = _cut_out(picked.chosen, folder, spec.licence, takes, unreadable, progress)
    result = MiningResult(
        run=spec.run,
        cutoff_byte=judge.cutoff_byte,
        window=judge.window,
        hours=sum(heard.seconds.values()) / 3600,
        files=len(heard.seconds),
        woke=heard.woke,
        near=heard.near,
        alike=picked.alike,
        beyond=picked.beyond,
        found=tuple(found),
        unreadable=tuple(LeftOut(file=file, reason=reason) for file, reason in unreadable.items()),
        left_out=tuple(LeftOut(file=str(one.path), reason=one.reason) for one in sources.left_out),
    )
    write_durably(folder / _RESULT, result.model_dump_json(indent=1).encode())
    return {"result": str(folder / _RESULT)}


class _Heard:
    """What was heard so far. Of the events as many are kept as could ever be offered, and some more."""

    def __init__(self, settings: Mining) -> None:
        self.woke = self.near = self.dropped = 0
        self.seconds: dict[str, float] = {}
        self.unreadable: dict[str, str] = {}
        self._events: list[tuple[Source, SoundEvent]] = []
        self._most = _SPARE * settings.limit

    def add(self, source: Source, part: HeardPart) -> None:
        """One more part of a source."""
        if part.seconds:
            self.seconds[source.content] = self.seconds.get(source.content, 0.0) + part.seconds
        woke = sum(event.woke for event in part.events)
        self.woke += woke
        self.near += len(part.events) - woke
        self._events += [(source, event) for event in part.events]
        if len(self._events) > 2 * self._most:
            self._events = self.best()

    def best(self) -> list[tuple[Source, SoundEvent]]:
        """Those that are kept, the ones that woke it first, then the nearest; the same whatever came first."""
        ranked = sorted(self._events, key=lambda one: (not one[1].woke, -one[1].score, one[0].content, one[1].time_s))
        self.dropped += len(ranked[self._most :])
        return ranked[: self._most]


def _listen(sources: Sequence[Source], judge: Judge, kept: Path, settings: Mining, progress: Progress) -> _Heard:
    """Hear everything."""
    source_of = {source.content: source for source in sources}
    parts = [part for source in sources for part in parts_of(source.path, source.content, source.seconds)]
    total_s = sum(source.seconds for source in sources)
    progress.phase(LISTENING, max(1, round(total_s)))
    heard, passed_s = _Heard(settings), 0.0
    for part, what in hear_all(parts, judge, kept, progress):
        source = source_of[part.content]
        passed_s += part.seconds
        if isinstance(what, HeardPart):
            heard.add(source, what)
        else:
            heard.unreadable[str(part.path)] = what.reason
        hours = f"{passed_s / 3600:.2f} of {total_s / 3600:.2f} h"
        progress.step(round(passed_s), heard=hours, woke=heard.woke, near=heard.near)
    return heard


class _Picked:
    """Takes what is offered, the best first, unless it is like another or beyond the limits."""

    def __init__(self, offered: Sequence[Candidate], settings: Mining) -> None:
        self.chosen: list[tuple[Source, SoundEvent]] = []
        self.alike = self.beyond = 0
        self._settings = settings
        self._places = [(one.content, one.time_s) for one in offered]
        self._sketches = [read for one in offered if (read := read_sketch(one.sketch)) is not None]
        self._of_source: Counter[str] = Counter()

    def offer(self, source: Source, event: SoundEvent) -> None:
        """Take it or count why not."""
        if any(content == source.content and abs(at_s - event.time_s) < APART_S for content, at_s in self._places):
            self.alike += 1
        elif len(self.chosen) >= self._settings.limit or self._of_source[source.content] >= self._settings.per_source:
            self.beyond += 1
        else:
            drawn = read_sketch(event.sketch)
            if drawn is not None and likeness(drawn, self._sketches) > self._settings.likeness:
                self.alike += 1
                return
            self.chosen.append((source, event))
            self._places.append((source.content, event.time_s))
            self._of_source[source.content] += 1
            if drawn is not None:
                self._sketches.append(drawn)


def _cut_out(
    chosen: Sequence[tuple[Source, SoundEvent]],
    folder: Path,
    licence: str,
    takes: Sequence[Sketch],
    unreadable: dict[str, str],
    progress: Progress,
) -> list[Found]:
    """The chosen sounds, written into the job's folder unless a clip of the project holds them."""
    sounds = folder / _SOUNDS
    shutil.rmtree(sounds, ignore_errors=True)
    sounds.mkdir()
    progress.phase("Cutting out what was found", len(chosen))
    like = _as_like_as_takes(takes)
    found = []
    for number, (source, event) in enumerate(chosen, start=1):
        progress.check_cancelled()
        name = "" if source.clip else f"{_SOUNDS}/{number}.wav"
        if name:
            try:
                write_wav(folder / name, cut(source.path, event.time_s))
            except StudioError as error:  # it was there a moment ago
                unreadable[str(source.path)] = str(error)
                continue
        drawn = read_sketch(event.sketch)
        found.append(
            Found(
                file=(source.clip.source or source.clip.path) if source.clip else str(source.path),
                content=source.content,
                clip=source.clip.id if source.clip else None,
                examines=source.examines,
                licence=source.clip.licence if source.clip else licence,
                event=event,
                maybe_word=drawn is not None and like is not None and likeness(drawn, takes) >= like,
                sound=name,
            )
        )
        progress.step(number)
    return found


def _take_sketches(project: Project, takes: Sequence[Clip], progress: Progress) -> list[Sketch]:
    """Sketches of some of the takes, evenly from all, each from a little after its speech."""
    step = max(1, -(-len(takes) // _MOST_TAKES))
    found = []
    for clip in takes[::step]:
        progress.check_cancelled()
        try:
            pcm = read_audio(project.folder / clip.path)
        except StudioError:  # training will say so
            continue
        end_s = LEAD_IN_S + (clip.speech_end_s or clip.duration_s) + _AFTER_WORD_S
        features = device_features(present(pcm, speech_start_s=clip.speech_start_s, speech_end_s=clip.speech_end_s))
        drawn = read_sketch(sketch(features, min(round(end_s * 1000 / law().frontend.step_ms), len(features))))
        if drawn is not None:
            found.append(drawn)
    return found


def _as_like_as_takes(takes: Sequence[Sketch]) -> float | None:
    """How like their likest neighbour three of four takes are; None where there are too few to say."""
    if len(takes) < _LEAST_TAKES:
        return None
    nearest = sorted(likeness(one, [*takes[:n], *takes[n + 1 :]]) for n, one in enumerate(takes))
    return nearest[int(_LIKE_OTHERS * len(nearest))]


def _memory(folder: Path, judge: Judge) -> Path:
    """Where it is kept what this judge heard; what others heard goes."""
    kept = folder / f"heard-{judge.key()}"
    for old in _others(folder.glob("heard-*"), kept):
        shutil.rmtree(old, ignore_errors=True)
    kept.mkdir(parents=True, exist_ok=True)
    return kept


def _others(folders: Iterable[Path], but: Path) -> list[Path]:
    return [folder for folder in folders if folder != but]
