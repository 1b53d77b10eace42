"""A finished run without its training: an official model in the place of the one that would have been trained."""

import shutil

from synthetic_project import fill

from mww_studio.jobs.delivery import MODEL, deliver
from mww_studio.jobs.launch import new_training
from mww_studio.jobs.planning import plan_training
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project
from mww_studio.reference import official_model


def finish_run(project: Project, model: str = "okay_nabu") -> Run:
    """Examine and deliver an official model as a run of the project, on its clips or, without any, synthetic ones."""
    if not project.clips():
        fill(project)
    spec = plan_training(project, load_preset("fast_test"), seed=0)
    run = new_training(project, spec)
    folder = project.run_folder(run.id)
    shutil.copy(official_model(model), folder / MODEL)
    deliver(spec, folder, Progress())
    project.set_run_state(run.id, RunState.DONE)
    return next(done for done in project.runs() if done.id == run.id)
