"""A first model without recordings and without internet: synthetic voices, then an ordinary training."""

from pathlib import Path

from mww_studio.export.words import DeviceOrder
from mww_studio.jobs.delivery import export_run
from mww_studio.jobs.launch import new_training, run_training
from mww_studio.jobs.planning import plan_training
from mww_studio.jobs.quickstart_corpus import fill_project
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.store import Project

_PRESET = "quickstart"
_PROJECT = "project"


def quickstart(phrase: str, language: str, out: Path, progress: Progress) -> dict[str, str]:
    """Make a project in ``out``, fill it with synthetic speech, train, and write the files for the device beside it.

    Begun again in the same folder it goes on with the same project. Raises what its steps raise.
    """
    folder = out / _PROJECT
    out.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        Project.create(folder, phrase, language).close()
    with Project.open(folder) as project:
        corpus = fill_project(project, phrase, language, progress=progress)
        for problem in corpus.problems:
            progress.log(problem)
        preset = load_preset(_PRESET)
        run = new_training(project, plan_training(project, preset, seed=0))
        result = run_training(project, run, progress)
        order = DeviceOrder(preset.export.board)
        files = export_run(project, run.id, out, order, generate=False, progress=progress)
    return result | files.summary()
