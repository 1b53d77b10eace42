"""What the doctor found, one row a finding, and the lines that would change."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.esphome.doctor.differences import FileDiff, LineKind
from mww_studio.esphome.doctor.findings import Finding
from mww_studio.ui.icons import STATES as ICONS
from mww_studio.ui.icons import Icon, state_colour
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages import doctor_words as words
from mww_studio.ui.pages.deploy_details import CodeText
from mww_studio.ui.theme import Theme

_MOST_ROWS = 40
_MOST_LINES = 60


class FindingRow(QWidget):
    """A finding: how bad it is, why, what to do, where; and the button that mends it alone."""

    wanted = Signal(object)

    def __init__(self, finding: Finding, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        u = Theme.current().u
        row = QHBoxLayout(self)
        row.setContentsMargins(0, u(1), 0, u(1))
        row.setSpacing(u(3))
        state = words.STATES[finding.severity]
        row.addWidget(Icon(ICONS[state], state_colour(state), u(5.5)), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(u(0.5))
        texts.addWidget(Label(finding.what, "strong", wrap=True))
        texts.addWidget(Label(finding.do, wrap=True))
        texts.addWidget(Caption(words.place(finding), wrap=True))
        row.addLayout(texts, 1)
        self.setAccessibleName(f"{words.severity(finding)}: {finding.what}")
        self.setAccessibleDescription(f"{finding.do} {words.place(finding)}")
        self.button: Button | None = None
        if finding.mendable:
            name = self.tr("Mend only finding {number}").format(number=number)
            self.button = Button(self.tr("Mend only this"), name=name)
            self.button.clicked.connect(self._on_click)
            row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)

    def _on_click(self) -> None:
        self.wanted.emit(self.finding)


class FindingsCard(Card):
    """All that was found, the worst first."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.set_title(self.tr("What was found"))
        self.rows: list[FindingRow] = []
        self._rest = Caption(wrap=True)
        self.body.addWidget(self._rest)

    def set_findings(self, findings: Sequence[Finding]) -> None:
        """Show these."""
        for row in self.rows:
            row.hide()
            self.body.removeWidget(row)
            row.deleteLater()
        self.rows = [FindingRow(finding, number) for number, finding in enumerate(findings[:_MOST_ROWS], start=1)]
        for at, row in enumerate(self.rows):
            row.wanted.connect(self.wanted)
            self.body.insertWidget(at, row)
        more = len(findings) - len(self.rows)
        self._rest.setText(self.tr("{count} more are shown when these are mended.").format(count=more))
        self._rest.setVisible(more > 0)

    def set_usable(self, usable: bool) -> None:
        """Whether something can be mended now."""
        for row in self.rows:
            if row.button is not None:
                row.button.setEnabled(usable)


class DiffView(Card):
    """The lines of one file that change: a minus before those that go, a plus before those that come, both tinted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._diff: FileDiff | None = None
        self._text = CodeText("", _MOST_LINES)
        self.body.addWidget(self._text)
        Theme.current().changed.connect(self._tint)

    @property
    def text(self) -> str:
        """What it shows."""
        return self._text.toPlainText()

    def set_diff(self, diff: FileDiff) -> None:
        """Show what would change in a file."""
        self._diff = diff
        new = self.tr("{file}, which is made anew") if diff.new else self.tr("What would change in {file}")
        self.set_title(new.format(file=diff.shown))
        self._text.setAccessibleName(new.format(file=diff.shown))
        shown = [f"{line.number or '':>4} {line.kind} {line.text}".rstrip() for line in diff.lines]
        self._text.set_text("\n".join(shown))
        self._tint()

    def _tint(self) -> None:
        if self._diff is None:
            return
        theme = Theme.current()
        grounds = {LineKind.REMOVED: theme.tokens.bad_soft, LineKind.ADDED: theme.tokens.ok_soft}
        document = self._text.document()
        for number, line in enumerate(self._diff.lines):
            look = QTextBlockFormat()
            if line.kind in grounds:
                look.setBackground(grounds[line.kind])
            QTextCursor(document.findBlockByNumber(number)).setBlockFormat(look)
