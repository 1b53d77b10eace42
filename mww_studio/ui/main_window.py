"""The frame: rail, pages, strip, and everything that reaches across the pages."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.services.job_thread import JobState
from mww_studio.services.jobs import Job
from mww_studio.services.studio import UNDO, Notice, Studio
from mww_studio.ui import job_words
from mww_studio.ui.commands import Commands
from mww_studio.ui.drop import DropFrame, DropKind, kind_of
from mww_studio.ui.job_strip import JobStrip
from mww_studio.ui.keys import KeysDialog
from mww_studio.ui.kit.dialogs import Answer, ask
from mww_studio.ui.kit.toast import Toast
from mww_studio.ui.offers import Offers
from mww_studio.ui.page_list import PAGES, PageEntry
from mww_studio.ui.rail import Rail
from mww_studio.ui.rail_keeper import RailKeeper
from mww_studio.ui.theme import Mode, Theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mww_studio.services.session import Session
    from mww_studio.ui.page import Page

_COMPACT_BELOW_U = 280
_STOP, _FINISH, _STAY = "stop", "finish", "stay"


class MainWindow(QMainWindow):
    """One window for the whole program. Pages are made when they are first shown."""

    def __init__(self, studio: Studio, pages: "Sequence[PageEntry]" = PAGES, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self._entries = {entry.key: entry for entry in pages}
        self._pages: dict[str, Page] = {}
        self._key = ""
        self._before = "start"
        self._session: Session | None = None
        self._close_when_idle = False
        self._build()
        self.commands = Commands(self)
        self.rail.set_menu(self.commands.menu)
        self._connect()
        if studio.session is not None:
            self._on_session_opened(studio.session)
        else:
            self._on_session_closed()
        self.setAcceptDrops(True)
        u = Theme.current().u
        self.setMinimumSize(u(150), u(110))
        self.resize(u(320), u(200))
        if not studio.settings.window.isEmpty():
            self.restoreGeometry(studio.settings.window)

    def _build(self) -> None:
        centre = QWidget()
        self.setCentralWidget(centre)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        column.addLayout(row, 1)
        self.rail = Rail()
        row.addWidget(self.rail)
        right = QVBoxLayout()
        right.setSpacing(0)
        row.addLayout(right, 1)
        self.offers = Offers()
        right.addWidget(self.offers)
        self._stack = QStackedWidget()
        right.addWidget(self._stack, 1)
        self.strip = JobStrip(self.studio.jobs)
        column.addWidget(self.strip)
        self.toast = Toast(centre)
        self._frame = DropFrame(self)
        self._keeper = RailKeeper(self.rail, self.studio.jobs, self)

    def _connect(self) -> None:
        studio = self.studio
        self.rail.chosen.connect(self.go)
        self.strip.show_page.connect(self.go)
        studio.session_opened.connect(self._on_session_opened)
        studio.session_closed.connect(self._on_session_closed)
        studio.notice.connect(self._on_notice)
        studio.trouble.connect(self._on_trouble)
        self._keeper.titled.connect(self.setWindowTitle)
        self._keeper.trouble.connect(self._on_trouble)
        studio.jobs.ended.connect(self._on_job_ended)
        studio.jobs.idle.connect(self._on_idle)
        studio.settings.changed.connect(self._on_setting)
        self._on_setting("microphone")

    # -- pages

    @property
    def page(self) -> "Page":
        """The page that is shown."""
        return self._pages[self._key]

    @property
    def page_key(self) -> str:
        """The key of the page that is shown."""
        return self._key

    def go(self, key: str, argument: str = "") -> None:
        """Show the page of this key; without a project only pages that need none."""
        entry = self._entries.get(key)
        if entry is None or (entry.needs_project and self.studio.session is None):
            return
        if key not in self._pages:
            page = entry.make(self.studio)
            page.navigate.connect(self.go)
            page.bar_resized.connect(self._place_toast)
            self._stack.addWidget(page)
            self._pages[key] = page
            page.set_compact(self.rail.compact)
        if self._key and key != self._key:
            self.page.left()
            if self._key not in ("help", "about"):
                self._before = self._key
        self._key = key
        self._stack.setCurrentWidget(self.page)
        self.rail.set_current(entry.under or key)
        self.strip.set_page(key)
        self.offers.set_page(key)
        self.page.entered(argument)
        control = self.page.main_control()
        if control is not None:
            control.setFocus(Qt.FocusReason.OtherFocusReason)
        self._place_toast()

    def show_help(self) -> None:
        """Help for the page that is shown."""
        self.go("help", self._entries[self._key].under or self._key)

    def show_about(self) -> None:
        """What this program is made of."""
        self.go("about")

    def show_keys(self) -> None:
        """The list of keys."""
        dialog = KeysDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_log(self) -> None:
        """The log of the training."""
        self.go("train", "log")

    def new_project(self) -> None:
        """Where new wake words are made."""
        self.go("start", "new")

    def add_files(self) -> None:
        """Where files are added."""
        self.go("samples", "add")

    def search(self) -> None:
        """Into the page's search field; Samples has one for pages without."""
        if self.page.search_field() is None:
            self.go("samples")
        field = self.page.search_field()
        if field is not None:
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def press_primary(self) -> None:
        """Press the page's one filled button."""
        button = self.page.primary()
        if button is not None and button.isEnabled() and button.isVisible():
            button.click()

    def next_area(self) -> None:
        """From the rail to the page to the strip, and around."""
        self._to_area(1)

    def previous_area(self) -> None:
        """The same the other way."""
        self._to_area(-1)

    def _to_area(self, step: int) -> None:
        page_control = self.page.main_control() or self.page.nextInFocusChain()
        areas: list[tuple[QWidget, QWidget | None]] = [
            (self.rail, self.rail.current_item()),
            (self.page, page_control),
            (self.strip, self.strip.first_control()),
        ]
        reachable = [(area, control) for area, control in areas if control is not None]
        focus = QApplication.focusWidget()
        here = next(
            (n for n, (area, _) in enumerate(reachable) if focus is not None and area.isAncestorOf(focus)), 1 - step
        )
        control = reachable[(here + step) % len(reachable)][1]
        if control is not None:
            control.setFocus(Qt.FocusReason.TabFocusReason)

    # -- the project

    def _on_session_opened(self, session: "Session") -> None:
        self._session = session
        self.toast.hide()  # what it would undo belongs to the project before
        for follower in (self.commands, self.offers, self._keeper):
            follower.follow(session)

    def _on_session_closed(self) -> None:
        self._session = None
        self.toast.hide()
        for follower in (self.commands, self.offers, self._keeper):
            follower.follow(None)
        if self._key and self._entries[self._key].needs_project:
            self.go("start")

    # -- what is said

    def _on_notice(self, notice: Notice) -> None:
        self._notice = notice
        slot = None
        if notice.action == UNDO:
            slot = self.studio.undo
        elif notice.action:
            slot = self._follow_notice
        self._place_toast()
        self.toast.say(notice.text, notice.action_text, slot, "undo-2" if notice.action == UNDO else "")

    def _follow_notice(self) -> None:
        self.go(self._notice.action, self._notice.argument)

    def _on_trouble(self, error: StudioError) -> None:
        self.offers.show_trouble(error)

    def _on_job_ended(self, job: Job) -> None:
        if not job.foreground or (job.state is JobState.CANCELLED and not job.subject):
            return
        ending = job_words.ending(job)
        page = job_words.page_of(job)
        seen = page == self._key  # the page itself says it then
        if page == "train" and job.state is JobState.DONE and not seen:
            self.studio.say(ending.text, action=(self.tr("Results"), "results", job.subject))
        elif page == "train" and job.state is JobState.CANCELLED and not self._close_when_idle and not seen:
            text = self.tr("Training was stopped. What it learned so far is saved.")
            self.studio.say(text, action=(self.tr("Go on"), "train", f"resume:{job.subject}"))
        if page == "train" and job.state is not JobState.CANCELLED and not self.isActiveWindow():
            QApplication.alert(self)
            self._notify(ending.text)

    def _notify(self, text: str) -> None:
        """Tell the desktop, where it can be told."""
        from PySide6.QtWidgets import QSystemTrayIcon

        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if not hasattr(self, "_tray"):
            self._tray = QSystemTrayIcon(self.windowIcon(), self)
            self._tray.messageClicked.connect(self.activateWindow)
        self._tray.show()
        self._tray.showMessage(self.windowTitle(), text)

    def _on_setting(self, name: str) -> None:
        if name == "theme":
            Theme.current().apply(Mode(self.studio.settings.theme))
        elif name == "microphone":
            self.strip.set_microphone(self.studio.settings.microphone)

    def _place_toast(self) -> None:
        self.toast.place(self.strip.height() + (self.page.bar_height() if self._key else 0))

    # -- the window itself

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back: inside the page first, then from Help and About to where the person was."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif not self.page.escape() and self._key in ("help", "about"):
            self.go(self._before)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the rail is narrow too."""
        super().resizeEvent(event)
        compact = self.width() < Theme.current().u(_COMPACT_BELOW_U)
        if compact != self.rail.compact:
            self.rail.set_compact(compact)
            for page in self._pages.values():
                page.set_compact(compact)
        self._place_toast()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what would happen with the files."""
        paths = _paths(event)
        if paths:
            self._frame.open(paths, has_project=self._session is not None)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show the zone under the pointer."""
        self._frame.move_to(event.position().toPoint())
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing is dragged over the window any more."""
        super().dragLeaveEvent(event)
        self._frame.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Use the files, or say why they cannot be used."""
        paths = _paths(event)
        usable = self._frame.open(paths, has_project=self._session is not None)
        zone = self._frame.zone_at(event.position().toPoint())
        self._frame.hide()
        event.acceptProposedAction()
        kind = kind_of(paths)
        if not usable:
            self.studio.say(self._frame.sentence)
        elif kind is DropKind.SOUNDS and zone is not None:
            self.go("samples")
            self.page.take_files(paths, zone)
        elif kind is DropKind.PROJECT:
            self.open_project(paths[0])
        elif kind is DropKind.CONFIGURATION:
            self.go("doctor", str(paths[0]))
        elif kind is not DropKind.SOUNDS:
            self.go("passport", str(paths[0]))

    def open_project(self, folder: Path) -> None:
        """Open a project and show what comes next in it."""
        try:
            session = self.studio.open_project(folder)
            self.go(session.next_step().page)
        except StudioError as error:
            self._on_trouble(error)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask while something runs; then let go of everything in its order."""
        if self._key:
            self.page.left()
        busy = self.studio.jobs.busy()
        if busy and not any(job.foreground for job in busy):
            # What nobody was told about is at its end, and is no question for anybody.
            self._close_when_idle = True
            if not self.studio.jobs.shut_down(stop=False):
                event.ignore()
                return
        elif busy and not self._close_while_busy():
            event.ignore()
            if self._key:
                self.page.entered("")
            return
        self.studio.settings.window = self.saveGeometry()
        self.toast.hide()
        super().closeEvent(event)

    def _close_while_busy(self) -> bool:
        """Ask what to do; whether the window can close at once."""
        job = self.strip.job or self.studio.jobs.busy()[0]
        title = self.tr("{job} is still running ({state}).").format(job=job.title, state=job_words.state_text(job))
        answer = ask(
            self,
            title,
            self.tr("What it did so far is saved. A training goes on where it was stopped."),
            [
                Answer(_STOP, self.tr("Stop now, go on next time"), "primary"),
                Answer(_FINISH, self.tr("Close when it is done")),
                Answer(_STAY, self.tr("Stay"), "quiet"),
            ],
        )
        self._close_when_idle = answer != _STAY
        self.strip.set_closing(answer == _FINISH)
        if answer == _STAY:
            self.studio.jobs.stay()
            return False
        return self.studio.jobs.shut_down(stop=answer == _STOP)

    def _on_idle(self) -> None:
        if self._close_when_idle:
            self.close()

    def changeEvent(self, event: QEvent) -> None:
        """A window that is seen again needs no tray."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and hasattr(self, "_tray"):
            self._tray.hide()


def _paths(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
