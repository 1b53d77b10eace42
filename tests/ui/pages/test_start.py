import pytest
from PySide6.QtCore import Qt

from mww_studio.project.library import LIBRARY
from mww_studio.project.store import Project
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.pages.start import StartPage, folder_name


@pytest.fixture
def went():
    return []


@pytest.fixture
def page(studio, settings, tmp_path, qtbot, went):
    settings.data_folder = tmp_path / "Wake words"
    made = StartPage(studio)
    qtbot.addWidget(made)
    made.resize(1070, 750)
    made.navigate.connect(lambda key, argument: went.append((key, argument)))
    made.show()
    made.entered("")
    return made


def advice_of(page):
    return [row.accessibleName() for row in page._advice if not row.isHidden()]


def make_project(studio, folder, word):
    studio.create_project(folder, word, "en", "Ben")
    studio.close_project()


def test_a_wake_word_is_made_in_the_data_folder_and_recorded_next(page, studio, tmp_path, went, qtbot):
    qtbot.keyClicks(page.phrase, "hey  willow")
    page.author.setText("Ben")
    page.language.set_key("de")
    qtbot.mouseClick(page.make, Qt.MouseButton.LeftButton)
    assert went == [("record", "")]
    assert studio.session.folder == tmp_path / "Wake words" / "hey willow"
    assert (studio.session.info.wake_word, studio.session.info.language) == ("hey willow", "de")
    assert studio.session.info.author == "Ben"
    assert studio.settings.author == "Ben"


def test_without_recording_computer_voices_are_trained_on(page, studio, went, qtbot):
    qtbot.keyClicks(page.phrase, "hey willow")
    qtbot.mouseClick(page.try_it, Qt.MouseButton.LeftButton)
    assert went == [("train", "")]
    (job,) = studio.session.jobs
    assert job.kind == "quickstart"
    job.cancel()
    qtbot.waitUntil(lambda: not job.is_busy, timeout=60_000)


def test_a_second_wake_word_of_the_same_name_gets_a_folder_of_its_own(page, studio, tmp_path, qtbot):
    make_project(studio, tmp_path / "Wake words" / "Computer", "Computer")
    qtbot.keyClicks(page.phrase, "Computer")
    assert page.folder.name == "Computer 2"
    assert "already" in page._where.text()
    qtbot.keyClick(page.phrase, Qt.Key.Key_Return)
    assert studio.session.folder.name == "Computer 2"


def test_it_can_be_kept_elsewhere(page, tmp_path):
    page.phrase.setText("okay haus")
    page.keep_in(tmp_path / "elsewhere")
    assert page.folder == tmp_path / "elsewhere" / "okay haus"
    assert str(page.folder) in page._where.text()


@pytest.mark.parametrize(
    ("phrase", "name"), [("a/b:c?", "a b c"), ("con", "con_"), ("...", "_"), ("hey  you ", "hey you"), ("Öl", "Öl")]
)
def test_every_phrase_is_the_name_of_a_folder(phrase, name):
    assert folder_name(phrase) == name


def test_without_words_nothing_can_be_made_and_it_says_why(page):
    assert not page.make.isEnabled()
    assert not page.try_it.isEnabled()
    assert page._hint.text() == "Type the words first."


def test_advice_follows_the_typing(page, qtbot):
    qtbot.keyClicks(page.phrase, "vad")
    qtbot.waitUntil(lambda: "vad" in " ".join(advice_of(page)), timeout=20_000)
    assert not page.make.isEnabled()
    page.phrase.setText("kosita melano")
    assert page.make.isEnabled()
    qtbot.waitUntil(lambda: "vad" not in " ".join(advice_of(page)), timeout=20_000)
    assert 1 <= len(advice_of(page)) <= 3
    assert page.make.isEnabled()


def test_recent_projects_say_what_comes_next(page, studio, tmp_path, qtbot, went):
    with Project.create(tmp_path / "one", "hey willow") as project:
        project.add_person("Mia", child=True, consent=True)
    make_project(studio, tmp_path / "two", "computer")
    studio.settings.remember(tmp_path / "one", "hey willow")
    page.entered("")
    assert [row.folder.name for row in page.recent.rows] == ["one", "two"]
    qtbot.waitUntil(lambda: "next: " in page.recent.rows[0]._line.text())
    assert page.primary() is page.recent.rows[0].button
    qtbot.mouseClick(page.recent.rows[0].button, Qt.MouseButton.LeftButton)
    assert studio.session.info.wake_word == "hey willow"
    assert went == [("record", "Mia")]


def test_typing_moves_the_filled_button(page, studio, tmp_path, qtbot):
    make_project(studio, tmp_path / "one", "computer")
    page.entered("")
    assert page.primary() is page.recent.rows[0].button
    qtbot.keyClicks(page.phrase, "x")
    assert page.primary() is page.make


def test_a_broken_project_says_why_and_can_be_forgotten(page, studio, tmp_path, qtbot, went):
    make_project(studio, tmp_path / "good", "computer")
    make_project(studio, tmp_path / "broken", "hey willow")
    for file in (tmp_path / "broken").glob(f"{LIBRARY}*"):
        file.unlink()
    (tmp_path / "broken" / LIBRARY).write_bytes(b"not a library" * 100)
    page.entered("")
    row = page.recent.rows[0]
    qtbot.waitUntil(lambda: row.is_broken)
    assert row._line.text().startswith("Could not open.")
    qtbot.waitUntil(lambda: page.primary() is page.recent.rows[1].button)
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert studio.session is None
    assert page.message is not None
    assert went == []
    qtbot.mouseClick(row.forget, Qt.MouseButton.LeftButton)
    assert [row.folder.name for row in page.recent.rows] == ["good"]
    assert (tmp_path / "broken").is_dir()


def test_an_empty_list_says_what_will_stand_there(page):
    assert page.recent.rows == []
    assert page.recent._empty.isVisible()


def test_somebody_elses_folder_is_no_project(page, studio, tmp_path):
    page.open_folder(tmp_path)
    assert studio.session is None
    assert page.message is not None


@pytest.mark.parametrize("size", [(1280, 800), (1024, 640)])
def test_nothing_is_wider_than_the_window(studio, show, size, qtbot, tmp_path):
    make_project(studio, tmp_path / "one", "a wake word with a rather long name")
    window = show(MainWindow(studio))
    window.resize(*size)
    page = window.page
    assert isinstance(page, StartPage)
    qtbot.waitUntil(lambda: page.content_minimum_width() <= page.viewport_width())
