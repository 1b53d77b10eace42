"""How the wake word is said: in which spellings, and what each of them sounds like."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.voices_adding import checked_spelling
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo, LineEdit, field
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.pages.voices_rows import SpellingLine
from mww_studio.ui.theme import Theme

_LONGEST = 80


class SpellingCard(Card):
    """The word as it is written, other spellings that somebody added, and a voice to hear them with.

    ``listen_asked`` (spelling, label of the voice); ``respellings_changed`` (tuple of str).
    """

    listen_asked = Signal(str, str)
    respellings_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self.set_title(self.tr("Is it said right?"))
        self.set_sentence(
            self.tr(
                "Listen to it. If a name is said wrong, add a spelling that sounds right; it is used in turn with"
                " the others."
            )
        )
        self.voice = Combo()
        self.body.addLayout(field(self.tr("&Voice to listen with"), self.voice))
        self._word = ""
        self._own: tuple[str, ...] = ()
        self.lines: dict[str, SpellingLine] = {}
        self._rows = QVBoxLayout()
        self._rows.setSpacing(u(1))
        self.body.addLayout(self._rows)
        row = QHBoxLayout()
        row.setSpacing(u(2))
        self.text = LineEdit(placeholder=self.tr("hellow, or as IPA /həlˈoʊ/"))
        self.text.setMaxLength(_LONGEST)
        self.text.textChanged.connect(self._on_text)
        self.text.returnPressed.connect(self._on_add)
        row.addLayout(field(self.tr("&Another spelling"), self.text), 1)
        self.hear = Button(self.tr("Listen"), icon="play", name=self.tr("Listen to the new spelling"))
        self.hear.clicked.connect(self._on_hear)
        row.addWidget(self.hear, 0, Qt.AlignmentFlag.AlignBottom)
        self.add = Button(self.tr("Add"), icon="plus", name=self.tr("Add the spelling"))
        self.add.clicked.connect(self._on_add)
        row.addWidget(self.add, 0, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(row)
        self._trouble = Caption(wrap=True)
        self._trouble.hide()
        self.body.addWidget(self._trouble)
        self._on_text()

    def set_voices(self, voices: Sequence[tuple[str, str]]) -> None:
        """Offer these (label, title) to listen with; the one that was chosen stays so."""
        chosen = self.voice.key
        self.voice.clear()
        for label, title in voices:
            self.voice.add(label, title)
        if not self.voice.set_key(chosen) and voices:
            self.voice.setCurrentIndex(0)
        self.voice.setEnabled(bool(voices))
        self._allow()

    def set_spellings(self, word: str, own: tuple[str, ...]) -> None:
        """Show the word and the spellings that somebody added."""
        if (word, own) == (self._word, self._own) and self.lines:
            return
        self._word, self._own = word, own
        for line in self.lines.values():
            line.hide()
            self._rows.removeWidget(line)
            line.deleteLater()
        self.lines = {}
        before: QWidget = self.voice
        for spelling in (word, *own):
            line = SpellingLine(spelling, own=spelling != word)
            line.listen_asked.connect(self._listen)
            line.remove_asked.connect(self._remove)
            self._rows.addWidget(line)
            self.lines[spelling] = line
            for control in (line.listen, line.remove):
                QWidget.setTabOrder(before, control)
                before = control
        self._allow()

    def show_trouble(self, error: StudioError | None) -> None:
        """Say what is wrong with a spelling, or why it could not be said."""
        self._trouble.setText(str(error) if error is not None else "")
        self._trouble.setVisible(error is not None)

    def set_speaking(self, speaking: bool) -> None:
        """Say that a voice is at work, or no longer."""
        self._allow(self.tr("A voice is speaking.") if speaking else "")

    def _allow(self, reason: str = "") -> None:
        reason = reason or ("" if self.voice.count() else self.tr("There is no voice on this computer."))
        for line in self.lines.values():
            line.listen.set_reason(reason)
        self.hear.set_reason(reason or ("" if self.text.text().strip() else self.tr("Write a spelling first.")))

    def _on_text(self) -> None:
        written = bool(self.text.text().strip())
        self.add.set_reason("" if written else self.tr("Write a spelling first."))
        self.show_trouble(None)
        self._allow()

    def _on_hear(self) -> None:
        self._listen(self.text.text())

    def _listen(self, spelling: str) -> None:
        self.show_trouble(None)
        self.listen_asked.emit(spelling, self.voice.key)

    def _on_add(self) -> None:
        try:
            spelling = checked_spelling(self.text.text())
        except StudioError as error:
            self.show_trouble(error)
            return
        self.text.clear()
        if spelling not in self.lines:
            self.respellings_changed.emit((*self._own, spelling))

    def _remove(self, spelling: str) -> None:
        self.respellings_changed.emit(tuple(own for own in self._own if own != spelling))
