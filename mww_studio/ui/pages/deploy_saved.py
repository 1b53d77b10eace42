"""What Deploy says when the files are saved: where they are, what each is, and the steps to the device."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from mww_studio.export.bundle import Bundle
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Label


class SavedCard(Card):
    """The files of an export, and the way from here to the device."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._folder = Path()
        self._where = StatusRow("ok")
        self._where.set_button(self.tr("Open the folder"), self._open, icon="folder-open")
        self.body.addWidget(self._where)
        self._steps = Label(wrap=True)
        self.body.addWidget(self._steps)
        self._files = [StatusRow("file") for _ in range(6)]
        for row in self._files:
            self.body.addWidget(row)

    def set_bundle(self, bundle: Bundle, word: str) -> None:
        """Show the files of this export; ``word`` is what the device's settings will offer."""
        self._folder = bundle.model.parent
        self._where.set("ok", self.tr("The files are saved"), str(self._folder))
        said = (
            (bundle.configuration, self.tr("The configuration of the device, for ESPHome.")),
            (bundle.model, self.tr("The wake word itself, which the device runs.")),
            (bundle.manifest, self.tr("Tells ESPHome how to use the wake word.")),
            (bundle.secrets, self.tr("Passwords and the name of your wireless network. Keep it to yourself.")),
            (bundle.provenance, self.tr("What it was made of: versions, licences, counts of takes.")),
            (bundle.readme, self.tr("These steps, in words.")),
        )
        for row, (file, purpose) in zip(self._files, said, strict=True):
            row.set("file", file.name, purpose)
        steps = (
            self.tr("1. Copy these files into ESPHome's folder. In Home Assistant that is the folder “esphome”."),
            self.tr("2. Write the name and the password of your wireless network into secrets.yaml."),
            self.tr("3. Install {file} with ESPHome, the first time through a USB cable."),
            self.tr("4. Home Assistant finds the device. Add it, and choose “{word}” in its settings."),
        )
        self._steps.setText("\n".join(steps).format(file=bundle.configuration.name, word=word))

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
