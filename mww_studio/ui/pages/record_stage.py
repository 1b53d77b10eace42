"""The stage: what to say in the middle, the sound under it, the answer, and one large button. Nothing on it moves."""

from enum import StrEnum

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QVBoxLayout, QWidget

from mww_studio.audio.levels import Envelope
from mww_studio.audio.take_loop import Pcm, TakeOutcome
from mww_studio.constitution.articles import law
from mww_studio.project.records import ClipKind
from mww_studio.services.recorder import WAVE_S
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.bars import Meter
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import Segments
from mww_studio.ui.kit.fields import Check, Combo
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.toast import announce
from mww_studio.ui.kit.waves import Cut, WaveView
from mww_studio.ui.pages.record_answer import AnswerBox
from mww_studio.ui.pages.record_long import LongRound
from mww_studio.ui.pages.record_loop import Moment, Round
from mww_studio.ui.pages.record_spectrogram import LiveSpectrogram
from mww_studio.ui.pages.record_texts import OnePane, PassagePane, RoomPane, WordPane
from mww_studio.ui.pages.record_words import NOTHING, Action, Answer
from mww_studio.ui.theme import Theme

_WAVE_U, _WAVE_COMPACT_U = 16.0, 10.0
_SPECTRUM_U, _SPECTRUM_COMPACT_U = 10.0, 6.0
_SPEAKING_DBFS = -45.0
_CHARACTERS_PER_S = 14.0  # of somebody who reads aloud
_TICKS_PER_S = 30.0
_STROKE_PX = 3


class Mode(StrEnum):
    """What is recorded; the values are those of the kinds of clips."""

    WAKE_WORD = ClipKind.WAKE_WORD
    TALK = ClipKind.SPEECH
    ROOM = ClipKind.AMBIENCE


