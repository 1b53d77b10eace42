"""What is in order stays without a finding, and what is not looked at is no reason for one."""

import shutil

import pytest
from doctor_patient import HEALTHY, changed, findings_of, lay_out, measured

from mww_studio.esphome.boards import boards
from mww_studio.esphome.config import DeviceWord, render
from mww_studio.esphome.doctor.diagnose import diagnose
from mww_studio.esphome.secrets import complete_secrets


def test_a_healthy_file_has_no_finding(tmp_path):
    found = diagnose(lay_out(tmp_path), measured)
    assert (found.findings, found.complete) == ((), True)


@pytest.mark.parametrize("board", [each.name for each in boards()])
def test_what_this_program_writes_has_no_finding(tmp_path, board):
    lay_out(tmp_path)
    manifest = tmp_path / "hey_willow.json"
    shutil.copy(manifest, tmp_path / "second.json")
    words = [DeviceWord(manifest), DeviceWord(tmp_path / "second.json")]
    text = render(board, words, "Kitchen")
    (tmp_path / "kitchen.yaml").write_text(text, "utf-8")
    (tmp_path / "secrets.yaml").write_text(complete_secrets(text, ""), "utf-8")
    assert findings_of(tmp_path / "kitchen.yaml") == []


def test_a_vendors_package_from_the_internet_may_have_what_is_missing_here(tmp_path):
    text = """\
packages:
  vendor: github://esphome/home-assistant-voice-pe/home-assistant-voice.yaml@dev
esphome:
  name: hall
micro_wake_word:
  id: mww
  models:
    - id: !extend okay_nabu
      probability_cutoff: 0.9
    - id: !remove hey_jarvis
    - id: word_willow
      model: hey_willow.json
"""
    found = diagnose(lay_out(tmp_path, text), measured)
    assert (found.findings, found.complete) == ((), False)


@pytest.mark.parametrize("gain", ['"${gain * 2}"', "${unknown}", '"{{ gain }}"', "!secret api_key"])
def test_what_only_esphome_can_work_out_is_not_judged(tmp_path, gain):
    assert findings_of(lay_out(tmp_path, changed(("${mic_gain}", gain)))) == []


def test_packages_substitutions_and_changes_by_id_are_seen_as_esphome_sees_them(tmp_path):
    start = HEALTHY.index("micro_wake_word:\n")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "base.yaml").write_text("substitutions:\n  mic_gain: '900'\n" + HEALTHY[start:])
    text = HEALTHY[:start].replace('  mic_gain: "4"\n', "") + (
        "packages:\n"
        "  base: !include {file: words/base.yaml, vars: {unused: 1}}\n"
        "micro_wake_word:\n"
        "  microphone:\n    gain_factor: 8\n"
        "  models:\n"
        "    - id: !extend word_willow\n      sliding_window_size: 7\n"
    )
    assert findings_of(lay_out(tmp_path, text)) == []
    ill = text.replace("size: 7", "size: 0").replace("gain_factor: 8", "gain_factor: ${mic_gain}")
    assert sorted(findings_of(lay_out(tmp_path, ill))) == ["gain.range", "window.range"]


@pytest.mark.parametrize(
    ("code", "replacements"),
    [
        ("secret.missing", [("!secret wifi_password", "!secret wlan")]),
        ("api.encryption", [("  encryption:\n    key: !secret api_key\n", "")]),
        ("api.missing", [("api:\n  encryption:\n    key: !secret api_key\n", "")]),
        ("microphone.side", [("    channel: left        # L/R to GND\n", "")]),
        (
            "microphone.which",
            [("  microphone: mic\n  micro", "  micro"), ("microphone:\n  -", "microphone:\n  - id: b\n  -")],
        ),
        ("chip.slow", [("variant: esp32s3", "variant: esp32c3")]),
        ("key.twice", [("logger:\n", "logger:\nlogger:\n")]),
        ("models.none", [("    # mine\n    - id: word_willow\n      model: hey_willow.json\n", "    []\n")]),
        ("model.name", [("hey_willow.json", "hey_birch")]),
        ("model.network", [("hey_willow.json", "okay_nabu")]),
        ("model.outside", [("hey_willow.json", "../hey_willow.json")]),
        ("model.tflite", [("hey_willow.json", "https://example.org/hey_willow.tflite")]),
        ("psram.missing", [("  on_wake_word", "  vad:\n    model: hey_willow.json\n  on_wake_word")]),
        ("assistant.missing", [(HEALTHY[HEALTHY.index("voice_assistant:\n  id") :], "")]),
        ("listener.missing", [("micro_wake_word:\n  id: mww", "logger2:\n  id: mww")]),
        ("old.esp-adf", [("logger:\n", "logger:\nesp_adf:\n")]),
    ],
)
def test_what_a_person_must_mend_is_told(tmp_path, code, replacements):
    found = {one.code: one for one in diagnose(lay_out(tmp_path, changed(*replacements)), measured).findings}
    assert code in found
    assert not found[code].mendable
    assert found[code].what.endswith(".") and found[code].do.endswith(".")


def test_what_only_happens_sometimes_is_no_mistake(tmp_path):
    """As in configurations that let the person choose where the wake word is listened for."""
    own = "  on_client_connected:\n    - if:\n        condition:\n          lambda: return true;\n        then:\n"
    own += "          - voice_assistant.start_continuous:\n        else:\n          - micro_wake_word.start:\n"
    old = "  on_client_connected:\n    - micro_wake_word.start:\n"
    assert findings_of(lay_out(tmp_path, changed((old, own)))) == []


def test_official_words_without_settings_are_told_of_once(tmp_path):
    own = "  models:\n    - okay_nabu\n    - hey_jarvis\n  on_wake"
    old = HEALTHY[HEALTHY.index("  models:\n") : HEALTHY.index("_word_detected")]
    found = sorted(findings_of(lay_out(tmp_path, changed((old, own)))))
    assert found == ["model.id", "model.network"]


def test_models_that_hear_in_different_steps_do_not_go_together(tmp_path):
    second = "hey_willow.json\n    - id: old\n      model: old.json"
    path = lay_out(tmp_path, changed(("hey_willow.json", second)))
    manifest = (tmp_path / "hey_willow.json").read_text()
    (tmp_path / "old.json").write_text(manifest.replace('"feature_step_size": 10', '"feature_step_size": 20'))
    assert sorted(findings_of(path)) == ["manifest.step", "models.steps"]
    (tmp_path / "old.json").write_text(manifest.replace('"version": 2', '"version": 1'))
    assert sorted(findings_of(path)) == ["manifest.old", "models.steps"]


def test_a_model_that_no_device_runs_is_named(tmp_path):
    path = lay_out(tmp_path)
    (tmp_path / "hey_willow.tflite").write_bytes(b"<!DOCTYPE html>")
    assert findings_of(path) == ["model.unsound"]
