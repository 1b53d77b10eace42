"""The files of a device for any models: every board with one word, several, and voice activity, by the real ESPHome."""

import json
import shutil
import stat
from dataclasses import replace

import numpy as np
import pytest
import yaml
from kept_log import Log

from mww_studio.cli import main
from mww_studio.constitution.manifest import read_manifest, write_manifest
from mww_studio.errors import StudioError
from mww_studio.esphome.boards import board, boards
from mww_studio.esphome.config import Sensitivity, device_name, model_ids
from mww_studio.esphome.program import generate_only, validate
from mww_studio.evaluation.detector import cutoff_byte
from mww_studio.export.provenance import Measured, describe
from mww_studio.export.words import DeviceOrder
from mww_studio.jobs.board_files import describe_boards, describe_files, write_board_files
from mww_studio.progress import Progress
from mww_studio.reference import official_model

NAMES = [each.name for each in boards()]


@pytest.fixture
def official(tmp_path):
    """Official manifests by name; "vad" is one that calls itself so."""

    def manifest(name):
        return official_model(name).with_suffix(".json")

    folder = tmp_path / "voice"
    folder.mkdir()
    shutil.copy(official_model("hey_mycroft"), folder / "hey_mycroft.tflite")
    content = json.loads(manifest("hey_mycroft").read_text("utf-8")) | {"wake_word": "vad"}
    (folder / "vad.json").write_text(json.dumps(content), "utf-8")
    return lambda name: folder / "vad.json" if name == "vad" else manifest(name)


def write(out, order, **options):
    return write_board_files(order, out, generate=options.get("generate", False), progress=Progress())


@pytest.mark.parametrize("name", NAMES)
def test_esphome_accepts_two_words_on_every_board(tmp_path, official, name):
    order = DeviceOrder(name, "Kitchen", (official("okay_nabu"), official("alexa")))
    bundle = write(tmp_path / "out", order)
    text = bundle.configuration.read_text("utf-8")
    assert bundle.configuration.name == "kitchen.yaml"
    assert text.index('model: "okay_nabu.json"') < text.index('model: "alexa.json"')
    secrets = yaml.safe_load(bundle.secrets.read_text("utf-8"))
    assert {key for key in secrets if "password" in key} >= {"wifi_password"}
    assert any(key.endswith("ota_password") for key in secrets)
    assert stat.S_IMODE(bundle.secrets.stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in bundle.files)
    assert (board(name).package is not None) is any("stand-in" in remark for remark in bundle.remarks)


@pytest.mark.slow
@pytest.mark.parametrize("words", [("alexa",), ("alexa", "okay_nabu")], ids=["one word", "two words"])
@pytest.mark.parametrize("vad", [False, True], ids=["any sound", "voice activity"])
@pytest.mark.parametrize("name", NAMES)
def test_esphome_builds_exactly_these_models_on_every_board(tmp_path, official, name, words, vad):
    order = DeviceOrder(name, "", tuple(map(official, words)), official("vad") if vad else None)
    bundle = write(tmp_path / "out", order, generate=True)
    assert "ota_password" in bundle.secrets.read_text("utf-8")
    assert ("vad:" in bundle.configuration.read_text("utf-8")) is vad


def exported(folder, name, wake_word, licence=None):
    """An official model as this program exports its own: with what was measured, perhaps with a licence beside it."""
    folder.mkdir()
    model = folder / f"{name}.tflite"
    shutil.copy(official_model(name), model)
    manifest = replace(read_manifest(official_model(name).with_suffix(".json")), wake_word=wake_word)
    write_manifest(manifest, folder / f"{name}.json")
    chosen = cutoff_byte(manifest.probability_cutoff)
    points = tuple(
        Sensitivity(label, chosen + more, 5 - more, 2.5, 55 - more, 90, chosen=not more)
        for label, more in (("Slightly sensitive", 2), ("Moderately sensitive", 0), ("Very sensitive", -20))
    )
    measured = Measured(sliding_window_size=manifest.sliding_window_size, points=points)
    origin = {"wake_word": wake_word, "preset": "p", "seed": 0, "settings": "", "warm_start": None}
    told = describe(model, [], measured=measured, **origin)
    (folder / "provenance.json").write_text(told.model_dump_json(), "utf-8")
    if licence:
        (folder / "LICENSE.txt").write_text(licence, "utf-8")
    return folder / f"{name}.json"


def test_what_esphome_builds_is_what_the_manifests_say(tmp_path, official):
    """Both words are of ours, and what ESPHome makes of the names of their selects is the same."""
    added = [
        exported(tmp_path / "a", "alexa", "アレクサ", "Do as you like."),
        exported(tmp_path / "b", "okay_nabu", "オーケー"),
    ]
    order = DeviceOrder("generic-s3", "", tuple(added), official("vad"))
    bundle = write(tmp_path / "out", order)
    assert validate(bundle.configuration).ok
    lines = generate_only(bundle.configuration)
    spoken = bundle.manifests[:2]
    assert [line.id for line in lines] == model_ids(spoken) == ["word_alexa", "word_okay_nabu"]
    assert [line.enabled for line in lines] == [True, False]
    for line, manifest in zip(lines, spoken, strict=True):
        assert line.differences(read_manifest(manifest)) == []
    assert read_manifest(bundle.manifests[2], vad=True).wake_word == "vad"
    text = bundle.configuration.read_text("utf-8")
    assert text.count('- platform: template\n    name: "Sensitivity of') == 2
    for line, manifest in zip(lines, spoken, strict=True):
        strictest = cutoff_byte(read_manifest(manifest).probability_cutoff) + 2
        assert f'if (x == "Slightly sensitive") id({line.id}).set_probability_cutoff({strictest});' in text
    assert "No sensitivities" not in text
    assert "    # The licence of this model is in LICENSE-alexa.txt.\n    - id: word_alexa\n" in text
    assert [path.read_text("utf-8") for path in bundle.licences] == ["Do as you like."]
    assert "LICENSE-alexa.txt" in bundle.readme.read_text("utf-8")