class Stage(Card):
    """Shows the rounds; the single keys work while it, or anything on it that does not want them, has the focus."""

    mode_chosen = Signal(str)
    text_chosen = Signal(str)
    speaker_chosen = Signal(str)
    left_asked = Signal()
    acted = Signal(str)

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(padding=5, parent=parent)
        self.set_filling()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Recording"))
        self.setAccessibleDescription(self.tr("Space records and stops, Backspace takes the last one back."))
        self._studio = studio
        self._spoken = ""
        self._outcome: TakeOutcome | None = None
        self.takes = Round(studio, self)
        self.long = LongRound(studio, self)
        self._round: Round | LongRound = self.takes
        self._add_head()
        self._add_middle()
        self._add_sound()
        self._add_foot()
        for button in self.findChildren(QAbstractButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click the keys still belong to the stage
        self.takes.main_button = self.main
        for each in (self.takes, self.long):
            each.changed.connect(self.show_round)
        recorder = studio.recorder
        recorder.levels.connect(self._on_levels)
        recorder.wave.connect(self._on_wave)
        recorder.sound.connect(self._on_sound)
        recorder.elapsed.connect(self._on_elapsed)
        self.show_round()

    @property
    def round(self) -> Round | LongRound:
        """The round that is on."""
        return self._round

    @property
    def mode(self) -> Mode:
        """What is recorded."""
        return Mode(self.modes.key)

    def use(self, round_: Round | LongRound) -> None:
        """Let that round be on, and the pane in the middle that belongs to it."""
        if round_ is not self._round:
            self._round.pause()
            self._round = round_
            self.clear_sound()
        self._middle.setCurrentWidget(
            self.word if round_ is self.takes else self.room if self.mode is Mode.ROOM else self.passage
        )
        self.texts.setVisible(self.mode is Mode.TALK)
        self.show_round()

    def set_compact(self, compact: bool) -> None:
        """Be smaller in a small window, and show there what stands beside the stage in a large one."""
        self.speakers.setVisible(compact)
        self.left.setVisible(compact)
        self.word.word.set_compact(compact)
        self.room.set_compact(compact)
        self.wave.set_height(_WAVE_COMPACT_U if compact else _WAVE_U)
        self.spectrogram.set_height(_SPECTRUM_COMPACT_U if compact else _SPECTRUM_U)

    def clear_sound(self) -> None:
        """Show silence: nobody listens, or another sound begins."""
        self.wave.clear()
        self.spectrogram.clear()
        self.meter.clear_levels()

    def show_round(self) -> None:
        """Show where the round stands."""
        round_ = self._round
        for pane in (self.word, self.passage, self.room):
            pane.prompt.setText(round_.prompt)
        if isinstance(round_, Round) and round_.reading is not None:
            self.word.word.set_phrase(round_.reading.phrase)
            self.word.set_style(round_.reading.style)
        if isinstance(round_, LongRound):
            self.room.set_left(round_.left_s)
        self.answer.show_answer(round_.answer if round_.answer != NOTHING else self._invitation())
        listening = round_.moment is Moment.LISTENING
        can = round_.moment is not Moment.NO_MICROPHONE and self._has_task
        self.main.setText(self.tr("Stop") if listening else self.tr("Record"))
        self.main.set_icon("square" if listening else "mic")
        self.main.set_kind("normal" if listening else "primary")
        self.main.setAccessibleName(self.tr("Stop recording") if listening else self.tr("Record"))
        self.main.setEnabled(can)
        takes = round_ is self.takes
        for widget in (self.by_itself, self.skip):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)
            widget.setVisible(takes)
        if round_.moment is Moment.NO_MICROPHONE:
            self.clear_sound()
        self._show_outcome()
        self._announce()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space, P, K, S, N, Backspace, and the arrows in a passage; a held key counts once."""
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or event.isAutoRepeat():
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Space:
                self._press()
            case Qt.Key.Key_P:
                self._round.play()
            case Qt.Key.Key_K:
                self._round.keep()
            case Qt.Key.Key_S:
                self._round.skip()
            case Qt.Key.Key_Backspace:
                self._round.take_back()
            case Qt.Key.Key_N:
                self.acted.emit(Action.NEXT_PERSON)
            case Qt.Key.Key_Down | Qt.Key.Key_Up if self._middle.currentWidget() is self.passage:
                self.passage.passage.step(1 if event.key() == Qt.Key.Key_Down else -1)
            case _:
                super().keyPressEvent(event)
                return
        event.accept()

    @property
    def _has_task(self) -> bool:
        return self.takes.reading is not None if self._round is self.takes else self.long.task is not None

    def _add_head(self) -> None:
        modes = [
            (Mode.WAKE_WORD, self.tr("Wake word")),
            (Mode.TALK, self.tr("Other talk")),
            (Mode.ROOM, self.tr("Room sound")),
        ]
        self.modes = Segments([(str(key), text) for key, text in modes], self.tr("What to record"))
        self.modes.chosen.connect(self.mode_chosen)
        head = FlowLayout(gap=3, line_gap=2)
        head.addWidget(self.modes)
        self.texts = Combo()
        self.texts.setAccessibleName(self.tr("What to read"))
        self.texts.activated.connect(self._choose_text)
        self.texts.hide()
        head.addWidget(self.texts)
        self.speakers = Combo()
        self.speakers.setAccessibleName(self.tr("Who is speaking?"))
        self.speakers.activated.connect(self._choose_speaker)
        self.speakers.hide()
        head.addWidget(self.speakers)
        self.left = Button(self.tr("What is left"), icon="list-checks")
        self.left.clicked.connect(self.left_asked)
        self.left.hide()
        head.addWidget(self.left)
        self.body.addLayout(head)

    def _add_middle(self) -> None:
        self._middle = OnePane()
        self.word, self.passage, self.room = WordPane(), PassagePane(), RoomPane()
        for pane in (self.word, self.passage, self.room):
            self._middle.addWidget(pane)
        self.body.addWidget(self._middle, 1)

    def _add_sound(self) -> None:
        sound = QVBoxLayout()
        sound.setSpacing(Theme.current().u(1))
        self.wave = WaveView(height_u=_WAVE_U)
        self.spectrogram = LiveSpectrogram(WAVE_S, _SPECTRUM_U)
        self.meter = Meter()
        sound.addWidget(self.wave)
        sound.addWidget(self.spectrogram)
        sound.addSpacing(Theme.current().u(1))
        sound.addWidget(self.meter)
        self.body.addLayout(sound)
        self.answer = AnswerBox()
        self.answer.acted.connect(self._act)
        self.body.addWidget(self.answer)

    def _add_foot(self) -> None:
        u = Theme.current().u
        foot = QGridLayout()
        foot.setColumnStretch(0, 1)
        foot.setColumnStretch(2, 1)
        self.by_itself = Check(self.tr("Go on by itself"))
        self.by_itself.setChecked(self._studio.settings.go_on_by_itself)
        self.by_itself.toggled.connect(self._set_by_itself)
        self.main = Button(self.tr("Record"), "primary", "mic", big=True)
        self.main.setMinimumWidth(u(50))
        self.main.setToolTip(self.tr("Record or stop (Space)"))
        self.main.clicked.connect(self._press)
        self.skip = Button(self.tr("Skip this one"), "quiet", "skip-forward")
        self.skip.setToolTip(self.tr("Skip this one (S)"))
        self.skip.clicked.connect(self._skip)
        foot.addWidget(self.by_itself, 0, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        foot.addWidget(self.main, 0, 1)
        foot.addWidget(self.skip, 0, 2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(foot)

    def _invitation(self) -> Answer:
        """What the box says before the first take."""
        if not self._has_task:
            return NOTHING
        text = {
            Mode.WAKE_WORD: self.tr("Press Space or the button. The take ends by itself when you have said it."),
            Mode.TALK: self.tr("Press Space or the button, and once more when you are through."),
            Mode.ROOM: self.tr("Press Space or the button. It ends by itself after a minute."),
        }[self.mode]
        return Answer("", self.tr("Ready when you are"), text)

    def _press(self) -> None:
        if self.main.isEnabled():
            self._round.press()

    def _skip(self) -> None:
        self._round.skip()

    def _set_by_itself(self, on: bool) -> None:
        self._studio.settings.go_on_by_itself = on

    def _choose_text(self) -> None:
        self.text_chosen.emit(self.texts.key)

    def _choose_speaker(self) -> None:
        self.speaker_chosen.emit(self.speakers.key)

    def _act(self, action: str) -> None:
        match action:
            case Action.PLAY:
                self._round.play()
            case Action.KEEP:
                self._round.keep()
            case Action.TAKE_BACK:
                self._round.take_back()
            case _:
                self.acted.emit(action)
        self.setFocus()  # the button may be gone

    def _on_levels(self, rms_dbfs: float, peak_dbfs: float) -> None:
        if not self.isVisible():
            return
        self.meter.set_levels(rms_dbfs, peak_dbfs)
        if self._reads_aloud and rms_dbfs > _SPEAKING_DBFS:
            self.passage.passage.read(_CHARACTERS_PER_S / _TICKS_PER_S)

    def _on_wave(self, columns: Envelope) -> None:
        if self._shows_live:
            strokes = min(max(self.wave.width() // _STROKE_PX, 4), len(columns))
            starts = np.linspace(0, len(columns), strokes, endpoint=False).astype(np.intp)
            self.wave.set_envelope(
                np.minimum.reduceat(columns[:, 0], starts), np.maximum.reduceat(columns[:, 1], starts)
            )

    def _on_sound(self, pcm: Pcm) -> None:
        if self.isVisible():
            self.spectrogram.feed(pcm, show=self._shows_live)

    def _on_elapsed(self, _seconds: float) -> None:
        self.room.set_left(self.long.left_s)

    @property
    def _reads_aloud(self) -> bool:
        return self._round is self.long and self.long.moment is Moment.LISTENING and self.mode is Mode.TALK

    @property
    def _shows_live(self) -> bool:
        """Whether the live sound is to be seen; a judged take stays until the next one begins."""
        return self.isVisible() and not (self._round is self.takes and self.takes.outcome is not None)

    def _show_outcome(self) -> None:
        outcome = self.takes.outcome if self._round is self.takes else None
        if outcome is None or outcome is self._outcome:
            self._outcome = outcome
            return
        self._outcome = outcome
        self.wave.set_pcm(outcome.pcm, _cut_of(outcome))
        self.spectrogram.show_sound(outcome.pcm)

    def _announce(self) -> None:
        spoken = self._round.answer.spoken if self._round.moment is not Moment.LISTENING else ""
        if spoken != self._spoken:
            self._spoken = spoken
            if spoken and self.isVisible():
                announce(self, spoken)


def _cut_of(outcome: TakeOutcome) -> Cut | None:
    """The word in a take that counts; in one that does not, nothing is to be cut."""
    if not outcome.good or outcome.speech_start_s is None or outcome.speech_end_s is None:
        return None
    seconds = len(outcome.pcm) / law().frontend.sample_rate_hz
    return Cut(outcome.speech_start_s / seconds, outcome.speech_end_s / seconds)
