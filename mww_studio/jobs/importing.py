"""Bringing sound files into a project: read, cut, judged and committed in batches that survive whatever follows."""

import hashlib
import os
import queue
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from mww_studio.audio.files import Pcm, find_audio, read_audio, read_blocks
from mww_studio.audio.quality import judge
from mww_studio.audio.trimming import cut_takes
from mww_studio.constitution.articles import law
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.wording import counted
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, NewClip, Problem, checked_name
from mww_studio.project.store import Project

PIECE_S = 300.0  # long recordings become clips of this length
_BATCH_CLIPS = 32
_BATCH_SAMPLES = 16_000_000
_WAITING_CLIPS = 2  # of each file that is being read
_PATIENCE_S = 0.2
_MAX_RIR_S = 20.0
_ONSET = 0.1  # of the peak: the direct sound, 20 dB above what noise may precede it


@dataclass(frozen=True)
class ImportReport:
    """What became of the files: clips added, clips that were there already, files that failed and why.

    ``problems`` counts the problems of the added clips; each is imported nevertheless. ``ids``: the added clips.
    """

    files: int
    added: int
    duplicates: int
    failed: tuple[tuple[Path, StudioError], ...]
    problems: Counter[Problem]
    ids: tuple[int, ...] = ()

    def summary(self) -> dict[str, object]:
        """For machines."""
        return {
            "files": self.files,
            "added": self.added,
            "duplicates": self.duplicates,
            "failed": [{"path": str(path), "code": error.code, "message": str(error)} for path, error in self.failed],
            "problems": {problem.code: count for problem, count in self.problems.most_common()},
        }

    def describe(self) -> str:
        """For people."""
        lines = [
            f"{counted(self.files, 'file')}: {counted(self.added, 'clip')} added, {self.duplicates} were there already."
        ]
        lines += [
            f"{counted(count, 'clip')}, {problem.code}: {problem.advice}"
            for problem, count in self.problems.most_common()
        ]
        lines += [f"Not imported: {error}" for _, error in self.failed]
        return "\n".join(lines)


def import_audio(
    project: Project,
    paths: Sequence[Path],
    kind: ClipKind,
    *,
    speaker: str | None,
    licence: str = "",
    progress: Progress,
) -> ImportReport:
    """Import files and folders as clips of a kind, numbered in the order of the files.

    Wake words and near-sounding phrases are cut into takes; speech and ambience stay whole, in pieces of PIECE_S; an
    impulse response stays whole, at full scale. A file that fails is reported and the others go on. After a cancel, a
    full disk or a kill what was committed stays, and importing again adds only the rest.
    Raises StudioError ``import.nothing`` and those of :class:`Project`; Cancelled.
    """
    files = find_audio(paths)
    if not files:
        raise StudioError(
            "import.nothing",
            "There are no sound files in " + ", ".join(str(path) for path in paths) + ".",
            do="Name files or folders with WAV, FLAC, OGG or MP3 files.",
        )
    intake = _Intake(kind, checked_name(speaker, "person's name") if speaker else None, licence)
    tally = _Tally(project)
    progress.phase("import", len(files))
    try:
        for path, outcome in intake.outcomes(files, progress):
            if outcome is None:
                tally.files += 1
                progress.step(tally.files, added=tally.added, duplicates=tally.duplicates)
            elif isinstance(outcome, StudioError):
                tally.failed.append((path, outcome))
            else:
                tally.add(outcome)
        tally.commit()
    finally:
        intake.stop()
    intake.raise_defects()
    return ImportReport(
        tally.files, tally.added, tally.duplicates, tuple(tally.failed), tally.problems, tuple(tally.ids)
    )


class _Tally:
    """What came in so far; commits clips in batches."""

    def __init__(self, project: Project) -> None:
        self.files = self.added = self.duplicates = 0
        self.failed: list[tuple[Path, StudioError]] = []
        self.problems: Counter[Problem] = Counter()
        self.ids: list[int] = []
        self._project = project
        self._batch: list[NewClip] = []

    def add(self, clip: NewClip) -> None:
        self._batch.append(clip)
        if len(self._batch) >= _BATCH_CLIPS or sum(len(clip.pcm) for clip in self._batch) >= _BATCH_SAMPLES:
            self.commit()

    def commit(self) -> None:
        clips = self._project.add_clips(self._batch)
        self.ids += [clip.id for clip in clips]
        self.added += len(clips)
        self.duplicates += len(self._batch) - len(clips)
        self.problems.update(problem for clip in clips for problem in clip.quality.problems)
        self._batch = []


class _Stop(Progress):
    """Ends the reading of files when the import ends early."""

    def __init__(self, stopped: threading.Event) -> None:
        self._stopped = stopped

    def check_cancelled(self) -> None:
        if self._stopped.is_set():
            raise Cancelled


_Outcome = NewClip | StudioError | None


@dataclass(frozen=True)
class _Reading:
    """One file that is read, and what came of it so far: clips or a failure, and then None."""

    path: Path
    queue: queue.Queue[_Outcome]


