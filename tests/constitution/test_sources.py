import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mww_studio.constitution import derive_models, sources
from mww_studio.constitution.articles import law, origins
from mww_studio.constitution.sources import Sources, verify_sources
from mww_studio.constitution.verdicts import Outcome, Verdict, failed

COMPONENT = Path("components") / "micro_wake_word"


@pytest.fixture
def copies(tmp_path: Path) -> Sources:
    """Copies of everything that the law is derived from, to be altered."""
    installed = Sources.installed()
    esphome, models = tmp_path / "esphome", tmp_path / "models"
    shutil.copytree(installed.esphome / COMPONENT, esphome / COMPONENT)
    shutil.copy(installed.esphome / "const.py", esphome)
    shutil.copytree(installed.models, models)
    return Sources(esphome, models)


def broken(verdicts: list[Verdict], outcome: Outcome = Outcome.FAIL) -> set[str]:
    return {f"{verdict.article}.{verdict.rule}" for verdict in verdicts if verdict.outcome is outcome}


def test_the_law_agrees_with_everything_installed() -> None:
    verdicts = verify_sources()
    assert {verdict.outcome for verdict in verdicts} == {Outcome.PASS}


def test_every_value_that_can_be_proven_is_proven() -> None:
    judged = {f"{verdict.article}.{verdict.rule}" for verdict in verify_sources()}
    promised = {key for key, origin in origins().items() if origin.is_rederived and origin.article != "packages"}
    assert promised <= judged
    assert len(promised) > 60
    assert {f"reference.{package.name}" for package in law().reference.packages} <= judged


def replace(file: str, old: str, new: str) -> Callable[[Sources], None]:
    def change(copies: Sources) -> None:
        path = copies.esphome / COMPONENT / file
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def edit_model(old: bytes, new: bytes) -> Callable[[Sources], None]:
    def change(copies: Sources) -> None:
        path = copies.models / "alexa.tflite"
        content = path.read_bytes()
        assert old in content
        path.write_bytes(content.replace(old, new, 1))

    return change


def edit_manifest(old: str, new: str) -> Callable[[Sources], None]:
    def change(copies: Sources) -> None:
        path = copies.models / "alexa.json"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (
            replace("preprocessor_settings.h", "FEATURE_DURATION_MS = 30", "FEATURE_DURATION_MS = 25"),
            "frontend.window_ms",
        ),
        (replace("preprocessor_settings.h", "STRENGTH = 0.95", "STRENGTH = 0.9"), "frontend.pcan_strength"),
        (replace("preprocessor_settings.h", "ENABLE_LOG = true", "ENABLE_LOG = false"), "frontend.log_enabled"),
        (replace("preprocessor_settings.h", "PREPROCESSOR_FEATURE_SIZE", "FEATURES"), "frontend.channels"),
        (replace("__init__.py", "sample_rate=16000", "sample_rate=48000"), "frontend.sample_rate_hz"),
        (replace("__init__.py", "probability_cutoff * 255", "probability_cutoff * 256"), "detection.cutoff_multiplier"),
        (replace("__init__.py", '== "vad"', '== "voice"'), "manifest.reserved_wake_words"),
        (replace("__init__.py", "cv.All(cv.int_, 2)", "cv.All(cv.int_, 3)"), "manifest.version"),
        (replace("__init__.py", "cv.Optional(KEY_WEBSITE)", "cv.Required(KEY_WEBSITE)"), "manifest.optional_keys"),
        (replace("__init__.py", "MANIFEST_SCHEMA_V2 =", "MANIFEST_SCHEMA_V3 ="), "manifest.required_keys"),
        (replace("__init__.py", 'ref="1.1.2"', 'ref="1.2.1"'), "reference.espressif/esp-nn"),
        (replace("__init__.py", "import hashlib", "import ("), "manifest.required_keys"),
        (replace("micro_wake_word.cpp", "value_div = 666", "value_div = 665"), "quantisation.divisor"),
        (replace("micro_wake_word.cpp", "(value_div / 2)", "0"), "quantisation.divisor"),
        (replace("micro_wake_word.cpp", "value += INT8_MIN", "value += 0"), "quantisation.offset"),
        (replace("streaming_model.h", "DETECTION = 100", "DETECTION = 50"), "detection.ignore_slices"),
        (replace("streaming_model.h", "ARENA_SIZE = 1024", "ARENA_SIZE = 2048"), "states.variable_arena_bytes"),
        (replace("streaming_model.cpp", "this->ma_, 20)", "this->ma_, 25)"), "states.max_variables"),
        (replace("streaming_model.cpp", "AddPad()", "AddTanh()"), "operations.registered"),
        (replace("streaming_model.cpp", "Resolver<20>", "Resolver<21>"), "operations.registered"),
        (replace("streaming_model.cpp", "kTfLiteUInt8", "kTfLiteInt8"), "output.type"),
        (replace("streaming_model.cpp", "uint8_t stride", "uint16_t stride"), "input.max_stride"),
        (replace("streaming_model.cpp", "+ 15) & ~15", "+ 31) & ~31"), "arena.alignment_bytes"),
        (edit_manifest('"feature_step_size": 10', '"feature_step_size": 20'), "frontend.step_ms"),
        (edit_manifest('"sliding_window_size": 5', '"sliding_window_size": 6'), "reference.models"),
        (edit_manifest('"probability_cutoff": 0.9', '"probability_cutoff": 0.'), "export.schema_version"),
    ],
)
def test_a_new_version_that_disagrees_is_reported(
    copies: Sources, change: Callable[[Sources], None], value: str
) -> None:
    change(copies)
    verdicts = verify_sources(copies)
    level = Outcome.WARN if value.startswith("reference.models") else Outcome.FAIL
    assert value in broken(verdicts, level)
    assert all(verdict.consequence for verdict in verdicts)


