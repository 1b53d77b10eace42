"""A page that one step of the way leads to, and that leads back to it."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QCoreApplication, SignalInstance
from PySide6.QtWidgets import QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.page import Page
from mww_studio.ui.page_list import STEPS

if TYPE_CHECKING:
    from mww_studio.services.jobs import Job
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio


class Room(Page):
    """A page under a step: a quiet button and Esc lead back to it. Subclasses name the step in ``under``."""

    under: ClassVar[str] = ""

    def __init__(self, studio: "Studio", parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        step = next(entry.label() for entry in STEPS if entry.key == self.under)
        self.back = Button(_back_text(step), "quiet", "arrow-left")
        self.back.clicked.connect(self.go_back)
        self.actions.addWidget(self.back)

    def go_back(self) -> None:
        """Show the step again."""
        self.navigate.emit(self.under, "")

    def escape(self) -> bool:
        """Lead back to the step."""
        self.go_back()
        return True


class OpenRoom(Room):
    """A room that can be entered without a project; then it leads back to the start, for its step is closed."""

    def entered(self, argument: str) -> None:  # noqa: ARG002 - subclasses look at it
        """Say where the way back leads."""
        step = next(entry.label() for entry in STEPS if entry.key == self._back_to())
        self.back.setText(_back_text(step))

    def go_back(self) -> None:
        """To the step, or to the start where no project is open."""
        self.navigate.emit(self._back_to(), "")

    def _back_to(self) -> str:
        return self.under if self.studio.session is not None else STEPS[0].key


class ProjectRoom(Room):
    """A room about the open project: it reads it when it is shown, and anew when it changes while it is shown."""

    def __init__(self, studio: "Studio", parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        self.session: Session | None = None
        studio.session_opened.connect(self._take)
        studio.session_closed.connect(self._drop)
        if studio.session is not None:
            self._take(studio.session)

    @abstractmethod
    def changes(self, session: "Session") -> tuple[SignalInstance, ...]:
        """The signals of a project that change what this room shows."""

    @abstractmethod
    def load(self) -> None:
        """Read the project, if there is one, and show it."""

    @abstractmethod
    def forget(self) -> None:
        """Show that no project is open."""

    def entered(self, argument: str) -> None:  # noqa: ARG002 - there is one way to look at it
        """Look what there is."""
        self.load()

    def busy_job(self, kind: str) -> "Job | None":
        """The newest job of the project and of this kind whose end is still to come."""
        jobs = self.session.jobs if self.session is not None else []
        return next((job for job in reversed(jobs) if job.kind == kind and job.is_busy), None)

    def _take(self, session: "Session") -> None:
        self.session = session
        for signal in self.changes(session):
            signal.connect(self._reload)

    def _drop(self) -> None:
        if self.session is not None:
            for signal in self.changes(self.session):
                signal.disconnect(self._reload)
        self.session = None
        self.forget()

    def _reload(self) -> None:
        if self.isVisible():
            self.load()


def _back_text(step: str) -> str:
    return QCoreApplication.translate("Room", "Back to {step}").format(step=step)
