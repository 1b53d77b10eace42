"""Widgets side by side where there is room for all of them, otherwise under each other."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from mww_studio.ui.theme import Theme


class Columns(QWidget):
    """Its least width is that of the widest widget, so that it can become narrow enough to stack them.

    ``from_u``: so wide it must be at least to show them side by side, in units.
    """

    def __init__(self, *, from_u: float = 0.0, gap: float = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._from_u = from_u
        self._widgets: list[QWidget] = []
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setSizeConstraint(QBoxLayout.SizeConstraint.SetNoConstraint)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(Theme.current().u(gap))

    @property
    def stacked(self) -> bool:
        """Whether they stand under each other."""
        return self._box.direction() == QBoxLayout.Direction.TopToBottom

    def add(self, widget: QWidget, stretch: int = 1, *, hugs: bool = False) -> None:
        """Add a widget at the end; ``stretch`` is its part of the width. ``hugs``: it stays as high as its content."""
        policy = widget.sizePolicy()
        # Cards beside each other are equally high unless they hug.
        if not hugs and policy.verticalPolicy() == QSizePolicy.Policy.Maximum:
            policy.setVerticalPolicy(QSizePolicy.Policy.Preferred)
            widget.setSizePolicy(policy)
        self._widgets.append(widget)
        self._box.addWidget(widget, stretch, Qt.AlignmentFlag.AlignTop if hugs else Qt.AlignmentFlag(0))

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest of them."""
        least = self._box.minimumSize()
        return QSize(max(map(_least_width, self._widgets), default=0), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the direction."""
        super().resizeEvent(event)
        needed = sum(map(_least_width, self._widgets))
        needed += self._box.spacing() * max(len(self._widgets) - 1, 0)
        beside = event.size().width() >= max(needed, Theme.current().u(self._from_u))
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._box.direction() != direction:
            self._box.setDirection(direction)
            self.updateGeometry()


def _least_width(widget: QWidget) -> int:
    return max(widget.minimumSizeHint().width(), widget.minimumWidth())
