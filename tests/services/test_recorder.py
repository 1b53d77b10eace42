import os
import signal

import numpy as np
import pytest
from synthetic_speech import word
from virtual_microphone import FAST, LATE, PLAIN, no_sound

from mww_studio.audio.levels import Noise
from mww_studio.audio.take_loop import TakeVerdict
from mww_studio.services.recorder import Recorder

WITHIN_MS = 30_000


@pytest.fixture
def recorder(qapp):  # noqa: ARG001 - it must be there
    made = Recorder()
    yield made
    made.shut_down()


def room(seconds, rms=10, seed=0):
    return np.random.default_rng(seed).normal(0, rms, round(seconds * 16000)).astype(np.int16)


def opened(qtbot, recorder, name=None):
    with qtbot.waitSignal(recorder.opened, timeout=WITHIN_MS) as signal_:
        recorder.open(name)
    return signal_.args[0]


def take(qtbot, recorder):
    with qtbot.waitSignal(recorder.heard, timeout=WITHIN_MS) as signal_, qtbot.waitSignal(recorder.listening):
        recorder.start_take()
    return signal_.args[0]


def test_a_take_equals_what_the_microphone_heard(qtbot, recorder, microphones):
    sound = np.concatenate([room(1.5), word(1, 0).pcm, room(5)])
    microphones.say(PLAIN, sound)
    assert opened(qtbot, recorder, PLAIN) == PLAIN
    outcome = take(qtbot, recorder)
    assert outcome.verdict is TakeVerdict.GOOD
    assert outcome.pcm.tobytes() in sound.tobytes()
    assert not recorder.taking


def test_a_microphone_of_another_rate_gives_good_takes(qtbot, recorder, microphones):
    sound = np.concatenate([room(1.5), word(1, 0).pcm, room(5)])
    microphones.say(FAST, np.repeat(sound, 3))
    opened(qtbot, recorder, FAST)
    assert take(qtbot, recorder).verdict is TakeVerdict.GOOD


def test_levels_and_the_wave_follow_the_sound(qtbot, recorder, microphones):
    microphones.say(PLAIN, np.full(160000, 16384, np.int16))
    opened(qtbot, recorder)
    with qtbot.waitSignal(recorder.levels, timeout=WITHIN_MS, check_params_cb=lambda rms, _peak: rms > -6.1) as signal_:
        pass
    assert signal_.args == pytest.approx([-6.02, -6.02], abs=0.01)
    with qtbot.waitSignal(recorder.wave, timeout=WITHIN_MS) as signal_:
        pass
    columns = signal_.args[0]
    assert columns.shape == (300, 2)
    assert columns[-1].tolist() == [0.5, 0.5]


def test_lost_sound_spoils_a_take_and_the_next_one_is_good(qtbot, recorder, microphones):
    said = [np.concatenate([room(1.0, seed=n), word(2, n).pcm]) for n in range(8)]
    microphones.say(LATE, np.concatenate([room(1.0), *said]))
    opened(qtbot, recorder, LATE)
    with qtbot.waitSignal(recorder.heard, timeout=WITHIN_MS) as signal_:
        recorder.start_take()
        os.kill(recorder._capture.pid, signal.SIGSTOP)
        qtbot.wait(1000)  # longer than the device's own buffer
        os.kill(recorder._capture.pid, signal.SIGCONT)
    assert signal_.args[0].verdict is TakeVerdict.OVERFLOW
    assert take(qtbot, recorder).verdict is not TakeVerdict.OVERFLOW


def test_a_dropped_take_is_not_heard_of(qtbot, recorder, microphones):
    microphones.say(PLAIN, np.concatenate([room(0.8), word(1, 0).pcm, room(5)]))
    opened(qtbot, recorder)
    recorder.start_take()
    qtbot.waitSignal(recorder.speech_began, timeout=WITHIN_MS).wait()
    recorder.stop_take()
    with qtbot.assertNotEmitted(recorder.heard, wait=1000):
        pass


