"""What stands on the page from which files go to a device: every rule, and ESPHome's own word."""

import shutil
from pathlib import Path

import pytest
from finished_run import finish_run

from mww_studio.errors import StudioError
from mww_studio.export.words import DeviceOrder
from mww_studio.jobs.inspection import deliverable_run, inspect_run
from mww_studio.jobs.results import load_results
from mww_studio.project.records import RunState
from mww_studio.project.store import Project


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "word", "okay nabu") as made:
        yield made


def test_without_a_finished_run_there_is_nothing_to_deliver(project):
    project.set_run_state(project.new_run("standard", 0).id, RunState.FAILED)
    assert deliverable_run(project) is None


@pytest.mark.parametrize("board", ["generic-s3", "home-assistant-voice-pe"])
def test_a_good_run_keeps_every_rule_and_esphome_accepts_it(project, board):
    run = finish_run(project)
    assert deliverable_run(project) == run
    found = inspect_run(project, run, DeviceOrder(board))
    assert found.refusal is None
    assert found.kept == len(found.verdicts) > 20
    assert "micro_wake_word:" in found.configuration
    assert found.name == "okay-nabu.yaml"
    assert found.measured == load_results(project, run.id).verdict


def test_a_broken_model_is_refused_and_says_which_rule(project):
    run = finish_run(project)
    for model in Path(project.run_folder(run.id)).rglob("*.tflite"):
        model.write_bytes(b"not a model")
    found = inspect_run(project, run, DeviceOrder("generic-s3"))
    assert found.refusal is not None
    assert found.refusal.code == "export.refused"
    assert found.kept < len(found.verdicts)
    assert found.configuration == ""


def test_a_run_whose_files_are_gone_is_told_from_a_bad_one(project):
    run = finish_run(project)
    shutil.rmtree(project.run_folder(run.id))
    with pytest.raises(StudioError) as refusal:
        inspect_run(project, run, DeviceOrder("generic-s3"))
    assert refusal.value.code in {"job.spec", "results.none"}