def test_a_changed_rule_is_a_reason_to_read_it_again(copies: Sources) -> None:
    replace("streaming_model.cpp", "sum > this->probability_cutoff_ *", "sum >= this->probability_cutoff_ *")(copies)
    assert broken(verify_sources(copies), Outcome.WARN) == {"detection.rule_fingerprint"}


def test_comments_and_white_space_are_no_reason(copies: Sources) -> None:
    replace("streaming_model.cpp", "uint32_t sum = 0;", "uint32_t  sum = 0;  // nothing yet")(copies)
    assert broken(verify_sources(copies), Outcome.WARN) == set()


def test_another_model_is_noticed(copies: Sources) -> None:
    edit_model(b"MLIR Converted.", b"MLIR converted.")(copies)
    assert broken(verify_sources(copies), Outcome.WARN) == {"reference.models"}


def test_missing_packages_fail_without_a_traceback(tmp_path: Path) -> None:
    verdicts = verify_sources(Sources(tmp_path / "nothing", tmp_path / "nowhere"))
    assert {"frontend.window_ms", "manifest.version", "input.stride", "reference.espressif/esp-nn"} <= broken(verdicts)


def test_another_frontend_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    listen = derive_models._listen
    monkeypatch.setattr(derive_models, "_listen", lambda pcm: listen(pcm // 2))
    assert "frontend.fingerprint" in broken(verify_sources())
    monkeypatch.setattr(derive_models, "_listen", lambda pcm: listen(pcm) * 2)
    assert "frontend.raw_scale" in broken(verify_sources())


def test_another_package_version_only_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources.importlib.metadata, "version", lambda _: "99.0")
    verdicts = verify_sources()
    assert not failed(verdicts)
    assert "reference.esphome" in broken(verdicts, Outcome.WARN)


def test_without_tflite_micro_its_part_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> str:
        raise ImportError("tflite_micro")

    monkeypatch.setattr(sources, "derive_probabilities", missing)
    verdicts = verify_sources()
    assert not failed(verdicts)
    assert "reference.probabilities_fingerprint" in broken(verdicts, Outcome.WARN)
