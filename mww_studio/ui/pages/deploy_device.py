"""Which device, and what it hears: the board with what it needs, a name, further wake words, voice activity."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from mww_studio.esphome.boards import board, boards
from mww_studio.export.words import DeviceOrder
from mww_studio.jobs.device_words import KnownWord, word_of
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo, LineEdit, field
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme

_LONGEST_NAME = 60
_USUAL = "generic-s3"


class WordLine(QWidget):
    """A further wake word, to be taken away again. ``removed`` carries its manifest."""

    removed = Signal(Path)

    def __init__(self, manifest: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.manifest = manifest
        word = word_of(manifest)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Theme.current().u(2))
        row.addWidget(Label(f"“{word}”", wrap=True), 1)
        take_away = Button("", "quiet", "x", name=self.tr("Take “{word}” off the device").format(word=word))
        take_away.clicked.connect(self._on_remove)
        row.addWidget(take_away)

    def _on_remove(self) -> None:
        self.removed.emit(self.manifest)


class DeviceCard(Card):
    """What the person asks for, as a :class:`DeviceOrder`; ``changed`` when it is another."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Which device?"), parent=parent)
        u = Theme.current().u
        self._further: list[Path] = []
        self._vad: Path | None = None
        self._said_name = ""
        self.board = Combo()
        for each in boards():
            self.board.add(each.name, each.title)
        self.board.set_key(_USUAL)
        self.board.activated.connect(self._on_board)
        self.body.addLayout(field(self.tr("&Board"), self.board))
        self._about, self._needs, self._limits = Label(wrap=True), Caption(wrap=True), Caption(wrap=True)
        for label in (self._about, self._needs, self._limits):
            self.body.addWidget(label)
        self.name = LineEdit()
        self.name.setMaxLength(_LONGEST_NAME)
        self.name.editingFinished.connect(self._on_name)
        self.body.addSpacing(u(1))
        self.body.addLayout(field(self.tr("&Name of the device"), self.name))
        self.body.addSpacing(u(1))
        self._first = Label(wrap=True)
        self.body.addWidget(self._first)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self.body.addLayout(self._lines)
        self.add = Button(self.tr("Add a wake word…"), "quiet", "plus")
        self.add.clicked.connect(self._open_menu)
        self.body.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeading)
        self.menu_of_words = QMenu(self)
        self.menu_of_words.triggered.connect(self._on_word)
        self._voice = StatusRow()
        self.body.addWidget(self._voice)
        self.offer(())
        self._show_board()
        self._show_voice()

    @property
    def order(self) -> DeviceOrder:
        """What is asked for."""
        return DeviceOrder(self.board.key, self.name.text().strip(), tuple(self._further), self._vad)

    def set_word(self, wake_word: str) -> None:
        """Say which word is the first one, and name the device after it unless the person does."""
        self._first.setText(self.tr("It wakes up at “{word}”.").format(word=wake_word))
        self.name.setPlaceholderText(wake_word)

    def forget(self) -> None:
        """Ask for nothing but the usual: another project is open."""
        self._vad = None
        self.name.clear()
        self._said_name = ""
        self._set_further([])
        self._show_voice()

    def offer(self, words: Sequence[KnownWord]) -> None:
        """Offer these in the menu, before a file of the person's own."""
        self.menu_of_words.clear()
        for known in words:
            text = self.tr("“{word}”, an official one") if known.official else self.tr("“{word}”, of another project")
            action = self.menu_of_words.addAction(text.format(word=known.wake_word.replace("&", "&&")))
            action.setData(str(known.manifest))
        self.menu_of_words.addAction(self.tr("Another file…"))

    def add_word(self, manifest: Path) -> None:
        """Put a further wake word on the device."""
        if manifest not in self._further:
            self._set_further([*self._further, manifest])
            self.changed.emit()

    def set_vad(self, manifest: Path | None) -> None:
        """Let no word count unless this model hears a voice; None: any sound counts."""
        self._vad = manifest
        self._show_voice()
        self.changed.emit()

    def _set_further(self, manifests: list[Path]) -> None:
        self._further = manifests
        while (item := self._lines.takeAt(0)) is not None:
            if (line := item.widget()) is not None:
                line.hide()
                line.deleteLater()
        for manifest in manifests:
            line = WordLine(manifest)
            line.removed.connect(self._on_removed)
            self._lines.addWidget(line)

    def _show_board(self) -> None:
        described = board(self.board.key)
        self._about.setText(described.about)
        self._needs.setText(self.tr("It needs: {needs}").format(needs=" ".join(described.needs)))
        self._limits.setText(self.tr("Its limits: {limits}").format(limits=" ".join(described.limits)))

    def _show_voice(self) -> None:
        if self._vad is None:
            self._voice.set(
                "ear",
                self.tr("Any sound may wake it"),
                self.tr("With a model of voice activity it counts only where somebody speaks. ESPHome publishes one."),
            )
            self._voice.set_button(
                self.tr("Choose…"), self._choose_vad, "quiet", name=self.tr("Choose a model of voice activity")
            )
        else:
            self._voice.set("ok", self.tr("Only a voice wakes it"), str(self._vad))
            self._voice.set_button(
                self.tr("Leave out"), self._leave_out, "quiet", name=self.tr("Leave voice activity out")
            )

    def _on_board(self) -> None:
        self._show_board()
        self.changed.emit()

    def _on_name(self) -> None:
        if self.name.text().strip() != self._said_name:
            self._said_name = self.name.text().strip()
            self.changed.emit()

    def _open_menu(self) -> None:
        self.menu_of_words.popup(self.add.mapToGlobal(QPoint(0, self.add.height())))

    def _on_word(self, action: QAction) -> None:
        if action.data():
            self.add_word(Path(str(action.data())))
        elif chosen := self._ask(self.tr("Which wake word should be added?")):
            self.add_word(chosen)

    def _on_removed(self, manifest: Path) -> None:
        self._set_further([each for each in self._further if each != manifest])
        self.add.setFocus()
        self.changed.emit()

    def _choose_vad(self) -> None:
        if chosen := self._ask(self.tr("Which model hears whether somebody speaks?")):
            self.set_vad(chosen)

    def _leave_out(self) -> None:
        self.set_vad(None)

    def _ask(self, title: str) -> Path | None:
        chosen, _ = QFileDialog.getOpenFileName(self, title, str(Path.home()), self.tr("Wake words (*.json)"))
        return Path(chosen) if chosen else None
