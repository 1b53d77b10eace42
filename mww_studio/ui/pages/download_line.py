"""A thing that can be downloaded, in a row: what it is, how far its download is, and what can be done with it."""

from abc import abstractmethod
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.ui import job_words
from mww_studio.ui.errors import describe
from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme

Choice = tuple[str, Callable[[], None], str]
"""A button of a question: its words, a bound method of a QObject, and its kind."""


class DownloadLine(QWidget):
    """A row with the buttons Download, Cancel and Remove. Each signal carries its ``name``.

    Subclasses fill ``facts``, may put more among the ``texts``, and say what has to be asked.
    """

    get_asked = Signal(str)
    cancel_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.name = ""
        self._asks: Message | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, u(0.5), 0, u(0.5))
        outer.setSpacing(u(2))
        line = QHBoxLayout()
        line.setSpacing(u(3))
        self._icon = Icon("circle", "edge", u(5.5))
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.texts = QVBoxLayout()
        self.texts.setSpacing(u(0.5))
        self.title, self.facts = Label(role="strong", wrap=True), Caption(wrap=True)
        self._running = QWidget()
        running = QHBoxLayout(self._running)
        running.setContentsMargins(0, u(1), 0, 0)
        running.setSpacing(u(3))
        self._bar, self._said = Progress(), Caption()
        self._bar.setMaximumWidth(u(60))
        running.addWidget(self._bar, 1)
        running.addWidget(self._said, 1)
        for part in (self.title, self.facts, self._running):
            self.texts.addWidget(part)
        line.addLayout(self.texts, 1)
        self.get = Button(self.tr("Download"), icon="download")
        self.get.clicked.connect(self.begin)
        self.cancel = Button(self.tr("Cancel"), icon="x")
        self.cancel.clicked.connect(self._on_cancel)
        self.remove = Button(self.tr("Remove"), "quiet", "trash-2")
        self.remove.clicked.connect(self._on_remove)
        for button in (self.get, self.cancel, self.remove):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(line)
        self._below = QVBoxLayout()
        self._below.setSpacing(0)
        outer.addLayout(self._below)

    @property
    def message(self) -> Message | None:
        """The question or the trouble under the row."""
        return self._asks

    def controls(self) -> tuple[QWidget, ...]:
        """What the Tab key leads to, as one reads."""
        return (self.get, self.cancel, self.remove)

    @abstractmethod
    def begin(self) -> None:
        """Download it, or ask first what has to be asked."""

    @abstractmethod
    def removal_text(self) -> str:
        """What should be known before it is removed."""

    def progress_text(self, job: Job) -> str:
        """How far its download is, while it runs."""
        return job_words.state_text(job)

    def accepted(self) -> None:
        """Download it: nothing is left to ask."""
        self.ask_nothing()
        self.get_asked.emit(self.name)

    def removed(self) -> None:
        """Remove it: nothing is left to ask."""
        self.ask_nothing()
        self.remove_asked.emit(self.name)

    def follow(self, job: Job | None) -> None:
        """Show how far its job is."""
        self._running.setVisible(job is not None)
        self.cancel.setVisible(job is not None)
        if job is not None:
            runs = job.state is JobState.RUNNING
            self._bar.set_fraction(job.fraction)
            self._bar.setAccessibleName(job_words.spoken(job))
            self._said.setText(self.progress_text(job) if runs else job_words.state_text(job))
            self.cancel.setEnabled(job.state is not JobState.STOPPING)

    def show_trouble(self, error: StudioError) -> None:
        """Say why it did not work, and offer to try again."""
        said = describe(error)
        self.ask("bad", said.title, said.text, (self.tr("Try again"), self.begin, "normal"), code=said.code)

    def ask(self, kind: str, title: str, text: str, *choices: Choice, code: str = "") -> None:
        """Put a question or a trouble under the row, in the place of the one that stood there."""
        self.ask_nothing()
        self._asks = Message(kind, title, text, code)
        self._below.addWidget(self._asks)
        before = self.controls()[-1]
        for words, slot, look in choices:
            button = self._asks.add_button(words, slot, look)
            QWidget.setTabOrder(before, button)
            before = button

    def ask_nothing(self) -> None:
        """Take the question or the trouble away."""
        if self._asks is not None:
            self._asks.hide()
            self._below.removeWidget(self._asks)
            self._asks.deleteLater()
            self._asks = None

    def show_thing(
        self,
        name: str,
        title: str,
        job: Job | None,
        error: StudioError | None,
        *,
        there: bool,
        used: bool = True,
        came: bool = False,
        called: str = "",
    ) -> None:
        """Show a thing as it is now, its running job, and why the last one failed.

        ``came``: a part of it is here; ``called``: what tells it from others where its title does not.
        """
        self.name = name
        self.title.setText(title)
        state = "ok" if there and used else "none"
        self._icon.set_icon(STATES[state], state_colour(state))
        called = called or title
        self.get.setAccessibleName(self.tr("Download {thing}").format(thing=called))
        self.cancel.setAccessibleName(self.tr("Cancel the download of {thing}").format(thing=called))
        self.remove.setAccessibleName(self.tr("Remove {thing}").format(thing=called))
        self.get.setVisible(not there and job is None)
        self.remove.setVisible((there or came) and job is None)
        self.follow(job)
        if error is not None and job is None:
            self.show_trouble(error)
        elif job is not None or (there and self._asks is not None and self._asks.kind == "bad"):
            self.ask_nothing()

    def _on_cancel(self) -> None:
        self.cancel_asked.emit(self.name)

    def _on_remove(self) -> None:
        self.ask(
            "info",
            self.tr("Remove it from this computer?"),
            self.removal_text(),
            (self.tr("Remove it"), self.removed, "danger"),
            (self.tr("Keep it"), self.ask_nothing, "quiet"),
        )
