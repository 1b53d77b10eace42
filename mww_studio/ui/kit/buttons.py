"""The one kind of button."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from mww_studio.ui import icons
from mww_studio.ui.kit.painting import focus_ring, painter_on, rounded
from mww_studio.ui.kit.text import Caption
from mww_studio.ui.theme import Theme


class Button(QPushButton):
    """A painted button: ``primary`` (at most one visible), ``normal``, ``quiet`` or ``danger``; ``big`` for the main.

    A button without text needs an accessible name and a tooltip.
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "normal",
        icon: str = "",
        parent: QWidget | None = None,
        *,
        big: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(text, parent)
        self.kind = kind
        self.big = big
        self._icon = icon
        self._reason: Caption | None = None
        if name:
            self.setAccessibleName(name)
            if not text:
                self.setToolTip(name)
        self.setFont(Theme.current().font("h2" if big else "strong" if kind == "primary" else "body"))
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)

    def set_kind(self, kind: str) -> None:
        """Become another kind, for a page whose primary button changes."""
        if kind != self.kind:
            self.kind = kind
            if not self.big:
                self.setFont(Theme.current().font("strong" if kind == "primary" else "body"))
            self.updateGeometry()
            self.update()

    def set_icon(self, icon: str) -> None:
        """Show another icon before the text."""
        if icon != self._icon:
            self._icon = icon
            self.updateGeometry()
            self.update()

    def set_reason(self, reason: str) -> None:
        """Switch the button off and say why, in one sentence; with an empty reason switch it on."""
        self.setEnabled(not reason)
        self.setToolTip(reason)
        self.setAccessibleDescription(reason)
        if self._reason is not None:
            self._reason.setText(reason)
            self._reason.setVisible(bool(reason))

    def reason_label(self) -> Caption:
        """The sentence of :meth:`set_reason`, to be placed under the button; hidden while there is none."""
        if self._reason is None:
            self._reason = Caption(self.accessibleDescription(), wrap=True)
            self._reason.setVisible(bool(self.accessibleDescription()))
        return self._reason

    def sizeHint(self) -> QSize:
        """As wide as icon and text need, never elided."""
        u = Theme.current().u
        size = self._text_width() + u(6 if self.text() else 4)
        if self._icon:
            size += self._icon_size() + (u(2) if self.text() else 0)
        return QSize(max(size, u(9)), u(13 if self.big else 9))

    def minimumSizeHint(self) -> QSize:
        """The same as the size it wants."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that the pointer is over it."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show that the pointer left."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground, edge, ring, icon and text."""
        theme = Theme.current()
        painter, where, radius = painter_on(self), QRectF(self.rect()), float(theme.u(1.5))
        ground, ink, edge = self._colours()
        rounded(painter, where, ground, edge, radius)
        focus_ring(painter, self, where, radius)
        gap = theme.u(2) if self._icon and self.text() else 0
        icon_size = self._icon_size() if self._icon else 0
        text_width = self._text_width()
        left = where.center().x() - (icon_size + gap + text_width) / 2
        forward = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        icon_left = left if forward else left + text_width + gap
        text_left = left + icon_size + gap if forward else left
        if self._icon:
            icons.draw(
                painter, self._icon, ink, QRectF(icon_left, where.center().y() - icon_size / 2, icon_size, icon_size)
            )
        painter.setPen(ink)
        painter.drawText(
            QRectF(text_left, where.top(), text_width + theme.u(), where.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextShowMnemonic,
            self.text(),
        )

    def _colours(self) -> tuple[QColor | None, QColor, QColor | None]:
        """Ground, ink and edge in the present state."""
        colours = Theme.current().tokens
        pressed, over = self.isDown() or self.isChecked(), self.underMouse()
        if not self.isEnabled():
            return (None if self.kind == "quiet" else colours.inset), colours.off, None
        if self.kind == "primary":
            ground = colours.accent_pressed if pressed else colours.accent_hover if over else colours.accent
            return ground, colours.on_accent, None
        if self.kind == "danger":
            return (colours.bad_soft if pressed or over else colours.surface), colours.bad, colours.bad
        if self.kind == "quiet":
            return (colours.accent_soft if pressed else colours.inset if over else None), colours.accent, None
        ground = colours.accent_soft if pressed else colours.inset if over else colours.surface
        return ground, colours.text, colours.edge

    def _icon_size(self) -> int:
        return Theme.current().u(5.5 if self.big else 4.5)

    def _text_width(self) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text()).width() if self.text() else 0
