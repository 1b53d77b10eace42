"""From what a run found out to the files for a device, and what another device can read in them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from synthetic_project import fill

from mww_studio.evaluation.detector import byte_cutoff
from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.operating_point import operating_point_at
from mww_studio.evaluation.scorecard import judge
from mww_studio.export.words import DeviceOrder, read_word
from mww_studio.jobs.delivery import MODEL, export_run
from mww_studio.jobs.examination import CLEAN, Examination, write_examination
from mww_studio.jobs.launch import new_training
from mww_studio.jobs.planning import plan_training
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import RunState
from mww_studio.project.store import Project
from mww_studio.reference import official_model

WINDOW = 5


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "kosita") as project:
        fill(project)
        yield project


def stream(seed: int, level: int, length: int = 200) -> np.ndarray:
    """Low outputs, with a window of high ones in the middle."""
    outputs = np.random.default_rng(seed).integers(0, 40, length).astype(np.uint8)
    outputs[100 : 100 + WINDOW] = level
    return outputs


def finished_at(project: Project, byte: int, takes: list[int]) -> None:
    """A finished run whose model said so much to the takes; its cut-off in 1/255."""
    words = [HeardWord(str(each), stream(each, level), 2.5, 3.0, "Ann") for each, level in enumerate(takes)]
    heard = Heard("test", 3, words, [HeardAmbience("room", stream(99, 120), "kitchen", 1.5)])
    run = new_training(project, plan_training(project, load_preset("fast_test"), seed=0))
    folder = project.run_folder(run.id)
    shutil.copy(official_model("okay_nabu"), folder / MODEL)
    found = Examination(
        operating_point=operating_point_at(heard, byte_cutoff(byte), WINDOW, 0.5),
        scorecards={CLEAN: judge(heard, byte_cutoff(byte), WINDOW)},
        arena_bytes=30_000,
        remarks=(),
    )
    write_examination(found, folder)
    project.set_run_state(run.id, RunState.DONE)


def test_a_word_takes_its_sensitivities_along_to_another_device(project: Project, tmp_path: Path) -> None:
    finished_at(project, 200, [230] * 20)
    bundle = export_run(project, None, tmp_path / "out", DeviceOrder("generic-s3"), generate=False, progress=Progress())
    assert "No sensitivities" not in bundle.configuration.read_text("utf-8")
    points = read_word(bundle.manifest).sensitivities
    assert [(point.label, point.heard, point.takes, point.chosen) for point in points] == [
        ("Slightly sensitive", 20, 20, False),
        ("Moderately sensitive", 20, 20, True),
        ("Very sensitive", 20, 20, False),
    ]
    assert points[0].cutoff_byte > points[1].cutoff_byte == 200 > points[2].cutoff_byte
    for point in points:
        assert f'if (x == "{point.label}") id(word_kosita).set_probability_cutoff({point.cutoff_byte});' in (
            bundle.configuration.read_text("utf-8")
        )


def test_where_no_other_cutoff_is_worth_choosing_nothing_is_taken_along(project: Project, tmp_path: Path) -> None:
    finished_at(project, 254, [255] * 20)
    bundle = export_run(project, None, tmp_path / "out", DeviceOrder("generic-s3"), generate=False, progress=Progress())
    assert read_word(bundle.manifest).sensitivities == ()
    assert "\nselect:" not in bundle.configuration.read_text("utf-8")
