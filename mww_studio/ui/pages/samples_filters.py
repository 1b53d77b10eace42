"""What narrows the samples down: a search field and four choices, in one row or behind one button."""

from collections.abc import Sequence

from PySide6.QtCore import QLocale, QPoint, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mww_studio.project.records import ClipKind, ClipQuery, Judgement, Split
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.fields import Combo, LineEdit
from mww_studio.ui.kit.painting import painter_on
from mww_studio.ui.models.clip_words import kind_word, split_word
from mww_studio.ui.theme import Theme

_SEARCH_LEAST_U = 40


class FilterBar(QWidget):
    """Says by ``changed`` that :meth:`query` asks something else."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = Theme.current()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._compact = False
        self._people: tuple[str, ...] = ()
        self.search = LineEdit()
        self.search.setPlaceholderText(self.tr("Search name or note"))
        self.search.setAccessibleName(self.tr("Search samples"))
        self.search.setToolTip(self.tr("Search (Ctrl+F)"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(theme.u(_SEARCH_LEAST_U))
        self.kind = _choice(self.tr("Kind"))
        self.person = _choice(self.tr("Person"))
        self.verdict = _choice(self.tr("Verdict"))
        self.used = _choice(self.tr("Used for"))
        self._choices = (self.kind, self.person, self.verdict, self.used)
        self._fill()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.u(2))
        self._row.addWidget(self.search, 1)
        self.filter_button = Button(self.tr("Filter"), icon="list-filter")
        self.filter_button.hide()
        self._row.addWidget(self.filter_button)
        for choice in self._choices:
            self._row.addWidget(choice)
        self._sheet = _Sheet(self)
        self.search.textChanged.connect(self._changed)
        for choice in self._choices:
            choice.currentIndexChanged.connect(self._changed)
        self.filter_button.clicked.connect(self._open_sheet)
        self._sheet.clear_button.clicked.connect(self.clear)

    def query(self) -> ClipQuery:
        """What the person asks for, in no certain order."""
        kind, judgement, split = self.kind.currentData(), self.verdict.currentData(), self.used.currentData()
        return ClipQuery(
            kinds=frozenset([ClipKind(kind)]) if kind else frozenset(ClipKind),
            speaker=self.person.currentData(),
            judgement=Judgement(judgement) if judgement else None,
            split=Split(split) if split else None,
            text=self.search.text().strip(),
        )

    def is_clear(self) -> bool:
        """Whether nothing is filtered out."""
        return not self.search.text().strip() and not self._set_choices()

    def clear(self) -> None:
        """Show everything again."""
        for choice in self._choices:
            choice.setCurrentIndex(0)
        self.search.clear()

    def show_doubtful(self) -> None:
        """Show the takes that wait to be heard, and nothing else."""
        self.clear()
        self.verdict.set_key(str(Judgement.DOUBTFUL))

    def show_person(self, name: str) -> None:
        """Show what somebody said."""
        self.person.setCurrentIndex(max(0, self.person.findData(name)))

    def show_kind(self, kind: ClipKind) -> None:
        """Show one kind."""
        self.kind.setCurrentIndex(max(0, self.kind.findData(str(kind))))

    def set_people(self, names: Sequence[str]) -> None:
        """Offer these people; who was chosen stays chosen."""
        if tuple(names) == self._people:
            return
        self._people = tuple(names)
        chosen = self.person.currentData()
        self.person.blockSignals(True)
        self.person.clear()
        self.person.addItem(self.tr("All people"), None)
        for name in names:
            self.person.addItem(name, name)
        self.person.addItem(self.tr("Nobody named"), "")
        place = next((row for row in range(self.person.count()) if self.person.itemData(row) == chosen), 0)
        self.person.setCurrentIndex(place)
        self.person.blockSignals(False)
        if self.person.currentData() != chosen:
            self._changed()

    def set_compact(self, on: bool) -> None:
        """Whether the choices hide behind one button."""
        if on == self._compact:
            return
        self._compact = on
        self.filter_button.setVisible(on)
        self._sheet.hide()
        for choice in self._choices:
            if on:
                self._sheet.take(choice)
            else:
                self._row.addWidget(choice)
            choice.show()
        self._count()

    def _fill(self) -> None:
        self.kind.addItem(self.tr("All kinds"), None)
        for kind in ClipKind:
            self.kind.addItem(kind_word(kind), str(kind))
        self.set_people([""])
        self.set_people([])
        self.verdict.addItem(self.tr("All verdicts"), None)
        self.verdict.addItem(self.tr("Good"), str(Judgement.GOOD))
        self.verdict.addItem(self.tr("To hear"), str(Judgement.DOUBTFUL))
        self.verdict.addItem(self.tr("Kept"), str(Judgement.KEPT))
        self.used.addItem(self.tr("Learning and test"), None)
        for split in Split:
            self.used.addItem(split_word(split), str(split))

    def _set_choices(self) -> int:
        return sum(choice.currentIndex() > 0 for choice in self._choices)

    def _changed(self) -> None:
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        count = self._set_choices()
        text = self.tr("Filter") if not count else self.tr("Filter ({count})").format(count=QLocale().toString(count))
        self.filter_button.setText(text)
        self.filter_button.updateGeometry()

    def _open_sheet(self) -> None:
        self._sheet.adjustSize()
        corner = QPoint(self.filter_button.width() - self._sheet.width(), self.filter_button.height())
        self._sheet.move(self.filter_button.mapToGlobal(corner))
        self._sheet.show()
        self.kind.setFocus(Qt.FocusReason.PopupFocusReason)


class _Sheet(QFrame):
    """The four choices one below the other, each with its name."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        u = Theme.current().u
        self.setAccessibleName(self.tr("Filter"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(u(4), u(4), u(4), u(4))
        self._column.setSpacing(u(1))
        self.clear_button = Button(self.tr("Show all"), "quiet", "x")
        self._column.addWidget(self.clear_button, 0, Qt.AlignmentFlag.AlignTrailing)
        self._labels: list[QLabel] = []

    def take(self, choice: Combo) -> None:
        """Put a choice at the end."""
        if choice.accessibleName() not in {label.text() for label in self._labels}:
            label = QLabel(choice.accessibleName())
            label.setBuddy(choice)
            self._labels.append(label)
            self._column.insertWidget(self._column.count() - 1, label)
        else:
            label = next(label for label in self._labels if label.text() == choice.accessibleName())
        self._column.insertWidget(self._column.indexOf(label) + 1, choice)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A surface with an edge."""
        tokens = Theme.current().tokens
        painter = painter_on(self)
        painter.fillRect(self.rect(), tokens.edge)
        painter.fillRect(self.rect().adjusted(1, 1, -1, -1), tokens.surface)


def _choice(name: str) -> Combo:
    choice = Combo()
    choice.setAccessibleName(name)
    choice.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToContents)
    return choice
