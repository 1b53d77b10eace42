import queue

import pytest
from virtual_microphone import FAST, LATE, PLAIN, no_sound

from mww_studio.audio.devices import MicrophoneWatch
from mww_studio.audio.devices import microphones as listed
from mww_studio.audio.sound_process import Said, trouble

WITHIN_S = 30


@pytest.mark.usefixtures("microphones")
def test_the_microphones_are_listed_with_their_own_rates():
    found = {each.name: each for each in listed()}
    assert set(found) == {PLAIN, FAST, LATE, "default"}
    assert (found[PLAIN].rate_hz, found[FAST].rate_hz) == (16000, 48000)
    assert [each.name for each in found.values() if each.default] == ["default"]


def test_a_computer_without_sound_has_none(monkeypatch, tmp_path):
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(no_sound(tmp_path)))
    assert listed() == []


def test_plugging_in_and_pulling_out_is_noticed(microphones):
    microphones.unplug(FAST)
    seen = queue.Queue()
    watch = MicrophoneWatch(seen.put)
    try:
        assert FAST not in [each.name for each in seen.get(timeout=WITHIN_S)]
        microphones.plug_in(FAST)
        assert FAST in [each.name for each in seen.get(timeout=WITHIN_S)]
        microphones.unplug(PLAIN)
        names = [each.name for each in seen.get(timeout=WITHIN_S)]
        assert FAST in names
        assert PLAIN not in names
        assert "default" not in names
    finally:
        watch.close()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(event="failed", code="missing"), "audio.no_microphone"),
        (Said(event="failed", code="busy"), "audio.busy"),
        (Said(event="failed", code="refused", why="Invalid sample rate"), "audio.refused"),
        (Said(event="stopped"), "audio.stopped"),
        (Said(event="ended"), "audio.system"),
    ],
)
def test_every_trouble_has_a_code_and_a_cure(said, code):
    error = trouble(said, "Desk")
    assert error.code == code
    assert error.do
