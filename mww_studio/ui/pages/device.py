"""Listen to the device: is it online, which wake word is on, and how often does it hear you."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.esphome.device_api import Online, Role, Woke, Words
from mww_studio.jobs.device import key_beside
from mww_studio.jobs.flash import known_configurations
from mww_studio.jobs.say_test import SayTest
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.columns import Columns
from mww_studio.ui.kit.rows import StatusRow
from mww_studio.ui.pages.device_parts import COUNT, HeardCard, SayCard, WordsCard
from mww_studio.ui.pages.flash_ways import NetworkWay
from mww_studio.ui.room import Room
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.studio import Studio

_ASK, _CONNECTING, _ONLINE = "ask", "connecting", "online"
_KEY = "device.key"
_TICK_MS = 100


class DevicePage(Room):
    """Asks which device; then shows what it offers and hears, and counts."""

    key: ClassVar[str] = "device"
    icon: ClassVar[str] = "radio"
    under: ClassVar[str] = "deploy"
    tabs_as_read: ClassVar[bool] = True

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        u = Theme.current().u
        self._test: SayTest | None = None
        self._role = Role.NONE
        self._known_key = ""
        self.leave_button = Button(self.tr("Another device"), "quiet", "unplug")
        self.leave_button.clicked.connect(studio.device.leave)
        self.actions.insertWidget(0, self.leave_button)
        self._ask = Card(self.tr("Which device?"))
        self.network = NetworkWay(
            studio.jobs, self.tr("Key of the device"), self.tr("Empty: the one beside your files")
        )
        self.network.trouble.connect(self.show_error)
        self.network.changed.connect(self._show_button)
        self._ask.body.addWidget(self.network)
        self._ask.body.addSpacing(u(1))
        self.connect_button = Button(self.tr("Connect"), "primary", "radio", big=True)
        self.connect_button.clicked.connect(self._connect)
        self._ask.body.addWidget(self.connect_button, 0, Qt.AlignmentFlag.AlignLeading)
        self._ask.body.addWidget(self.connect_button.reason_label())
        self._all = QWidget()
        column = QVBoxLayout(self._all)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(u(4))
        self._facts = StatusRow("ok")
        self._roles = StatusRow("info")
        about = Card()
        about.body.addWidget(self._facts)
        about.body.addWidget(self._roles)
        column.addWidget(about)
        self.say, self.words, self.heard = SayCard(), WordsCard(), HeardCard()
        self.say.button.clicked.connect(self._start_or_stop)
        self.words.chosen.connect(self._choose)
        test = QWidget()
        stack = QVBoxLayout(test)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(u(4))
        stack.addWidget(self.say)
        stack.addWidget(self.heard)
        pair = Columns(from_u=150)
        pair.add(test, 3, hugs=True)
        pair.add(self.words, 2, hugs=True)
        column.addWidget(pair)
        self.content.addWidget(self._ask)
        self.content.addWidget(self._all)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        device = studio.device
        device.online.connect(self._on_online)
        device.words.connect(self._on_words)
        device.woke.connect(self._on_woke)
        device.refused.connect(self._on_refused)
        device.ended.connect(self._on_ended)
        self._show(_ASK)

    def title(self) -> str:
        """Listen to the device."""
        return self.tr("Listen to the device")

    def sentence(self) -> str:
        """What it is for."""
        return self.tr("See which wake word is on, and how often the device hears you where it stands.")

    def primary(self) -> Button | None:
        """Connect, or start to say it."""
        if self._mode == _ONLINE:
            return self.say.button
        return self.connect_button if self.connect_button.isEnabled() else None

    def main_control(self) -> QWidget | None:
        """The address, or the button that starts."""
        return self.say.button if self._mode == _ONLINE else self.network.address

    def entered(self, argument: str) -> None:
        """Look which devices there are. ``argument``: the configuration of the device that was just flashed."""
        session = self.studio.session
        files = [Path(argument)] if argument else known_configurations(session.folder) if session else []
        if files:
            self.studio.background.run(partial(key_beside, files[0]), self._take_key, key=_KEY)
            if argument and not self.network.address.text():
                self.network.address.setText(f"{files[0].stem}.local")
        if self._mode == _ASK:
            self.network.look()
        self._timer.start()

    def left(self) -> None:
        """Nobody listens to a page that is not seen: the device is left to Home Assistant."""
        self._timer.stop()
        self.studio.background.drop(_KEY)
        self.network.stop_looking()
        self.studio.device.leave()

    # -- which device

    def _take_key(self, key: str) -> None:
        self._known_key = key

    def _show_button(self) -> None:
        missing = self.tr("Choose a device or type its address first.")
        waits = self.tr("Waiting for the device to answer.")
        asked = self.network.target.name
        self.connect_button.set_reason(waits if self._mode == _CONNECTING else "" if asked else missing)

    def _connect(self) -> None:
        self.show_message(None)
        self._show(_CONNECTING)
        key = self.network.secret.text().strip() or self._known_key
        self.studio.device.connect_to(self.network.target.address, key)

    # -- what it says

    def _on_online(self, online: Online) -> None:
        facts = online.facts
        self._role = online.role
        about = self.tr("{model} · ESPHome {version}").format(model=facts.model, version=facts.esphome_version)
        self._facts.set("ok", self.tr("{name} is online").format(name=facts.friendly_name), about)
        if online.role is Role.OURS:
            self._roles.set(
                "info",
                self.tr("While you are here, this program is its voice assistant in the place of Home Assistant"),
                self.tr("So it hears you, and does nothing. If Home Assistant does not come back, restart the device."),
            )
        self._roles.setVisible(online.role is Role.OURS)
        self.words.set_words(online.role, online.words)
        self.heard.clear()
        self._set_test(None)
        self.show_message(None)
        self._show(_ONLINE)

    def _on_words(self, words: Words) -> None:
        self.words.set_words(self._role, words)
        on = next((word.wake_word for word in words.offered if word.id in words.active), "")
        if on:
            self.studio.say(self.tr("The device listens for “{word}” now.").format(word=on))

    def _on_refused(self, error: StudioError) -> None:
        self.words.show_active()
        self.show_error(error)

    def _choose(self, word: str) -> None:
        self.studio.device.choose([word])

    def _on_woke(self, woke: Woke) -> None:
        self.heard.add(woke)
        if self._test is not None:
            self._test.heard(time.monotonic())
            self.say.show_test(self._test)

    def _on_ended(self, error: StudioError | None) -> None:
        self._set_test(None)
        self._show(_ASK)
        if error is None:
            return
        message = self.show_error(error)
        if error.code == "device.key":
            message.add_button(self.tr("Type the key"), self._type_key)
        elif self.connect_button.isEnabled():
            message.add_button(self.tr("Try again"), self._connect)

    def _type_key(self) -> None:
        self.network.secret.setFocus()

    # -- say it ten times

    def _start_or_stop(self) -> None:
        going = self._test is not None and not self._test.over
        self._set_test(None if going else SayTest(COUNT, time.monotonic()))

    def _set_test(self, test: SayTest | None) -> None:
        self._test = test
        self.say.show_test(test)

    def _tick(self) -> None:
        if self._test is not None and self._test.tick(time.monotonic()):
            self.say.show_test(self._test)

    # -- the page

    def _show(self, mode: str) -> None:
        self._mode = mode
        self._ask.setVisible(mode != _ONLINE)
        self._all.setVisible(mode == _ONLINE)
        self.leave_button.setVisible(mode == _ONLINE)
        self._show_button()
        self.update_head()
