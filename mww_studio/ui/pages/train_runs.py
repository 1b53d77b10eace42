"""All runs of a project in a table that compares them, and what can be done with the chosen one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QWidget

from mww_studio.project.records import Run, RunState
from mww_studio.ui.icons import STATES, icon, state_colour
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.tables import ROW_U, Table
from mww_studio.ui.pages.train_numbers import when
from mww_studio.ui.pages.train_words import preset_title
from mww_studio.ui.theme import Theme

_MOST_ROWS = 8
_STATE_ICONS = {
    RunState.DONE: "ok",
    RunState.RUNNING: "info",
    RunState.INTERRUPTED: "warn",
    RunState.CANCELLED: "none",
    RunState.FAILED: "bad",
}


@dataclass(frozen=True)
class RunRow:
    """One run as it stands in the table; texts are empty where nothing was measured."""

    number: int
    run: Run
    heard: str = ""
    mistakes: str = ""
    cutoff: str = ""
    can_go_on: bool = False


class RunTableModel(QAbstractTableModel):
    """The runs, the newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []
        self._heads = (
            self.tr("Run"),
            self.tr("Started"),
            self.tr("How thorough"),
            self.tr("Heard"),
            self.tr("Wakes by mistake"),
            self.tr("Cut-off"),
            self.tr("How it ended"),
        )

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Show these runs, given with the oldest first."""
        self.beginResetModel()
        self._rows = list(reversed(rows))
        self.endResetModel()

    def row(self, number: int) -> RunRow:
        """The run in a line of the table."""
        return self._rows[number]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - as in Qt
        """How many runs there are."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - as in Qt
        """How many things are said of each."""
        return 0 if parent.isValid() else len(self._heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a column is about."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads[section]
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is said of a run."""
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(row)[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            state = _STATE_ICONS[row.run.state]
            return icon(STATES[state], state_colour(state))
        if role == Qt.ItemDataRole.ToolTipRole and row.run.message:
            return row.run.message
        return None

    def _texts(self, row: RunRow) -> tuple[str, ...]:
        run = row.run
        ends = {
            RunState.DONE: self.tr("finished"),
            RunState.RUNNING: self.tr("running"),
            RunState.INTERRUPTED: self.tr("cut off"),
            RunState.CANCELLED: self.tr("stopped"),
            RunState.FAILED: self.tr("stopped by itself"),
        }
        measured = (row.heard or "–", row.mistakes or "–", row.cutoff or "–")
        return (str(row.number), when(run.started_at), preset_title(run.preset), *measured, ends[run.state])


class RunsCard(Card):
    """The runs. ``results_wanted`` carries the id of a finished run, ``compare_wanted`` two, ``go_on_wanted`` one."""

    results_wanted = Signal(str)
    compare_wanted = Signal(str, str)
    go_on_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        u = Theme.current().u
        self.set_title(self.tr("All runs"))
        self.set_sentence(self.tr("Every number was measured on takes and sounds that the run never learned from."))
        self.model = RunTableModel(self)
        self.table = Table(self.tr("All runs"))
        self.table.setModel(self.model)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        head.resizeSection(0, u(16))
        self.table.selectionModel().selectionChanged.connect(self._on_choice)
        self.table.doubleClicked.connect(self._show_results)
        self.body.addWidget(self.table)
        buttons = FlowLayout()
        self._results = Button(self.tr("Show results"), "normal", "gauge")
        self._results.clicked.connect(self._show_results)
        self._compare = Button(self.tr("Compare the two"), "normal", "git-compare")
        self._compare.clicked.connect(self._show_difference)
        self._go_on = Button(self.tr("Go on with it"), "normal", "play")
        self._go_on.clicked.connect(self._continue)
        for button in (self._results, self._compare, self._go_on):
            buttons.addWidget(button)
        self.body.addLayout(buttons)
        self.body.addWidget(self._compare.reason_label())

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Show these runs, given with the oldest first, and choose the newest."""
        self.model.set_rows(rows)
        u = Theme.current().u
        lines = min(max(len(rows), 1), _MOST_ROWS)
        self.table.setFixedHeight(lines * u(ROW_U) + self.table.horizontalHeader().sizeHint().height() + u(1))
        if rows:
            self.table.selectRow(0)
        self._on_choice()

    def chosen(self) -> list[RunRow]:
        """The chosen runs, the newest first."""
        lines = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.row(line) for line in lines]

    def _on_choice(self) -> None:
        chosen = self.chosen()
        one = chosen[0] if len(chosen) == 1 else None
        both = len(chosen) == 2 and all(row.run.state is RunState.DONE for row in chosen)
        self._results.setEnabled(one is not None and one.run.state is RunState.DONE)
        self._go_on.setEnabled(one is not None and one.can_go_on)
        self._compare.set_reason("" if both else self.tr("Choose two finished runs (hold Ctrl)."))

    def _show_results(self) -> None:
        chosen = self.chosen()
        if len(chosen) == 1 and chosen[0].run.state is RunState.DONE:
            self.results_wanted.emit(chosen[0].run.id)

    def _show_difference(self) -> None:
        newer, older = self.chosen()
        self.compare_wanted.emit(older.run.id, newer.run.id)

    def _continue(self) -> None:
        self.go_on_wanted.emit(self.chosen()[0].run.id)
