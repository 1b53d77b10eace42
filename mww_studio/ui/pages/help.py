"""The Help page: one text a step, on this computer, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTextBrowser,
    QWidget,
)

from mww_studio.resources import resource
from mww_studio.ui.icons import icon
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.painting import mirrored, rounded
from mww_studio.ui.page import Page
from mww_studio.ui.page_list import SETTINGS, STEPS
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.studio import Studio

PRESETS = "presets"
"""The topic about all options of a training."""
_TOPICS = (*((entry.key, entry.icon) for entry in (*STEPS, SETTINGS)), (PRESETS, "sliders-horizontal"))
_KEY = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class _Topic(QStyledItemDelegate):
    """A topic as the rail shows its page: the chosen one on a soft ground."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Ground, icon, name."""
        theme, where = Theme.current(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            rounded(painter, where, theme.tokens.accent_soft if chosen else theme.tokens.inset, radius=theme.u(1.5))
        view = option.widget
        if option.state & QStyle.StateFlag.State_HasFocus and theme.keyboard_used:
            rounded(painter, where, None, theme.tokens.focus, theme.u(1.5), 2)
        size = theme.u(4.5)
        mark = QRectF(where.left() + theme.u(2), where.center().y() - size / 2, size, size)
        text = where.adjusted(theme.u(9), 0, -theme.u(2), 0)
        index.data(Qt.ItemDataRole.DecorationRole).paint(painter, mirrored(view, mark).toRect())
        painter.setPen(theme.tokens.text)
        leading = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(mirrored(view, text), int(leading), index.data(Qt.ItemDataRole.DisplayRole))
        painter.restore()


class HelpPage(Page):
    """Topics at the side, the text beside them. Its argument is the key of the page that help is wanted for."""

    key = "help"
    icon = "life-buoy"
    fills = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        theme = Theme.current()
        row = QHBoxLayout()
        row.setSpacing(theme.u(4))
        self.content.addLayout(row, 1)
        self.topics = QListWidget()
        self.topics.setAccessibleName(self.tr("Topics"))
        self.topics.setFrameShape(QFrame.Shape.NoFrame)
        self.topics.setUniformItemSizes(True)
        self.topics.setItemDelegate(_Topic(self.topics))
        self.topics.setMouseTracking(True)
        self.topics.setFixedHeight(len(_TOPICS) * self._line().height())
        names = {entry.key: entry.label() for entry in (*STEPS, SETTINGS)} | {PRESETS: self.tr("All options")}
        for key, _ in _TOPICS:
            item = QListWidgetItem(names[key])
            item.setData(_KEY, key)
            item.setSizeHint(item.sizeHint().expandedTo(self._line()))
            self.topics.addItem(item)
        side = Card(padding=1.5)
        side.setFixedWidth(theme.u(48))
        side.body.addWidget(self.topics)
        row.addWidget(side, 0, Qt.AlignmentFlag.AlignTop)
        card = Card()
        card.set_filling()
        row.addWidget(card, 1)
        self.text = QTextBrowser()
        self.text.setAccessibleName(self.tr("Help text"))
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setOpenLinks(False)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.text.viewport().setAutoFillBackground(False)
        self.text.document().setDocumentMargin(theme.u(2))
        self.text.document().setIndentWidth(theme.u(5))
        card.body.addWidget(self.text, 1)
        self.topics.currentItemChanged.connect(self._show)
        theme.changed.connect(self._retint)
        self._retint()

    def title(self) -> str:
        """The name of the page."""
        return self.tr("Help")

    def sentence(self) -> str:
        """How to get back."""
        return self.tr("F1 shows the help for the page you are on, Esc goes back to it, Ctrl+/ lists the keys.")

    def main_control(self) -> QWidget:
        """The topics."""
        return self.topics

    def entered(self, argument: str) -> None:
        """Show the text for the page of this key."""
        for row in range(self.topics.count()):
            if self.topics.item(row).data(_KEY) == (argument or _TOPICS[0][0]):
                self.topics.setCurrentRow(row)
        if self.topics.currentRow() < 0:
            self.topics.setCurrentRow(0)

    def _show(self) -> None:
        item = self.topics.currentItem()
        if item is None:
            return
        text = resource("help", f"{item.data(_KEY)}.md").read_text("utf-8")
        self.text.setMarkdown(text)
        self._space_headings()

    def _space_headings(self) -> None:
        """Set every heading apart from what stands above it."""
        block, first = self.text.document().begin(), True
        while block.isValid():
            style = block.blockFormat()
            if style.headingLevel():
                style.setTopMargin(0 if first else Theme.current().u(5))
                style.setBottomMargin(Theme.current().u(2))
                cursor = QTextCursor(block)
                cursor.setBlockFormat(style)
                letters = QTextCharFormat()
                letters.setFont(Theme.current().font("verdict" if style.headingLevel() == 1 else "h2"))
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                cursor.mergeCharFormat(letters)
            block, first = block.next(), False

    def _line(self) -> QSize:
        u = Theme.current().u
        return QSize(u(20), u(9))

    def _retint(self) -> None:
        for row in range(self.topics.count()):
            self.topics.item(row).setIcon(icon(_TOPICS[row][1], "text2"))
        self._show()
