"""Look closer: one sound as the device hears it, over how sure the wake word was, on one time axis."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QElapsedTimer, QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from mww_studio.audio.files import read_audio
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.project.records import Clip, ClipKind, NewClip, Run
from mww_studio.project.store import Project
from mww_studio.ui.icons import icon
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.plots import TracePlot
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import H2, Caption
from mww_studio.ui.kit.waves import Spectrogram
from mww_studio.ui.models.clip_words import kind_word
from mww_studio.ui.pages.results_clips import Pcm, is_take, sounds_of
from mww_studio.ui.pages.results_words import clip_title, clock_text, sure_texts
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.jobs.results import ClipMoment, Results
    from mww_studio.jobs.trace import Trace
    from mww_studio.services.studio import Studio

_LIKE_THIS = 5
_GAP_S = 0.4
_CURSOR_MS = 33
_FULL = 255
_TICKS_HZ = (500, 1000, 2000, 4000)
_OTHER_KINDS = (ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.NEAR, ClipKind.AMBIENCE)


@dataclass(frozen=True)
class Closer:
    """A sound that was looked at closer. ``pcm``: what is shown of it; it begins ``silence_s`` after the picture."""

    moment: "ClipMoment"
    trace: "Trace"
    pcm: Pcm
    silence_s: float


class CloserView(QWidget):
    """One sound of a list. ``shown`` says that another one stands here, so that the page's head can follow."""

    shown = Signal()
    navigate = Signal(str, str)

    def __init__(self, studio: "Studio", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Look closer"))
        u = Theme.current().u
        self._studio = studio
        self._results: Results | None = None
        self._moments: tuple[ClipMoment, ...] = ()
        self._at = 0
        self._held: Closer | None = None
        self._clock = QElapsedTimer()
        self._cursor = QTimer(self)
        self._cursor.setInterval(_CURSOR_MS)
        self._cursor.timeout.connect(self._move_cursor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        self._fact = StatusRow("ok")
        self._trouble = Message("warn")
        column.addWidget(self._fact)
        column.addWidget(self._trouble)
        column.addWidget(self._make_card(), 1)
        column.addLayout(self._make_buttons())

    @property
    def held(self) -> Closer | None:
        """The sound that is shown; None while it is being read."""
        return self._held

    @property
    def position(self) -> tuple[int, int]:
        """The number of this sound in its list, from 1, and how many there are."""
        return self._at + 1, len(self._moments)

    def open(self, results: "Results", moments: Sequence["ClipMoment"], at: int) -> None:
        """Show a sound of a list, as the model of a run heard it."""
        self._results, self._moments, self._at = results, tuple(moments), at
        self._load()

    def title(self) -> str:
        """What the sound is called."""
        moment = self._moments[self._at]
        return clip_title(moment.clip, moment.path)

    def sentence(self) -> str:
        """What is known of it."""
        moment = self._moments[self._at]
        number, count = self.position
        place = self.tr("{number} of {count}").format(number=number, count=count)
        if moment.clip is None:
            return place
        kind = kind_word(moment.clip.kind)
        if moment.clip.kind is ClipKind.WAKE_WORD:
            length = QLocale().toString(moment.clip.duration_s, "f", 1)
            return self.tr("{place} · {kind}, {length} s").format(place=place, kind=kind, length=length)
        text = self.tr("{place} · {kind}, at {time}")
        return text.format(place=place, kind=kind, time=clock_text(moment.time_s))

    def previous(self) -> None:
        """Show the sound before this one."""
        self._go(-1)

    def next(self) -> None:
        """Show the sound after this one."""
        self._go(1)

    def play(self) -> None:
        """Play the sound, or stop it."""
        if self._studio.player.is_playing:
            self._studio.player.stop()
        elif self._held is not None:
            self._studio.player.play(self._held.pcm)
            self._clock.start()
            self._cursor.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, Left and Right go through the list."""
        if event.isAutoRepeat():
            return
        key = event.key()
        if key == Qt.Key.Key_Space:
            self.play()
        elif key == Qt.Key.Key_Left:
            self.previous()
        elif key == Qt.Key.Key_Right:
            self.next()
        elif key == Qt.Key.Key_Delete:
            self._trash()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays on unseen."""
        super().hideEvent(event)
        self._cursor.stop()
        if self._held is not None:
            self._studio.player.stop()

    # The picture ------------------------------------------------------------------------------------------------

    def _make_card(self) -> Card:
        u = Theme.current().u
        card = Card(padding=4)
        card.set_filling()
        card.body.addWidget(H2(self.tr("Sound, as the device hears it")))
        self.spectrogram = Spectrogram(self.tr("Sound, as the device hears it"), 30)
        card.body.addWidget(self.spectrogram, 5)
        head = QHBoxLayout()
        head.addWidget(H2(self.tr("How sure it was")))
        head.addStretch(1)
        self._wakes = Caption()
        head.addWidget(self._wakes)
        card.body.addLayout(head)
        self.plot = TracePlot(self.tr("How sure it was"), self.tr("seconds"), self.tr("how sure (%)"))
        self.plot.setMinimumHeight(u(30))
        self.plot.set_left_margin(u(self.spectrogram.left_margin_u))
        card.body.addWidget(self.plot, 5)
        return card

    def _load(self) -> None:
        session = self._studio.session
        if session is None or self._results is None:
            return
        self._held = None
        moment = self._moments[self._at]
        self._fact.hide()
        self._trouble.hide()
        self._arrange_buttons(moment.clip, is_take(moment))
        work = partial(_read, run=self._results.run, moment=moment)
        session.ask(work, self._show, self._studio.trouble.emit, key="results.closer")
        self.shown.emit()

    def _show(self, held: Closer) -> None:
        self._held = held
        trace, moment = held.trace, held.moment
        length_s = trace.end_s - trace.start_s
        self.spectrogram.set_features(trace.features, length_s, _ticks())
        self.spectrogram.set_mark(None)
        scale = 100 / _FULL
        times_s = trace.times_s - trace.start_s
        self.plot.set_trace(times_s, trace.raw * scale, trace.mean * scale, trace.cutoff_byte * scale)
        self.plot.set_duration(length_s)
        self.plot.set_mark(None)
        peak, cutoff = sure_texts(float(trace.mean.max(initial=0.0)), trace.cutoff_byte)
        self._wakes.setText(self.tr("wakes above the dashed line: cut-off {cutoff}").format(cutoff=cutoff))
        word, woke = is_take(moment), bool(trace.woke_s)
        span_ms = trace.window * law().input.stride * law().frontend.step_ms
        values = {"peak": peak, "cutoff": cutoff, "count": trace.window, "span": span_ms}
        if not woke and trace.mean.max(initial=0.0) > trace.cutoff_byte:
            title = self.tr(
                "It reached {peak}, and needs {cutoff}, but in a second in which the device does not listen"
            )
        elif woke:
            title = self.tr("It reached {peak}, and wakes above {cutoff}")
        else:
            title = self.tr("It reached {peak}, and needs {cutoff} on average over {count} moments ({span} ms)")
        title = title.format(**values)
        # Only what somebody should mend is tinted.
        self._fact.set("ok", title)
        self._fact.setVisible(woke is word)
        self._trouble.set("warn", title)
        self._trouble.setVisible(woke is not word)
        self.plot.describe(title)

    def _move_cursor(self) -> None:
        if self._held is None or not self._studio.player.is_playing:
            if self._clock.elapsed() > 1000:  # the loudspeaker needs a moment to begin
                self._cursor.stop()
                self.spectrogram.set_mark(None)
                self.plot.set_mark(None)
            return
        at_s = self._held.silence_s + self._clock.elapsed() / 1000
        self.spectrogram.set_mark(at_s)
        self.plot.set_mark(at_s)

    def _go(self, steps: int) -> None:
        to = self._at + steps
        if 0 <= to < len(self._moments):
            self._at = to
            self._load()

    # What can be done -------------------------------------------------------------------------------------------

    def _make_buttons(self) -> FlowLayout:
        row = FlowLayout()
        self._play_button = Button(self.tr("Play"), "normal", "play")
        self._play_button.setToolTip(self.tr("Play the sound (Space)"))
        self._play_button.clicked.connect(self.play)
        self._play_all = Button("", "quiet", "list-music")
        self._play_all.clicked.connect(self._play_several)
        self._relabel = Button(self.tr("This is something else…"), "quiet", "tag")
        self._relabel.clicked.connect(self._ask_kind)
        self._trash_button = Button(self.tr("Move to trash"), "quiet", "trash-2")
        self._trash_button.setToolTip(self.tr("Move the sample to the trash (Delete)"))
        self._trash_button.clicked.connect(self._trash)
        self._retrain = Button(self.tr("Train again"), "quiet", "brain")
        self._retrain.clicked.connect(self._train_again)
        self._retrain.hide()
        self._main = Button("", "primary", "mic")
        self._main.clicked.connect(self._do_main)
        buttons = (self._play_button, self._play_all, self._relabel, self._trash_button, self._retrain, self._main)
        for button in buttons:
            row.addWidget(button)
        return row

    def primary(self) -> Button:
        """The filled button."""
        return self._main

    def _arrange_buttons(self, clip: Clip | None, word: bool) -> None:
        several = min(len(self._moments), _LIKE_THIS)
        self._play_all.setText(self.tr("Play {count} like this").format(count=several))
        self._play_all.setVisible(several > 1)
        self._relabel.setVisible(clip is not None)
        self._relabel.setText(self.tr("This is not the wake word…") if word else self.tr("This is something else…"))
        self._trash_button.setVisible(clip is not None)
        self._main.setVisible(clip is not None)
        self._main.setText(self.tr("Record more like this") if word else self.tr("Add as near-sounding"))
        self._main.set_icon("mic" if word else "plus")

    def _play_several(self) -> None:
        session = self._studio.session
        if session is not None:
            moments = [self._moments[(self._at + step) % len(self._moments)] for step in range(_LIKE_THIS)]
            unlike = dict.fromkeys(moments[: len(self._moments)])
            session.ask(partial(_joined, moments=tuple(unlike)), self._play_joined, key="results.several")

    def _play_joined(self, pcm: Pcm) -> None:
        self._studio.player.play(pcm)

    def _ask_kind(self) -> None:
        clip = self._clip()
        if clip is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in _OTHER_KINDS:
            if kind is not clip.kind:
                action = QAction(icon("tag"), kind_word(kind), menu)
                action.setData(kind.value)
                menu.addAction(action)
        menu.triggered.connect(self._relabel_as)
        menu.popup(self._relabel.mapToGlobal(self._relabel.rect().topLeft()))

    def _relabel_as(self, action: QAction) -> None:
        clip, session = self._clip(), self._studio.session
        if clip is not None and session is not None:
            session.relabel([clip.id], ClipKind(action.data()))
            said = self.tr("It counts as “{kind}” from the next training on.")
            self._changed(said.format(kind=kind_word(ClipKind(action.data()))))

    def _trash(self) -> None:
        clip, session = self._clip(), self._studio.session
        if clip is not None and session is not None:
            session.trash([clip.id])
            self._changed(self.tr("1 sample moved to trash"))

    def _do_main(self) -> None:
        clip, session = self._clip(), self._studio.session
        if clip is None or session is None:
            return
        if clip.kind is ClipKind.WAKE_WORD:
            self.navigate.emit("record", clip.speaker or "")
        else:
            work = partial(_cut, clip=clip, time_s=self._moments[self._at].time_s)
            session.ask(work, self._add, self._studio.trouble.emit, key="results.cut")

    def _add(self, new: NewClip) -> None:
        session = self._studio.session
        if session is None:
            return
        try:
            session.add_clips([new], self.tr("Add a near-sounding sample"))
        except StudioError as error:
            self._studio.trouble.emit(error)
            return
        self._changed(self.tr("Added. The next training learns that this is not the wake word."))

    def _changed(self, text: str) -> None:
        """Tell what was changed; only another training makes something of it."""
        self._retrain.show()
        self._studio.say(text, undo=True)

    def _train_again(self) -> None:
        self.navigate.emit("train", "")

    def _clip(self) -> Clip | None:
        return self._moments[self._at].clip if self._moments else None


def _read(project: Project, run: Run, moment: "ClipMoment") -> Closer:
    from mww_studio.jobs.trace import trace

    if moment.clip is None:
        raise StudioError("results.gone", "This sound is no longer in the project.", do="Train again.")
    heard = trace(project, run, moment.clip, around_s=None if is_take(moment) else moment.time_s)
    rate = law().frontend.sample_rate_hz
    pcm = read_audio(project.folder / moment.path)
    start, end = max(round(heard.start_s * rate), 0), round(heard.end_s * rate)
    return Closer(moment, heard, pcm[start:end], max(-heard.start_s, 0.0))


def _joined(project: Project, moments: Sequence["ClipMoment"]) -> Pcm:
    gap = np.zeros(round(_GAP_S * law().frontend.sample_rate_hz), np.int16)
    return np.concatenate([part for sound in sounds_of(project, moments) for part in (sound, gap)])


def _cut(project: Project, clip: Clip, time_s: float) -> NewClip:
    from mww_studio.jobs.mistakes import cut_mistake

    return cut_mistake(project, clip, time_s)


def _ticks() -> tuple[tuple[float, str], ...]:
    """The channels at which some pitches lie: the bank is even in mel, not in Hz."""
    rule = law().frontend
    low, high = _mel(rule.lower_band_hz), _mel(rule.upper_band_hz)
    locale = QLocale()
    return tuple(
        ((_mel(hz) - low) / (high - low) * (rule.channels + 1) - 1, f"{locale.toString(hz / 1000, 'g', 2)} kHz")
        for hz in _TICKS_HZ
    )


def _mel(hz: float) -> float:
    return 1127 * math.log1p(hz / 700)
