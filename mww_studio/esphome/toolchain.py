"""The compiler that esphome downloads before the first build: whether it is there, how much it is, where it goes."""

import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from mww_studio.errors import StudioError
from mww_studio.resources import data_folder

# ESPHome's maintainers tell of about 1 GB for each version of the framework, 2 GB on the disk for a compiler, and 1 GB
# for the framework itself. One device's build takes some hundred MB.
DOWNLOAD_BYTES = 1.2e9
UNPACKED_BYTES = 4e9
BUILD_BYTES = 0.5e9
_SOURCE = ("github.com", 443)
_PATIENCE_S = 5.0
_PROXIES = ("HTTPS_PROXY", "https_proxy")


@dataclass(frozen=True)
class FirstBuild:
    """What a build asks of this computer. ``needed``: the compiler has to be downloaded first, to ``folder``."""

    needed: bool
    folder: Path
    free_bytes: int

    @property
    def needed_bytes(self) -> float:
        """The room on the disk that the build takes."""
        return BUILD_BYTES + (UNPACKED_BYTES if self.needed else 0)


def build_folder() -> Path:
    """Where esphome builds, for all devices of this person: the second build of one takes seconds."""
    return data_folder() / "esphome"


def core_folder() -> Path:
    """Where PlatformIO, which esphome builds with, keeps its compilers; other programs of this person share them."""
    chosen = os.environ.get("PLATFORMIO_CORE_DIR")
    return Path(chosen) if chosen else Path.home() / ".platformio"


def first_build() -> FirstBuild:
    """What the next build will ask for."""
    folder = core_folder()
    return FirstBuild(not _is_installed(folder), folder, _free_bytes(folder))


def check_build(build: FirstBuild) -> None:
    """Make sure that a build has what it needs, before it begins.

    Raises StudioError ``project.disk_full`` and ``net.offline``.
    """
    if build.free_bytes < build.needed_bytes:
        raise StudioError(
            "project.disk_full",
            "The disk is full.",
            why=f"The build needs {build.needed_bytes / 1e9:.1f} GB in {build.folder}, {build.free_bytes / 1e9:.1f} GB"
            " are free.",
            do="Make room on it, then go on. Nothing was lost.",
        )
    if build.needed and not _is_online():
        raise offline()


def offline() -> StudioError:
    """What is said when the compiler cannot be fetched."""
    return StudioError(
        "net.offline",
        "There is no internet.",
        why=f"The first build downloads a compiler of about {DOWNLOAD_BYTES / 1e9:.1f} GB, and some configurations have"
        f" parts that are fetched; {_SOURCE[0]} cannot be reached.",
        do="Connect this computer to the internet and try again, or copy the files to Home Assistant and install from"
        " there.",
    )


def _is_installed(folder: Path) -> bool:
    packages = folder / "packages"
    ours = any(packages.glob("framework-espidf*/package.json")) and any(packages.glob("toolchain-xtensa-esp*"))
    return ours or any((build_folder() / "idf" / "frameworks").glob("*/.esphome_extracted"))


def _free_bytes(folder: Path) -> int:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return shutil.disk_usage(there).free


def _is_online() -> bool:
    if any(os.environ.get(name) for name in _PROXIES):
        return True  # only the proxy knows
    try:
        socket.create_connection(_SOURCE, _PATIENCE_S).close()
    except OSError:
        return False
    return True
