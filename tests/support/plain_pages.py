"""Pages without content of their own, for tests of the frame around them."""

from dataclasses import dataclass

from PySide6.QtWidgets import QLabel

from mww_studio.services.studio import Studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.fields import LineEdit
from mww_studio.ui.page import Page
from mww_studio.ui.page_list import PAGES, PageEntry


class PlainPage(Page):
    """A page with a field and its primary button, that remembers what happened to it."""

    def __init__(self, studio: Studio, key: str) -> None:
        self.name = key
        super().__init__(studio)
        self.happened: list[str] = []
        self.field = LineEdit("some text")
        self.button = Button("Do it", "primary")
        self.button.clicked.connect(self._press)
        self.content.addWidget(QLabel(key))
        self.content.addWidget(self.field)
        self.content.addWidget(self.button)

    def title(self) -> str:
        return self.name

    def primary(self) -> Button:
        return self.button

    def main_control(self) -> LineEdit:
        return self.field

    def entered(self, argument: str) -> None:
        self.happened.append(f"entered {argument}".strip())

    def left(self) -> None:
        self.happened.append("left")

    def set_compact(self, compact: bool) -> None:
        self.happened.append(f"compact {compact}")

    def take_files(self, paths: object, kind: str) -> None:
        self.happened.append(f"files {paths} {kind}")

    def _press(self) -> None:
        self.happened.append("pressed")


@dataclass(frozen=True)
class PlainEntry(PageEntry):
    """Makes a plain page instead of the real one."""

    def make(self, studio: Studio) -> Page:
        return PlainPage(studio, self.key)


PLAIN_PAGES = [PlainEntry(e.key, e.icon, e.module, e.class_name, e.needs_project, e.under) for e in PAGES]
