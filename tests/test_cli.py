import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pymicro_wakeword
import pytest
from finished_run import finish_run
from synthetic_project import fill
from synthetic_speech import talk, word

from mww_studio.audio.files import write_wav
from mww_studio.cli import main, train_script
from mww_studio.errors import Cancelled, StudioError
from mww_studio.project.store import Project
from mww_studio.terminal import TerminalProgress, show_error

OFFICIAL = Path(pymicro_wakeword.__file__).parent / "models"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def signals_as_they_were() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with Project.create(tmp_path / "project", "kosita") as made:
        fill(made, takes=3, talks=1)
    return tmp_path / "project"


def recordings(folder: Path) -> Path:
    folder.mkdir()
    for who in range(3):
        write_wav(folder / f"{who}.wav", word(who, 1).pcm)
    return folder


def test_from_new_to_status(tmp_path: Path, capsys: Captured) -> None:
    project = str(tmp_path / "mein Wort")
    assert main(["new", project, "--wake-word", "hé Ömer", "--language", "de", "--author", "Ada"]) == 0
    assert "hé Ömer" in capsys.readouterr().out
    taken = recordings(tmp_path / "takes")
    assert main(["import", project, "--kind", "wake-word", "--speaker", "Ada", str(taken), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["files"], report["added"], report["duplicates"]) == (3, 3, 0)
    assert main(["import", project, "--kind", "wake-word", str(taken)]) == 0
    assert "3 were there already" in capsys.readouterr().out
    assert main(["status", project, "--json"]) == 0
    state = json.loads(capsys.readouterr().out)
    assert state["wake_word"] == "hé Ömer"
    assert state["people"] == {"Ada": 3}
    assert state["next_steps"]
    assert main(["status", project]) == 0
    assert "hé Ömer" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["trian", "."],
        ["new", "x"],
        ["train", ".", "--colour", "red"],
        ["train", ".", "--seed", "many"],
        ["train", ".", "--seed", "-1"],
        ["train", ".", "--resume", "--preset", "standard"],
        ["train", ".", "--resume", "--override", "x.yaml"],
        ["train", ".", "--resume", "--seed", "0"],
        ["train", ".", "--resume", "--from-scratch"],
        ["clips", ".", "--kind", "music"],
        ["clips", ".", "--judgement", "bad"],
        ["clips", ".", "--trash", "1", "--restore", "2"],
        ["clips", ".", "--relabel", "1"],
        ["clips", ".", "--assign", "1"],
        ["clips", ".", "--trash", "one"],
        ["clips", ".", "--trash", "9-3"],
        ["people", ".", "--delete", "Ann"],
        ["people", ".", "--rename", "Ann"],
        ["people", ".", "--child"],
        ["people", ".", "--add", "Ann", "--delete", "Ben", "--yes"],
        ["import", ".", "--kind", "music", "x.wav"],
        ["import", ".", "--kind", "speech"],
        ["evaluate", "x.json", "--wake-words", "a"],
        ["evaluate", "x.json", "--wake-words", "a", "--ambient", "b", "--noise", "c"],
        ["evaluate", "x.json", "--wake-words", "a", "--ambient", "b", "--snr-db", "10"],
    ],
)
def test_wrong_use_is_status_2_and_says_how(arguments: list[str], capsys: Captured) -> None:
    assert main(arguments) == 2
    heard = capsys.readouterr()
    assert "Traceback" not in heard.err
    assert "Usage" in heard.err or "--" in heard.err
    assert heard.out == ""


def said(capsys: Captured) -> list[dict[str, object]]:
    rows = json.loads(capsys.readouterr().out)
    assert isinstance(rows, list)
    return rows


def test_clips_are_listed_and_corrected(project: Path, capsys: Captured) -> None:
    def clips(*arguments: str) -> list[dict[str, object]]:
        assert main(["clips", str(project), *arguments, "--json"]) == 0
        return said(capsys)

    everything = clips()
    assert [row["id"] for row in everything] == [1, 2, 3, 4]
    assert {str(row["speaker"]) for row in clips("--kind", "wake-word")} == {"person 0", "person 1", "person 2"}
    assert [row["kind"] for row in clips("--text", "TALKER")] == ["speech"]
    assert [row["id"] for row in clips("--trash", "1,3-4")] == [1, 3, 4]
    assert [row["id"] for row in clips("--trashed")] == [1, 3, 4]
    clips("--restore", "3-99")
    assert [row["kind"] for row in clips("--relabel", "4", "--kind", "near")] == ["near"]
    assert [row["speaker"] for row in clips("--assign", "2,3", "--speaker", " Mia ")] == ["Mia", "Mia"]
    assert [row["speaker"] for row in clips("--assign", "3", "--speaker", "")] == [None]
    assert [row["id"] for row in clips("--speaker", "Mia", "--judgement", "good")] == [2]
    assert clips("--judgement", "doubtful") == []
    assert main(["clips", str(project), "--speaker", "Mia"]) == 0
    assert capsys.readouterr().out.endswith("\n1 clip\n")
    assert main(["clips", str(project), "--speaker", "Zoe"]) == 0
    assert "no such clips" in capsys.readouterr().out


