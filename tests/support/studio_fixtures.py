"""The studio as the window gets it, with settings and projects of the test's own, and a worker that obeys."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from synthetic_project import fill

from mww_studio.services.session import Session
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio


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
    """Lets a Python text stand in for the worker, and another one after it."""
    python = sys.executable

    def make(text: str) -> None:
        program = tmp_path / "program"
        program.write_text(f"#!{python}\nimport os, signal, subprocess, sys, time\n{text}", encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setattr("mww_studio.jobs.process.sys.executable", str(program))

    return make
