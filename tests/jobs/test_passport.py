"""A passport for any file: official, changed, broken, hostile."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from mww_studio.constitution.verdicts import Outcome
from mww_studio.errors import StudioError
from mww_studio.evaluation.chips import ArenaNeed
from mww_studio.evaluation.passport import Passport, Runs
from mww_studio.evaluation.trial import Trial
from mww_studio.jobs import passport as module
from mww_studio.jobs.passport import make_passport, save_passport
from mww_studio.reference import official_model

pytest.importorskip("tflite_micro")

OFFICIAL = official_model("okay_nabu")


@pytest.fixture(scope="module")
def official() -> Passport:
    """One passport for all tests that only look at it: it takes two processes."""
    return make_passport(OFFICIAL.with_suffix(".json"))


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    for suffix in (".json", ".tflite"):
        shutil.copy(OFFICIAL.with_suffix(suffix), tmp_path)
    return tmp_path / "okay_nabu.json"


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the two processes, for tests of what is said of their answers."""
    monkeypatch.setattr(module, "try_model", lambda *_: Trial(receptive_frames=170, linux_refusal=""))
    monkeypatch.setattr("mww_studio.jobs.verify.measure_arena_bytes", lambda _: 23_424)


def change(manifest: Path, **micro: object) -> None:
    content = json.loads(manifest.read_text())
    content["micro"] |= micro
    manifest.write_text(json.dumps(content), encoding="utf-8")


def edit(path: Path, changed: Callable[[Any], None]) -> None:
    content = path.read_bytes()
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    changed(model)
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    path.write_bytes(bytes(builder.Output()))


def answers(passport: Passport) -> list[Runs]:
    return [answer.runs for answer in passport.answers]


def test_an_official_model_runs_everywhere(official: Passport) -> None:
    assert answers(official) == [Runs.YES] * 3
    assert official.tone == "ok"
    assert official.title == "It runs on ESP32 and ESP32-S3, and on Linux voice assistants"
    assert (official.wake_word, official.minimum_esphome) == ("Okay Nabu", "2024.7.0")
    assert official.decision is not None
    assert official.decision.cutoff_byte == 247
    assert (official.receptive_frames, official.receptive_ms) == (170, 1720)
    assert (official.memory.manifest_bytes, official.memory.measured_bytes) == (26080, 23424)
    assert [need.attempt for need in official.memory.needs] == [2, 3]
    assert not official.broken


@pytest.mark.usefixtures("untried")
def test_the_folder_of_an_export_stands_for_its_manifest(manifest: Path) -> None:
    (manifest.parent / "provenance.json").write_text("{}")
    (manifest.parent / "secrets.yaml").write_text("wifi_password: correct horse")
    made = make_passport(manifest.parent)
    assert (made.file, made.manifest, made.model) == (manifest.parent.name, "okay_nabu.json", "okay_nabu.tflite")
    assert "correct horse" not in made.model_dump_json()
    manifest.unlink()
    assert make_passport(manifest.parent).manifest is None
    shutil.copy(OFFICIAL, manifest.parent / "second.tflite")
    with pytest.raises(StudioError, match="several models") as caught:
        make_passport(manifest.parent)
    assert "second.tflite" in (caught.value.why or "")


@pytest.mark.usefixtures("untried")
def test_a_model_without_a_manifest_still_needs_one(manifest: Path) -> None:
    made = make_passport(manifest.with_suffix(".tflite"))
    assert made.decision is None
    assert answers(made) == [Runs.YES] * 3
    assert "needs a manifest" in made.answers[2].why
    assert made.memory.needs[0].attempt is None


@pytest.mark.usefixtures("untried")
def test_of_a_bad_manifest_the_model_is_looked_at_all_the_same(manifest: Path) -> None:
    change(manifest, probability_cutoff=97)
    made = make_passport(manifest)
    assert made.title == "No device with ESPHome runs it as it is"
    assert answers(made) == [Runs.NO, Runs.NO, Runs.PERHAPS]
    assert "per cent" in made.answers[0].why
    assert made.facts is not None
    assert made.decision is None
    assert {rule.rule for rule in made.broken} == {"manifest.cutoff"}


@pytest.mark.usefixtures("untried")
def test_a_community_model_that_takes_two_frames(manifest: Path) -> None:
    def two(model: Any) -> None:
        model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]].shape = np.array([1, 2, 40], np.int32)

    edit(manifest.with_suffix(".tflite"), two)
    made = make_passport(manifest)
    assert made.facts is not None
    assert (made.facts.stride, made.facts.inferences_per_s) == (2, 50.0)
    assert made.decision is not None
    assert made.decision.window_ms == 100
    assert "input.stride" in {rule.rule for rule in made.rules if rule.outcome is Outcome.WARN}
    assert answers(made)[:2] == [Runs.YES, Runs.YES]


