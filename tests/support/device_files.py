"""The files of a device as a person has them: a configuration, the wake word beside it, and its secrets."""

import importlib.util
import shutil
from pathlib import Path

SECRETS = {
    "wifi_ssid": "Villa Kunterbunt",
    "wifi_password": "plutimikation",
    "kitchen_api_key": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=",
    "kitchen_ota_password": "hoppetosse",
}
"""The secrets beside the configuration; none of them may ever be said."""

CONFIGURATION = """
esphome:
  name: kitchen
esp32:
  variant: esp32s3
  framework:
    type: esp-idf
psram:
  mode: octal
logger:
api:
  encryption:
    key: !secret kitchen_api_key
ota:
  - platform: esphome
    password: !secret kitchen_ota_password
wifi:
  ssid: !secret wifi_ssid
  password: !secret wifi_password
i2s_audio:
  - id: bus
    i2s_bclk_pin: GPIO4
    i2s_lrclk_pin: GPIO5
microphone:
  - platform: i2s_audio
    id: ear
    i2s_audio_id: bus
    adc_type: external
    i2s_din_pin: GPIO6
    bits_per_sample: 32bit
micro_wake_word:
  id: listener
  microphone:
    microphone: ear
  models:
    - id: word_alexa
      model: alexa.json
voice_assistant:
  microphone:
    microphone: ear
  micro_wake_word: listener
"""


def write_device(folder: Path) -> Path:
    """Write a device's files into a folder, which is made; returns the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    found = importlib.util.find_spec("pymicro_wakeword")
    assert found is not None
    assert found.origin is not None
    for suffix in ("json", "tflite"):
        shutil.copy(Path(found.origin).parent / "models" / f"alexa.{suffix}", folder)
    configuration = folder / "kitchen.yaml"
    configuration.write_text(CONFIGURATION, "utf-8")
    (folder / "secrets.yaml").write_text("".join(f'{name}: "{value}"\n' for name, value in SECRETS.items()), "utf-8")
    return configuration


def no_secret_in(text: str) -> None:
    """Fails where a text holds one of the secrets."""
    assert [name for name, value in SECRETS.items() if value in text] == []
