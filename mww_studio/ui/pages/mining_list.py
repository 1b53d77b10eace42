"""The list of what a search found, and the bar with which it is decided."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QLocale, QModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QHeaderView, QMenu, QVBoxLayout, QWidget

from mww_studio.jobs.mining_record import Candidate
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.kit.tables import Table
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.models.found_table import ROW_U, WAVE_U, FoundColumn, FoundDelegate, FoundTableModel
from mww_studio.ui.theme import Theme

_NAME_LEAST_U = 40.0
_SHOWN_ROWS = 4


class FoundList(Table):
    """Several can be chosen. Space plays, A accepts, R rejects, W says that it was the word."""

    play_wanted = Signal(int)
    accept_wanted = Signal()
    reject_wanted = Signal()
    word_wanted = Signal()
    choice_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Sounds that woke it or came near"))
        self.found = FoundTableModel(self)
        self._delegate = FoundDelegate(self.found, self)
        self.setItemDelegate(self._delegate)
        self.setModel(self.found)
        self.setWordWrap(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalHeader().setDefaultSectionSize(Theme.current().u(ROW_U))
        self.setMinimumHeight(Theme.current().u(ROW_U * _SHOWN_ROWS))
        header = self.horizontalHeader()
        header.setMinimumSectionSize(16)
        for column in FoundColumn:
            stretched = column is FoundColumn.NAME
            modes = QHeaderView.ResizeMode
            header.setSectionResizeMode(column, modes.Stretch if stretched else modes.Fixed)
        self.clicked.connect(self._clicked)
        self.selectionModel().selectionChanged.connect(self.choice_changed)
        self.selectionModel().currentRowChanged.connect(self.choice_changed)

    def show_found(self, found: Sequence[Candidate]) -> None:
        """Show these; the row that was the current one, or the one in its place, stays so."""
        row = max(self.currentIndex().row(), 0)
        chosen = {one.id for one in self.chosen()}
        self.found.show_found(found)
        self._fit()
        if not found:
            self.choice_changed.emit()
            return
        model = self.selectionModel()
        row = min(row, len(found) - 1)
        rows = [place for place, one in enumerate(found) if one.id in chosen] or [row]
        for place in rows:
            index = self.found.index(place, 0)
            flag = QItemSelectionModel.SelectionFlag
            model.select(index, flag.Select | flag.Rows)
        model.setCurrentIndex(self.found.index(rows[0], FoundColumn.NAME), QItemSelectionModel.SelectionFlag.NoUpdate)

    def chosen(self) -> list[Candidate]:
        """The chosen ones, from top to bottom."""
        return [self.found.found[index.row()] for index in self.selectionModel().selectedRows() if index.isValid()]

    def current(self) -> Candidate | None:
        """The one whose row has the focus."""
        index = self.currentIndex()
        return self.found.found[index.row()] if index.isValid() else None

    def choose_all(self) -> None:
        """Choose all but those that may be the word: they want to be heard first."""
        model = self.selectionModel()
        model.clearSelection()
        flag = QItemSelectionModel.SelectionFlag
        for row, one in enumerate(self.found.found):
            if not one.maybe_word:
                model.select(self.found.index(row, 0), flag.Select | flag.Rows)

    def show_playing(self, id_: int | None) -> None:
        """Mark the one that is heard now."""
        self._delegate.playing = id_
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space, A, R and W; Ctrl+A chooses all."""
        wanted = {
            Qt.Key.Key_A: self.accept_wanted,
            Qt.Key.Key_R: self.reject_wanted,
            Qt.Key.Key_W: self.word_wanted,
        }
        key, current = Qt.Key(event.key()), self.current()
        if event.modifiers() == Qt.KeyboardModifier.ControlModifier and key is Qt.Key.Key_A:
            self.choose_all()
        elif event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            super().keyPressEvent(event)
        elif key is Qt.Key.Key_Space and current is not None:
            if not event.isAutoRepeat():
                self.play_wanted.emit(current.id)
        elif key in wanted:
            if not event.isAutoRepeat() and self.chosen():
                wanted[key].emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Nothing: letters decide here."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The wave goes first where there is little room."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a ring around the current one while keys are used."""
        super().paintEvent(event)
        index, theme = self.currentIndex(), Theme.current()
        if index.isValid() and self.hasFocus() and theme.keyboard_used:
            top = self.rowViewportPosition(index.row())
            painter = QPainter(self.viewport())
            painter.setPen(QPen(theme.tokens.focus, 2))
            painter.drawRect(QRect(1, top + 1, self.viewport().width() - 2, self.rowHeight(index.row()) - 2))

    def _fit(self) -> None:
        theme = Theme.current()
        self.setColumnWidth(FoundColumn.PLAY, theme.u(ROW_U))
        self.setColumnWidth(FoundColumn.WAVE, theme.u(WAVE_U))
        widths = theme.u(ROW_U)
        for column in (FoundColumn.SURE, FoundColumn.HINT):
            width = max(self.sizeHintForColumn(column), self.horizontalHeader().sectionSizeHint(column))
            self.setColumnWidth(column, width + theme.u(2))
            widths += width + theme.u(2)
        room = self.viewport().width() - widths - theme.u(_NAME_LEAST_U)
        self.setColumnHidden(FoundColumn.WAVE, room < theme.u(WAVE_U))
        self.setColumnHidden(FoundColumn.HINT, not any(one.maybe_word or one.examines for one in self.found.found))

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == FoundColumn.PLAY:
            self.play_wanted.emit(self.found.found[index.row()].id)


class DecisionBar(QWidget):
    """Says how many are chosen, and decides about them. ``word_chosen`` carries who said it ("": nobody knows)."""

    play_wanted = Signal()
    all_wanted = Signal()
    accept_wanted = Signal()
    reject_wanted = Signal()
    word_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        outer = QVBoxLayout(self)
        outer.setContentsMargins(u(6), 0, u(6), u(4))
        ground = _Ground()
        outer.addWidget(ground)
        row = QHBoxLayout(ground)
        row.setContentsMargins(u(4), u(2), u(3), u(2))
        row.setSpacing(u(3))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        self._count, self._status = Label(role="strong"), Caption()
        texts.addWidget(self._count)
        texts.addWidget(self._status)
        row.addLayout(texts)
        self.all_button = Button(self.tr("Select all"), "quiet", "list-checks")
        self.play_button = Button(self.tr("Play"), "quiet", "play")
        self.word_button = Button(self.tr("That was the word…"), "quiet", "mic")
        self.reject_button = Button(self.tr("Do not learn it"), "normal", "x")
        self.accept_button = Button(self.tr("Learn it"), "primary", "check")
        flow = FlowLayout()
        for button in (self.all_button, self.play_button, self.word_button, self.reject_button, self.accept_button):
            flow.addWidget(button)
        row.addLayout(flow, 1)
        self.all_button.setToolTip(self.tr("Choose all but those that may be the wake word (Ctrl+A)"))
        self.play_button.setToolTip(self.tr("Play (Space)"))
        self.word_button.setToolTip(self.tr("Somebody said the wake word: make it a take (W)"))
        self.reject_button.setToolTip(self.tr("Leave it, and never offer it again (R)"))
        self.accept_button.setToolTip(self.tr("The next training learns that this is not the wake word (A)"))
        self.menu = QMenu(self)
        self.menu.triggered.connect(self._word_chosen)
        self.all_button.clicked.connect(self.all_wanted)
        self.play_button.clicked.connect(self.play_wanted)
        self.word_button.clicked.connect(self.open_menu)
        self.reject_button.clicked.connect(self.reject_wanted)
        self.accept_button.clicked.connect(self.accept_wanted)

    def show_choice(self, chosen: int, waiting: int) -> None:
        """Say how many of those that wait are chosen."""
        locale = QLocale()
        one, many = self.tr("1 sound chosen"), self.tr("{count} sounds chosen").format(count=locale.toString(chosen))
        self._count.setText((one if chosen == 1 else many) if chosen else self.tr("Nothing chosen"))
        one, many = self.tr("1 waits"), self.tr("{count} wait").format(count=locale.toString(waiting))
        self._status.setText(one if waiting == 1 else many)
        for button in (self.play_button, self.word_button, self.reject_button, self.accept_button):
            button.setEnabled(chosen > 0)

    def show_playing(self, on: bool) -> None:
        """Whether a press would stop the sound."""
        self.play_button.setText(self.tr("Stop") if on else self.tr("Play"))
        self.play_button.set_icon("square" if on else "play")

    def set_people(self, names: Sequence[str]) -> None:
        """Offer these people as the one who said the word."""
        self.menu.clear()
        for name in names:
            self._add(name, name)
        if names:
            self.menu.addSeparator()
        self._add(self.tr("Nobody knows who"), "")

    def open_menu(self) -> None:
        """Ask who said it."""
        height = self.menu.sizeHint().height()
        self.menu.popup(self.word_button.mapToGlobal(QPoint(0, -height)))

    def _add(self, text: str, name: str) -> None:
        action = QAction(text.replace("&", "&&"), self.menu)
        action.setData(name)
        self.menu.addAction(action)

    def _word_chosen(self, action: QAction) -> None:
        self.word_chosen.emit(str(action.data() or ""))


class _Ground(QFrame):
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = Theme.current()
        rounded(painter_on(self), QRectF(self.rect()), theme.tokens.surface, theme.tokens.line, theme.u(2))
