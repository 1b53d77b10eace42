"""One sample, close up: what the device hears of it, its wave, what is wrong with it, and a place to trim it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mww_studio.constitution.articles import law
from mww_studio.project.records import Clip, Judgement
from mww_studio.services.background import Background
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.kit.waves import Spectrogram
from mww_studio.ui.models.clip_table import ClipRow, Column
from mww_studio.ui.models.clip_words import reason
from mww_studio.ui.pages.samples_trim import TrimView
from mww_studio.ui.theme import Theme

Pcm = npt.NDArray[np.int16]

_KEY = "samples.closer"
_LONGEST_PICTURE_S = 30.0
_TICKS_HZ = (250.0, 500.0, 1000.0, 2000.0, 4000.0)


class ClipPanel(QWidget):
    """Shows one :class:`ClipRow` in the place of the table."""

    back_wanted = Signal()
    step_wanted = Signal(int)
    play_wanted = Signal(object)
    trim_wanted = Signal(int, float, float)
    keep_wanted = Signal()
    trash_wanted = Signal()
    trouble = Signal(object)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._background = background
        self._clip: Clip | None = None
        self._pcm: Pcm = np.zeros(0, np.int16)
        self.trimming = False
        self._trim_next = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._card = Card(" ")
        self._card.set_filling()
        column.addWidget(self._card, 1)
        self.back_button = Button(self.tr("Back to the list"), "quiet", "list")
        self.before_button = Button("", "quiet", "chevron-left", name=self.tr("Previous sample"))
        self.after_button = Button("", "quiet", "chevron-right", name=self.tr("Next sample"))
        for button in (self.back_button, self.before_button, self.after_button):
            self._card.header.addWidget(button)
        self._facts = Caption(wrap=True)
        self._doubt = StatusRow("warn")
        self._warning = StatusRow("warn", self.tr("This cuts off a part of the word."))
        self.picture = Spectrogram(self.tr("What the device hears of it"), 16)
        self.view = TrimView(12)
        margin = max(self.view.margin(), u(14))
        self.picture.left_margin_u = margin / u()
        self.view.set_margin(margin)
        body = self._card.body
        body.addWidget(self._facts)
        body.addWidget(self._doubt)
        body.addWidget(self.picture, 3)
        body.addWidget(self.view, 2)
        body.addWidget(self._warning)
        self._look_buttons, self._trim_buttons = self._make_look_buttons(), self._make_trim_buttons()
        body.addWidget(self._look_buttons)
        body.addWidget(self._trim_buttons)
        self.view.cut_changed.connect(self._cut_changed)
        self.back_button.clicked.connect(self.back_wanted)
        self.before_button.clicked.connect(self._before)
        self.after_button.clicked.connect(self._after)
        self.set_trimming(False)

    @property
    def clip_id(self) -> int | None:
        """Which clip it shows."""
        return self._clip.id if self._clip else None

    def show_row(self, row: ClipRow, folder: Path, *, trimming: bool = False, trashed: bool = False) -> None:
        """Show a clip of the project in ``folder``; ``trimming``: with the sliders as soon as it is read."""
        clip = self._clip = row.clip
        self._pcm = np.zeros(0, np.int16)
        self._trim_next = trimming
        self._card.set_title(row.texts[Column.NAME])
        shown = (Column.KIND, Column.PERSON, Column.HOW, Column.LENGTH, Column.VERDICT, Column.USED)
        facts = [row.texts[column] for column in shown if row.texts[column] not in ("", "–")]
        self._facts.setText(" · ".join(facts) + (f"\n{clip.note}" if clip.note else ""))
        self._doubt.set("warn" if clip.judgement is Judgement.DOUBTFUL else "info", reason(clip))
        self.keep_button.setVisible(clip.judgement is Judgement.DOUBTFUL and not trashed)
        self.trim_button.setVisible(not trashed)
        self.trash_button.setVisible(not trashed)
        self.set_trimming(False)
        self._background.run(partial(_look, folder / clip.path), self._show, self.trouble.emit, key=_KEY)

    def set_trimming(self, on: bool) -> None:
        """Whether it is being trimmed."""
        self.trimming = on
        self.view.set_trimming(on)
        self._doubt.setVisible(not on and self._clip is not None and bool(self._clip.quality.problems))
        self._look_buttons.setVisible(not on)
        self._trim_buttons.setVisible(on)
        self.before_button.setEnabled(not on)
        self.after_button.setEnabled(not on)
        if on:
            self.view.start.setFocus(Qt.FocusReason.OtherFocusReason)
        self._cut_changed()

    def show_playing(self, on: bool) -> None:
        """Whether a press would stop the sound."""
        for button, text in ((self.play_button, self.tr("Play")), (self.play_part_button, self.tr("Play what stays"))):
            button.setText(self.tr("Stop") if on else text)
            button.set_icon("square" if on else "play")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, the arrows go to the neighbours."""
        key = Qt.Key(event.key())
        if key is Qt.Key.Key_Space and not event.isAutoRepeat():
            self._play()
        elif key is Qt.Key.Key_Left and not self.trimming:
            self.step_wanted.emit(-1)
        elif key is Qt.Key.Key_Right and not self.trimming:
            self.step_wanted.emit(1)
        elif key is Qt.Key.Key_Delete and not self.trimming and self.trash_button.isVisible():
            self.trash_wanted.emit()
        elif key is Qt.Key.Key_K and self.keep_button.isVisible() and not self.trimming:
            self.keep_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _make_look_buttons(self) -> QWidget:
        self.play_button = Button(self.tr("Play"), icon="play")
        self.trim_button = Button(self.tr("Trim…"), icon="scissors")
        self.keep_button = Button(self.tr("Keep"), "primary", "check")
        self.trash_button = Button(self.tr("Move to trash"), "danger", "trash-2")
        self.play_button.setToolTip(self.tr("Play (Space)"))
        self.trim_button.setToolTip(self.tr("Cut off what is too much (Ctrl+T)"))
        self.keep_button.setToolTip(self.tr("Use this sample all the same (K)"))
        self.trash_button.setToolTip(self.tr("Move to trash (Delete)"))
        self.play_button.clicked.connect(self._play)
        self.trim_button.clicked.connect(self._trim)
        self.keep_button.clicked.connect(self.keep_wanted)
        self.trash_button.clicked.connect(self.trash_wanted)
        return _row(self.play_button, self.trim_button, self.keep_button, self.trash_button)

    def _make_trim_buttons(self) -> QWidget:
        self.play_part_button = Button(self.tr("Play what stays"), icon="play")
        self.reset_button = Button(self.tr("Keep all of it"), "quiet", "undo-2")
        self.leave_button = Button(self.tr("Do not trim"))
        self.cut_button = Button(self.tr("Trim"), "primary", "scissors")
        self.play_part_button.clicked.connect(self._play)
        self.reset_button.clicked.connect(self.view.reset)
        self.leave_button.clicked.connect(self._leave)
        self.cut_button.clicked.connect(self._cut)
        return _row(self.play_part_button, self.reset_button, self.leave_button, self.cut_button)

    def _show(self, seen: "_Seen") -> None:
        clip = self._clip
        if clip is None or not seen.path.as_posix().endswith(clip.path):
            return
        self._pcm = seen.pcm
        speech = None
        if clip.speech_start_s is not None and clip.speech_end_s is not None:
            speech = (clip.speech_start_s, clip.speech_end_s)
        self.view.show_sound(seen.pcm, speech)
        self.picture.setVisible(seen.features is not None)
        if seen.features is not None:
            self.picture.set_features(seen.features, clip.duration_s, seen.ticks)
        self.set_trimming(self._trim_next)
        self._trim_next = False

    def _cut_changed(self) -> None:
        self._warning.setVisible(self.trimming and self.view.cuts_word())
        self.cut_button.setEnabled(self.view.is_cut())

    def _play(self) -> None:
        if len(self._pcm):
            self.play_wanted.emit(self.view.part() if self.trimming else self._pcm)

    def _trim(self) -> None:
        self.set_trimming(True)

    def _leave(self) -> None:
        self.view.reset()
        self.set_trimming(False)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _cut(self) -> None:
        if self._clip is not None and self.trimming and self.view.is_cut():
            self.trim_wanted.emit(self._clip.id, *self.view.times_s())

    def _before(self) -> None:
        self.step_wanted.emit(-1)

    def _after(self) -> None:
        self.step_wanted.emit(1)


