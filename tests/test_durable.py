from pathlib import Path

import numpy as np
import pytest
import soundfile

from mww_studio.durable import sync_folder, wav_bytes, write_durably


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_durably(path, b"old, and longer")
    write_durably(path, b"new")
    sync_folder(tmp_path)
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_durably(tmp_path / "folder", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    with pytest.raises(FileNotFoundError):
        write_durably(tmp_path / "missing" / "a.txt", b"new")


def test_a_wav_file(tmp_path: Path) -> None:
    pcm = np.array([0, 1, -1, 32767, -32768], np.int16)
    (tmp_path / "a.wav").write_bytes(wav_bytes(pcm, 16000))
    samples, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert rate == 16000
    np.testing.assert_array_equal(samples, pcm)
