"""A page that one step of the way leads to, and that leads back to it."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.page import Page
from mww_studio.ui.page_list import STEPS

if TYPE_CHECKING:
    from mww_studio.services.studio import Studio


class Room(Page):
    """A page under a step: a quiet button and Esc lead back to it. Subclasses name the step in ``under``."""

    under: ClassVar[str] = ""

    def __init__(self, studio: "Studio", parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        step = next(entry.label() for entry in STEPS if entry.key == self.under)
        text = QCoreApplication.translate("Room", "Back to {step}").format(step=step)
        self.back = Button(text, "quiet", "arrow-left")
        self.back.clicked.connect(self.go_back)
        self.actions.addWidget(self.back)

    def go_back(self) -> None:
        """Show the step again."""
        self.navigate.emit(self.under, "")

    def escape(self) -> bool:
        """Lead back to the step."""
        self.go_back()
        return True
