import io
import shutil
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mww_studio.corpus.unpacking import Limits, unpack
from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress

NOISE = np.random.default_rng(0).bytes(50_000)


def archive_of(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def refused(archive: Path, goal: Path, **options) -> StudioError:
    before = sorted(goal.parent.rglob("*"))
    with pytest.raises(StudioError) as caught:
        unpack(archive, goal, Progress(), **options)
    assert sorted(goal.parent.rglob("*")) == before
    return caught.value


@pytest.fixture
def goal(tmp_path):
    (tmp_path / "sets").mkdir()
    return tmp_path / "sets" / "speech"


def test_everything_comes_out_as_it_went_in(tmp_path, goal):
    steps = []

    class Kept(Progress):
        def phase(self, name, total=0):
            steps.append((name, total))

        def step(self, done, **_):
            steps.append(done)

    archive = archive_of(tmp_path / "a.zip", ("speech/", b""), ("speech/data", NOISE), ("speech/deep/er/empty", b""))
    unpack(archive, goal, Kept())
    assert {path.relative_to(goal).as_posix(): path.read_bytes() for path in goal.rglob("*") if path.is_file()} == {
        "speech/data": NOISE,
        "speech/deep/er/empty": b"",
    }
    assert steps == [("Unpacking a.zip", len(NOISE)), len(NOISE)]
    assert [path.name for path in goal.parent.iterdir()] == ["speech"]


def test_only_what_is_wanted_is_taken(tmp_path, goal):
    archive = archive_of(tmp_path / "a.zip", ("x/rooms/1.wav", b"1"), ("x/rooms/1.txt", b"2"), ("x/other/2.wav", b"3"))
    unpack(archive, goal, Progress(), wanted=["*/rooms/*.wav"])
    assert [path.name for path in goal.rglob("*.*")] == ["1.wav"]


def test_what_is_left_of_an_earlier_try_is_thrown_away(tmp_path, goal):
    left = goal.with_name("speech.part")
    left.mkdir()
    (left / "half").write_bytes(b"half")
    unpack(archive_of(tmp_path / "a.zip", ("data", NOISE)), goal, Progress())
    assert [path.name for path in goal.iterdir()] == ["data"]


@pytest.mark.parametrize(
    "name",
    [
        *("../out", "a/../../out", "/etc/out", "..", "a/b/../../../out"),
        *("..\\out", "C:\\out", "c:/out", "a/b:c", "nul", "a/COM1.txt", "a/b.", "a/b ", "a\nb", "a/b?", "n" * 1001),
    ],
)
def test_nothing_is_written_outside_or_under_a_dangerous_name(tmp_path, goal, name):
    error = refused(archive_of(tmp_path / "a.zip", ("good", b"1"), (name, b"2")), goal)
    assert error.code == "archive.unsafe"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFBLK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_not_made(tmp_path, goal, kind):
    info = zipfile.ZipInfo("inside")
    info.external_attr = (kind | 0o777) << 16
    error = refused(archive_of(tmp_path / "a.zip", (info, b"/etc/passwd")), goal)
    assert error.code == "archive.unsafe"
    assert "neither a file nor a folder" in error.why


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["data", "DATA", "./data"])
def test_no_file_hides_another(tmp_path, goal, second):
    error = refused(archive_of(tmp_path / "a.zip", ("data", b"1"), (second, b"2")), goal)
    assert "twice" in error.why


def test_a_bomb_is_not_unpacked(tmp_path, goal):
    archive = archive_of(tmp_path / "a.zip", ("zeros", bytes(20_000_000)))
    assert archive.stat().st_size < 30_000
    error = refused(archive, goal)
    assert error.code == "archive.too_large"
    assert "100 times" in error.why


@pytest.mark.parametrize("limits", [Limits(files=2), Limits(bytes=49_999)])
def test_more_than_is_allowed_is_not_unpacked(tmp_path, goal, limits):
    archive = archive_of(tmp_path / "a.zip", ("1", b"1"), ("2", b"2"), ("3", NOISE))
    assert refused(archive, goal, limits=limits).code == "archive.too_large"


def test_files_that_lie_on_each_other_are_not_unpacked(tmp_path, goal):
    """The bomb whose parts all point to the same packed bytes."""
    archive = archive_of(tmp_path / "a.zip", ("1", NOISE), ("2", NOISE))
    content = bytearray(archive.read_bytes())
    second = content.rfind(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 7)
    archive.write_bytes(content)
    assert refused(archive, goal).code == "archive.unsafe"


def test_a_file_that_is_longer_than_it_says(tmp_path, goal):
    archive = archive_of(tmp_path / "a.zip", ("data", bytes(5_000_000)))
    content = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.find(mark) + place
        content[at : at + 4] = struct.pack("<I", 10)
    archive.write_bytes(content)
    assert refused(archive, goal).code == "archive.damaged"


@pytest.mark.parametrize("damage", ["cut", "middle", "rubbish", "empty", "locked", "missing end"])
def test_a_damaged_archive_is_named(tmp_path, goal, damage):
    archive = archive_of(tmp_path / "a.zip", ("data", NOISE), ("more", NOISE))
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "middle":
        content[1000:1100] = bytes(100)
    elif damage == "rubbish":
        content = bytearray(NOISE)
    elif damage == "empty":
        content = bytearray()
    elif damage == "missing end":
        content = content[:-10]
    else:
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.find(mark) + place] |= 1
    archive.write_bytes(content)
    error = refused(archive, goal)
    assert error.code == ("archive.unsafe" if damage == "locked" else "archive.damaged")
    assert "a.zip" in error.what


def test_no_space_is_said_before_anything_is_written(tmp_path, goal, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert refused(archive_of(tmp_path / "a.zip", ("data", NOISE)), goal).code == "download.no_space"


def test_a_cancel_leaves_nothing(tmp_path, goal):
    class CancelledInTheMiddle(Progress):
        asked = 0

        def check_cancelled(self):
            self.asked += 1
            if self.asked == 3:
                raise Cancelled

    archive = archive_of(tmp_path / "a.zip", *[(str(n), np.random.default_rng(n).bytes(9_000)) for n in range(9)])
    with pytest.raises(Cancelled):
        unpack(archive, goal, CancelledInTheMiddle())
    assert list(goal.parent.iterdir()) == []


def test_what_is_found_wrong_before_it_appears_leaves_nothing(tmp_path, goal):
    def wrong(folder: Path) -> None:
        assert (folder / "data").read_bytes() == NOISE
        raise StudioError("features.shape", "It is something else.")

    assert refused(archive_of(tmp_path / "a.zip", ("data", NOISE)), goal, keep=wrong).code == "features.shape"


def test_an_archive_that_is_not_there(tmp_path, goal):
    assert refused(tmp_path / "missing.zip", goal).code == "download.folder"


def test_zip64_is_read(tmp_path, goal):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened, opened.open("data", "w", force_zip64=True) as file:
        shutil.copyfileobj(io.BytesIO(NOISE), file)
    unpack(archive, goal, Progress())
    assert (goal / "data").read_bytes() == NOISE
