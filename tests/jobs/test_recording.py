import numpy as np
import pytest
from synthetic_speech import word
from virtual_microphone import PLAIN, no_sound

from mww_studio.errors import StudioError
from mww_studio.jobs import recording
from mww_studio.jobs.recording import record_stretch, record_takes
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "project", "kosita") as made:
        yield made


def room(seconds, rms=10):
    return np.random.default_rng(0).normal(0, rms, round(seconds * 16000)).astype(np.int16)


def test_good_takes_are_kept_as_they_were_and_bad_ones_are_not(project, microphones):
    loud = (word(1, 1).pcm.astype(np.int32) * 40).clip(-32768, 32767).astype(np.int16)
    sound = np.concatenate([room(1.6), word(1, 0).pcm, room(1.4), loud, room(1.4), word(1, 2).pcm, room(9)])
    microphones.say(PLAIN, sound)
    said = []
    report = record_takes(project, ClipKind.WAKE_WORD, "Mia", PLAIN, 2, said.append)
    assert (report.summary()["added"], report.refused) == (2, 1)
    clips = project.clips()
    assert [(clip.speaker, clip.kind, clip.kept) for clip in clips] == [("Mia", ClipKind.WAKE_WORD, False)] * 2
    assert clips[0].style != clips[1].style
    assert any("Too loud" in line for line in said)
    assert "kosita" in said[1]


def test_after_many_bad_takes_it_asks_the_person_to_look(project, microphones, monkeypatch):
    monkeypatch.setattr(recording, "_MOST_BAD", 1)
    microphones.say(PLAIN, room(30))
    with pytest.raises(StudioError) as caught:
        record_takes(project, ClipKind.WAKE_WORD, "Mia", PLAIN, 1, [].append)
    assert caught.value.code == "record.nothing"
    assert project.clips() == []


def test_room_sound_is_recorded_as_it_is(project, microphones):
    sound = room(30, 300)
    microphones.say(PLAIN, sound)
    report = record_stretch(project, ClipKind.AMBIENCE, None, PLAIN, 1.0, [].append)
    (clip,) = project.clips()
    assert report.summary()["seconds"] == pytest.approx(clip.duration_s, abs=0.01)
    assert 1.0 <= clip.duration_s < 1.5
    with pytest.raises(StudioError) as caught:
        record_stretch(project, ClipKind.AMBIENCE, None, PLAIN, 0.1, [].append)
    assert caught.value.code == "record.length"


def test_without_a_microphone_nothing_is_asked(project, monkeypatch, tmp_path):
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(no_sound(tmp_path)))
    with pytest.raises(StudioError) as caught:
        record_takes(project, ClipKind.WAKE_WORD, "Mia", "", 1, [].append)
    assert caught.value.code == "audio.no_microphone"
