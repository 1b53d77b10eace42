"""What the live test heard: one row an event, the newest first, each to be played and judged."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.evaluation.live_session import Wake
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme

_SHOWN = 30


class WakeRow(QWidget):
    """A wake: when, how sure, and whether it was a mistake."""

    play = Signal(object)
    judged = Signal(object, bool)

    def __init__(self, wake: Wake, mistake: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wake, self._mistake = wake, mistake
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Theme.current().u(2))
        time = wake.at.strftime("%X")
        self._play = Button("", "quiet", "play", name=self.tr("Play what was heard at {time}").format(time=time))
        self._play.clicked.connect(self._on_play)
        row.addWidget(self._play)
        row.addWidget(Label(time))
        self._said = Caption()
        row.addWidget(self._said, 1)
        self.button = Button(icon="flag", kind="quiet")
        self.button.clicked.connect(self._on_judged)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        self._time = time
        self._refresh()

    def set_mistake(self, mistake: bool) -> None:
        """Show it as a mistake, or as the wake word."""
        self._mistake = mistake
        self._refresh()

    def _refresh(self) -> None:
        said = self.tr("woke by mistake, {sure} % sure") if self._mistake else self.tr("woke, {sure} % sure")
        self._said.setText(said.format(sure=round(100 * self.wake.sure)))
        text = self.tr("That was me") if self._mistake else self.tr("That was wrong")
        self.button.setText(text)
        self.button.setAccessibleName(self.tr("{time}: {text}").format(time=self._time, text=text))

    def _on_play(self) -> None:
        self.play.emit(self.wake.pcm)

    def _on_judged(self) -> None:
        self.judged.emit(self.wake, not self._mistake)


class WakeList(Card):
    """The newest wakes of a live test."""

    play = Signal(object)
    judged = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What it heard"))
        self._rows: list[WakeRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(Theme.current().u(1))
        self.body.addLayout(self._list)
        self._nothing = Caption(self.tr("Each time it wakes, a line appears here."), wrap=True)
        self.body.addWidget(self._nothing)

    @property
    def rows(self) -> list[WakeRow]:
        """The rows, the newest first."""
        return list(self._rows)

    def add(self, wake: Wake, *, mistake: bool) -> None:
        """Show one more wake."""
        row = WakeRow(wake, mistake)
        row.play.connect(self.play)
        row.judged.connect(self.judged)
        self._list.insertWidget(0, row)
        self._rows.insert(0, row)
        for old in self._rows[_SHOWN:]:
            self._drop(old)
        del self._rows[_SHOWN:]
        self._nothing.hide()

    def set_mistake(self, number: int, *, mistake: bool) -> None:
        """Show a wake as a mistake, or as the wake word."""
        for row in self._rows:
            if row.wake.number == number:
                row.set_mistake(mistake)

    def clear(self) -> None:
        """Begin anew."""
        for row in self._rows:
            self._drop(row)
        self._rows.clear()
        self._nothing.show()

    def _drop(self, row: WakeRow) -> None:
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
