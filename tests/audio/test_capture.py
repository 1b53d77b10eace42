import os
import signal
import subprocess
import sys
import threading

import numpy as np
import psutil
import pytest
import soxr
from virtual_microphone import FAST, LATE, PLAIN

from mww_studio.audio.capture import Capture
from mww_studio.errors import StudioError

WITHIN_S = 30
NOISE = np.random.default_rng(4).integers(-32768, 32767, 48000, dtype=np.int16)


@pytest.fixture
def opened():
    """Opens microphones and lets them go when the test is over."""
    captures = []

    def open_(name=""):
        captures.append(Capture.open(name))
        return captures[-1]

    yield open_
    for capture in captures:
        capture.close()


def heard(capture, samples):
    """At least so many samples, as they come."""
    blocks = []
    tick, ticks = threading.Event(), 0
    while sum(map(len, blocks)) < samples:
        blocks.append(capture.read())
        tick.wait(0.02)
        ticks += 1
        assert ticks < WITHIN_S * 50
    return np.concatenate(blocks)


def until_trouble(capture):
    with pytest.raises(StudioError) as caught:
        heard(capture, 1 << 30)
    return caught.value


@pytest.mark.parametrize("name", [PLAIN, ""])
def test_every_sample_arrives_as_it_was(microphones, opened, name):
    microphones.say(PLAIN, NOISE)
    capture = opened(name)
    got = heard(capture, 16000)
    np.testing.assert_array_equal(got, NOISE[: len(got)])
    assert got.dtype == np.int16
    assert capture.name == (name or "default")
    assert (capture.lost, capture.rate_hz) == (0, 16000)
    assert {each.name for each in capture.microphones} == {PLAIN, FAST, LATE, "default"}


def test_a_device_of_another_rate_is_resampled(microphones, opened):
    tone = (9000 * np.sin(2 * np.pi * 700 * np.arange(96000) / 48000)).astype(np.int16)
    microphones.say(FAST, tone)
    capture = opened(FAST)
    got = heard(capture, 16000)
    assert capture.rate_hz == 48000
    expected = soxr.resample(tone.astype(np.float32) / 32768, 48000, 16000)[: len(got)] * 32768
    np.testing.assert_allclose(got[:16000], expected[:16000], atol=1.0)


def test_what_a_slow_computer_missed_is_counted(microphones, opened):
    microphones.say(LATE, NOISE)
    capture = opened(LATE)
    heard(capture, 4000)
    assert capture.lost == 0
    os.kill(capture.pid, signal.SIGSTOP)
    threading.Event().wait(1.0)  # longer than the device's own buffer
    os.kill(capture.pid, signal.SIGCONT)
    heard(capture, 8000)
    assert capture.lost > 0


def test_a_missing_microphone_is_said(microphones):
    microphones.unplug(PLAIN)
    with pytest.raises(StudioError) as caught:
        Capture.open(PLAIN)
    assert caught.value.code == "audio.no_microphone"
    microphones.unplug(FAST)
    microphones.unplug(LATE)
    with pytest.raises(StudioError) as caught:
        Capture.open()
    assert caught.value.code == "audio.no_microphone"


def test_a_computer_whose_sound_dies_is_said(monkeypatch, tmp_path):
    (tmp_path / "broken.conf").write_text("")  # PortAudio aborts the process
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "broken.conf"))
    with pytest.raises(StudioError) as caught:
        Capture.open()
    assert caught.value.code == "audio.system"


def test_a_microphone_that_another_program_holds_is_said(microphones):
    microphones.occupy(PLAIN)
    with pytest.raises(StudioError) as caught:
        Capture.open(PLAIN)
    assert caught.value.code == "audio.busy"


def test_a_microphone_that_is_pulled_out_is_noticed_after_all_it_said_was_read(microphones, opened):
    microphones.say(PLAIN, NOISE)
    capture = opened(PLAIN)
    first = heard(capture, 4000)
    microphones.unplug(PLAIN)
    assert until_trouble(capture).code == "audio.stopped"
    np.testing.assert_array_equal(first, NOISE[: len(first)])


@pytest.mark.usefixtures("microphones")
def test_a_microphone_whose_driver_hangs_is_noticed(opened):
    capture = opened(PLAIN)
    heard(capture, 1000)
    os.kill(capture.pid, signal.SIGSTOP)
    assert until_trouble(capture).code == "audio.stopped"
    capture.close()
    psutil.wait_procs([psutil.Process(capture.pid)] if psutil.pid_exists(capture.pid) else [], WITHIN_S)
    assert not psutil.pid_exists(capture.pid)


def test_a_program_ends_in_order_and_quietly_with_a_microphone_that_hangs(microphones):
    """Pulled out under a recording that nobody closes: the program still ends, and floods nothing."""
    script = (
        "import threading; from pathlib import Path; from mww_studio.audio.capture import Capture\n"
        f"capture = Capture.open({PLAIN!r})\n"
        f"Path({str(microphones._path(PLAIN, 'unplugged'))!r}).touch()\n"
        "threading.Event().wait(0.5)\n"
        "print(capture.pid)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=WITHIN_S)
    assert done.returncode == 0
    assert done.stderr == ""
    _gone, alive = psutil.wait_procs(
        [psutil.Process(int(done.stdout))] if psutil.pid_exists(int(done.stdout)) else [], WITHIN_S
    )
    assert alive == []


@pytest.mark.usefixtures("microphones")
def test_a_recording_ends_when_the_program_is_killed():
    script = (
        "import signal, os; from mww_studio.audio.capture import Capture\n"
        f"print(Capture.open({PLAIN!r}).pid, flush=True); signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as program:
        recording = psutil.Process(int(program.stdout.readline()))
        program.kill()
        _gone, alive = psutil.wait_procs([recording], WITHIN_S)
    assert alive == []
