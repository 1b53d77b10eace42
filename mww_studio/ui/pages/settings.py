"""The Settings page: what belongs to this computer. Everything counts at once; what changes a model lives on Train."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QProcess, Qt
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QWidget

from mww_studio.errors import StudioError
from mww_studio.ui.errors import describe
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.fields import Combo, label_for
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.page import Page
from mww_studio.ui.theme import Mode, Theme
from mww_studio.ui.translations import language_name, languages

if TYPE_CHECKING:
    from mww_studio.audio.devices import Microphone
    from mww_studio.services.studio import Studio

_ALWAYS, _NEVER = "yes", "no"
_ENGINE_CHECK = "import tensorflow; print(tensorflow.__version__)"


@dataclass(frozen=True)
class _Space:
    """The data folder: what the wake words in it take, and what is free, in bytes."""

    used: int
    free: int


class SettingsPage(Page):
    """Six rows, each with its field and what is to say about it; a trouble is told in its row."""

    key = "settings"
    icon = "settings"

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        u = Theme.current().u
        card = Card(padding=6)
        self.content.addWidget(card)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(u(4))
        self._grid.setVerticalSpacing(u(4))
        self._grid.setColumnStretch(1, 1)
        card.body.addLayout(self._grid)
        self.microphones = self._combo()
        self.look_again = Button(self.tr("Look again"), "quiet", "rotate-cw")
        self._microphone_said = self._row(self.tr("Microphone"), self.microphones, self.look_again)
        self.looks = self._combo()
        self._row(self.tr("Look"), self.looks)
        self.languages = self._combo()
        self._language_said = self._row(self.tr("Language"), self.languages)
        self.change_folder = Button(self.tr("Change…"), name=self.tr("Change the data folder"))
        self._folder_said = self._row(self.tr("Data folder"), self.change_folder)
        self.cards = self._combo()
        self._card_said = self._row(self.tr("Graphics card"), self.cards)
        self.check_engine = Button(self.tr("Check it"), name=self.tr("Check the training engine"))
        self._engine_said = self._row(self.tr("Training engine"), self.check_engine)
        self._engine: QProcess | None = None
        below = QHBoxLayout()
        self.help = Button(self.tr("Help"), "quiet", "life-buoy")
        self.about = Button(self.tr("About and licences"), "quiet", "info")
        below.addWidget(self.help)
        below.addWidget(self.about)
        below.addStretch(1)
        self.content.addLayout(below)
        self._fill()
        self._connect()

    def title(self) -> str:
        """The name of the page."""
        return self.tr("Settings")

    def sentence(self) -> str:
        """What the page is for."""
        return self.tr("Settings of this computer. What changes a model stands on the page Train.")

    def main_control(self) -> QWidget:
        """The first field."""
        return self.microphones

    def entered(self, argument: str) -> None:
        """Look at the computer anew."""
        del argument
        self._show_choices()
        self._look_at_microphones()
        self._look_at_folder()
        self._look_at_card()
        self._show_engine()

    def left(self) -> None:
        """Nobody waits for the engine any more."""
        if self._engine is not None:
            self._engine.kill()

    def _combo(self) -> Combo:
        combo = Combo()
        combo.setMinimumWidth(Theme.current().u(40))
        combo.setMaximumWidth(Theme.current().u(70))
        return combo

    def _row(self, name: str, field: QWidget, *more: QWidget) -> Caption:
        row = self._grid.rowCount()
        own_name = field.accessibleName()
        self._grid.addWidget(label_for(name, field), row, 0)
        field.setAccessibleName(own_name or name)
        said = Caption(wrap=True)
        line = QHBoxLayout()
        line.setSpacing(Theme.current().u(4))
        line.addWidget(field, 1 if isinstance(field, Combo) else 0)
        line.addWidget(said, 1)
        for widget in more:
            line.addWidget(widget)
        self._grid.addLayout(line, row, 1)
        return said

    def _fill(self) -> None:
        self.microphones.add("", self.tr("Like the system"))
        self.looks.add(Mode.SYSTEM, self.tr("Like the system"))
        self.looks.add(Mode.LIGHT, self.tr("Light"))
        self.looks.add(Mode.DARK, self.tr("Dark"))
        if len(languages()) > 1:
            self.languages.add("", self.tr("Like the system"))
        for code in languages():
            self.languages.add(code, language_name(code))
        self.cards.add(_ALWAYS, self.tr("Use it when it helps"))
        self.cards.add(_NEVER, self.tr("Do not use it"))

    def _connect(self) -> None:
        self.microphones.activated.connect(self._choose_microphone)
        self.look_again.clicked.connect(self._look_at_microphones)
        self.looks.activated.connect(self._choose_look)
        self.languages.activated.connect(self._choose_language)
        self.change_folder.clicked.connect(self._choose_folder)
        self.cards.activated.connect(self._choose_card)
        self.check_engine.clicked.connect(self._check_engine)
        self.help.clicked.connect(self._go_help)
        self.about.clicked.connect(self._go_about)

    def _show_choices(self) -> None:
        settings = self.studio.settings
        self.looks.set_key(settings.theme)
        self.languages.set_key(settings.language)
        if self.languages.count() == 1:
            self.languages.setEnabled(False)
            self._language_said.setText(self.tr("The window speaks no other language yet."))
        self.cards.set_key(_ALWAYS if settings.gpu else _NEVER)

    # -- the microphone

    def _look_at_microphones(self) -> None:
        from mww_studio.audio.devices import microphones

        self._say(self._microphone_said, self.tr("Looking for microphones…"))
        self.studio.background.run(microphones, self._show_microphones, self._no_microphones, "microphones")

    def _show_microphones(self, found: list[Microphone]) -> None:
        chosen = self.studio.settings.microphone
        self.microphones.clear()
        self.microphones.add("", self.tr("Like the system"))
        for microphone in found:
            self.microphones.add(microphone.name, microphone.name)
        if not self.microphones.set_key(chosen):
            self.microphones.add(chosen, chosen)
            self.microphones.set_key(chosen)
        here = next((m for m in found if m.name == chosen or (not chosen and m.default)), None)
        if here is not None:
            rate = QLocale().toString(here.rate_hz)
            text = self.tr("{name}, {rate} Hz").format(name=here.name, rate=rate)
            self._say(self._microphone_said, self.tr("Ready, {rate} Hz").format(rate=rate) if chosen else text)
        elif found and chosen:
            self._say(self._microphone_said, self.tr("It is not plugged in."), "warn")
        elif found:
            self._say(self._microphone_said, "")
        else:
            self._say(self._microphone_said, self.tr("No microphone found. Plug one in, then look again."), "warn")

    def _no_microphones(self, error: StudioError) -> None:
        said = describe(error)
        text = self.tr("{title}. {text} ({code})").format(title=said.title, text=said.text, code=said.code)
        self._say(self._microphone_said, text, "warn")

    def _choose_microphone(self) -> None:
        self.studio.settings.microphone = self.microphones.key
        self._look_at_microphones()

    # -- look and language

    def _choose_look(self) -> None:
        self.studio.settings.theme = self.looks.key

    def _choose_language(self) -> None:
        self.studio.settings.language = self.languages.key
        if self.languages.count() > 1:
            self._language_said.setText(self.tr("It counts from the next start."))

    # -- the data folder

    def _look_at_folder(self) -> None:
        folder = self.studio.settings.data_folder
        self._say(self._folder_said, str(folder))
        self.studio.background.run(_Measure(folder), self._show_space, key="data folder")

    def _show_space(self, space: _Space) -> None:
        text = self.tr("{folder} · {used} used, {free} free").format(
            folder=self.studio.settings.data_folder, used=_size(space.used), free=_size(space.free)
        )
        self._say(self._folder_said, text)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Where should new wake words be kept?"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setDirectory(str(self.studio.settings.data_folder))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.set_folder)
        dialog.open()

    def set_folder(self, folder: str) -> None:
        """Keep new wake words here from now on."""
        if not os.access(folder, os.W_OK):
            self._say(self._folder_said, self.tr("Nothing can be written to {folder}.").format(folder=folder), "warn")
            return
        self.studio.settings.data_folder = Path(folder)
        self._look_at_folder()

    # -- graphics card and engine

    def _look_at_card(self) -> None:
        self.studio.background.run(_card_reason, self._show_card, key="graphics card")

    def _show_card(self, reason: str) -> None:
        self._say(self._card_said, reason)

    def _choose_card(self) -> None:
        self.studio.settings.gpu = self.cards.key == _ALWAYS

    def _show_engine(self) -> None:
        try:
            version = importlib.metadata.version("tensorflow")
        except importlib.metadata.PackageNotFoundError:
            self._say(self._engine_said, self.tr("It is not installed. Run the set-up again."), "warn")
            self.check_engine.set_reason(self.tr("There is nothing to check."))
            return
        self._say(self._engine_said, self.tr("Installed, TensorFlow {version}").format(version=version))

    def _check_engine(self) -> None:
        self.check_engine.set_reason(self.tr("It is being checked."))
        self._say(self._engine_said, self.tr("Starting it once…"))
        self._engine = QProcess(self)
        self._engine.finished.connect(self._engine_ended)
        self._engine.start(sys.executable, ["-c", _ENGINE_CHECK])

    def _engine_ended(self, status: int) -> None:
        if self._engine is None:
            return
        version = bytes(self._engine.readAllStandardOutput().data()).decode(errors="replace").strip()
        complaint = bytes(self._engine.readAllStandardError().data()).decode(errors="replace").strip().splitlines()
        self._engine.deleteLater()
        self._engine = None
        self.check_engine.set_reason("")
        if status == 0 and version:
            self._say(self._engine_said, self.tr("It works: TensorFlow {version} started.").format(version=version))
        else:
            why = complaint[-1] if complaint else self.tr("it said nothing")
            text = self.tr("It does not start: {why}. Run the set-up again.").format(why=why.removesuffix("."))
            self._say(self._engine_said, text, "warn")

    def _say(self, where: Label, text: str, colour: str = "text2") -> None:
        where.setText(text)
        where.set_colour(colour)

    def _go_help(self) -> None:
        self.navigate.emit("help", "settings")

    def _go_about(self) -> None:
        self.navigate.emit("about", "")


class _Measure:
    """How much a folder takes; runs outside the window's thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self) -> _Space:
        used = 0
        for place, _, files in os.walk(self._folder):
            for file in files:
                try:
                    used += (Path(place) / file).lstat().st_size
                except OSError:  # it went away meanwhile
                    continue
        there = next(folder for folder in (self._folder, *self._folder.parents) if folder.exists())
        return _Space(used, shutil.disk_usage(there).free)


def _card_reason() -> str:
    from mww_studio.jobs.readiness import graphics_card

    return graphics_card()[1]


def _size(size: int) -> str:
    return QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
