"""What Deploy says when the files are saved: where they are, what each is, and the steps to the device."""

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from mww_studio.export.bundle import Bundle
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.theme import Theme


class SavedCard(Card):
    """The files of an export, and the way from here to the device.

    ``put_asked``: put it on the device now; carries the configuration.
    """

    put_asked = Signal(Path)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._bundle: Bundle | None = None
        self._where = StatusRow("ok")
        self._where.set_button(self.tr("Open the folder"), self._open, icon="folder-open")
        self.body.addWidget(self._where)
        u = Theme.current().u
        self.put = Button(self.tr("Put it on the device"), "primary", "cable", big=True)
        self.put.clicked.connect(self._on_put)
        ways = Caption(self.tr("By USB cable, over the network, or through Home Assistant."), wrap=True)
        self.body.addWidget(self.put, 0, Qt.AlignmentFlag.AlignLeading)
        self.body.addWidget(ways)
        self.body.addSpacing(u(1))
        self.body.addWidget(Label(self.tr("Or do it yourself with ESPHome:"), "strong", wrap=True))
        self._steps = Label(wrap=True)
        self.body.addWidget(self._steps)
        self.body.addSpacing(u(1))
        self._files: list[StatusRow] = []

    def set_bundle(self, bundle: Bundle, word: str) -> None:
        """Show the files of this export; ``word`` is what the device's settings will offer."""
        self._bundle = bundle
        self._where.set("ok", self.tr("The files are saved"), str(bundle.model.parent))
        said = list(self._said(bundle))
        while len(self._files) < len(said):
            self._files.append(StatusRow("file"))
            self.body.addWidget(self._files[-1])
        for row in self._files[len(said) :]:
            row.hide()
        for row, (file, purpose) in zip(self._files, said, strict=False):
            row.set("file", file.name, purpose)
            row.show()
        steps = (
            self.tr("1. Copy these files into ESPHome's folder. In Home Assistant that is the folder “esphome”."),
            self.tr("2. Write the name and the password of your wireless network into secrets.yaml."),
            self.tr("3. Install {file} with ESPHome, the first time through a USB cable."),
            self.tr("4. Home Assistant finds the device. Add it, and choose “{word}” in its settings."),
        )
        self._steps.setText("\n".join(steps).format(file=bundle.configuration.name, word=word))

    def _said(self, bundle: Bundle) -> Iterator[tuple[Path, str]]:
        yield bundle.configuration, self.tr("The configuration of the device, for ESPHome.")
        for model, manifest in zip(bundle.models, bundle.manifests, strict=True):
            yield model, self.tr("A model, which the device runs.")
            yield manifest, self.tr("Tells ESPHome how to use it.")
        yield bundle.secrets, self.tr("Passwords and the name of your wireless network. Keep it to yourself.")
        if bundle.provenance is not None:
            yield bundle.provenance, self.tr("What it was made of: versions, licences, counts of takes.")
        yield bundle.readme, self.tr("These steps, in words.")

    def _open(self) -> None:
        if self._bundle is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._bundle.model.parent)))

    def _on_put(self) -> None:
        if self._bundle is not None:
            self.put_asked.emit(self._bundle.configuration)