def test_people_are_listed_and_changed(project: Path, capsys: Captured) -> None:
    def people(*arguments: str) -> dict[str, dict[str, object]]:
        assert main(["people", str(project), *arguments, "--json"]) == 0
        return {str(row["name"]): row for row in said(capsys)}

    assert people().keys() == {"person 0", "person 1", "person 2", "talker 0"}
    mia = people("--add", "Mia", "--child", "--consent")["Mia"]
    assert (mia["child"], mia["takes"]) == (True, 0)
    assert mia["consented_at"]
    assert people("--rename", "person 1", "--to", "Ben")["Ben"]["takes"] == 1
    assert "Ben" not in people("--delete", "Ben", "--yes")
    assert main(["people", str(project), "--delete", "Ben", "--yes"]) == 1
    assert "(project.no_person)" in capsys.readouterr().err
    assert main(["people", str(project)]) == 0
    shown = capsys.readouterr().out
    assert "child" in shown
    assert "1 take " in shown
    with Project.create(project.parent / "empty", "kosita"):
        pass
    assert main(["people", str(project.parent / "empty")]) == 0
    assert "nobody" in capsys.readouterr().out


def test_export_at_another_cutoff(tmp_path: Path, capsys: Captured) -> None:
    with Project.create(tmp_path / "project", "okay nabu") as project:
        finish_run(project)
    export = ["export", str(tmp_path / "project"), "--out", str(tmp_path / "out"), "--json"]
    assert main([*export, "--cutoff", "0.5"]) == 0
    manifest = Path(json.loads(capsys.readouterr().out)["manifest"])
    assert int(255 * json.loads(manifest.read_text())["micro"]["probability_cutoff"]) == 127
    assert main([*export, "--cutoff", "1.5"]) == 1
    assert "(results.cutoff)" in capsys.readouterr().err


def test_one_thing_is_not_many(tmp_path: Path, capsys: Captured) -> None:
    with Project.create(tmp_path / "project", "kosita") as project:
        fill(project, takes=1, talks=1)
    assert main(["train", str(tmp_path / "project")]) == 1
    assert "1 take of" in capsys.readouterr().err
    assert main(["status", str(tmp_path / "project")]) == 0
    assert " 1 clip " in capsys.readouterr().out


def test_help_is_no_error(capsys: Captured) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in (
        "new",
        "import",
        "status",
        "clips",
        "people",
        "train",
        "export",
        "verify",
        "evaluate",
        "quickstart",
        "constitution",
    ):
        assert command in shown


@pytest.mark.parametrize("name", ["vad", "", "   ", "a" * 200, "\x07"])
def test_wake_words_that_cannot_be(tmp_path: Path, capsys: Captured, name: str) -> None:
    assert main(["new", str(tmp_path / "project"), "--wake-word", name]) == 1
    assert "(project.wake_word)" in capsys.readouterr().err
    assert not (tmp_path / "project" / "project.sqlite").exists()


@pytest.mark.parametrize("command", [["status"], ["train"], ["export", "--out", "there"]])
def test_what_is_no_project(tmp_path: Path, capsys: Captured, command: list[str]) -> None:
    for folder, code in ((tmp_path, "project.not_a_project"), (tmp_path / "none", "project.not_found")):
        assert main([command[0], str(folder), *command[1:]]) == 1
        heard = capsys.readouterr()
        assert f"({code})" in heard.err
        assert heard.out == ""


def test_a_project_that_is_not_ready(project: Path, capsys: Captured, tmp_path: Path) -> None:
    assert main(["train", str(project), "--json"]) == 1
    heard = capsys.readouterr()
    assert "(train.too_few_takes)" in heard.err
    assert heard.out == ""
    assert main(["train", str(project), "--resume"]) == 1
    assert "(train.nothing_to_resume)" in capsys.readouterr().err
    assert main(["export", str(project), "--out", str(tmp_path / "out")]) == 1
    assert "(export.no_run)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_wrong_presets_are_named_before_any_work(project: Path, capsys: Captured, tmp_path: Path) -> None:
    wrong = tmp_path / "over.yaml"
    wrong.write_text("training: {batch_positives: 0}", encoding="utf-8")
    assert main(["train", str(project), "--override", str(wrong)]) == 1
    heard = capsys.readouterr().err
    assert "training.batch_positives" in heard
    assert main(["train", str(project), "--preset", "best"]) == 2
    assert "standard" in capsys.readouterr().err
    with Project.open(project, read_only=True) as opened:
        assert opened.runs() == []


def test_a_project_in_use_is_not_written_to(project: Path, capsys: Captured) -> None:
    with Project.open(project):
        assert main(["import", str(project), "--kind", "speech", str(project)]) == 1
        assert "(project.in_use)" in capsys.readouterr().err
        assert main(["status", str(project)]) == 0


