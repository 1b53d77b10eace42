"""The full report of a run as a job of the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from mww_studio.project.store import Project
from mww_studio.services.job_thread import JobProgress, Work
from mww_studio.services.jobs import Job
from mww_studio.services.timetable import PlannedPhase

KIND = "report"
# The phases as the worker names them, and how long they take beside each other.
_PHASES = (("Reading what the model said", 2.0), ("Measuring", 2.0), ("Comparing", 0.5), ("Writing the report", 0.3))
# What the translators find.
TEXTS = (
    QT_TRANSLATE_NOOP("Phase", "Reading what the model said"),
    QT_TRANSLATE_NOOP("Phase", "Measuring"),
    QT_TRANSLATE_NOOP("Phase", "Comparing"),
    QT_TRANSLATE_NOOP("Phase", "Writing the report"),
)


def report_job(project: Project, run_id: str, compare: Sequence[str] = (), out: Path | None = None) -> Job:
    """A job that makes the report of a run, beside others if there are some; its result is the Path of the file.

    ``out``: the file, in the run's folder if not given.
    """
    plan = [PlannedPhase(name, expected_s, QCoreApplication.translate("Phase", name)) for name, expected_s in _PHASES]
    title = QCoreApplication.translate("Session", "Making the full report")
    return Job(KIND, title, _reporting(project, run_id, tuple(compare), out), plan=plan, lane=KIND, subject=run_id)


def _reporting(project: Project, run_id: str, compare: Sequence[str], out: Path | None) -> Work:
    def work(progress: JobProgress) -> Path:
        from mww_studio.jobs.report import make_report, plan_report

        with project.sibling() as own:
            spec = plan_report(own, run_id, compare, out)
            make_report(spec, progress)
        return spec.out

    return work
