import json

import numpy as np
import pytest
from eager_model import eager_manifest
from synthetic_speech import word
from virtual_microphone import PLAIN, no_sound

from mww_studio.cli import main
from mww_studio.project.store import Project


@pytest.fixture
def project(tmp_path):
    Project.create(tmp_path / "project", "kosita").close()
    return str(tmp_path / "project")


@pytest.mark.usefixtures("microphones")
def test_microphones_are_listed(capsys):
    assert main(["microphones", "--json"]) == 0
    assert PLAIN in [each["name"] for each in json.loads(capsys.readouterr().out)]


def test_a_computer_without_any_says_so(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(no_sound(tmp_path)))
    assert main(["microphones"]) == 0
    assert capsys.readouterr().out == "There is no microphone.\n"


def test_takes_are_recorded_into_the_project(project, microphones, capsys):
    quiet = np.random.default_rng(0).normal(0, 10, 24000).astype(np.int16)
    microphones.say(PLAIN, np.concatenate([quiet, word(1, 0).pcm, quiet, quiet]))
    assert main(["record", project, "--speaker", "Mia", "--takes", "1", "--microphone", PLAIN, "--json"]) == 0
    heard = capsys.readouterr()
    assert json.loads(heard.out)["added"] == 1
    assert "Say it now" in heard.err


@pytest.mark.parametrize("options", [[], ["--kind", "rir"], ["--kind", "song"]])
def test_wrong_use_is_said_before_anything_is_recorded(project, options, capsys):
    assert main(["record", project, *options]) == 2
    assert capsys.readouterr().err


@pytest.mark.usefixtures("microphones")
def test_listening_sums_up(tmp_path, capsys):
    manifest = eager_manifest(tmp_path)
    assert main(["listen", str(manifest), "--minutes", "0.01", "--microphone", PLAIN, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["woke"] == []
    assert main(["listen", str(manifest), "--microphone", "nowhere"]) == 1
    assert "audio.no_microphone" in capsys.readouterr().err
