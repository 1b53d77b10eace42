"""What stands behind the checks of Deploy: every rule with its verdict, and the configuration to copy."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QFocusEvent, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHeaderView, QPlainTextEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from mww_studio.constitution.verdicts import Verdict
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.painting import focus_ring, painter_on
from mww_studio.ui.kit.tables import ROW_U, Table
from mww_studio.ui.models.rule_table import RuleTable
from mww_studio.ui.theme import Theme

_HEIGHT_U = 80
_RULE, _EXPECTED = 2, 4
_WIDTHS_U = (18, 28, 0, 36, 0)
_MOST_LINES = 20
_RING_PX = 3  # with the frame as wide as the ring of focus_ring()


class _Rules(Table):
    """Whoever comes to it by key sees where they are: the row is marked."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the row."""
        super().focusInEvent(event)
        if not self.selectionModel().hasSelection():
            self.selectRow(max(self.currentIndex().row(), 0))


class _Airy(QStyledItemDelegate):
    """Keeps the folded texts of two rows apart."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Room above and below the text."""
        return super().sizeHint(option, index) + QSize(0, Theme.current().u(2))


class RuleView(Card):
    """Every rule of the constitution with what was found and what is expected; broken ones first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self.set_title(self.tr("Every rule"))
        self.set_sentence(self.tr("What the device's own software asks of a wake word's file, and what this one has."))
        self._model = RuleTable()
        self._table = _Rules(self.tr("Every rule"))
        self._table.setModel(self._model)
        self._table.setWordWrap(True)
        self._table.setItemDelegate(_Airy(self._table))
        self._table.setMinimumHeight(u(_HEIGHT_U))
        self._table.verticalHeader().setMinimumSectionSize(u(ROW_U))
        self._table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns = self._table.horizontalHeader()
        for column, width_u in enumerate(_WIDTHS_U):
            self._table.setColumnWidth(column, u(width_u))
        for column in (_RULE, _EXPECTED):
            columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.body.addWidget(self._table)

    def set_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Show these."""
        self._model.set_verdicts(verdicts)


class CodeText(QPlainTextEdit):
    """A text to read in letters of one width, as high as its lines; from ``most_lines`` on it scrolls."""

    def __init__(self, name: str, most_lines: int = _MOST_LINES, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most_lines = most_lines
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setViewportMargins(_RING_PX, _RING_PX, _RING_PX, _RING_PX)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(Theme.current().font("small").pointSizeF())
        self.setFont(font)

    def event(self, event: QEvent) -> bool:
        """Draw the ring over the frame, which a text scrolls in."""
        done = super().event(event)
        if event.type() == QEvent.Type.Paint:
            focus_ring(painter_on(self), self, QRectF(self.rect()), Theme.current().u(0.5))
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return done

    def set_text(self, text: str) -> None:
        """Show another text."""
        self.setPlainText(text)
        lines = min(self.blockCount(), self._most_lines) + 1  # one may be folded
        self.setFixedHeight(round(self.fontMetrics().lineSpacing() * lines) + Theme.current().u(4))


class CodeView(Card):
    """A text to read and copy, in letters of one width; ``copy_text``: what the button says."""

    def __init__(self, name: str, copy_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(name)
        copy = Button(copy_text or self.tr("Copy YAML"), icon="copy")
        copy.clicked.connect(self.copy)
        self.header.addWidget(copy)
        self._text = CodeText(name)
        self.body.addWidget(self._text)

    @property
    def text(self) -> str:
        """What it shows."""
        return self._text.toPlainText()

    def set_text(self, text: str, sentence: str = "") -> None:
        """Show another text, and a sentence about it."""
        self._text.set_text(text)
        self.set_sentence(sentence)

    def copy(self) -> None:
        """Put all of it on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)
