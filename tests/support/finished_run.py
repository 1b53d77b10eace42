"""A finished run without its training: an official model in the place of the one that would have been trained."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from synthetic_project import fill

from mww_studio.jobs.delivery import MODEL, deliver
from mww_studio.jobs.launch import new_training
from mww_studio.jobs.planning import plan_training
from mww_studio.jobs.spec import TrainSpec
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project
from mww_studio.reference import official_model

SHARED = "MWW_STUDIO_TESTS_SHARED"
"""The variable that names a folder for all processes of one run of the tests, which lasts as long as that."""
_LOCK_TIMEOUT_S = 300


def finish_run(project: Project, model: str = "okay_nabu") -> Run:
    """Examine and deliver an official model as a run of the project, on its clips or, without any, synthetic ones.

    What comes of the same clips is the same, and takes ten seconds: later runs get copies of the first one's files.
    """
    if not project.clips():
        fill(project)
    spec = plan_training(project, load_preset("fast_test"), seed=0)
    run = new_training(project, spec)
    folder = project.run_folder(run.id)
    with _kept(spec, model) as kept:
        if not kept.exists():
            shutil.copy(official_model(model), folder / MODEL)
            deliver(spec, folder, Progress())
            shutil.copytree(folder, kept)
            (kept / "spec.json").unlink()
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    project.set_run_state(run.id, RunState.DONE)
    return next(done for done in project.runs() if done.id == run.id)


@contextmanager
def _kept(spec: TrainSpec, model: str) -> Iterator[Path]:
    """The folder with what the first run of this spec wrote, if there was one; nobody else makes it meanwhile."""
    if SHARED not in os.environ:  # a program that is no test makes its own
        with TemporaryDirectory() as own:
            yield Path(own) / "made"
        return
    shared = Path(os.environ[SHARED])
    left_out = {"project": True, "clips": {"__all__": {"created_at"}}}
    key = hashlib.sha256(f"{model} {spec.model_dump_json(exclude=left_out)}".encode()).hexdigest()
    with closing(sqlite3.connect(shared / "lock", timeout=_LOCK_TIMEOUT_S, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield shared / key
