"""Line icons by name, drawn in any colour and size: Lucide, from the package justmyresource-lucide."""

import functools
import importlib.resources
import io
import zipfile

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from mww_studio.ui.theme import Theme

STATES = {
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "octagon-x",
    "info": "info",
    "none": "circle",
}
"""The icon of each state; its colour is the token of the same name, ``accent`` for info, ``edge`` for none."""

PERSON = "user-round"


def state_colour(state: str) -> str:
    """The name of the colour in which a state's icon is drawn."""
    return {"info": "accent", "none": "edge"}.get(state, state)


def pixmap(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon ``name`` as a pixmap of ``size`` logical pixels for a screen of ``ratio``. Raises KeyError."""
    return _render(name, colour.name(), size, ratio)


def icon(name: str, colour: str = "text", size: int | None = None) -> QIcon:
    """The icon ``name`` in a theme colour, for menus and item views."""
    theme = Theme.current()
    size = size or theme.u(4.5)
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, theme.colour(colour), size, ratio))
        made.addPixmap(pixmap(name, theme.tokens.off, size, ratio), QIcon.Mode.Disabled)
    return made


def draw(painter: QPainter, name: str, colour: QColor, where: QRectF) -> None:
    """Draw the icon ``name`` into the square ``where``."""
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(QPointF(round(where.x()), round(where.y())), pixmap(name, colour, round(where.width()), ratio))


class Icon(QWidget):
    """An icon beside a text that says the same; screen readers do not hear of it."""

    def __init__(
        self, name: str, colour: str = "text2", size: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._colour = name, colour
        self._size = size or Theme.current().u(5)
        self.setFixedSize(self._size, self._size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_icon(self, name: str, colour: str) -> None:
        """Show another icon."""
        if (name, colour) != (self._name, self._colour):
            self._name, self._colour = name, colour
            self.update()

    def sizeHint(self) -> QSize:
        """The size given at the start."""
        return QSize(self._size, self._size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon in the colour of the present theme."""
        painter = QPainter(self)
        draw(painter, self._name, Theme.current().colour(self._colour), QRectF(self.rect()))


@functools.lru_cache(maxsize=1024)
def _render(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour).encode()))
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@functools.cache
def _drawing(name: str) -> str:
    return _archive().read(f"{name}.svg").decode()


@functools.cache
def _archive() -> zipfile.ZipFile:
    # The package's own reader opens the archive anew for each icon, ten milliseconds every time. In memory, because
    # nobody could say when a file may be closed.
    packed = importlib.resources.files("justmyresource_lucide").joinpath("icons.zip")
    return zipfile.ZipFile(io.BytesIO(packed.read_bytes()))
