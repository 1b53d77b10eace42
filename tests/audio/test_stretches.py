"""Stretches of long files: the same sound as in the whole file, wherever they begin."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mww_studio.audio.files import read_audio, read_stretch
from mww_studio.errors import StudioError


@pytest.mark.parametrize(("rate_hz", "name"), [(16000, "a.wav"), (44100, "a.flac"), (48000, "a.ogg")])
def test_a_stretch_is_a_part_of_the_whole(tmp_path: Path, rate_hz: int, name: str) -> None:
    time = np.arange(rate_hz * 45) / rate_hz
    path = tmp_path / name
    sound = 0.4 * np.sin(2 * np.pi * (200 + 20 * time) * time)
    with soundfile.SoundFile(path, "w", rate_hz, 1) as file:
        for second in np.split(sound, 45):  # libsndfile cannot write long OGG files at once
            file.write(second)
    whole, stretch = read_audio(path), read_stretch(path, 21.5, 22.0)
    assert len(stretch) == 22 * 16000
    inside = slice(1600, -1600)
    expected = whole[round(21.5 * 16000) :][: len(stretch)]
    assert np.corrcoef(stretch[inside], expected[inside])[0, 1] > 0.999


def test_a_stretch_ends_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full(16000 * 3, 0.1), 16000)
    assert len(read_stretch(path, 2.0, 5.0)) == 16000
    assert len(read_stretch(path, 7.0, 5.0)) == 0


def test_what_is_no_sound_has_no_stretch(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF no sound")
    with pytest.raises(StudioError) as error:
        read_stretch(path, 0.0, 5.0)
    assert error.value.code == "audio.unreadable"
