"""The About page: which program this is, what it is made of, and under which licences."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

import mww_studio
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.kit.cards import Card
from mww_studio.ui.kit.text import Caption, Label
from mww_studio.ui.page import Page
from mww_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mww_studio.services.studio import Studio

_PROGRAM = "mww-studio"
_LONGEST_LICENCE = 60


@dataclass(frozen=True)
class Part:
    """A library that the program uses."""

    name: str
    version: str
    licence: str


def parts() -> list[Part]:
    """The libraries that the program asks for and that are installed, by name."""
    found = []
    for requirement in importlib.metadata.requires(_PROGRAM) or []:
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:  # an extra, or meant for another system
            continue
        found.append(Part(distribution.name, distribution.version, _licence(distribution)))
    return sorted(set(found), key=lambda part: part.name.lower())


def _licence(distribution: importlib.metadata.Distribution) -> str:
    """The licence as the package names it: an SPDX expression, else its classifiers, else its first line."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    if classifiers:
        return ", ".join(classifiers)
    lines = metadata["License"].strip().splitlines() if "License" in metadata else []
    return lines[0][:_LONGEST_LICENCE] if lines else ""


class AboutPage(Page):
    """Name, version and licence of the program, and the same of its libraries."""

    key = "about"
    icon = "info"

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(studio, parent)
        u = Theme.current().u
        self.copy = Button(self.tr("Copy the versions"), "quiet", "copy")
        self.copy.setToolTip(self.tr("For a report about something that does not work"))
        self.copy.clicked.connect(self._copy)
        self.actions.addWidget(self.copy)
        card = Card(self.tr("mww studio {version}").format(version=mww_studio.__version__))
        card.body.addWidget(
            Label(
                self.tr(
                    "Record your own wake word, train it on your own computer, and put it on an ESP32 with ESPHome. "
                    "Nothing you record leaves this computer."
                ),
                wrap=True,
            )
        )
        card.body.addWidget(
            Caption(
                self.tr(
                    "Free software under the Apache License 2.0. The icons are Lucide (ISC, parts MIT). The window is "
                    "made with Qt for Python under the LGPL 3."
                ),
                wrap=True,
            )
        )
        self.content.addWidget(card)
        libraries = Card(self.tr("Made with"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(u(6))
        grid.setVerticalSpacing(u(1))
        grid.setColumnStretch(2, 1)
        self._parts = parts()
        for row, part in enumerate(self._parts):
            grid.addWidget(Label(part.name), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(part.version, colour="text2"), row, 1, Qt.AlignmentFlag.AlignTop)
            licence = part.licence or self.tr("see the package")
            grid.addWidget(Label(licence, colour="text2", wrap=True), row, 2, Qt.AlignmentFlag.AlignTop)
        libraries.body.addLayout(grid)
        self.content.addWidget(libraries)

    def title(self) -> str:
        """The name of the page."""
        return self.tr("About")

    def sentence(self) -> str:
        """What stands here."""
        return self.tr("This program, what it is made of, and the licences.")

    def main_control(self) -> QWidget:
        """The only button."""
        return self.copy

    def versions(self) -> str:
        """What a report needs to say, as plain text."""
        lines = [
            f"mww-studio {mww_studio.__version__}",
            f"Python {platform.python_version()}, {platform.platform()}",
            *(f"{part.name} {part.version}" for part in self._parts),
        ]
        return "\n".join(lines)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.versions())
        self.studio.say(self.tr("The versions are on the clipboard."))
