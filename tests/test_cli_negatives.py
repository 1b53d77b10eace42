"""The commands about sets of other sound, as a person types them."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_server import FileServer
from published_sets import describe, make_set, write_catalogue, zipped

from mww_studio.cli import main
from mww_studio.project.store import Project

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def signals_as_they_were() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_the_list_says_size_licence_and_purpose(capsys: Captured) -> None:
    assert main(["negatives"]) == 0
    said = capsys.readouterr().out
    assert "82 MB to download, 432 MB unpacked" in said
    assert "CC BY-NC 4.0: not for commercial use" in said
    assert main(["negatives", "--json"]) == 0
    found = {row["name"]: row for row in json.loads(capsys.readouterr().out)["sets"]}
    assert found["dinner_party_eval"]["purpose"] == "examine"
    assert found["rooms"]["licence"] == "Apache-2.0"
    assert not any(row["installed"] for row in found.values())


def test_wrong_names_and_licences_that_nobody_accepted(tmp_path: Path, capsys: Captured) -> None:
    assert main(["negatives", "get", "spech"]) == 2
    assert main(["negatives", "remove", "speech"]) == 2
    assert main(["negatives", "add", str(tmp_path), "--name", "Not a name"]) == 2
    assert main(["negatives", "get", "speech"]) == 1
    said = capsys.readouterr().err
    assert "--accept-licence" in said
    assert "(negatives.licence)" in said


def test_from_getting_a_set_to_removing_it(tmp_path: Path, data: Path, capsys: Captured) -> None:
    make_set(tmp_path / "talk", items=2)
    content = zipped(tmp_path / "talk")
    project = str(tmp_path / "word")
    Project.create(Path(project), "hey computer").close()
    with FileServer() as server:
        url = server.serve("talk.zip", content)
        write_catalogue(data, describe("talk", url, content, non_commercial=True))
        assert main(["negatives", "get", "talk", "--accept-licence", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "talk", "folder": str(data / "negatives" / "talk")}
    assert main(["negatives", "choose", project, "--leave-out", "talk", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"used": [], "left_out": ["talk"]}
    assert main(["negatives", "choose", project, "--use", "talk"]) == 0
    assert main(["negatives", "choose", project]) == 0
    assert capsys.readouterr().out == 2 * "Used: talk.\nLeft out: none.\n"
    assert main(["negatives", "remove", "talk"]) == 0
    assert not (data / "negatives" / "talk").exists()
