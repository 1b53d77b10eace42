import shutil
import subprocess
import sys
from pathlib import Path

import pymicro_wakeword
import pytest

from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.evaluation import arena
from mww_studio.evaluation.arena import measure_arena_bytes, recommended_arena_bytes

MODELS = Path(pymicro_wakeword.__file__).parent / "models"
PROGRAM = Path(arena.__file__).with_name("arena_program.py")


def loads(model: Path, arena_bytes: int) -> bool:
    command = [sys.executable, "-P", str(PROGRAM), str(model), str(arena_bytes)]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.parametrize("name", ["alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"])
def test_official_models_load_in_the_size_that_the_rule_gives(name: str) -> None:
    pytest.importorskip("tflite_micro")
    model = MODELS / f"{name}.tflite"
    total = measure_arena_bytes(model)
    assert total is not None
    reference = next(one for one in law().reference.models if one.name == name)
    assert total < reference.arena_bytes < recommended_arena_bytes(total)
    assert loads(model, recommended_arena_bytes(total))


def test_the_measure_is_the_known_one() -> None:
    pytest.importorskip("tflite_micro")
    assert measure_arena_bytes(MODELS / "okay_nabu.tflite") == 23424
    assert not loads(MODELS / "okay_nabu.tflite", 23424), "the reported total alone is not always enough"


def test_the_rule_rounds_up_to_the_alignment() -> None:
    assert recommended_arena_bytes(23424) == 35136
    assert recommended_arena_bytes(1) == law().arena.alignment_bytes
    assert recommended_arena_bytes(32) == 48


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x1c\0\0\0TFL3" + b"\xff" * 200])
def test_a_broken_model_is_an_error_and_not_the_end(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("tflite_micro")
    model = tmp_path / "broken model č.tflite"
    model.write_bytes(content)
    with pytest.raises(StudioError, match="broken model č") as caught:
        measure_arena_bytes(model)
    assert caught.value.code == "arena.unmeasurable"
    assert caught.value.why


def test_a_path_that_is_not_ascii_is_measured(tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro")
    model = tmp_path / "ahoj počítači.tflite"
    shutil.copy(MODELS / "alexa.tflite", model)
    assert measure_arena_bytes(model) == measure_arena_bytes(MODELS / "alexa.tflite")


def test_a_missing_model_is_an_error(tmp_path: Path) -> None:
    pytest.importorskip("tflite_micro")
    with pytest.raises(StudioError, match=r"No such file|cannot find"):
        measure_arena_bytes(tmp_path / "missing.tflite")


def test_a_child_that_dies_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "arena_program.py"
    program.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGABRT)\n", encoding="utf-8")
    monkeypatch.setattr(arena, "__file__", str(tmp_path / "arena.py"))
    monkeypatch.setattr(arena.importlib.util, "find_spec", lambda _: object())
    with pytest.raises(StudioError, match="died of signal 6"):
        measure_arena_bytes(MODELS / "alexa.tflite")


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "arena_program.py"
    program.write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    monkeypatch.setattr(arena, "__file__", str(tmp_path / "arena.py"))
    monkeypatch.setattr(arena.importlib.util, "find_spec", lambda _: object())
    monkeypatch.setattr(arena, "_PATIENCE_S", 0.5)
    with pytest.raises(StudioError, match="did not finish"):
        measure_arena_bytes(MODELS / "alexa.tflite")


def test_without_the_wheel_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena.importlib.util, "find_spec", lambda _: None)
    assert measure_arena_bytes(MODELS / "alexa.tflite") is None
