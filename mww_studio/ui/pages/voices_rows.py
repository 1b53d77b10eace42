"""Rows of the page about computer voices: a voice that can be downloaded, and a spelling of the word."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mww_studio.corpus.voice_catalogue import Card, Offer
from mww_studio.errors import StudioError
from mww_studio.services.jobs import Job
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.text import Label
from mww_studio.ui.pages import voices_words as words
from mww_studio.ui.pages.download_line import DownloadLine
from mww_studio.ui.theme import Theme


class VoiceLine(DownloadLine):
    """A voice of the catalogue with its buttons; ``card_asked`` carries its name."""

    card_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer: Offer | None = None

    def show_offer(self, offer: Offer, job: Job | None, error: StudioError | None) -> None:
        """Show a voice as it is now, its running job, and why the last one failed."""
        self.offer = offer
        self.facts.setText(words.offer_facts(offer))
        # Voices of one person in several qualities have one title.
        self.show_thing(offer.name, offer.title, job, error, there=offer.installed, called=offer.name)

    def show_card(self, card: Card) -> None:
        """Show what is to be read before the download, with its buttons."""
        self.get.set_reason("")
        self.ask(
            "warn" if card.non_commercial else "info",
            *words.question(card),
            (self.tr("Accept and download"), self.accepted, "normal"),
            (self.tr("Not now"), self.ask_nothing, "quiet"),
        )

    def show_trouble(self, error: StudioError) -> None:
        """Say why it did not work, and offer to try again."""
        self.get.set_reason("")
        super().show_trouble(error)

    def begin(self) -> None:
        """Have its licence fetched, to be read first."""
        self.ask_nothing()
        self.get.set_reason(self.tr("Its licence is being fetched."))
        self.card_asked.emit(self.name)

    def removal_text(self) -> str:
        """What it takes to have it again."""
        return self.tr("To have it again, it must be downloaded again. What it said for your projects stays.")


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
