"""Computer voices: which there are and how good they are, more of them, how they say the word, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from mww_studio.corpus.voice_catalogue import known_offers, read_card, speaks
from mww_studio.errors import StudioError
from mww_studio.jobs.voices_adding import VoicesReport, unfinished_voices
from mww_studio.jobs.voices_listing import engine_states, say_line
from mww_studio.jobs.voices_wishes import Wishes, expected_s, read_wishes, write_wishes
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.voices_works import (
    DOWNLOAD_LANE,
    INDEX,
    INSTALL,
    SPEAK,
    download_plan,
    fetching_index,
    installing,
)
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.pages import voices_words as words
from mww_studio.ui.pages.download_room import DownloadRoom
from mww_studio.ui.pages.voices_making import MakingCard
from mww_studio.ui.pages.voices_rows import VoiceLine
from mww_studio.ui.pages.voices_spelling import SpellingCard
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from mww_studio.corpus.synthesis import Spoken
    from mww_studio.corpus.voice_catalogue import Offer
    from mww_studio.jobs.voices_listing import EngineState
    from mww_studio.project.store import Project
    from mww_studio.services.studio import Studio

_TIME, _SAY, _CARD = "voices.time", "voices.say", "voices.card"
_PRESET = "standard"
_BESIDE_FROM_U = 190
_TO_HEAR = 4  # voices of each engine that are offered to listen with


@dataclass(frozen=True)
class _Seen:
    """What there is on this computer and in the project."""

    states: list[EngineState]
    offers: list[Offer]
    wishes: Wishes
    unfinished: bool
    expected_s: float


class VoicesPage(DownloadRoom[VoiceLine]):
    """Four cards: who can speak, more voices, whether it is said right, and how much. Work goes on when it is left."""

    key: ClassVar[str] = "voices"
    icon: ClassVar[str] = "message-circle"
    under: ClassVar[str] = "samples"
    downloads: ClassVar[str] = INSTALL

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        u = Theme.current().u
        self._seen: _Seen | None = None
        self._settings = load_preset(_PRESET).synthesis
        self.engines: dict[str, StatusRow] = {}
        self.making, self.spelling = MakingCard(), SpellingCard()
        self._engine_card = Card(self.tr("Who can speak?"))
        self._more = Card(
            self.tr("More voices"),
            self.tr("The more different people speak, the better it hears people whom it never heard."),
        )
        self._rows = QVBoxLayout()
        self._rows.setSpacing(u(1))
        self._more.body.addLayout(self._rows)
        self.fetch = Button(self.tr("Fetch the list of voices"), icon="cloud-download")
        self.fetch.clicked.connect(self._fetch)
        self._more.header.addWidget(self.fetch)
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._pair.setSpacing(u(4))
        self._pair.addWidget(self.making, 1, Qt.AlignmentFlag.AlignTop)
        self._pair.addWidget(self.spelling, 1, Qt.AlignmentFlag.AlignTop)
        self.content.addLayout(self._pair)
        self.content.addWidget(self._engine_card)
        self.content.addWidget(self._more)
        self.making.make_asked.connect(self._make)
        self.making.go_on_asked.connect(self._go_on)
        self.making.cancel_asked.connect(self._cancel_speaking)
        self.making.counts_changed.connect(self._on_counts)
        self.spelling.listen_asked.connect(self._listen)
        self.spelling.respellings_changed.connect(self._respell)

    def title(self) -> str:
        """Computer voices."""
        return self.tr("Computer voices")

    def sentence(self) -> str:
        """What they are for."""
        return self.tr("They say the wake word where recordings are few. Recordings of people are worth more.")

    def primary(self) -> Button | None:
        """Make them."""
        return self.making.make if self.making.make.isVisible() and self.making.make.isEnabled() else None

    def main_control(self) -> QWidget | None:
        """How often they say the word."""
        return self.making.takes

    def left(self) -> None:
        """Stop looking and talking; what runs goes on."""
        super().left()
        for key in (_TIME, _SAY, _CARD):
            self.studio.background.drop(key)
        self.spelling.set_speaking(False)
        self.studio.player.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In little room the cards stand under each other."""
        super().resizeEvent(event)
        beside = event.size().width() >= Theme.current().u(_BESIDE_FROM_U)
        self._pair.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    # What there is --------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Read who can speak, what more can be downloaded, and what the project wants of them."""
        if self._session is not None:
            self._session.ask(_look, self._show, self.show_error, self.key)

    def _show(self, seen: _Seen) -> None:
        self._seen = seen
        session = self._session
        if session is None:
            return
        settings = seen.wishes.settings(self._settings)
        self.making.set_counts(settings.takes, settings.near, settings.sentences)
        self._show_time(seen.expected_s)
        self.spelling.set_spellings(session.info.wake_word, seen.wishes.respellings)
        self.spelling.set_voices(_to_hear(seen.states))
        self._show_engines(seen.states)
        self._show_offers(seen.offers)
        self.follow()

    def _show_engines(self, states: list[EngineState]) -> None:
        for state in states:
            if state.name not in self.engines:
                self.engines[state.name] = StatusRow()
                self._engine_card.body.addWidget(self.engines[state.name])
            there = not state.missing and bool(state.voices)
            title, about = words.engine_title(state.name), words.about(state)
            self.engines[state.name].set("ok" if there else "none", title, about)

    def _show_offers(self, offers: list[Offer]) -> None:
        self.keep_lines({offer.name for offer in offers})
        for offer in offers:
            if offer.name not in self.lines:
                line = VoiceLine()
                line.card_asked.connect(self._read_card)
                self.connect_line(line)
                self._rows.addWidget(line)
                self.lines[offer.name] = line
            self.lines[offer.name].show_offer(offer, self.job_of(offer.name), self.error_of(offer.name))
        fetched = any(offer.engine == "piper" and offer.card is not None for offer in offers)
        self.fetch.setText(self.tr("Fetch the list anew") if fetched else self.tr("Fetch the list of voices"))
        self.fetch.set_kind("quiet" if fetched else "normal")

    # Speaking -------------------------------------------------------------------------------------------------------

    def _on_counts(self) -> None:
        self._keep(self._wishes())

    def _wishes(self) -> Wishes:
        respellings = self._seen.wishes.respellings if self._seen else ()
        making = self.making
        return Wishes(
            respellings=respellings,
            takes=making.takes.value(),
            near=making.near.value(),
            sentences=making.sentences.value(),
        )

    def _keep(self, wishes: Wishes) -> None:
        session = self._session
        if session is None or self._seen is None:
            return
        try:
            write_wishes(session.project, wishes)
        except StudioError as error:
            self.show_error(error)
        settings, language = wishes.settings(self._settings), session.info.language
        self._seen = _Seen(self._seen.states, self._seen.offers, wishes, self._seen.unfinished, self._seen.expected_s)
        self.studio.background.run(partial(expected_s, settings, language), self._show_time, self.show_error, _TIME)

    def _show_time(self, seconds: float) -> None:
        if self._seen is not None:
            self._seen = _Seen(self._seen.states, self._seen.offers, self._seen.wishes, self._seen.unfinished, seconds)
        nobody = "" if seconds or not self._wanted() else self.tr("No voice on this computer speaks this language.")
        self.making.set_expected(seconds, nobody)

    def _wanted(self) -> int:
        return self.making.takes.value() + self.making.near.value() + self.making.sentences.value()

    def _make(self) -> None:
        if self._session is None or self._seen is None:
            return
        self.show_message(None)
        wishes = self._wishes()
        self._session.let_voices_speak(wishes.settings(self._settings), wishes.respellings, self._seen.expected_s)
        self.follow()

    def _go_on(self) -> None:
        if self._session is not None:
            self.show_message(None)
            self._session.go_on_with_voices()
            self.follow()

    def _cancel_speaking(self) -> None:
        for job in self.busy_jobs(SPEAK):
            job.cancel()

    def _show_report(self, report: VoicesReport) -> None:
        message = Message("ok" if report.ids and not report.problems else "info", *words.result(report))
        if report.ids:
            message.add_button(self.tr("Show samples"), self.go_back)
            message.add_button(self.tr("Undo"), self._undo, "quiet")
        self.show_message(message)

    def _undo(self) -> None:
        if self._session is not None:
            self._session.undo.undo()
            self.show_message(None)

    # Spellings ------------------------------------------------------------------------------------------------------

    def _respell(self, respellings: tuple[str, ...]) -> None:
        if self._session is not None:
            self._keep(self._wishes().model_copy(update={"respellings": respellings}))
            self.spelling.set_spellings(self._session.info.wake_word, respellings)

    def _listen(self, spelling: str, label: str) -> None:
        if self._session is None:
            return
        self.spelling.set_speaking(True)
        say = partial(say_line, spelling, label, self._session.info.language, Progress())
        self.studio.background.run(say, self._play, self._on_silence, _SAY)

    def _play(self, take: Spoken) -> None:
        self.spelling.set_speaking(False)
        self.studio.player.play(take.pcm)

    def _on_silence(self, error: StudioError) -> None:
        self.spelling.set_speaking(False)
        self.spelling.show_trouble(error)

    # More voices ----------------------------------------------------------------------------------------------------

    def _fetch(self) -> None:
        if self._session is not None:
            self.show_message(None)
            self._session.start(
                Job(INDEX, self.tr("Fetching the list of voices"), fetching_index(), lane=DOWNLOAD_LANE)
            )
            self.follow()

    def _offer(self, name: str) -> Offer | None:
        return next((offer for offer in self._seen.offers if offer.name == name), None) if self._seen else None

    def _read_card(self, name: str) -> None:
        offer = self._offer(name)
        if offer is not None:
            line = self.lines[name]
            read = partial(read_card, offer, Progress())
            self.studio.background.run(read, line.show_card, line.show_trouble, f"{_CARD}.{name}")

    def get(self, name: str) -> None:
        """Download a voice whose licence was accepted."""
        offer = self._offer(name)
        if self._session is None or offer is None or self.job_of(name) is not None:
            return
        title = self.tr("Getting the voice {voice}").format(voice=offer.title)
        job = Job(INSTALL, title, installing(offer), plan=download_plan(offer), lane=DOWNLOAD_LANE, subject=name)
        self._session.start(job)

    @staticmethod
    def remove_from_computer(name: str) -> None:
        """Delete a voice."""
        from mww_studio.corpus.voice_catalogue import uninstall_voice

        uninstall_voice(name)

    # Jobs -----------------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Show how far the running jobs are."""
        speaking = next((job for job in self.session_jobs() if job.kind == SPEAK and job.is_busy), None)
        self.making.follow(speaking, unfinished=self._seen is not None and self._seen.unfinished)
        fetching = bool(self.busy_jobs(INDEX))
        self.fetch.set_reason(self.tr("The list is being fetched.") if fetching else "")
        self.follow_lines()

    def show_line(self, line: VoiceLine, job: Job | None) -> None:
        """Show a voice as it stands."""
        if line.offer is not None:
            line.show_offer(line.offer, job, self.error_of(line.name))

    def session_jobs(self) -> list[Job]:
        """The jobs of the open project."""
        return self._session.jobs if self._session is not None else []

    def on_ended(self, job: Job) -> None:
        """Show what came of it."""
        if job.kind not in (SPEAK, INSTALL, INDEX):
            return
        if job.kind != INSTALL and job.error is not None:
            self.show_error(job.error)
        if job in self.session_jobs() and isinstance(job.result, VoicesReport):
            self._show_report(job.result)
        elif job.kind == SPEAK and job.state is JobState.CANCELLED:
            text = self.tr("What was said is kept, and is not said again. Nothing was added to your samples.")
            self.show_message(Message("info", self.tr("The voices were stopped"), text))
        self.look()


def _look(project: Project) -> _Seen:
    wishes, language = read_wishes(project), project.info.language
    settings = wishes.settings(load_preset(_PRESET).synthesis)
    offers = [offer for offer in known_offers() if speaks(offer, language)]
    offers.sort(key=lambda offer: (not offer.installed, -offer.speakers, offer.name))
    states, unfinished = engine_states(language), unfinished_voices(project) is not None
    return _Seen(states, offers, wishes, unfinished, expected_s(settings, language))


def _to_hear(states: list[EngineState]) -> list[tuple[str, str]]:
    """A few voices of each engine: their labels, and what they are called."""
    return [
        (voice.label, words.voice_title(voice, number))
        for state in states
        if not state.missing
        for number, voice in enumerate(state.voices[:_TO_HEAR], 1)
    ]
