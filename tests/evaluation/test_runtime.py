import importlib.util
from pathlib import Path

import numpy as np
import pymicro_wakeword
import pytest
from edited_model import edited, operator
from kept_log import Log

from mww_studio.errors import StudioError
from mww_studio.evaluation import runtime
from mww_studio.evaluation.int8_graph import UnsupportedModelError
from mww_studio.evaluation.runtime import LITERT, PROVEN, TFLITE_MICRO, UNCOMPARED, LiteRt, load_runtime

MODEL = Path(pymicro_wakeword.__file__).parent / "models" / "okay_nabu.tflite"
HAS_TFLITE_MICRO = importlib.util.find_spec("tflite_micro") is not None


def features():
    rng = np.random.default_rng(3)
    return np.clip(300 + np.cumsum(rng.normal(0, 25, (301, 40)), axis=0), 0, 670).astype(np.uint16)


def unsupported(*_args):
    raise UnsupportedModelError("The model has a surprise.")


def test_an_official_model_runs_exactly_and_says_so():
    loaded = load_runtime(MODEL)
    assert loaded.name == (PROVEN if HAS_TFLITE_MICRO else UNCOMPARED)
    assert loaded.stride == 3
    long, none = loaded.run([features(), features()[:2]])
    assert (len(long), len(none)) == (100, 0)


def test_every_recording_meets_a_fresh_model(monkeypatch):
    exact = load_runtime(MODEL)
    monkeypatch.setattr(runtime, "ExactRuntime", unsupported)
    fallbacks = [load_runtime(MODEL), LiteRt(MODEL.read_bytes())]
    for loaded in (exact, *fallbacks):
        first, second = loaded.run([features(), features()])
        np.testing.assert_array_equal(first, second)
    assert fallbacks[0].name == (TFLITE_MICRO if HAS_TFLITE_MICRO else LITERT)


def test_without_tflite_micro_the_name_says_what_is_left(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert load_runtime(MODEL).name == UNCOMPARED
    monkeypatch.setattr(runtime, "ExactRuntime", unsupported)
    assert load_runtime(MODEL).name == LITERT


@pytest.mark.skipif(not HAS_TFLITE_MICRO, reason="there is nothing to disagree with")
def test_a_disagreement_is_settled_for_the_device_kernels(monkeypatch):
    wrong = lambda _self, recordings: [np.full(len(one) // 3, 9, np.uint8) for one in recordings]  # noqa: E731
    monkeypatch.setattr(runtime.ExactRuntime, "run", wrong)
    log = Log()
    assert load_runtime(MODEL, log).name == TFLITE_MICRO
    (said,) = log.said
    assert "say different things of okay_nabu.tflite, so it runs with tflite-micro" in said


@pytest.mark.parametrize("micro", [True, False])
def test_a_model_that_the_exact_runtime_does_not_know_is_run_and_that_is_said(tmp_path, monkeypatch, micro):
    if not micro:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    elif not HAS_TFLITE_MICRO:
        pytest.skip("tflite-micro is not installed")

    def rescaled(model):
        sliced = operator(model, "STRIDED_SLICE").outputs[0]
        model.subgraphs[0].tensors[sliced].quantization.scale = [0.5]

    other = tmp_path / "other.tflite"
    other.write_bytes(edited(MODEL.read_bytes(), rescaled))
    log = Log()
    loaded = load_runtime(other, log)
    assert loaded.name == (TFLITE_MICRO if micro else LITERT)
    (said,) = log.said
    assert said.startswith("The fast exact runtime cannot run other.tflite (The model has ")
    assert f"so it runs with {loaded.name}, which {'is exact' if micro else 'may differ'}" in said
    (heard,) = loaded.run([features()])
    assert len(heard) == 100


def test_the_fast_exact_runtime_needs_no_words():
    log = Log()
    load_runtime(MODEL, log)
    assert log.said == []


def test_a_file_that_no_device_loads_is_refused(tmp_path):
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"nonsense")
    with pytest.raises(StudioError) as caught:
        load_runtime(broken)
    assert caught.value.code == "model.invalid"
