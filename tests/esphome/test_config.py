"""The configuration: valid for ESPHome whatever the wake word is, and wired as Home Assistant needs it."""

import base64
import importlib.util
import json
import shutil
from pathlib import Path

import pytest
import yaml

from mww_studio.esphome.boards import boards
from mww_studio.esphome.config import DeviceWord, Sensitivity, device_name, model_id, render
from mww_studio.esphome.program import generate_only, validate
from mww_studio.esphome.secrets import complete_secrets

AWKWARD_WORDS = [
    "computer",
    'say "hey" \\ it\'s: me, #1 {x} & * ! | > % @ `',
    "Öffne dich, Sesam – naïve",
    "コンピュータ 😀 привет",
    "$name ${name} <% name %> and/or",
    "- yes: no",
    "a\u2028b\u0085c\ufeffd",
    "very long " * 20,
]


class EspHomeLoader(yaml.SafeLoader):
    """Reads ESPHome's YAML, its own tags as plain text."""


EspHomeLoader.add_constructor("!secret", lambda loader, node: f"secret {loader.construct_scalar(node)}")
EspHomeLoader.add_constructor("!lambda", lambda loader, node: loader.construct_scalar(node))


def load(text):
    return yaml.load(text, EspHomeLoader)  # noqa: S506 - a SafeLoader


@pytest.fixture
def manifest(tmp_path):
    """An official model and its manifest, as a project would export them."""
    models = Path(importlib.util.find_spec("pymicro_wakeword").origin).parent / "models"
    for suffix in ("json", "tflite"):
        shutil.copy(models / f"okay_nabu.{suffix}", tmp_path)
    return tmp_path / "okay_nabu.json"


def write_device(manifest, text):
    (manifest.parent / "secrets.yaml").write_text(complete_secrets(text, ""), "utf-8")
    configuration = manifest.parent / "device.yaml"
    configuration.write_text(text, "utf-8")
    return configuration


@pytest.mark.parametrize("word", AWKWARD_WORDS)
def test_any_wake_word_gives_yaml_with_an_ascii_host_name(manifest, word):
    content = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**content, "wake_word": "".join(filter(str.isprintable, word))}), "utf-8")
    values = load(render("generic-s3", [DeviceWord(manifest)], word))["substitutions"]
    assert values["name"].isascii()
    assert 0 < len(values["name"]) <= 22
    assert 0 < len(values["friendly_name"].encode()) <= 100
    assert not set(values["friendly_name"]) & set("/${}\n\u2028")


@pytest.mark.parametrize("word", [AWKWARD_WORDS[1], AWKWARD_WORDS[3], AWKWARD_WORDS[4]])
def test_esphome_accepts_awkward_wake_words(manifest, word):
    content = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**content, "wake_word": word}, ensure_ascii=False), "utf-8")
    result = validate(write_device(manifest, render("generic-s3", [DeviceWord(manifest)], word)))
    assert result.ok, result.message


@pytest.mark.parametrize("board", [each.name for each in boards() if each.package is None])
def test_home_assistant_can_pick_the_word_and_the_device_listens(manifest, board):
    content = load(render(board, [DeviceWord(manifest)], "Okay Nabu"))
    listener = content["micro_wake_word"]
    assistant = content["voice_assistant"]
    assert assistant["micro_wake_word"] == listener["id"]
    assert listener["models"][0] == {"id": "word_okay_nabu", "model": "okay_nabu.json"}
    assert {"micro_wake_word.start": None} in assistant["on_client_connected"]
    assert assistant["on_end"] == [{"script.execute": "listen"}]
    assert "micro_wake_word.start" in str(content["script"][0]["then"][-1])
    assert "voice_assistant.start" in listener["on_wake_word_detected"][-1]
    assert "select" not in content


def test_our_model_comes_first_and_every_model_has_its_own_id(manifest):
    other = manifest.with_name("hey_jarvis.json")
    shutil.copy(manifest, other)
    models = load(render("generic-s3", [DeviceWord(other), DeviceWord(manifest)], "x"))["micro_wake_word"]["models"]
    assert [model["model"] for model in models] == ["hey_jarvis.json", "okay_nabu.json"]
    assert len({model["id"] for model in models}) == 2


def test_sensitivity_is_a_choice_in_home_assistant(manifest):
    measured = [("Hears more", 200, 7, 60), ("Balanced", 247, 1, 57), ("Fewer false alarms", 251, 0, 50)]
    points = tuple(
        Sensitivity(label, cutoff, mistakes, 3.5, heard, 60, chosen=cutoff == 247)
        for label, cutoff, mistakes, heard in measured
    )
    text = render("generic-s3", [DeviceWord(manifest, points)], "Okay Nabu")
    select = load(text)["select"][0]
    assert select["options"] == ["Hears more", "Balanced", "Fewer false alarms"]
    assert select["initial_option"] == "Balanced"
    assert '"Hears more"  # 0.78: 2.00 false accepts per hour (7 in 3.5 hours), heard 60 of 60' in text
    assert 'if (x == "Hears more") id(word_okay_nabu).set_probability_cutoff(200);' in text
    lines = generate_only(write_device(manifest, text))
    assert [(line.cutoff_byte, line.sliding_window_size, line.enabled) for line in lines] == [(247, 5, True)]


def test_every_secret_is_made_once(manifest):
    text = render("generic-s3", [DeviceWord(manifest)], "Okay Nabu")
    made = complete_secrets(text, "wifi_ssid: home\n# mine\nwifi_password: 'long enough'\n")
    values = yaml.safe_load(made)
    assert values["wifi_ssid"] == "home"
    assert "# mine" in made
    assert len(base64.b64decode(values["okay_nabu_api_key"])) == 32
    assert len(values["okay_nabu_ota_password"]) >= 12
    assert complete_secrets(text, made) == made
    assert complete_secrets(text, "") != complete_secrets(text, "")


def test_a_shared_secrets_file_keeps_its_network(manifest):
    text = render("generic-s3", [DeviceWord(manifest)], "Okay Nabu")
    completed = complete_secrets(text, "<<: !include ../secrets.yaml\n")
    assert "wifi_" not in completed
    assert "okay_nabu_api_key" in completed


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hey Computer", "hey-computer"),
        ("Öffne dich!", "offne-dich"),
        ("コンピュータ", "wake-word"),
        ("-- 5 --", "5"),
        ("", "wake-word"),
    ],
)
def test_device_name(text, name):
    assert device_name(text) == name


def test_model_id_is_an_identifier():
    assert model_id(Path("5-fancy words.json")) == "word_5_fancy_words"
