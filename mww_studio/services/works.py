"""What the jobs of a project do, each in its own thread with its own connection to the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mww_studio.errors import Cancelled, StudioError
from mww_studio.presets import Preset, load_preset
from mww_studio.project.records import ClipKind, Run, RunState
from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobProgress, Work

if TYPE_CHECKING:
    from mww_studio.evaluation.operating_point import OperatingPoint
    from mww_studio.export.bundle import Bundle
    from mww_studio.export.words import DeviceOrder

VOICES_PRESET = "quickstart"


def training(project: Project, preset: Preset, seed: int) -> Work:
    """Plan a training, record its run, and do it."""

    def work(progress: JobProgress) -> dict[str, str]:
        from mww_studio.jobs.launch import new_training
        from mww_studio.jobs.planning import plan_training

        with project.sibling() as own:
            return _train(own, new_training(own, plan_training(own, preset, seed)), progress)

    return work


def resuming(project: Project, run_id: str) -> Work:
    """Go on with a run from its last checkpoint."""

    def work(progress: JobProgress) -> dict[str, str]:
        with project.sibling() as own:
            return _train(own, find_run(own, run_id), progress)

    return work


def speaking(project: Project, preset: Preset) -> Work:
    """Let computer voices say the word and other things, then train on that."""

    def work(progress: JobProgress) -> dict[str, str]:
        from mww_studio.jobs.launch import new_training
        from mww_studio.jobs.planning import plan_training
        from mww_studio.jobs.quickstart_corpus import fill_project

        with project.sibling() as own:
            corpus = fill_project(own, own.info.wake_word, own.info.language, progress=progress)
            for problem in corpus.problems:
                progress.log(problem)
            return _train(own, new_training(own, plan_training(own, preset, seed=0)), progress)

    return work


def importing(project: Project, paths: Sequence[Path], kind: ClipKind, speaker: str | None) -> Work:
    """Bring sound files in; the result is an ImportReport."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.importing import import_audio

        with project.sibling() as own:
            return import_audio(own, paths, kind, speaker=speaker, progress=progress)

    return work


def exporting(project: Project, run_id: str | None, out: Path, order: DeviceOrder) -> Work:
    """Write the files of a run for a device; its result is a Bundle."""

    def work(progress: JobProgress) -> Bundle:
        from mww_studio.jobs.delivery import export_run

        with project.sibling() as own:
            return export_run(own, run_id, out, order, generate=False, progress=progress)

    return work


def using_cutoff(project: Project, run_id: str, cutoff: float, window: int) -> Work:
    """Give a run another cut-off and window; its id becomes the subject as soon as it has them.

    A full report that lies there is made anew: one that tells another cut-off is worse than none.
    """

    def work(progress: JobProgress) -> None:
        from mww_studio.jobs.report import make_report, renewed_report
        from mww_studio.jobs.results import use_cutoff

        with project.sibling() as own:
            use_cutoff(own, run_id, cutoff, window)
            progress.about(run_id)
            report = renewed_report(own, run_id)
        if report is not None:
            report.out.unlink()
            make_report(report, progress)

    return work


def changing(project: Project, change: Callable[[Project], None]) -> Work:
    """Change the project."""

    def work(_: JobProgress) -> None:
        with project.sibling() as own:
            change(own)

    return work


def find_run(project: Project, run_id: str) -> Run:
    """A run by its id. Raises StudioError ``project.no_run``."""
    for run in project.runs():
        if run.id == run_id:
            return run
    raise StudioError("project.no_run", f"The project has no run {run_id}.", do="Choose another one.")


def operating_point(project: Project, run_id: str) -> OperatingPoint:
    """The cut-off and window that a finished run has. Raises StudioError where it has no results."""
    from mww_studio.jobs.examination import read_examination

    return read_examination(project.run_folder(run_id)).operating_point


def voices_preset() -> Preset:
    """The preset for a training on computer voices alone."""
    return load_preset(VOICES_PRESET)


def _train(project: Project, run: Run, progress: JobProgress) -> dict[str, str]:
    from mww_studio.jobs.launch import run_training

    progress.about(run.id)
    try:
        return run_training(project, run, progress)
    except Cancelled:
        if progress.wanted_later():
            project.set_run_state(run.id, RunState.INTERRUPTED)
        raise
