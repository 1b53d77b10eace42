from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from mww_studio.services.settings import RecentProject, Settings


def again(settings):
    """What another start of the program would read."""
    return Settings(QSettings(settings._store.fileName(), QSettings.Format.IniFormat))


@pytest.mark.parametrize(
    ("name", "default", "value"),
    [
        ("theme", "system", "dark"),
        ("language", "", "de"),
        ("microphone", "", "USB mic, front: 2 ö"),
        ("gpu", True, False),
        ("go_on_by_itself", True, False),
        ("author", "", "Ben"),
        ("data_folder", None, Path("/somewhere/with, comma")),
        ("window", QByteArray(), QByteArray(b"\x00\x01")),
    ],
)
def test_what_is_set_is_kept_and_told(settings, name, default, value):
    heard = []
    settings.changed.connect(heard.append)
    assert default is None or getattr(settings, name) == default
    setattr(settings, name, value)
    setattr(settings, name, value)
    assert getattr(settings, name) == value
    assert getattr(again(settings), name) == value
    assert heard == [name]


def test_a_theme_that_nobody_knows_is_that_of_the_system(settings):
    settings._store.setValue("theme", "purple")
    assert settings.theme == "system"


def test_recent_projects_newest_first_without_those_that_are_gone(settings, tmp_path):
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
        settings.remember(folder, f"word {folder.name}")
    settings.remember(folders[0], "word a")
    assert [project.folder.name for project in settings.recent] == ["a", "c", "b"]
    folders[2].rmdir()
    assert again(settings).recent == [RecentProject(folders[0], "word a"), RecentProject(folders[1], "word b")]
    settings.forget(folders[0])
    assert [project.wake_word for project in again(settings).recent] == ["word b"]


def test_there_are_not_too_many_recent_projects(settings, tmp_path):
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        settings.remember(folder, str(number))
    assert [project.wake_word for project in settings.recent] == [str(number) for number in range(19, 7, -1)]
