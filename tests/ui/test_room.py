"""A page under a step: the rail keeps the step, and button, Esc and Help lead to it."""

from dataclasses import dataclass

import pytest
from plain_pages import PLAIN_PAGES
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.page_list import PageEntry
from mww_studio.ui.room import Room


class Attic(Room):
    under = "samples"


@dataclass(frozen=True)
class AtticEntry(PageEntry):
    def make(self, studio):
        return Attic(studio)


@pytest.fixture
def window(studio, show, empty_session):  # noqa: ARG001 - a room needs a project
    made = show(MainWindow(studio, [*PLAIN_PAGES, AtticEntry("attic", "house", "", "", under="samples")]))
    made.go("attic")
    return made


def test_its_step_stays_marked(window):
    assert window.page_key == "attic"
    assert window.rail.items["samples"].isChecked()


def test_button_and_esc_lead_back(window):
    assert window.page.back.text() == "Back to Samples"
    window.page.back.click()
    assert window.page_key == "samples"
    window.go("attic")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    assert window.page_key == "samples"


def test_help_is_that_of_its_step(window):
    window.show_help()
    assert window.page.happened == ["compact False", "entered samples"]
