"""What this computer remembers: few switches, applied at once. Everything that changes a model lives elsewhere."""

from dataclasses import dataclass
from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

_RECENT = "recent"
_MAX_RECENT = 12


@dataclass(frozen=True)
class RecentProject:
    """A project that was open not long ago."""

    folder: Path
    wake_word: str


class Settings(QObject):
    """Settings in an ini file that the composition root chose; ``changed`` names the one that changed."""

    changed = Signal(str)

    def __init__(self, store: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store

    @property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``."""
        theme = self._text("theme")
        return theme if theme in ("light", "dark") else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._set("theme", value)

    @property
    def language(self) -> str:
        """The language of the window, such as ``de``; empty: that of the system."""
        return self._text("language")

    @language.setter
    def language(self, value: str) -> None:
        self._set("language", value)

    @property
    def microphone(self) -> str:
        """The name of the chosen microphone; empty: that of the system."""
        return self._text("microphone")

    @microphone.setter
    def microphone(self, value: str) -> None:
        self._set("microphone", value)

    @property
    def data_folder(self) -> Path:
        """Where new projects are made."""
        chosen = self._text("data_folder")
        return Path(chosen) if chosen else platformdirs.user_documents_path() / "Wake words"

    @data_folder.setter
    def data_folder(self, value: Path) -> None:
        self._set("data_folder", str(value))

    @property
    def gpu(self) -> bool:
        """Whether a graphics card may be used where there is one."""
        return self._flag("gpu", default=True)

    @gpu.setter
    def gpu(self, value: bool) -> None:
        self._set("gpu", value)

    @property
    def go_on_by_itself(self) -> bool:
        """Whether the next take begins by itself after a good one."""
        return self._flag("go_on_by_itself", default=True)

    @go_on_by_itself.setter
    def go_on_by_itself(self, value: bool) -> None:
        self._set("go_on_by_itself", value)

    @property
    def author(self) -> str:
        """The name that was last given for a new wake word."""
        return self._text("author")

    @author.setter
    def author(self, value: str) -> None:
        self._set("author", value)

    @property
    def window(self) -> QByteArray:
        """Where the window was, as QWidget.saveGeometry gave it; empty: it was never open."""
        value = self._store.value("window")
        return value if isinstance(value, QByteArray) else QByteArray()

    @window.setter
    def window(self, value: QByteArray) -> None:
        self._set("window", value)

    @property
    def recent(self) -> list[RecentProject]:
        """The projects that were open, the newest first; those whose folder is gone are left out."""
        found = []
        for number in range(self._store.beginReadArray(_RECENT)):
            self._store.setArrayIndex(number)
            project = RecentProject(Path(self._text("folder")), self._text("wake_word"))
            if project.folder.is_dir():
                found.append(project)
        self._store.endArray()
        return found

    def remember(self, folder: Path, wake_word: str) -> None:
        """Put a project at the top of the recent ones."""
        folder = folder.resolve()
        others = [project for project in self.recent if project.folder != folder]
        self._write_recent([RecentProject(folder, wake_word), *others][:_MAX_RECENT])

    def forget(self, folder: Path) -> None:
        """Take a project out of the recent ones; the project itself stays."""
        folder = folder.resolve()
        self._write_recent([project for project in self.recent if project.folder != folder])

    def _write_recent(self, projects: list[RecentProject]) -> None:
        self._store.beginWriteArray(_RECENT, len(projects))
        for number, project in enumerate(projects):
            self._store.setArrayIndex(number)
            self._store.setValue("folder", str(project.folder))
            self._store.setValue("wake_word", project.wake_word)
        self._store.endArray()
        self._store.sync()
        self.changed.emit(_RECENT)

    def _text(self, key: str) -> str:
        return str(self._store.value(key, ""))

    def _flag(self, key: str, *, default: bool) -> bool:
        return str(self._store.value(key, default)).lower() in ("true", "1")

    def _set(self, key: str, value: object) -> None:
        if self._store.value(key) == value:
            return
        self._store.setValue(key, value)
        self._store.sync()
        self.changed.emit(key)
