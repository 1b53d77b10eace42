"""The window's parts on real services, with settings and projects of the test's own."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from plain_pages import PLAIN_PAGES
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from qt_threads import no_thread_stays  # noqa: F401 - holds for every test here
from studio_fixtures import session, settings, studio, worker_says  # noqa: F401 - fixtures of every test here

from mww_studio.services.session import Session
from mww_studio.services.studio import Studio
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.theme import Mode, Theme


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> Iterator[QApplication]:
    qapp.setStyle("Fusion")
    Theme.current().apply(Mode.LIGHT)
    Theme.current().keyboard_used = False
    # As in the program: a thread that collects what is left of a window destroys it where Qt does not allow it.
    gc.disable()
    yield qapp
    Theme.current().apply(Mode.LIGHT)
    gc.collect()
    gc.enable()


@pytest.fixture
def empty_session(studio: Studio, tmp_path: Path) -> Session:  # noqa: F811 - the fixture
    return studio.create_project(tmp_path / "project", "kosita", "en", "Ben")


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
def window(studio: Studio, show: Callable[[MainWindow], MainWindow]) -> MainWindow:  # noqa: F811 - the fixture
    """The frame with plain pages, so that a test of the frame is about the frame."""
    made = MainWindow(studio, PLAIN_PAGES)
    made.resize(1280, 800)
    return show(made)
