"""A configuration that is in good health, with its files, for tests that make it ill."""

import json
import shutil
from pathlib import Path

from mww_studio.esphome.doctor.chart import ArenaNeed
from mww_studio.esphome.doctor.diagnose import diagnose
from mww_studio.esphome.doctor.mending import plan_mending
from mww_studio.reference import official_model

ARENA = ArenaNeed(least_bytes=20_000, good_bytes=30_000)
API_KEY = "YWxsIGdvb2QgdGhpbmdzIGFyZSB0aGlydHktdHdvISE="
SECRETS = f"wifi_ssid: Home Net\nwifi_password: horse-battery\napi_key: {API_KEY}\nota_password: staple-correct\n"
HEALTHY = """\
# The kitchen's satellite.
substitutions:
  name: kitchen      # its name
  mic_gain: "4"

esphome:
  name: ${name}

esp32:
  variant: esp32s3
  framework:
    type: esp-idf

logger:

api:
  encryption:
    key: !secret api_key

ota:
  - platform: esphome
    password: !secret ota_password

wifi:
  ssid: !secret wifi_ssid
  password: !secret wifi_password   # do not tell

i2s_audio:
  - id: bus
    i2s_bclk_pin: GPIO4
    i2s_lrclk_pin: GPIO5

microphone:
  - platform: i2s_audio
    id: mic
    adc_type: external
    i2s_din_pin: GPIO6
    channel: left        # L/R to GND
    sample_rate: 16000

micro_wake_word:
  id: mww
  microphone:
    microphone: mic
    gain_factor: ${mic_gain}
  models:
    # mine
    - id: word_willow
      model: hey_willow.json
  on_wake_word_detected:
    - voice_assistant.start:
        wake_word: !lambda return wake_word;

voice_assistant:
  id: va
  microphone: mic
  micro_wake_word: mww
  # as long as Home Assistant is there
  on_client_connected:
    - micro_wake_word.start:
  on_client_disconnected:
    - micro_wake_word.stop:
  on_end:
    - wait_until:
        not:
          voice_assistant.is_running:
    - micro_wake_word.start:
"""


def manifest(**changes):
    """The text of a manifest; what is not among its own keys belongs to ``micro``, None leaves a key out."""
    content = {
        "type": "micro",
        "wake_word": "Hey Willow",
        "author": "Anna",
        "model": "hey_willow.tflite",
        "trained_languages": ["en"],
        "version": 2,
        "micro": {
            "probability_cutoff": 0.97,
            "feature_step_size": 10,
            "sliding_window_size": 5,
            "tensor_arena_size": 26080,
            "minimum_esphome_version": "2024.7.0",
        },
    }
    for key, value in changes.items():
        (content if key in content else content["micro"])[key] = value
    return json.dumps(content, indent=2) + "\n"


def lay_out(folder, text=HEALTHY, **changes):
    """Write a configuration with its secrets, its manifest and its model; returns its path."""
    (folder / "secrets.yaml").write_text(SECRETS)
    (folder / "hey_willow.json").write_text(manifest(**changes))
    shutil.copy(official_model("okay_nabu"), folder / "hey_willow.tflite")
    path = folder / "kitchen.yaml"
    path.write_bytes(text.encode())
    return path


def changed(*replacements, text=HEALTHY):
    """The healthy text with other words in some places, each of which is there once."""
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def measured(_model: Path):
    """Every model needs the same."""
    return ARENA


def findings_of(path):
    """The codes of what is found."""
    return [finding.code for finding in diagnose(path, measured).findings]


def plan_for(path, code):
    """What mending the findings of one code would write."""
    found = diagnose(path, measured)
    chosen = [finding for finding in found.findings if finding.code == code]
    assert chosen, [finding.code for finding in found.findings]
    return plan_mending(path, found, chosen, measured)
