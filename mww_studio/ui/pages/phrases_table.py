"""The table of the near-sounding phrases: what each is, how near it is, and how often it was said."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from mww_studio.jobs.phrases import ProjectPhrase, Said
from mww_studio.ui.kit.painting import mirrored, rounded
from mww_studio.ui.kit.tables import ROW_U, Table
from mww_studio.ui.pages.phrases_words import count_of, degree_of, degree_words, kind_of, kind_words, spoken_row
from mww_studio.ui.theme import Theme

_Index = QModelIndex | QPersistentModelIndex
_BAR_U, _BAR_HEIGHT_U, _GAP_U, _PAD_U = 18.0, 1.5, 2.0, 2.0
_TEXT_LEAST_U = 40.0
_LEAST_ROWS = 5
_FARTHEST = 0.6  # distance at which the bar is empty


class Column(IntEnum):
    """What stands in a row."""

    TEXT = 0
    KIND = 1
    NEAR = 2
    PEOPLE = 3
    VOICES = 4


_SPARE = (Column.KIND, Column.VOICES, Column.PEOPLE)
_NUMBERS = (Column.PEOPLE, Column.VOICES)


class PhraseTableModel(QAbstractTableModel):
    """The phrases in the order of the list. ``edited``: a phrase, and what somebody wrote in its place."""

    edited = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.phrases: tuple[ProjectPhrase, ...] = ()
        self.can_edit = True
        self._said: Mapping[str, Said] = {}
        self._heads = (
            self.tr("Phrase"),
            self.tr("What it is"),
            self.tr("How near it sounds"),
            self.tr("Read aloud"),
            self.tr("By voices"),
        )

    def show_phrases(self, phrases: Sequence[ProjectPhrase], said: Mapping[str, Said]) -> None:
        """Show these, and how often each was said, by its text in lower case."""
        self.beginResetModel()
        self.phrases, self._said = tuple(phrases), said
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as in Qt
        """How many phrases there are."""
        return 0 if parent.isValid() else len(self.phrases)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - as in Qt
        """How many things are said of each."""
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a column is about."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._heads[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(section)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """The phrase itself can be written anew."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self.can_edit and index.column() == Column.TEXT else flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is said of a phrase."""
        phrase = self.phrases[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(phrase, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == Column.TEXT:
            return spoken_row(phrase, self.said(phrase))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.ToolTipRole and phrase.ipa:
            return self.tr("Voices say it as /{ipa}/.").format(ipa=phrase.ipa)
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell what somebody wrote; it stands in the list when it was found to be good."""
        old, new = self.phrases[index.row()].text, " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or not new or new == old:
            return False
        self.edited.emit(old, new)
        return True

    def said(self, phrase: ProjectPhrase) -> Said:
        """How often a phrase was said."""
        return self._said.get(phrase.text.casefold(), Said())

    def _text(self, phrase: ProjectPhrase, column: int) -> str:
        said = self.said(phrase)
        return {
            Column.TEXT: phrase.text,
            Column.KIND: kind_of(phrase),
            Column.NEAR: degree_of(phrase),
            Column.PEOPLE: count_of(said.people),
            Column.VOICES: count_of(said.voices),
        }[Column(column)]


class PhraseTable(Table):
    """Shows a :class:`PhraseTableModel`; several can be chosen. Space listens, Delete takes away, F2 changes."""

    listen_wanted = Signal()
    remove_wanted = Signal()
    choice_changed = Signal()

    def __init__(self, model: PhraseTableModel, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Phrases that sound like the wake word"))
        self._phrases = model
        self.setModel(model)
        self.setItemDelegateForColumn(Column.NEAR, _NearDelegate(model, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setWordWrap(False)
        head = self.horizontalHeader()
        head.setMinimumSectionSize(16)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(Column.TEXT, QHeaderView.ResizeMode.Stretch)
        self.setMinimumHeight(Theme.current().u((_LEAST_ROWS + 1) * ROW_U))
        self.selectionModel().selectionChanged.connect(self._tell_choice)
        model.modelReset.connect(self._tell_choice)
        Theme.current().changed.connect(self._fit)
        self._fit()

    def chosen(self) -> list[ProjectPhrase]:
        """The chosen phrases, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._phrases.phrases[row] for row in rows]

    def choose(self, texts: Sequence[str]) -> None:
        """Choose these phrases, as far as they are shown, and go to the first."""
        self.clearSelection()
        rows = [row for row, phrase in enumerate(self._phrases.phrases) if phrase.text in texts]
        model = self.selectionModel()
        for row in rows:
            index = self._phrases.index(row, 0)
            model.select(index, model.SelectionFlag.Select | model.SelectionFlag.Rows)
        if rows:
            index = self._phrases.index(rows[0], 0)
            model.setCurrentIndex(index, model.SelectionFlag.NoUpdate)
            self.scrollTo(index)

    def change_chosen(self) -> None:
        """Let the first chosen phrase be written anew."""
        chosen = self.selectionModel().selectedRows()
        if chosen:
            self.edit(min(chosen, key=lambda index: index.row()))

    def keyboardSearch(self, search: str) -> None:
        """Letters go to the phrase that begins with them; a space listens."""
        if search.strip():
            super().keyboardSearch(search)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space listens, Delete takes away; the rest is Qt's."""
        wanted = {Qt.Key.Key_Space: self.listen_wanted, Qt.Key.Key_Delete: self.remove_wanted}.get(Qt.Key(event.key()))
        if wanted is None or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat() and self.chosen():
            wanted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns that can be spared go where there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        widths = self._widths()
        room = self.viewport().width() - sum(widths.values()) - Theme.current().u(_TEXT_LEAST_U)
        for column in _SPARE:
            self.setColumnHidden(column, room < 0)
            if room < 0:
                room += widths[column]
        for column, width in widths.items():
            self.setColumnWidth(column, width)

    def _widths(self) -> dict[Column, int]:
        u, metrics = Theme.current().u, self.fontMetrics()
        longest = {Column.KIND: kind_words(), Column.NEAR: degree_words(), Column.PEOPLE: ["0000"]}
        longest[Column.VOICES] = longest[Column.PEOPLE]
        widths = {}
        for column, words in longest.items():
            head = str(self._phrases.headerData(column, Qt.Orientation.Horizontal))
            widths[column] = max(metrics.horizontalAdvance(word) for word in (*words, head)) + u(2 * _PAD_U)
        widths[Column.NEAR] += u(_BAR_U + _GAP_U)
        return widths

    def _tell_choice(self) -> None:
        self.choice_changed.emit()


class _NearDelegate(QStyledItemDelegate):
    """A short bar, the fuller the nearer, and the words for it."""

    def __init__(self, model: PhraseTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._phrases = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The bar, then the words."""
        theme = Theme.current()
        where = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(where, theme.tokens.accent_soft)
        height, width = theme.u(_BAR_HEIGHT_U), theme.u(_BAR_U)
        top = where.center().y() - height / 2
        track = QRectF(where.left() + theme.u(_PAD_U) / 2, top, width, height)
        share = min(max(1 - self._phrases.phrases[index.row()].distance / _FARTHEST, 0.0), 1.0)
        rounded(painter, mirrored(option.widget, track), theme.tokens.line, radius=height / 2)
        filled = QRectF(track.left(), top, max(width * share, height), height)
        rounded(painter, mirrored(option.widget, filled), theme.tokens.accent, radius=height / 2)
        text = where.adjusted(theme.u(_PAD_U / 2 + _BAR_U + _GAP_U), 0, 0, 0)
        painter.setPen(theme.tokens.text)
        place = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(mirrored(option.widget, text), int(place), str(index.data(Qt.ItemDataRole.DisplayRole)))
        painter.restore()


def _alignment(column: int) -> Qt.AlignmentFlag:
    across = Qt.AlignmentFlag.AlignTrailing if column in _NUMBERS else Qt.AlignmentFlag.AlignLeading
    return across | Qt.AlignmentFlag.AlignVCenter
