"""What stands in the middle of the stage: the word, a passage to read, or the time that a room is recorded."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from mww_studio.project.records import Style
from mww_studio.ui.icons import Icon
from mww_studio.ui.kit.painting import mirrored, painter_on, rounded
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.record_words import seconds_text, style_icon, style_prompt
from mww_studio.ui.theme import Theme

_CENTRED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
_BESIDE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
_SMALLER = 0.92
_LINE = 1.4
_READABLE = (1.25, 1.15, 1.05, 1.0)


class OnePane(QStackedWidget):
    """Panes of which one is shown; those that are hidden ask for no room."""

    def sizeHint(self) -> QSize:
        """That of the pane that is shown."""
        pane = self.currentWidget()
        return pane.sizeHint() if pane is not None else QSize()

    def minimumSizeHint(self) -> QSize:
        """That of the pane that is shown."""
        pane = self.currentWidget()
        return pane.minimumSizeHint() if pane is not None else QSize()

    def hasHeightForWidth(self) -> bool:
        """Only if the pane that is shown is as high as its width asks."""
        pane = self.currentWidget()
        return pane is not None and pane.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """That of the pane that is shown."""
        pane = self.currentWidget()
        return pane.heightForWidth(width) if pane is not None else -1


class WordPane(QWidget):
    """A prompt line, the word, and how to say it. Each has a height of its own, so that none moves another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        u = Theme.current().u
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(2))
        column.addStretch(1)
        self.prompt = PromptLine()
        column.addWidget(self.prompt)
        self.word = WordView()
        column.addWidget(self.word)
        hint = QHBoxLayout()
        hint.setSpacing(u(2))
        hint.addStretch(1)
        self._icon = Icon("armchair", "accent", u(6))
        self._manner = Label(role="h2")
        hint.addWidget(self._icon)
        hint.addWidget(self._manner)
        hint.addStretch(1)
        column.addLayout(hint)
        column.addStretch(1)

    def set_style(self, style: Style | None) -> None:
        """Show how to say it; None: as one likes."""
        if style is None:
            self._icon.set_icon("armchair", "accent")
            self._manner.setText(self.tr("as you like"))
        else:
            self._icon.set_icon(style_icon(style), "accent")
            self._manner.setText(style_prompt(style))


class PromptLine(Label):
    """What to do now, in one line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(role="h2", colour="text2", parent=parent)
        font = self.font()
        font.setWeight(QFont.Weight.Normal)
        self.setFont(font)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(Theme.current().u(5.5))


class WordView(QWidget):
    """The phrase in quotes, as large as its place allows; one height for every phrase."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phrase = ""
        self._role = "word"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_phrase(self, phrase: str) -> None:
        """Show another phrase."""
        if phrase != self._phrase:
            self._phrase = phrase
            self.setAccessibleName(phrase)
            self.update()

    def set_compact(self, compact: bool) -> None:
        """Be smaller in a small window."""
        self._role = "word_compact" if compact else "word"
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One line of the largest size."""
        return QSize(Theme.current().u(60), round(QFontMetricsF(Theme.current().font(self._role)).height()))

    def minimumSizeHint(self) -> QSize:
        """The same height in little width."""
        return QSize(Theme.current().u(40), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the phrase."""
        painter = painter_on(self)
        text = f"“{self._phrase}”"
        painter.setFont(self._fitting(text))
        painter.setPen(Theme.current().tokens.text)
        painter.drawText(self.rect(), int(_CENTRED), text)

    def _fitting(self, text: str) -> QFont:
        """The largest font in which ``text`` fits in one line, or in two lines of little size."""
        font = Theme.current().font(self._role)
        least = Theme.current().font("body").pointSizeF()
        while font.pointSizeF() > least:
            needed = QFontMetricsF(font).boundingRect(QRectF(self.rect()), int(_CENTRED), text)
            if needed.width() <= self.width() and needed.height() <= self.height() + 1:
                break
            font.setPointSizeF(font.pointSizeF() * _SMALLER)
        return font