class _Intake:
    """Files in, in many threads; clips out, in one. The queues between are short, so that little is in memory.

    What validates a model follows the numbers of clips, so the order must not depend on which file is read first.
    """

    def __init__(self, kind: ClipKind, speaker: str | None, licence: str) -> None:
        self._kind = kind
        self._speaker = speaker
        self._licence = licence
        self._stopped = threading.Event()
        self._progress = _Stop(self._stopped)
        self._threads = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads)
        self._jobs: list[Future[None]] = []

    def outcomes(self, files: Sequence[Path], progress: Progress) -> Iterator[tuple[Path, _Outcome]]:
        """Clips and failures in the order of the files; None at the end of each. Raises Cancelled."""
        coming = iter(files)
        readings = deque(map(self._begin, islice(coming, self._threads)))
        while readings:
            reading = readings.popleft()
            while (outcome := _take(reading, progress)) is not None:
                yield reading.path, outcome
            readings.extend(map(self._begin, islice(coming, 1)))
            yield reading.path, None

    def stop(self) -> None:
        """End what still reads."""
        self._stopped.set()
        self._pool.shutdown(cancel_futures=True)

    def raise_defects(self) -> None:
        """Raise what no file can be blamed for."""
        for job in self._jobs:
            job.result()

    def _begin(self, path: Path) -> _Reading:
        reading = _Reading(path, queue.Queue(_WAITING_CLIPS))
        self._jobs.append(self._pool.submit(self._read, reading))
        return reading

    def _read(self, reading: _Reading) -> None:
        """Hand over the clips of one file, or its failure, and then None; stops quietly when it is told to."""
        try:
            try:
                for clip in self._clips(reading.path):
                    self._put(reading, clip)
            except StudioError as error:
                self._put(reading, error)
            except OSError as error:
                self._put(reading, _failed_to_read(reading.path, error))
            finally:
                self._put(reading, None)
        except Cancelled:
            return

    def _put(self, reading: _Reading, outcome: _Outcome) -> None:
        while True:
            self._progress.check_cancelled()
            try:
                reading.queue.put(outcome, timeout=_PATIENCE_S)
            except queue.Full:
                continue
            return

    def _clips(self, path: Path) -> Iterator[NewClip]:
        with path.open("rb") as file:
            recording = hashlib.file_digest(file, "sha256").hexdigest()
        source = f"{path.resolve().parent.name}/{path.name}"
        for pcm, start_s, end_s in self._cuts(path):
            quality = judge(pcm, start_s, end_s, self._kind)
            yield NewClip(
                self._kind, pcm, recording, source, quality, start_s, end_s, self._speaker, self._licence, engine=None
            )

    def _cuts(self, path: Path) -> Iterator[tuple[Pcm, float | None, float | None]]:
        """The clips of a file with the times of the speech (or of the onset) in them."""
        match self._kind:
            case ClipKind.WAKE_WORD | ClipKind.NEAR:
                takes = cut_takes(read_audio(path, self._progress))
                if not takes:
                    raise _without_speech(path)
                for take in takes:
                    yield take.pcm, take.speech_start_s, take.speech_end_s
            case ClipKind.SPEECH | ClipKind.AMBIENCE:
                any_sound = False
                for piece in read_blocks(path, PIECE_S):
                    if piece.any():
                        any_sound = True
                        yield piece, None, None
                if not any_sound:
                    raise _silent(path)
            case ClipKind.RIR:
                yield _impulse_response(path, read_audio(path, self._progress))


def _take(reading: _Reading, progress: Progress) -> _Outcome:
    while True:
        progress.check_cancelled()
        try:
            return reading.queue.get(timeout=_PATIENCE_S)
        except queue.Empty:
            continue


def _impulse_response(path: Path, pcm: Pcm) -> tuple[Pcm, float, None]:
    """At full scale, with its onset."""
    rate = law().frontend.sample_rate_hz
    size = np.abs(pcm.astype(np.float32))
    peak = size.max()
    if not peak:
        raise _silent(path)
    if len(pcm) > _MAX_RIR_S * rate:
        raise StudioError(
            "audio.too_long",
            f"{path.name} is longer than an impulse response ({_MAX_RIR_S:.0f} seconds).",
            do="Import it as ambience or speech.",
        )
    onset = int(np.argmax(size >= _ONSET * peak))
    return np.rint(pcm * (32767 / peak)).astype(np.int16), onset / rate, None


def _silent(path: Path) -> StudioError:
    return StudioError(
        "audio.silent",
        f"{path.name} is silent from start to end.",
        why="Every sample is zero.",
        do="Check that the microphone was not muted, and record again.",
    )


def _without_speech(path: Path) -> StudioError:
    return StudioError(
        "audio.no_speech",
        f"No speech was found in {path.name}.",
        why="Nothing in it stands out from the background.",
        do="Listen to it; if someone speaks, record again closer to the microphone, or with less noise around.",
    )


def _failed_to_read(path: Path, error: OSError) -> StudioError:
    return StudioError(
        "audio.unreadable",
        f"{path.name} cannot be read.",
        why=f"The system says: {error.strerror or error}.",
        do="Check that you may read the file and that its disk is connected.",
    )
