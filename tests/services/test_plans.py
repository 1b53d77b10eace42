import json

import pytest

from mww_studio.jobs.estimates import expected_s
from mww_studio.presets import load_preset
from mww_studio.project.records import RunState
from mww_studio.services import plans


@pytest.fixture
def project(session):
    return session.project


def test_a_first_training_takes_what_computers_usually_take(project):
    preset = load_preset("standard")
    plan = plans.training_plan(project, preset)
    assert sum(phase.expected_s for phase in plan) == pytest.approx(expected_s(project, preset))
    assert list(dict.fromkeys(phase.segment for phase in plan)) == ["Prepare", "Learn", "Check", "Make the file"]


def test_the_next_one_takes_what_the_last_one_like_it_took(project):
    preset = load_preset("standard")
    usual = plans.training_plan(project, preset)
    for name, state in (("standard", RunState.DONE), ("standard", RunState.FAILED), ("fast_test", RunState.DONE)):
        run = project.new_run(name, 0)
        project.set_run_state(run.id, state)
        assert plans.training_plan(project, preset) == usual
    run = project.runs()[0]
    times = [{"name": "Training", "wall_s": 71.5, "cpu_s": 1}, {"name": "Exporting", "wall_s": 4.5, "cpu_s": 1}]
    (project.run_folder(run.id) / "times.json").write_text(json.dumps(times))
    took = {phase.name: phase.expected_s for phase in plans.training_plan(project, preset)}
    assert (took["Training"], took["Exporting"], took["Starting"]) == (71.5, 4.5, 0.0)
    assert plans.resumed_plan(project, run) == plans.training_plan(project, preset)


def test_a_preset_of_somebody_elses_has_no_plan(project):
    run = project.new_run("my own", 0)
    assert plans.resumed_plan(project, run) == []


def test_voices_speak_before_all_else(project):
    plan = plans.voices_plan(project, load_preset("quickstart"))
    assert [phase.segment for phase in plan[:4]] == ["Speak", "Speak", "Speak", "Prepare"]
    assert {phase.name for phase in plan} <= {str(text) for text in plans.TEXTS}