@dataclass(frozen=True)
class _Seen:
    """A clip as it was read: its sound, and what the device makes of it (None where it is too long to show)."""

    path: Path
    pcm: Pcm
    features: npt.NDArray[np.uint16] | None
    ticks: tuple[tuple[float, str], ...]


def _look(path: Path) -> _Seen:
    """Read a clip; for another thread, since it loads the device's frontend."""
    from mww_studio.audio.files import read_audio
    from mww_studio.corpus.features import device_features

    pcm = read_audio(path)
    short = len(pcm) <= _LONGEST_PICTURE_S * law().frontend.sample_rate_hz
    ticks = tuple((_channel(hz), _pitch(hz)) for hz in _TICKS_HZ)
    return _Seen(path, pcm, device_features(pcm) if short else None, ticks)


def _channel(hz: float) -> float:
    """In which of the device's channels, evenly spaced to the ear, a pitch is heard."""
    frontend = law().frontend
    low, high, here = (
        1127.0 * np.log1p(value / 700.0) for value in (frontend.lower_band_hz, frontend.upper_band_hz, hz)
    )
    return float((here - low) / (high - low) * frontend.channels)


def _pitch(hz: float) -> str:
    return f"{hz / 1000:g}\N{NO-BREAK SPACE}kHz" if hz >= 1000 else f"{hz:g}\N{NO-BREAK SPACE}Hz"


def _row(*buttons: Button) -> QWidget:
    row = QWidget()
    layout = FlowLayout(row)
    for button in buttons:
        layout.addWidget(button)
    return row
