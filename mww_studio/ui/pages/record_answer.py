"""The answer to a take: a box of one height, so that the word above it never moves."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.ui.icons import STATES, Icon, state_colour
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.kit.text import Label
from mww_studio.ui.pages.record_words import NOTHING, Action, Answer
from mww_studio.ui.theme import Theme

_TROUBLE = ("warn", "bad")


class AnswerBox(QFrame):
    """Plain while all is well; only trouble is tinted. ``acted`` names the action whose button was pressed."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._answer = NOTHING
        self.setFixedHeight(u(19))
        row = QHBoxLayout(self)
        row.setContentsMargins(u(3), u(2), u(2), u(2))
        row.setSpacing(u(2))
        self._icon = Icon("circle-check", "ok", u(6))
        row.addWidget(self._icon)
        texts = QVBoxLayout()
        texts.setSpacing(u(0.5))
        texts.addStretch(1)
        self._title = Label(role="strong", wrap=True)
        self._text = Label(wrap=True)
        texts.addWidget(self._title)
        texts.addWidget(self._text)
        texts.addStretch(1)
        row.addLayout(texts, 1)
        self._buttons: dict[Action, Button] = {}
        for action, (text, icon, name, key) in self._faces().items():
            button = Button(text, "quiet", icon, name=name)
            button.setToolTip(self.tr("{name} ({key})").format(name=name, key=key) if key else name)
            button.setProperty("action", str(action))
            button.clicked.connect(self._act)
            button.hide()
            row.addWidget(button)
            self._buttons[action] = button
        self.show_answer(NOTHING)

    @property
    def answer(self) -> Answer:
        """What it says."""
        return self._answer

    def show_answer(self, answer: Answer) -> None:
        """Say something else."""
        self._answer = answer
        self._icon.setVisible(bool(answer.kind))
        if answer.kind:
            self._icon.set_icon(STATES[answer.kind], state_colour(answer.kind))
        self._title.setText(answer.title)
        self._text.setText(answer.text)
        self._text.setVisible(bool(answer.text))
        for action, button in self._buttons.items():
            button.setVisible(action in answer.actions)
        self.setAccessibleName(answer.spoken)
        self.update()

    def button(self, action: Action) -> Button:
        """The button of an action, visible or not."""
        return self._buttons[action]

    def set_next_person(self, text: str) -> None:
        """What the button says that lets the next person speak."""
        self._buttons[Action.NEXT_PERSON].setText(text)
        self._buttons[Action.NEXT_PERSON].setAccessibleName(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground."""
        theme = Theme.current()
        trouble = self._answer.kind in _TROUBLE
        ground = theme.colour(f"{self._answer.kind}_soft") if trouble else theme.tokens.inset
        edge = theme.colour(self._answer.kind) if trouble else None
        rounded(painter_on(self), QRectF(self.rect()), ground, edge, theme.u(2))

    def _faces(self) -> dict[Action, tuple[str, str, str, str]]:
        """Text, icon, full name and key of each button."""
        return {
            Action.PLAY: (self.tr("Play"), "play", self.tr("Play the last take"), "P"),
            Action.KEEP: (self.tr("Keep"), "", self.tr("Keep this take anyway"), "K"),
            Action.TAKE_BACK: (self.tr("Take it back"), "undo-2", self.tr("Take the last take back"), "Backspace"),
            Action.NEXT_PERSON: ("", "", self.tr("Let the next person speak"), "N"),
            Action.ADD_PERSON: (self.tr("Add a person"), "user-plus", self.tr("Add another person"), ""),
            Action.TRAIN: (self.tr("Go to Train"), "brain", self.tr("Go to the page Train"), ""),
            Action.OPEN_AGAIN: (self.tr("Open it again"), "rotate-cw", self.tr("Open the microphone again"), ""),
            Action.LOOK_AGAIN: (self.tr("Look again"), "rotate-cw", self.tr("Look for a microphone again"), ""),
        }

    def _act(self) -> None:
        button = self.sender()
        if isinstance(button, Button):
            self.acted.emit(str(button.property("action")))
