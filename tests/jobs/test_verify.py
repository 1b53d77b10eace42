import json
import shutil
from pathlib import Path

import pymicro_wakeword
import pytest

from mww_studio.constitution.articles import law
from mww_studio.constitution.sources import verify_sources
from mww_studio.constitution.verdicts import Level, Outcome, Verdict, failed
from mww_studio.errors import StudioError
from mww_studio.jobs import verify
from mww_studio.jobs.verify import describe, verify_file

OFFICIAL = Path(pymicro_wakeword.__file__).parent / "models"


def broken(verdicts: list[Verdict], outcome: Outcome = Outcome.FAIL) -> set[str]:
    return {verdict.rule for verdict in verdicts if verdict.outcome is outcome}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    for suffix in (".json", ".tflite"):
        shutil.copy(OFFICIAL / f"okay_nabu{suffix}", tmp_path / f"okay_nabu{suffix}")
    return tmp_path / "okay_nabu.json"


def set_arena(manifest: Path, arena_bytes: int) -> None:
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["micro"]["tensor_arena_size"] = arena_bytes
    manifest.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("name", ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"])
def test_official_models_are_good_to_read(name: str) -> None:
    pytest.importorskip("tflite_micro")
    verdicts = verify_file(OFFICIAL / f"{name}.json")
    assert not failed(verdicts)
    assert broken(verdicts, Outcome.WARN) == {"arena.reserve"}
    assert {verdict.outcome for verdict in verify_file(OFFICIAL / f"{name}.tflite", ours=True)} == {Outcome.PASS}


def test_the_arena_of_our_rule_is_good(manifest: Path) -> None:
    pytest.importorskip("tflite_micro")
    set_arena(manifest, 35136)
    assert {verdict.outcome for verdict in verify_file(manifest, ours=True)} == {Outcome.PASS}
    set_arena(manifest, 35120)
    assert broken(verify_file(manifest, ours=True)) == {"arena.reserve"}


def test_an_arena_below_the_measured_total_fails(manifest: Path) -> None:
    pytest.importorskip("tflite_micro")
    set_arena(manifest, 23423)
    assert broken(verify_file(manifest)) == {"arena.enough"}
    set_arena(manifest, 23424)
    assert broken(verify_file(manifest)) == set()


def test_where_tflite_micro_is_missing_the_report_says_so(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "measure_arena_bytes", lambda _: None)
    verdicts = verify_file(manifest)
    assert not failed(verdicts)
    assert broken(verdicts, Outcome.WARN) == {"arena.measured"}


def test_a_model_that_the_interpreter_refuses_fails(manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> int:
        raise StudioError("arena.unmeasurable", "It cannot be loaded.", why="It died.")

    monkeypatch.setattr(verify, "measure_arena_bytes", refuse)
    assert broken(verify_file(manifest)) == {"arena.loads"}


def test_a_broken_model_beside_a_good_manifest_fails(manifest: Path) -> None:
    manifest.with_suffix(".tflite").write_bytes(b"")
    assert broken(verify_file(manifest)) == {"model.file"}
    manifest.with_suffix(".tflite").write_bytes(b"garbage")
    assert broken(verify_file(manifest)) == {"model.flatbuffer"}
    manifest.with_suffix(".tflite").unlink()
    assert broken(verify_file(manifest)) == {"manifest.model-file"}


def test_a_broken_manifest_is_judged_alone(manifest: Path) -> None:
    manifest.write_text("{", encoding="utf-8")
    assert broken(verify_file(manifest)) == {"manifest.json"}


def test_another_kind_of_file_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as caught:
        verify_file(tmp_path / "model.yaml")
    assert caught.value.code == "verify.kind"


def test_the_report_names_what_is_wrong_and_what_breaks(manifest: Path) -> None:
    manifest.with_suffix(".tflite").write_bytes(b"garbage")
    verdicts = verify_file(manifest)
    text = describe(verdicts)
    rule = law().rules["model.flatbuffer"]
    assert rule.says in text
    assert rule.breaks in text
    assert "model.flatbuffer (MUST)" in text
    assert text.splitlines()[-1] == f"{len(verdicts) - 1} ok, 1 FAILED, 0 warning"


def test_the_report_can_show_the_sources_of_the_law() -> None:
    verdicts = verify_sources()
    bad = Verdict("input", "stride", Level.WRITER, Outcome.FAIL, "2", "3", "Much.")
    text = describe([*verdicts, bad])
    assert "arena" in text
    assert "expected: 3" in text
