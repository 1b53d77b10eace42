import json
from pathlib import Path

import numpy as np
import pymicro_wakeword
import pytest
import soundfile

from mww_studio.corpus.features import block_features, device_features
from mww_studio.errors import Cancelled, StudioError
from mww_studio.evaluation.detector import cutoff_byte
from mww_studio.evaluation.evaluate import evaluate_manifest
from mww_studio.progress import Progress

MANIFEST = Path(pymicro_wakeword.__file__).parent / "models" / "alexa.json"
RATE = 16000


@pytest.fixture
def sounds(tmp_path):
    """Three clips that are no wake word, a damaged file, and 40 s of ambience in two folders."""
    rng = np.random.default_rng(2)
    time = np.arange(RATE) / RATE
    for folder in ("words", "ambient/radio", "ambient/street", "noise"):
        (tmp_path / folder).mkdir(parents=True)
    for number in range(3):
        voice = 0.3 * np.sin(2 * np.pi * (150 + 200 * time) * time) * np.hanning(RATE) + 0.001 * rng.normal(size=RATE)
        soundfile.write(tmp_path / "words" / f"take {number}.wav", voice, RATE)
    (tmp_path / "words" / "damaged.wav").write_bytes(b"RIFF nothing")
    soundfile.write(tmp_path / "ambient/radio/a.flac", 0.1 * rng.normal(size=25 * RATE), RATE)
    soundfile.write(tmp_path / "ambient/street/b.wav", np.zeros(15 * 8000), 8000)
    soundfile.write(tmp_path / "noise/hum.wav", 0.1 * np.sin(np.arange(RATE) / 7), RATE)
    return tmp_path


def test_the_json_has_the_promised_fields_and_they_agree(sounds):
    measured = evaluate_manifest(MANIFEST, [sounds / "words"], [sounds / "ambient"], None, None, Progress())
    figures = json.loads(measured.model_dump_json())
    assert figures["clips"] == 3
    assert figures["detected"] == figures["recall"] == 0
    assert figures["recall_low"] == 0.0 < figures["recall_high"] < 1.0
    assert figures["ambient_hours"] == pytest.approx(40 / 3600, rel=0.01)
    assert figures["false_accepts"] == figures["false_accepts_per_hour"] == 0
    assert figures["false_accepts_per_hour_high"] == pytest.approx(3.0 * 90, rel=0.02)
    assert (figures["cutoff"], figures["sliding_window_size"]) == (0.9, 5)
    assert [cutoff_byte(point["cutoff"]) for point in figures["curve"]] == list(range(1, 255))
    assert set(figures["curve"][0]) == {"cutoff", "detected", "false_accepts"}
    assert sorted(figures["sources"]) == ["radio", "street"]
    assert [Path(name).name for name in figures["missed"]] == ["take 0.wav", "take 1.wav", "take 2.wav"]
    assert [Path(one["file"]).name for one in figures["unreadable"]] == ["damaged.wav"]
    assert "Detected 0 of 3 clips" in measured.describe()
    assert "damaged.wav" in measured.describe()


def test_a_model_that_hears_its_word_everywhere_is_told_where(sounds, tmp_path):
    """The official manifest with the most sensitive cut-off there is."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    manifest["micro"].update(probability_cutoff=1 / 250, sliding_window_size=1)
    (tmp_path / "alexa.tflite").write_bytes(MANIFEST.with_suffix(".tflite").read_bytes())
    (tmp_path / "keen.json").write_text(json.dumps(manifest), encoding="utf-8")
    keen = evaluate_manifest(tmp_path / "keen.json", [sounds / "words"], [sounds / "ambient"], None, None, Progress())
    assert keen.false_accepts == len(keen.false_accept_times) == keen.curve[0].false_accepts
    assert keen.detected == 3 - len(keen.missed) == keen.curve[0].detected


def test_noise_is_mixed_in_and_the_result_can_be_repeated(sounds):
    def measure(noise, snr_db):
        return evaluate_manifest(MANIFEST, [sounds / "words"], [sounds / "ambient"], noise, snr_db, Progress())

    assert measure(sounds / "noise", 10.0) == measure(sounds / "noise", 10.0)


def test_ambience_in_blocks_gives_the_features_of_the_whole():
    pcm = np.random.default_rng(1).integers(-3000, 3000, 50_000).astype(np.int16)
    blocks = np.split(pcm, [1, 160, 777, 20_000, 20_001, 49_999])
    np.testing.assert_array_equal(block_features(blocks), device_features(pcm))
    assert block_features([]).shape == (0, 40)


def test_nothing_to_listen_to_is_an_error(tmp_path):
    with pytest.raises(StudioError) as caught:
        evaluate_manifest(MANIFEST, [tmp_path], [tmp_path], None, None, Progress())
    assert caught.value.code == "evaluate.nothing"


def test_a_cancel_ends_it(sounds):
    class Impatient(Progress):
        def check_cancelled(self):
            raise Cancelled

    with pytest.raises(Cancelled):
        evaluate_manifest(MANIFEST, [sounds / "words"], [sounds / "ambient"], None, None, Impatient())
