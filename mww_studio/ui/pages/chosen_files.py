"""Sound files and folders that somebody chooses: asking for them, and naming them."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from mww_studio.ui.kit.text import Label

_ENDINGS = "*.wav *.flac *.ogg *.oga *.opus *.mp3 *.aif *.aiff *.caf *.au"
_NAMED = 3


class ChosenFiles(Label):
    """Names the first of the files and folders that were chosen; without any, says what can be chosen.

    ``chosen`` carries the list of paths that the system's dialog was closed with.
    """

    chosen = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(wrap=True, parent=parent)
        self.show_paths(())

    def show_paths(self, paths: Sequence[Path]) -> None:
        """Name these."""
        names = [path.name or str(path) for path in paths[:_NAMED]]
        more = len(paths) - len(names)
        if not names:
            text = self.tr("WAV, FLAC, OGG and MP3 files, or whole folders. They can also be dropped here.")
        elif more:
            text = self.tr("{names} and {more} more").format(names=", ".join(names), more=QLocale().toString(more))
        else:
            text = ", ".join(names)
        self.setText(text)
        self.set_colour("text" if names else "text2")

    def ask_for_files(self) -> None:
        """Ask for files."""
        dialog = QFileDialog(self, self.tr("Choose sound files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Sound files ({endings})").format(endings=_ENDINGS), self.tr("All files (*)")])
        self._open(dialog)

    def ask_for_a_folder(self) -> None:
        """Ask for a folder."""
        dialog = QFileDialog(self, self.tr("Choose a folder with sound files"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._on_selected)
        dialog.open()

    def _on_selected(self, names: list[str]) -> None:
        self.chosen.emit([Path(name) for name in names])
