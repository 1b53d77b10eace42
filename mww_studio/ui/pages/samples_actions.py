"""What can be done with the chosen samples: a bar under the table that keeps its place."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLocale, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from mww_studio.project.records import ClipKind
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.fields import LineEdit, label_for
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.kit.waves import Cut, WaveView
from mww_studio.ui.models.clip_words import kind_word
from mww_studio.ui.theme import Theme

Pcm = npt.NDArray[np.int16]

_WAVE_U = 9.0


class ActionBar(QWidget):
    """Buttons for the chosen samples, and the wave of the one that has the focus."""

    play_wanted = Signal()
    kind_chosen = Signal(str)
    person_chosen = Signal(str)
    name_wanted = Signal()
    trim_wanted = Signal()
    keep_wanted = Signal()
    trash_wanted = Signal()
    restore_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = Theme.current()
        self._trash = False
        self._people: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.u(6), 0, theme.u(6), theme.u(4))
        card = _Ground()
        outer.addWidget(card)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, card)
        self._box.setContentsMargins(theme.u(4), theme.u(2), theme.u(3), theme.u(2))
        self._box.setSpacing(theme.u(3))
        self._count = Label(role="strong")
        self._status = Caption()
        self.wave = WaveView(self.tr("Wave of the chosen sample"), _WAVE_U)
        self._box.addLayout(self._shown_part(), 1)
        self.play_button = Button(self.tr("Play"), "quiet", "play")
        self.kind_button = Button(self.tr("Kind…"), "quiet", "tag")
        self.person_button = Button(self.tr("Person…"), "quiet", "user-round")
        self.trim_button = Button(self.tr("Trim…"), "quiet", "scissors")
        self.keep_button = Button(self.tr("Keep"), "normal", "check")
        self.trash_button = Button(self.tr("Move to trash"), "danger", "trash-2")
        self.restore_button = Button(self.tr("Bring back"), "primary", "undo-2")
        self._box.addLayout(self._button_part())
        self.kind_menu, self.person_menu = QMenu(self), QMenu(self)
        self._connect()
        self._tips()
        self.show_choice(0, 0, 0)

    def show_choice(self, chosen: int, shown: int, total: int, *, doubtful: bool = False, spoken: bool = True) -> None:
        """Say how many of the samples are chosen, and how many of ``total`` are shown.

        ``doubtful``: the current one waits for a decision. ``spoken``: somebody speaks in it.
        """
        count = QLocale().toString(chosen)
        if chosen:
            one, many = self.tr("1 sample chosen"), self.tr("{count} samples chosen").format(count=count)
            self._count.setText(one if chosen == 1 else many)
        else:
            self._count.setText(self.tr("Nothing chosen"))
        names = {"shown": QLocale().toString(shown), "total": QLocale().toString(total)}
        self._status.setText(self.tr("{shown} of {total}").format(**names))
        self.trim_button.setEnabled(chosen == 1)
        for button in (self.play_button, self.kind_button, self.trash_button, self.restore_button):
            button.setEnabled(chosen > 0)
        self.person_button.setEnabled(chosen > 0 and spoken)
        self.keep_button.setVisible(doubtful and not self._trash)

    def show_keep_as_primary(self, on: bool) -> None:
        """Whether keeping is what the page is about now."""
        self.keep_button.set_kind("primary" if on else "normal")

    def show_wave(self, pcm: Pcm | None, cut: Cut | None = None) -> None:
        """Show the sound of the current sample, and where the word is in it."""
        if pcm is None:
            self.wave.clear()
        else:
            self.wave.set_pcm(pcm, cut)

    def show_playing(self, on: bool) -> None:
        """Whether a press would stop the sound."""
        self.play_button.setText(self.tr("Stop") if on else self.tr("Play"))
        self.play_button.set_icon("square" if on else "play")

    def show_trash(self, on: bool) -> None:
        """Whether these are samples in the trash, which can only be heard and brought back."""
        self._trash = on
        for button in (self.kind_button, self.person_button, self.trim_button, self.trash_button):
            button.setVisible(not on)
        self.restore_button.setVisible(on)

    def set_people(self, names: Sequence[str]) -> None:
        """Offer these people."""
        if tuple(names) == self._people and not self.person_menu.isEmpty():
            return
        self._people = tuple(names)
        self.person_menu.clear()
        for name in names:
            self._add(self.person_menu, name, name)
        if names:
            self.person_menu.addSeparator()
        self._add(self.person_menu, self.tr("Nobody knows who"), "")
        other = self.person_menu.addAction(self.tr("Somebody else…"))
        other.triggered.connect(self.name_wanted)

    def set_compact(self, on: bool) -> None:
        """Whether wave and buttons stand one below the other."""
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.TopToBottom if on else directions.LeftToRight)
        self._box.setSpacing(Theme.current().u(1 if on else 3))

    def open_kinds(self) -> None:
        """Show the kinds to choose from."""
        self.kind_menu.popup(_above(self.kind_button, self.kind_menu))

    def open_people(self) -> None:
        """Show the people to choose from."""
        if self.person_button.isEnabled():
            self.person_menu.popup(_above(self.person_button, self.person_menu))

    def _shown_part(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Theme.current().u(3))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch(1)
        texts.addWidget(self._count)
        texts.addWidget(self._status)
        texts.addStretch(1)
        row.addLayout(texts)
        row.addWidget(self.wave, 1)
        return row

    def _button_part(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Theme.current().u(1))
        for button in (self.play_button, self.kind_button, self.person_button, self.trim_button, self.keep_button):
            row.addWidget(button)
        row.addStretch(1)
        row.addSpacing(Theme.current().u(2))
        row.addWidget(self.trash_button)
        row.addWidget(self.restore_button)
        return row

    def _connect(self) -> None:
        self.play_button.clicked.connect(self.play_wanted)
        self.kind_button.clicked.connect(self.open_kinds)
        self.person_button.clicked.connect(self.open_people)
        self.trim_button.clicked.connect(self.trim_wanted)
        self.keep_button.clicked.connect(self.keep_wanted)
        self.trash_button.clicked.connect(self.trash_wanted)
        self.restore_button.clicked.connect(self.restore_wanted)
        for kind in ClipKind:
            self._add(self.kind_menu, kind_word(kind), str(kind))
        self.kind_menu.triggered.connect(self._kind_chosen)
        self.person_menu.triggered.connect(self._person_chosen)

    def _tips(self) -> None:
        self.play_button.setToolTip(self.tr("Play (Space)"))
        self.kind_button.setToolTip(self.tr("Say what is heard in the chosen samples"))
        self.person_button.setToolTip(self.tr("Say who speaks in the chosen samples (Ctrl+M)"))
        self.trim_button.setToolTip(self.tr("Cut off what is too much (Ctrl+T)"))
        self.keep_button.setToolTip(self.tr("Use the chosen samples all the same (K)"))
        self.trash_button.setToolTip(self.tr("Move to trash (Delete)"))

    def _add(self, menu: QMenu, text: str, key: str) -> None:
        action = QAction(text.replace("&", "&&"), menu)
        action.setData(key)
        menu.addAction(action)

    def _kind_chosen(self, action: QAction) -> None:
        self.kind_chosen.emit(action.data())

    def _person_chosen(self, action: QAction) -> None:
        if action.data() is not None:
            self.person_chosen.emit(action.data())


class AskLine(QFrame):
    """Asks for one line of text in a small sheet; Enter answers, Esc closes it."""

    answered = Signal(str)

    def __init__(self, question: str, button: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        u = Theme.current().u
        self.setAccessibleName(question)
        column = QVBoxLayout(self)
        column.setContentsMargins(u(4), u(3), u(4), u(4))
        column.setSpacing(u(1.5))
        self.field = LineEdit()
        self.field.setMinimumWidth(u(60))
        column.addWidget(label_for(question, self.field))
        row = QHBoxLayout()
        row.setSpacing(u(2))
        row.addWidget(self.field, 1)
        self.button = Button(button)
        row.addWidget(self.button)
        column.addLayout(row)
        self.field.returnPressed.connect(self._answer)
        self.button.clicked.connect(self._answer)

    def ask(self, beside: QWidget, text: str = "") -> None:
        """Open above a widget, with this text to begin with."""
        self.field.setText(text)
        self.field.selectAll()
        self.adjustSize()
        self.move(_above(beside, self))
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A surface with an edge."""
        tokens = Theme.current().tokens
        rounded(painter_on(self), QRectF(self.rect()), tokens.surface, tokens.edge)

    def _answer(self) -> None:
        self.hide()
        self.answered.emit(self.field.text().strip())


class _Ground(QFrame):
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = Theme.current()
        rounded(painter_on(self), QRectF(self.rect()), theme.tokens.surface, theme.tokens.line, theme.u(2))


def _above(widget: QWidget, sheet: QWidget) -> QPoint:
    """Where ``sheet`` stands right above ``widget``, on the screen."""
    return widget.mapToGlobal(QPoint(0, -sheet.sizeHint().height()))
