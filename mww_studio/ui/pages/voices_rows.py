"""Rows of the page about computer voices: a voice that can be downloaded, and a spelling of the word."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.corpus.voice_catalogue import Card, Offer
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
from mww_studio.ui.pages import voices_words as words
from mww_studio.ui.theme import Theme


class VoiceLine(QWidget):
    """A voice of the catalogue with its buttons. Each signal carries its name."""

    card_asked = Signal(str)
    get_asked = Signal(str)
    cancel_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.offer: Offer | None = None
        self.asks: Message | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, u(0.5), 0, u(0.5))
        outer.setSpacing(u(2))
        line = QHBoxLayout()
        line.setSpacing(u(3))
        self._icon = Icon("circle", "edge", u(5.5))
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(u(0.5))
        self._title, self._facts = Label(role="strong", wrap=True), Caption(wrap=True)
        texts.addWidget(self._title)
        texts.addWidget(self._facts)
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
        """The name of its voice."""
        return self.offer.name if self.offer is not None else ""

    def show_offer(self, offer: Offer, job: Job | None, error: StudioError | None) -> None:
        """Show a voice as it is now, its running job, and why the last one failed."""
        self.offer = offer
        self._title.setText(offer.title)
        self._facts.setText(words.offer_facts(offer))
        state = "ok" if offer.installed else "none"
        self._icon.set_icon(STATES[state], state_colour(state))
        self.get.setAccessibleName(self.tr("Download {voice}").format(voice=offer.name))
        self.cancel.setAccessibleName(self.tr("Cancel the download of {voice}").format(voice=offer.name))
        self.remove.setAccessibleName(self.tr("Remove {voice}").format(voice=offer.name))
        self.get.setVisible(not offer.installed and job is None)
        self.remove.setVisible(offer.installed and job is None)
        self.follow(job)
        if job is not None:
            self.ask_nothing()
        elif error is not None:
            self.show_trouble(error)

    def follow(self, job: Job | None) -> None:
        """Show how far its job is."""
        self._running.setVisible(job is not None)
        self.cancel.setVisible(job is not None)
        if job is not None:
            self._bar.set_fraction(job.fraction)
            self._bar.setAccessibleName(job_words.spoken(job))
            self._said.setText(job_words.state_text(job))
            self.cancel.setEnabled(job.state is not JobState.STOPPING)

    def show_card(self, card: Card) -> None:
        """Show what is to be read before the download, with its buttons."""
        self.get.set_reason("")
        asks = self._ask("warn" if card.non_commercial else "info", *words.question(card))
        asks.add_button(self.tr("Accept and download"), self._on_accepted)
        asks.add_button(self.tr("Not now"), self.ask_nothing, "quiet")

    def show_trouble(self, error: StudioError) -> None:
        """Say why it did not work, and offer to try again."""
        self.get.set_reason("")
        said = describe(error)
        self._ask("bad", said.title, said.text, said.code).add_button(self.tr("Try again"), self._on_get)

    def ask_nothing(self) -> None:
        """Take the question or the trouble away."""
        if self.asks is not None:
            self.asks.hide()
            self._below.removeWidget(self.asks)
            self.asks.deleteLater()
            self.asks = None

    def _ask(self, kind: str, title: str, text: str, code: str = "") -> Message:
        self.ask_nothing()
        self.asks = Message(kind, title, text, code)
        self._below.addWidget(self.asks)
        return self.asks

    def _on_get(self) -> None:
        self.ask_nothing()
        self.get.set_reason(self.tr("Its licence is being fetched."))
        self.card_asked.emit(self.name)

    def _on_accepted(self) -> None:
        self.ask_nothing()
        self.get_asked.emit(self.name)

    def _on_cancel(self) -> None:
        self.cancel_asked.emit(self.name)

    def _on_remove(self) -> None:
        text = self.tr("To have it again, it must be downloaded again. What it said for your projects stays.")
        asks = self._ask("info", self.tr("Remove it from this computer?"), text)
        asks.add_button(self.tr("Remove it"), self._on_removed, "danger")
        asks.add_button(self.tr("Keep it"), self.ask_nothing, "quiet")

    def _on_removed(self) -> None:
        self.ask_nothing()
        self.remove_asked.emit(self.name)


class SpellingLine(QWidget):
    """A spelling of the wake word, to hear and to take away. Each signal carries it."""

    listen_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, spelling: str, *, own: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spelling = spelling
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Theme.current().u(2))
        row.addWidget(Label(spelling, role="strong"), 1)
        self.listen = Button(
            self.tr("Listen"), icon="play", name=self.tr("Listen to “{spelling}”").format(spelling=spelling)
        )
        self.listen.clicked.connect(self._on_listen)
        row.addWidget(self.listen)
        self.remove = Button("", "quiet", "x", name=self.tr("Do not say it as “{spelling}”").format(spelling=spelling))
        self.remove.clicked.connect(self._on_remove)
        self.remove.setVisible(own)
        row.addWidget(self.remove)

    def _on_listen(self) -> None:
        self.listen_asked.emit(self.spelling)

    def _on_remove(self) -> None:
        self.remove_asked.emit(self.spelling)
