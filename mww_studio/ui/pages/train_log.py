"""The log of a training: the newest lines, followed unless a person reads further up."""

from collections.abc import Iterable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from mww_studio.services.jobs import LOG_LINES
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Check
from mww_studio.ui.theme import Theme

_INTERVAL_MS = 250


class LogView(Card):
    """Up to 2,000 lines; new ones appear four times a second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self.set_title(self.tr("Log"))
        self._follow = Check(self.tr("Follow"))
        self._follow.setChecked(True)
        self._follow.setToolTip(self.tr("Always show the newest line."))
        self._copy = Button(self.tr("Copy"), "quiet", "copy", name=self.tr("Copy the log"))
        self._copy.clicked.connect(self._copy_all)
        self.header.addWidget(self._follow)
        self.header.addWidget(self._copy)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(LOG_LINES)
        self._text.setAccessibleName(self.tr("Log"))
        self._text.setMinimumHeight(u(36))
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(Theme.current().font("caption").pointSizeF())
        self._text.setFont(font)
        self.body.addWidget(self._text)
        self._waiting: list[str] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._flush)

    def set_lines(self, lines: Iterable[str]) -> None:
        """Show these lines alone."""
        self._waiting = []
        self._text.setPlainText("\n".join(lines))
        self._to_end()

    def add(self, line: str) -> None:
        """Show one more line soon."""
        self._waiting.append(line)

    def lines(self) -> list[str]:
        """The lines that are shown."""
        self._flush()
        return self._text.toPlainText().splitlines()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow again."""
        super().showEvent(event)
        self._flush()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: lines wait."""
        super().hideEvent(event)
        self._timer.stop()

    def _flush(self) -> None:
        if self._waiting:
            self._text.appendPlainText("\n".join(self._waiting))
            self._waiting = []
            self._to_end()

    def _to_end(self) -> None:
        if self._follow.isChecked():
            bar = self._text.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self.lines()))
