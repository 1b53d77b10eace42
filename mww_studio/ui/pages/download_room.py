"""What the rooms with things to download have in common: a row for each, its job, its trouble, and its removal."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from mww_studio.errors import StudioError
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.ui.pages.download_line import DownloadLine
from mww_studio.ui.room import Room

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

Line = TypeVar("Line", bound=DownloadLine)


class DownloadRoom(Room, Generic[Line]):
    """A room with a row for each thing that can be downloaded; downloads go on when it is left.

    Subclasses name the kind of the jobs that download in ``downloads``.
    """

    downloads: ClassVar[str] = ""

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        self._session: Session | None = None
        self.lines: dict[str, Line] = {}

    @abstractmethod
    def look(self) -> None:
        """Have everything read anew, under the key of the page."""

    @abstractmethod
    def show_line(self, line: Line, job: Job | None) -> None:
        """Show a row anew, with its running job."""

    @abstractmethod
    def follow(self) -> None:
        """Show how far the running jobs are."""

    @abstractmethod
    def get(self, name: str) -> None:
        """Begin a download, unless it runs."""

    @abstractmethod
    def on_ended(self, job: Job) -> None:
        """A job of any kind has ended."""

    @staticmethod
    @abstractmethod
    def remove_from_computer(name: str) -> None:
        """Delete what was downloaded; in another thread. Raises StudioError."""

    def entered(self, argument: str) -> None:  # noqa: ARG002 - there is one way to look at it
        """Look at what there is, and at the jobs that have to do with it."""
        self._session = self.studio.session
        self.studio.jobs.changed.connect(self.follow)
        self.studio.jobs.ended.connect(self.on_ended)
        self.look()

    def left(self) -> None:
        """Stop looking; what runs goes on."""
        self.studio.jobs.changed.disconnect(self.follow)
        self.studio.jobs.ended.disconnect(self.on_ended)
        self._session = None
        self.studio.background.drop(self.key)

    def connect_line(self, line: Line) -> None:
        """Do what the buttons of a new row ask for."""
        line.get_asked.connect(self.get)
        line.cancel_asked.connect(self._cancel)
        line.remove_asked.connect(self._remove)

    def keep_lines(self, names: Collection[str]) -> None:
        """Take the rows of everything else away."""
        for name in [name for name in self.lines if name not in names]:
            line = self.lines.pop(name)
            line.hide()
            line.setParent(None)
            line.deleteLater()

    def follow_lines(self) -> None:
        """Show how far the downloads are."""
        for name, line in self.lines.items():
            job = self.job_of(name)
            if (job is not None) != line.cancel.isVisibleTo(line):
                self.show_line(line, job)
            else:
                line.follow(job)

    def busy_jobs(self, kind: str) -> list[Job]:
        """The jobs of a kind whose end is still to come."""
        return [job for job in self.studio.jobs.busy() if job.kind == kind]

    def job_of(self, name: str) -> Job | None:
        """The job that downloads it."""
        return next((job for job in self.busy_jobs(self.downloads) if job.subject == name), None)

    def error_of(self, name: str) -> StudioError | None:
        """Why the newest try to download it failed."""
        tries = [job for job in self.studio.jobs.history if job.kind == self.downloads and job.subject == name]
        return tries[0].error if tries and tries[0].state is JobState.FAILED else None

    def _cancel(self, name: str) -> None:
        job = self.job_of(name)
        if job is not None:
            job.cancel()

    def _remove(self, name: str) -> None:
        work = partial(self.remove_from_computer, name)
        self.studio.background.run(work, self._on_removed, self.show_error, f"{self.key} remove")

    def _on_removed(self, _done: object) -> None:
        self.look()
