"""Tuning as a job of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobProgress, Work
from mww_studio.services.jobs import Job
from mww_studio.services.session import Session

if TYPE_CHECKING:
    from mww_studio.jobs.tuning import Tuned
    from mww_studio.jobs.tuning_records import TuneSpec

KIND = "tune"
# What the translators find.
TEXTS = (QT_TRANSLATE_NOOP("Phase", "Trying settings"),)


def start_tuning(session: Session, spec: TuneSpec, name: str = "") -> Job:
    """Begin a tuning, or go on with the one called ``name``. Its subject becomes its name, its result is a Tuned.

    ``runs_changed`` of the session says when its winner is a run.
    """
    title = QCoreApplication.translate("Session", "Tuning the wake word")
    job = Job(KIND, title, _tuning(session.project, spec, name), lane=KIND, subject=name)
    job.ended.connect(session.runs_changed)
    return session.start(job)


def _tuning(project: Project, spec: TuneSpec, name: str) -> Work:
    def work(progress: JobProgress) -> Tuned:
        from mww_studio.jobs.tuning import folder_of, new_tuning, run_tuning

        with project.sibling() as own:
            folder = folder_of(own, name) if name else new_tuning(own, spec)
            progress.about(folder.name)
            return run_tuning(own, folder, spec, progress)

    return work
