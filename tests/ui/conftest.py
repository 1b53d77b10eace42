"""The window's parts on real services, with settings and projects of the test's own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from qt_threads import no_thread_stays  # noqa: F401 - holds for every test here
from synthetic_project import fill

from mww_studio.services.session import Session
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.fields import LineEdit
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.page import Page
from mww_studio.ui.page_list import PAGES, PageEntry
from mww_studio.ui.theme import Mode, Theme


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> Iterator[QApplication]:
    qapp.setStyle("Fusion")
    Theme.current().apply(Mode.LIGHT)
    Theme.current().keyboard_used = False
    yield qapp
    Theme.current().apply(Mode.LIGHT)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def studio(settings: Settings) -> Iterator[Studio]:
    made = Studio(settings)
    yield made
    made.close()


@pytest.fixture
def session(studio: Studio, tmp_path: Path) -> Session:
    made = studio.create_project(tmp_path / "project", "kosita", "en", "Ben")
    fill(made.project)
    return made


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


PLAIN_PAGES = [PlainEntry(e.key, e.icon, e.module, e.class_name, e.needs_project) for e in PAGES]


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[MainWindow], MainWindow]:
    """Shows a window and waits until it is painted."""

    def shown(window: MainWindow) -> MainWindow:
        qtbot.addWidget(window)
        window.go("start")
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        return window

    return shown


@pytest.fixture
def window(studio: Studio, show: Callable[[MainWindow], MainWindow]) -> MainWindow:
    """The frame with plain pages, so that a test of the frame is about the frame."""
    made = MainWindow(studio, PLAIN_PAGES)
    made.resize(1280, 800)
    return show(made)
