import numpy as np
import pytest
from virtual_microphone import no_sound

from mww_studio.services.player import Player

WITHIN_MS = 30_000


@pytest.fixture
def player(qapp):  # noqa: ARG001 - it must be there
    made = Player()
    yield made
    made.shut_down()


def noise(seconds):
    return np.random.default_rng(3).integers(-9000, 9000, round(seconds * 16000), dtype=np.int16)


def test_it_says_when_a_sound_begins_and_is_over(qtbot, player, microphones):
    told = []
    player.playing.connect(told.append)
    player.play(noise(0.3))
    qtbot.waitUntil(lambda: told == [True, False], timeout=WITHIN_MS)
    assert noise(0.3).tobytes() in microphones.played().tobytes()
    assert not player.is_playing


@pytest.mark.usefixtures("microphones")
def test_it_stops_at_once(qtbot, player):
    with qtbot.waitSignal(player.playing, timeout=WITHIN_MS):
        player.play(noise(60))
    with qtbot.waitSignal(player.playing, timeout=WITHIN_MS) as signal:
        player.stop()
    assert signal.args == [False]


def test_trouble_is_told_and_it_goes_on(qtbot, player, monkeypatch, tmp_path):
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(no_sound(tmp_path)))
    with qtbot.waitSignal(player.trouble, timeout=WITHIN_MS) as signal:
        player.play(noise(0.3))
    assert signal.args[0].code == "audio.no_output"
    with qtbot.waitSignal(player.trouble, timeout=WITHIN_MS) as signal:
        player.play(tmp_path / "gone.wav")
    assert signal.args[0].code == "audio.unreadable"
