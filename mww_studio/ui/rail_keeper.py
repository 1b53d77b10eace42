"""Keeps the rail true: the open project's name, the marks of the pages, and the one next step."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, SignalInstance

from mww_studio.project.store import Project
from mww_studio.services.jobs import JobList
from mww_studio.ui.rail import Mark, MarkKind, Rail
from mww_studio.ui.translations import language_name

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.ui.marks import Standing


class RailKeeper(QObject):
    """Reads the project in another thread after every change; ``titled`` carries the window's title."""

    titled = Signal(str)
    trouble = Signal(object)

    def __init__(self, rail: Rail, jobs: JobList, parent: QObject) -> None:
        super().__init__(parent)
        self._rail = rail
        self._session: Session | None = None
        self._standing: Standing | None = None
        jobs.changed.connect(self._mark)

    def follow(self, session: "Session | None") -> None:
        """Show this project from now on."""
        if self._session is not None:
            for signal in self._signals(self._session):
                signal.disconnect(self._look)
        self._session, self._standing = session, None
        if session is not None:
            for signal in self._signals(session):
                signal.connect(self._look)
        self._show()
        self._look()

    def _signals(self, session: "Session") -> tuple[SignalInstance, ...]:
        return session.step_changed, session.clips_changed, session.people_changed, session.runs_changed

    def _look(self) -> None:
        if self._session is not None and self._session.is_open:
            self._session.ask(_read, self._take, self._tell, "standing")

    def _take(self, standing: "Standing") -> None:
        if self._session is not None:
            self._standing = standing
            self._show()

    def _tell(self, error: object) -> None:
        self.trouble.emit(error)

    def _show(self) -> None:
        step = self._standing.next_step if self._standing is not None else None
        self._rail.set_next(step.page if step is not None else "", step.text if step is not None else "")
        self._mark()
        program = self.tr("mww studio")
        if self._session is None:
            self._rail.set_project("", "")
            self.titled.emit(program)
            return
        word = self._session.info.wake_word
        self._rail.set_project(word, self._about(self._session.info.language))
        self.titled.emit(self.tr("{word} – {program}").format(word=word, program=program))

    def _about(self, code: str) -> str:
        people, language = self._standing.people if self._standing is not None else 0, language_name(code)
        if people == 1:
            return self.tr("{language} · 1 person").format(language=language)
        if people:
            return self.tr("{language} · {count} people").format(language=language, count=people)
        return language

    def _mark(self) -> None:
        marks = dict(self._standing.marks) if self._standing is not None else {}
        job = self._session.training if self._session is not None else None
        if job is not None and job.fraction is not None:
            marks["train"] = Mark(MarkKind.TEXT, self.tr("{number} %").format(number=int(100 * job.fraction)))
        self._rail.set_marks(marks)


def _read(project: Project) -> "Standing":
    from mww_studio.ui.marks import read_standing  # with all that judges a model, not needed for the first picture

    return read_standing(project)
