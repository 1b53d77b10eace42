"""Which module does which kind of job. Imported in the worker only."""

import importlib
from pathlib import Path

from mww_studio.errors import StudioError
from mww_studio.jobs.spec import kind_of
from mww_studio.progress import Progress

# Each has a function do_job(folder, progress).
_MODULES = {
    "leakage": "mww_studio.jobs.leakage",
    "mining": "mww_studio.jobs.mining",
    "negatives": "mww_studio.jobs.negatives",
    "negatives_folder": "mww_studio.jobs.negatives_folder",
    "report": "mww_studio.jobs.report",
    "speakers": "mww_studio.jobs.speakers",
    "train": "mww_studio.jobs.train",
    "voices": "mww_studio.jobs.voices",
    "trial": "mww_studio.jobs.tuning_trial",
    "tune": "mww_studio.jobs.tuning_search",
}


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Do the job whose spec is in ``folder``; returns where its results are. Raises what it raises."""
    kind = kind_of(folder)
    if kind not in _MODULES:
        raise StudioError(
            "job.unknown", f"This program does not know jobs of the kind “{kind}”.", do="Use the release that made it."
        )
    result: dict[str, str] = importlib.import_module(_MODULES[kind]).do_job(folder, progress)
    return result
