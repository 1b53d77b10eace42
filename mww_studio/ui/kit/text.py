"""Texts: labels with a role and a colour of the theme."""

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from mww_studio.ui.theme import Theme

_LONGEST_PART = 32
_FOLDS = r"\s/-"  # where a line may end anyway
_TOO_LONG = re.compile(rf"([^{_FOLDS}]{{{_LONGEST_PART}}})(?=[^{_FOLDS}])")


def breakable(text: str) -> str:
    """The text with places to fold in what has none, such as a name of hundreds of letters."""
    return _TOO_LONG.sub("\\1\N{ZERO WIDTH SPACE}", text)


class Label(QLabel):
    """Plain text in a font role and a theme colour; it follows changes of the theme.

    With ``wrap`` it folds, in the midst of a name where nothing else helps.
    """

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        colour: str = "text",
        *,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        theme = Theme.current()
        self._colour = colour
        self.setTextFormat(Qt.TextFormat.PlainText)  # names and paths may contain < and &
        self.setWordWrap(wrap)
        self.setFont(theme.font(role))
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self.setText(text)
        self._tint()
        theme.changed.connect(self._tint)

    def setText(self, text: str) -> None:
        """Show another text."""
        super().setText(breakable(text) if self.wordWrap() else text)

    def set_role(self, role: str) -> None:
        """Use another font role."""
        self.setFont(Theme.current().font(role))

    def set_colour(self, colour: str) -> None:
        """Use another colour of the theme."""
        if colour != self._colour:
            self._colour = colour
            self._tint()

    def _tint(self) -> None:
        palette = QPalette()
        if self._colour != "text":
            palette.setColor(QPalette.ColorRole.WindowText, Theme.current().colour(self._colour))
        self.setPalette(palette)


class H1(Label):
    """The title of a page."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, "h1", parent=parent)


class H2(Label):
    """The title of a card."""

    def __init__(self, text: str = "", *, wrap: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, "h2", wrap=wrap, parent=parent)


class Caption(Label):
    """A small explaining sentence."""

    def __init__(
        self, text: str = "", colour: str = "text2", *, wrap: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, "caption", colour, wrap=wrap, parent=parent)