def test_import_of_broken_files(project: Path, tmp_path: Path, capsys: Captured) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "empty.wav").write_bytes(b"")
    (broken / "lies.wav").write_bytes(b"RIFF\xff\xff\xff\x7fWAVEfmt ")
    assert main(["import", str(project), "--kind", "speech", str(broken), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["added"] == 0
    assert len(report["failed"]) == 2
    write_wav(broken / "good.wav", talk(5.0, 3))
    assert main(["import", str(project), "--kind", "speech", str(broken)]) == 0
    assert "Not imported" in capsys.readouterr().out


def test_verify(tmp_path: Path, capsys: Captured) -> None:
    assert main(["verify", str(OFFICIAL / "alexa.json"), "--json", "--out", str(tmp_path / "alexa.html")]) == 0
    passport = json.loads(capsys.readouterr().out)
    assert {"article", "rule", "level", "outcome", "found", "expected", "consequence"} == passport["rules"][0].keys()
    assert [answer["runs"] for answer in passport["answers"]] == ["yes"] * 3
    assert passport["title"] in (tmp_path / "alexa.html").read_text("utf-8")
    assert main(["verify", str(OFFICIAL / "alexa.json"), "--out", str(tmp_path / "alexa.pdf")]) == 2
    (tmp_path / "garbage.tflite").write_bytes(b"garbage")
    assert main(["verify", str(tmp_path / "garbage.tflite")]) == 1
    assert main(["verify", str(tmp_path / "none.tflite")]) == 1
    assert main(["verify", str(tmp_path / "model.yaml")]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_evaluate_an_official_model(tmp_path: Path, capsys: Captured) -> None:
    write_wav(tmp_path / "talk.wav", talk(20.0, 5))
    write_wav(tmp_path / "noise.wav", np.random.default_rng(1).normal(0, 900, 80000).astype(np.int16))
    takes = str(recordings(tmp_path / "takes"))
    arguments = [str(OFFICIAL / "okay_nabu.json"), "--wake-words", takes, "--ambient", str(tmp_path / "talk.wav")]
    assert main(["evaluate", *arguments, "--noise", str(tmp_path / "noise.wav"), "--snr-db", "10", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    contract = (
        "clips detected recall recall_low recall_high ambient_hours false_accepts false_accepts_per_hour"
        " false_accepts_per_hour_high cutoff sliding_window_size curve"
    )
    assert set(contract.split()) <= measured.keys()
    assert (measured["clips"], measured["detected"]) == (3, 0)
    assert measured["ambient_hours"] == pytest.approx(20 / 3600, rel=0.01)
    assert {"cutoff", "detected", "false_accepts"} == measured["curve"][0].keys()
    assert main(["evaluate", *arguments]) == 0
    assert "0 of 3" in capsys.readouterr().out.replace("0/3", "0 of 3")


def test_the_constitution_is_shown(capsys: Captured) -> None:
    assert main(["constitution", "show"]) == 0
    assert "toml" in capsys.readouterr().out


def test_the_script_of_its_own_trains(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "argv", ["mww-train", str(tmp_path / "none")])
    assert train_script() == 1
    assert "(project.not_found)" in capsys.readouterr().err


@pytest.mark.parametrize("error", [Cancelled, KeyboardInterrupt])
def test_a_cancel_is_no_error(monkeypatch: pytest.MonkeyPatch, capsys: Captured, error: type[BaseException]) -> None:
    def cancelled(_: Path) -> None:
        raise error

    monkeypatch.setattr("mww_studio.jobs.status.project_status", cancelled)
    assert main(["status", "."]) == 130
    assert capsys.readouterr().err == "Cancelled.\n"


@pytest.mark.skipif(os.name != "posix", reason="ends by signal")
def test_being_asked_to_end_is_a_cancel(project: Path) -> None:
    script = """
import os, signal, sys
from mww_studio import cli
import mww_studio.jobs.status
def asked(folder):
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()
mww_studio.jobs.status.project_status = asked
sys.exit(cli.main(["status", sys.argv[1]]))
"""
    done = subprocess.run([sys.executable, "-c", script, str(project)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "Cancelled.\n")


def test_errors_say_what_why_and_what_to_do(capsys: Captured) -> None:
    show_error(StudioError("a.b", "It [red]broke[/red].", why="A reason.", do="Mend it."))
    assert capsys.readouterr().err.splitlines() == ["It [red]broke[/red].", "A reason.", "Mend it.", "(a.b)"]


def test_progress_into_a_file_is_lines(capsys: Captured) -> None:
    with TerminalProgress() as progress:
        progress.phase("Learning", 10)
        progress.step(1, loss=0.123456)
        progress.log("[brackets] stay")
        progress.phase("Examining")
        progress.step(3, total=7)
    assert capsys.readouterr().err.splitlines() == ["Learning", "[brackets] stay", "Examining"]
