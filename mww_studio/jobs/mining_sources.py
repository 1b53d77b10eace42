"""What can be searched for mistakes: files and folders, and the project's own sounds; and what must not be."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from mww_studio.audio.files import duration_s, find_audio
from mww_studio.errors import StudioError
from mww_studio.jobs.planning import sides
from mww_studio.presets import Preset
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Split
from mww_studio.project.store import Project

SOAK = "soak"
_LONGEST_H = 1000.0
_CHUNK = 1 << 20
_OTHER = (ClipKind.SPEECH, ClipKind.AMBIENCE)


@dataclass(frozen=True)
class Source:
    """A recording to listen to. ``content``: the sha256 of the file, or of a clip's samples.

    ``clip``: the clip of the project that it is, or None. ``examines``: that clip stands on the side that examines.
    """

    path: Path
    content: str
    seconds: float
    clip: Clip | None = None
    examines: bool = False


@dataclass(frozen=True)
class Left:
    """A file that is left out, and why."""

    path: Path
    reason: str


@dataclass
class Sources:
    """What is listened to, what cannot be read, and what is left out on purpose."""

    sources: list[Source] = field(default_factory=list)
    unreadable: list[Left] = field(default_factory=list)
    left_out: list[Left] = field(default_factory=list)


def soak_folders(project: Project) -> list[Path]:
    """Where the live test kept what woke a model, the oldest first."""
    folders = [project.run_folder(run.id) / SOAK for run in project.runs()]
    return [folder for folder in folders if folder.is_dir() and any(folder.rglob("*.wav"))]


def find_sources(
    project: Project, preset: Preset, paths: Sequence[Path], progress: Progress, *, own: bool, examining: bool
) -> Sources:
    """Everything to listen to, each content once.

    ``own``: also the project's other talk and room sound from which the model learns. A file that was imported is heard
    as the clips that it became, and takes of the wake word are not heard at all. Clips that choose the cut-off or
    examine are left out unless ``examining``: what is accepted from them changes sides.
    Raises StudioError ``audio.not_found``, ``mining.nothing`` and Cancelled.
    """
    shelf = _Shelf(project, preset, examining)
    files = find_audio(paths)
    progress.phase("Looking at the files", len(files))
    for number, (path, content) in enumerate(_with_contents(files, progress), start=1):
        progress.step(number)
        if isinstance(content, StudioError):
            shelf.found.unreadable.append(Left(path, str(content)))
        else:
            shelf.add_file(path, content)
    if own:
        shelf.add_clips(shelf.others)
    if not shelf.found.sources and not shelf.found.unreadable and not shelf.found.left_out:
        raise StudioError(
            "mining.nothing",
            "There is no sound to listen to.",
            do="Name files or folders with recordings, or take the project's own sounds.",
        )
    return shelf.found


class _Shelf:
    """Sorts files and clips into what is heard and what is not."""

    def __init__(self, project: Project, preset: Preset, examining: bool) -> None:
        self.found = Sources()
        clips = project.clips()
        self.others = [clip for clip in clips if clip.kind in _OTHER]
        self._folder = project.folder.resolve()
        self._side = sides(project, clips, preset)
        self._examining = examining
        self._taken: set[str] = set()
        self._by_path = {clip.path: clip for clip in clips}
        self._by_recording: dict[str, list[Clip]] = defaultdict(list)
        for clip in clips:
            # Of a file from which only mistakes were learned everything else may still be heard.
            if clip.kind is not ClipKind.NEAR:
                self._by_recording[clip.recording].append(clip)

    def add_file(self, path: Path, content: str) -> None:
        """A file that a person named, or that lies in a folder of theirs."""
        inside = self._inside(path)
        clip = self._by_path.get(inside)
        if clip is not None:
            self._add_known(path, [clip])
        elif inside and not (inside.startswith("runs/") and f"/{SOAK}/" in inside):
            self._leave(path, "It belongs to the project's own files.")
        elif content in self._by_recording:
            self._add_known(path, self._by_recording[content])
        elif content not in self._taken:
            self._taken.add(content)
            try:
                seconds = duration_s(path)
            except StudioError as error:
                self.found.unreadable.append(Left(path, str(error)))
                return
            if seconds > _LONGEST_H * 3600:
                self.found.unreadable.append(Left(path, f"Its header claims {seconds / 3600:.0f} hours."))
            else:
                self.found.sources.append(Source(path, content, seconds))

    def add_clips(self, clips: Iterable[Clip]) -> None:
        """Clips of the project; those that examine only where that is wanted."""
        for clip in clips:
            examines = self._side[clip.id] is not Split.TRAIN
            if clip.sha256 not in self._taken and (self._examining or not examines):
                self._taken.add(clip.sha256)
                path = self._folder / clip.path
                self.found.sources.append(Source(path, clip.sha256, clip.duration_s, clip, examines))

    def _add_known(self, path: Path, clips: Sequence[Clip]) -> None:
        """A file that is in the project already, as these clips."""
        if any(clip.kind is ClipKind.WAKE_WORD for clip in clips):
            self._leave(path, "It is a recording of the wake word.")
            return
        others = [clip for clip in clips if clip.kind in _OTHER]
        if not others:
            self._leave(path, "It is in the project, and is no sound that a model listens to.")
            return
        if not self._examining and any(self._side[clip.id] is not Split.TRAIN for clip in others):
            self._leave(path, "It is in the project and examines the model, wholly or in part.")
        self.add_clips(others)

    def _leave(self, path: Path, reason: str) -> None:
        self.found.left_out.append(Left(path, reason))

    def _inside(self, path: Path) -> str:
        """The path relative to the project, with forward slashes; empty for a file elsewhere."""
        whole = path.resolve()
        return whole.relative_to(self._folder).as_posix() if whole.is_relative_to(self._folder) else ""


def _with_contents(files: Sequence[Path], progress: Progress) -> Iterable[tuple[Path, str | StudioError]]:
    """Each file with the sha256 of its content, or why it cannot be read."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            yield from zip(files, pool.map(lambda path: _content(path, progress), files), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _content(path: Path, progress: Progress) -> str | StudioError:
    digest = hashlib.sha256()
    if not path.is_file():  # what is no file may never end
        return StudioError("audio.unreadable", f"{path.name} is no file.", do="Name sound files and folders.")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                progress.check_cancelled()
                digest.update(chunk)
    except OSError as error:
        return StudioError("audio.unreadable", f"{path.name} cannot be read.", why=f"{error.strerror or error}.")
    return digest.hexdigest()
