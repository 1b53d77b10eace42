"""One short training of a tuning, in a worker: from a finished run's weights to what the validation side says.

The test side is not looked at here.
"""

from pathlib import Path

from mww_studio.evaluation.runtime import load_runtime
from mww_studio.jobs.delivery import MODEL, hear_in_noise, hear_side
from mww_studio.jobs.tuning_records import Judged, read_trial, write_judged
from mww_studio.jobs.tuning_value import judged
from mww_studio.progress import Progress
from mww_studio.project.records import Split


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    """Train, export, and listen with the model on the validation side."""
    from mww_studio.jobs.train import train_model

    spec = read_trial(folder)
    train_model(spec.training, folder, progress)
    runtime = load_runtime(folder / MODEL, progress)
    heard = hear_side(spec.training, runtime, Split.VALIDATION, progress)
    noisy = hear_in_noise(spec.training, runtime, Split.VALIDATION, progress)
    found: Judged = judged(heard, noisy, spec.target_per_hour, spec.windows)
    write_judged(found, folder)
    return {"value": f"{found.value:.6f}"}
