"""The sounds that a search found, as a table: name and place, how sure, its wave, and what to look out for."""

from collections.abc import Mapping, Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractTableModel,
    QLineF,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mww_studio.jobs.mining_record import Candidate
from mww_studio.ui import icons
from mww_studio.ui.pages.results_words import clock_text, sure_texts
from mww_studio.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
Envelope = npt.NDArray[np.float32]

ROW_U = 10.0
WAVE_U = 44.0
_STROKES = 60
_ICON_U = 4.5
_PAD_U = 1.0
_FULL_SCALE = 32768.0


class FoundColumn(IntEnum):
    """The columns, in their order."""

    PLAY = 0
    NAME = 1
    WAVE = 2
    SURE = 3
    HINT = 4


def envelope(pcm: npt.NDArray[np.int16]) -> Envelope:
    """The loudness of a sound's pieces as shares of the loudest: float32 [strokes]."""
    if not len(pcm):
        return np.zeros(0, np.float32)
    edges = np.linspace(0, len(pcm), min(_STROKES, len(pcm)), endpoint=False).astype(np.int64)
    peaks = np.maximum.reduceat(np.abs(pcm.astype(np.float32)), edges) / np.float32(_FULL_SCALE)
    shares: Envelope = (peaks / np.float32(max(float(peaks.max()), 0.05))).astype(np.float32)
    return shares


