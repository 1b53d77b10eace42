"""A frame that is exactly as high as its texts are when they are wrapped in the width it has."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget


class HuggingFrame(QFrame):
    """Grows no higher than its content.

    Qt would take the height of the content in its favourite width for the most it may have, and cut wrapped texts.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """The height in the present width."""
        wanted, layout = super().sizeHint(), self.layout()
        if layout is not None and layout.hasHeightForWidth():
            wanted.setHeight(layout.totalHeightForWidth(self.width()))
        return wanted

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the layout around it when another width makes another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
