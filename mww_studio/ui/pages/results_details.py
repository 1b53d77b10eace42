"""Curves and details: every cut-off as a curve and as a table, conditions, sources, and the rules of ESPHome."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QGridLayout, QHeaderView, QVBoxLayout, QWidget

from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.evaluation.detector import cutoff_byte
from mww_studio.evaluation.scorecard import CurvePoint, Scorecard
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.plots import LinePlot
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.tables import Table
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.results_words import in_time, likely, of, proves, rate_text
from mww_studio.ui.theme import Theme

_TABLE_U = 64
_PLOT_U = 64
_SHOWN_PER_HOUR = 5.0
_LEAST_PERCENT = 10.0
_OUTCOMES = {Outcome.PASS: "ok", Outcome.WARN: "warn", Outcome.FAIL: "bad"}


class CurveModel(QAbstractTableModel):
    """What every cut-off gave on the test takes, the strictest last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._points: list[CurvePoint] = []
        self._clips, self._hours = 0, 0.0
        self.heads = (
            self.tr("Cut-off"),
            self.tr("Byte"),
            self.tr("Heard"),
            self.tr("Wakes by mistake"),
            self.tr("Mistakes an hour"),
        )

    def set_scorecard(self, card: Scorecard) -> None:
        """Show the points of this one."""
        self.beginResetModel()
        self._points = list(card.curve)
        self._clips, self._hours = card.recall.clips, card.false_accepts.hours
        self.endResetModel()

    def line_of(self, byte: int) -> int:
        """The line in which a cut-off byte stands."""
        return next((line for line, point in enumerate(self._points) if cutoff_byte(point.cutoff) == byte), 0)

    def texts(self, line: int) -> tuple[str, ...]:
        """What is said of a point."""
        point = self._points[line]
        rate = rate_text(point.false_accepts / self._hours) if self._hours else "–"
        byte = cutoff_byte(point.cutoff)
        heard, woke = of(point.detected, self._clips), in_time(point.false_accepts, self._hours)
        return (f"{point.cutoff:.3f}", str(byte), heard, woke, rate)

    def as_csv(self) -> str:
        """All points with plain numbers, for a spreadsheet."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("cutoff", "byte", "heard", "takes", "wakes_by_mistake", "hours"))
        for point in self._points:
            byte = cutoff_byte(point.cutoff)
            writer.writerow((point.cutoff, byte, point.detected, self._clips, point.false_accepts, self._hours))
        return text.getvalue()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - as in Qt
        """How many cut-offs there are."""
        return 0 if parent.isValid() else len(self._points)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - as in Qt
        """How many things are said of each."""
        return 0 if parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a column is about."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.heads[section]
        return None

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is said of a point."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.texts(index.row())[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        return None


class CurveCard(Card):
    """Missed takes against wakes by mistake for every cut-off, with the chosen one as a dot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        u = Theme.current().u
        self.set_filling()
        self.set_title(self.tr("Every cut-off at once"))
        self.set_sentence(
            self.tr("Each corner of the line is a cut-off. Down and to the left is better. The dot is the one in use.")
        )
        self.plot = LinePlot(
            self.tr("Missed takes against wakes by mistake"), self.tr("wakes by mistake an hour"), self.tr("missed (%)")
        )
        self.plot.setMinimumHeight(u(_PLOT_U))
        self.body.addWidget(self.plot)

    def set_scorecard(self, card: Scorecard) -> None:
        """Draw what was measured on the test takes."""
        hours, clips = card.false_accepts.hours or 1.0, max(card.recall.clips, 1)
        rates, missed = _steps(
            [(point.false_accepts / hours, 100 * (1 - point.detected / clips)) for point in card.curve]
        )
        self.plot.set_series("s1", rates, missed)
        self.plot.set_best(card.false_accepts.per_hour, 100 * (1 - card.recall.recall))
        most = max(_SHOWN_PER_HOUR, 2 * card.false_accepts.per_hour)
        seen = [share for rate, share in zip(rates, missed, strict=True) if rate <= most]
        self.plot.set_ranges(x=(0.0, most), y=(0.0, max([*seen, _LEAST_PERCENT])))
        text = self.tr("In use: {heard} heard, {woke} woken by mistake.")
        rate = card.false_accepts
        heard = of(card.recall.detected, card.recall.clips)
        self.plot.describe(text.format(heard=heard, woke=in_time(rate.false_accepts, rate.hours)))


