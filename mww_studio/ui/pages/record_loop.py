"""The loop of takes: say it, hear what became of it, say the next one."""

from dataclasses import replace
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from mww_studio.audio.take_loop import TakeOutcome
from mww_studio.errors import StudioError
from mww_studio.project.records import ClipKind, Style
from mww_studio.services.studio import Studio
from mww_studio.ui.pages.record_words import (
    NOTHING,
    Action,
    Answer,
    fault,
    kept,
    not_written,
    taken_back,
    without_microphone,
)

AFTER_GOOD_MS = 900
AFTER_BAD_MS = 2000  # there is advice to read
SOURCE = "microphone"
_BAD_IN_A_ROW = 2
_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class Moment(StrEnum):
    """Where the loop stands."""

    NO_MICROPHONE = "no microphone"
    READY = "ready"
    LISTENING = "listening"
    JUDGED = "judged"


class Reading(Protocol):
    """What one person is to say, take after take."""

    kind: ClipKind
    """As what the takes are kept."""

    @property
    def phrase(self) -> str:
        """The words to say now."""

    @property
    def style(self) -> Style | None:
        """How to say them."""

    @property
    def note(self) -> str:
        """What is written on a take."""

    @property
    def speaker(self) -> str:
        """Who says them."""

    @property
    def taken(self) -> int:
        """How many takes count."""

    def advance(self) -> None:
        """Ask for the next one: a take counts, one was taken back, or one was skipped."""

    def skip(self) -> None:
        """Ask for another one before this."""

    def rest(self) -> Answer | None:
        """What to say instead of going on, after a take at which it is time to stop."""


