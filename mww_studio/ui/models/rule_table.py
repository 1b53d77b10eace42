"""The verdicts of the law as a table: outcome, article, what the rule says, what was found, what is expected."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from mww_studio.constitution.articles import law
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.ui.icons import STATES, icon, state_colour

_STATES = {Outcome.PASS: "ok", Outcome.WARN: "warn", Outcome.FAIL: "bad"}
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class RuleTable(QAbstractTableModel):
    """One row a verdict, broken rules first; the tooltip says what breaks."""

    def __init__(self) -> None:
        super().__init__()
        self._verdicts: list[Verdict] = []

    def set_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Show these."""
        order = [Outcome.FAIL, Outcome.WARN, Outcome.PASS]
        self.beginResetModel()
        self._verdicts = sorted(verdicts, key=lambda verdict: order.index(verdict.outcome))
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        """One row a verdict."""
        return 0 if parent.isValid() else len(self._verdicts)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        """Outcome, article, rule, found, expected."""
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What each column says."""
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        names = (self.tr("Kept"), self.tr("Article"), self.tr("Rule"), self.tr("Found"), self.tr("Expected"))
        return names[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, and the icon of the outcome."""
        verdict = self._verdicts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(verdict)[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self._texts(verdict)[index.column()]
            return text if verdict.outcome is Outcome.PASS else f"{text}\n{verdict.consequence}"
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            state = _STATES[verdict.outcome]
            return icon(STATES[state], state_colour(state))
        return None

    def _texts(self, verdict: Verdict) -> tuple[str, str, str, str, str]:
        words = {Outcome.PASS: self.tr("yes"), Outcome.WARN: self.tr("almost"), Outcome.FAIL: self.tr("no")}
        rule = law().rules.get(verdict.rule)
        says = rule.says if rule else verdict.rule
        return words[verdict.outcome], verdict.article, says, verdict.found, verdict.expected