def test_what_did_not_come_with_a_word_is_said_at_the_word(tmp_path, official):
    bundle = write(tmp_path / "out", DeviceOrder("generic-s3", "", (official("alexa"),), official("vad")))
    before, after = bundle.configuration.read_text("utf-8").split("    - id: word_alexa\n")
    assert "    # No sensitivities were measured here for this model, so it has no sensitivity select.\n" in before
    assert before.count("No licence text lay beside this model: the manifest's author") == 1
    assert after.count("No licence text lay beside this model: the manifest's author") == 1  # of voice activity
    assert "select:" not in after
    assert bundle.licences == ()


def test_no_secret_is_told_anywhere(tmp_path, official):
    order = DeviceOrder("generic-esp32", "Hall", (official("alexa"),))
    first = write(tmp_path, order)
    known = yaml.safe_load(first.secrets.read_text("utf-8")) | {"wifi_ssid": "our home", "wifi_password": "swordfish!"}
    first.secrets.write_text(yaml.safe_dump(known), "utf-8")
    log = Log()
    again = write_board_files(order, tmp_path, generate=False, progress=log)
    assert yaml.safe_load(again.secrets.read_text("utf-8")) == known
    told = [path.read_bytes() for path in again.files if path != again.secrets]
    told += [describe_files(again).encode(), repr(again).encode(), "\n".join(log.said).encode()]
    assert not [value for value in known.values() for text in told if value.encode() in text]


def test_what_esphome_says_against_a_secret_hides_it(tmp_path, official):
    order = DeviceOrder("generic-esp32", "Hall", (official("alexa"),))
    (tmp_path / "secrets.yaml").write_text("wifi_password: short\nhall_api_key: no-key-of-32-bytes\n", "utf-8")
    with pytest.raises(StudioError, match=r"hall\.yaml") as refusal:
        write(tmp_path, order)
    assert refusal.value.code == "export.refused"
    assert "no-key-of" not in str(refusal.value)
    assert "short\n" not in str(refusal.value)


def test_secrets_that_are_no_file_of_secrets_stay_and_are_told(tmp_path, official):
    (tmp_path / "secrets.yaml").write_bytes(b"\xff\xfe hunter2")
    with pytest.raises(StudioError) as refusal:
        write(tmp_path, DeviceOrder("generic-esp32", "", (official("alexa"),)))
    assert refusal.value.code == "secrets.unreadable"
    assert "hunter2" not in str(refusal.value)
    assert (tmp_path / "secrets.yaml").read_bytes() == b"\xff\xfe hunter2"


def test_a_model_that_breaks_the_law_is_refused_before_anything_is_written(tmp_path):
    for suffix in (".json", ".tflite"):
        shutil.copy(official_model("alexa").with_suffix(suffix), tmp_path)
    manifest = tmp_path / "alexa.json"
    content = json.loads(manifest.read_text("utf-8"))
    content["micro"]["tensor_arena_size"] = 1000
    manifest.write_text(json.dumps(content), "utf-8")
    with pytest.raises(StudioError, match=r"arena\.enough") as refusal:
        write(tmp_path / "out", DeviceOrder("generic-s3", "", (manifest,)))
    assert refusal.value.code == "word.refused"
    assert not (tmp_path / "out").exists()


def test_an_unknown_board_is_told_first(tmp_path):
    with pytest.raises(StudioError) as refusal:
        write(tmp_path / "out", DeviceOrder("toaster", "", (tmp_path / "nothing.json",)))
    assert refusal.value.code == "board.unknown"


def test_a_device_is_never_called_as_its_secrets():
    assert device_name("Secrets") == "secrets-word"
    assert device_name("Provenance") == "provenance-word"


def test_the_boards_are_described_for_people():
    text = describe_boards(boards())
    assert all(each.title in text and each.source in text for each in boards())


def test_another_program_loads_every_word_of_the_device(tmp_path, official):
    """How surely it detects the word that a model was made for is tested where one is trained."""
    from pymicro_wakeword import MicroWakeWord

    words = [official("alexa"), official("hey_jarvis")]
    bundle = write(tmp_path / "out", DeviceOrder("generic-s3", "", tuple(words)))
    for manifest, source in zip(bundle.manifests, words, strict=True):
        loaded, known = MicroWakeWord.from_config(manifest), MicroWakeWord.from_config(source)
        assert (loaded.wake_word, loaded.probability_cutoff, loaded.stride) == (
            known.wake_word,
            known.probability_cutoff,
            3,
        )
        sound = np.random.default_rng(3).uniform(0, 26, (400, 1, 40)).astype(np.float32)
        assert [loaded.process_streaming(each) for each in sound] == [known.process_streaming(each) for each in sound]


def test_the_command_writes_them_for_official_models(tmp_path, official, capsys):
    assert main(["boards", "--json"]) == 0
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == NAMES
    command = ["esphome", str(official("alexa")), "--board", "m5stack-atom-echo", "--out", str(tmp_path / "out")]
    assert main([*command, "--name", "Bedroom", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["configuration"] == str(tmp_path / "out" / "bedroom.yaml")
    assert told["models"] == [str(tmp_path / "out" / "alexa.tflite")]
    assert main(["esphome", str(tmp_path / "nothing.json"), "--out", str(tmp_path / "other")]) == 1
    assert main(["esphome", str(official("alexa")), "--board", "toaster", "--out", str(tmp_path / "other")]) == 2
    assert not (tmp_path / "other").exists()
