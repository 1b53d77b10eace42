"""The table of the samples: what is chosen stays chosen while rows come and go."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QMenu, QStyle, QTableView, QWidget

from mww_studio.project.records import ClipKind, ClipOrder, Split, Style
from mww_studio.ui import icons
from mww_studio.ui.models.clip_delegate import ROW_U, ClipDelegate
from mww_studio.ui.models.clip_table import ORDERS, ClipTableModel, Column, alignment
from mww_studio.ui.models.clip_words import PROBLEM_CODES, kind_word, length_text, problem_word, split_word
from mww_studio.ui.pages.record_words import style_word
from mww_studio.ui.theme import Theme

_ICON_U = 6.5
_ARROW_U = 4.0
_PAD_U = 2.0
_NAME_LEAST_U = 26.0
_PERSON_U = 22.0
_LONGEST_S = 99 * 60.0
# What goes first where there is little room.
_SPARE = (Column.HOW, Column.USED)

_KEYS = (
    Qt.Key.Key_Space,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Delete,
    Qt.Key.Key_K,
    Qt.Key.Key_N,
)


class ClipTable(QTableView):
    """Shows a :class:`ClipTableModel`; several rows can be chosen."""

    play_wanted = Signal(int)
    closer_wanted = Signal(int)
    trash_wanted = Signal()
    keep_wanted = Signal()
    note_wanted = Signal()
    choice_changed = Signal()
    order_wanted = Signal(ClipOrder, bool)

    def __init__(self, model: ClipTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clips = model
        self._kept: tuple[frozenset[int], int | None, int | None] = (frozenset(), None, None)
        self._why = False
        self._used = True
        self._delegate = ClipDelegate(model, self)
        self.setItemDelegate(self._delegate)
        self.setHorizontalHeader(_Header(self))
        self.setModel(model)
        self._set_up()
        self._fit()
        Theme.current().changed.connect(self._fit)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._recall)
        self.selectionModel().selectionChanged.connect(self._choice_changed)
        self.selectionModel().currentRowChanged.connect(self._choice_changed)
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        self.horizontalHeader().sectionClicked.connect(self._sort)
        self.horizontalHeader().setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.horizontalHeader().customContextMenuRequested.connect(self._open_header_menu)

    def chosen_ids(self) -> list[int]:
        """The chosen clips, from top to bottom."""
        ids = self._clips.ids
        return [id_ for top, bottom in self._ranges() for id_ in ids[top : bottom + 1]]

    def chosen(self) -> int:
        """How many clips are chosen."""
        return sum(bottom - top + 1 for top, bottom in self._ranges())

    def current_id(self) -> int | None:
        """The clip whose row has the focus, if it is chosen too; otherwise the first chosen one."""
        index = self.currentIndex()
        if index.isValid() and self.selectionModel().isRowSelected(index.row()):
            return self._clips.ids[index.row()]
        ranges = self._ranges()
        return self._clips.ids[ranges[0][0]] if ranges else None

    def choose(self, ids: Iterable[int], current: int | None = None) -> None:
        """Choose these clips as far as they are shown, and go to one of them."""
        rows = sorted(row for row in map(self._clips.row_of, ids) if row is not None)
        self.selectionModel().select(self._selection(rows), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        row = None if current is None else self._clips.row_of(current)
        if row is None and rows:
            row = rows[0]
        if row is not None:
            index = self._clips.index(row, Column.NAME)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(index)

    def step(self, rows: int) -> int | None:
        """Choose the clip that stands so many rows further down, alone; returns it, or None at the end."""
        current = self.current_id()
        row = None if current is None else self._clips.row_of(current)
        if row is None or not 0 <= row + rows < len(self._clips.ids):
            return None
        id_ = self._clips.ids[row + rows]
        self.choose([id_], id_)
        return id_

    def show_playing(self, id_: int | None) -> None:
        """Mark the clip that is heard now."""
        self._delegate.playing = id_
        self.viewport().update()

    def show_order(self, order: ClipOrder, descending: bool) -> None:
        """Say by the header's arrow how the rows are sorted."""
        column = next((column for column, own in ORDERS.items() if own is order), Column.NAME)
        way = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(column, way)

    def show_why(self, on: bool) -> None:
        """Whether the column with the reasons stands there."""
        self._why = on
        self._hide_spare()

    def show_used(self, on: bool) -> None:
        """Whether the clips are used for anything; those in the trash are not."""
        self._used = on
        self._hide_spare()

    def menu(self, *, trash: bool) -> QMenu:
        """What can be done with the chosen clips, besides what the bar offers, and which columns are shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.current_id() is not None:
            menu.addAction(self.tr("Look closer (Enter)"), self._open_closer)
            if not trash:
                menu.addAction(self.tr("Note… (N)"), self.note_wanted.emit)
                menu.addAction(self.tr("Move to trash (Delete)"), self.trash_wanted.emit)
            menu.addSeparator()
        why = menu.addAction(self.tr("Show the column “Why”"))
        why.setCheckable(True)
        why.setChecked(self._why)
        why.toggled.connect(self.show_why)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open that menu."""
        self.menu(trash=not self._used).popup(event.globalPos())

    def keyboardSearch(self, search: str) -> None:
        """Nothing: it would read every row of the project. The search field does this."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, Enter looks closer, Delete moves to the trash, K keeps, N writes a note."""
        current = self.current_id()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        key = Qt.Key(event.key())
        if not plain or key not in _KEYS:
            super().keyPressEvent(event)
        elif current is None or event.isAutoRepeat():
            event.ignore()
        elif key is Qt.Key.Key_Space:
            self.play_wanted.emit(current)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.closer_wanted.emit(current)
        else:
            wanted = {Qt.Key.Key_Delete: self.trash_wanted, Qt.Key.Key_K: self.keep_wanted}
            wanted.get(key, self.note_wanted).emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns that can be spared go where there is little room."""
        super().resizeEvent(event)
        self._hide_spare()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and a ring around the current one while keys are used."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        shown = range(max(0, first), (last if last >= 0 else len(self._clips.ids) - 1) + 1)
        chosen = [range(top, bottom + 1) for top, bottom in self._ranges()]
        self._delegate.selected = frozenset(row for row in shown if any(row in rows for rows in chosen))
        super().paintEvent(event)
        index = self.currentIndex()
        theme = Theme.current()
        if not (index.isValid() and self.hasFocus() and theme.keyboard_used):
            return
        top = self.rowViewportPosition(index.row())
        painter = QPainter(self.viewport())
        painter.setPen(QPen(theme.tokens.focus, 2))
        painter.drawRect(QRect(1, top + 1, self.viewport().width() - 2, self.rowHeight(index.row()) - 2))

    def changeEvent(self, event: QEvent) -> None:
        """Other fonts need other widths, other languages may read the other way."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LayoutDirectionChange):
            self._fit()

    def _set_up(self) -> None:
        self.setAccessibleName(self.tr("Samples"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(16)
        for column in Column:
            stretched = column in (Column.NAME, Column.WHY)
            modes = QHeaderView.ResizeMode
            header.setSectionResizeMode(column, modes.Stretch if stretched else modes.Interactive)
        header.setSectionResizeMode(Column.PLAY, QHeaderView.ResizeMode.Fixed)

    def _fit(self) -> None:
        """Rows and columns as wide and high as the words in them need."""
        theme = Theme.current()
        self._delegate.renew(self.font(), self.layoutDirection())
        self.verticalHeader().setMinimumSectionSize(theme.u(4))
        self.verticalHeader().setDefaultSectionSize(theme.u(ROW_U))
        self.setMinimumHeight(theme.u(5 * ROW_U))
        for column, width in self._widths().items():
            if column not in (Column.NAME, Column.WHY):
                self.setColumnWidth(column, width)
        self._hide_spare()
        self.viewport().update()

    def _widths(self) -> dict[Column, int]:
        theme = Theme.current()
        words: dict[Column, list[str]] = {
            Column.KIND: [kind_word(kind) for kind in ClipKind],
            Column.HOW: [style_word(style) for style in Style],
            Column.LENGTH: [length_text(_LONGEST_S)],
            Column.VERDICT: [problem_word(code) for code in PROBLEM_CODES],
            Column.USED: [split_word(split) for split in Split],
        }
        metrics = self.fontMetrics()
        pad = theme.u(2 * _PAD_U)
        widths = {Column.PLAY: theme.u(ROW_U), Column.NAME: theme.u(_NAME_LEAST_U), Column.PERSON: theme.u(_PERSON_U)}
        for column, texts in words.items():
            title = str(self._clips.headerData(column, Qt.Orientation.Horizontal))
            heading = metrics.horizontalAdvance(title) + (theme.u(_ARROW_U) if column in ORDERS else 0)
            longest = max(metrics.horizontalAdvance(text) for text in texts)
            icon_width = theme.u(_ICON_U) if column is Column.VERDICT else 0
            widths[column] = max(heading, longest + icon_width) + pad + theme.u(1)
        return widths

    def _hide_spare(self) -> None:
        widths = self._widths()
        room = self.viewport().width() - sum(widths.values())
        if self._why:
            room -= Theme.current().u(_NAME_LEAST_U)
        hidden = {column for column, on in ((Column.WHY, self._why), (Column.USED, self._used)) if not on}
        for column in _SPARE:
            if room < 0:
                hidden.add(column)
                room += widths[column]
        for column in Column:
            self.setColumnHidden(column, column in hidden)

    def _ranges(self) -> list[tuple[int, int]]:
        """The chosen rows: first and last of each stretch."""
        # The ranges lie inside the selection, which must outlive them.
        selection = self.selectionModel().selection()
        parts = (selection.at(number) for number in range(selection.count()))
        return sorted((part.top(), part.bottom()) for part in parts)

    def _selection(self, rows: Sequence[int]) -> QItemSelection:
        """Rows (sorted) as few ranges: one for each stretch of neighbours."""
        selection = QItemSelection()
        start = 0
        for place in range(1, len(rows) + 1):
            if place == len(rows) or rows[place] != rows[place - 1] + 1:
                first = self._clips.index(rows[start], 0)
                last = self._clips.index(rows[place - 1], len(Column) - 1)
                selection.select(first, last)
                start = place
        return selection

    def _remember(self) -> None:
        top = self.rowAt(0)
        first = self._clips.ids[top] if 0 < top < len(self._clips.ids) else None
        self._kept = (frozenset(self.chosen_ids()), self.current_id(), first)

    def _recall(self) -> None:
        chosen, current, first = self._kept
        rows = sorted(row for row in map(self._clips.row_of, chosen) if row is not None)
        model = self.selectionModel()
        model.select(self._selection(rows), QItemSelectionModel.SelectionFlag.ClearAndSelect)
        row = None if current is None else self._clips.row_of(current)
        if row is not None:
            model.setCurrentIndex(self._clips.index(row, Column.NAME), QItemSelectionModel.SelectionFlag.NoUpdate)
        top = None if first is None else self._clips.row_of(first)
        if top is not None:
            self.verticalScrollBar().setValue(top * self.verticalHeader().defaultSectionSize())
        self.choice_changed.emit()

    def _choice_changed(self) -> None:
        self.choice_changed.emit()

    def _open_closer(self) -> None:
        current = self.current_id()
        if current is not None:
            self.closer_wanted.emit(current)

    def _open_header_menu(self, place: QPoint) -> None:
        self.menu(trash=not self._used).popup(self.horizontalHeader().mapToGlobal(place))

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == Column.PLAY:
            self.play_wanted.emit(self._clips.ids[index.row()])

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() != Column.PLAY:
            self.closer_wanted.emit(self._clips.ids[index.row()])

    def _sort(self, column: int) -> None:
        order = ORDERS.get(Column(column))
        if order is None:
            return
        header = self.horizontalHeader()
        again = header.sortIndicatorSection() == column
        descending = again and header.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        self.order_wanted.emit(order, descending)


class _Header(QHeaderView):
    """Flat column titles on the window's ground; an arrow stands at the one by which the rows are sorted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(False)

    def sizeHint(self) -> QSize:
        """As high as a row."""
        return QSize(super().sizeHint().width(), Theme.current().u(ROW_U))

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """One title."""
        theme = Theme.current()
        painter.save()
        painter.fillRect(rect, theme.tokens.surface)
        painter.fillRect(rect.adjusted(0, rect.height() - 1, 0, 0), theme.tokens.edge)
        pad = theme.u(_PAD_U)
        inner = rect.adjusted(pad, 0, -pad, 0)
        painter.setFont(theme.font("caption"))
        sorted_by = logical == self.sortIndicatorSection() and Column(logical) in ORDERS
        painter.setPen(theme.tokens.text if sorted_by else theme.tokens.text2)
        place = QStyle.visualAlignment(self.layoutDirection(), alignment(logical))
        text = str(self.model().headerData(logical, Qt.Orientation.Horizontal) or "")
        if sorted_by:
            size = theme.u(_ARROW_U)
            width = painter.fontMetrics().horizontalAdvance(text)
            spot = QStyle.alignedRect(
                self.layoutDirection(), place, QSize(min(inner.width(), width + size), size), inner
            )
            up = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
            left = spot.left() if self.layoutDirection() is Qt.LayoutDirection.RightToLeft else spot.right() + 1 - size
            name = "chevron-up" if up else "chevron-down"
            icons.draw(painter, name, theme.tokens.text, QRectF(left, spot.top(), size, size))
            start = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                spot.adjusted(0, -size, 0, size), QStyle.visualAlignment(self.layoutDirection(), start), text
            )
        else:
            painter.drawText(inner, place, text)
        painter.restore()