class Round(QObject):
    """Takes by one person, judged and kept one by one. A bad take is not counted, but can be kept.

    ``changed`` says that :attr:`moment`, :attr:`answer` or what is to be said is another. A take that counts is on
    the disk before anything is said about it.
    """

    changed = Signal()

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.moment = Moment.READY
        self.answer = NOTHING
        self.outcome: TakeOutcome | None = None
        self.main_button: QWidget | None = None
        self._studio = studio
        self._reading: Reading | None = None
        self._microphone = ""
        self._counts = False  # the last take
        self._due = False  # the next thing to say
        self._bad = 0
        self._listens_next = False
        self._watching = False
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._go_on)
        studio.recorder.heard.connect(self._judge)

    @property
    def reading(self) -> Reading | None:
        """What is said; None: nobody is chosen."""
        return self._reading

    @property
    def prompt(self) -> str:
        """What the person is to do now, in a few words."""
        match self.moment:
            case Moment.NO_MICROPHONE:
                return self.tr("Waiting for a microphone")
            case Moment.LISTENING if not self._studio.recorder.taking:
                return self.tr("Wait a moment, the microphone opens")
            case Moment.LISTENING:
                return self.tr("Say it now")
            case Moment.JUDGED if self._counts:
                return self.tr("Good. Next one")
            case _ if self._bad:
                return self.tr("Once more, please")
        return self.tr("Press Space, then say")

    def read(self, reading: Reading | None) -> None:
        """Say something else from now on."""
        self.pause()
        self._reading = reading
        self._forget()
        self._bad = 0
        if self.moment is not Moment.NO_MICROPHONE:
            self.moment, self.answer = Moment.READY, NOTHING
        self.changed.emit()

    def set_microphone(self, name: str) -> None:
        """A microphone is there and listens."""
        self._microphone = name
        if self.moment is Moment.NO_MICROPHONE:
            self.moment, self.answer = Moment.READY, NOTHING
        elif self.moment is Moment.LISTENING:  # Space was pressed before it was open
            self._studio.recorder.start_take()
        self.changed.emit()

    def lose_microphone(self, error: StudioError) -> None:
        """There is none, or it is gone; a take in the middle of it was not kept."""
        self._stop()
        self._prompt_next()
        self._forget()
        self.moment, self.answer = Moment.NO_MICROPHONE, without_microphone(error)
        self.changed.emit()

    def remark(self, answer: Answer) -> None:
        """Say something about the microphone or the room before the first take."""
        if self.moment is Moment.READY and self.answer == NOTHING:
            self.answer = answer
            self.changed.emit()

    def press(self) -> None:
        """Start a take, or stop the one that is being said."""
        if self.moment is Moment.LISTENING:
            self.pause()
        elif self.moment is not Moment.NO_MICROPHONE and self._reading is not None:
            self._next.stop()
            self._studio.player.stop()
            self._prompt_next()
            self._listen()

    def pause(self) -> None:
        """Stop; what was not said to its end is not kept."""
        listened, pending = self.moment is Moment.LISTENING, self._next.isActive()
        self._stop()
        if listened:
            self.answer = Answer("", self.tr("Stopped"), self.tr("This take is not kept. Press Space to go on."))
        if listened or pending:
            self._prompt_next()
            self.moment = Moment.READY
            self.changed.emit()

    def play(self) -> None:
        """Let the last take be heard."""
        self.pause()
        if self.outcome is not None:
            self._studio.player.play(self.outcome.pcm)

    def keep(self) -> None:
        """Count the last take although it is a bad one, and mark it."""
        self.pause()
        if self.outcome is not None and not self._counts and Action.KEEP in self.answer.actions:
            self._commit(self.outcome, on_purpose=True)
            self._bad = 0
            self._prompt_next()
            self.changed.emit()

    def take_back(self) -> None:
        """Take the last take out again; it waits in the trash."""
        self.pause()
        session = self._studio.session
        if not self._counts or session is None or self._reading is None:
            return
        number = self._reading.taken
        session.take_back_last(number)
        self._forget()
        self._reading.advance()
        self.answer = taken_back(number)
        self.changed.emit()

    def skip(self) -> None:
        """Say this one later."""
        self.pause()
        if self._reading is not None:
            self._reading.skip()
            self._bad = 0
            self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whatever the person does but press Space or the main button, the loop waits for them."""
        if isinstance(watched, QWidget):
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                if event.key() not in (*_MODIFIERS, Qt.Key.Key_Space) and not event.isAutoRepeat():
                    self.pause()
            elif event.type() == QEvent.Type.MouseButtonPress and watched is not self.main_button:
                self.pause()
        return False

    def _listen(self) -> None:
        self._counts, self.outcome = False, None
        self.moment = Moment.LISTENING
        if not self._bad:  # otherwise the advice stays while it is said once more
            self.answer = Answer("", self.tr("Listening…"), self.tr("The take ends by itself."))
        else:
            self.answer = replace(self.answer, actions=())
        self._watch(True)
        self._studio.recorder.start_take()
        self.changed.emit()

    def _judge(self, outcome: TakeOutcome) -> None:
        if self.moment is not Moment.LISTENING or self._reading is None:
            return
        self.moment, self.outcome = Moment.JUDGED, outcome
        rest = None
        if outcome.good:
            self._bad = 0
            self._commit(outcome, on_purpose=False)
            rest = self._reading.rest() if self._counts else None
            self.answer = rest or self.answer
        else:
            self._bad += 1
            help_ = self._bad >= _BAD_IN_A_ROW
            self.answer = fault(outcome.verdict, self._reading.phrase, self._microphone, again=help_)
        stops = rest is not None or self.answer.kind == "bad" or self._bad >= _BAD_IN_A_ROW
        self._listens_next = self._studio.settings.go_on_by_itself and not stops
        self._watch(self._listens_next)
        self._next.start(AFTER_GOOD_MS if self._counts else AFTER_BAD_MS)
        self.changed.emit()

    def _go_on(self) -> None:
        self._prompt_next()
        if self._listens_next:
            self._listen()
        else:
            self.moment = Moment.READY
            self.changed.emit()

    def _commit(self, outcome: TakeOutcome, *, on_purpose: bool) -> None:
        """Write the take to the disk; on failure :attr:`answer` says so and the take can be kept once more."""
        session, reading = self._studio.session, self._reading
        if session is None or reading is None:
            return
        try:
            take = outcome.clip(reading.speaker, SOURCE, kind=reading.kind, style=reading.style)
            session.add_take(replace(take, note=reading.note))
        except StudioError as error:
            self.answer = not_written(error)
            return
        self._counts = self._due = True
        self.answer = kept(reading.taken, outcome.speech_s, on_purpose=on_purpose)

    def _prompt_next(self) -> None:
        if self._due and self._reading is not None:
            self._due = False
            self._reading.advance()

    def _stop(self) -> None:
        self._next.stop()
        self._watch(False)
        if self.moment is Moment.LISTENING:
            self._studio.recorder.stop_take()

    def _forget(self) -> None:
        self.outcome, self._counts, self._due = None, False, False

    def _watch(self, on: bool) -> None:
        application = QApplication.instance()
        if application is None or on == self._watching:
            return
        self._watching = on
        if on:
            application.installEventFilter(self)
        else:
            application.removeEventFilter(self)
