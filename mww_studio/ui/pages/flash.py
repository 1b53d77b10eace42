"""Put it on the device: by USB cable, over the network, or through Home Assistant."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.esphome.ports import serial_ports
from mww_studio.esphome.toolchain import DOWNLOAD_BYTES, UNPACKED_BYTES, FirstBuild, first_build
from mww_studio.jobs.flash import Flashed, FlashOrder, known_configurations
from mww_studio.jobs.home_assistant import Installed, install
from mww_studio.services.flash_works import CHECK, FLASH, LOG, check_job, flash_job, log_job
from mww_studio.services.job_thread import JobState
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.choices import Segments
from mww_studio.ui.kit.dialogs import Answer, ask
from mww_studio.ui.kit.empty import EmptyState
from mww_studio.ui.kit.fields import Combo, label_for
from mww_studio.ui.kit.flow import FlowLayout
from mww_studio.ui.kit.messages import Message
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.pages.deploy_details import CodeView
from mww_studio.ui.pages.flash_running import FlashRunning
from mww_studio.ui.pages.flash_ways import CableWay, HomeAssistantWay, NetworkWay
from mww_studio.ui.room import Room
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.esphome.flash_trouble import Target
    from mww_studio.esphome.ports import SerialPort
    from mww_studio.services.job_thread import Outcome
    from mww_studio.services.jobs import Job
    from mww_studio.services.studio import Studio

_CABLE, _NETWORK, _HOME = "cable", "network", "home"
_EMPTY, _ASK, _RUNNING, _DONE, _COPIED = "empty", "ask", "running", "done", "copied"
_LOOK_MS = 2000
_PORTS, _BUILD, _COPY = "flash.ports", "flash.build", "flash.copy"


class FlashPage(Room):
    """What goes on the device and which way; then how far it is; then what comes next."""

    key: ClassVar[str] = "flash"
    icon: ClassVar[str] = "cable"
    under: ClassVar[str] = "deploy"
    tabs_as_read: ClassVar[bool] = True
    fills: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        self._job: Job | None = None
        self._build: FirstBuild | None = None
        self._ports: list[SerialPort] = []
        self._last: Target | None = None
        self._next: Button | None = None
        self._back_again = False
        self._empty = EmptyState(
            "cable",
            self.tr("There is nothing to put on a device yet"),
            self.tr("Save the files on Deploy first, or choose a configuration that you have."),
        )
        self._to_deploy = self._empty.add_button(self.tr("Go to Deploy"), self.go_back, icon="cpu")
        self._empty.add_button(self.tr("Choose a file…"), self._browse, "normal", "folder-open")
        self._again = Button(self.tr("Put it on again"), "quiet", "cable")
        self._again.clicked.connect(self._ask_again)
        self.actions.insertWidget(0, self._again)
        self._setup = self._make_setup()
        self.running = FlashRunning()
        self._lines = CodeView(self.tr("For a device that you have already"))
        self._views: dict[str, tuple[QWidget, ...]] = {
            _EMPTY: (self._empty,),
            _ASK: (self._setup,),
            _RUNNING: (self.running,),
            _DONE: (self.running,),
            _COPIED: (self._lines,),
        }
        for view in (self._empty, self._setup, self.running, self._lines):
            self.content.addWidget(view, 1 if view in (self._empty, self.running) else 0)
        self.content.addStretch(0)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look_unasked)
        self._show(_EMPTY)

    def title(self) -> str:
        """Put it on the device."""
        return self.tr("Put it on the device")

    def sentence(self) -> str:
        """What it is for."""
        return self.tr("Your wake word is built into the device's program, and written to the device.")

    def primary(self) -> Button | None:
        """Put it on, or what comes after it."""
        if self._mode == _EMPTY:
            return self._to_deploy
        if self._mode == _ASK:
            return self.put if self.put.isEnabled() else None
        return self._next if self._mode in (_DONE, _COPIED) else None

    def main_control(self) -> QWidget | None:
        """Which file, or the button that stops."""
        return {_EMPTY: self._to_deploy, _ASK: self.file, _RUNNING: self.running.cancel_button}.get(
            self._mode, self._next
        )

    def entered(self, argument: str) -> None:
        """Look what there is. ``argument``: the configuration to put on a device."""
        busy = next((job for job in self.studio.jobs.busy() if job.kind in (CHECK, FLASH, LOG)), None)
        self._read_files(Path(argument) if argument else None)
        if busy is not None:
            self._follow(busy)
            self._show(_RUNNING)
        elif argument or self._mode not in (_RUNNING, _DONE):
            self._show(_ASK if self.file.count() else _EMPTY)
        self._look_for_ports()
        self.studio.background.run(first_build, self._show_build, key=_BUILD)
        self._timer.start()

    def left(self) -> None:
        """Nobody waits for what is looked for."""
        self._timer.stop()
        self.network.stop_looking()
        for key in (_PORTS, _BUILD, _COPY):
            self.studio.background.drop(key)

    # -- what is asked

    def _make_setup(self) -> QWidget:
        u = Theme.current().u
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        what = Card(self.tr("What goes on it?"))
        self.file = Combo()
        row = FlowLayout()
        row.addWidget(label_for(self.tr("Configuration"), self.file))
        row.addWidget(self.file)
        browse = Button(self.tr("Choose another file…"), "quiet", "folder-open")
        browse.clicked.connect(self._browse)
        row.addWidget(browse)
        what.body.addLayout(row)
        column.addWidget(what)
        how = Card(self.tr("Which way?"))
        ways = ((_CABLE, self.tr("USB cable")), (_NETWORK, self.tr("Network")), (_HOME, self.tr("Home Assistant")))
        self.way = Segments(ways, self.tr("Which way?"))
        self.way.chosen.connect(self._show_way)
        how.body.addWidget(self.way)
        self.cable, self.home = CableWay(), HomeAssistantWay()
        self.network = NetworkWay(
            self.studio.jobs, self.tr("Password of the device"), self.tr("Empty: the one in the configuration")
        )
        self.cable.look_wanted.connect(self._look_for_ports)
        self.network.trouble.connect(self.show_error)
        for each in (self.cable, self.network, self.home):
            each.changed.connect(self._show_way)
            how.body.addWidget(each)
        self._first = StatusRow("info")
        self._first.hide()
        how.body.addWidget(self._first)
        buttons = FlowLayout()
        self.put = Button(self.tr("Put it on the device"), "primary", "cable", big=True)
        self.put.clicked.connect(self._put)
        self.check = Button(self.tr("Only check it"), icon="file-check")
        self.check.setToolTip(self.tr("ESPHome reads the configuration and writes its source. It takes seconds."))
        self.check.clicked.connect(self._check)
        buttons.addWidget(self.put)
        buttons.addWidget(self.check)
        how.body.addSpacing(u(1))
        how.body.addLayout(buttons)
        how.body.addWidget(self.put.reason_label())
        column.addWidget(how)
        self._show_way()
        return whole

    def _read_files(self, chosen: Path | None) -> None:
        """Offer what the project exported, and what was chosen by hand."""
        session = self.studio.session
        files = known_configurations(session.folder) if session is not None else []
        by_hand = [Path(self.file.itemData(row)) for row in range(self.file.count())]
        before = str(chosen or self.file.key)
        self.file.clear()
        for file in dict.fromkeys([*([chosen] if chosen else []), *files, *by_hand]):
            if file.is_file():
                self.file.add(str(file), self.tr("{file} in {folder}").format(file=file.name, folder=file.parent.name))
        self.file.set_key(before)

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("Which configuration?"), str(Path.home()), self.tr("ESPHome (*.yaml *.yml)")
        )
        if chosen:
            self._read_files(Path(chosen))
            self._show(_ASK)

    def _look_for_ports(self) -> None:
        self.studio.background.run(serial_ports, self._show_ports, self.show_error, _PORTS)

    def _look_unasked(self) -> None:
        """A device that is plugged in is noticed by itself."""
        if self._mode == _ASK and self.way.key == _CABLE:
            self._look_for_ports()

    def _show_ports(self, ports: list[SerialPort]) -> None:
        if ports != self._ports:
            self._ports = ports
            self.cable.set_ports(ports)

    def _show_build(self, build: FirstBuild) -> None:
        self._build = build
        said = self.tr("The first build downloads a compiler, about {download} GB")
        more = self.tr(
            "It takes {unpacked} GB in {folder}, where {free} GB are free, and 10 to 40 minutes. All later builds take"
            " a minute or two."
        )
        self._first.set(
            "info" if build.free_bytes >= build.needed_bytes else "warn",
            said.format(download=f"{DOWNLOAD_BYTES / 1e9:.1f}"),
            more.format(
                unpacked=f"{UNPACKED_BYTES / 1e9:.0f}", folder=build.folder, free=f"{build.free_bytes / 1e9:.0f}"
            ),
        )
        self._show_way()

    def _show_way(self) -> None:
        way = self.way.key
        for key, widget in ((_CABLE, self.cable), (_NETWORK, self.network), (_HOME, self.home)):
            widget.setVisible(way == key)
        self._first.setVisible(way != _HOME and self._build is not None and self._build.needed)
        self.put.setText(self.tr("Copy the files") if way == _HOME else self.tr("Put it on the device"))
        self.put.set_icon("copy" if way == _HOME else "cable")
        cable = self.tr("Get the permission first.") if self.cable.denied else ""
        reasons = {
            _CABLE: cable if self.cable.target.name else self.tr("Connect the device first."),
            _NETWORK: "" if self.network.target.name else self.tr("Choose a device or type its address first."),
            _HOME: "" if self.home.folder.text().strip() else self.tr("Choose Home Assistant's folder first."),
        }
        self.put.set_reason(reasons[way])
        if way == _NETWORK and self.isVisible() and not self.network.cards.cards and not self.network.address.text():
            self.network.look_once()

    # -- what is done

    def _check(self) -> None:
        self._begin(check_job(Path(self.file.key)))

    def _put(self) -> None:
        if self.way.key == _HOME:
            self._copy(replace=False)
            return
        target = self.cable.target if self.way.key == _CABLE else self.network.target
        answers = (Answer("yes", self.tr("Put it on"), "primary"), Answer("no", self.tr("Not now")))
        text = self.tr("This replaces the program of the device at {where}, and what wakes it now.")
        if ask(self, self.tr("Put it on the device?"), text.format(where=target.name), answers) != "yes":
            return
        password = self.network.secret.text() if self.way.key == _NETWORK else ""
        self._last = target
        order = FlashOrder(Path(self.file.key), target, password)
        self._begin(flash_job(order, first=self._build is not None and self._build.needed))

    def _copy(self, *, replace: bool) -> None:
        self.put.set_reason(self.tr("The files are being copied."))
        copy = partial(install, Path(self.file.key).parent, self.home.folder.text().strip(), replace=replace)
        self.studio.background.run(copy, self._on_copied, self._on_not_copied, _COPY)

    def _on_copied(self, copied: Installed) -> None:
        self._show_way()
        steps = [self.tr("Open ESPHome in Home Assistant and install it there.")]
        if copied.fill_in:
            fill = self.tr("Write the name and the password of your wireless network into secrets.yaml there first.")
            steps.insert(0, fill)
        title = self.tr("The files are in {folder}").format(folder=copied.folder)
        self._lead_on(Message("ok", title, " ".join(steps)))
        self._lines.set_text(copied.lines, self.tr("Put these lines into its own configuration."))
        self._show(_COPIED)

    def _on_not_copied(self, error: StudioError) -> None:
        self._show_way()
        message = self.show_error(error)
        if error.code == "install.there":
            message.add_button(self.tr("Replace them"), self._replace)

    def _replace(self) -> None:
        self._copy(replace=True)

    def _begin(self, job: Job) -> None:
        self.show_message(None)
        try:
            self._follow(self.studio.jobs.add(job))
        except StudioError as error:
            self.show_error(error)
            return
        self._show(_RUNNING)

    def _follow(self, job: Job) -> None:
        if self._job is not None:
            self._job.ended.disconnect(self._on_ended)
        self._job = job
        job.ended.connect(self._on_ended)
        self.running.follow(job)

    def _on_ended(self, outcome: Outcome) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        job.ended.disconnect(self._on_ended)
        self.running.log.set_lines(job.log)
        self.running.follow(None)
        self._next = None
        self.update_for(job, outcome)
        self._show(_DONE)

    def update_for(self, job: Job, outcome: Outcome) -> None:
        """Say how a job ended, with the next step."""
        if outcome.error is not None:
            self._lead_back(self.show_error(outcome.error), self.tr("Try again"))
        elif job.kind == LOG:
            text = self.tr("What the device said stands below.")
            self._lead_on(Message("info", self.tr("The log is not followed any more"), text))
        elif outcome.state is JobState.CANCELLED:
            text = job.log[-1] if job.phase == "Writing to the device" and job.log else ""
            message = Message("info", self.tr("It was stopped"), text or self.tr("The device is as it was."))
            self._lead_back(message, self.tr("Try again"))
        elif isinstance(outcome.result, Flashed):
            self._show_flashed(outcome.result)

    def _show_flashed(self, flashed: Flashed) -> None:
        words = ", ".join(f"“{word.wake_word}”" for word in flashed.words) or self.tr("no wake word")
        if not flashed.where:
            title = self.tr("ESPHome can build it")
            text = self.tr("It will listen for {words}. Nothing was written to a device.").format(words=words)
            self._lead_back(Message("ok", title, text), self.tr("Go on"))
        else:
            title = self.tr("It is on the device at {where}").format(where=flashed.where)
            text = self.tr("It restarts now, and then listens for {words} as soon as Home Assistant is connected.")
            message = Message("ok", title, text.format(words=words))
            self._lead_on(message)
            message.add_button(self.tr("Show what it says"), self._show_log, icon="scroll-text")

    def _lead_on(self, message: Message) -> None:
        """Say what is done, and lead to the device."""
        self._next = message.add_button(self.tr("Listen to the device"), self._listen, "primary", "radio")
        self._back_again = False
        self.show_message(message)

    def _lead_back(self, message: Message, text: str) -> None:
        """Say what came of it, and lead to the choice of the device."""
        self._next = message.add_button(text, self._ask_again, "primary", "cable")
        self._back_again = True
        self.show_message(message)

    def _listen(self) -> None:
        self.navigate.emit("device", self.file.key)

    def _show_log(self) -> None:
        if self._last is not None:
            self._begin(log_job(Path(self.file.key), self._last))

    def _ask_again(self) -> None:
        self.show_message(None)
        self._look_for_ports()
        self._show(_ASK if self.file.count() else _EMPTY)

    def _show(self, mode: str) -> None:
        self._mode = mode
        shown = self._views[mode]
        for view in (self._empty, self._setup, self.running, self._lines):
            view.setVisible(view in shown)
        self._again.setVisible(mode in (_DONE, _COPIED) and not self._back_again)
        self.update_head()
