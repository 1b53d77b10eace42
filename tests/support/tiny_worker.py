"""A real worker process whose job is a tiny training: in place of ``python -m mww_studio``, with the same arguments."""

import sys
import types
from pathlib import Path

from tiny_training import CPU, MINING, SMALL, batches, training, validation

from mww_studio.jobs.worker import run_worker
from mww_studio.progress import Progress
from mww_studio.training.devices import set_seeds
from mww_studio.training.loop import Trainer
from mww_studio.training.mixednet import MixedNet

STEPS = 100_000


def do_job(folder: Path, progress: Progress) -> dict[str, str]:
    set_seeds(0)
    settings = training(STEPS, evaluate_every=20, checkpoint_every=10)
    trainer = Trainer(MixedNet(SMALL), batches(), validation(), settings, MINING, CPU, folder)
    trainer.prepare()
    if trainer.restore():
        progress.log(f"Goes on from step {trainer.state.step}.")
    trainer.run(progress)
    return {}


if __name__ == "__main__":
    sys.modules["mww_studio.jobs.registry"] = types.SimpleNamespace(do_job=do_job)  # type: ignore[assignment]
    sys.exit(run_worker(sys.argv[-1]))
