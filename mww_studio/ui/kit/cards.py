"""The ground on which things that belong together stand."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mww_studio.ui.kit.hugging import HuggingFrame
from mww_studio.ui.kit.painting import painter_on, rounded
from mww_studio.ui.kit.text import H2, Label
from mww_studio.ui.theme import Theme


class Card(HuggingFrame):
    """A rounded ground that hugs its content: ``header`` holds the title and what is beside it, ``body`` the rest."""

    def __init__(
        self, title: str = "", sentence: str = "", *, padding: float = 5, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        u = Theme.current().u
        outer = QVBoxLayout(self)
        outer.setContentsMargins(u(padding), u(padding), u(padding), u(padding))
        outer.setSpacing(u(2))
        self.header = QHBoxLayout()
        self.header.setSpacing(u(2))
        self._title: H2 | None = None
        self._sentence: Label | None = None
        outer.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setSpacing(u(2))
        outer.addLayout(self.body, 1)
        if title:
            self.set_title(title)
        if sentence:
            self.set_sentence(sentence)

    def set_title(self, title: str) -> None:
        """Show another title."""
        if self._title is None:
            self._title = H2(wrap=True)
            self.header.insertWidget(0, self._title, 1)
        self._title.setText(title)

    def set_sentence(self, sentence: str) -> None:
        """Show another sentence under the title; an empty one is hidden."""
        if self._sentence is None:
            self._sentence = Label("", colour="text2", wrap=True)
            self.body.insertWidget(0, self._sentence)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def set_filling(self) -> None:
        """Take all the height there is instead of hugging the content: for tables, plots and the stage."""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground."""
        theme = Theme.current()
        rounded(painter_on(self), QRectF(self.rect()), theme.tokens.surface, theme.tokens.line, theme.u(2))
