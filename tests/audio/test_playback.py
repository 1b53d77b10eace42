import queue

import numpy as np
import pytest
from virtual_microphone import no_sound

from mww_studio.audio.files import write_wav
from mww_studio.audio.playback import Playback

WITHIN_S = 30


@pytest.fixture
def loudspeaker():
    """A loudspeaker, and what is heard of it in turn."""
    told = queue.Queue()
    playback = Playback(lambda: told.put("began"), lambda: told.put("over"), told.put)
    yield playback, lambda: told.get(timeout=WITHIN_S)
    playback.close()


def noise(seconds, seed=1):
    return np.random.default_rng(seed).integers(-9000, 9000, round(seconds * 16000), dtype=np.int16)


def contains(whole, part):
    return part.tobytes() in whole.tobytes()


def test_a_sound_is_played_to_its_end(microphones, loudspeaker):
    playback, next_told = loudspeaker
    playback.play(noise(0.5))
    assert [next_told(), next_told()] == ["began", "over"]
    assert contains(microphones.played(), noise(0.5))


def test_a_file_is_played_and_another_sound_takes_its_place(microphones, loudspeaker, tmp_path):
    playback, next_told = loudspeaker
    write_wav(tmp_path / "long.wav", noise(60))
    playback.play(tmp_path / "long.wav")
    assert next_told() == "began"
    playback.play(noise(0.3, seed=2))
    assert [next_told(), next_told(), next_told()] == ["over", "began", "over"]
    assert contains(microphones.played(), noise(0.3, seed=2))


def test_stopping_stops(microphones, loudspeaker):
    playback, next_told = loudspeaker
    playback.play(noise(60))
    assert next_told() == "began"
    playback.stop()
    assert next_told() == "over"
    assert len(microphones.played()) < 40 * 16000


def test_without_a_loudspeaker_the_person_is_told_each_time(loudspeaker, monkeypatch, tmp_path):
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(no_sound(tmp_path)))
    playback, next_told = loudspeaker
    for _ in range(2):
        playback.play(noise(0.1))
        assert next_told().code == "audio.no_output"
        assert next_told() == "over"


def test_a_file_that_cannot_be_read_is_told(loudspeaker, tmp_path):
    playback, next_told = loudspeaker
    playback.play(tmp_path / "gone.wav")
    assert next_told().code == "audio.unreadable"


def test_a_computer_whose_sound_dies_is_told(loudspeaker, monkeypatch, tmp_path):
    (tmp_path / "broken.conf").write_text("")  # PortAudio aborts the process
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "broken.conf"))
    playback, next_told = loudspeaker
    playback.play(noise(0.1))
    assert next_told().code == "audio.no_output"
