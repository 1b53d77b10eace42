"""Record: collect good takes from everyone, gently."""

from functools import partial
from typing import ClassVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.coverage import GOAL_TAKES, good_takes
from mww_studio.jobs.phrases import phrases_to_read
from mww_studio.project.records import ClipKind, Person, Style
from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.errors import describe
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.toast import announce
from mww_studio.ui.page import Page
from mww_studio.ui.pages.record_left import WhatIsLeft
from mww_studio.ui.pages.record_long import LongTask
from mww_studio.ui.pages.record_loop import Moment
from mww_studio.ui.pages.record_microphone import MicrophoneControls
from mww_studio.ui.pages.record_people import People, Speaker, next_speaker
from mww_studio.ui.pages.record_person import PersonForm
from mww_studio.ui.pages.record_readings import NearReading, WakeWordReading
from mww_studio.ui.pages.record_stage import Mode, Stage
from mww_studio.ui.pages.record_talk import (
    NEAR,
    NEAR_PHRASES,
    TalkText,
    next_text,
    read_seconds,
    talk_texts,
    what_is_left,
)
from mww_studio.ui.pages.record_texts import OnePane
from mww_studio.ui.pages.record_words import Action, loud_room
from mww_studio.ui.theme import Theme

_NEAR_KEY = "record.near"


