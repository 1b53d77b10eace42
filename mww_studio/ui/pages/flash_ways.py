"""The three ways to a device: a USB cable, the network, or Home Assistant's own ESPHome."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mww_studio.esphome.discovery import FoundDevice
from mww_studio.esphome.flash_trouble import Target
from mww_studio.esphome.ports import SerialPort, permission_command
from mww_studio.services.flash_works import look_job
from mww_studio.services.job_thread import Outcome
from mww_studio.services.jobs import Job, JobList
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.choices import RadioCard
from mww_studio.ui.kit.fields import LineEdit, field
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.kit.text import Label
from mww_studio.ui.theme import Theme

_SHARE = "smb://homeassistant.local/config"


class _Way(QWidget):
    """A way: ``changed`` when it leads elsewhere, or to nowhere."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(Theme.current().u(2))

    def look_row(self, text: str, button: Button) -> Label:
        """A sentence, and the button to look again beside it."""
        row = QHBoxLayout()
        said = Label(text, colour="text2", wrap=True)
        row.addWidget(said, 1)
        row.addWidget(button)
        self.column.addLayout(row)
        return said


class _Cards(QWidget):
    """Radio cards that come and go."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Theme.current().u(2))
        self.cards: dict[str, RadioCard] = {}

    @property
    def key(self) -> str:
        """The key of the chosen card, empty where there is none."""
        return next((key for key, card in self.cards.items() if card.isChecked()), "")

    def set_cards(self, cards: Sequence[tuple[str, str, str]]) -> None:
        """Show these, given as key, title and a smaller line; the choice stays, or the first one is chosen."""
        before, focused = self.key, any(card.hasFocus() for card in self.cards.values())
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards = {}
        for key, title, meta in cards:
            card = RadioCard(title, meta=meta)
            card.setChecked(key == before)
            card.toggled.connect(self.chosen)
            self._column.addWidget(card)
            self.cards[key] = card
        if self.cards and not self.key:
            next(iter(self.cards.values())).setChecked(True)
        self.setVisible(bool(self.cards))
        if focused and self.cards:
            self.cards[self.key].show()  # Qt shows it later, and what is hidden takes no focus
            self.cards[self.key].setFocus()
        self.chosen.emit()


class CableWay(_Way):
    """A USB cable: which port."""

    look_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ports: dict[str, SerialPort] = {}
        self.look = Button(self.tr("Look again"), "quiet", "refresh-cw", name=self.tr("Look for ports again"))
        self.look.clicked.connect(self.look_wanted)
        self._said = self.look_row("", self.look)
        self.cards = _Cards()
        self.cards.chosen.connect(self._show_choice)
        self.column.addWidget(self.cards)
        self._denied = StatusRow("warn")
        self._denied.hide()
        self.column.addWidget(self._denied)
        self.set_ports([])

    @property
    def denied(self) -> bool:
        """Whether this person may not use the chosen port."""
        port = self._ports.get(self.cards.key)
        return port is not None and not port.usable

    @property
    def target(self) -> Target:
        """The chosen port."""
        return Target(port=self.cards.key)

    def set_ports(self, ports: Sequence[SerialPort]) -> None:
        """Show these."""
        self._ports = {port.path: port for port in ports}
        self._said.setText(
            self.tr("The first time a device is always written by cable. Which one is it?")
            if ports
            else self.tr(
                "No device is connected. Plug it in with a cable that carries data: some carry power only. If it still"
                " does not appear, hold its button BOOT while you plug it in."
            )
        )
        self.cards.set_cards([(port.path, port.name, port.path) for port in ports])

    def _show_choice(self) -> None:
        self._denied.setVisible(self.denied)
        if self.denied:
            port = self.cards.key
            self._denied.set(
                "warn",
                self.tr("No permission for {port}").format(port=port),
                self.tr("Type this into a terminal, then log out and in again: {command}").format(
                    command=permission_command(port)
                ),
            )
            self._denied.set_button(self.tr("Copy"), self._copy, icon="copy", name=self.tr("Copy the command"))
        self.changed.emit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(permission_command(self.cards.key))


class NetworkWay(_Way):
    """The network: one of the devices that announce themselves, or an address. ``trouble`` says why none is found."""

    trouble = Signal(object)

    def __init__(self, jobs: JobList, second: str, name: str, parent: QWidget | None = None) -> None:
        """``second``: the label of the masked field beside the address; ``name``: what it is for."""
        super().__init__(parent)
        self._jobs = jobs
        self._looking: Job | None = None
        self._looked = False
        self._again = Button(self.tr("Look again"), "quiet", "refresh-cw", name=self.tr("Look for devices again"))
        self._again.clicked.connect(self.look)
        self._said = self.look_row(self.tr("Looking for devices…"), self._again)
        self.cards = _Cards()
        self.cards.chosen.connect(self._choose)
        self.column.addWidget(self.cards)
        self.address = LineEdit(placeholder="kitchen.local")
        self.address.textChanged.connect(self.changed)
        self.secret = LineEdit(placeholder=name)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.column.addSpacing(Theme.current().u(1))
        pair = QHBoxLayout()
        pair.setSpacing(Theme.current().u(3))
        pair.addLayout(field(self.tr("Address"), self.address), 1)
        pair.addLayout(field(second, self.secret), 1)
        self.column.addLayout(pair)

    @property
    def target(self) -> Target:
        """The chosen or typed address."""
        return Target(address=self.address.text().strip())

    def look(self) -> None:
        """Look for devices, in the background."""
        if self._looking is None:
            self._looked = True
            self._said.setText(self.tr("Looking for devices…"))
            self._again.setEnabled(False)
            self._looking = self._jobs.add(look_job())
            self._looking.ended.connect(self._on_looked)

    def look_once(self) -> None:
        """Look for devices, unless somebody did; after that the button does."""
        if not self._looked:
            self.look()

    def stop_looking(self) -> None:
        """Nobody waits for what is found."""
        if self._looking is not None:
            self._looking.cancel()

    def _on_looked(self, outcome: Outcome) -> None:
        self._looking = None
        self._show_devices(outcome.result if isinstance(outcome.result, list) else [])
        if outcome.error is not None:
            self.trouble.emit(outcome.error)

    def _show_devices(self, devices: Sequence[FoundDevice]) -> None:
        self._again.setEnabled(True)
        self._said.setText(
            self.tr("These devices answer. Choose one, or type the address of another.")
            if devices
            else self.tr("No device answered. It may be off or on another network; its address works, too.")
        )
        about = self.tr("{address} · ESPHome {version}")
        self.cards.set_cards(
            [
                (one.address, one.friendly_name, about.format(address=one.address, version=one.esphome_version))
                for one in devices
            ]
        )

    def _choose(self) -> None:
        if self.cards.key:
            self.address.setText(self.cards.key)
        self.changed.emit()


class HomeAssistantWay(_Way):
    """Home Assistant: the folder that its ESPHome reads."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        said = self.tr(
            "The files are copied to Home Assistant, and its ESPHome builds and installs them. Install the add-on"
            " “Samba share” there, open the share in the file manager, and choose its folder “config” here."
        )
        self.column.addWidget(Label(said, colour="text2", wrap=True))
        self.column.addSpacing(Theme.current().u(1))
        row = QHBoxLayout()
        row.setSpacing(Theme.current().u(2))
        self.folder = LineEdit(placeholder=_SHARE)
        self.folder.textChanged.connect(self.changed)
        browse = Button(self.tr("Choose a folder…"), "quiet", "folder")
        browse.clicked.connect(self._browse)
        row.addLayout(field(self.tr("Folder or share"), self.folder), 1)
        row.addWidget(browse, 0, Qt.AlignmentFlag.AlignBottom)
        self.column.addLayout(row)

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Which folder is Home Assistant's?"), str(Path.home()))
        if chosen:
            self.folder.setText(chosen)
