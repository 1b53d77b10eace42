"""Questions: only before emptying the trash, deleting a person, closing while busy, and flashing a device."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme


@dataclass(frozen=True)
class Answer:
    """A button of a question: what it means, what it says, and which kind of button it is."""

    key: str
    text: str
    kind: str = "normal"


class Question(QDialog):
    """A question with its answers as buttons; the first is the default, Esc and closing give the last."""

    answered = Signal(str)

    def __init__(self, parent: QWidget | None, title: str, text: str, answers: Sequence[Answer]) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.setWindowTitle(title)
        self.setModal(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(u(6), u(6), u(6), u(5))
        column.setSpacing(u(2))
        heading = Label(title, "verdict", wrap=True)
        heading.setMinimumWidth(u(90))
        column.addWidget(heading)
        if text:
            column.addWidget(Label(text, wrap=True))
        column.addSpacing(u(3))
        row = FlowLayout()
        column.addLayout(row)
        self.answer = answers[-1].key
        self.buttons: dict[str, Button] = {}
        for number, answer in enumerate(answers):
            button = Button(answer.text, answer.kind)
            button.setDefault(number == 0)
            button.setProperty("answer", answer.key)
            button.clicked.connect(self._choose)
            row.addWidget(button)
            self.buttons[answer.key] = button
        self.buttons[answers[0].key].setFocus()
        self.finished.connect(self._say)

    def _choose(self) -> None:
        self.answer = str(self.sender().property("answer"))
        self.accept()

    def _say(self) -> None:
        self.answered.emit(self.answer)


def ask(parent: QWidget | None, title: str, text: str, answers: Sequence[Answer]) -> str:
    """Ask, wait, and return the key of the answer; the last one for Esc."""
    question = Question(parent, title, text, answers)
    question.exec()
    answer = question.answer
    question.deleteLater()
    return answer
