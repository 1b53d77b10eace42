import json
from pathlib import Path

import pytest

from mww_studio.cli import main
from mww_studio.corpus import pronunciation
from mww_studio.corpus.phrases import Nearness, NearPhrase
from mww_studio.jobs import phrases
from mww_studio.project.store import Project

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = (NearPhrase("rosita", Nearness.RHYME, 0.2), NearPhrase("casita", Nearness.WORD, 0.3))
    monkeypatch.setattr(phrases, "_found_for", lambda *_: found)
    monkeypatch.setattr(pronunciation, "_HEARD", {})
    monkeypatch.setattr(pronunciation, "phonemizer_missing", lambda: "none here")
    Project.create(tmp_path / "project", "kosita").close()
    return str(tmp_path / "project")


def listed(folder: str, capsys: Captured, *more: str) -> dict[str, str]:
    assert main(["phrases", folder, "--json", *more]) == 0
    return {phrase["text"]: phrase["origin"] for phrase in json.loads(capsys.readouterr().out)}


def test_phrases_are_listed_added_removed_and_reset(folder: str, capsys: Captured) -> None:
    assert listed(folder, capsys) == {"rosita": "found", "casita": "found"}
    changed = listed(folder, capsys, "--add", "casa bonita", "--add", "bonita", "--remove", "casita")
    assert changed == {"casa bonita": "added", "bonita": "added", "rosita": "found", "casita": "removed"}
    assert listed(folder, capsys) == changed
    assert listed(folder, capsys, "--reset") == {"rosita": "found", "casita": "found"}
    assert main(["phrases", folder]) == 0
    assert "80 % alike" in capsys.readouterr().out


def test_wrong_use_says_why(folder: str, capsys: Captured) -> None:
    assert main(["phrases", folder, "--add", "kosita"]) == 1
    assert "the wake word" in capsys.readouterr().err
    assert main(["phrases", folder, "--remove", "nothing like it"]) == 1
    assert "not in the list" in capsys.readouterr().err
    assert main(["phrases", folder, "--reset", "--add", "bonita"]) == 2
    assert main(["phrases", folder, "--add", "..."]) == 2


def test_presets_are_listed_and_documented(capsys: Captured) -> None:
    assert main(["presets"]) == 0
    assert "standard" in capsys.readouterr().out
    assert main(["presets", "--json"]) == 0
    assert {"fast_test", "standard"} <= {preset["name"] for preset in json.loads(capsys.readouterr().out)}
    assert main(["presets", "--reference"]) == 0
    assert "## training.phases" in capsys.readouterr().out
