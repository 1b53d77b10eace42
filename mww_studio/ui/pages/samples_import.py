"""Adding files: what is in them and who speaks; and afterwards, which of them were left out and why."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QGuiApplication, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from mww_studio.jobs.importing import ImportReport
from mww_studio.project.records import ClipKind
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import RadioCard
from mww_studio.ui.kit.fields import Combo, field
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.tables import Table
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.models.clip_words import kind_word
from mww_studio.ui.pages.chosen_files import ChosenFiles
from mww_studio.ui.pages.samples_changes import counted
from mww_studio.ui.theme import Theme

_SPOKEN = (ClipKind.WAKE_WORD, ClipKind.NEAR, ClipKind.SPEECH)


class AddPanel(QWidget):
    """Asks what the files are; ``add_wanted`` has the paths, the kind and the person ("" is nobody named)."""

    add_wanted = Signal(list, str, str)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self._paths: list[Path] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        card = Card(self.tr("Add sound files"))
        column.addWidget(card)
        column.addStretch(1)
        self._files = ChosenFiles()
        self._files.chosen.connect(self.set_paths)
        card.body.addWidget(self._files)
        self.files_button = Button(self.tr("Choose files…"), icon="file-plus")
        self.folder_button = Button(self.tr("Choose a folder…"), icon="folder-plus")
        choosing = FlowLayout()
        choosing.addWidget(self.files_button)
        choosing.addWidget(self.folder_button)
        card.body.addLayout(choosing)
        card.body.addSpacing(u(2))
        card.body.addWidget(Label(self.tr("What is in them?"), "strong"))
        card.body.addWidget(self._kinds())
        card.body.addSpacing(u(2))
        self.person = Combo()
        self.person.setEditable(True)
        self.person.setMinimumWidth(u(60))
        if edit := self.person.lineEdit():
            edit.setPlaceholderText(self.tr("Several people, or nobody known"))
        who = QHBoxLayout()
        who.addLayout(field(self.tr("Who speaks?"), self.person))
        who.addStretch(1)
        card.body.addLayout(who)
        self._hint = Caption(self.tr("The files stay where they are; copies are cut, judged and kept here."), wrap=True)
        card.body.addWidget(self._hint)
        card.body.addSpacing(u(2))
        self.add_button = Button(self.tr("Add them"), "primary", "folder-plus")
        self.back_button = Button(self.tr("Do not add anything"), "quiet")
        ending = FlowLayout()
        ending.addWidget(self.add_button)
        ending.addWidget(self.back_button)
        card.body.addLayout(ending)
        self.files_button.clicked.connect(self._files.ask_for_files)
        self.folder_button.clicked.connect(self._files.ask_for_a_folder)
        self.add_button.clicked.connect(self._add)
        self.back_button.clicked.connect(self.back_wanted)
        for choice in self._cards.values():
            choice.toggled.connect(self._kind_changed)
        self.set_paths([])

    @property
    def kind(self) -> ClipKind:
        """What is in the files."""
        return next((kind for kind, card in self._cards.items() if card.isChecked()), ClipKind.WAKE_WORD)

    def set_paths(self, paths: Sequence[Path]) -> None:
        """Take these files and folders."""
        self._paths = list(paths)
        self._files.show_paths(self._paths)
        self.add_button.set_reason("" if self._paths else self.tr("Choose files or a folder first."))

    def set_kind(self, kind: ClipKind) -> None:
        """Say what is in them, as far as it is known."""
        self._cards[kind].setChecked(True)

    def set_people(self, names: Sequence[str], chosen: str = "") -> None:
        """Offer these people."""
        self.person.clear()
        self.person.addItems(list(names))
        self.person.setCurrentText(chosen)

    def _kinds(self) -> QWidget:
        texts = {
            ClipKind.WAKE_WORD: self.tr("Somebody says it, once or many times in a file. Every take is cut out."),
            ClipKind.SPEECH: self.tr("People talk without saying the wake word: radio, calls, stories."),
            ClipKind.AMBIENCE: self.tr("Kitchen, street, music, television: what is heard when nobody calls."),
            ClipKind.NEAR: self.tr("Words that sound like the wake word and must not wake it."),
            ClipKind.RIR: self.tr("Recorded echoes of rooms (impulse responses)."),
        }
        self._cards: dict[ClipKind, RadioCard] = {}
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        u = Theme.current().u
        column.setSpacing(u(2))
        rows = (list(texts)[:3], list(texts)[3:])
        for kinds in rows:
            row = QHBoxLayout()
            row.setSpacing(u(2))
            for kind in kinds:
                card = RadioCard(kind_word(kind), texts[kind], parent=box)
                self._cards[kind] = card
                row.addWidget(card, 1)
            column.addLayout(row)
        self._cards[ClipKind.WAKE_WORD].setChecked(True)
        return box

    def _kind_changed(self) -> None:
        self.person.setEnabled(self.kind in _SPOKEN)

    def _add(self) -> None:
        spoken = self.kind in _SPOKEN
        self.add_wanted.emit(self._paths, str(self.kind), self.person.currentText().strip() if spoken else "")


class LeftOutPanel(QWidget):
    """The files that an import left out, one a row, with the reason and what helps."""

    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._card = Card(" ")
        self._card.set_filling()
        column.addWidget(self._card)
        self.copy_button = Button(self.tr("Copy the list"), "quiet", "copy")
        self.back_button = Button(self.tr("Back to the samples"), icon="list")
        self._card.header.addWidget(self.copy_button)
        self._card.header.addWidget(self.back_button)
        self._model = QStandardItemModel(0, 2, self)
        self._model.setHorizontalHeaderLabels([self.tr("File"), self.tr("Why it was left out")])
        self.table = Table(self.tr("Files that were left out"))
        self.table.setModel(self._model)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().setDefaultSectionSize(u(14))
        header = self.table.horizontalHeader()
        header.resizeSection(0, u(60))
        header.setStretchLastSection(True)
        self._card.body.addWidget(self.table, 1)
        self.copy_button.clicked.connect(self._copy)
        self.back_button.clicked.connect(self.back_wanted)

    def show_report(self, report: ImportReport) -> None:
        """Show what one import left out."""
        count = len(report.failed)
        self._card.set_title(counted(count, self.tr("1 file was left out"), self.tr("{count} files were left out")))
        self._model.removeRows(0, self._model.rowCount())
        for path, error in report.failed:
            said = " ".join(part for part in (error.what, error.why, error.do) if part)
            items = [QStandardItem(path.name), QStandardItem(said)]
            items[0].setToolTip(str(path))
            items[1].setToolTip(said)
            self._model.appendRow(items)

    def _copy(self) -> None:
        rows = [
            "\t".join(self._model.item(row, column).text() for column in range(2))
            for row in range(self._model.rowCount())
        ]
        QGuiApplication.clipboard().setText("\n".join(rows))


def report_text(report: ImportReport) -> str:
    """What became of an import: "1,288 samples added, 12 files left out"."""
    said = partial(QCoreApplication.translate, "ImportReport")
    parts = [counted(report.added, said("1 sample added"), said("{count} samples added"))]
    if report.duplicates:
        parts.append(counted(report.duplicates, said("1 was there already"), said("{count} were there already")))
    if report.failed:
        parts.append(counted(len(report.failed), said("1 file left out"), said("{count} files left out")))
    return ", ".join(parts)
