"""Two runs side by side, with the difference in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from mww_studio.evaluation.scorecard import NOBODY, Scorecard
from mww_studio.project.records import ClipKind, Split
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.pages.results_words import cutoff_text, delay_text, in_time, likely, of, proves
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.jobs.results import Results


@dataclass(frozen=True)
class _Line:
    name: str
    older: str
    newer: str
    difference: str


class CompareCard(Card):
    """What two runs measured, line by line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(padding=4, parent=parent)
        self._holder = QWidget()
        self.body.addWidget(self._holder)
        self._note = Caption(wrap=True)
        self.body.addWidget(self._note)

    def set_results(self, older: "Results", newer: "Results", names: tuple[str, str]) -> None:
        """Show these two, called ``names``."""
        u = Theme.current().u
        self.set_title(self.tr("{older} and {newer}").format(older=names[0], newer=names[1]))
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(u(6))
        grid.setVerticalSpacing(u(2))
        for column, part in enumerate((2, 3, 3, 4)):
            grid.setColumnStretch(column, part)
        for column, name in enumerate((*names, self.tr("Difference")), start=1):
            grid.addWidget(Caption(name), 0, column)
        lines = self._lines(older, newer)
        for number, line in enumerate(lines, start=1):
            grid.addWidget(Label(line.name, wrap=True), number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(line.older, wrap=True), number, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(line.newer, "strong", wrap=True), number, 2, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(line.difference, colour="text2", wrap=True), number, 3, Qt.AlignmentFlag.AlignTop)
        self.body.replaceWidget(self._holder, holder)
        self._holder.hide()
        self._holder.deleteLater()
        self._holder = holder
        text = self.tr("Differences that are smaller than both intervals may be luck: compare the likely ends as well.")
        if _examined(older) != _examined(newer):
            text = self.tr(
                "These runs were not examined on the same takes and sounds, and a difference may come from that alone. "
                "The full report compares them on what examined both."
            )
        self._note.setText(text)

    def _lines(self, older: "Results", newer: "Results") -> list[_Line]:
        one, other = older.report.scorecard, newer.report.scorecard
        lines = [
            _Line(
                self.tr("Hears the wake word"),
                of(one.recall.detected, one.recall.clips),
                of(other.recall.detected, other.recall.clips),
                self._heard(one, other),
            ),
            _Line(self.tr("Likely"), likely(one.recall), likely(other.recall), ""),
            _Line(
                self.tr("Wakes by mistake"),
                in_time(one.false_accepts.false_accepts, one.false_accepts.hours),
                in_time(other.false_accepts.false_accepts, other.false_accepts.hours),
                self._woke(one, other),
            ),
            _Line(self.tr("Proves"), proves(one.false_accepts), proves(other.false_accepts), ""),
            _Line(self.tr("Answers after"), delay_text(one.delay)[0], delay_text(other.delay)[0], ""),
            _Line(self.tr("Cut-off"), cutoff_text(one.cutoff), cutoff_text(other.cutoff), ""),
        ]
        for name, recall in other.speakers.items():
            before = one.speakers.get(name)
            text = of(before.detected, before.clips) if before else "–"
            shown = self.tr("Without a name") if name == NOBODY else name
            lines.append(_Line(shown, text, of(recall.detected, recall.clips), ""))
        return lines

    def _heard(self, one: Scorecard, other: Scorecard) -> str:
        share = round(100 * other.recall.recall) - round(100 * one.recall.recall)
        if not share:
            return self.tr("The same.")
        if share > 0:
            return self.tr("It hears {count} more of 100.").format(count=share)
        return self.tr("It hears {count} fewer of 100.").format(count=-share)

    def _woke(self, one: Scorecard, other: Scorecard) -> str:
        change = other.false_accepts.per_hour - one.false_accepts.per_hour
        if not change:
            return self.tr("The same.")
        if change > 0:
            return self.tr("It wakes by mistake more often.")
        return self.tr("It wakes by mistake less often.")


def _examined(results: "Results") -> set[tuple[ClipKind, str]]:
    """The takes and sounds on which a run was examined."""
    examining = {ClipKind.WAKE_WORD, ClipKind.SPEECH, ClipKind.AMBIENCE}
    tested = (clip for clip in results.spec.clips if results.spec.splits[clip.id] is Split.TEST)
    return {(clip.kind, clip.sha256) for clip in tested if clip.kind in examining}
