"""Which function does which job. Imported in the worker only."""

from pathlib import Path

from mww_studio.jobs.spec import read_spec
from mww_studio.jobs.train import train
from mww_studio.progress import Progress


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Do the job in ``folder``; returns where its results are."""
    return train(read_spec(folder), folder, progress)
