"""The sounds that a model fell for, as the project remembers them: where each came from, and what was decided.

They lie in the project's folder ``mining``, beside the sounds of those that were cut from files elsewhere.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.audio.files import Pcm, read_audio, read_stretch
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError
from mww_studio.project.storage import storage_errors
from mww_studio.project.store import Project

BEFORE_S, AFTER_S = 1.7, 0.5
"""What is cut out around a moment, as for a mistake that Results shows."""
FOLDER = "mining"
_RECORD = "candidates.json"
_SOUNDS = "sounds"


class State(StrEnum):
    """What a person decided: not yet, to learn that it is not the word, not to, or that it was the word."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WORD = "word"


class Candidate(BaseModel):
    """A sound that woke a model or nearly did.

    ``file``: where it came from, ``content`` the sha256 of that file (of a clip: of its samples), ``time_s`` the end of
    what was judged in it. ``clip``: the clip of the project that the file is. ``score``: the highest mean over the
    window, 0 to 255, against ``cutoff_byte``. ``maybe_word``: it sounds like the takes. ``examines``: it comes from a
    sound that chooses the cut-off or examines. ``made``: the clip that it became.
    """

    model_config = ConfigDict(frozen=True)

    id: int
    state: State = State.WAITING
    file: str
    content: str
    clip: int | None = None
    time_s: float
    score: float
    cutoff_byte: int
    woke: bool
    maybe_word: bool
    examines: bool = False
    run: str
    licence: str
    sketch: str
    found_at: datetime
    made: int | None = None

    @property
    def source(self) -> str:
        """The file's name with its folder's."""
        path = Path(self.file)
        return f"{path.parent.name}/{path.name}" if path.parent.name else path.name


class Scan(BaseModel):
    """One search: by which run, how long it listened, how often it would have woken, and what it offered."""

    model_config = ConfigDict(frozen=True)

    run: str
    at: datetime
    hours: float
    woke: int
    offered: int


class MiningRecord(BaseModel):
    """Everything that was found and decided. ``steps``: the states before each decision, the newest last."""

    model_config = ConfigDict(frozen=True)

    last_id: int = 0
    candidates: tuple[Candidate, ...] = ()
    scans: tuple[Scan, ...] = ()
    steps: tuple[dict[int, State], ...] = ()

    def waiting(self) -> list[Candidate]:
        """Those about which nothing was decided, the surest first."""
        waiting = [one for one in self.candidates if one.state is State.WAITING]
        return sorted(waiting, key=lambda one: (not one.woke, -one.score, one.id))

    def with_states(self, changed: Iterable[Candidate]) -> "MiningRecord":
        """The same with these candidates in the place of those of the same number."""
        new = {one.id: one for one in changed}
        return self.model_copy(update={"candidates": tuple(new.get(one.id, one) for one in self.candidates)})


def read_record(folder: Path) -> MiningRecord:
    """What the project in a folder remembers. Raises StudioError ``mining.record`` where it is damaged."""
    path = folder / FOLDER / _RECORD
    try:
        return MiningRecord.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return MiningRecord()
    except (OSError, ValidationError) as error:
        raise StudioError(
            "mining.record",
            f"What was found in earlier searches cannot be read from {path}.",
            why=f"{error}.",
            do="Bring the file back from a copy, or move it away: what was accepted stays in the project.",
        ) from None


def write_record(project: Project, record: MiningRecord) -> None:
    """Keep it. Raises StudioError as everything that changes a project does."""
    project.check_writable()
    with storage_errors(project.folder):
        (project.folder / FOLDER).mkdir(exist_ok=True)
        write_durably(project.folder / FOLDER / _RECORD, record.model_dump_json(indent=1).encode())


def sound_file(folder: Path, id_: int) -> Path:
    """Where the sound of a candidate lies that came from a file elsewhere."""
    return folder / FOLDER / _SOUNDS / f"{id_:06d}.wav"


def sound_of(project: Project, candidate: Candidate) -> Pcm:
    """What can be heard of a candidate: int16 [samples], 16 kHz mono. Raises StudioError ``mining.gone``."""
    if candidate.clip is None:
        path = sound_file(project.folder, candidate.id)
        if path.is_file():
            return read_audio(path)
    else:
        for clip in project.clips_by_id([candidate.clip]):
            return cut(project.folder / clip.path, candidate.time_s)
    raise StudioError(
        "mining.gone",
        f"The sound of number {candidate.id} is no longer there.",
        why="Its clip or its file was deleted.",
        do="Reject it, or search again.",
    )


def sounds_of(project: Project, candidates: Sequence[Candidate]) -> dict[int, Pcm]:
    """The sounds of those that are still there, by their numbers."""
    found = {}
    for one in candidates:
        try:
            found[one.id] = sound_of(project, one)
        except StudioError:
            continue
    return found


def cut(path: Path, time_s: float) -> Pcm:
    """The sound around a moment of a file. Raises as :func:`~mww_studio.audio.files.read_blocks` does."""
    start_s = max(0.0, time_s - BEFORE_S)
    return read_stretch(path, start_s, time_s + AFTER_S - start_s)
