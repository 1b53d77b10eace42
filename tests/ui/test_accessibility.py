"""Every page for those who do not see it, do not use a mouse, need large letters or read another language."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from finished_run import finish_run
from PySide6.QtCore import QCoreApplication, QPoint, QRect, Qt, QTranslator
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QRadioButton,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from mww_studio.project.store import Project
from mww_studio.services.studio import Studio
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.page import Page
from mww_studio.ui.page_list import PAGES
from mww_studio.ui.theme import Theme

LEAST_PX = 24
SMALL, WIDE = (1024, 640), (1280, 800)
LONGER, LARGER = 0.35, 1.4
LOOK_MS, MOST_LOOKS = 50, 20
KEYS = [entry.key for entry in PAGES]
STATES = ["empty", "full"]
SOUNDLESS = (QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Grouping, QAccessible.Role.StaticText)

pytestmark = pytest.mark.usefixtures("microphones")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A project without anything, and one with takes, people and a finished run."""
    root = tmp_path_factory.mktemp("projects")
    with Project.create(root / "full", "kosita") as project:
        for name in ("Anna", "Ben"):
            project.add_person(name, child=False, consent=True)
        finish_run(project)
    Project.create(root / "empty", "kosita").close()
    return {name: root / name for name in STATES}


class Longer(QTranslator):
    """A language whose sentences are longer."""

    def isEmpty(self) -> bool:  # noqa: N802 - Qt's name
        return False

    def translate(self, _context: str, text: str, _disambiguation: str = "", number: int = -1) -> str:
        more = round(LONGER * len(text))
        return (text + " " + "wörterlang " * more)[: len(text) + more].rstrip().replace("%Ln", str(number))


@pytest.fixture
def longer(qapp: QApplication) -> Iterator[None]:
    translator = Longer(qapp)
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


@pytest.fixture
def larger(qapp: QApplication) -> Iterator[None]:
    before = qapp.font()
    font = qapp.font()
    font.setPointSizeF(font.pointSizeF() * LARGER)
    _use_font(qapp, font)
    yield
    _use_font(qapp, before)


def _use_font(application: QApplication, font: object) -> None:
    application.setFont(font)  # type: ignore[arg-type]
    theme = Theme.current()
    theme.setParent(None)  # the next one measures the letters anew
    application.removeEventFilter(theme)
    theme.deleteLater()
    Theme.current()


Shown = Callable[[str, tuple[int, int]], MainWindow]


@pytest.fixture
def shown(studio: Studio, folders: dict[str, Path], qtbot: QtBot) -> Iterator[Shown]:
    """Shows the window with one of the projects."""
    made: list[MainWindow] = []

    def show(state: str, size: tuple[int, int]) -> MainWindow:
        studio.open_project(folders[state])
        window = MainWindow(studio)
        qtbot.addWidget(window)
        made.append(window)
        window.resize(*size)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        return window

    yield show
    for window in made:
        window.close()


def settle(qtbot: QtBot, studio: Studio) -> None:
    """Wait until the page has read and shown what it wants, but not for what takes long, such as asking esphome."""
    quiet = 0
    for _ in range(MOST_LOOKS):
        qtbot.wait(LOOK_MS)
        quiet = 0 if studio.background._running else quiet + 1
        if quiet == 2:  # an answer may have led to another question
            break


def controls(page: Page) -> list[QWidget]:
    """Everything on the page that can have the focus now."""
    return [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisibleTo(page)
        and widget.isEnabled()
        and widget.focusProxy() is None
    ]


