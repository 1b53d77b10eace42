import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mww_studio.constitution.articles import law
from mww_studio.constitution.judge import Judge
from mww_studio.constitution.manifest import (
    Manifest,
    _judge_content,
    check_manifest,
    read_manifest,
    write_manifest,
)
from mww_studio.constitution.verdicts import Outcome, Verdict, failed
from mww_studio.errors import StudioError

GOOD = Manifest(
    wake_word="Čau počítači",
    author="Žofie",
    model="cau_pocitaci.tflite",
    trained_languages=("cs",),
    probability_cutoff=0.9,
    sliding_window_size=5,
    feature_step_size=10,
    tensor_arena_size=35136,
    minimum_esphome_version="2024.7.0",
    website="https://example.org/cau",
)


def broken(verdicts: list[Verdict]) -> set[str]:
    return {verdict.rule for verdict in verdicts if verdict.outcome is Outcome.FAIL}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "cau_pocitaci.json"
    write_manifest(GOOD, path)
    (tmp_path / GOOD.model).write_bytes(b"model")
    return path


def test_what_is_written_is_read_and_lawful(good: Path) -> None:
    assert read_manifest(good) == GOOD
    assert {verdict.outcome for verdict in check_manifest(good)} == {Outcome.PASS}
    assert GOOD.model_path(good.parent).read_bytes() == b"model"
    raw = good.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert "Čau" in raw.decode("utf-8")
    assert list(good.parent.glob("*.part")) == []


