"""The real esphome program: what it accepts, what it refuses, what it generates, and that it always ends."""

import importlib.util
import shutil
from pathlib import Path

import pytest

from mww_studio.constitution.manifest import read_manifest
from mww_studio.errors import Cancelled, StudioError
from mww_studio.esphome import program
from mww_studio.esphome.config import DeviceWord, render
from mww_studio.esphome.program import WakeWordModelLine, generate_only, parse_model_lines, validate
from mww_studio.esphome.secrets import complete_secrets
from mww_studio.progress import Progress


class CancelSoon(Progress):
    """Cancels at the third question."""

    def __init__(self):
        self.asked = 0

    def check_cancelled(self):
        self.asked += 1
        if self.asked == 3:
            raise Cancelled


@pytest.fixture
def device(tmp_path):
    models = Path(importlib.util.find_spec("pymicro_wakeword").origin).parent / "models"
    for suffix in ("json", "tflite"):
        shutil.copy(models / f"alexa.{suffix}", tmp_path)
    configuration = tmp_path / "alexa.yaml"
    configuration.write_text(render("generic-s3", [DeviceWord(tmp_path / "alexa.json")], "Alexa"), "utf-8")
    (tmp_path / "secrets.yaml").write_text(complete_secrets(configuration.read_text("utf-8"), ""), "utf-8")
    return configuration


def test_esphome_generates_what_the_manifest_says(device):
    (line,) = generate_only(device)
    manifest = read_manifest(device.with_name("alexa.json"))
    assert line.differences(manifest) == []
    assert line == WakeWordModelLine("word_alexa", 229, 5, "Alexa", 22348, enabled=True, internal=False)


def test_esphome_leaves_nothing_beside_the_files(device):
    before = sorted(device.parent.iterdir())
    assert validate(device).ok
    generate_only(device)
    assert sorted(device.parent.iterdir()) == before


def test_esphome_sees_nothing_of_our_environment(device, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(device.parent))
    (device.parent / "yaml.py").write_text("raise SystemExit('not this one')", "utf-8")
    assert validate(device).ok


def test_a_mistake_is_told_in_esphomes_words(device):
    device.write_text(
        device.read_text("utf-8").replace("micro_wake_word: wake_word_listener", "micro_wake_word: nobody")
    )
    result = validate(device)
    assert not result.ok
    assert "nobody" in result.message
    assert "\x1b" not in result.message


def test_a_model_that_is_not_there_is_refused(device):
    device.with_name("alexa.json").unlink()
    with pytest.raises(StudioError, match=r"alexa\.json") as refusal:
        generate_only(device)
    assert refusal.value.code == "esphome.refused"


def test_cancel_ends_the_program(device):
    with pytest.raises(Cancelled):
        validate(device, CancelSoon())


def test_a_program_that_hangs_is_ended(device, monkeypatch):
    monkeypatch.setattr(program, "VALIDATE_TIMEOUT_S", 0.0)
    with pytest.raises(StudioError) as refusal:
        validate(device)
    assert refusal.value.code == "esphome.timeout"


def test_generated_strings_are_read_as_the_compiler_reads_them():
    source = (
        'new(a) micro_wake_word::WakeWordModel("word_a", data, 1, 2, "\\303\\226ffne \\"x\\" \\\\", 3, false, true);\n'
        'new(b) micro_wake_word::WakeWordModel("word_b", uint8_t_id_2, 254, 255, "b", 99999, true, false);'
    )
    first, second = parse_model_lines(source)
    assert first == WakeWordModelLine("word_a", 1, 2, 'Öffne "x" \\', 3, enabled=False, internal=True)
    assert second.tensor_arena_size == 99999


def test_differences_name_what_differs(device):
    manifest = read_manifest(device.with_name("alexa.json"))
    line = WakeWordModelLine("word_alexa", 230, 5, "Alexa", 1, enabled=True, internal=False)
    assert line.differences(manifest) == ["cutoff_byte is 230, not 229", "tensor_arena_size is 1, not 22348"]