def said(widget: QWidget) -> str:
    """The name by which a screen reader knows it; of a list to choose from, Linux takes its label's instead."""
    if isinstance(widget, QComboBox):
        labels = [label for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
        return widget.accessibleName() or next((label.text() for label in labels), "")
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def told(widgets: list[QWidget]) -> list[str]:
    return [f"{type(widget).__name__} “{said(widget)}”" for widget in widgets]


def names_missing(page: Page) -> list[str]:
    """Controls without a name, and names that several have."""
    found = controls(page)
    names = Counter(said(widget) for widget in found)
    return [*told([widget for widget in found if not said(widget)]), *(name for name in names if names[name] > 1)]


def roles_missing(page: Page) -> list[str]:
    roles = {widget: QAccessible.queryAccessibleInterface(widget).role() for widget in controls(page)}
    return told([one for one, role in roles.items() if role in SOUNDLESS and not isinstance(one, QTextBrowser)])


def too_small(page: Page) -> list[str]:
    return told([widget for widget in controls(page) if min(widget.width(), widget.height()) < LEAST_PX])


def too_wide(page: Page) -> list[str]:
    needed, there = page.content_minimum_width(), page.viewport_width()
    return [f"{needed} px in {there} px"] if needed > there else []


def walked(page: Page) -> list[QWidget]:
    """The controls of the page in the order in which Tab reaches them."""
    first = page.nextInFocusChain()
    while not (page.isAncestorOf(first) and first in controls(page)):
        first = first.nextInFocusChain()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    visited: list[QWidget] = []
    for _ in range(500):
        here = QApplication.focusWidget()
        if here is None or not page.isAncestorOf(here) or here in visited:
            break
        visited.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab)
    return visited


def place(widget: QWidget, page: Page) -> QRect:
    return QRect(widget.mapTo(page, QPoint()), widget.size())


def is_before(one: QRect, other: QRect) -> bool:
    """Whether a reader comes to ``one`` first for certain: above it in one column, or left of it in one line."""
    column = min(one.right(), other.right()) > max(one.left(), other.left())
    line = min(one.bottom(), other.bottom()) - max(one.top(), other.top()) > min(one.height(), other.height()) / 2
    return (column and one.bottom() <= other.top()) or (line and one.right() <= other.left())


def out_of_order(page: Page) -> list[str]:
    """Controls that Tab does not reach, and those that it reaches in another order than that of reading."""
    found = controls(page)
    if not found:
        return []
    visited = walked(page)
    groups = {widget.parentWidget() for widget in visited if isinstance(widget, QRadioButton)}
    missed = [
        widget
        for widget in found
        if widget not in visited
        and not (isinstance(widget, QAbstractButton) and widget.autoExclusive() and widget.parentWidget() in groups)
    ]
    back = [
        f"{told([later])[0]} stands before {told([sooner])[0]}"
        for sooner, later in itertools.pairwise(visited)
        if is_before(place(later, page), place(sooner, page)) and not isinstance(sooner, QAbstractItemView)
    ]
    return told(missed) + back


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("key", KEYS)
def test_every_control_can_be_read_out_hit_and_reached(
    shown: Shown, studio: Studio, qtbot: QtBot, key: str, state: str
) -> None:
    window = shown(state, WIDE)
    window.go(key)
    settle(qtbot, studio)
    page = window.page
    assert names_missing(page) == []
    assert roles_missing(page) == []
    assert too_small(page) == []
    assert too_wide(page) == []
    assert out_of_order(page) == []
    window.resize(*SMALL)
    settle(qtbot, studio)
    assert too_small(page) == []
    assert too_wide(page) == []


def every_width(window: MainWindow, studio: Studio, qtbot: QtBot) -> dict[str, list[str]]:
    """The pages that are wider than the window, which goes through all of them."""
    found = {}
    for key in KEYS:
        window.go(key)
        assert window.page_key == key
        settle(qtbot, studio)
        found[key] = too_wide(window.page)
    return {key: width for key, width in found.items() if width}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.usefixtures("longer")
def test_no_page_is_wider_than_its_window_in_a_longer_language(
    shown: Shown, studio: Studio, qtbot: QtBot, state: str
) -> None:
    assert every_width(shown(state, SMALL), studio, qtbot) == {}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.usefixtures("larger")
def test_no_page_is_wider_than_its_window_with_large_letters(
    shown: Shown, studio: Studio, qtbot: QtBot, state: str
) -> None:
    assert every_width(shown(state, SMALL), studio, qtbot) == {}