@pytest.mark.parametrize("name", ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"])
def test_official_manifests_are_lawful(official: Path, name: str) -> None:
    path = official / f"{name}.json"
    assert {verdict.outcome for verdict in check_manifest(path)} == {Outcome.PASS}
    reference = next(model for model in law().reference.models if model.name == name)
    manifest = read_manifest(path)
    assert (manifest.probability_cutoff, manifest.tensor_arena_size) == (reference.cutoff, reference.arena_bytes)


def put(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.__setitem__(key, value)


def put_micro(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["micro"].__setitem__(key, value)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        # What ESPHome lets through although it breaks the device.
        (put_micro("probability_cutoff", 97), "manifest.cutoff"),
        (put_micro("probability_cutoff", "0.97"), "manifest.cutoff"),
        (put_micro("probability_cutoff", 1.0), "manifest.cutoff"),
        (put_micro("probability_cutoff", 1), "manifest.cutoff"),
        (put_micro("probability_cutoff", 0.003), "manifest.cutoff"),
        (put_micro("probability_cutoff", -0.5), "manifest.cutoff"),
        (put_micro("probability_cutoff", True), "manifest.cutoff"),
        (put_micro("probability_cutoff", 1e308), "manifest.cutoff"),
        (put_micro("probability_cutoff", 10**400), "manifest.cutoff"),
        (put_micro("sliding_window_size", 0), "manifest.window"),
        (put_micro("sliding_window_size", "5"), "manifest.window"),
        (put_micro("sliding_window_size", 5.0), "manifest.window"),
        (put_micro("sliding_window_size", 10**9), "manifest.window"),
        (put_micro("tensor_arena_size", "26080"), "manifest.arena"),
        (put_micro("tensor_arena_size", 0), "manifest.arena"),
        (put_micro("tensor_arena_size", -16), "manifest.arena"),
        (put_micro("tensor_arena_size", 10**12), "manifest.arena"),
        (put_micro("tensor_arena_size", None), "manifest.arena"),
        (put_micro("feature_step_size", 20), "manifest.step"),
        (put_micro("feature_step_size", "10"), "manifest.step"),
        (put_micro("minimum_esphome_version", "2024.7"), "manifest.minimum-version"),
        (put_micro("minimum_esphome_version", 2024.7), "manifest.minimum-version"),
        (put("trained_languages", "en"), "manifest.languages"),
        (put("trained_languages", [1]), "manifest.languages"),
        (put("wake_word", "vad"), "manifest.wake-word"),
        (put("wake_word", " "), "manifest.wake-word"),
        (put("wake_word", 7), "manifest.wake-word"),
        (put("wake_word", "a\nb"), "manifest.wake-word"),
        (put("wake_word", "\ud800"), "manifest.wake-word"),
        (put("model", "../other.tflite"), "manifest.model"),
        (put("model", "folder\\other.tflite"), "manifest.model"),
        (put("model", "C:other.tflite"), "manifest.model"),
        (put("model", "/etc/passwd"), "manifest.model"),
        (put("model", ".."), "manifest.model"),
        (put("model", ""), "manifest.model"),
        (put("model", "a\0b"), "manifest.model"),
        (put("model", "missing.tflite"), "manifest.model-file"),
        # What ESPHome rejects, often without naming the key.
        (put("version", 1), "manifest.version"),
        (put("version", "2"), "manifest.version"),
        (put("version", True), "manifest.version"),
        (put("type", "macro"), "manifest.type"),
        (put("author", ["me"]), "manifest.author"),
        (put("website", ""), "manifest.website"),
        (put("website", "example.org"), "manifest.website"),
        (put("website", "https://[broken"), "manifest.website"),
        (put("website", None), "manifest.website"),
        (put("licence", "MIT"), "manifest.keys"),
        (put_micro("threshold", 0.5), "manifest.keys"),
        (put("micro", []), "manifest.keys"),
        (lambda content: content.pop("author"), "manifest.keys"),
        (lambda content: content["micro"].pop("tensor_arena_size"), "manifest.keys"),
    ],
)
def test_what_breaks_the_device_fails(good: Path, change: Callable[[dict[str, Any]], None], rule: str) -> None:
    content = json.loads(good.read_text(encoding="utf-8"))
    change(content)
    good.write_text(json.dumps(content), encoding="utf-8")
    assert rule in broken(check_manifest(good))
    if rule != "manifest.model-file":
        with pytest.raises(StudioError) as caught:
            read_manifest(good)
        assert caught.value.code == "manifest.invalid"
        assert rule in caught.value.why


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "manifest.file"),
        (b" " * 70000, "manifest.file"),
        (b"\xef\xbb\xbf{}", "manifest.json"),
        (b"{", "manifest.json"),
        (b"[]", "manifest.json"),
        (b'"text"', "manifest.json"),
        (b'{"type": "\xff"}', "manifest.json"),
        (b'{"type": "micro", "type": "micro"}', "manifest.json"),
        (b'{"version": NaN}', "manifest.json"),
        (b"[" * 60000, "manifest.json"),
        (b"{}", "manifest.keys"),
    ],
)
def test_garbage_is_a_verdict(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "garbage.json"
    path.write_bytes(content)
    assert broken(check_manifest(path)) == {rule}
    with pytest.raises(StudioError, match=rule):
        read_manifest(path)


def test_what_is_no_file_is_a_verdict(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.json", tmp_path / "a\0b.json"):
        assert broken(check_manifest(path)) == {"manifest.file"}


def test_the_name_must_end_as_esphome_wants(good: Path) -> None:
    other = good.rename(good.with_suffix(".txt"))
    assert broken(check_manifest(other)) == {"manifest.name"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"wake_word": "vad"}, "manifest.wake-word"),
        ({"probability_cutoff": 97.0}, "manifest.cutoff"),
        ({"website": ""}, "manifest.website"),
        ({"trained_languages": ("",)}, "manifest.languages"),
    ],
)
def test_an_unlawful_manifest_is_not_written(tmp_path: Path, change: dict[str, Any], rule: str) -> None:
    path = tmp_path / "bad.json"
    with pytest.raises(StudioError, match=rule):
        write_manifest(Manifest(**{**vars(GOOD), **change}), path)
    assert list(tmp_path.iterdir()) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "micro", "en", "\0", "\ud800", "[//"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=3),
    max_leaves=5,
)
keys = st.sampled_from([*law().manifest.required_keys, *law().manifest.optional_keys, *law().manifest.micro_keys])


@given(outer=st.dictionaries(keys, json_values, max_size=9), inner=st.dictionaries(keys, json_values, max_size=9))
def test_any_json_object_is_judged(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    judge = Judge(ours=False)
    _judge_content({**outer, "micro": inner}, judge)
    assert judge.verdicts


@given(cutoff=st.floats(0, 1))
def test_a_cutoff_is_lawful_exactly_when_its_byte_can_be_exceeded(cutoff: float) -> None:
    judge = Judge(ours=False)
    _judge_content({"micro": {"probability_cutoff": cutoff}}, judge)
    verdict = next(verdict for verdict in judge.verdicts if verdict.rule == "manifest.cutoff")
    assert failed([verdict]) == (int(cutoff * 255) in {0, 255})
