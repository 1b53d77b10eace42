"""What the painted widgets share: rounded grounds, the focus ring, texts with an ellipsis."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from mww_studio.ui.theme import Theme


def painter_on(widget: QWidget) -> QPainter:
    """An antialiased painter on ``widget``, used inside its paintEvent."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def rounded(
    painter: QPainter,
    where: QRectF,
    ground: QColor | None,
    edge: QColor | None = None,
    radius: float = 0.0,
    width: float = 1.0,
) -> None:
    """Fill a rounded rectangle and draw its edge inside ``where``."""
    inset = width / 2 if edge is not None else 0.0
    painter.setBrush(QBrush(ground) if ground is not None else QBrush(Qt.BrushStyle.NoBrush))
    painter.setPen(QPen(edge, width) if edge is not None else QPen(Qt.PenStyle.NoPen))
    painter.drawRoundedRect(where.adjusted(inset, inset, -inset, -inset), radius, radius)


def shows_focus(widget: QWidget) -> bool:
    """Whether ``widget`` has the focus and the keyboard brought it there."""
    return widget.hasFocus() and Theme.current().keyboard_used


def focus_ring(painter: QPainter, widget: QWidget, where: QRectF, radius: float) -> None:
    """Draw the ring inside ``where`` if the widget shows its focus: 2 px of focus colour, 2 px of surface."""
    if not shows_focus(widget):
        return
    colours = Theme.current().tokens
    rounded(painter, where, None, colours.focus, radius, 2)
    rounded(painter, where.adjusted(2, 2, -2, -2), None, colours.surface, max(radius - 2, 0), 2)


def radio_mark(painter: QPainter, where: QRectF, *, checked: bool, enabled: bool = True) -> None:
    """The mark of a choice: an empty circle, or a filled one with a dot."""
    colours = Theme.current().tokens
    edge = colours.edge if enabled else colours.off
    accent = colours.accent if enabled else colours.off
    painter.setBrush(QBrush(accent if checked else colours.surface))
    painter.setPen(QPen(accent if checked else edge, 1.5))
    painter.drawEllipse(where.adjusted(1, 1, -1, -1))
    if checked:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.on_accent)
        painter.drawEllipse(QPointF(where.center()), where.width() * 0.16, where.width() * 0.16)


def mirrored(widget: QWidget, where: QRectF) -> QRectF:
    """``where`` on the other side of the widget if people here read from right to left."""
    if widget.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        return QRectF(widget.width() - where.right(), where.y(), where.width(), where.height())
    return where
