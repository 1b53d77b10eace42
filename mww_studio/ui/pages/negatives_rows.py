"""One set of other sound in a row: what it is, how far its download is, and what can be done with it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.negatives_listing import SetRow
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.ui import job_words
from mww_studio.ui.errors import describe
from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.bars import Progress
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.fields import Check
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages import negatives_words as words
from mww_studio.ui.theme import Theme

Choice = tuple[str, Callable[[], None], str]
"""A button of a question: its words, a bound method of a QObject, and its kind."""


class SetLine(QWidget):
    """A set with its buttons. Each signal carries the set's name."""

    get_asked = Signal(str)
    cancel_asked = Signal(str)
    remove_asked = Signal(str)
    use_changed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.row: SetRow | None = None
        self._asks: Message | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, u(1), 0, u(1))
        outer.setSpacing(u(2))
        line = QHBoxLayout()
        line.setSpacing(u(3))
        self._icon = Icon("circle", "edge", u(5.5))
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(u(0.5))
        self._title, self._about, self._facts = Label(role="strong", wrap=True), Label(wrap=True), Caption(wrap=True)
        for text in (self._title, self._about, self._facts):
            texts.addWidget(text)
        self.use = Check(self.tr("Use it for this wake word"))
        self.use.toggled.connect(self._on_use)
        texts.addWidget(self.use)
        self._running = QWidget()
        running = QHBoxLayout(self._running)
        running.setContentsMargins(0, u(1), 0, 0)
        running.setSpacing(u(3))
        self._bar, self._said = Progress(), Caption()
        self._bar.setMaximumWidth(u(60))
        running.addWidget(self._bar, 1)
        running.addWidget(self._said, 1)
        texts.addWidget(self._running)
        line.addLayout(texts, 1)
        self.get = Button(self.tr("Download"), icon="download")
        self.get.clicked.connect(self._on_get)
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
    def name(self) -> str:
        """The name of its set."""
        return self.row.known.name if self.row is not None else ""

    @property
    def message(self) -> Message | None:
        """The question or the trouble under the row."""
        return self._asks

    def controls(self) -> tuple[QWidget, ...]:
        """What the Tab key leads to, as one reads."""
        return (self.get, self.cancel, self.remove, self.use)

    def show_set(self, row: SetRow, *, used: bool, job: Job | None, error: StudioError | None) -> None:
        """Show a set as it is now: whether the project uses it, its running job, and why the last one failed."""
        self.row = row
        title = words.title(row.known)
        self._title.setText(title)
        self._about.setText(words.about(row.known))
        self._facts.setText(words.facts(row))
        there = row.installed is not None
        state = "ok" if there and used else "none"
        self._icon.set_icon(STATES[state], state_colour(state))
        blocked = self.use.blockSignals(True)
        self.use.setChecked(used)
        self.use.blockSignals(blocked)
        self.use.setVisible(there)
        self.use.setAccessibleName(self.tr("Use {set} for this wake word").format(set=title))
        self.get.setText(self.tr("Go on") if row.came_bytes else self.tr("Download"))
        self.get.setAccessibleName(self.tr("Download {set}").format(set=title))
        self.cancel.setAccessibleName(self.tr("Cancel the download of {set}").format(set=title))
        self.remove.setAccessibleName(self.tr("Remove {set}").format(set=title))
        self.get.setVisible(not there and job is None)
        self.remove.setVisible((there or row.came_bytes > 0) and job is None)
        self.follow(job)
        if job is not None:
            self.ask_nothing()
        elif error is not None:
            said = describe(error)
            self._ask("bad", said.title, said.text, (self.tr("Try again"), self._on_get, "normal"), code=said.code)
        elif self._asks is not None and self._asks.kind == "bad":
            self.ask_nothing()

    def follow(self, job: Job | None) -> None:
        """Show how far its job is."""
        self._running.setVisible(job is not None)
        self.cancel.setVisible(job is not None)
        if job is not None:
            stands = job.state is not JobState.RUNNING
            self._bar.set_fraction(job.fraction)
            self._bar.setAccessibleName(job_words.spoken(job))
            self._said.setText(job_words.state_text(job) if stands else words.progress(job))
            self.cancel.setEnabled(job.state is not JobState.STOPPING)

    def ask_nothing(self) -> None:
        """Take the question or the trouble away."""
        if self._asks is not None:
            self._asks.hide()
            self._below.removeWidget(self._asks)
            self._asks.deleteLater()
            self._asks = None

    def _ask(self, kind: str, title: str, text: str, *choices: Choice, code: str = "") -> None:
        self.ask_nothing()
        self._asks = Message(kind, title, text, code)
        self._below.addWidget(self._asks)
        before: QWidget = self.use
        for words_of_choice, slot, look in choices:
            button = self._asks.add_button(words_of_choice, slot, look)
            QWidget.setTabOrder(before, button)
            before = button

    def _on_get(self) -> None:
        assert self.row is not None  # noqa: S101 - a button that can be pressed belongs to a set
        if self.row.known.non_commercial:
            self._ask(
                "warn",
                *words.question(self.row.known),
                (self.tr("Accept and download"), self._on_accepted, "normal"),
                (self.tr("Not now"), self.ask_nothing, "quiet"),
            )
        else:
            self._on_accepted()

    def _on_accepted(self) -> None:
        self.ask_nothing()
        self.get_asked.emit(self.name)

    def _on_cancel(self) -> None:
        self.cancel_asked.emit(self.name)

    def _on_remove(self) -> None:
        assert self.row is not None  # noqa: S101 - a button that can be pressed belongs to a set
        if self.row.installed is None:
            text = self.tr("What came of it is deleted; another download begins anew.")
        elif self.row.known.is_own:
            text = self.tr("Your recordings stay where they are. To have the set again, they are listened to again.")
        else:
            text = self.tr("To have it again, it must be downloaded again.")
        self._ask(
            "info",
            self.tr("Remove it from this computer?"),
            text,
            (self.tr("Remove it"), self._on_removed, "danger"),
            (self.tr("Keep it"), self.ask_nothing, "quiet"),
        )

    def _on_removed(self) -> None:
        self.ask_nothing()
        self.remove_asked.emit(self.name)

    def _on_use(self, used: bool) -> None:
        self.use_changed.emit(self.name, used)
