"""The whole program as a person starts it, in a process of its own, offscreen."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "esphome", "matplotlib", "scipy", "sklearn", "onnxruntime", "audiomentations")

VISIT = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from mww_studio.ui import application
from mww_studio.ui.page_list import PAGES

HEAVY = {heavy!r}

class Visitor(application.MainWindow):
    # Looks around as a person would, then closes the window.
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(0, self.visit)

    def visit(self):
        first = [name for name in HEAVY if name in sys.modules] + [n for n in ("pyqtgraph",) if n in sys.modules]
        if {visit}:
            self.studio.create_project(Path({folder!r}), "kosita", "en", "Ben")
            for entry in PAGES:
                self.go(entry.key)
                application.QApplication.processEvents()
                assert self.page_key == entry.key, entry.key
        heavy = [name for name in HEAVY if name in sys.modules]
        print(json.dumps([first, heavy, sorted(self._pages)]), flush=True)
        self.close()

application.MainWindow = Visitor
sys.argv = ["mww-studio"]
from mww_studio.__main__ import main
raise SystemExit(main())
"""


def run(tmp_path, script=None, **environment):
    home = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    arguments = ["-c", script] if script else ["-m", "mww_studio"]
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        env={**os.environ, **home, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )


def visited(tmp_path, *, visit: bool):
    script = VISIT.format(heavy=HEAVY, visit=visit, folder=str(tmp_path / "project"))
    done = run(tmp_path, script, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_nothing_heavy_stands_before_the_first_picture(tmp_path):
    first, _, pages = visited(tmp_path, visit=False)
    assert first == []
    assert pages == ["start"]


def test_every_page_can_be_visited_without_tensorflow(tmp_path):
    from mww_studio.ui.page_list import PAGES

    _, heavy, pages = visited(tmp_path, visit=True)
    assert not {"tensorflow", "keras", "matplotlib"} & set(heavy)
    assert pages == sorted(entry.key for entry in PAGES)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_it_says_what_to_do(tmp_path):
    done = run(tmp_path, DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert "mww-studio --help" in done.stderr


def test_ctrl_c_closes_the_window(tmp_path):
    script = (
        "import os, signal\n"
        "from PySide6.QtCore import QTimer\n"
        "from mww_studio.ui import application\n"
        "class Window(application.MainWindow):\n"
        "    def showEvent(self, event):\n"
        "        super().showEvent(event)\n"
        "        QTimer.singleShot(100, self.interrupt)\n"
        "    def interrupt(self):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    def closeEvent(self, event):\n"
        "        super().closeEvent(event)\n"
        "        print('closed', flush=True)\n"
        "application.MainWindow = Window\n"
        "raise SystemExit(application.main())\n"
    )
    done = run(tmp_path, script, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "closed\n"
