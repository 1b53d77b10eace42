"""The clips of a project as a table of any length: a list of ids, and the rows of them that are being looked at."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from mww_studio.project.records import Clip, ClipOrder, Split
from mww_studio.ui.models.clip_words import (
    kind_word,
    length_text,
    manner,
    person_name,
    reason,
    split_word,
    take_name,
    verdict_word,
)

PAGE_ROWS = 256
_PAGES_KEPT = 32

Index = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    """The columns, in their order."""

    PLAY = 0
    NAME = 1
    KIND = 2
    PERSON = 3
    HOW = 4
    LENGTH = 5
    VERDICT = 6
    USED = 7
    WHY = 8


ORDERS: Mapping[Column, ClipOrder] = {
    Column.NAME: ClipOrder.ID,
    Column.KIND: ClipOrder.KIND,
    Column.PERSON: ClipOrder.SPEAKER,
    Column.LENGTH: ClipOrder.DURATION,
    Column.VERDICT: ClipOrder.JUDGEMENT,
}


@dataclass(frozen=True)
class ClipRow:
    """One clip as it stands in the table: ``texts`` by column, made once."""

    clip: Clip
    texts: tuple[str, ...]


@dataclass(frozen=True)
class _Page:
    """The clips of some rows, and what was made of those that came into sight, by id."""

    clips: dict[int, Clip]
    rows: dict[int, ClipRow]


class ClipTableModel(QAbstractTableModel):
    """Shows the clips whose ids it is given, in that order; fetches them in pages when they come into sight.

    ``fetch`` turns ids into clips; it may leave out those that are gone, which then stand there empty.
    """

    def __init__(self, fetch: Callable[[Sequence[int]], list[Clip]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._ids: Sequence[int] = ()
        self._rows: dict[int, int] | None = None
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._splits: Mapping[int, Split] = {}
        self._headings = (
            "",
            self.tr("Name"),
            self.tr("Kind"),
            self.tr("Person"),
            self.tr("How"),
            self.tr("Length"),
            self.tr("Verdict"),
            self.tr("Used for"),
            self.tr("Why"),
        )

    @property
    def ids(self) -> Sequence[int]:
        """The ids of the clips, from the first row to the last."""
        return self._ids

    def show_ids(self, ids: Sequence[int]) -> None:
        """Show these clips instead, read anew."""
        self.beginResetModel()
        self._ids = ids
        self._rows = None
        self._pages.clear()
        self.endResetModel()

    def show_splits(self, splits: Mapping[int, Split]) -> None:
        """Say what each clip is used for."""
        self._splits = splits
        self._pages.clear()
        if self._ids:
            self.dataChanged.emit(self.index(0, Column.USED), self.index(len(self._ids) - 1, Column.USED))

    def row_of(self, id_: int) -> int | None:
        """In which row a clip stands; None where it is not shown."""
        if self._rows is None:
            self._rows = {id_: row for row, id_ in enumerate(self._ids)}
        return self._rows.get(id_)

    def row(self, number: int) -> ClipRow | None:
        """A row's clip and its texts; None where the clip is gone from the project."""
        page, id_ = self._page(number // PAGE_ROWS), self._ids[number]
        made = page.rows.get(id_)
        if made is None and (clip := page.clips.get(id_)) is not None:
            made = page.rows[id_] = self._made(clip)
        return made

    def clip(self, number: int) -> Clip | None:
        """A row's clip; None where it is gone from the project."""
        found = self.row(number)
        return found.clip if found else None

    def rowCount(self, parent: Index | None = None) -> int:
        """As many rows as ids."""
        return 0 if parent is not None and parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index | None = None) -> int:
        """One for each :class:`Column`."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._headings[section] or self.tr("Play")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Texts, and for screen readers what the icons say."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return alignment(index.column())
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return None
        found = self.row(index.row())
        if found is None:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(found, Column(index.column()))
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == Column.PLAY:
            return self.tr("Play {name}").format(name=found.texts[Column.NAME])
        return found.texts[index.column()]

    def _tip(self, row: ClipRow, column: Column) -> str | None:
        match column:
            case Column.PLAY:
                return self.tr("Play (Space)")
            case Column.NAME:
                return "\n".join(text for text in (row.clip.source, row.clip.note) if text) or None
            case Column.VERDICT:
                return reason(row.clip) or None
            case _:
                return None

    def _page(self, number: int) -> "_Page":
        page = self._pages.get(number)
        if page is None:
            first = number * PAGE_ROWS
            page = _Page({clip.id: clip for clip in self._fetch(self._ids[first : first + PAGE_ROWS])}, {})
            self._pages[number] = page
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page

    def _made(self, clip: Clip) -> ClipRow:
        split = self._splits.get(clip.id)
        texts = (
            "",
            take_name(clip),
            kind_word(clip.kind),
            person_name(clip),
            manner(clip),
            length_text(clip.duration_s),
            verdict_word(clip),
            split_word(split) if split else "",
            reason(clip),
        )
        return ClipRow(clip, texts)


def alignment(column: int) -> Qt.AlignmentFlag:
    """Numbers stand at the trailing edge, one below the other; words at the leading one."""
    side = Qt.AlignmentFlag.AlignTrailing if column == Column.LENGTH else Qt.AlignmentFlag.AlignLeading
    return side | Qt.AlignmentFlag.AlignVCenter
