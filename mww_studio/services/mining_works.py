"""Searching for mistakes as a job of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobProgress, Work
from mww_studio.services.jobs import Job
from mww_studio.services.timetable import PlannedPhase

if TYPE_CHECKING:
    from mww_studio.jobs.mining import MiningResult, MiningSpec

KIND = "mining"
# The phases as the worker names them, and how long they take beside each other.
_PHASES = (("Looking at the files", 3.0), ("Listening", 60.0), ("Cutting out what was found", 3.0))
# What the translators find.
TEXTS = (
    QT_TRANSLATE_NOOP("Phase", "Looking at the files"),
    QT_TRANSLATE_NOOP("Phase", "Listening"),
    QT_TRANSLATE_NOOP("Phase", "Cutting out what was found"),
)


def search_job(project: Project, spec: MiningSpec) -> Job:
    """A search that can be started; its result is a MiningResult."""
    plan = [PlannedPhase(name, expected_s, QCoreApplication.translate("Phase", name)) for name, expected_s in _PHASES]
    title = QCoreApplication.translate("Session", "Searching for mistakes")
    return Job(KIND, title, _searching(project, spec), plan=plan, lane=KIND, subject=spec.run)


def _searching(project: Project, spec: MiningSpec) -> Work:
    def work(progress: JobProgress) -> MiningResult:
        from mww_studio.jobs.mining import mine

        with project.sibling() as own:
            return mine(own, spec, progress)

    return work
