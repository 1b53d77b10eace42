"""What the esphome program says while it builds and uploads, read line by line: how far it is, and what went wrong.

The forms are those of ESPHome 2026.6 with PlatformIO 6.1 or ESP-IDF's own tools, and esptool 4 and 5.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """A stage of a flash, in its order; the names are those that progress shows."""

    CHECK = "Checking the configuration"
    GENERATE = "Writing the source"
    DOWNLOAD = "Getting the compiler"
    COMPILE = "Compiling"
    UPLOAD = "Writing to the device"
    RESTART = "Restarting the device"


@dataclass(frozen=True)
class Reading:
    """What a line says. ``done`` of ``total`` steps of ``stage`` are finished (0: nobody knows how many there are).

    ``begins``: the stage begins with it. ``bar``: it tells of the progress alone, so no log needs it.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    begins: bool = False
    bar: bool = False


@dataclass(frozen=True)
class WokeLine:
    """A device's log line about a wake word: how sure it was on average and at most, 0 to 1."""

    wake_word: str
    average: float
    highest: float


PERCENT = 100
_PACKAGES = 10  # that a first build installs at least
_FULL_SIZE_BYTES = 100_000  # the pieces below are written in a moment
_ORDER = list(Stage)
_COMPILES = re.compile(r"(?:Compiling|Archiving|Indexing|Linking|Generating LD script) \.?\S")
_BEGINS = (
    (re.compile(r"INFO Reading configuration "), Stage.CHECK),
    (re.compile(r"INFO Generating C\+\+ source"), Stage.GENERATE),
    (re.compile(r"INFO (?:Downloading|Installing|Extracting|Cloning) ESP-IDF"), Stage.DOWNLOAD),
    (re.compile(r"(?:Platform|Tool|Library) Manager: Installing "), Stage.DOWNLOAD),
    (_COMPILES, Stage.COMPILE),
    (re.compile(r"INFO Discovering available ESP-IDF components"), Stage.COMPILE),
    (re.compile(r"\[\d+/\d+\] "), Stage.COMPILE),
    (re.compile(r"(?:INFO Uploading |Serial port \S+)"), Stage.UPLOAD),
    (re.compile(r"INFO Connecting to \S+ port \d+"), Stage.UPLOAD),
    (re.compile(r"(?:Hard resetting|INFO OTA successful|INFO Upload took )"), Stage.RESTART),
)
_BAR = re.compile(r"(?:Downloading|Unpacking|Extracting|Uploading|Writing at\b).*?(\d+(?:\.\d+)?) ?%")
_INSTALLED = re.compile(r"\S+@\S+ has been installed!")
_NINJA = re.compile(r"\[(\d+)/(\d+)\] ")
_BYTES = re.compile(r"\d+/(\d+) bytes")
_BUILD_PATH = re.compile(r"Compiling app\.\.\. Build path: (.+)")
_WOKE = re.compile(
    r"\[micro_wake_word:\d+\].*?Detected '(.+)' with sliding average probability is ([\d.]+)"
    r" and max probability is ([\d.]+)"
)


def read_woke(line: str) -> WokeLine | None:
    """What a line of a device's log says about a wake word that it heard; None where it says something else."""
    found = _WOKE.search(line)
    return WokeLine(found[1], float(found[2]), float(found[3])) if found else None


class FlashReader:
    """Reads the lines of one flash. ``files``: how many files the build before compiled, 0 where nobody knows."""

    def __init__(self, files: int = 0) -> None:
        self.compiled = 0
        """How many files this build compiled so far."""
        self.build_path = ""
        """Where it builds, once that was said."""
        self.writing = False
        """Whether something was written to the device already."""
        self._files = files
        self._stage = Stage.CHECK
        self._installed = 0

    def read(self, line: str) -> Reading:
        """What a line says."""
        begins = self._begin(line)
        if found := _BUILD_PATH.search(line):
            self.build_path = found[1].strip()
        match self._stage:
            case Stage.DOWNLOAD:
                done, total, bar = self._read_download(line)
            case Stage.COMPILE:
                done, total, bar = self._read_compile(line)
            case Stage.UPLOAD:
                done, total, bar = self._read_upload(line)
            case _:
                done, total, bar = 0, 0, False
        return Reading(self._stage, done, total, begins, bar)

    def _begin(self, line: str) -> bool:
        """Whether the line begins a later stage; a stage never comes back."""
        stage = next((stage for pattern, stage in _BEGINS if pattern.match(line)), self._stage)
        later = _ORDER.index(stage) > _ORDER.index(self._stage)
        if later:
            self._stage = stage
        return later

    def _read_download(self, line: str) -> tuple[int, int, bool]:
        """Whole packages count, and the part of the one that is being fetched; unpacking is quick beside it."""
        bar = _BAR.match(line)
        self._installed += _INSTALLED.search(line) is not None
        part = int(float(bar[1])) if bar and line.startswith("Downloading") else 0
        return PERCENT * self._installed + part, PERCENT * max(_PACKAGES, self._installed + 1), bar is not None

    def _read_compile(self, line: str) -> tuple[int, int, bool]:
        if found := _NINJA.match(line):
            done, self.compiled = int(found[1]), int(found[2])
            return done, self.compiled, True
        compiles = _COMPILES.match(line) is not None
        self.compiled += line.startswith("Compiling ")
        return self.compiled, self._files if self.compiled <= self._files else 0, compiles

    def _read_upload(self, line: str) -> tuple[int, int, bool]:
        bar, size = _BAR.match(line), _BYTES.search(line)
        self.writing = self.writing or bar is not None
        small = size is not None and int(size[1]) < _FULL_SIZE_BYTES
        return (int(float(bar[1])), PERCENT, True) if bar and not small else (0, PERCENT, bar is not None)
