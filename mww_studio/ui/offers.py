"""Messages above every page: a training that was cut off, and troubles that belong to no page."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.ui.errors import describe
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.run_history import CutOffRun
    from mww_studio.services.session import Session


class Offers(QWidget):
    """At most one offer to go on and one trouble; without both it takes no room."""

    resumed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._session: Session | None = None
        self._cut_off: CutOffRun | None = None
        self._page = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(u(6), u(4), u(6), 0)
        column.setSpacing(u(2))
        self.resume = Message("info")
        self.resume.add_button(self.tr("Leave it"), self._leave)
        self.resume.add_button(self.tr("Go on"), self._go_on)
        self.trouble = Message("bad")
        self.trouble.add_button(self.tr("Close"), self._close_trouble)
        column.addWidget(self.trouble)
        column.addWidget(self.resume)
        self.trouble.hide()
        self._show()

    def follow(self, session: "Session | None") -> None:
        """Offer what was cut off in this project."""
        if self._session is not None:
            self._session.runs_changed.disconnect(self._look)
        self._session = session
        if session is not None:
            session.runs_changed.connect(self._look)
        self._look()

    def set_page(self, key: str) -> None:
        """On the page Train the offer is part of the page itself."""
        self._page = key
        self._show()

    def show_trouble(self, error: StudioError) -> None:
        """Say what went wrong outside every page; it stays until it is closed."""
        said = describe(error)
        self.trouble.set("bad", said.title, said.text, said.code)
        self.trouble.show()
        self._show()

    def _look(self) -> None:
        runs = self._session.interrupted_runs() if self._session is not None and self._session.is_open else []
        self._cut_off = runs[0] if runs else None
        if self._session is not None and self._cut_off is not None:
            title = self.tr("Training of {word} was cut off at {percent} %")
            percent = int(100 * self._cut_off.history.fraction)
            self.resume.set(
                "info",
                title.format(word=self._session.info.wake_word, percent=percent),
                self.tr("What it learned so far is saved."),
            )
        self._show()

    def _show(self) -> None:
        self.resume.setVisible(self._cut_off is not None and self._page != "train")
        self.setVisible(not self.resume.isHidden() or not self.trouble.isHidden())

    def _go_on(self) -> None:
        if self._session is not None and self._cut_off is not None:
            self._session.resume(self._cut_off.run.id)
            self._look()
            self.resumed.emit()

    def _leave(self) -> None:
        if self._session is not None and self._cut_off is not None:
            self._session.leave(self._cut_off.run.id)

    def _close_trouble(self) -> None:
        self.trouble.hide()
        self._show()
