"""The list part of the samples: filters, the table, and what stands there when it has no rows."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mww_studio.project.records import Clip, ClipKind, ClipOrder, Judgement
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.text import Label
from mww_studio.ui.models.clip_list import ClipList, Found
from mww_studio.ui.models.clip_table import ClipRow, ClipTableModel
from mww_studio.ui.pages.samples_filters import FilterBar
from mww_studio.ui.pages.samples_stack import PartStack
from mww_studio.ui.pages.samples_table import ClipTable
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.session import Session


class ListPart(QWidget):
    """Filters above a table, or one of the empty states in its place.

    ``listed``: the rows are those that were asked for. ``choice_changed``: other rows are chosen.
    """

    listed = Signal()
    choice_changed = Signal()
    trouble = Signal(object)
    record_wanted = Signal()
    add_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.in_trash = False
        self._session: Session | None = None
        self._list: ClipList | None = None
        self._order = (ClipOrder.ID, True)
        self._choose_next: tuple[int, ...] = ()
        self.model = ClipTableModel(self._fetch, self)
        u = Theme.current().u
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(3))
        self.filters = FilterBar()
        self.hear_button = Button("", "primary", "ear")
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(u(2))
        row.addWidget(self.filters, 1)
        row.addWidget(self.hear_button)
        column.addWidget(self._row)
        self._doubt = QWidget()
        doubt = QHBoxLayout(self._doubt)
        doubt.setContentsMargins(0, 0, 0, 0)
        doubt.setSpacing(u(2))
        text = self.tr("These takes sound doubtful. Listen to each: keep it, trim it, or move it to the trash.")
        doubt.addWidget(Label(text, wrap=True), 1)
        self.all_button = Button(self.tr("Show all samples"), "quiet")
        doubt.addWidget(self.all_button)
        column.addWidget(self._doubt)
        self.table = ClipTable(self.model)
        self.table.show_order(*self._order)
        self._waiting = QWidget()
        self._empty = EmptyState(
            "list-music", self.tr("No samples yet"), self.tr("Record some, or drop audio files here.")
        )
        self.record_button = self._empty.add_button(self.tr("Record"), self.record_wanted.emit, "primary", "mic")
        self.add_button = self._empty.add_button(self.tr("Add files…"), self.add_wanted.emit, "normal", "folder-plus")
        self._nothing = EmptyState("search-x", self.tr("Nothing matches"), self.tr("No sample fits all the filters."))
        self.clear_button = self._nothing.add_button(self.tr("Clear filters"), self.filters.clear, "normal", "x")
        self._no_trash = EmptyState(
            "trash-2",
            self.tr("The trash is empty"),
            self.tr("What is moved here waits until you empty the trash."),
        )
        self._stack = PartStack(self._waiting, self.table, self._empty, self._nothing, self._no_trash)
        column.addWidget(self._stack, 1)
        self.hear_button.clicked.connect(self.filters.show_doubtful)
        self.all_button.clicked.connect(self.filters.clear)
        self.filters.changed.connect(self._ask_soon)
        self.table.order_wanted.connect(self._sort)
        self.table.choice_changed.connect(self.choice_changed)

    @property
    def is_empty(self) -> bool:
        """Whether there are no samples at all, so that recording is what the page is about."""
        return self._stack.part is self._empty

    @property
    def found(self) -> Found | None:
        """What was found last."""
        return self._list.found if self._list else None

    @property
    def is_doubting(self) -> bool:
        """Whether only takes that wait to be heard are shown."""
        return self.found is not None and self.found.query.judgement is Judgement.DOUBTFUL

    def attach(self, session: Session) -> None:
        """Show the clips of this project from now on."""
        self.detach()
        self._session = session
        self._list = ClipList(session, self.model, self)
        self._list.listed.connect(self._show_found)
        self._list.trouble.connect(self.trouble)
        session.clips_changed.connect(self._list.refresh)
        session.people_changed.connect(self._list.refresh)
        self._list.refresh()

    def detach(self) -> None:
        """Show nothing: the project is closed."""
        if self._list is not None:
            self._list.stop()
            self._list.deleteLater()
        self._list = self._session = None
        self._choose_next = ()
        self.in_trash = False
        self.table.show_used(True)
        self.model.show_ids(())
        self.filters.clear()

    def show_trash(self, on: bool) -> None:
        """Show what is in the trash, or the samples again."""
        if on != self.in_trash:
            self.in_trash = on
            self.table.clearSelection()
            self.filters.clear()
            self.table.show_used(not on)
            self._ask(at_once=True)

    def show_kind(self, kind: ClipKind) -> None:
        """Show one kind of clips alone."""
        self.filters.clear()
        self.filters.show_kind(kind)

    def show_person(self, name: str) -> None:
        """Show what somebody said alone."""
        self.filters.clear()
        self.filters.show_person(name)

    def refresh(self) -> None:
        """List the clips anew."""
        if self._list is not None:
            self._list.refresh()

    def choose_next(self, ids: Sequence[int]) -> None:
        """Choose these clips as soon as they are listed."""
        self._choose_next = tuple(ids)

    def row(self, id_: int | None) -> ClipRow | None:
        """A clip's row; None where it is not listed."""
        number = None if id_ is None else self.model.row_of(id_)
        return None if number is None else self.model.row(number)

    def current(self) -> Clip | None:
        """The chosen clip whose row has the focus."""
        row = self.row(self.table.current_id())
        return row.clip if row else None

    def neighbour(self, ids: Sequence[int]) -> tuple[int, ...]:
        """What to choose when these clips are gone from the list: the one below them, else the one above."""
        rows = [row for row in map(self.model.row_of, ids) if row is not None]
        below, above = max(rows, default=-1) + 1, min(rows, default=0) - 1
        if 0 < below < len(self.model.ids):
            return (self.model.ids[below],)
        return (self.model.ids[above],) if above >= 0 else ()

    def main_control(self) -> QWidget:
        """What gets the focus: the table, or the button that cures its emptiness."""
        match self._stack.part:
            case self._empty:
                return self.record_button
            case self._nothing:
                return self.clear_button
            case _:
                return self.table

    def _fetch(self, ids: Sequence[int]) -> list[Clip]:
        if self._session is None or not self._session.is_open:
            return []
        # Asked while painting, where nothing may be raised. A library that cannot be read is told by the next list.
        with contextlib.suppress(sqlite3.Error):
            return self._session.project.clips_by_id(ids)
        return []

    def _ask_soon(self) -> None:
        self._ask(at_once=False)

    def _ask(self, *, at_once: bool) -> None:
        if self._list is not None:
            order, descending = self._order
            query = replace(self.filters.query(), trashed=self.in_trash, order=order, descending=descending)
            self._list.ask(query, at_once=at_once)

    def _sort(self, order: ClipOrder, descending: bool) -> None:
        self._order = (order, descending)
        self.table.show_order(order, descending)
        self._ask(at_once=True)

    def _show_found(self) -> None:
        found = self.found
        if found is None:
            return
        self.filters.set_people(found.facts.people)
        trash = found.query.trashed
        if found.ids:
            self._stack.show_part(self.table)
        elif found.total and not self.filters.is_clear():
            self._stack.show_part(self._nothing)
        else:
            self._stack.show_part(self._no_trash if trash else self._empty)
        self._row.setVisible(not self.is_empty)
        one, many = self.tr("1 to hear"), self.tr("{count} to hear")
        text = one if found.facts.doubtful == 1 else many.format(count=QLocale().toString(found.facts.doubtful))
        self.hear_button.setText(text)
        self.hear_button.updateGeometry()
        self.hear_button.setVisible(found.facts.doubtful > 0 and not self.is_doubting and not trash)
        self._doubt.setVisible(self.is_doubting and not trash and bool(found.ids))
        if self._choose_next:
            self.table.choose(self._choose_next, self._choose_next[0])
            self._choose_next = ()
        self.listed.emit()
