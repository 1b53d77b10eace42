"""Several parts in one place."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class PartStack(QWidget):
    """Shows one of its parts, and needs no more room than that one.

    A QStackedWidget always needs the room of its largest part, whatever it shows.
    """

    def __init__(self, *parts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = parts[0]
        for part in parts:
            part.setParent(self)
            part.setVisible(part is self._part)

    @property
    def part(self) -> QWidget:
        """The part that is shown."""
        return self._part

    def show_part(self, part: QWidget) -> None:
        """Show another one in its place."""
        if part is not self._part:
            self._part.hide()
            self._part = part
            part.setGeometry(self.rect())
            part.show()
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Pass on that a part needs another height."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The part fills it."""
        super().resizeEvent(event)
        self._part.setGeometry(self.rect())

    def sizeHint(self) -> QSize:
        """That of the part."""
        return self._part.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """That of the part."""
        hint = self._part.minimumSizeHint().expandedTo(self._part.minimumSize())
        return QSize(hint.width(), 0) if self.hasHeightForWidth() else hint

    def hasHeightForWidth(self) -> bool:
        """Whether texts in the part wrap."""
        return self._part.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """The least height in which the part can stand."""
        layout = self._part.layout()
        return self._part.heightForWidth(width) if layout is None else layout.totalMinimumHeightForWidth(width)
