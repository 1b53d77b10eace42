"""Services as the window gets them, with settings and projects of the test's own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from qt_threads import no_thread_stays  # noqa: F401 - holds for every test here
from synthetic_project import fill

from mww_studio.services.session import Session
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio

PYTHON = sys.executable


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> QApplication:
    return qapp


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


@pytest.fixture
def worker_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a Python text stand in for the worker."""

    def make(text: str) -> None:
        program = tmp_path / "program"
        program.write_text(f"#!{PYTHON}\nimport os, signal, subprocess, sys, time\n{text}", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr("mww_studio.jobs.process.sys.executable", str(program))

    return make
