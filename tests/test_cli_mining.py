"""Searching for mistakes from the command line."""

import json
from pathlib import Path

import pytest
from mined_project import make_project, make_recordings

from mww_studio.cli import main
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project


def test_search_list_decide_and_take_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_project(tmp_path / "project")
    make_recordings(tmp_path / "recordings")
    folder = str(tmp_path / "project")

    assert main(["mine", folder, str(tmp_path / "recordings"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["woke"] == 3
    ids = [one["id"] for one in told["candidates"]]
    assert len(ids) == 3

    assert main(["mine", folder, "--list"]) == 0
    listed = capsys.readouterr().out
    assert "woke" in listed
    assert "3 sounds" in listed

    assert main(["mine", folder, "--accept", str(ids[0])]) == 0
    assert "1 sound will teach" in capsys.readouterr().out
    assert main(["mine", folder, "--reject", "all"]) == 0
    assert "2 sounds will not be offered" in capsys.readouterr().out
    with Project.open(tmp_path / "project", read_only=True) as project:
        assert len(project.clips(ClipKind.NEAR)) == 1
    for _ in range(2):
        assert main(["mine", folder, "--undo"]) == 0
    assert "waits for a decision again" in capsys.readouterr().out
    with Project.open(tmp_path / "project", read_only=True) as project:
        assert not project.clips(ClipKind.NEAR)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 1, "no training of this project is finished"),
        (["--list", "--undo"], 2, "either"),
        (["--accept", "1", "--speaker", "Mia"], 2, "--speaker"),
        (["--accept", "one"], 2, "names no sounds"),
        (["--undo"], 1, "no decision"),
    ],
)
def test_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, said: str
) -> None:
    Project.create(tmp_path / "project", "kosita").close()
    assert main(["mine", str(tmp_path / "project"), *arguments]) == status
    error = capsys.readouterr().err.replace("\n", " ")
    assert said in error.lower()
