"""What the jobs about devices do: check, flash, show the log, look for devices, copy to Home Assistant."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from mww_studio.services.jobs import Job
from mww_studio.services.plans import shown_phase
from mww_studio.services.timetable import PlannedPhase

if TYPE_CHECKING:
    from mww_studio.esphome.flash_trouble import Target
    from mww_studio.jobs.flash import FlashOrder
    from mww_studio.services.job_thread import JobProgress, Work

CHECK, FLASH, LOG, LOOK = "flash_check", "flash", "device_log", "devices"
"""The kinds of these jobs."""
LANE = "flash"
_UPLOAD_S = 30.0
_COMPILE_S = 1500.0  # on one core, without anything built before
_AGAIN_S = 60.0
_DOWNLOAD_S = 600.0
_TITLES = (
    QT_TRANSLATE_NOOP("Phase", "Check"),
    QT_TRANSLATE_NOOP("Phase", "Download"),
    QT_TRANSLATE_NOOP("Phase", "Build"),
    QT_TRANSLATE_NOOP("Phase", "Upload"),
    QT_TRANSLATE_NOOP("Phase", "Restart"),
)
# What the translators find.
TEXTS = (
    QT_TRANSLATE_NOOP("Phase", "Checking the configuration"),
    QT_TRANSLATE_NOOP("Phase", "Writing the source"),
    QT_TRANSLATE_NOOP("Phase", "Getting the compiler"),
    QT_TRANSLATE_NOOP("Phase", "Compiling"),
    QT_TRANSLATE_NOOP("Phase", "Writing to the device"),
    QT_TRANSLATE_NOOP("Phase", "Restarting the device"),
    QT_TRANSLATE_NOOP("Phase", "Listening to the device"),
)


def check_job(configuration: Path) -> Job:
    """Let ESPHome read a configuration and build nothing; the result is a Flashed."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.flash import check

        return check(configuration, progress)

    return _job(CHECK, QCoreApplication.translate("Session", "Checking the configuration"), work)


def flash_job(order: FlashOrder, *, first: bool) -> Job:
    """Build and write; the result is a Flashed. ``first``: the compiler has to be downloaded before."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.flash import flash

        return flash(order, progress)

    title = QCoreApplication.translate("Session", "Putting it on the device")
    return _job(FLASH, title, work, _plan(first), order.target.name)


def log_job(configuration: Path, target: Target) -> Job:
    """Show what a device says until it is cancelled."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.flash import follow_log

        return follow_log(configuration, target, progress)

    return _job(LOG, QCoreApplication.translate("Session", "Showing what the device says"), work)


def look_job() -> Job:
    """Look for devices in this network; the result is a list of FoundDevice."""

    def work(progress: JobProgress) -> object:
        from mww_studio.esphome.discovery import find_devices

        return find_devices(progress)

    title = QCoreApplication.translate("Session", "Looking for devices")
    return Job(LOOK, title, work, lane=LOOK, foreground=False, can_rest=False)


def _job(kind: str, title: str, work: Work, plan: list[PlannedPhase] | None = None, subject: str = "") -> Job:
    return Job(kind, title, work, plan=plan or [], lane=LANE, subject=subject, can_rest=False)


def _plan(first: bool) -> list[PlannedPhase]:
    from mww_studio.esphome.flash_output import Stage

    check, download, build, upload, restart = (shown_phase(str(title)) for title in _TITLES)
    compiling_s = _COMPILE_S / (os.cpu_count() or 1) if first else _AGAIN_S
    fetching = [PlannedPhase(Stage.DOWNLOAD, _DOWNLOAD_S, download)] if first else []
    return [
        PlannedPhase(Stage.CHECK, 3.0, check),
        PlannedPhase(Stage.GENERATE, 3.0, check),
        *fetching,
        PlannedPhase(Stage.COMPILE, compiling_s, build),
        PlannedPhase(Stage.UPLOAD, _UPLOAD_S, upload),
        PlannedPhase(Stage.RESTART, 3.0, restart),
    ]
