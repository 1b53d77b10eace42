"""A project whose finished run wakes at almost anything, and recordings that wake it."""

import shutil
from pathlib import Path

import numpy as np
from eager_model import wakening_talk
from synthetic_project import fill
from synthetic_speech import Pcm, talk

from mww_studio.audio.files import write_wav
from mww_studio.evaluation.listening import Heard
from mww_studio.evaluation.operating_point import OperatingPoint
from mww_studio.evaluation.scorecard import count_recall, judge
from mww_studio.jobs.delivery import MODEL
from mww_studio.jobs.examination import CLEAN, Examination, write_examination
from mww_studio.jobs.launch import new_training
from mww_studio.jobs.mining import MiningResult, do_job, keep, plan_mining
from mww_studio.jobs.planning import plan_training
from mww_studio.jobs.spec import write_spec
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import RunState
from mww_studio.project.store import Project
from mww_studio.reference import official_model

CUTOFF, WINDOW = 0.008, 5


def make_project(folder: Path) -> str:
    """A project in ``folder``; returns the id of its run."""
    with Project.create(folder, "kosita") as project:
        fill(project)
        return add_run(project)


def add_run(project: Project) -> str:
    """A finished run of a project with clips, which was never really examined; returns its id."""
    run = new_training(project, plan_training(project, load_preset("fast_test"), seed=0))
    shutil.copy(official_model("hey_mycroft"), project.run_folder(run.id) / MODEL)
    heard = Heard("", 3, [], [])
    examination = Examination(
        operating_point=OperatingPoint(
            cutoff=CUTOFF,
            sliding_window_size=WINDOW,
            reached=False,
            target_per_hour=0.5,
            estimated_per_hour_high=1.0,
            false_accepts=0,
            hours=0.0,
            recall=count_recall(0, 0),
            sentence="",
        ),
        scorecards={CLEAN: judge(heard, CUTOFF, WINDOW)},
        arena_bytes=1,
        remarks=(),
    )
    write_examination(examination, project.run_folder(run.id))
    project.set_run_state(run.id, RunState.DONE)
    return run.id


def make_recordings(folder: Path) -> list[Path]:
    """A minute that wakes it several times, the same minute under another name, and talk with a part of it inside."""
    folder.mkdir()
    woken = wakening_talk()
    paths = [folder / "woken.wav", folder / "woken again.wav", folder / "other.wav"]
    other: Pcm = np.concatenate([talk(7.3, 40), woken[: 20 * 16000]])
    for path, pcm in zip(paths, (woken, woken, other), strict=True):
        write_wav(path, pcm)
    return paths


def search(project: Project, paths: list[Path], progress: Progress | None = None, **options: object) -> MiningResult:
    """The search in this process, and what it found in the project."""
    spec = plan_mining(project, None, paths, **options)  # type: ignore[arg-type]
    folder = project.folder / "cache" / "work" / "mining"
    folder.mkdir(parents=True, exist_ok=True)
    write_spec(spec, folder)
    do_job(folder, progress or Progress())
    return keep(project, folder, spec)
