"""What stands above the samples: how much there is, and the buttons beside it."""

from PySide6.QtCore import QLocale, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.dialogs import Answer, Question
from mww_studio.ui.models.clip_list import Found
from mww_studio.ui.page import Page
from mww_studio.ui.pages.samples_changes import counted
from mww_studio.ui.rooms_button import RoomsButton

_HOUR_S, _MINUTE_S = 3600.0, 60.0


class Head(QObject):
    """The buttons of the title row. ``emptied``: the person wants the trash deleted for good, and was asked."""

    trash_wanted = Signal(bool)
    add_wanted = Signal()
    emptied = Signal()

    def __init__(self, row: QHBoxLayout, parent: Page) -> None:
        super().__init__(parent)
        self._window = parent
        self._trashed = 0
        self.trash_button = Button(self.tr("Trash"), "quiet", "trash-2")
        self.add_button = Button(self.tr("Add files…"), icon="folder-plus")
        self.empty_button = Button(self.tr("Empty the trash…"), "danger", "trash-2")
        self.samples_button = Button(self.tr("Back to the samples"), icon="list")
        self.rooms_button = RoomsButton(parent)
        buttons = (self.rooms_button, self.trash_button, self.add_button, self.empty_button, self.samples_button)
        for button in buttons:
            row.addWidget(button)
        self.add_button.setToolTip(self.tr("Add files (Ctrl+O)"))
        self.trash_button.clicked.connect(self._open_trash)
        self.samples_button.clicked.connect(self._close_trash)
        self.add_button.clicked.connect(self.add_wanted)
        self.empty_button.clicked.connect(self.ask_to_empty)

    def show(self, *, listing: bool, trash: bool, empty: bool, trashed: int) -> None:
        """Offer what is possible: ``listing``: the table is shown; ``empty``: there are no samples at all."""
        self._trashed = trashed
        text = self.tr("Trash ({count})").format(count=QLocale().toString(trashed)) if trashed else self.tr("Trash")
        self.trash_button.setText(text)
        self.trash_button.updateGeometry()
        self.rooms_button.set_offered(listing and not trash)
        self.trash_button.setVisible(listing and not trash and trashed > 0)
        self.add_button.setVisible(listing and not trash and not empty)
        self.samples_button.setVisible(listing and trash)
        self.empty_button.setVisible(listing and trash and trashed > 0)

    def sentence(self, found: Found | None, *, trash: bool) -> str:
        """What there is, in numbers."""
        if trash:
            return self.tr("Nothing in here is used. It stays until you empty the trash.")
        if found is None or not found.total or found.query.trashed:
            return self.tr("Everything that was recorded or added stands here.")
        parts = [
            counted(found.total, self.tr("1 sample"), self.tr("{count} samples")),
            counted(len(found.facts.people), self.tr("1 person"), self.tr("{count} people")),
        ]
        if found.facts.other_sound_s >= _HOUR_S:
            text = self.tr("{hours} hours of other talk and sounds")
            parts.append(text.format(hours=QLocale().toString(found.facts.other_sound_s / _HOUR_S, "f", 1)))
        elif found.facts.other_sound_s:
            one, many = (
                self.tr("1 minute of other talk and sounds"),
                self.tr("{count} minutes of other talk and sounds"),
            )
            parts.append(counted(max(1, round(found.facts.other_sound_s / _MINUTE_S)), one, many))
        return " · ".join(parts)

    def ask_to_empty(self) -> None:
        """Ask whether everything in the trash is to be deleted for good."""
        one, many = self.tr("Delete 1 sample for good?"), self.tr("Delete {count} samples for good?")
        text = self.tr("This cannot be undone, and neither can what was done before it.")
        answers = (Answer("empty", self.tr("Delete for good"), "danger"), Answer("keep", self.tr("Do not delete")))
        question = Question(self._window, counted(self._trashed, one, many), text, answers)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.answered.connect(self._answered)
        question.open()
        question.buttons["empty"].setDefault(False)
        question.buttons["keep"].setDefault(True)
        question.buttons["keep"].setFocus()

    def _answered(self, answer: str) -> None:
        if answer == "empty":
            self.emptied.emit()

    def _open_trash(self) -> None:
        self.trash_wanted.emit(True)

    def _close_trash(self) -> None:
        self.trash_wanted.emit(False)
