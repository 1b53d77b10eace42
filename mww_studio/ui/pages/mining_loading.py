"""What the search for mistakes shows, read away from the window's thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.errors import StudioError
from mww_studio.jobs.mining import MiningSpec, plan_mining
from mww_studio.jobs.mining_record import Candidate, Scan, State, read_record, sound_of, sounds_of
from mww_studio.jobs.mining_sources import soak_folders
from mww_studio.jobs.planning import sides
from mww_studio.presets import load_preset, preset_names
from mww_studio.project.records import ClipKind, Run, RunState, Split
from mww_studio.project.store import Project
from mww_studio.ui.models.found_table import Envelope, envelope

_USUAL = "standard"
_OTHER = (ClipKind.SPEECH, ClipKind.AMBIENCE)


@dataclass(frozen=True)
class Order:
    """What a person wants to be searched; ``run`` is empty for the newest."""

    paths: tuple[Path, ...]
    soak: bool
    own: bool
    examining: bool
    run: str


@dataclass(frozen=True)
class Ground:
    """What there is. ``runs``: the finished ones with their numbers, the newest first; ``newest``: its id.

    ``soak``: how many sounds the live test kept. Hours: of the project's other sound. ``taught``: the sounds that were
    accepted since the newest run.
    """

    runs: tuple[tuple[int, Run], ...]
    soak: int
    teaching_hours: float
    examining_hours: float
    waiting: tuple[Candidate, ...]
    taught: int
    last: Scan | None
    people: tuple[str, ...]


def read_ground(project: Project) -> Ground:
    """Everything that the page shows at first."""
    runs = [(number, run) for number, run in enumerate(project.runs(), start=1) if run.state is RunState.DONE]
    record = read_record(project.folder)
    newest = runs[-1][1].id if runs else ""
    clips = project.clips()
    preset = load_preset(runs[-1][1].preset if runs and runs[-1][1].preset in preset_names() else _USUAL)
    side = sides(project, clips, preset) if runs else {}
    known = {clip.id for clip in clips}
    seconds = {True: 0.0, False: 0.0}
    for clip in clips:
        if clip.kind in _OTHER and clip.id in side:
            seconds[side[clip.id] is Split.TRAIN] += clip.duration_s
    return Ground(
        runs=tuple(reversed(runs)),
        soak=sum(1 for folder in soak_folders(project) for _ in folder.rglob("*.wav")),
        teaching_hours=seconds[True] / 3600,
        examining_hours=seconds[False] / 3600,
        waiting=tuple(one for one in record.waiting() if one.clip is None or one.clip in known),
        taught=sum(one.state is State.ACCEPTED and one.run == newest for one in record.candidates),
        last=record.scans[-1] if record.scans else None,
        people=tuple(person.name for person in project.people()),
    )


def plan(project: Project, order: Order) -> MiningSpec:
    """The search that was asked for. Raises StudioError as :func:`~mww_studio.jobs.mining.plan_mining` does."""
    paths = [*order.paths, *(soak_folders(project) if order.soak else [])]
    return plan_mining(project, order.run or None, paths, own=order.own, examining=order.examining)


def read_waves(project: Project, found: Sequence[Candidate]) -> dict[int, Envelope]:
    """The waves of those whose sound is there, by their numbers."""
    return {id_: envelope(pcm) for id_, pcm in sounds_of(project, found).items()}


def read_sound(project: Project, one: Candidate) -> npt.NDArray[np.int16]:
    """The sound of one. Raises StudioError ``mining.gone``."""
    try:
        return sound_of(project, one)
    except OSError as error:
        raise StudioError("mining.gone", "This sound cannot be read.", why=f"{error}.", do="Search again.") from error
