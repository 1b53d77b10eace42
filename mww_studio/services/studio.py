"""Everything the window holds on to: the open project, the jobs, sound, settings; and what it tells the person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mww_studio.errors import StudioError
from mww_studio.project.records import ProjectInfo
from mww_studio.project.store import Project
from mww_studio.services.background import Background
from mww_studio.services.jobs import Job, JobList
from mww_studio.services.session import Session
from mww_studio.services.settings import Settings

if TYPE_CHECKING:
    from mww_studio.jobs.readiness import NextStep
    from mww_studio.services.device_listener import DeviceListener
    from mww_studio.services.live_test import LiveTest
    from mww_studio.services.player import Player
    from mww_studio.services.recorder import Recorder

UNDO = "undo"


@dataclass(frozen=True)
class Notice:
    """A sentence for a toast, with at most one button. ``action``: :data:`UNDO`, or the name of a page."""

    text: str
    action_text: str = ""
    action: str = ""
    argument: str = ""


@dataclass(frozen=True)
class Glance:
    """A project seen from outside: what it is about and what comes next in it, or why it cannot be opened."""

    folder: Path
    info: ProjectInfo | None = None
    next_step: NextStep | None = None
    error: StudioError | None = None


class Studio(QObject):
    """One for the whole program. What needs a sound card is made when it is first asked for."""

    session_opened = Signal(object)
    session_closed = Signal()
    notice = Signal(object)
    trouble = Signal(object)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.jobs = JobList(self)
        self.background = Background(self)
        self.session: Session | None = None
        self._leaving: list[Session] = []
        self._recorder: Recorder | None = None
        self._player: Player | None = None
        self._live: LiveTest | None = None
        self._device: DeviceListener | None = None
        self.jobs.ended.connect(self._on_job_ended)

    @property
    def recorder(self) -> Recorder:
        """The microphone."""
        if self._recorder is None:
            from mww_studio.services.recorder import Recorder

            self._recorder = Recorder(self)
        return self._recorder

    @property
    def player(self) -> Player:
        """The loudspeaker."""
        if self._player is None:
            from mww_studio.services.player import Player

            self._player = Player(self)
        return self._player

    @property
    def live(self) -> LiveTest:
        """The device's ear on this computer."""
        if self._live is None:
            from mww_studio.services.live_test import LiveTest

            self._live = LiveTest(self)
        return self._live

    @property
    def device(self) -> DeviceListener:
        """The device that is listened to over the network."""
        if self._device is None:
            from mww_studio.services.device_listener import DeviceListener

            self._device = DeviceListener(self)
        return self._device

    def create_project(self, folder: Path, wake_word: str, language: str, author: str) -> Session:
        """Make a project in a folder that is missing or empty, and open it. Raises StudioError."""
        return self._enter(self._new_session(Project.create(folder, wake_word, language, author)))

    def open_project(self, folder: Path) -> Session:
        """Open a project in the place of the one that is open. Raises StudioError, with that one left as it was."""
        wanted = folder.resolve()
        if self.session and self.session.folder.resolve() == wanted:
            return self.session
        for session in self._leaving:
            if session.folder.resolve() == wanted:
                self._leaving.remove(session)
                session.reopen()
                return self._enter(session)
        return self._enter(self._new_session(Project.open(folder)))

    def close_project(self) -> None:
        """Close the project that is open; its jobs go on to their end."""
        session, self.session = self.session, None
        if session is None:
            return
        if session.close():
            session.deleteLater()
        else:
            self._leaving.append(session)
        self.session_closed.emit()

    def try_without_recording(self, phrase: str, language: str, folder: Path, author: str = "") -> Job:
        """Make and open a project, and train on computer voices. Raises StudioError."""
        return self.create_project(folder, phrase, language, author).train_on_voices()

    def say(self, text: str, *, undo: bool = False, action: tuple[str, str, str] | None = None) -> None:
        """Tell the person something in a toast. ``action``: a button's text, the page it leads to, its argument."""
        if undo:
            self.notice.emit(Notice(text, self.tr("Undo"), UNDO))
        else:
            self.notice.emit(Notice(text, *(action or ())))

    def undo(self) -> None:
        """Take the newest change back and say which; nothing without a project or a change."""
        if self.session and self.session.undo.canUndo():
            text = self.session.undo.undoText()
            self.session.undo.undo()
            self.say(self.tr("Taken back: {change}").format(change=text))

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self.session and self.session.undo.canRedo():
            text = self.session.undo.redoText()
            self.session.undo.redo()
            self.say(self.tr("Done again: {change}").format(change=text))

    def close(self) -> None:
        """Stop everything and wait for it: the last thing before the program ends."""
        for sound in (self._recorder, self._player, self._live, self._device):
            if sound is not None:
                sound.shut_down()
        self.jobs.stop_all()
        self.background.shut_down()
        for session in filter(None, [self.session, *self._leaving]):
            session.end()
        self.session = None
        self._leaving.clear()

    def _new_session(self, project: Project) -> Session:
        session = Session(project, self.jobs, self.background, self.settings, self)
        session.trouble.connect(self.trouble)
        return session

    def _enter(self, session: Session) -> Session:
        self.close_project()
        self.session = session
        self.settings.remember(session.folder, session.info.wake_word)
        self.session_opened.emit(session)
        return session

    def _on_job_ended(self) -> None:
        for session in [session for session in self._leaving if session.close()]:
            self._leaving.remove(session)
            session.deleteLater()


def glance(folder: Path) -> Glance:
    """Look at a project without opening it for writing; for another thread."""
    from mww_studio.jobs.readiness import next_step

    try:
        with Project.open(folder, read_only=True) as project:
            return Glance(folder, project.info, next_step(project))
    except StudioError as error:
        return Glance(folder, error=error)
