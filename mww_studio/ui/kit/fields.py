"""Fields: what a person fills in, each with a label that leads to it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from mww_studio.ui.kit.painting import focus_ring, painter_on
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme

_WIDEST_U = 120


class LineEdit(QLineEdit):
    """One line of text."""

    def __init__(self, text: str = "", placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        u = Theme.current().u
        self.setPlaceholderText(placeholder)
        self.setTextMargins(u(1.5), 0, u(1.5), 0)
        self.setMinimumHeight(u(9))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, and the ring over it."""
        super().paintEvent(event)
        focus_ring(painter_on(self), self, QRectF(self.rect()), Theme.current().u(0.5))


class Combo(QComboBox):
    """A list to choose one from; the wheel scrolls the page unless the list has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        self.setMinimumHeight(u(9))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._indent = u(1.5)

    def sizeHint(self) -> QSize:
        """Wide enough for the longest choice, set in from the edge like the text of a field."""
        return super().sizeHint() + QSize(self._indent, 0)

    def minimumSizeHint(self) -> QSize:
        """The same, but no wider than most windows have room for."""
        least = super().minimumSizeHint() + QSize(self._indent, 0)
        return least.boundedTo(QSize(Theme.current().u(_WIDEST_U), least.height()))

    def setEditable(self, editable: bool) -> None:
        """Let other words be typed too, as far from the edge as in a field."""
        super().setEditable(editable)
        line = self.lineEdit()
        if line is not None:
            line.setTextMargins(Theme.current().u(), 0, 0, 0)

    def add(self, key: str, text: str) -> None:
        """Add a choice."""
        self.addItem(text, key)

    @property
    def key(self) -> str:
        """The key of the choice, empty without one."""
        return self.currentData() or ""

    def set_key(self, key: str) -> bool:
        """Choose the entry of ``key``; whether there is one."""
        index = self.findData(key)
        if index >= 0:
            self.setCurrentIndex(index)
        return index >= 0

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the choice only when the list has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the field, the choice a little further in than the style would, and the ring over it."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if not self.isEditable():
            start = self._indent if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else -self._indent
            option.rect.translate(start, 0)
            painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        focus_ring(painter_on(self), self, QRectF(self.rect()), Theme.current().u(0.5))


class Check(QCheckBox):
    """Something that is so or not."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setMinimumHeight(Theme.current().u(7))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tick box and its text, and the ring over them."""
        super().paintEvent(event)
        focus_ring(painter_on(self), self, QRectF(self.rect()), Theme.current().u())


class Spin(QSpinBox):
    """A whole number; the wheel scrolls the page unless the field has the focus."""

    def __init__(self, low: int, high: int, value: int, suffix: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setValue(value)
        self.setSuffix(suffix)
        self.setMinimumHeight(Theme.current().u(9))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the number only when the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, and the ring over it."""
        super().paintEvent(event)
        focus_ring(painter_on(self), self, QRectF(self.rect()), Theme.current().u(0.5))


class Slider(QSlider):
    """A horizontal slider; arrows move by one, page keys by ten."""

    def __init__(self, low: int, high: int, value: int, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(low, high)
        self.setSingleStep(1)
        self.setPageStep(10)
        self.setValue(value)
        self.setMinimumHeight(Theme.current().u(7))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slider, and the ring over it."""
        super().paintEvent(event)
        focus_ring(painter_on(self), self, QRectF(self.rect()), Theme.current().u())


def label_for(text: str, widget: QWidget) -> Label:
    """The label of ``widget``: it names the field for screen readers, and its Alt letter leads there."""
    label = Label(text)
    label.setBuddy(widget)
    widget.setAccessibleName(text.replace("&", ""))
    return label


def field(text: str, widget: QWidget) -> QVBoxLayout:
    """``widget`` under its label."""
    column = QVBoxLayout()
    column.setSpacing(Theme.current().u(1))
    column.addWidget(label_for(text, widget))
    column.addWidget(widget)
    return column
