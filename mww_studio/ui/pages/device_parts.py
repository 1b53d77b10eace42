"""What the page about a device is made of: its wake words, what it heard, and “say it ten times”."""

from PySide6.QtCore import QRectF, QSize, Qt, QTime, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from mww_studio.esphome.device_api import Role, Woke, Words
from mww_studio.jobs.say_test import SayTest
from mww_studio.ui import icons
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import RadioCard
from mww_studio.ui.kit.painting import mirrored, painter_on
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Label
from mww_studio.ui.kit.toast import announce
from mww_studio.ui.pages.samples_changes import counted
from mww_studio.ui.theme import Theme

COUNT = 10
"""How often it is said."""
_ROWS = 6
_MARK_U, _GAP_U = 7, 2


class WordsCard(Card):
    """The wake words of a device, of which one is on; ``chosen`` carries the id of another."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Which wake word?"))
        self._said = Label(colour="text2", wrap=True)
        self.body.addWidget(self._said)
        self._column = QVBoxLayout()
        self._column.setSpacing(Theme.current().u(2))
        self.body.addLayout(self._column)
        self.cards: dict[str, RadioCard] = {}
        self._shown = Words()

    def set_words(self, role: Role, words: Words) -> None:
        """Show these."""
        said = {
            Role.OURS: self.tr("It offers these. Another one is on as soon as you choose it."),
            Role.TAKEN: self.tr(
                "Home Assistant is connected to it, so the wake word is chosen there. What it hears is shown here all"
                " the same."
            ),
            Role.NONE: self.tr("It has no voice assistant, so there is no wake word to choose."),
        }[role]
        if role is Role.OURS and not words.offered:
            said = self.tr("It offers none: in its configuration, voice_assistant lacks the line micro_wake_word.")
        self._said.setText(said)
        if words.offered != self._shown.offered:  # else a card that was just chosen would lose the focus
            self._make_cards(words)
        self._shown = words
        for card in self.cards.values():
            card.setEnabled(role is Role.OURS)
        self.show_active()

    def show_active(self) -> None:
        """Mark the one that is on, whatever was chosen."""
        for word, card in self.cards.items():
            card.setChecked(word in self._shown.active)

    def _make_cards(self, words: Words) -> None:
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards = {}
        for word in words.offered:
            card = RadioCard(word.wake_word, meta=word.id)
            card.setProperty("id", word.id)
            card.clicked.connect(self._choose)
            self._column.addWidget(card)
            self.cards[word.id] = card

    def _choose(self) -> None:
        self.chosen.emit(str(self.sender().property("id")))


class HeardCard(Card):
    """The wake words that the device heard, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What it heard"))
        self._count = 0
        self._said = Label(colour="text2", wrap=True)
        self.body.addWidget(self._said)
        self._rows = [StatusRow("ear") for _ in range(_ROWS)]
        self._texts: list[str] = []
        for row in self._rows:
            self.body.addWidget(row)
        self.clear()

    @property
    def count(self) -> int:
        """How many there were."""
        return self._count

    def clear(self) -> None:
        """Forget them."""
        self._count, self._texts = 0, []
        self._show()

    def add(self, woke: Woke) -> None:
        """Show one more."""
        self._count += 1
        time = QTime.currentTime().toString("HH:mm:ss")
        sure = "" if woke.sure is None else self.tr("{percent} % sure").format(percent=round(100 * woke.sure))
        text = self.tr("{time}  “{word}”").format(time=time, word=woke.wake_word)
        self._texts = [" · ".join(filter(None, (text, sure))), *self._texts][:_ROWS]
        self._show()

    def _show(self) -> None:
        nothing = self.tr("Nothing yet. Say the wake word near the device.")
        heard = counted(self._count, self.tr("Heard once."), self.tr("Heard {count} times."))
        self._said.setText(heard if self._count else nothing)
        for number, row in enumerate(self._rows):
            there = number < len(self._texts)
            row.setVisible(there)
            if there:
                row.set("ear", self._texts[number])


