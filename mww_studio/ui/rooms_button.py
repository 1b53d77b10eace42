"""The button of a step that opens its rooms."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.page import Page
from mww_studio.ui.page_list import ROOMS, PageEntry


class RoomsButton(Button):
    """Leads from a page to the rooms under it: by a menu, or at once where there is one only; hidden where none is.

    ``text`` and ``icon``: what the menu is called; “Improve…” if nothing is given.
    """

    def __init__(self, page: Page, rooms: Sequence[PageEntry] = ROOMS, text: str = "", icon: str = "") -> None:
        self._rooms = {entry.key: entry for entry in rooms if entry.under == page.key}
        only = next(iter(self._rooms.values())) if len(self._rooms) == 1 else None
        several = text or QCoreApplication.translate("RoomsButton", "Improve…")
        super().__init__(
            only.label() if only else several, "quiet", only.icon if only else icon or "wand-sparkles", page
        )
        self._page = page
        self.menu_of_rooms = QMenu(self)
        for entry in self._rooms.values():
            action = self.menu_of_rooms.addAction(entry.label())
            action.setData(entry.key)
        self.menu_of_rooms.triggered.connect(self._enter)
        self.clicked.connect(self._open)
        self.set_offered(True)

    def set_offered(self, offered: bool) -> None:
        """Show it while the rooms can be entered; without rooms there is nothing to show."""
        self.setVisible(offered and bool(self._rooms))

    def _open(self) -> None:
        if len(self._rooms) == 1:
            self._page.navigate.emit(next(iter(self._rooms)), "")
        else:
            self.menu_of_rooms.popup(self.mapToGlobal(QPoint(0, self.height())))

    def _enter(self, action: QAction) -> None:
        self._page.navigate.emit(str(action.data()), "")
