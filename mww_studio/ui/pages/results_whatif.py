"""What if it were more or less sensitive: a slider, what would change, and the sounds that make the difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from mww_studio.constitution.articles import law
from mww_studio.evaluation.detector import byte_cutoff, cutoff_bytes
from mww_studio.evaluation.operating_point import DEFAULT_WINDOW, WINDOWS
from mww_studio.ui.icons import Icon
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo, Slider, label_for
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.results_words import clip_title, clock_text, cutoff_text, in_time, of, seconds_text
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.jobs.results import ClipMoment
    from mww_studio.jobs.what_if import Point

COALESCE_MS = 50
_NAMED = 2


@dataclass(frozen=True)
class Preview:
    """What another cut-off would give on the takes kept aside for choosing, and the sounds that it would change."""

    now: "Point"
    chosen: "Point"
    heard: tuple["ClipMoment", ...]
    missed: tuple["ClipMoment", ...]
    woken: tuple["ClipMoment", ...]
    silenced: tuple["ClipMoment", ...]


class ChangeRow(QWidget):
    """Sounds that would change sides: how many, which, and a button that plays them one after the other."""

    play_wanted = Signal(object)
    closer_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._moments: tuple[ClipMoment, ...] = ()
        self._next = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(u(2))
        self._icon = Icon("circle", "edge", u(4.5))
        self._text = Label(wrap=True)
        self._play = Button("", "quiet", "play", name=self.tr("Play what would change"))
        self._play.clicked.connect(self._play_next)
        self._closer = Button(self.tr("Look closer"), "quiet")
        self._closer.clicked.connect(self._look_closer)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._play)
        row.addWidget(self._closer)
        self.setMinimumHeight(u(9))
        self.set("circle", "edge", "", ())

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def set(self, icon: str, colour: str, text: str, moments: Sequence["ClipMoment"]) -> None:
        """Say what would change; without sounds there is nothing to play."""
        self._moments, self._next = tuple(moments), 0
        self._icon.set_icon(icon, colour)
        self._text.setText(text)
        self._play.setVisible(bool(moments))
        self._closer.setVisible(bool(moments))
        self._name_next()

    def _name_next(self) -> None:
        if self._moments:
            moment = self._moments[self._next]
            said = self.tr("Play {name}").format(name=clip_title(moment.clip, moment.path))
            self._play.setAccessibleName(said)
            self._play.setToolTip(said)

    def _play_next(self) -> None:
        self.play_wanted.emit(self._moments[self._next])
        self._next = (self._next + 1) % len(self._moments)
        self._name_next()

    def _look_closer(self) -> None:
        self.closer_wanted.emit(self._moments)


class WhatIfCard(Card):
    """The slider, and behind a button the window.

    ``asked`` carries the cut-off byte and the sliding window to try, ``use_wanted`` those to use from now on.
    """

    asked = Signal(int, int)
    use_wanted = Signal(int, int)
    play_wanted = Signal(object)
    closer_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        u = Theme.current().u
        self.set_title(self.tr("What if it were more or less sensitive?"))
        self._now = cutoff_bytes()[-1]
        self._now_window = DEFAULT_WINDOW
        more = Button(self.tr("More"), "quiet", "sliders-horizontal", name=self.tr("More about sensitivity"))
        more.setCheckable(True)
        self.header.addWidget(more)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COALESCE_MS)
        self._timer.timeout.connect(self._ask)
        line = QHBoxLayout()
        line.setSpacing(u(2))
        # To the right is more sensitive, which is a lower cut-off.
        self.slider = Slider(-cutoff_bytes()[-1], -cutoff_bytes()[0], -self._now)
        self.slider.setAccessibleName(self.tr("Sensitivity"))
        self.slider.valueChanged.connect(self._on_moved)
        line.addWidget(Caption(self.tr("strict")))
        line.addWidget(self.slider, 1)
        line.addWidget(Caption(self.tr("eager")))
        self.body.addLayout(line)
        average = self._make_window()
        more.toggled.connect(average.setVisible)
        self.body.addWidget(average)
        self.body.addLayout(self._make_table())
        self.takes = ChangeRow()
        self.sounds = ChangeRow()
        for row in (self.takes, self.sounds):
            row.setVisible(False)  # until there is something to say
            row.play_wanted.connect(self.play_wanted)
            row.closer_wanted.connect(self.closer_wanted)
            self.body.addWidget(row)
        foot = QHBoxLayout()
        foot.setSpacing(u(2))
        foot.addWidget(
            Caption(self.tr("Tried on the takes kept aside for choosing; the numbers above count others."), wrap=True),
            1,
        )
        self._back = Button("", "quiet")
        self._back.clicked.connect(self._go_back)
        self._use = Button("", "normal")
        self._use.clicked.connect(self._want)
        foot.addWidget(self._back)
        foot.addWidget(self._use)
        self.body.addLayout(foot)
        self.body.addStretch(1)
        self.set_now(self._now, self._now_window)

    @property
    def chosen(self) -> int:
        """The cut-off byte that the slider stands at."""
        return -self.slider.value()

    @property
    def window_chosen(self) -> int:
        """The sliding window that is chosen."""
        return int(self.average.currentData())

    def set_now(self, byte: int, window: int) -> None:
        """The cut-off and the window that the run has; they are chosen."""
        self._now, self._now_window = byte, window
        self.slider.setValue(-byte)
        if self.average.findData(window) < 0:
            self._add_window(window)
        self.average.setCurrentIndex(self.average.findData(window))
        self._back.setText(self.tr("Back to {cutoff}").format(cutoff=cutoff_text(byte_cutoff(byte))))
        self._name_choice()
        self._timer.start()

    def show_preview(self, preview: Preview) -> None:
        """Show what the chosen cut-off would give."""
        self._fill(0, self.tr("Now: cut-off {cutoff}"), self._now, preview.now)
        self._fill(1, self.tr("Chosen: cut-off {cutoff}"), self.chosen, preview.chosen)
        said = self.tr("{cutoff}, hears {part}").format(
            cutoff=cutoff_text(byte_cutoff(self.chosen)), part=of(preview.chosen.heard, preview.chosen.takes)
        )
        self.takes.setVisible(True)
        self.sounds.setVisible(True)
        self.slider.setAccessibleDescription(said)
        self.slider.setToolTip(said)
        if preview.heard:
            self.takes.set(
                "circle-plus", "ok", self._listed(self.tr("Would be heard: {names}"), preview.heard), preview.heard
            )
        elif preview.missed:
            text = self._listed(self.tr("Would be missed: {names}"), preview.missed)
            self.takes.set("circle-minus", "bad", text, preview.missed)
        else:
            self.takes.set("circle", "edge", self.tr("It would hear the same takes."), ())
        if preview.woken:
            text = self._listed(self.tr("Would wake it by mistake: {names}"), preview.woken, timed=True)
            self.sounds.set("circle-minus", "bad", text, preview.woken)
        elif preview.silenced:
            text = self._listed(self.tr("Would no longer wake it: {names}"), preview.silenced, timed=True)
            self.sounds.set("circle-plus", "ok", text, preview.silenced)
        else:
            self.sounds.set("circle", "edge", self.tr("The same sounds would wake it by mistake."), ())

    def _make_window(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Theme.current().u(2))
        self.average = Combo()
        for window in sorted(WINDOWS):
            self._add_window(window)
        self.average.currentIndexChanged.connect(self._on_moved)
        row.addWidget(label_for(self.tr("Averaged over"), self.average))
        row.addWidget(self.average)
        row.addStretch(1)
        holder.hide()
        return holder

    def _add_window(self, window: int) -> None:
        span_ms = window * law().input.stride * law().frontend.step_ms
        self.average.addItem(self.tr("{count} moments ({span} ms)").format(count=window, span=span_ms), window)

    def _make_table(self) -> QGridLayout:
        u = Theme.current().u
        grid = QGridLayout()
        grid.setHorizontalSpacing(u(4))
        grid.setVerticalSpacing(u(0.5))
        grid.setColumnStretch(0, 1)
        for column, text in enumerate((self.tr("heard"), self.tr("by mistake"), self.tr("answers after")), start=1):
            grid.addWidget(Caption(text), 0, column)
        self._cells = [[Label(role=role) for _ in range(4)] for role in ("body", "strong")]
        for line, cells in enumerate(self._cells, start=1):
            for column, cell in enumerate(cells):
                grid.addWidget(cell, line, column, Qt.AlignmentFlag.AlignLeft)
        return grid

    def _fill(self, line: int, text: str, byte: int, point: "Point") -> None:
        delay = "–" if point.delay_median_s is None else seconds_text(point.delay_median_s)
        texts = (
            text.format(cutoff=cutoff_text(byte_cutoff(byte))),
            of(point.heard, point.takes),
            in_time(point.false_accepts, point.hours),
            delay,
        )
        for cell, one in zip(self._cells[line], texts, strict=True):
            cell.setText(one)

    def _listed(self, text: str, moments: Sequence["ClipMoment"], *, timed: bool = False) -> str:
        names = [
            self.tr("{name} at {time}").format(
                name=clip_title(moment.clip, moment.path), time=clock_text(moment.time_s)
            )
            if timed
            else clip_title(moment.clip, moment.path)
            for moment in moments[:_NAMED]
        ]
        rest = len(moments) - len(names)
        listed = "; ".join(names)
        if rest:
            listed = self.tr("{names}; and {count} more").format(names=listed, count=rest)
        return text.format(names=listed)

    def _on_moved(self) -> None:
        self._name_choice()
        if not self._timer.isActive():
            self._timer.start()

    def _name_choice(self) -> None:
        same = (self.chosen, self.window_chosen) == (self._now, self._now_window)
        self._use.setText(self.tr("Use {cutoff}").format(cutoff=cutoff_text(byte_cutoff(self.chosen))))
        self._use.setEnabled(not same)
        self._back.setVisible(not same)

    def _ask(self) -> None:
        self.asked.emit(self.chosen, self.window_chosen)

    def _go_back(self) -> None:
        self.set_now(self._now, self._now_window)

    def _want(self) -> None:
        self._use.setEnabled(False)
        self.use_wanted.emit(self.chosen, self.window_chosen)