class RecordPage(Page):
    """People at the left, the stage in the middle, what is left at the right; or the card of one person."""

    key: ClassVar[str] = "record"
    icon: ClassVar[str] = "mic"
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        self._session: Session | None = None
        self._person = ""
        self._text = ""
        self._near: tuple[str, ...] = ()
        self._speakers: list[Speaker] = []
        self._texts: list[TalkText] = []
        self.microphone = MicrophoneControls(studio, self)
        self.actions.addWidget(self.microphone.room)
        self.actions.addWidget(self.microphone.choice)
        self._stack = OnePane()
        self.content.addWidget(self._stack, 1)
        self.form = PersonForm()
        self._stack.addWidget(self.form)
        self._stack.addWidget(self._desk())
        self._popup = QFrame(self, Qt.WindowType.Popup)
        u = Theme.current().u
        inside = QVBoxLayout(self._popup)
        inside.setContentsMargins(u(4), u(4), u(4), u(4))
        self._popup_left = WhatIsLeft()
        self._popup_left.setFixedWidth(u(60))
        inside.addWidget(self._popup_left)
        QShortcut(QKeySequence("Ctrl+Shift+N"), self, self._add_person, Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._connect()
        if studio.session is not None:
            self._use_session(studio.session)

    def title(self) -> str:
        """The title."""
        return self.tr("Record")

    def sentence(self) -> str:
        """What it is about."""
        return self.tr("Say the wake word the way you really will. Every voice in the house counts.")

    def primary(self) -> Button | None:
        """The large button."""
        return self.form.save if self._shows_form else self.stage.main

    def main_control(self) -> QWidget | None:
        """The stage, whose keys record; or the name of the first person."""
        return self.form.name if self._shows_form else self.stage

    def entered(self, argument: str) -> None:
        """Open the microphone. ``argument``: a person's name, the kind of clip to record, or :data:`NEAR`."""
        self._refresh()
        names = [speaker.name for speaker in self._speakers]
        if argument in names:
            self.stage.modes.set_key(Mode.WAKE_WORD)
            self._choose(argument)
        elif argument in set(Mode):
            self.stage.modes.set_key(argument)
        elif argument == NEAR:
            self.stage.modes.set_key(Mode.TALK)
            self._choose_text(NEAR)
        self.microphone.open()

    def left(self) -> None:
        """Let the microphone go."""
        self.stage.round.pause()
        self.studio.recorder.close()
        self.studio.player.stop()
        self.stage.clear_sound()

    def set_compact(self, compact: bool) -> None:
        """In a narrow window people and what is left move into the stage's head."""
        self.people.setVisible(not compact)
        self.what_is_left.setVisible(not compact)
        self.stage.set_compact(compact)

    def escape(self) -> bool:
        """Stop, or leave the card of a person."""
        if self._shows_form and self._speakers:
            self._show_desk()
            return True
        if self.stage.round.moment in (Moment.LISTENING, Moment.JUDGED):
            self.stage.round.pause()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The stage's keys also work while the list of people has the focus."""
        if self._shows_form or self.stage.isAncestorOf(self.focusWidget()) or self.focusWidget() is self.stage:
            super().keyPressEvent(event)
        else:
            self.stage.keyPressEvent(event)

    @property
    def _shows_form(self) -> bool:
        return self._stack.currentWidget() is self.form

    # The parts ------------------------------------------------------------------------------------------------------

    def _desk(self) -> QWidget:
        u = Theme.current().u
        desk = QWidget()
        row = QHBoxLayout(desk)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(u(4))
        self.people = People()
        self.people.setFixedWidth(u(56))
        self.stage = Stage(self.studio)
        self.what_is_left = WhatIsLeft()
        self.what_is_left.setFixedWidth(u(52))
        row.addWidget(self.people)
        row.addWidget(self.stage, 1)
        row.addWidget(self.what_is_left)
        return desk

    def _connect(self) -> None:
        self.form.saved.connect(self._save_person)
        self.form.cancelled.connect(self._show_desk)
        self.form.delete_asked.connect(self._delete_person)
        self.people.chosen.connect(self._choose)
        self.people.add_asked.connect(self._add_person)
        self.people.change_asked.connect(self._change_person)
        self.stage.mode_chosen.connect(self._set_mode)
        self.stage.text_chosen.connect(self._choose_text)
        self.stage.speaker_chosen.connect(self._choose)
        self.stage.left_asked.connect(self._pop_up)
        self.stage.acted.connect(self._act)
        self.stage.takes.changed.connect(self._show_left)
        self.stage.long.kept.connect(self._after_text)
        recorder = self.studio.recorder
        recorder.opened.connect(self._on_opened)
        recorder.trouble.connect(self._on_trouble)
        recorder.listening.connect(self.microphone.disturb)
        self.microphone.touched.connect(self._pause)
        self.microphone.loud.connect(self._on_loud)
        recorder.levels.connect(self._on_levels)
        self.studio.player.trouble.connect(self._on_player_trouble)
        self.studio.session_opened.connect(self._use_session)

    # The project ----------------------------------------------------------------------------------------------------

    def _use_session(self, session: Session) -> None:
        self._session = session
        self._person, self._text, self._near = "", "", ()
        session.clips_changed.connect(self._refresh)
        session.people_changed.connect(self._refresh)
        session.phrases_changed.connect(self._forget_near)
        self.stage.modes.set_key(Mode.WAKE_WORD)
        self.show_message(self._read_only() if session.project.read_only else None)
        self._texts = talk_texts(session.info.language)
        self._refresh()
        self._read()

    def _read_only(self) -> Message:
        text = self.tr("A newer version of this program has changed it. Use that version to record.")
        return Message("info", self.tr("This project can only be looked at"), text)

    def _refresh(self) -> None:
        """Count anew: clips or people came or went."""
        session = self._session
        if session is None or session is not self.studio.session:
            return
        good = good_takes(session.project.tallies(ClipKind.WAKE_WORD))
        self._speakers = [
            Speaker(person.name, person.child, good[person.name], GOAL_TAKES) for person in session.people()
        ]
        names = [speaker.name for speaker in self._speakers]
        if self._person not in names:
            left = next_speaker(self._speakers, "")
            self._person = left.name if left else names[0] if names else ""
            self._read()
        self.people.show_people(self._speakers, self._person)
        self._show_speakers()
        self._show_following()
        self._show_texts()
        self._show_left()
        if not self._speakers and not (self._shows_form and self.form.is_first):
            self.form.add(first=True)
            self._stack.setCurrentWidget(self.form)
        elif self._speakers and self._shows_form and self.form.is_first:
            self._show_desk()

    def _read(self) -> None:
        """Let the stage ask for what is chosen."""
        session, stage = self._session, self.stage
        if session is None:
            return
        if session.project.read_only:
            stage.takes.read(None)
            stage.long.record(None)
        elif stage.mode is Mode.WAKE_WORD:
            stage.takes.read(WakeWordReading(session.project, self._person) if self._person else None)
            stage.use(stage.takes)
        elif stage.mode is Mode.ROOM:
            stage.long.record(LongTask(ClipKind.AMBIENCE))
            stage.use(stage.long)
        else:
            self._read_text(session)
        self._show_following()
        self._show_left()

    def _read_text(self, session: Session) -> None:
        stage = self.stage
        self._text = self._text or next_text(self._texts, read_seconds(session.project, self._person))
        self._show_texts()
        if self._text != NEAR:
            stage.passage.passage.set_text(next(text.text for text in self._texts if text.key == self._text))
            stage.long.record(LongTask(ClipKind.SPEECH, self._person, self._text) if self._person else None)
            stage.use(stage.long)
            return
        reading = NearReading(session.project, self._person, self._near) if self._near and self._person else None
        stage.takes.read(reading)
        stage.use(stage.takes)
        if not self._near:
            session.ask(partial(phrases_to_read, limit=NEAR_PHRASES), self._use_near, self._on_near_trouble, _NEAR_KEY)

    def _forget_near(self) -> None:
        """The list was changed."""
        self._near = ()
        if self.stage.mode is Mode.TALK and self._text == NEAR:
            self._read()

    def _use_near(self, phrases: list[str]) -> None:
        self._near = tuple(phrases)
        if phrases and self.stage.mode is Mode.TALK and self._text == NEAR:
            self._read()

    def _on_near_trouble(self, error: StudioError) -> None:
        self.show_error(error, "warn")

    # Who and what ---------------------------------------------------------------------------------------------------

    def _set_mode(self, _mode: str) -> None:
        self._text = ""
        self._read()
        self.stage.setFocus()

    def _choose_text(self, key: str) -> None:
        self._text = key
        self._read()
        self.stage.setFocus()

    def _choose(self, name: str) -> None:
        """Let somebody speak; who has not agreed yet is asked first."""
        session = self._session
        person = next((one for one in session.people() if one.name == name), None) if session else None
        if person is None or name == self._person:
            return
        self._person, self._text = name, ""
        self._refresh()
        self._read()
        if person.consented_at is None:
            self._change_person()
        elif not self.people.isAncestorOf(self.focusWidget()):
            self.stage.setFocus()

    def _after_text(self) -> None:
        """A recording is kept: the next text, if one is read."""
        session = self._session
        if session is None or self.stage.mode is not Mode.TALK:
            self._show_left()
            return
        read = read_seconds(session.project, self._person)
        if read.get(self._text):
            self._text = next_text(self._texts, read)
            self.stage.long.then(LongTask(ClipKind.SPEECH, self._person, self._text))
            self.stage.passage.passage.set_text(next(text.text for text in self._texts if text.key == self._text))
        self._show_texts()
        self._show_left()

    def _act(self, action: str) -> None:
        match action:
            case Action.NEXT_PERSON:
                following = next_speaker(self._speakers, self._person)
                if following is not None:
                    self._choose(following.name)
            case Action.ADD_PERSON:
                self._add_person()
            case Action.TRAIN:
                self.navigate.emit("train", "")
            case Action.LOOK_AGAIN | Action.OPEN_AGAIN:
                self.microphone.open()

    # What is shown --------------------------------------------------------------------------------------------------

    def _show_following(self) -> None:
        following = next_speaker(self._speakers, self._person)
        reading = self.stage.takes.reading
        if isinstance(reading, WakeWordReading):
            reading.following = following
        if following is not None:
            self.stage.answer.set_next_person(self.tr("Record with {person}").format(person=following.name))

    def _show_speakers(self) -> None:
        self.stage.speakers.clear()
        for one in self._speakers:
            enough = one.taken > one.goal
            said = self.tr("{person} · {taken} takes") if enough else self.tr("{person} · {taken} of {goal}")
            self.stage.speakers.add(one.name, said.format(person=one.name, taken=one.taken, goal=one.goal))
        self.stage.speakers.set_key(self._person)

    def _show_texts(self) -> None:
        session = self._session
        if session is None or self.stage.mode is not Mode.TALK:
            return
        read = read_seconds(session.project, self._person)
        self.stage.texts.clear()
        for text in self._texts:
            title = self.tr("{title} (read)").format(title=text.title) if read.get(text.key) else text.title
            self.stage.texts.add(text.key, title)
        self.stage.texts.set_key(self._text)

    def _show_left(self) -> None:
        session = self._session
        if session is None:
            return
        shown = what_is_left(session.project, self.stage.mode, self._person, self._texts, self._text, self._style())
        for left in (self.what_is_left, self._popup_left):
            left.show_items(*shown)

    def _style(self) -> Style | None:
        reading = self.stage.takes.reading
        return reading.style if reading else None

    def _pop_up(self) -> None:
        self._popup.adjustSize()
        button = self.stage.left
        self._popup.move(button.mapToGlobal(QPoint(button.width() - self._popup.width(), button.height())))
        self._popup.show()

    # People ---------------------------------------------------------------------------------------------------------

    def _show_desk(self) -> None:
        self._stack.setCurrentIndex(1)
        self.stage.setFocus()

    def _add_person(self) -> None:
        self.stage.round.pause()
        self.form.add(first=not self._speakers)
        self._stack.setCurrentWidget(self.form)
        self.form.name.setFocus()

    def _change_person(self) -> None:
        self.stage.round.pause()
        person = self._chosen()
        if person is not None:
            self.form.change(person)
            self._stack.setCurrentWidget(self.form)

    def _save_person(self) -> None:
        person = self.form.store(self._session) if self._session else None
        if person is not None:
            self._show_desk()
            self._person = ""  # so that even the same person is read anew
            self._choose(person.name)

    def _delete_person(self) -> None:
        person = self.form.person
        if person is not None and self._session is not None and self.form.really_delete():
            self._person = ""
            self._show_desk()
            self._session.delete_person(person.name)

    def _chosen(self) -> Person | None:
        people = self._session.people() if self._session else []
        return next((person for person in people if person.name == self._person), None)

    # The microphone -------------------------------------------------------------------------------------------------

    def _on_opened(self, name: str) -> None:
        for round_ in (self.stage.takes, self.stage.long):
            round_.set_microphone(name)

    def _on_trouble(self, error: StudioError) -> None:
        for round_ in (self.stage.takes, self.stage.long):
            round_.lose_microphone(error)
        announce(self, self.stage.round.answer.spoken, at_once=True)

    def _on_loud(self) -> None:
        self.stage.takes.remark(loud_room())

    def _pause(self) -> None:
        self.stage.round.pause()

    def _on_levels(self, rms_dbfs: float, peak_dbfs: float) -> None:
        if self.form.meter.isVisible():
            self.form.meter.set_levels(rms_dbfs, peak_dbfs)

    def _on_player_trouble(self, error: StudioError) -> None:
        if self.isVisible():
            said = describe(error)
            self.studio.say(f"{said.title}. {said.text}")