def test_a_passage_is_recorded_until_it_is_stopped(qtbot, recorder, microphones):
    sound = room(20, 2000)
    microphones.say(PLAIN, sound)
    opened(qtbot, recorder)
    recorder.start_long()
    with qtbot.waitSignal(recorder.elapsed, timeout=WITHIN_MS, check_params_cb=lambda seconds: seconds > 0.5):
        pass
    with qtbot.waitSignal(recorder.recorded, timeout=WITHIN_MS) as signal_:
        recorder.stop_long()
    recording = signal_.args[0]
    assert recording.pcm.tobytes() in sound.tobytes()
    assert (recording.lost, recorder.recording) == (0, False)


def test_room_sound_is_recorded_for_a_time_and_measured(qtbot, recorder, microphones):
    microphones.say(PLAIN, room(20, 800))
    opened(qtbot, recorder)
    recorded, rooms = [], []
    recorder.recorded.connect(recorded.append)
    recorder.room.connect(rooms.append)
    recorder.start_long(0.7)
    recorder.measure_room(0.5)
    qtbot.waitUntil(lambda: bool(recorded and rooms), timeout=WITHIN_MS)
    assert [len(each.pcm) for each in recorded] == [round(0.7 * 16000)]
    assert [each.noise for each in rooms] == [Noise.LOUD]


def test_a_microphone_pulled_out_drops_the_take_and_is_opened_when_it_is_back(qtbot, recorder, microphones):
    microphones.say(PLAIN, room(60, 500))
    opened(qtbot, recorder, PLAIN)
    recorder.start_take()
    recorder.start_long()
    qtbot.waitSignal(recorder.elapsed, timeout=WITHIN_MS).wait()
    recorded = []
    recorder.recorded.connect(recorded.append)
    with qtbot.waitSignal(recorder.trouble, timeout=WITHIN_MS) as signal_:
        microphones.unplug(PLAIN)
    assert signal_.args[0].code == "audio.stopped"
    assert [each.pcm.tobytes() in room(60, 500).tobytes() for each in recorded] == [True]
    assert len(recorded[0].pcm)
    assert not recorder.taking
    assert recorder.microphone == ""
    qtbot.waitUntil(lambda: PLAIN not in [each.name for each in recorder.microphones], timeout=WITHIN_MS)
    with qtbot.waitSignal(recorder.opened, timeout=WITHIN_MS):
        microphones.plug_in(PLAIN)
    assert recorder.microphone == PLAIN
    assert recorder.error is None


def test_without_a_microphone_one_that_is_plugged_in_is_noticed(qtbot, recorder, microphones):
    for name in (PLAIN, FAST, LATE):
        microphones.unplug(name)
    with qtbot.waitSignal(recorder.trouble, timeout=WITHIN_MS) as signal_:
        recorder.open()
    assert signal_.args[0].code == "audio.no_microphone"
    with qtbot.waitSignal(recorder.trouble, timeout=WITHIN_MS) as signal_:
        recorder.start_take()
    assert signal_.args[0] is recorder.error
    with qtbot.waitSignals([recorder.microphones_changed, recorder.opened], timeout=WITHIN_MS):
        microphones.plug_in(LATE)
    assert recorder.microphone == LATE


def test_a_busy_microphone_is_said_and_can_be_asked_for_again(qtbot, recorder, microphones):
    microphones.occupy(PLAIN)
    with qtbot.waitSignal(recorder.trouble, timeout=WITHIN_MS) as signal_:
        recorder.open(PLAIN)
    assert signal_.args[0].code == "audio.busy"
    assert PLAIN in [each.name for each in recorder.microphones]
    microphones.reset()
    assert opened(qtbot, recorder, PLAIN) == PLAIN


def test_a_computer_without_sound_says_so(qtbot, recorder, monkeypatch, tmp_path):
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(no_sound(tmp_path)))
    with qtbot.waitSignal(recorder.trouble, timeout=WITHIN_MS) as signal_:
        recorder.open()
    assert signal_.args[0].code == "audio.no_microphone"


@pytest.mark.usefixtures("microphones")
def test_nothing_ticks_and_no_device_is_held_when_nobody_listens(qtbot, recorder):
    assert not recorder._timer.isActive()
    opened(qtbot, recorder)
    recorder.close()
    assert not recorder._timer.isActive()
    assert recorder._capture is None
    assert recorder._watch is None
    with qtbot.assertNotEmitted(recorder.levels, wait=100):
        recorder.start_take()
    assert not recorder.taking
