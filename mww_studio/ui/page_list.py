"""Which pages there are and where they live; a page's module is imported when the page is first shown."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from mww_studio.services.studio import Studio
    from mww_studio.ui.page import Page


@dataclass(frozen=True)
class PageEntry:
    """A page before it is made: its key, its icon, and its class. ``under``: the step that a room belongs to."""

    key: str
    icon: str
    module: str
    class_name: str
    needs_project: bool = True
    under: str = ""

    def label(self) -> str:
        """The name in the language of the window."""
        return _name(self.key)

    def make(self, studio: "Studio") -> "Page":
        """Make the page; this is when its imports happen."""
        page: Page = getattr(importlib.import_module(self.module), self.class_name)(studio)
        return page


def _entry(key: str, icon: str, class_name: str, *, needs_project: bool = True) -> PageEntry:
    return PageEntry(key, icon, f"mww_studio.ui.pages.{key}", class_name, needs_project)


def _room(key: str, icon: str, class_name: str, *, under: str, needs_project: bool = True) -> PageEntry:
    return PageEntry(key, icon, f"mww_studio.ui.pages.{key}", class_name, needs_project, under)


STEPS = (
    _entry("start", "house", "StartPage", needs_project=False),
    _entry("record", "mic", "RecordPage"),
    _entry("samples", "list-music", "SamplesPage"),
    _entry("train", "brain", "TrainPage"),
    _entry("results", "gauge", "ResultsPage"),
    _entry("live", "audio-lines", "LivePage"),
    _entry("deploy", "cpu", "DeployPage"),
)
"""The steps of a wake word, in the order of the rail."""

SETTINGS = _entry("settings", "settings", "SettingsPage", needs_project=False)
HELP = _entry("help", "info", "HelpPage", needs_project=False)
ABOUT = _entry("about", "info", "AboutPage", needs_project=False)

ROOMS: tuple[PageEntry, ...] = (
    _room("speakers", "users", "SpeakersPage", under="samples"),
    _room("voices", "message-circle", "VoicesPage", under="samples"),
    _room("phrases", "ear", "PhrasesPage", under="samples"),
    _room("mining", "search", "MiningPage", under="results"),
    _room("negatives", "cloud-download", "NegativesPage", under="samples"),
    _room("tuning", "sliders-horizontal", "TuningPage", under="train"),
    _room("passport", "file-check", "PassportPage", under="deploy", needs_project=False),
    _room("flash", "cable", "FlashPage", under="deploy"),
    _room("device", "radio", "DevicePage", under="deploy"),
    _room("doctor", "stethoscope", "DoctorPage", under="deploy", needs_project=False),
)
"""Pages that a step leads to, and that lead back to it; in the rail the step stays marked."""

PAGES = (*STEPS, SETTINGS, HELP, ABOUT, *ROOMS)


def _name(key: str) -> str:
    translate = QCoreApplication.translate
    return {
        "start": translate("PageEntry", "Start"),
        "record": translate("PageEntry", "Record"),
        "samples": translate("PageEntry", "Samples"),
        "train": translate("PageEntry", "Train"),
        "results": translate("PageEntry", "Results"),
        "live": translate("PageEntry", "Live test"),
        "deploy": translate("PageEntry", "Deploy"),
        "speakers": translate("PageEntry", "Who is speaking?"),
        "voices": translate("PageEntry", "Computer voices"),
        "phrases": translate("PageEntry", "What sounds like it"),
        "negatives": translate("PageEntry", "Other talk to download"),
        "tuning": translate("PageEntry", "Tune"),
        "passport": translate("PageEntry", "What a model can do"),
        "mining": translate("PageEntry", "Search for mistakes"),
        "doctor": translate("PageEntry", "Check a YAML of yours"),
        "flash": translate("PageEntry", "Put it on the device"),
        "device": translate("PageEntry", "Listen to the device"),
        "settings": translate("PageEntry", "Settings"),
        "help": translate("PageEntry", "Help"),
        "about": translate("PageEntry", "About"),
    }[key]
