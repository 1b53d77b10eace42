import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mww_studio import durable
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


def test_a_planted_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where a draft would lie, nor where the file goes: what the links point to stays as it is."""
    precious = tmp_path / "precious.txt"
    precious.write_bytes(b"precious")
    goal = tmp_path / "a.txt"
    monkeypatch.setattr(durable.secrets, "token_hex", lambda _bytes: "same")
    for name in ("a.txt.part", "a.txt.same.part"):
        (tmp_path / name).symlink_to(precious)
    with pytest.raises(FileExistsError):
        write_durably(goal, b"new")
    assert (tmp_path / "a.txt.same.part").is_symlink()
    monkeypatch.undo()
    goal.symlink_to(precious)
    write_durably(goal, b"new")
    assert not goal.is_symlink()
    assert goal.read_bytes() == b"new"
    assert precious.read_bytes() == b"precious"


def test_a_private_file_is_never_anybody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        durable.os, "fsync", lambda _file: seen.extend(path.stat().st_mode & 0o777 for path in tmp_path.iterdir())
    )
    before = os.umask(0o022)
    try:
        write_durably(tmp_path / "secrets.txt", b"secret", mode=0o600)
        write_durably(tmp_path / "shared.txt", b"", mode=0o664)
        write_durably(tmp_path / "usual.txt", b"")
    finally:
        os.umask(before)
    assert seen[0] == 0o600
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"secrets.txt": 0o600, "shared.txt": 0o664, "usual.txt": 0o644}


def test_a_wav_file(tmp_path: Path) -> None:
    pcm = np.array([0, 1, -1, 32767, -32768], np.int16)
    (tmp_path / "a.wav").write_bytes(wav_bytes(pcm, 16000))
    samples, rate = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert rate == 16000
    np.testing.assert_array_equal(samples, pcm)