class Marks(QWidget):
    """A circle for each time that it is said: empty, now, heard or not heard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks: list[bool] = []
        self._count, self._now = COUNT, False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_test(self, test: SayTest | None) -> None:
        """Show where a test stands, or an empty one."""
        self._marks = list(test.marks) if test is not None else []
        self._now = test is not None and test.speaking
        self._count = test.count if test is not None else COUNT
        said = self.tr("Heard {heard} of {said}, {left} to go")
        left = self._count - len(self._marks)
        self.setAccessibleName(said.format(heard=sum(self._marks), said=len(self._marks), left=left))
        self.update()

    def sizeHint(self) -> QSize:
        """All of them in a line."""
        u = Theme.current().u
        return QSize(u(self._count * (_MARK_U + _GAP_U)), u(_MARK_U))

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw them."""
        theme = Theme.current()
        colours, u = theme.tokens, theme.u
        painter = painter_on(self)
        for number in range(self._count):
            place = mirrored(self, QRectF(u(number * (_MARK_U + _GAP_U)), 0, u(_MARK_U), u(_MARK_U)))
            if number < len(self._marks):
                heard = self._marks[number]
                icons.draw(
                    painter, "circle-check" if heard else "ear-off", colours.ok if heard else colours.warn, place
                )
            elif number == len(self._marks) and self._now:
                icons.draw(painter, "circle-dot", colours.accent, place)
            else:
                icons.draw(painter, "circle", colours.edge, place)


class SayCard(Card):
    """“Say it ten times”: what to do now in large letters, a circle for each, and what came of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("Say it ten times"))
        self._now = Label(role="verdict", wrap=True)
        self._now.setMinimumHeight(Theme.current().u(9))
        self._now.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading)
        self._marks = Marks()
        self._after = Label(colour="text2", wrap=True)
        self.button = Button(self.tr("Start"), "primary", "mic", big=True)
        for widget in (self._now, self._marks, self._after):
            self.body.addWidget(widget)
        self.body.addSpacing(Theme.current().u(1))
        self.body.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeading)
        self.show_test(None)

    def show_test(self, test: SayTest | None) -> None:
        """Show where it stands."""
        self._marks.set_test(test)
        if test is None:
            self._now.setText(self.tr("Stand where you will usually stand."))
            self._after.setText(
                self.tr("You are asked ten times to say it. It takes a minute, and tells how often it hears you.")
            )
            self.button.setText(self.tr("Start"))
        elif test.over:
            self._show_result(test)
        else:
            said = self.tr("Say it now") if test.speaking else self._between(test)
            self._tell(said)
            self._after.setText(self._hint(test))
            self.button.setText(self.tr("Stop"))
        self.button.set_icon("square" if test is not None and not test.over else "mic")

    def _tell(self, text: str) -> None:
        """Say it to those who see it, and once to those who have it read out."""
        if text != self._now.text():
            self._now.setText(text)
            announce(self, text)

    def _between(self, test: SayTest) -> str:
        if not test.marks:
            return self.tr("Get ready…")
        return self.tr("Heard") if test.marks[-1] else self.tr("Not heard")

    def _hint(self, test: SayTest) -> str:
        if test.marks[-2:] == [False, False] and not any(test.marks):
            return self.tr("Not heard yet. Is the device muted, or another wake word on?")
        return self.tr("{number} of {count}").format(number=min(len(test.marks) + 1, test.count), count=test.count)

    def _show_result(self, test: SayTest) -> None:
        result = test.result
        low, high = result.interval
        self._tell(self.tr("It heard {heard} of {said}").format(heard=result.heard, said=result.said))
        likely = self.tr("Of 100 it would likely hear {low} to {high}.")
        texts = [likely.format(low=round(100 * low), high=round(100 * high))]
        if result.extra:
            once = self.tr("It also woke once when nobody was asked.")
            texts.append(counted(result.extra, once, self.tr("It also woke {count} times when nobody was asked.")))
        if result.heard < result.said - 1:
            texts.append(
                self.tr("Try a more sensitive setting in Home Assistant, or record takes from this very place.")
            )
        self._after.setText(" ".join(texts))
        self.button.setText(self.tr("Once more"))
