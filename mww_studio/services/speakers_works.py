"""Telling voices apart, and looking at the split, as jobs of the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mww_studio.errors import StudioError
from mww_studio.presets import Preset, load_preset
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobProgress, Work
from mww_studio.services.jobs import Job
from mww_studio.services.timetable import PlannedPhase

if TYPE_CHECKING:
    from mww_studio.jobs.leakage import LeakageReport
    from mww_studio.jobs.speakers import Group, Member, SpeakerAnalysis

VOICES, AUDIT = "speakers", "leakage"
KINDS = (ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.NEAR)
"""In which somebody speaks."""
_PRESET = "standard"
_VOICE_S = 0.1  # of one take


@dataclass(frozen=True)
class Unnamed:
    """What a project has for telling voices apart: the ids of recordings without a person by their kind, everybody's
    name, and whether there is any take of the wake word at all."""

    clips: Mapping[ClipKind, tuple[int, ...]]
    people: tuple[str, ...]
    any_take: bool = True

    def of(self, kind: ClipKind) -> tuple[int, ...]:
        """The recordings of a kind without a person."""
        return self.clips.get(kind, ())


def read_unnamed(project: Project) -> Unnamed:
    """Look what there is."""
    real = [one for one in project.lineages() if one.engine is None]
    clips = {kind: tuple(one.id for one in real if one.kind is kind and one.speaker is None) for kind in KINDS}
    people = tuple(person.name for person in project.people())
    return Unnamed(clips, people, any(one.kind is ClipKind.WAKE_WORD for one in real))


def preset_of(project: Project) -> Preset:
    """The preset of the project's newest training; ``standard`` where nothing was trained that can be read."""
    from mww_studio.jobs.spec import read_spec

    for run in reversed(project.runs()):
        try:
            return read_spec(project.run_folder(run.id)).preset
        except StudioError:  # written by another release, or deleted by hand: the one before it says as much
            continue
    return load_preset(_PRESET)


def voices_job(project: Project, kind: ClipKind, people: int | None, clips: int) -> Job:
    """Group so many recordings of a kind without a person by voice; the result is a SpeakerAnalysis."""
    translate = QCoreApplication.translate
    plan = [
        PlannedPhase("voices", 1.0 + clips * _VOICE_S, translate("Phase", "Listening to the takes")),
        PlannedPhase("groups", 1.0, translate("Phase", "Comparing the voices")),
    ]
    title = translate("Session", "Telling voices apart")
    return Job(VOICES, title, _analysing(project, kind, people), plan=plan, lane=VOICES)


def audit_job(project: Project) -> Job:
    """Look for what stands on two sides; the result is a LeakageReport."""
    translate = QCoreApplication.translate
    plan = [
        PlannedPhase("read", 10.0, translate("Phase", "Listening to the samples")),
        PlannedPhase("compare", 5.0, translate("Phase", "Comparing them")),
    ]
    title = translate("Session", "Comparing learning and test")
    return Job(AUDIT, title, _auditing(project), plan=plan, lane=AUDIT)


def read_last(project: Project) -> SpeakerAnalysis | None:
    """The last analysis of this project, if there is one that can be read."""
    from mww_studio.jobs.speakers import last_analysis

    return last_analysis(project.folder)


def part(project: Project, members: Sequence[Member], version: str) -> tuple[Group, ...]:
    """Part a group in two."""
    from mww_studio.jobs.speakers import split_group

    return split_group(project.folder, members, version, in_project=True)


def parting(members: Sequence[Member], version: str) -> partial[tuple[Group, ...]]:
    """:func:`part` as work that waits for its project."""
    return partial(part, members=members, version=version)


def _analysing(project: Project, kind: ClipKind, people: int | None) -> Work:
    def work(progress: JobProgress) -> SpeakerAnalysis:
        from mww_studio.jobs.speakers import analyse, plan_project

        with project.sibling() as own:
            spec = plan_project(own, kind, preset_of(own).speaker_clustering, people=people)
        return analyse(spec, progress)

    return work


def _auditing(project: Project) -> Work:
    def work(progress: JobProgress) -> LeakageReport:
        from mww_studio.jobs.leakage import audit_project

        with project.sibling() as own:
            return audit_project(own, preset_of(own), progress)

    return work