class PassagePane(QWidget):
    """A passage with a mark at the line that is read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Theme.current().u(2))
        self.prompt = PromptLine()
        column.addWidget(self.prompt)
        self.passage = PassageView()
        column.addWidget(self.passage, 1)


class PassageView(QWidget):
    """A text in lines, the one that is read in full colour behind a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._line = 0
        self._read = 0.0
        self._layout: QTextLayout | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_text(self, text: str) -> None:
        """Show another text from its first line."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._layout = None
        self.rewind()

    @property
    def line(self) -> int:
        """The line that is read, from 0."""
        return self._line

    def rewind(self) -> None:
        """Go to the first line."""
        self._line, self._read = 0, 0.0
        self.update()

    def read(self, characters: float) -> None:
        """``characters`` more were read aloud; the mark follows."""
        layout = self._arranged()
        self._read += characters
        while self._line + 1 < layout.lineCount() and self._read >= layout.lineAt(self._line + 1).textStart():
            self._line += 1
            self.update()

    def step(self, lines: int) -> None:
        """Move the mark by some lines."""
        layout = self._arranged()
        self._line = min(max(self._line + lines, 0), max(layout.lineCount() - 1, 0))
        self._read = float(layout.lineAt(self._line).textStart()) if layout.lineCount() else 0.0
        self.update()

    def sizeHint(self) -> QSize:
        """Three lines, and more where there is room."""
        u = Theme.current().u
        return QSize(u(60), u(18))

    def minimumSizeHint(self) -> QSize:
        """Three lines: the mark is always in sight."""
        u = Theme.current().u
        return QSize(u(40), u(18))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._layout = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines, those before and after the marked one fainter."""
        theme = Theme.current()
        painter, layout = painter_on(self), self._arranged()
        if not layout.lineCount():
            return
        pitch = layout.lineAt(0).height() * _LINE
        room = max(self.height() - layout.lineCount() * pitch, 0.0)
        hidden = max(layout.lineCount() * pitch - self.height(), 0.0)
        top = room / 2 - min(max(self._line * pitch - self.height() / 2 + pitch / 2, 0.0), hidden)
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            marked = number == self._line
            where = QRectF(0, top + number * pitch, self.width(), pitch)
            if marked:
                rounded(painter, where, theme.tokens.accent_soft, radius=theme.u(1))
                bar = QRectF(0, where.top(), theme.u(1), pitch)
                painter.fillRect(mirrored(self, bar), theme.tokens.accent)
            painter.setPen(theme.tokens.text if marked else theme.tokens.text2)
            painter.setFont(layout.font())
            text = self._text[line.textStart() : line.textStart() + line.textLength()]
            painter.drawText(where.adjusted(theme.u(3), 0, -theme.u(3), 0), int(_BESIDE), text)

    def _arranged(self) -> QTextLayout:
        """The lines, in the largest font in which all of them are in sight."""
        if self._layout is None:
            found = self._arrange(_READABLE[0])
            for scale in _READABLE[1:]:
                if not found.lineCount() or found.lineCount() * found.lineAt(0).height() * _LINE <= self.height():
                    break
                found = self._arrange(scale)
            self._layout = found
        return self._layout

    def _arrange(self, scale: float) -> QTextLayout:
        font = Theme.current().font()
        font.setPointSizeF(font.pointSizeF() * scale)
        layout = QTextLayout(self._text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WordWrap)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(self.width() - Theme.current().u(6), 1))
        layout.endLayout()
        return layout


class RoomPane(QWidget):
    """How long the room is still recorded, and what to do meanwhile: nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Theme.current().u(2))
        column.addStretch(1)
        self.prompt = PromptLine()
        column.addWidget(self.prompt)
        self._left = Label(role="word")
        self._left.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._left)
        self._why = Caption(self.tr("Every home sounds different. A minute from each room tells it what to ignore."))
        self._why.setWordWrap(True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._why)
        column.addStretch(1)

    def set_left(self, seconds: float) -> None:
        """Show how long it still takes."""
        self._left.setText(seconds_text(seconds))

    def set_compact(self, compact: bool) -> None:
        """Be smaller in a small window."""
        self._left.set_role("word_compact" if compact else "word")
