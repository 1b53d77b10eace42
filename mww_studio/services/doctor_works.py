"""What the job of the doctor does: mend a file and hear what ESPHome says to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mww_studio.esphome.doctor.findings import Finding
    from mww_studio.jobs.doctor import Checkup
    from mww_studio.services.job_thread import JobProgress, Work

DOCTOR = "doctor"
"""The kind of the job, and its lane: one file is mended at a time."""


def mending(checkup: Checkup, chosen: Sequence[Finding] | None) -> Work:
    """Mend all that can be, or only what is chosen; the result is a Mended."""

    def work(progress: JobProgress) -> object:
        from mww_studio.jobs.doctor import mend

        return mend(checkup, chosen, progress)

    return work
