"""The table model: texts of rows, fetched in pages as they come into sight."""

from collections.abc import Iterator, Sequence

import pytest
from large_library import fill_library
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester

from mww_studio.project.records import Clip, ClipQuery, Split
from mww_studio.project.store import Project
from mww_studio.ui.models.clip_table import PAGE_ROWS, ClipTableModel, Column


class Library:
    """Notes what is read of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.read: list[int] = []

    def fetch(self, ids: Sequence[int]) -> list[Clip]:
        self.read.append(len(ids))
        return self.project.clips_by_id(ids)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Many clips, which no test here changes."""
    folder = tmp_path_factory.mktemp("large") / "project"
    Project.create(folder, "kosita").close()
    fill_library(folder, 10_000)
    with Project.open(folder) as opened:
        yield opened


@pytest.fixture
def library(project: Project) -> Library:
    return Library(project)


@pytest.fixture
def model(library: Library) -> ClipTableModel:
    made = ClipTableModel(library.fetch)
    made.show_ids(library.project.clip_ids(ClipQuery()))
    return made


def text(model: ClipTableModel, row: int, column: Column) -> object:
    return model.data(model.index(row, column), Qt.ItemDataRole.DisplayRole)


def test_it_keeps_the_rules_of_models(library: Library) -> None:
    model = ClipTableModel(library.fetch)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_ids(library.project.clip_ids(ClipQuery())[:300])
    model.show_ids(())
    tester.deleteLater()


def test_a_row_says_everything_in_words(model: ClipTableModel) -> None:
    assert [text(model, 0, column) for column in Column] == [
        "",
        f"Take {QLocale().toString(10_000)}",
        "Room sound",
        "Anna",
        "Loud",
        "1.4\N{NO-BREAK SPACE}s",
        "Good",
        "",
        "",
    ]
    doubtful = next(row for row in range(9) if text(model, row, Column.VERDICT) != "Good")
    assert text(model, doubtful, Column.VERDICT) == "Too quiet"
    assert text(model, doubtful, Column.WHY) == "Step closer."
    index = model.index(0, Column.PLAY)
    assert model.data(index, Qt.ItemDataRole.AccessibleTextRole) == f"Play Take {QLocale().toString(10_000)}"


def test_only_what_is_looked_at_is_read(library: Library, model: ClipTableModel) -> None:
    for row in range(5000, 5020):
        text(model, row, Column.NAME)
    assert sum(library.read) <= 2 * PAGE_ROWS


def test_pages_that_were_not_seen_for_long_are_read_again(library: Library, model: ClipTableModel) -> None:
    for row in range(0, 10_000, PAGE_ROWS):
        text(model, row, Column.NAME)
    pages = len(library.read)
    text(model, 9_900, Column.NAME)
    assert len(library.read) == pages
    text(model, 0, Column.NAME)
    assert len(library.read) == pages + 1


def test_it_says_what_clips_are_used_for(model: ClipTableModel) -> None:
    first = model.ids[0]
    assert text(model, 0, Column.USED) == ""
    model.show_splits({first: Split.TEST})
    assert text(model, 0, Column.USED) == "Test"


def test_a_clip_that_is_gone_leaves_an_empty_row(model: ClipTableModel) -> None:
    model.show_ids([999_999, 5])
    assert model.row(0) is None
    assert text(model, 0, Column.NAME) is None
    assert text(model, 1, Column.NAME) == "Take 5"
    assert model.row_of(5) == 1
    assert model.row_of(6) is None
