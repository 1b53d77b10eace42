"""How a row of the samples is drawn: text, one icon for the verdict, one for playing; nothing else."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from mww_studio.project.records import Judgement
from mww_studio.ui import icons
from mww_studio.ui.models.clip_table import ClipTableModel, Column, alignment
from mww_studio.ui.theme import Theme

ROW_U = 8.0
_ICON_U = 4.5
_PAD_U = 2.0
_GAP_U = 1.5
_TEXTS_KEPT = 8192
_VERDICTS = {
    Judgement.GOOD: ("circle-check", "ok"),
    Judgement.KEPT: ("circle-check", "text2"),
    Judgement.DOUBTFUL: ("triangle-alert", "warn"),
}
_QUIET = frozenset((Column.HOW, Column.USED, Column.WHY))


class ClipDelegate(QStyledItemDelegate):
    """Draws the cells of a :class:`ClipTableModel`.

    A hundred cells a frame leave no time for looking things up: what they share is kept until :meth:`renew`.
    ``playing``: the clip that is heard now. ``selected``: the chosen rows among those in sight.
    """

    def __init__(self, model: ClipTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.playing: int | None = None
        self.selected: frozenset[int] = frozenset()
        self.renew(QFont(), Qt.LayoutDirection.LeftToRight)

    def renew(self, font: QFont, direction: Qt.LayoutDirection) -> None:
        """Take colours, sizes and places from the theme as it is now."""
        theme = Theme.current()
        self._theme, self._colours = theme, theme.tokens
        self._metrics = QFontMetrics(font)
        self._pad, self._icon = theme.u(_PAD_U), theme.u(_ICON_U)
        self._beside = self._icon + theme.u(_GAP_U)
        self._height = theme.u(ROW_U)
        self._forward = direction == Qt.LayoutDirection.LeftToRight
        self._places = [int(QStyle.visualAlignment(direction, alignment(column)).value) for column in Column]
        self._verdicts = {judgement: (name, theme.colour(colour)) for judgement, (name, colour) in _VERDICTS.items()}
        self._shown: dict[tuple[str, int], str] = {}

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One cell."""
        number, column, rect = index.row(), index.column(), option.rect
        if number in self.selected:
            painter.fillRect(rect, self._colours.accent_soft)
        row = self._model.row(number)
        if row is None:
            return
        left, top, width, height = rect.x() + self._pad, rect.y(), rect.width() - 2 * self._pad, rect.height()
        if column == Column.PLAY:
            name = "square" if row.clip.id == self.playing else "play"
            middle = rect.x() + (rect.width() - self._icon) // 2
            spot = QRectF(middle, top + (height - self._icon) // 2, self._icon, self._icon)
            icons.draw(painter, name, self._colours.accent, spot)
            return
        if column == Column.VERDICT:
            name, colour = self._verdicts[row.clip.judgement]
            place = left if self._forward else left + width - self._icon
            icons.draw(painter, name, colour, QRectF(place, top + (height - self._icon) // 2, self._icon, self._icon))
            left, width = left + self._beside * self._forward, width - self._beside
        text = row.texts[column]
        if text:
            painter.setPen(self._colours.text2 if column in _QUIET else self._colours.text)
            shown = self._elided(text, width)
            painter.drawText(QRect(left, top, width, height), self._places[column], shown)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002 - Qt's
        """Wide enough for the text, so that a double click on the header's edge fits the column."""
        row = self._model.row(index.row())
        text = row.texts[index.column()] if row else ""
        extra = self._beside if index.column() == Column.VERDICT else 0
        return QSize(self._metrics.horizontalAdvance(text) + 2 * self._pad + extra, self._height)

    def _elided(self, text: str, width: int) -> str:
        """The text, or what of it fits: measured once for the same words in the same column."""
        key = (text, width)
        shown = self._shown.get(key)
        if shown is None:
            if len(self._shown) >= _TEXTS_KEPT:
                self._shown.clear()
            shown = self._shown[key] = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        return shown
