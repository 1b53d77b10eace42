"""Where the window is put together: application, look, settings, studio and main window."""

import os
import signal
import sys
from collections.abc import Sequence

import platformdirs
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from mww_studio import __version__
from mww_studio.services.settings import Settings
from mww_studio.services.studio import Studio
from mww_studio.ui.garbage import GarbageCollector
from mww_studio.ui.icons import pixmap
from mww_studio.ui.main_window import MainWindow
from mww_studio.ui.theme import Mode, Theme
from mww_studio.ui.translations import translate

_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
)
_SIGNALS_MS = 500
# For how long another thread may compute before the window's has its turn. A picture needs many turns: with Python's
# own 5 ms the window is late by half a second while two threads compute.
_TURN_S = 0.001


def main(arguments: Sequence[str] = ()) -> int:
    """Open the window and stay until it is closed; returns the exit status."""
    application = make_application(arguments)
    garbage = GarbageCollector()
    settings = Settings(_settings_file())
    Theme.current().apply(Mode(settings.theme))
    translate(application, settings.language)
    application.setWindowIcon(_icon())
    studio = Studio(settings)
    window = MainWindow(studio)
    window.go("start")
    window.show()
    signal.signal(signal.SIGINT, _quit)
    beat = QTimer()
    beat.timeout.connect(_let_python_run)
    beat.start(_SIGNALS_MS)
    status = application.exec()
    beat.stop()
    studio.close()
    window.deleteLater()
    garbage.give_back()
    return status


def make_application(arguments: Sequence[str] = ()) -> QApplication:
    """The application in its own style, without moving effects, whose thread soon has its turn."""
    sys.setswitchinterval(_TURN_S)
    application = QApplication([sys.argv[0], *arguments])
    application.setApplicationName("mww-studio")
    application.setApplicationDisplayName("mww studio")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("mww-studio")
    application.setStyle("Fusion")
    for effect in _EFFECTS:
        QApplication.setEffectEnabled(effect, False)
    return application


def display_missing() -> str:
    """What to do where no window can be shown; empty where one can."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return (
        "There is no display here, so the window cannot open.\n"
        "Everything can be done on the command line too: mww-studio --help lists the commands, and\n"
        'mww-studio quickstart "hey computer" --out hey-computer makes a first model without recordings.'
    )


def _settings_file() -> QSettings:
    folder = platformdirs.user_config_path("mww-studio", appauthor=False, ensure_exists=True)
    return QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)


def _icon() -> QIcon:
    theme = Theme.current()
    icon = QIcon()
    for size in (16, 32, 64, 128):
        icon.addPixmap(pixmap("audio-lines", theme.tokens.accent, size))
    return icon


def _let_python_run() -> None:
    """Python looks at signals such as Ctrl-C only between two of its own steps."""


def _quit(_number: int, _frame: object) -> None:
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.closeAllWindows()
