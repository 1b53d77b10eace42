"""The real window in a process of its own, for tests that kill it: python window_driver.py FOLDER record|train.

FOLDER has the settings and the project. It says on its standard output what was kept, and where a training stands.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest

from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio
from mww_studio.ui.application import make_application
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.pages.record import RecordPage

SETTINGS, PROJECT = "settings.ini", "project"


class Driver(QObject):
    """Does what a person would do, and tells it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._said: set[int] = set()

    def record(self) -> None:
        """Let takes be recorded, one after the other."""
        session = self._window.studio.session
        session.clips_changed.connect(self._tell_takes)
        self._window.studio.recorder.opened.connect(self._press_space)
        self._window.studio.recorder.listening.connect(self._tell_listening)
        self._window.go("record")

    def train(self) -> None:
        """Train."""
        self._window.go("train")
        self._job = self._window.studio.session.train(load_preset("fast_test"))
        self._job.figured.connect(self._tell_steps)

    def _press_space(self) -> None:
        page = self._window.page
        assert isinstance(page, RecordPage)
        page.stage.setFocus()
        QTest.keyClick(page.stage, Qt.Key.Key_Space)

    def _tell_listening(self) -> None:
        say("listening")

    def _tell_takes(self) -> None:
        for clip in self._window.studio.session.project.clips(ClipKind.WAKE_WORD):
            if clip.id not in self._said:
                self._said.add(clip.id)
                say(f"kept {clip.id}")

    def _tell_steps(self) -> None:
        say(f"step {self._job.phase} {self._job.done}")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(folder: Path, action: str) -> int:
    application = make_application()
    studio = Studio(Settings(QSettings(str(folder / SETTINGS), QSettings.Format.IniFormat)))
    studio.open_project(folder / PROJECT)
    window = MainWindow(studio)
    window.go("start")
    window.show()
    driver = Driver(window)
    QTimer.singleShot(0, getattr(driver, action))
    status = application.exec()
    studio.close()
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
