"""The whole way, with real processes: sound files, import, training, files for the device."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from synthetic_speech import talk, word
from tiny_preset import TINY

from mww_studio.audio.files import write_wav
from mww_studio.cli import main
from mww_studio.constitution.verdicts import failed
from mww_studio.jobs.events import EVENTS, PhaseStarted, Stepped
from mww_studio.jobs.verify import verify_file
from mww_studio.project.records import RunState
from mww_studio.project.store import Project

STUDIO = [sys.executable, "-m", "mww_studio"]
# The same features; the model need not be good.
SHORT = TINY.replace("steps: 60", "steps: 30").replace("checkpoint_every: 10", "checkpoint_every: 5")


@dataclass(frozen=True)
class Trained:
    project: Path
    result: dict[str, str]


def override(folder: Path, text: str = TINY) -> Path:
    path = folder / "override.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("whole way")
    for who in range(6):
        (folder / f"person {who}").mkdir()
        for take in range(4):
            write_wav(folder / f"person {who}" / f"{take}.wav", word(who, take).pcm)
    (folder / "talk").mkdir()
    for number in range(6):
        write_wav(folder / "talk" / f"{number}.wav", talk(30.0, 50 + number))
    project = folder / "projekt kösita"
    assert main(["new", str(project), "--wake-word", "kösita", "--language", "de", "--author", "Ada"]) == 0
    for who in range(6):
        recordings = str(folder / f"person {who}")
        assert main(["import", str(project), "--kind", "wake-word", "--speaker", f"person {who}", recordings]) == 0
    assert main(["import", str(project), "--kind", "speech", str(folder / "talk")]) == 0
    done = subprocess.run(
        [*STUDIO, "train", str(project), "--preset", "fast_test", "--override", str(override(folder)), "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return Trained(project, json.loads(done.stdout))


def test_the_files_are_lawful_and_there(trained: Trained) -> None:
    assert trained.result.keys() == {"run", "report", "model", "manifest", "configuration", "provenance"}
    for name, path in trained.result.items():
        if name != "run":
            assert Path(path).is_absolute()
            assert Path(path).is_file()
    manifest = Path(trained.result["manifest"])
    assert not failed(verify_file(manifest, ours=True))
    content = json.loads(manifest.read_text(encoding="utf-8"))
    assert (content["wake_word"], content["author"], content["trained_languages"]) == ("kösita", "Ada", ["de"])
    assert main(["verify", str(manifest)]) == 0
    assert "kösita" in Path(trained.result["report"]).read_text(encoding="utf-8")


def test_another_program_detects_the_word_with_them(trained: Trained) -> None:
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures

    manifest = Path(trained.result["manifest"])

    def detected(pcm: np.ndarray) -> bool:
        model = MicroWakeWord.from_config(manifest)
        # What the device hears before and after: two seconds to wake up, and one in which to decide.
        rng = np.random.default_rng(1)
        quiet = [rng.normal(0, 10, 16000 * seconds).astype(np.int16) for seconds in (3, 1)]
        stream = np.concatenate([quiet[0], pcm, quiet[1]]).tobytes()
        return any(model.process_streaming(features) for features in MicroWakeWordFeatures().process_streaming(stream))

    heard = [detected(word(who, 77).pcm) for who in range(6)]
    assert sum(heard) >= 4
    assert not all(detected(talk(2.0, 90 + number)) for number in range(4))


def test_the_run_is_recorded_and_told(trained: Trained) -> None:
    with Project.open(trained.project, read_only=True) as project:
        (run,) = project.runs()
        folder = project.run_folder(run.id)
    assert (run.state, run.id) == (RunState.DONE, trained.result["run"])
    events = [EVENTS.validate_json(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]
    phases = [event.name for event in events if isinstance(event, PhaseStarted)]
    assert phases[0].startswith("Checking")
    assert "Training" in phases
    steps = [event for event in events if isinstance(event, Stepped) and "recall" in event.figures]
    assert [step.done for step in steps] == [30, 60]
    times = json.loads((folder / "times.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in times] == ["Starting", *phases]
    assert not list(folder.rglob("*.part"))


def test_export_writes_the_same_files_again(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(trained.project), "--out", str(tmp_path / "out"), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)
    for name in ("model", "manifest"):
        assert Path(files[name]).read_bytes() == Path(trained.result[name]).read_bytes()
    assert main(["export", str(trained.project), "--out", str(tmp_path / "none"), "--run", "never"]) == 1
    assert trained.result["run"] in capsys.readouterr().err


def test_evaluate_measures_what_the_report_says(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "words").mkdir()
    for who in range(6):
        write_wav(tmp_path / "words" / f"{who}.wav", word(who, 66).pcm)
    write_wav(tmp_path / "talk.wav", talk(20.0, 77))
    arguments = ["--wake-words", str(tmp_path / "words"), "--ambient", str(tmp_path / "talk.wav"), "--json"]
    assert main(["evaluate", trained.result["manifest"], *arguments]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert measured["clips"] == 6
    assert measured["detected"] >= 4
    assert len(measured["curve"]) == 254


@pytest.fixture
def project(trained: Trained, tmp_path: Path) -> Path:
    """A copy of the trained project, whose features are already computed."""
    override(tmp_path, SHORT)
    return Path(shutil.copytree(trained.project, tmp_path / "project"))


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    chosen = arguments or ("--preset", "fast_test", "--override", str(project.parent / "override.yaml"))
    return subprocess.Popen(
        [*STUDIO, "train", str(project), *chosen, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(project: Path, reached: Callable[[Path], bool], process: subprocess.Popen[str]) -> None:
    """Wait until the new run, in its folder, has come so far."""
    while not any(reached(folder) for folder in sorted((project / "runs").iterdir())[1:]):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)


def said(text: bytes) -> Callable[[Path], bool]:
    return lambda folder: (folder / "events.jsonl").is_file() and text in (folder / "events.jsonl").read_bytes()


def state(project: Path) -> RunState:
    with Project.open(project) as opened:
        return opened.runs()[-1].state


MOMENTS = {
    "while TensorFlow is loaded": lambda folder: (folder / "log.txt").is_file(),
    "while features are computed": said(b"Saying the word"),
    "while it trains": said(b'"loss"'),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_sigterm_cancels_at_any_moment(project: Path, moment: str) -> None:
    if "features" in moment:
        shutil.rmtree(project / "cache")
    process = start(project)
    wait_for(project, MOMENTS[moment], process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    # Two seconds are promised; a busy computer may need a few more.
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert "Cancelled." in errors
    assert not psutil.wait_procs(family, timeout=5)[1]
    # A signal that comes before the worker can be told interrupts the program itself.
    assert state(project) in {RunState.CANCELLED, RunState.INTERRUPTED}


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_killed_worker_is_reported_and_its_run_goes_on_even_after_the_program_is_killed(project: Path) -> None:
    process = start(project)
    wait_for(project, lambda folder: (folder / "checkpoint.npz").is_file(), process)
    (worker,) = psutil.Process(process.pid).children()
    worker.kill()
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "(train.killed)" in errors
    assert state(project) is RunState.FAILED
    killed = start(project, "--resume")
    wait_for(project, said(b"Goes on from step"), killed)
    for one in (psutil.Process(killed.pid), *psutil.Process(killed.pid).children(recursive=True)):
        one.kill()
    killed.communicate()
    assert state(project) is RunState.INTERRUPTED
    resumed = start(project, "--resume")
    output, errors = resumed.communicate()
    assert resumed.returncode == 0, errors
    assert "Goes on from step" in errors
    assert not failed(verify_file(Path(json.loads(output)["manifest"]), ours=True))
    assert state(project) is RunState.DONE
    assert main(["train", str(project), "--resume"]) == 1


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
@pytest.mark.slow
@pytest.mark.parametrize("number", range(20))
def test_killed_at_any_moment_it_can_be_resumed(project: Path, number: int) -> None:
    rng = np.random.default_rng(number)
    if number % 2:
        shutil.rmtree(project / "cache")
    process = start(project)
    wait_for(project, Path.is_dir, process)
    time.sleep(rng.uniform(0, 12))
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for index in rng.permutation(len(family)):
        family[index].kill()
    process.communicate()
    with Project.open(project) as opened:
        assert len(opened.clips()) == 30
        end = opened.runs()[-1]
        planned = (opened.run_folder(end.id) / "spec.json").is_file()
    assert end.state in {RunState.INTERRUPTED, RunState.FAILED, RunState.DONE}
    if end.state is not RunState.DONE:
        # Killed before its plan was written, there is nothing to go on from.
        resumed = start(project, *(["--resume"] if planned else []))
        _, errors = resumed.communicate()
        assert resumed.returncode == 0, errors
    assert state(project) is RunState.DONE
    assert not list((project / "cache" / "features").glob("draft-*"))


@pytest.mark.slow
def test_training_from_scratch_with_a_profile(project: Path) -> None:
    arguments = ["train", str(project), "--preset", "fast_test", "--from-scratch", "--profile"]
    assert main([*arguments, "--override", str(project.parent / "override.yaml")]) == 0
    with Project.open(project, read_only=True) as opened:
        folder = opened.run_folder(opened.runs()[-1].id)
    assert "cumulative" in (folder / "profile.txt").read_text(encoding="utf-8")
    provenance = json.loads(next((folder / "files").glob("provenance.json")).read_text(encoding="utf-8"))
    assert "okay_nabu" not in json.dumps(provenance)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fast_test", "standard"])
def test_a_shipped_preset_trains(project: Path, name: str) -> None:
    shutil.rmtree(project / "cache", ignore_errors=True)
    done = subprocess.run([*STUDIO, "train", str(project), "--preset", name, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not failed(verify_file(Path(json.loads(done.stdout)["manifest"]), ours=True))
