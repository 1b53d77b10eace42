"""What every page is made of: title, one sentence, quiet actions, a message when needed, and the content below."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mww_studio.ui.errors import describe
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.tabbing import tab_as_read
from mww_studio.ui.kit.text import H1, Label
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mww_studio.errors import StudioError
    from mww_studio.services.studio import Studio


class _Inside(QWidget):
    """The scrolled content. A scroll area does not ask how high wrapped texts become, so the content says so itself."""

    rearranged = Signal()

    def event(self, event: QEvent) -> bool:
        """Look at the height anew when something inside changed."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
            self.rearranged.emit()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look at the height anew in the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            self.setMinimumHeight(layout.totalMinimumHeightForWidth(self.width()))


class Page(QWidget):
    """A page in the frame. Subclasses fill ``content`` and ``actions`` in their constructor.

    Content stands at the top and hugs itself; a page whose table, plot or stage should take all the height sets
    ``fills``. One on which controls come and go sets ``tabs_as_read``, so that Tab finds them where they are read.
    ``key`` and ``icon`` belong to the rail.
    """

    navigate = Signal(str, str)
    """Go to the page of this key, with an argument for it (such as a person's name) or an empty one."""

    bar_resized = Signal()
    """The bar at the lower edge became higher or lower."""

    key: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    fills: ClassVar[bool] = False
    tabs_as_read: ClassVar[bool] = False

    # QWidget.actions() lists QActions, which no page has; the row is what "actions" means to a page.
    actions: QHBoxLayout  # type: ignore[assignment]

    def __init__(self, studio: "Studio", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        u = Theme.current().u
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._outer.addWidget(self._scroll, 1)
        self._inside = _Inside()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(u(6), u(5), u(6), u(4))
        self._column.setSpacing(u(4))
        head = QHBoxLayout()
        head.setSpacing(u(2))
        titles = QVBoxLayout()
        titles.setSpacing(u(0.5))
        self._title = H1()
        self._sentence = Label(colour="text2", wrap=True)
        titles.addWidget(self._title)
        titles.addWidget(self._sentence)
        head.addLayout(titles, 1)
        self.actions = QHBoxLayout()
        self.actions.setSpacing(u(2))
        head.addLayout(self.actions)
        head.setAlignment(self.actions, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(head)
        self._message: Message | None = None
        self.content = QVBoxLayout()
        self.content.setSpacing(u(4))
        self._column.addLayout(self.content, 1 if self.fills else 0)
        if not self.fills:
            self._column.addStretch(1)
        self._scroll.setWidget(self._inside)
        self._inside.setAutoFillBackground(False)
        self._bar: QWidget | None = None
        if self.tabs_as_read:
            self._inside.rearranged.connect(self._tab_as_read)
        self.update_head()

    def title(self) -> str:
        """The title, sentence case."""
        return ""

    def sentence(self) -> str:
        """One sentence under the title."""
        return ""

    def update_head(self) -> None:
        """Show title and sentence as they are now."""
        self._title.setText(self.title())
        self._sentence.setText(self.sentence())
        self._sentence.setVisible(bool(self.sentence()))

    def show_message(self, message: Message | None) -> None:
        """Put a message above the content, in the place of the one that stood there; None takes it away.

        Whoever has scrolled down is led up to a new one.
        """
        if self._message is not None and self._message is not message:
            self._message.hide()
            self._column.removeWidget(self._message)
            self._message.deleteLater()
        if message is not None and message is not self._message:
            self._column.insertWidget(1, message)
            message.show()
            self._scroll.verticalScrollBar().setValue(0)
        self._message = message

    def show_error(self, error: "StudioError", kind: str = "bad") -> Message:
        """Say above the content what happened, why, and what to do; buttons that cure can be added to the message."""
        said = describe(error)
        message = Message(kind, said.title, said.text, said.code)
        self.show_message(message)
        return message

    @property
    def message(self) -> Message | None:
        """The message above the content."""
        return self._message

    def _tab_as_read(self) -> None:
        tab_as_read(self._inside)

    def set_bar(self, bar: QWidget) -> None:
        """Give the page a bar at its lower edge that does not scroll; toasts stand above it."""
        self._bar = bar
        self._outer.addWidget(bar)
        bar.installEventFilter(self)

    def bar_height(self) -> int:
        """How much of the lower edge the page's own bar takes, in pixels."""
        return self._bar.height() if self._bar is not None and self._bar.isVisible() else 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say when the bar has another height."""
        if watched is self._bar and event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide):
            self.bar_resized.emit()
        return super().eventFilter(watched, event)

    def viewport_width(self) -> int:
        """The width in which the content has to stand without scrolling sideways, in pixels."""
        return self._scroll.viewport().width()

    def content_minimum_width(self) -> int:
        """The least width of the content, in pixels."""
        return self._inside.minimumSizeHint().width()

    def primary(self) -> Button | None:
        """The page's one filled button at present, pressed by Ctrl+Return."""
        return None

    def main_control(self) -> QWidget | None:
        """What gets the focus when the page is shown."""
        return None

    def entered(self, argument: str) -> None:
        """The page is shown from now on; ``argument`` comes from whoever led here."""

    def left(self) -> None:
        """The page is hidden from now on: timers stop."""

    def set_compact(self, compact: bool) -> None:
        """The window became narrow or wide again."""

    def escape(self) -> bool:
        """Go one step back or stop inside the page on Esc; whether there was something to do."""
        return False

    def take_files(self, paths: "Sequence[Path]", kind: str) -> None:
        """Sound files and folders were dropped on the window, meant as clips of ``kind``."""

    def search_field(self) -> QWidget | None:
        """The field that Ctrl+F leads to."""
        return None
