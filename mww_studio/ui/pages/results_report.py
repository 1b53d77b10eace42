"""The button “Full report” of the Results page: makes it, shows it in the person's browser, says what went wrong."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from mww_studio.services.job_thread import JobState
from mww_studio.services.report_works import report_job
from mww_studio.ui.kit.buttons import Button

if TYPE_CHECKING:
    from mww_studio.services.jobs import Job
    from mww_studio.services.session import Session


class FullReport(QObject):
    """Makes the report of a run. ``wanted``: the button was pressed; ``told``: a sentence for the person; ``failed``:
    a StudioError."""

    wanted = Signal()
    told = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.button = Button(self.tr("Full report"), "quiet", "file-chart-column")
        self.button.setToolTip(self.tr("Curves, people, mistakes with their sounds, all on one page of your browser."))
        self.button.clicked.connect(self.wanted)
        self._job: Job | None = None
        self._opens = False

    def open(self, session: "Session", run_id: str, compare: Sequence[str] = ()) -> None:
        """Make the report in the run's folder, beside other runs if there are some, and show it."""
        self._begin(session, report_job(session.project, run_id, compare), opens=True)

    def save(self, session: "Session", run_id: str, file: Path) -> None:
        """Make the report as another file, whose links lead to the project."""
        self._begin(session, report_job(session.project, run_id, out=file), opens=False)

    def forget(self) -> None:
        """The project is closed: whatever comes of its report is nothing for this page any more."""
        if self._job is not None:
            self._job.settled.disconnect(self._on_settled)
        self._job = None
        self.button.setEnabled(True)

    def _begin(self, session: "Session", job: "Job", *, opens: bool) -> None:
        self.forget()
        self._job, self._opens = job, opens
        job.settled.connect(self._on_settled)
        self.button.setEnabled(False)
        session.start(job)

    def _on_settled(self, job: "Job") -> None:
        self.forget()
        if job.state is JobState.FAILED and job.error is not None:
            self.failed.emit(job.error)
        elif job.state is JobState.DONE and isinstance(job.result, Path):
            if not self._opens:
                self.told.emit(self.tr("The report is in {folder}").format(folder=job.result.parent))
            elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(job.result))):
                self.told.emit(self.tr("The full report is {file}").format(file=job.result))
