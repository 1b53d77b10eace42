"""Copying to Home Assistant's folder: what is there stays, and nothing is half done."""

import json

import pytest
from device_files import SECRETS, no_secret_in, write_device

from mww_studio.errors import StudioError
from mww_studio.jobs import home_assistant
from mww_studio.jobs.home_assistant import install


@pytest.fixture
def source(tmp_path):
    folder = write_device(tmp_path / "export").parent
    (folder / "provenance.json").write_text("{}")
    return folder


@pytest.fixture
def config(tmp_path):
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "configuration.yaml").write_text("homeassistant:\n")
    return folder


def refused(*arguments, **options):
    with pytest.raises(StudioError) as told:
        install(*arguments, **options)
    return told.value


def test_the_files_go_where_esphome_looks(source, config):
    done = install(source, str(config))
    folder = config / "esphome"
    assert done.folder == folder
    assert {file.name for file in folder.iterdir()} == {"alexa.json", "alexa.tflite", "kitchen.yaml", "secrets.yaml"}
    assert done.lines == "micro_wake_word:\n  models:\n    - id: word_alexa\n      model: alexa.json"
    assert "kitchen.yaml" in done.describe()
    assert (folder / "secrets.yaml").stat().st_mode & 0o777 == 0o600
    no_secret_in(done.describe() + json.dumps(done.summary()))


def test_the_licence_of_a_word_goes_with_it(source, config):
    (source / "LICENSE-alexa.txt").write_text("Do as you like.")
    (source / "LICENSE-other.txt").write_text("of a word that is not there")
    install(source, str(config))
    copied = (config / "esphome").glob("LICENSE*")
    assert [(file.name, file.read_text()) for file in copied] == [("LICENSE-alexa.txt", "Do as you like.")]


def test_secrets_that_are_there_stay(source, config):
    folder = config / "esphome"
    folder.mkdir()
    (folder / "secrets.yaml").write_text('wifi_ssid: "theirs"  # mine\nwifi_password: "also theirs"')
    done = install(source, str(folder))
    assert done.secrets == ("kitchen_api_key", "kitchen_ota_password")
    text = (folder / "secrets.yaml").read_text()
    assert text.startswith('wifi_ssid: "theirs"  # mine\nwifi_password: "also theirs"\nkitchen_api_key:')
    assert SECRETS["wifi_password"] not in text


def test_shared_secrets_know_the_network(source, config):
    folder = config / "esphome"
    folder.mkdir()
    (folder / "secrets.yaml").write_text("<<: !include ../secrets.yaml\n")
    assert "wifi_ssid" not in install(source, str(config)).secrets


def test_other_files_of_the_same_name_are_kept(source, config):
    folder = config / "esphome"
    folder.mkdir()
    (folder / "alexa.tflite").write_bytes(b"theirs")
    assert refused(source, str(config)).code == "install.there"
    assert [file.name for file in folder.iterdir()] == ["alexa.tflite"]
    done = install(source, str(config), replace=True)
    assert done.replaced == ("alexa.tflite",)
    assert [file.read_bytes() for file in folder.glob("alexa.tflite.*.bak")] == [b"theirs"]
    again = install(source, str(config))
    assert (again.new, again.replaced, again.secrets) == ((), (), ())
    assert len(again.same) == 3


def test_what_is_to_be_filled_in_is_named(source, config):
    (source / "secrets.yaml").write_text('wifi_ssid: "fill in: your network\'s name"\nkitchen_api_key: "x"\n')
    assert install(source, str(config)).fill_in == ("wifi_ssid",)


def test_a_samba_share_is_found_where_the_system_opened_it(source, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(home_assistant.sys, "platform", "linux")
    there = tmp_path / "gvfs" / "smb-share:server=homeassistant.local,share=config" / "esphome"
    told = refused(source, "smb://HomeAssistant.local/config")
    assert told.code == "install.folder"
    assert "Samba share" in told.do
    there.mkdir(parents=True)
    assert install(source, "smb://HomeAssistant.local/config").folder == there
    assert install(source, r"\\homeassistant.local\config").folder == there


def test_nothing_but_a_devices_files_is_copied(source, config, tmp_path):
    assert refused(tmp_path, str(config)).code == "install.source"
    assert refused(source, str(tmp_path / "nowhere")).code == "install.folder"
    (source / "alexa.tflite").unlink()
    assert refused(source, str(config)).code in ("install.source", "manifest.invalid")
    (source / "alexa.tflite").symlink_to("/etc/passwd")
    assert refused(source, str(config)).code in ("install.failed", "manifest.invalid")
    content = json.loads((source / "alexa.json").read_text())
    (source / "alexa.json").write_text(json.dumps(content | {"model": "../../etc/passwd"}))
    assert refused(source, str(config)).code == "manifest.invalid"
    assert not (config / "esphome").exists()