class FoundTableModel(QAbstractTableModel):
    """Shows candidates in the order in which they are given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: tuple[Candidate, ...] = ()
        self._waves: Mapping[int, Envelope] = {}

    def show_found(self, found: Sequence[Candidate]) -> None:
        """Show these instead."""
        self.beginResetModel()
        self.found = tuple(found)
        self.endResetModel()

    def show_waves(self, waves: Mapping[int, Envelope]) -> None:
        """The waves of the sounds, by their numbers; one without is gone."""
        self._waves = waves
        if self.found:
            last = self.index(len(self.found) - 1, FoundColumn.HINT)
            self.dataChanged.emit(self.index(0, FoundColumn.PLAY), last)

    def wave(self, row: int) -> Envelope | None:
        """The wave in a row; None where it is not read."""
        return self._waves.get(self.found[row].id)

    def row_of(self, id_: int) -> int | None:
        """In which row one stands; None where it is not shown."""
        return next((row for row, one in enumerate(self.found) if one.id == id_), None)

    def rowCount(self, parent: Index | None = None) -> int:
        """One for each."""
        return 0 if parent is not None and parent.isValid() else len(self.found)

    def columnCount(self, parent: Index | None = None) -> int:
        """One for each :class:`FoundColumn`."""
        return 0 if parent is not None and parent.isValid() else len(FoundColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal or role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        return ("", self.tr("Where it was heard"), self.tr("Wave"), self.tr("How sure"), self.tr("Look out for"))[
            section
        ]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Texts, and for screen readers what is drawn."""
        if not index.isValid():
            return None
        one = self.found[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(one, FoundColumn(index.column()))
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if index.column() == FoundColumn.PLAY and role == Qt.ItemDataRole.AccessibleTextRole:
            return self.tr("Play {name}").format(name=self.name(one))
        return self._text(one, FoundColumn(index.column()))

    def name(self, one: Candidate) -> str:
        """Such as “tv/news.wav at 20:14”."""
        return self.tr("{file} at {time}").format(file=one.source, time=clock_text(one.time_s))

    def _text(self, one: Candidate, column: FoundColumn) -> str:
        match column:
            case FoundColumn.NAME:
                return self.name(one)
            case FoundColumn.SURE:
                peak, _ = sure_texts(one.score, one.cutoff_byte)
                return (self.tr("{sure}, woke") if one.woke else self.tr("{sure}, nearly")).format(sure=peak)
            case FoundColumn.HINT if one.maybe_word:
                return self.tr("May be the wake word")
            case FoundColumn.HINT if one.examines:
                return self.tr("Examines today")
            case _:
                return ""

    def _tip(self, one: Candidate, column: FoundColumn) -> str | None:
        match column:
            case FoundColumn.PLAY:
                return self.tr("Play (Space)")
            case FoundColumn.NAME:
                return one.file
            case FoundColumn.SURE:
                peak, needed = sure_texts(one.score, one.cutoff_byte)
                return self.tr("It reached {peak}, and wakes above {cutoff}.").format(peak=peak, cutoff=needed)
            case FoundColumn.HINT if one.maybe_word:
                return self.tr("It sounds like your takes. Listen before you decide.")
            case FoundColumn.HINT if one.examines:
                return self.tr("This recording examines the wake word. If you accept it, it teaches from then on.")
            case _:
                return None


class FoundDelegate(QStyledItemDelegate):
    """Draws the cells: icons, waves and texts. ``playing``: the sound that is heard now."""

    def __init__(self, model: FoundTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.playing: int | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Wide enough for the text."""
        theme = Theme.current()
        text = str(self._model.data(index) or "")
        extra = theme.u(_ICON_U + 1.5) if index.column() in (FoundColumn.SURE, FoundColumn.HINT) else 0
        return QSize(option.fontMetrics.horizontalAdvance(text) + theme.u(2 * _PAD_U) + extra, theme.u(ROW_U))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, one = Theme.current(), self._model.found[index.row()]
        colours, rect = theme.tokens, option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colours.accent_soft)
        pad, size = theme.u(_PAD_U), theme.u(_ICON_U)
        top = rect.y() + (rect.height() - size) / 2
        forward = option.direction == Qt.LayoutDirection.LeftToRight
        column = FoundColumn(index.column())
        if column is FoundColumn.PLAY:
            name = "square" if one.id == self.playing else "play"
            icons.draw(painter, name, colours.accent, QRectF(rect.x() + (rect.width() - size) / 2, top, size, size))
            return
        if column is FoundColumn.WAVE:
            self._draw_wave(painter, rect.adjusted(pad, pad, -pad, -pad), index.row())
            return
        text, quiet = str(self._model.data(index) or ""), False
        inner = rect.adjusted(pad, 0, -pad, 0)
        icon = self._icon(one.woke, column) if text else None
        if icon is not None:
            name, colour = icon
            left = inner.left() if forward else inner.right() + 1 - size
            icons.draw(painter, name, theme.colour(colour), QRectF(left, top, size, size))
            beside = size + theme.u(1.5)
            inner = inner.adjusted(beside if forward else 0, 0, 0 if forward else -beside, 0)
            quiet = colour == "text2"
        painter.setPen(colours.text2 if quiet else colours.text)
        place = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        how = Qt.TextElideMode.ElideMiddle if column is FoundColumn.NAME else Qt.TextElideMode.ElideRight
        painter.drawText(inner, place, painter.fontMetrics().elidedText(text, how, inner.width()))

    def _icon(self, woke: bool, column: FoundColumn) -> tuple[str, str] | None:
        if column is FoundColumn.SURE:
            return ("bell-ring", "text") if woke else ("circle", "text2")
        return ("triangle-alert", "warn") if column is FoundColumn.HINT else None

    def _draw_wave(self, painter: QPainter, rect: QRect, row: int) -> None:
        wave, colours = self._model.wave(row), Theme.current().tokens
        middle = rect.y() + rect.height() / 2
        painter.setPen(QPen(colours.line, 1))
        painter.drawLine(QLineF(rect.x(), middle, rect.right(), middle))
        if wave is None or not len(wave):
            return
        step, reach = rect.width() / len(wave), rect.height() * 0.42
        painter.setPen(QPen(colours.accent, 2))
        places = [rect.x() + (number + 0.5) * step for number in range(len(wave))]
        painter.drawLines(
            [
                QLineF(x, middle - max(float(high) * reach, 0.5), x, middle + max(float(high) * reach, 0.5))
                for x, high in zip(places, wave, strict=True)
            ]
        )
