"""What the jobs about computer voices do: let them speak for a project, and get more of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP

from mww_studio.services.plans import shown_phase
from mww_studio.services.timetable import PlannedPhase

if TYPE_CHECKING:
    from mww_studio.corpus.voice_catalogue import Offer
    from mww_studio.presets import Synthesis
    from mww_studio.project.store import Project
    from mww_studio.services.job_thread import JobProgress, Work

SPEAK, INSTALL, INDEX = "voices", "voices_install", "voices_index"
"""The kinds of these jobs."""
SPEAKING_LANE, DOWNLOAD_LANE = "voices", "voices_install"

_SEGMENTS = (QT_TRANSLATE_NOOP("Phase", "Speak"), QT_TRANSLATE_NOOP("Phase", "Add"))
_TEXTS = (QT_TRANSLATE_NOOP("Phase", "voices"), QT_TRANSLATE_NOOP("Phase", "adding"))
_LINE = 6e6  # bytes a second of a good line
_ADDING_S = 0.01  # for each clip


def speaking(project: Project, settings: Synthesis, respellings: tuple[str, ...]) -> Work:
    """Let voices speak for a project; the result is a VoicesReport."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.voices_adding import plan_voices, synthesise_into

        with project.sibling() as own:
            spec = plan_voices(own, settings, respellings=respellings, progress=progress)
            return synthesise_into(own, spec, progress)

    return work


def going_on(project: Project) -> Work:
    """Let voices go on with what they were stopped in; the result is a VoicesReport."""

    def work(progress: JobProgress) -> object:
        from mww_studio.errors import StudioError
        from mww_studio.jobs.voices_adding import synthesise_into, unfinished_voices

        with project.sibling() as own:
            spec = unfinished_voices(own)
            if spec is None:
                raise StudioError("voices.nothing", "There is nothing to go on with.", do="Let them speak anew.")
            return synthesise_into(own, spec, progress)

    return work


def installing(offer: Offer) -> Work:
    """Get a voice, whose licence the person accepted; the result is its folder."""

    def work(progress: JobProgress) -> object:
        from mww_studio.corpus.voice_catalogue import install_voice

        return install_voice(offer, progress)

    return work


def fetching_index() -> Work:
    """Get the catalogue of Piper's voices; the result is the list of all voices."""

    def work(progress: JobProgress) -> object:
        from mww_studio.corpus.voice_catalogue import catalogue

        return catalogue(progress, refresh=True)

    return work


def speaking_plan(expected_s: float, clips: int) -> list[PlannedPhase]:
    """The phases of speaking."""
    speak, add = (shown_phase(str(name)) for name in _SEGMENTS)
    return [PlannedPhase("voices", expected_s, speak), PlannedPhase("adding", clips * _ADDING_S, add)]


def download_plan(offer: Offer) -> list[PlannedPhase]:
    """The phases of getting a voice: one for each of its files."""
    title = shown_phase("Download")
    return [
        PlannedPhase(f"Downloading {name}", (remote.bytes or 1) / _LINE, title) for name, remote in offer.files.items()
    ]
