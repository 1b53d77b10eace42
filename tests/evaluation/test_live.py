import numpy as np
import pytest
from eager_model import MODELS, eager_manifest, wakening_talk

from mww_studio.corpus.features import device_features
from mww_studio.errors import StudioError
from mww_studio.evaluation.detector import Detector, Streams
from mww_studio.evaluation.listening import slice_end_s
from mww_studio.evaluation.live import LiveDetector
from mww_studio.evaluation.runtime import ExactRuntime, LiteRt, TfliteMicro, load_runtime


def pieces(pcm, longest, seed=0):
    rng = np.random.default_rng(seed)
    start = 0
    while start < len(pcm):
        size = int(rng.integers(0, longest))
        yield pcm[start : start + size]
        start += size


@pytest.mark.parametrize("name", ["hey_mycroft", "okay_nabu"])
def test_it_hears_what_the_device_hears_whatever_the_pieces(tmp_path, name):
    pcm = wakening_talk()
    detector = LiveDetector(eager_manifest(tmp_path, name))
    heard = [inference for piece in pieces(pcm, 3000) for inference in detector.feed(piece)]
    runtime = load_runtime(tmp_path / f"{name}.tflite")
    (bytes_,) = runtime.run([device_features(pcm)])
    assert [inference.byte for inference in heard] == bytes_.tolist()
    rule = Detector(detector.cutoff_byte, 5, runtime.stride)
    woke = [number for number, byte in enumerate(bytes_) if rule.update(int(byte))]
    assert woke
    assert [number for number, inference in enumerate(heard) if inference.woke] == woke
    fast = Streams([bytes_], 5, runtime.stride).detections(detector.cutoff_byte).slice // runtime.stride
    assert np.unique(fast).tolist() == woke


def test_every_piece_a_sample_long_gives_the_same(tmp_path):
    path, pcm = eager_manifest(tmp_path), wakening_talk()[:8000]
    whole = LiveDetector(path).feed(pcm)
    detector = LiveDetector(path)
    assert [inference for sample in pcm for inference in detector.feed(np.array([sample]))] == whole
    assert [inference.time_s for inference in whole] == [slice_end_s(3 * n + 2) for n in range(len(whole))]


def test_the_mean_over_the_window_is_what_decides(tmp_path):
    detector = LiveDetector(eager_manifest(tmp_path))
    heard = detector.feed(wakening_talk())
    assert all(inference.mean > detector.cutoff_byte and inference.deaf for inference in heard if inference.woke)
    assert all(inference.sure > detector.cutoff for inference in heard if inference.woke)
    over = [inference for inference in heard if inference.mean > detector.cutoff_byte and not inference.woke]
    assert all(inference.deaf for inference in over)
    assert any(not inference.deaf for inference in heard)
    after = heard.index(next(inference for inference in heard if inference.woke)) + 1
    assert heard[after].mean == heard[after].byte / 5


def test_gain_is_that_of_the_device(tmp_path):
    path, pcm = eager_manifest(tmp_path), wakening_talk()[200000:300000]
    loud = np.clip(pcm.astype(np.int32) * 4, -32768, 32767).astype(np.int16)
    assert LiveDetector(path, gain=4).feed(pcm) == LiveDetector(path).feed(loud)
    assert LiveDetector(path, gain=4).feed(pcm) != LiveDetector(path).feed(pcm)


@pytest.mark.parametrize("kernels", [ExactRuntime, TfliteMicro, LiteRt])
def test_every_runtime_gives_step_by_step_what_it_gives_at_once(kernels):
    if kernels is TfliteMicro:
        pytest.importorskip("tflite_micro")
    content = (MODELS / "hey_jarvis.tflite").read_bytes()
    runtime = kernels(content, "exact") if kernels is ExactRuntime else kernels(content)
    features = device_features(wakening_talk()[:64000])
    (whole,) = runtime.run([features])
    first, second = runtime.stepper(), runtime.stepper()
    steps = [features[start : start + 3] for start in range(0, len(whole) * 3, 3)]
    assert [(first(step), second(step)) for step in steps] == [(int(byte), int(byte)) for byte in whole]


def test_a_manifest_that_no_device_takes_is_refused(tmp_path):
    path = eager_manifest(tmp_path)
    path.write_text("{}", "utf-8")
    with pytest.raises(StudioError) as caught:
        LiveDetector(path)
    assert caught.value.code == "manifest.invalid"
