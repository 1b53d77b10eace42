import numpy as np
import pytest
from eager_model import eager_manifest, wakening_talk
from virtual_microphone import PLAIN

from mww_studio.audio.files import read_audio
from mww_studio.evaluation.live import LiveDetector
from mww_studio.services.live_test import Counters, LiveTest

WITHIN_MS = 30_000
TALK = wakening_talk()[13 * 16000 : 19 * 16000]


@pytest.fixture
def live(qapp):  # noqa: ARG001 - it must be there
    made = LiveTest()
    yield made
    made.shut_down()


def begun(qtbot, live, manifest, **options):
    with qtbot.waitSignal(live.listening, timeout=WITHIN_MS) as signal:
        live.start(manifest, PLAIN, **options)
    return signal.args[0]


def test_it_hears_what_the_detector_hears_and_says_when_it_woke(qtbot, live, microphones, tmp_path):
    manifest = eager_manifest(tmp_path)
    microphones.say(PLAIN, TALK)
    expected = LiveDetector(manifest).feed(TALK)
    first = next(inference for inference in expected if inference.woke)
    traces = []
    live.traced.connect(traces.append)
    listening = begun(qtbot, live, manifest)
    assert (listening.microphone, listening.cutoff_byte, listening.step_s) == (PLAIN, 2, 0.03)
    with qtbot.waitSignal(live.woke, timeout=WITHIN_MS) as signal:
        pass
    wake = signal.args[0]
    assert (wake.number, wake.time_s, wake.sure, wake.file) == (1, first.time_s, first.sure, None)
    end = round(first.time_s * 16000)
    np.testing.assert_array_equal(wake.pcm, TALK[max(0, end - 48000) : end])
    sure = np.concatenate([trace.sure for trace in traces])
    np.testing.assert_array_equal(sure, np.array([each.sure for each in expected[: len(sure)]], np.float32))
    assert np.concatenate([trace.woke for trace in traces]).sum() == 1
    assert live.counters.wakes == 1
    assert live.counters.seconds > 0


def test_what_the_person_says_is_counted(qtbot, live, microphones, tmp_path):
    microphones.say(PLAIN, TALK)
    begun(qtbot, live, eager_manifest(tmp_path))
    with qtbot.waitSignal(live.woke, timeout=WITHIN_MS):
        pass
    missed = live.say_missed()
    assert missed.tobytes() in TALK.tobytes()
    assert len(missed) > 16000
    assert (live.counters.said, live.counters.heard, live.counters.mistakes) == (2, 1, 0)
    with qtbot.waitSignal(live.counted) as signal:
        live.mark(1, mistake=True)
    assert (signal.args[0].said, signal.args[0].heard, signal.args[0].mistakes) == (1, 0, 1)
    live.mark(1, mistake=False)
    with qtbot.waitSignal(live.stopped) as signal:
        live.stop()
    assert signal.args[0].heard == 1
    assert not live.running


def test_a_soak_keeps_what_woke_it_and_nothing_else(qtbot, live, microphones, tmp_path):
    microphones.say(PLAIN, TALK)
    kept = tmp_path / "kept"
    wakes = []
    live.woke.connect(wakes.append)
    with qtbot.waitSignal(live.stopped, timeout=WITHIN_MS) as signal:
        live.soak(eager_manifest(tmp_path), 5 / 3600, kept, PLAIN)
        assert live.soaking
    counters = signal.args[0]
    assert (counters.wakes, counters.mistakes, counters.heard) == (1, 1, 0)
    assert counters.seconds >= 5
    assert [wake.file for wake in wakes] == list(kept.iterdir())
    np.testing.assert_array_equal(read_audio(wakes[0].file), wakes[0].pcm)
    assert not live.running
    assert not live.soaking


def test_a_folder_that_cannot_be_written_to_is_said(qtbot, live, microphones, tmp_path):
    microphones.say(PLAIN, TALK)
    (tmp_path / "kept").write_text("a file is in the way")
    with qtbot.waitSignal(live.trouble, timeout=WITHIN_MS) as signal:
        live.soak(eager_manifest(tmp_path), 1.0, tmp_path / "kept", PLAIN)
    assert signal.args[0].code == "live.unwritable"
    assert not live.running


def test_a_microphone_that_is_pulled_out_ends_it_with_the_sum(qtbot, live, microphones, tmp_path):
    begun(qtbot, live, eager_manifest(tmp_path))
    ended = []
    live.stopped.connect(ended.append)
    with qtbot.waitSignal(live.trouble, timeout=WITHIN_MS) as signal:
        microphones.unplug(PLAIN)
    assert signal.args[0].code == "audio.stopped"
    assert len(ended) == 1
    assert not live.running


@pytest.mark.usefixtures("microphones")
def test_a_model_that_no_device_takes_is_said(qtbot, live, tmp_path):
    (tmp_path / "word.json").write_text("{}")
    with qtbot.waitSignal(live.trouble, timeout=WITHIN_MS) as signal:
        live.start(tmp_path / "word.json")
    assert signal.args[0].code == "manifest.invalid"


@pytest.mark.usefixtures("microphones")
def test_stopping_and_starting_anew_waits_for_nothing(qtbot, live, tmp_path):
    manifest = eager_manifest(tmp_path)
    for _ in range(3):
        live.start(manifest, PLAIN)
        live.stop()
    begun(qtbot, live, manifest, gain=4)
    assert live.counters == Counters(seconds=live.counters.seconds)
    qtbot.waitUntil(lambda: not live._leaving, timeout=WITHIN_MS)


def test_the_sum_tells_what_it_proves():
    assert Counters().bound_per_hour == float("inf")
    assert Counters(seconds=6.1 * 3600).bound_per_hour == pytest.approx(0.491, abs=0.001)
    assert Counters(wakes=3, missed=1, mistakes=1, seconds=3600).bound_per_hour == pytest.approx(4.744, abs=0.001)
