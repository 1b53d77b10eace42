"""The Samples page: hear, correct and clean what was collected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from mww_studio.errors import StudioError
from mww_studio.jobs.importing import ImportReport
from mww_studio.project.records import ClipKind, Judgement
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.page import Page
from mww_studio.ui.pages.samples_actions import ActionBar, AskLine
from mww_studio.ui.pages.samples_changes import Changes
from mww_studio.ui.pages.samples_closer import ClipPanel
from mww_studio.ui.pages.samples_head import Head
from mww_studio.ui.pages.samples_import import AddPanel, LeftOutPanel, report_text
from mww_studio.ui.pages.samples_list import ListPart
from mww_studio.ui.pages.samples_sound import CurrentSound
from mww_studio.ui.pages.samples_stack import PartStack

if TYPE_CHECKING:
    from mww_studio.services.jobs import Job
    from mww_studio.services.session import Session
    from mww_studio.services.studio import Studio

DOUBTFUL, TRASH, ADD = "doubtful", "trash", "add"
_SPOKEN = (ClipKind.WAKE_WORD, ClipKind.NEAR, ClipKind.SPEECH)


class SamplesPage(Page):
    """All clips of the project in a table; what is done with them can be undone.

    Its arguments: ``doubtful``, ``trash``, ``add`` (asks for files), a kind of clip, the id of a clip, or somebody's
    name.
    """

    key = "samples"
    icon = "list-music"
    fills = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        self._head: Head | None = None
        super().__init__(studio, parent)
        self.list_part = ListPart()
        self.table, self.filters = self.list_part.table, self.list_part.filters
        self.panel = ClipPanel(studio.background)
        self.add_panel = AddPanel()
        self.left_out = LeftOutPanel()
        self.bar = ActionBar()
        self._stack = PartStack(self.list_part, self.panel, self.add_panel, self.left_out)
        self.content.addWidget(self._stack, 1)
        self.set_bar(self.bar)
        self._open_next: int | None = None
        self._sound = CurrentSound(studio, self)
        self._changes = Changes(studio, self)
        self.head = self._head = Head(self.actions, self)
        self.name_sheet = AskLine(self.tr("Who speaks?"), self.tr("Say so"), self)
        self.note_sheet = AskLine(self.tr("Note"), self.tr("Write it down"), self)
        self._connect()
        self._show_part(self.list_part)
        if studio.session is not None:
            self._attach(studio.session)

    @property
    def session(self) -> Session:
        """The open project; the page is shown only while there is one. Raises StudioError ``project.none``."""
        session = self.studio.session
        if session is None:
            raise StudioError("project.none", "No project is open.", do="Open one on the page Start.")
        return session

    def title(self) -> str:
        """Samples, or the trash."""
        return self.tr("Trash") if self._head and self.list_part.in_trash else self.tr("Samples")

    def sentence(self) -> str:
        """What there is, in numbers."""
        return self._head.sentence(self.list_part.found, trash=self.list_part.in_trash) if self._head else ""

    def primary(self) -> Button | None:
        """The one filled button of what is shown."""
        candidates = (
            self.add_panel.add_button,
            self.panel.cut_button,
            self.panel.keep_button,
            self.list_part.record_button,
            self.list_part.hear_button,
            self.bar.keep_button,
            self.bar.restore_button,
        )
        return next((button for button in candidates if button.isVisible() and button.kind == "primary"), None)

    def main_control(self) -> QWidget | None:
        """The table, or what stands in its place."""
        part = self._stack.part
        return self.list_part.main_control() if part is self.list_part else part

    def search_field(self) -> QWidget | None:
        """The search over the table."""
        if not self._is_listing:
            self._show_part(self.list_part)
        return self.filters.search

    def entered(self, argument: str) -> None:
        """Show what the argument asks for; without one leave the list as it was."""
        if argument == ADD:
            self.take_files([], ClipKind.WAKE_WORD)
            return
        if not argument:
            return
        self.show_trash(argument == TRASH)
        if argument == DOUBTFUL:
            self.filters.show_doubtful()
        elif argument in list(ClipKind):
            self.list_part.show_kind(ClipKind(argument))
        elif argument.isdecimal():
            self.filters.clear()
            self.list_part.choose_next([int(argument)])
            self.list_part.refresh()
        elif argument != TRASH:
            self.list_part.show_person(argument)

    def left(self) -> None:
        """Be silent."""
        self._sound.stop()

    def escape(self) -> bool:
        """Leave the trimming, then the close view, then the trash."""
        if self._stack.part is self.panel and self.panel.trimming:
            self.panel.leave_button.click()
        elif not self._is_listing:
            self._back()
        elif self.list_part.in_trash:
            self.show_trash(False)
        else:
            return False
        return True

    def set_compact(self, compact: bool) -> None:
        """Filters go behind one button, the bar takes two lines."""
        self.filters.set_compact(compact)
        self.bar.set_compact(compact)

    def take_files(self, paths: Sequence[Path], kind: str) -> None:
        """Ask what these files are, and for files where there are none."""
        if self.list_part.in_trash:
            self.show_trash(False)
        self.add_panel.set_people([person.name for person in self.session.people()])
        self.add_panel.set_paths(paths)
        self.add_panel.set_kind(ClipKind(kind))
        self._show_part(self.add_panel)
        (self.add_panel.add_button if paths else self.add_panel.files_button).setFocus()

    def show_trash(self, on: bool) -> None:
        """Show what is in the trash, or the samples again."""
        if not self._is_listing:
            self._show_part(self.list_part)
        self.bar.show_trash(on)
        self.list_part.show_trash(on)
        self._show_head()

    # Doing ------------------------------------------------------------------------------------------------------

    def _play(self, id_: int) -> None:
        row = self.list_part.row(id_)
        if row is not None:
            self._sound.toggle(id_, self.session.folder / row.clip.path)

    def _play_current(self) -> None:
        current = self.table.current_id()
        if current is not None:
            self._play(current)

    def _play_part(self, pcm: object) -> None:
        if self.panel.clip_id is not None:
            self._sound.toggle(self.panel.clip_id, pcm)  # type: ignore[arg-type]

    def _relabel(self, kind: str) -> None:
        self._changes.relabel(self._chosen(), ClipKind(kind))

    def _assign(self, name: str) -> None:
        self._changes.assign(self._chosen(), name)

    def _name_given(self, name: str) -> None:
        if name:
            self._assign(name)

    def _keep(self) -> None:
        ids = self._chosen()
        after = self.list_part.neighbour(ids) if self.list_part.is_doubting else ()
        if ids and self._changes.keep(ids):
            self.list_part.choose_next(after)

    def _move_to_trash(self) -> None:
        ids = self._chosen()
        after = self.list_part.neighbour(ids)
        if ids and not self.list_part.in_trash and self._changes.trash(ids):
            self.list_part.choose_next(after)

    def _restore(self) -> None:
        ids = self._chosen()
        after = self.list_part.neighbour(ids)
        if ids and self._changes.restore(ids):
            self.list_part.choose_next(after)

    def _trim(self, id_: int, start_s: float, end_s: float) -> None:
        part = self._changes.trim(id_, start_s, end_s)
        if part is not None:
            self.panel.set_trimming(False)
            self.list_part.choose_next([part.id])
            self._open_next = part.id

    def _ask_name(self) -> None:
        self.name_sheet.ask(self.bar.person_button)

    def _ask_note(self) -> None:
        clip = self.list_part.current()
        if clip is not None and not self.list_part.in_trash:
            self.note_sheet.ask(self.bar.play_button, clip.note)

    def _note_given(self, text: str) -> None:
        id_ = self.table.current_id()
        if id_ is not None:
            self._changes.note(id_, text)

    def _add_files(self, paths: list[Path], kind: str, person: str) -> None:
        self.show_message(None)
        try:
            self.session.import_files(paths, ClipKind(kind), person or None)
        except StudioError as error:
            self._fail(error)
            return
        self.show_trash(False)
        self._back()

    def _fail(self, error: StudioError) -> None:
        self.show_error(error).add_button(self.tr("Close"), self._close_message, "quiet", "x")

    # Showing ----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        table, bar, panel, listed = self.table, self.bar, self.panel, self.list_part
        for signal, slot in (
            (table.play_wanted, self._play),
            (table.closer_wanted, self._look_closer),
            (table.trash_wanted, self._move_to_trash),
            (table.keep_wanted, self._keep_by_key),
            (table.note_wanted, self._ask_note),
            (bar.play_wanted, self._play_current),
            (bar.kind_chosen, self._relabel),
            (bar.person_chosen, self._assign),
            (bar.name_wanted, self._ask_name),
            (bar.trim_wanted, self._trim_current),
            (bar.keep_wanted, self._keep),
            (bar.trash_wanted, self._move_to_trash),
            (bar.restore_wanted, self._restore),
            (panel.back_wanted, self._back),
            (panel.step_wanted, self._step),
            (panel.play_wanted, self._play_part),
            (panel.trim_wanted, self._trim),
            (panel.keep_wanted, self._keep),
            (panel.trash_wanted, self._move_to_trash),
            (panel.trouble, self._fail),
            (listed.listed, self._listed),
            (listed.choice_changed, self._choice_changed),
            (listed.trouble, self._fail),
            (listed.record_wanted, self._go_and_record),
            (listed.add_wanted, self._ask_files),
            (self.head.trash_wanted, self.show_trash),
            (self.head.add_wanted, self._ask_files),
            (self.head.emptied, self._changes.empty_trash),
            (self.name_sheet.answered, self._name_given),
            (self.note_sheet.answered, self._note_given),
            (self.add_panel.add_wanted, self._add_files),
            (self.add_panel.back_wanted, self._back),
            (self.left_out.back_wanted, self._back),
            (self._sound.wave_read, bar.show_wave),
            (self._sound.playing_changed, self._playing_changed),
            (self._sound.trouble, self._fail),
            (self._changes.trouble, self._fail),
            (self.studio.session_opened, self._attach),
            (self.studio.session_closed, self._detach),
            (self.studio.jobs.ended, self._job_ended),
        ):
            signal.connect(slot)
        for keys, slot in (("Ctrl+M", self._open_people), ("Ctrl+T", self._trim_current)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    def _attach(self, session: Session) -> None:
        self._detach()
        self.list_part.attach(session)

    def _detach(self) -> None:
        self._sound.stop()
        self.list_part.detach()
        self.bar.show_trash(False)
        self.show_message(None)
        self._show_part(self.list_part)

    def _listed(self) -> None:
        found = self.list_part.found
        if found is not None:
            self.bar.set_people(found.facts.people)
            first = next(iter(self.list_part.model.ids), None)
            if self.list_part.is_doubting and first is not None and not self.table.chosen():
                self.table.choose([first], first)  # each waits for a decision, so one is always up
            self._show_head()
            self._choice_changed()
            self._follow()

    def _follow(self) -> None:
        """Keep the close view at a clip that is there."""
        if self._stack.part is not self.panel:
            return
        wanted = self._open_next or self.panel.clip_id
        self._open_next = None
        if self.list_part.row(wanted) is None:
            wanted = self.table.current_id()
        if wanted is None:
            self._back()
        elif not self.panel.trimming:
            self._open_panel(wanted)

    def _choice_changed(self) -> None:
        found, current = self.list_part.found, self.list_part.current()
        self.bar.show_choice(
            self.table.chosen(),
            len(self.list_part.model.ids),
            found.total if found else 0,
            doubtful=current is not None and current.judgement is Judgement.DOUBTFUL,
            spoken=current is None or current.kind in _SPOKEN,
        )
        self.bar.show_keep_as_primary(self.list_part.is_doubting)
        if current is None or self.studio.session is None:
            self._sound.forget()
        else:
            self._sound.read(current, self.session.folder)

    def _playing_changed(self, id_: int) -> None:
        """``id_``: what is heard now, 0 for nothing."""
        self.table.show_playing(id_ or None)
        self.bar.show_playing(bool(id_))
        self.panel.show_playing(bool(id_))

    def _look_closer(self, id_: int) -> None:
        self.table.choose([id_], id_)
        self._open_panel(id_)
        self.panel.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_panel(self, id_: int, *, trimming: bool = False) -> None:
        row = self.list_part.row(id_)
        if row is not None:
            self.panel.show_row(row, self.session.folder, trimming=trimming, trashed=self.list_part.in_trash)
            self._show_part(self.panel)

    def _trim_current(self) -> None:
        current = self.table.current_id()
        if current is None or self.list_part.in_trash or self.table.chosen() != 1:
            return
        if self._stack.part is self.panel:
            self.panel.set_trimming(True)
        elif self._is_listing:
            self._open_panel(current, trimming=True)

    def _step(self, rows: int) -> None:
        self._sound.stop()
        id_ = self.table.step(rows)
        if id_ is not None:
            self._open_panel(id_)

    def _back(self) -> None:
        self._sound.stop()
        self._show_part(self.list_part)
        self.list_part.main_control().setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _is_listing(self) -> bool:
        return self._stack.part is self.list_part

    def _show_part(self, part: QWidget) -> None:
        self._stack.show_part(part)
        self._show_head()

    def _show_head(self) -> None:
        found = self.list_part.found
        self.head.show(
            listing=self._is_listing,
            trash=self.list_part.in_trash,
            empty=self.list_part.is_empty,
            trashed=found.facts.trashed if found else 0,
        )
        self.bar.setVisible(self._is_listing and bool(self.list_part.model.ids))
        self.update_head()

    def _job_ended(self, job: Job) -> None:
        session = self.studio.session
        if session is None or job not in session.jobs or job.kind != "import":
            return
        if isinstance(job.result, ImportReport):
            self._show_report(job.result)
        elif job.error is not None:
            self._fail(job.error)

    def _show_report(self, report: ImportReport) -> None:
        self.left_out.show_report(report)
        message = Message("info" if report.failed else "ok", report_text(report))
        if report.failed:
            message.add_button(self.tr("Show which"), self._show_left_out)
        message.add_button(self.tr("Close"), self._close_message, "quiet", "x")
        self.show_message(message)

    def _show_left_out(self) -> None:
        self.show_message(None)
        self._show_part(self.left_out)

    def _close_message(self) -> None:
        self.show_message(None)

    def _go_and_record(self) -> None:
        self.navigate.emit("record", "")

    def _ask_files(self) -> None:
        self.take_files([], ClipKind.WAKE_WORD)

    def _open_people(self) -> None:
        if self._is_listing and not self.list_part.in_trash:
            self.bar.open_people()

    def _keep_by_key(self) -> None:
        if self.bar.keep_button.isVisible():
            self._keep()

    def _chosen(self) -> list[int]:
        if self._stack.part is self.panel and self.panel.clip_id is not None:
            return [self.panel.clip_id]
        return self.table.chosen_ids()
