"""Tuning as a project and a command see it. The search is tested in test_tuning_search.py."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from finished_run import finish_run
from pretended_pool import point
from synthetic_project import fill
from tiny_preset import TINY
from tuned import measured, outcome, trial

from mww_studio.cli import main
from mww_studio.constitution.verdicts import failed
from mww_studio.errors import StudioError
from mww_studio.jobs import tuning
from mww_studio.jobs.spec import JobSpec, read_spec, write_spec
from mww_studio.jobs.tuning import (
    describe,
    folder_of,
    more_time,
    new_tuning,
    plan_tuning,
    read_tuned,
    resumable_tuning,
    run_tuning,
    settings_of,
    startable_run,
    tunings,
    verdict,
)
from mww_studio.jobs.tuning_records import (
    Judged,
    Measured,
    TuneSpec,
    TuningState,
    read_state,
    write_outcome,
    write_state,
)
from mww_studio.jobs.verify import verify_file
from mww_studio.presets import Tuning
from mww_studio.progress import Progress
from mww_studio.project.records import RunState
from mww_studio.project.store import Project

WON = trial(1, 0.9, 18)
STATE = TuningState(spent_s=600.0, original=Judged(value=0.8, point=point(detected=8), noisy=None), trials=(WON,))


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "kosita") as made:
        run = finish_run(made)
        (made.run_folder(run.id) / "checkpoint.npz").write_bytes(b"weights")
        yield made


@pytest.fixture
def enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "MIN_TAKES", 1)
    monkeypatch.setattr(tuning, "MIN_OTHER_S", 1.0)


def worker_that_finds(monkeypatch: pytest.MonkeyPatch, *, won: bool) -> None:
    """In place of the worker: it leaves what a search leaves."""

    def run_job(folder: Path, spec: JobSpec, _: Progress) -> dict[str, str]:
        assert isinstance(spec, TuneSpec)
        write_spec(spec, folder)
        write_state(STATE, folder)
        if won:
            original = spec.base.project / "runs" / spec.run_id
            shutil.copytree(original, folder / "winner", dirs_exist_ok=True)
            write_spec(spec.base.model_copy(update={"seed": 2}), folder / "winner")
        write_outcome(outcome(spec, WON if won else None), folder)
        return {}

    monkeypatch.setattr(tuning, "run_job", run_job)


def plan(project: Project) -> TuneSpec:
    run = startable_run(project)
    return plan_tuning(project, settings_of(project, run.id), run.id)


def test_too_few_takes_to_choose_honestly(project: Project) -> None:
    with pytest.raises(StudioError) as caught:
        plan(project)
    assert caught.value.code == "tuning.too_few_takes"
    assert "at least 10" in caught.value.what


def test_too_little_other_sound(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "MIN_TAKES", 1)
    with pytest.raises(StudioError) as caught:
        plan(project)
    assert caught.value.code == "tuning.too_little_sound"


def test_nothing_to_start_from(tmp_path: Path, project: Project) -> None:
    with Project.create(tmp_path / "empty", "kosita") as empty, pytest.raises(StudioError) as caught:
        startable_run(empty)
    assert (caught.value.code, caught.value.do) == ("tuning.no_run", "Train first.")
    with pytest.raises(StudioError, match="no finished training yesterday") as caught:
        startable_run(project, "yesterday")
    assert project.runs()[0].id in caught.value.do


@pytest.mark.usefixtures("enough")
def test_recordings_that_are_gone(project: Project) -> None:
    (project.folder / project.clips()[0].path).unlink()
    with pytest.raises(StudioError) as caught:
        plan(project)
    assert caught.value.code == "tuning.gone"


@pytest.mark.usefixtures("enough")
def test_the_winner_becomes_a_run_like_others(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    worker_that_finds(monkeypatch, won=True)
    spec = plan(project)
    folder = new_tuning(project, spec)
    assert resumable_tuning(project) == folder
    tuned = run_tuning(project, folder, spec, Progress())
    first, won = project.runs()
    assert (tuned.run, won.state, won.seed) == (won.id, RunState.DONE, 2)
    assert read_spec(project.run_folder(won.id)).project == project.folder
    text = describe(tuned)
    for part in ("25 of 30", "28 of 30", "17 of 20", "20 of 20", won.id, f"run {first.id} is as it was"):
        assert part in text
    # Again, as after a crash at the very end: it is not recorded twice.
    run_tuning(project, folder, spec, Progress())
    assert len(project.runs()) == 2
    with pytest.raises(StudioError) as caught:
        resumable_tuning(project)
    assert caught.value.code == "tuning.nothing_to_resume"


@pytest.mark.usefixtures("enough")
def test_nothing_better_leaves_no_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    worker_that_finds(monkeypatch, won=False)
    spec = plan(project)
    tuned = run_tuning(project, new_tuning(project, spec), spec, Progress())
    assert len(project.runs()) == 1
    assert "Nothing was better" in describe(tuned)


@pytest.mark.usefixtures("enough")
def test_a_tuning_moves_with_its_project(project: Project, tmp_path: Path) -> None:
    folder = new_tuning(project, plan(project))
    copy = Path(shutil.copytree(project.folder, tmp_path / "elsewhere"))
    with Project.open(copy) as moved:
        (found,) = tunings(moved)
        assert found.name == folder.name
        assert found.spec.base.project == copy
        (folder_of(moved, found.name) / "state.json").write_text("{", encoding="utf-8")
        with pytest.raises(StudioError, match="cannot be read"):
            read_tuned(folder_of(moved, found.name))
        assert tunings(moved) == []


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (measured(28, 1), "confirms it"),
        (measured(24, 3), "does not confirm"),
        (measured(25, 2), "did the same"),
        (measured(28, 3), "for you to say"),
    ],
)
@pytest.mark.usefixtures("enough")
def test_the_test_is_told_as_it_is(project: Project, after: Measured, said: str) -> None:
    assert said in verdict(outcome(plan(project), WON, after))


@pytest.mark.usefixtures("enough")
def test_more_time_counts_from_now(project: Project) -> None:
    spec = plan(project).model_copy(update={"settings": Tuning(trials=5, minutes=20)})
    assert more_time(spec, STATE, None, 30).minutes == 40
    assert more_time(spec, STATE, 9, None) == Tuning(trials=9, minutes=20)
    assert more_time(spec, None, None, None) == spec.settings


@pytest.mark.usefixtures("enough")
def test_the_command(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    worker_that_finds(monkeypatch, won=True)
    folder = str(project.folder)
    project.close()
    assert main(["tune", folder, "--resume", "--seeds", "3"]) == 2
    assert main(["tune", folder, "--resume"]) == 1
    capsys.readouterr()
    assert main(["tune", folder, "--target-fah", "0.2", "--trials", "3", "--time", "5", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["outcome"]["after_test"]["recall"]["detected"] == 28
    with Project.open(Path(folder), read_only=True) as opened:
        (tuned,) = tunings(opened)
        assert tuned.run == told["run"] == opened.runs()[-1].id
    settings = tuned.spec.settings
    assert (settings.target_false_accepts_per_hour, settings.trials, settings.minutes, settings.seeds) == (0.2, 3, 5, 2)


TUNABLE = TINY.replace(
    "training:\n",
    "tuning: {steps: 30, examples: 60, seeds: 1, trials: 3, augmentation_strengths: [1.0]}\n"
    "training:\n  validation_share: 0.35\n  test_share: 0.3\n  other_validation_share: 0.35\n",
)


def studio(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mww_studio", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_real_tuning_is_killed_goes_on_and_leaves_a_lawful_model(tmp_path: Path) -> None:
    folder, override = tmp_path / "project", tmp_path / "override.yaml"
    override.write_text(TUNABLE, encoding="utf-8")
    with Project.create(folder, "kosita") as project:
        fill(project, takes=36, people=6, talks=9, talk_s=110.0)
    trained = studio("train", str(folder), "--preset", "fast_test", "--override", str(override))
    _, errors = trained.communicate()
    assert trained.returncode == 0, errors
    first = studio("tune", str(folder))
    state = None
    while state is None or not state.trials:
        assert first.poll() is None, first.communicate()[1]
        place = next((folder / "tuning").glob("*"), None)
        state = read_state(place) if place else None
        time.sleep(0.1)
    family = psutil.Process(first.pid).children(recursive=True)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert not psutil.wait_procs(family, timeout=20)[1]
    second = studio("tune", str(folder), "--resume", "--json")
    output, errors = second.communicate()
    assert second.returncode == 0, errors
    told = json.loads(output)
    assert len(told["state"]["trials"]) == 3
    assert told["state"]["trials"][0] == state.trials[0].model_dump(mode="json")
    if told["run"]:
        (manifest,) = (folder / "runs" / told["run"] / "files").glob("kosita.json")
        assert not failed(verify_file(manifest, ours=True))
