"""How a row of the samples is drawn: text, one icon for the verdict, one for playing; nothing else."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mww_studio.project.records import Judgement
from mww_studio.ui import icons
from mww_studio.ui.models.clip_table import ClipRow, ClipTableModel, Column, alignment
from mww_studio.ui.theme import Theme

ROW_U = 8.0
_ICON_U = 4.5
_PAD_U = 2.0
_GAP_U = 1.5
_VERDICTS = {
    Judgement.GOOD: ("circle-check", "ok"),
    Judgement.KEPT: ("circle-check", "text2"),
    Judgement.DOUBTFUL: ("triangle-alert", "warn"),
}


class ClipDelegate(QStyledItemDelegate):
    """Draws the cells of a :class:`ClipTableModel`. ``playing``: the clip that is heard now, if any."""

    def __init__(self, model: ClipTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.playing: int | None = None

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One cell."""
        theme = Theme.current()
        tokens = theme.tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect: QRect = option.rect
        if selected:
            painter.fillRect(rect, tokens.accent_soft)
        row = self._model.row(index.row())
        if row is None:
            return
        column = index.column()
        pad = theme.u(_PAD_U)
        inner = rect.adjusted(pad, 0, -pad, 0)
        if column == Column.PLAY:
            self._draw_icon(painter, "square" if row.clip.id == self.playing else "play", tokens.accent, rect, None)
            return
        if column == Column.VERDICT:
            name, colour = _VERDICTS[row.judgement]
            self._draw_icon(painter, name, theme.colour(colour), inner, option)
            inner = self._beside(inner, theme.u(_ICON_U + _GAP_U), option)
        self._draw_text(painter, row, column, inner, option)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wide enough for the text, so that a double click on the header's edge fits the column."""
        theme = Theme.current()
        row = self._model.row(index.row())
        text = row.texts[index.column()] if row else ""
        metrics = option.fontMetrics
        extra = _ICON_U + _GAP_U if index.column() == Column.VERDICT else 0.0
        return QSize(metrics.horizontalAdvance(text) + theme.u(2 * _PAD_U + extra), theme.u(ROW_U))

    def _draw_text(
        self, painter: QPainter, row: ClipRow, column: int, rect: QRect, option: QStyleOptionViewItem
    ) -> None:
        text = row.texts[column]
        if not text:
            return
        tokens = Theme.current().tokens
        quiet = column in (Column.HOW, Column.USED, Column.WHY)
        painter.setPen(tokens.text2 if quiet else tokens.text)
        metrics = option.fontMetrics
        if metrics.horizontalAdvance(text) > rect.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        direction = option.direction
        painter.drawText(rect, QStyle.visualAlignment(direction, alignment(column)), text)

    def _draw_icon(
        self, painter: QPainter, name: str, colour: QColor, rect: QRect, option: QStyleOptionViewItem | None
    ) -> None:
        """In the middle of ``rect``, or at its leading edge where an ``option`` says which that is."""
        size = Theme.current().u(_ICON_U)
        place = Qt.AlignmentFlag.AlignCenter
        if option is not None:
            place = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        direction = option.direction if option is not None else Qt.LayoutDirection.LeftToRight
        spot = QStyle.alignedRect(direction, place, QSize(size, size), rect)
        icons.draw(painter, name, colour, QRectF(spot))

    def _beside(self, rect: QRect, width: int, option: QStyleOptionViewItem) -> QRect:
        if option.direction == Qt.LayoutDirection.RightToLeft:
            return rect.adjusted(0, 0, -width, 0)
        return rect.adjusted(width, 0, 0, 0)
