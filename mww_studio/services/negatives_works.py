"""What the jobs about sets of other sound do: get one, or make one of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP

from mww_studio.services.plans import shown_phase
from mww_studio.services.timetable import PlannedPhase

if TYPE_CHECKING:
    from mww_studio.corpus.negatives import FeatureSet
    from mww_studio.services.job_thread import JobProgress, Work

GET, ADD = "negatives", "negatives_folder"
"""The kinds of these jobs."""
LANE = "negatives"
DOWNLOADING, CHECKING, UNPACKING = "Downloading", "Checking", "Unpacking"
"""How the phases of getting a set begin."""

_SEGMENTS = (
    QT_TRANSLATE_NOOP("Phase", "Download"),
    QT_TRANSLATE_NOOP("Phase", "Check"),
    QT_TRANSLATE_NOOP("Phase", "Unpack"),
)
# Bytes a second: a good line, one core that hashes, a disk that is written to.
_LINE, _HASHING, _UNPACKING = 6e6, 4e8, 1e8
_USUAL_RATIO = 1.3  # of sound files


def getting(name: str) -> Work:
    """Get a published set, whose licence the person accepted; the result is its folder."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.negatives import get_set

        return get_set(name, progress, licence_accepted=True)

    return work


def adding(folder: Path, licence: str) -> Work:
    """Make a set of a folder of recordings with a licence, empty where nobody states it; the result is its folder."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.negatives_folder import add_folder

        return add_folder(folder, progress, licence=licence)

    return work


def download_plan(known: FeatureSet) -> list[PlannedPhase]:
    """The phases of getting a set, with the times that they take on a usual computer."""
    archive = f"{known.name}.zip"
    unpacked = known.unpacked_bytes or known.bytes * _USUAL_RATIO
    download, check, unpack = (shown_phase(str(name)) for name in _SEGMENTS)
    return [
        PlannedPhase(f"{DOWNLOADING} {archive}", known.bytes / _LINE, download),
        PlannedPhase(f"{CHECKING} {archive}", known.bytes / _HASHING, check),
        PlannedPhase(f"{UNPACKING} {archive}", unpacked / _UNPACKING, unpack),
    ]
