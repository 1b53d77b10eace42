"""The window's commands: what the menu and the keyboard can do on every page."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from mww_studio.ui.icons import icon
from mww_studio.ui.page_list import SETTINGS, STEPS
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.session import Session
    from mww_studio.ui.main_window import MainWindow

_FILE_KEYS = ("Ctrl+N", "Ctrl+O", "Ctrl+F", "Ctrl+Return", "Ctrl+P", "Ctrl+L", "F6", "Shift+F6")


class Commands(QObject):
    """Actions with their keys. Letters without Ctrl belong to the pages, which look at them in keyPressEvent."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._session: Session | None = None
        self.undo = self._action(self.tr("Undo"), "Ctrl+Z", window.studio.undo, "undo-2")
        self.redo = self._action(self.tr("Redo"), "Ctrl+Shift+Z", window.studio.redo, "redo-2")
        self.keys = self._action(self.tr("Keyboard"), "Ctrl+/", window.show_keys, "keyboard")
        self.help = self._action(self.tr("Help"), "F1", window.show_help, "life-buoy")
        self.about = self._action(self.tr("About"), "", window.show_about, "info")
        self.quit = self._action(self.tr("Quit"), "Ctrl+Q", window.close, "log-out")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.menu = QMenu(window)
        self._fill(self.menu)
        self._to_page: dict[QAction, str] = {}
        for number, entry in enumerate((*STEPS, SETTINGS), start=1):
            keys = [f"Alt+{number}"] + (["Ctrl+,"] if entry is SETTINGS else [])
            action = self._action(entry.label(), "", self._go)
            action.setShortcuts([QKeySequence(key) for key in keys])
            self._to_page[action] = entry.key
        for key, slot in zip(_FILE_KEYS, self._slots(), strict=True):
            self._action(key, key, slot)
        if sys.platform == "darwin":
            self._fill_menu_bar(window)
        self.follow(None)
        Theme.current().changed.connect(self._retint)

    def follow(self, session: "Session | None") -> None:
        """Name what would be undone and redone in this project; without one only pages that need none have a key."""
        needs = {entry.key for entry in STEPS if entry.needs_project}
        for action, key in self._to_page.items():
            action.setEnabled(session is not None or key not in needs)
        if self._session is not None:
            self._session.undo.indexChanged.disconnect(self._rename)
        self._session = session
        if session is not None:
            session.undo.indexChanged.connect(self._rename)
        self._rename()

    def _slots(self) -> tuple[Callable[..., Any], ...]:
        window = self._window
        return (
            window.new_project,
            window.add_files,
            window.search,
            window.press_primary,
            window.strip.pause_or_go_on,
            window.show_log,
            window.next_area,
            window.previous_area,
        )

    def _action(self, text: str, keys: str, slot: Callable[..., Any], symbol: str = "") -> QAction:
        action = QAction(text, self)
        if keys:
            action.setShortcut(QKeySequence(keys))
        if symbol:
            action.setProperty("symbol", symbol)
            action.setIcon(icon(symbol, "text2"))
        action.triggered.connect(slot)
        self._window.addAction(action)
        return action

    def _fill(self, menu: QMenu) -> None:
        menu.addActions([self.undo, self.redo])
        menu.addSeparator()
        menu.addActions([self.keys, self.help, self.about])
        menu.addSeparator()
        menu.addAction(self.quit)

    def _fill_menu_bar(self, window: QMainWindow) -> None:
        bar = window.menuBar()
        edit = bar.addMenu(self.tr("Edit"))
        edit.addActions([self.undo, self.redo])
        pages = bar.addMenu(self.tr("Pages"))
        pages.addActions(list(self._to_page))
        pages.addActions([self.quit, self.about])
        bar.addMenu(self.tr("Help")).addActions([self.help, self.keys])

    def _go(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._window.go(self._to_page[action])

    def _rename(self) -> None:
        stack = self._session.undo if self._session is not None else None
        undo, redo = (stack.undoText(), stack.redoText()) if stack is not None else ("", "")
        self.undo.setText(self.tr("Undo: {change}").format(change=undo) if undo else self.tr("Undo"))
        self.redo.setText(self.tr("Redo: {change}").format(change=redo) if redo else self.tr("Redo"))
        self.undo.setEnabled(stack is not None and stack.canUndo())
        self.redo.setEnabled(stack is not None and stack.canRedo())

    def _retint(self) -> None:
        for action in (self.undo, self.redo, self.keys, self.help, self.about, self.quit):
            action.setIcon(icon(str(action.property("symbol")), "text2"))
