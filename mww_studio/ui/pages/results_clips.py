"""The takes it missed and the sounds nearest to waking it: a row each, with its wave, to play and to look closer at."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.audio.files import read_audio
from mww_studio.constitution.articles import law
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import Segments
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.kit.waves import WaveView
from mww_studio.ui.pages.results_words import clip_manner, clip_title, clock_text, sure_texts
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.jobs.results import ClipMoment
    from mww_studio.services.session import Session

MISSED, MISTAKES, NEAREST = "missed", "mistakes", "nearest"
_SHOWN = 5
_NAME_U = 70
_BEFORE_S, _AFTER_S = 1.5, 0.5

Pcm = npt.NDArray[np.int16]


def is_take(moment: "ClipMoment") -> bool:
    """Whether it is a take of the wake word, which is heard as a whole."""
    return moment.clip is not None and moment.clip.kind is ClipKind.WAKE_WORD


def sound_of(project: Project, moment: "ClipMoment") -> Pcm:
    """The take of a moment, or of another sound the stretch that the model judged. int16, 16 kHz."""
    pcm = read_audio(project.folder / moment.path)
    if is_take(moment):
        return pcm
    rate = law().frontend.sample_rate_hz
    start = max(int((moment.time_s - _BEFORE_S) * rate), 0)
    return pcm[start : start + int((_BEFORE_S + _AFTER_S) * rate)]


def sounds_of(project: Project, moments: Sequence["ClipMoment"]) -> list[Pcm]:
    """The sounds of some moments, as :func:`sound_of` gives them."""
    return [sound_of(project, moment) for moment in moments]


class MomentRow(QWidget):
    """One sound: play, name, how it was said, wave, how sure it was, and the way to look closer."""

    play_wanted = Signal(object)
    closer_wanted = Signal(object)

    def __init__(self, moment: "ClipMoment", cutoff_byte: int, timed: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.moment = moment
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(u(2))
        name = clip_title(moment.clip, moment.path)
        if timed:
            name = self.tr("{name} at {time}").format(name=name, time=clock_text(moment.time_s))
        self._play = Button("", "quiet", "play", name=self.tr("Play {name}").format(name=name))
        self._play.clicked.connect(self._want_play)
        row.addWidget(self._play)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        font = Theme.current().font("strong")
        self.name = Label(QFontMetrics(font).elidedText(name, Qt.TextElideMode.ElideMiddle, u(_NAME_U)), "strong")
        self.name.setToolTip(name)
        texts.addWidget(self.name)
        why = self.tr("reached {peak}, needs {cutoff}")
        peak, needed = sure_texts(moment.peak, cutoff_byte)
        manner = clip_manner(moment.clip)
        reached = why.format(peak=peak, cutoff=needed)
        self.why = Caption(self.tr("{manner} · {why}").format(manner=manner, why=reached) if manner else reached)
        texts.addWidget(self.why)
        row.addLayout(texts)
        self.wave = WaveView(self.tr("Wave of {name}").format(name=name), 8)
        row.addWidget(self.wave, 1)
        closer = Button(self.tr("Look closer"), "quiet", name=self.tr("Look closer at {name}").format(name=name))
        closer.clicked.connect(self._want_closer)
        row.addWidget(closer)
        for button in (self._play, closer):
            button.setEnabled(moment.clip is not None)

    def _want_play(self) -> None:
        self.play_wanted.emit(self.moment)

    def _want_closer(self) -> None:
        self.closer_wanted.emit(self.moment)


class ClipsCard(Card):
    """One of three lists at a time. ``closer_wanted`` carries the moment and the list in which it stands."""

    play_wanted = Signal(object)
    closer_wanted = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        u = Theme.current().u
        self._session: Session | None = None
        self._lists: dict[str, tuple[ClipMoment, ...]] = {}
        self._cutoff_byte = 0
        self._all = False
        self.rows: list[MomentRow] = []
        self._choice = Segments(
            [
                (MISSED, self.tr("Missed")),
                (MISTAKES, self.tr("Woke by mistake")),
                (NEAREST, self.tr("Nearest to waking")),
            ],
            self.tr("Which sounds"),
        )
        self._choice.chosen.connect(self._show_list)
        self.header.addWidget(self._choice)
        self.header.addStretch(1)
        self._empty = Caption(wrap=True)
        self.body.addWidget(self._empty)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(u(1))
        self.body.addLayout(self._rows)
        self._more = Button("", "quiet", "chevron-down")
        self._more.clicked.connect(self._show_all)
        more = QHBoxLayout()
        more.addWidget(self._more)
        more.addStretch(1)
        self.body.addLayout(more)

    def set_lists(self, session: "Session", lists: dict[str, tuple["ClipMoment", ...]], cutoff_byte: int) -> None:
        """Show these lists, given under MISSED, MISTAKES and NEAREST; the first that is not empty is chosen."""
        self._session, self._lists, self._cutoff_byte = session, lists, cutoff_byte
        missed, mistakes = len(lists[MISSED]), len(lists[MISTAKES])
        one, many = self.tr("1 take it missed"), self.tr("{count} takes it missed").format(count=missed)
        self._choice.set_text(MISSED, one if missed == 1 else many)
        one, many = self.tr("1 wake by mistake"), self.tr("{count} wakes by mistake").format(count=mistakes)
        self._choice.set_text(MISTAKES, one if mistakes == 1 else many)
        nearest = self.tr("{count} sounds nearest to waking it").format(count=len(lists[NEAREST]))
        self._choice.set_text(NEAREST, nearest)
        self.show_list(next((name for name in (MISSED, MISTAKES, NEAREST) if lists[name]), MISSED))

    def show_list(self, name: str) -> None:
        """Choose a list."""
        self._choice.set_key(name)
        self._show_list(name)

    def _show_list(self, name: str, *, everything: bool = False) -> None:
        for old in self.rows:
            self._rows.removeWidget(old)
            old.hide()
            old.deleteLater()
        moments = self._lists.get(name, ())
        shown = moments if everything else moments[:_SHOWN]
        self.rows = [MomentRow(moment, self._cutoff_byte, name != MISSED) for moment in shown]
        for row in self.rows:
            row.play_wanted.connect(self.play_wanted)
            row.closer_wanted.connect(self._want_closer)
            self._rows.addWidget(row)
        _align([label for row in self.rows for label in (row.name, row.why)])
        self._empty.setVisible(not moments)
        self._empty.setText(
            {
                MISSED: self.tr("It heard every take of the test."),
                MISTAKES: self.tr("Nothing woke it by mistake in the test."),
                NEAREST: self.tr("No other sound came near to waking it."),
            }[name]
        )
        self._more.setText(self.tr("Show all {count}").format(count=len(moments)))
        self._more.setVisible(len(moments) > len(shown))
        if self._session is not None and shown:
            work = partial(sounds_of, moments=[moment for moment in shown if moment.clip is not None])
            self._session.ask(work, self._show_waves, key="results.waves")

    def _show_waves(self, sounds: list[Pcm]) -> None:
        for row, pcm in zip([row for row in self.rows if row.moment.clip is not None], sounds, strict=False):
            row.wave.set_pcm(pcm)

    def _show_all(self) -> None:
        self._show_list(self._choice.key, everything=True)

    def _want_closer(self, moment: "ClipMoment") -> None:
        self.closer_wanted.emit(moment, self._lists[self._choice.key])


def _align(labels: Sequence[Label]) -> None:
    """Make labels of a column as wide as the widest."""
    widest = max((label.sizeHint().width() for label in labels), default=0)
    for label in labels:
        label.setMinimumWidth(widest)