class CurveTableCard(Card):
    """The same as a table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        u = Theme.current().u
        self.set_title(self.tr("The same as a table"))
        copy = Button(self.tr("Copy as CSV"), "quiet", "copy")
        copy.clicked.connect(self._copy)
        self.header.addWidget(copy)
        self.model = CurveModel(self)
        self.table = Table(self.tr("Every cut-off"))
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.setMinimumHeight(u(_TABLE_U))
        self.body.addWidget(self.table)

    def set_scorecard(self, card: Scorecard) -> None:
        """Show what was measured, at the cut-off in use."""
        self.model.set_scorecard(card)
        self.table.selectRow(self.model.line_of(cutoff_byte(card.cutoff)))

    def showEvent(self, event: QShowEvent) -> None:
        """Let the cut-off in use stand in the middle."""
        super().showEvent(event)
        self.table.scrollTo(self.table.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.model.as_csv())


class RulesCard(Card):
    """Whether the file keeps the rules of ESPHome; those that are broken stand here with what breaks otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        self.set_title(self.tr("The rules of ESPHome"))
        self._rows: list[StatusRow] = []
        self._all = False
        self._verdicts: tuple[Verdict, ...] = ()
        self._show = Button(self.tr("Show every rule"), "quiet", "chevron-down")
        self._show.clicked.connect(self._show_all)
        self.header.addWidget(self._show)

    def set_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Show these."""
        self._verdicts, self._all = tuple(verdicts), False
        self._fill()

    def _fill(self) -> None:
        for old in self._rows:
            self.body.removeWidget(old)
            old.hide()
            old.deleteLater()
        kept = sum(one.outcome is Outcome.PASS for one in self._verdicts)
        state = "ok" if kept == len(self._verdicts) else "warn"
        if any(one.outcome is Outcome.FAIL for one in self._verdicts):
            state = "bad"
        summary = self.tr("{kept} rules kept").format(kept=of(kept, len(self._verdicts)))
        self._rows = [StatusRow(state, summary)]
        for one in self._verdicts:
            if self._all or one.outcome is not Outcome.PASS:
                found = self.tr("{rule}: found {found}, expected {expected}").format(
                    rule=one.rule, found=one.found, expected=one.expected
                )
                sentence = "" if one.outcome is Outcome.PASS else one.consequence
                self._rows.append(StatusRow(_OUTCOMES[one.outcome], found, sentence))
        for row in self._rows:
            self.body.addWidget(row)
        self._show.setVisible(not self._all and bool(self._verdicts))

    def _show_all(self) -> None:
        self._all = True
        self._fill()


class ConditionsCard(Card):
    """How it fared in other conditions, and what woke it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        self.set_title(self.tr("With noise, and what woke it"))
        self._holder = QWidget()
        self.body.addWidget(self._holder)
        self._remarks = Caption(wrap=True)
        self.body.addWidget(self._remarks)

    def set_conditions(self, conditions: dict[str, Scorecard], remarks: Sequence[str]) -> None:
        """Show all scorecards of a run, the first of which carries the verdict, and what they do not show."""
        u = Theme.current().u
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(u(4))
        grid.setVerticalSpacing(u(1))
        grid.setColumnStretch(2, 1)
        lines = [
            (
                self.tr("Without noise") if number == 0 else self.tr("With noise"),
                of(card.recall.detected, card.recall.clips),
                likely(card.recall),
            )
            for number, card in enumerate(conditions.values())
        ]
        sources = next(iter(conditions.values())).sources
        worst = sorted(sources.items(), key=lambda item: -item[1].false_accepts)
        lines += [
            (name, in_time(rate.false_accepts, rate.hours), proves(rate)) for name, rate in worst if rate.false_accepts
        ]
        for line, (name, number, worth) in enumerate(lines):
            grid.addWidget(Label(name, wrap=True), line, 0)
            grid.addWidget(Label(number, "strong"), line, 1)
            grid.addWidget(Caption(worth, wrap=True), line, 2)
        if len(lines) == len(conditions):
            grid.addWidget(Label(self.tr("No sound woke it by mistake."), colour="text2"), len(lines), 0, 1, 3)
        self.body.replaceWidget(self._holder, holder)
        self._holder.hide()
        self._holder.deleteLater()
        self._holder = holder
        self._remarks.setText(" ".join(remarks))
        self._remarks.setVisible(bool(remarks))


class DetailsView(QWidget):
    """Curve, table, rules, conditions. ``left`` goes back to the numbers."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Theme.current().u(4))
        self.curve = CurveCard()
        self.table = CurveTableCard()
        self.rules = RulesCard()
        self.conditions = ConditionsCard()
        for card in (self.curve, self.table, self.rules, self.conditions):
            column.addWidget(card)
        column.addStretch(1)

    def set_results(self, conditions: dict[str, Scorecard], remarks: Sequence[str]) -> None:
        """Show what a run measured."""
        first = next(iter(conditions.values()))
        self.curve.set_scorecard(first)
        self.table.set_scorecard(first)
        self.conditions.set_conditions(conditions, remarks)


def _steps(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The best that any cut-off gives, as a staircase: for each number of wakes by mistake the fewest missed takes."""
    rates: list[float] = []
    missed: list[float] = []
    for rate, share in sorted(points):
        if not missed:
            rates.append(rate)
            missed.append(share)
        elif share < missed[-1]:
            rates += [rate, rate]
            missed += [missed[-1], share]
    return [*rates, max(rate for rate, _ in points)], [*missed, missed[-1]]