@pytest.mark.usefixtures("untried")
def test_a_float_model_is_refused_but_described(manifest: Path) -> None:
    def to_float(model: Any) -> None:
        for tensor in model.subgraphs[0].tensors:
            if tensor.buffer == 0 or model.buffers[tensor.buffer].data is None:
                tensor.type, tensor.quantization = schema.TensorType.FLOAT32, None

    edit(manifest.with_suffix(".tflite"), to_float)
    made = make_passport(manifest)
    assert answers(made)[:2] == [Runs.NO, Runs.NO]
    assert "input.type" in {rule.rule for rule in made.broken}
    assert made.facts is not None
    assert made.facts.input is not None
    assert (made.facts.input.type, made.facts.input.scale) == ("FLOAT32", None)


@pytest.mark.parametrize(("factor", "runs"), [(1, Runs.YES), (10, Runs.PERHAPS), (100, Runs.NO)])
@pytest.mark.usefixtures("untried")
def test_a_model_of_too_much_work(manifest: Path, monkeypatch: pytest.MonkeyPatch, factor: int, runs: Runs) -> None:
    estimate = module.estimate_loads

    def heavier(facts: Any) -> Any:
        return estimate(facts.model_copy(update={"multiply_accumulates": facts.multiply_accumulates * factor}))

    monkeypatch.setattr(module, "estimate_loads", heavier)
    made = make_passport(manifest)
    assert made.answers[0].runs is runs
    assert made.tone == ("ok" if runs is Runs.YES else "warn")


@pytest.mark.usefixtures("untried")
def test_an_arena_that_even_twice_is_too_small(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(manifest, tensor_arena_size=25_000)
    greedy = [ArenaNeed(library="any", bytes=60_000, attempt=0)]
    monkeypatch.setattr(module, "estimate_arena", lambda *_: greedy)
    made = make_passport(manifest)
    assert made.answers[0].runs is Runs.PERHAPS
    assert "60,000 bytes" in made.text


@pytest.mark.usefixtures("untried")
def test_what_a_chip_without_psram_has_no_room_for(manifest: Path) -> None:
    change(manifest, tensor_arena_size=300_000)
    made = make_passport(manifest)
    assert "PSRAM" in made.answers[0].why
    assert made.answers[0].runs is Runs.PERHAPS


@pytest.mark.usefixtures("untried")
def test_what_a_linux_voice_assistant_says(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "try_model", lambda *_: Trial(receptive_frames=None, linux_refusal="it died"))
    made = make_passport(manifest)
    assert answers(made) == [Runs.YES, Runs.YES, Runs.NO]
    assert made.title == "It runs on ESP32 and ESP32-S3"
    assert "it died" in made.text


def test_garbage_is_tried_in_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "try_model", never)
    (tmp_path / "page.tflite").write_bytes(b"<html>404: Not Found</html>")
    (tmp_path / "huge.tflite").touch()
    os.truncate(tmp_path / "huge.tflite", 2 * 2**30)
    (tmp_path / "zero.tflite").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("page.tflite", "huge.tflite", "zero.tflite", "pipe.json", "missing.json", "a\x1b[2J.tflite"):
        made = make_passport(tmp_path / name)
        assert answers(made) == [Runs.NO] * 3, name
        assert made.facts is None
        assert made.file.isprintable()
    with pytest.raises(StudioError) as caught:
        make_passport(tmp_path / "letter.txt")
    assert caught.value.code == "verify.kind"


@pytest.mark.usefixtures("untried")
def test_a_manifest_does_not_lead_elsewhere(manifest: Path) -> None:
    content = json.loads(manifest.read_text())
    for name in ("../../etc/passwd", "/etc/passwd", "link.tflite"):
        (manifest.parent / "link.tflite").unlink(missing_ok=True)
        (manifest.parent / "link.tflite").symlink_to("/etc/passwd")
        manifest.write_text(json.dumps(content | {"model": name}))
        made = make_passport(manifest)
        assert made.model is None
        assert made.facts is None
        assert made.broken


def test_a_model_that_kills_its_process(manifest: Path) -> None:
    """The shape before the dense layer is another than its weights have."""

    def shrink(model: Any) -> None:
        graph = model.subgraphs[0]
        for tensor in graph.tensors:
            if tuple(tensor.shape) == (1, 6 * 64) or tuple(tensor.shape) == (1, 6, 1, 64):
                tensor.shape = np.array([1, 1], np.int32)

    edit(manifest.with_suffix(".tflite"), shrink)
    made = make_passport(manifest)
    assert made.facts is None or Runs.NO in answers(made)


@pytest.mark.parametrize("suffix", [".html", ".md", ".json"])
def test_it_is_written_as_the_name_ends(official: Passport, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / "new" / f"passport{suffix}"
    save_passport(official, out)
    text = out.read_text("utf-8")
    assert official.title in text.replace("\\", "")
    if suffix == ".json":
        assert Passport.model_validate_json(text) == official


def test_where_it_cannot_be_written(official: Passport, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for out in (tmp_path / "passport.pdf", tmp_path, tmp_path / "file" / "passport.md"):
        with pytest.raises(StudioError) as caught:
            save_passport(official, out)
        assert caught.value.code == "verify.out"
        assert caught.value.do
