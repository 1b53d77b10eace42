"""What the small tables share: flat column titles over rows without a grid."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QStyle, QTableView, QWidget

from mww_studio.ui.theme import Theme

ROW_U = 8


class Table(QTableView):
    """Rows of one height under flat titles; whole rows are chosen."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setHorizontalHeader(FlatHeader(self))
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(Theme.current().u(ROW_U))


class FlatHeader(QHeaderView):
    """Column titles in small letters with a line below, each above the texts of its column."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self) -> QSize:
        """As high as a row."""
        return QSize(super().sizeHint().width(), Theme.current().u(ROW_U))

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """One title."""
        theme = Theme.current()
        model, across, role = self.model(), Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole
        given = model.headerData(logical, across, role)
        place = Qt.AlignmentFlag(self.defaultAlignment() if given is None else given)
        pad = self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self) + 1
        painter.save()
        painter.fillRect(rect, theme.tokens.surface)
        painter.fillRect(rect.adjusted(0, rect.height() - 1, 0, 0), theme.tokens.edge)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.tokens.text2)
        text = str(model.headerData(logical, across) or "")
        painter.drawText(rect.adjusted(pad, 0, -pad, 0), QStyle.visualAlignment(self.layoutDirection(), place), text)
        painter.restore()
