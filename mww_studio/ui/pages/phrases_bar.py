"""What can be done with the chosen phrases: a bar under the table that keeps its place."""

from PySide6.QtCore import QLocale, QRectF, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme


class PhraseBar(QWidget):
    """Buttons for the chosen phrases, and the one that leads to the microphone."""

    listen_wanted = Signal()
    change_wanted = Signal()
    remove_wanted = Signal()
    restore_wanted = Signal()
    read_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._chosen, self._coming = 0, False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(u(6), 0, u(6), u(4))
        card = _Ground()
        outer.addWidget(card)
        row = QHBoxLayout(card)
        row.setContentsMargins(u(4), u(2), u(3), u(2))
        row.setSpacing(u(3))
        self._count = Label(role="strong")
        row.addWidget(self._count)
        buttons = FlowLayout(gap=1)
        self.listen = self._button(self.tr("Listen"), "quiet", "play", self.tr("Let a computer voice say it (Space)"))
        self.change = self._button(self.tr("Change…"), "quiet", "pencil", self.tr("Write it in another way (F2)"))
        self.remove = self._button(self.tr("Take away"), "danger", "x", self.tr("Take it out of the list (Delete)"))
        self.restore = self._button(self.tr("Bring back"), "normal", "undo-2", self.tr("Put it into the list again"))
        for button in (self.listen, self.change, self.remove, self.restore):
            buttons.addWidget(button)
        row.addLayout(buttons, 1)
        self.read = Button(self.tr("Read them aloud"), "primary", "mic")
        row.addWidget(self.read)
        self.listen.clicked.connect(self.listen_wanted)
        self.change.clicked.connect(self.change_wanted)
        self.remove.clicked.connect(self.remove_wanted)
        self.restore.clicked.connect(self.restore_wanted)
        self.read.clicked.connect(self.read_wanted)
        self.show_choice(0, removed=False, can_change=True)

    def show_choice(self, chosen: int, *, removed: bool, can_change: bool) -> None:
        """So many are chosen. ``removed``: among those that were taken away."""
        one, many = self.tr("1 phrase chosen"), self.tr("{count} phrases chosen")
        none = self.tr("Nothing chosen")
        self._count.setText(many.format(count=QLocale().toString(chosen)) if chosen > 1 else one if chosen else none)
        self._chosen = chosen
        self._allow_listening()
        self.change.setEnabled(chosen == 1 and can_change)
        self.remove.setEnabled(chosen > 0 and can_change)
        self.restore.setEnabled(chosen > 0 and can_change)
        self.change.setVisible(not removed)
        self.remove.setVisible(not removed)
        self.restore.setVisible(removed)

    def show_sound(self, *, playing: bool, coming: bool) -> None:
        """Whether a phrase is heard, or a voice is being asked for it."""
        wait, stop, listen = self.tr("One moment…"), self.tr("Stop"), self.tr("Listen")
        self.listen.setText(stop if playing else wait if coming else listen)
        self.listen.set_icon("square" if playing else "play")
        self._coming = coming
        self._allow_listening()

    def _allow_listening(self) -> None:
        self.listen.setEnabled(self._chosen == 1 and not self._coming)

    def _button(self, text: str, kind: str, icon: str, tip: str) -> Button:
        button = Button(text, kind, icon)
        button.setToolTip(tip)
        return button


class _Ground(QFrame):
    """The ground on which the buttons stand."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it as a card."""
        theme = Theme.current()
        rounded(painter_on(self), QRectF(self.rect()), theme.tokens.surface, theme.tokens.line, theme.u(2))
