"""The commands about devices, as a person types them."""

import json

import pytest
from api_device import KEY, api_device
from device_files import no_secret_in, write_device

from mww_studio.cli import main
from mww_studio.jobs import device as device_module
from mww_studio.jobs import say_test


def test_a_dry_run_is_what_happens_without_a_device(tmp_path, capsys):
    assert main(["flash", str(write_device(tmp_path)), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["written_to"] is None
    assert [word["wake_word"] for word in said["wake_words"]] == ["Alexa"]


def test_one_device_at_a_time(tmp_path, capsys):
    configuration = str(write_device(tmp_path))
    for wrong in (["--port", "x", "--address", "y"], ["--dry-run", "--port", "x"], ["--logs"]):
        assert main(["flash", configuration, *wrong]) == 2
    assert "--port" in capsys.readouterr().err


def test_the_first_download_is_announced(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "core"))
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    assert main(["flash", str(write_device(tmp_path)), "--port", "/dev/nothing-here"]) == 1
    said = capsys.readouterr().err
    assert "downloads a compiler: about 1.2 GB" in said
    assert str(tmp_path / "core") in said
    assert "There is no device at /dev/nothing-here" in said
    no_secret_in(said)


def test_ports_say_what_to_do_where_there_is_none(capsys, monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    assert main(["ports"]) == 0
    assert "carries data" in capsys.readouterr().out
    assert main(["ports", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_files_are_copied_to_home_assistant(tmp_path, capsys):
    write_device(tmp_path / "export")
    (tmp_path / "esphome").mkdir()
    assert main(["install", str(tmp_path / "export"), "--to", str(tmp_path / "esphome")]) == 0
    said = capsys.readouterr().out
    assert "      model: alexa.json" in said
    no_secret_in(said)


@pytest.fixture
def kitchen(monkeypatch):
    with api_device({"word_kosita": "Kosita", "okay_nabu": "Okay Nabu"}, KEY) as made:
        link = device_module.DeviceLink
        monkeypatch.setattr(device_module, "DeviceLink", lambda address, key: link(address, key, made.port))
        yield made


def test_a_device_tells_what_it_offers(kitchen, tmp_path, capsys):
    configuration = write_device(tmp_path)
    assert main(["device", "127.0.0.1", "--secrets", str(configuration), "--choose", "okay_nabu", "--json"]) == 0
    said = capsys.readouterr().out
    words = json.loads(said)["wake_words"]
    assert [(word["id"], word["active"]) for word in words] == [("word_kosita", False), ("okay_nabu", True)]
    assert kitchen.active == ["okay_nabu"]
    no_secret_in(said)
    assert main(["device", "127.0.0.1"]) == 1
    assert "key" in capsys.readouterr().err


def test_it_counts_how_often_it_hears(kitchen, capsys, monkeypatch):
    """The device hears the first of two, at the very moment in which the prompt is written."""
    monkeypatch.setattr(say_test, "WINDOW_S", 0.5)
    monkeypatch.setattr(say_test, "PAUSE_S", 0.2)

    def tell(text):
        told.append(text)
        if text.startswith("1 of 2"):
            kitchen.wake("Kosita")

    told = []
    monkeypatch.setattr("mww_studio.commands.device.tell", tell)
    assert main(["device", "127.0.0.1", "--key", KEY, "--say", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["test"] == {
        "said": 2,
        "heard": 1,
        "extra": 0,
        "low": 0.095,
        "high": 0.905,
    }
    assert [text.strip() for text in told[1:]] == ["1 of 2: say it now.", "heard", "2 of 2: say it now.", "not heard"]
