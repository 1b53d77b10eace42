import errno
import hashlib
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from file_server import FileServer, cut, moved, status

from mww_studio.corpus import download
from mww_studio.corpus.download import Remote, fetch
from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress

CONTENT = np.random.default_rng(0).bytes(1_500_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
PIECE = 65536  # of a connection that breaks, less than this is lost
AT_ONCE = (0.0, 0.0, 0.0)


class Kept(Progress):
    def __init__(self):
        self.phases, self.steps, self.logged = [], [], []

    def phase(self, name, total=0):
        self.phases.append((name, total))

    def step(self, done, **_):
        self.steps.append(done)

    def log(self, text):
        self.logged.append(text)


@pytest.fixture
def server():
    with FileServer() as running:
        yield running


@pytest.fixture
def goal(tmp_path):
    return tmp_path / "sets" / "speech.zip"


def names(goal: Path) -> list[str]:
    return sorted(path.name for path in goal.parent.iterdir())


def test_a_file_comes_whole_and_alone(server, goal):
    progress = Kept()
    url = server.serve("speech.zip", CONTENT)
    assert fetch(Remote(url, SHA256, bytes=len(CONTENT)), goal, progress) == goal
    assert goal.read_bytes() == CONTENT
    assert names(goal) == ["speech.zip"]
    assert ("Downloading speech.zip", len(CONTENT)) in progress.phases
    assert progress.phases[-1] == ("Checking speech.zip", len(CONTENT))
    assert len(CONTENT) in progress.steps


def test_a_file_that_is_there_is_not_fetched_again(server, goal):
    url = server.serve("speech.zip", CONTENT)
    for remote in (
        Remote(url, SHA256),
        Remote(url),
        Remote(url, md5=hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()),
    ):
        fetch(remote, goal, Progress())
    assert len(server.asked) == 1
    goal.write_bytes(b"damaged since")
    fetch(Remote(url, SHA256), goal, Progress())
    assert goal.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "faults", [[cut(6 * PIECE)], [cut(6 * PIECE), cut(4 * PIECE + 1), cut(0)], [cut(0), status(503)]]
)
def test_a_broken_download_goes_on_where_it_broke_off(server, goal, faults):
    progress = Kept()
    fetch(Remote(server.serve("speech.zip", CONTENT, *faults), SHA256), goal, progress, pauses_s=AT_ONCE)
    assert goal.read_bytes() == CONTENT
    assert len(server.asked) == len(faults) + 1
    assert len(progress.logged) == len(faults)
    asked = server.ranges_asked()
    assert asked[0] == ""
    if len(faults) == 3:
        assert asked[1:] == [f"bytes={6 * PIECE}-"] + 2 * [f"bytes={10 * PIECE}-"]


def test_a_later_day_goes_on_where_this_one_ended(server, goal):
    url = server.serve("speech.zip", CONTENT, cut(6 * PIECE))
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url), goal, Progress(), pauses_s=())
    assert caught.value.code == "download.truncated"
    assert "393.2 kB of 1.5 MB" in caught.value.why
    assert "kept" in caught.value.do
    assert not goal.exists()
    fetch(Remote(url), goal, Progress(), pauses_s=())
    assert goal.read_bytes() == CONTENT
    assert server.asked[1][1]["If-Range"] == '"first"'
    assert names(goal) == ["speech.zip"]


def test_a_file_that_lies_elsewhere_is_gone_on_with_there(server, goal):
    there = server.serve("store/4711", CONTENT, cut(6 * PIECE))
    url = server.serve("speech.zip", b"", moved(there), moved(there))
    fetch(Remote(url, SHA256, bytes=len(CONTENT)), goal, Progress(), pauses_s=AT_ONCE)
    assert goal.read_bytes() == CONTENT
    assert [name for name, _ in server.asked] == 2 * ["speech.zip", "store/4711"]
    assert server.asked[-1][1]["Range"] == f"bytes={6 * PIECE}-"
    assert server.asked[-1][1]["If-Range"] == '"first"'


def test_a_file_that_changed_meanwhile_begins_anew(server, goal):
    url = server.serve("speech.zip", CONTENT, cut(6 * PIECE))
    with pytest.raises(StudioError):
        fetch(Remote(url), goal, Progress(), pauses_s=())
    server.serve("speech.zip", CONTENT[::-1], etag='"second"')
    fetch(Remote(url), goal, Progress(), pauses_s=())
    assert goal.read_bytes() == CONTENT[::-1]


def test_a_draft_of_another_file_is_not_gone_on_with(server, goal):
    url = server.serve("speech.zip", CONTENT, cut(6 * PIECE))
    with pytest.raises(StudioError):
        fetch(Remote(url), goal, Progress(), pauses_s=())
    fetch(Remote(url, SHA256), goal, Progress(), pauses_s=())
    assert server.ranges_asked() == ["", ""]
    assert goal.read_bytes() == CONTENT


@pytest.mark.parametrize("options", [{"ranges": False}, {"etag": None}, {"etag": 'W/"weak"'}])
def test_a_server_without_ranges_or_marks_sends_all_again(server, goal, options):
    url = server.serve("speech.zip", CONTENT, cut(6 * PIECE), **options)
    fetch(Remote(url, SHA256), goal, Progress(), pauses_s=AT_ONCE)
    assert goal.read_bytes() == CONTENT


def test_a_draft_that_is_too_long_begins_anew(server, goal):
    url = server.serve("speech.zip", CONTENT, cut(6 * PIECE))
    with pytest.raises(StudioError):
        fetch(Remote(url, SHA256), goal, Progress(), pauses_s=())
    with goal.with_name("speech.zip.part").open("ab") as draft:
        draft.write(CONTENT)
    fetch(Remote(url, SHA256), goal, Progress(), pauses_s=AT_ONCE)
    assert goal.read_bytes() == CONTENT


@pytest.mark.parametrize("expected", [{"sha256": "0" * 64}, {"md5": "0" * 32}])
def test_a_wrong_file_is_set_aside_and_said(server, goal, expected):
    url = server.serve("speech.zip", CONTENT)
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url, **expected), goal, Progress())
    assert caught.value.code == "download.hash"
    assert "speech.zip.wrong" in caught.value.do
    assert names(goal) == ["speech.zip.wrong"]
    fetch(Remote(url, SHA256), goal, Progress())
    assert goal.read_bytes() == CONTENT


def test_a_damaged_draft_is_found_out(server, goal):
    url = server.serve("speech.zip", CONTENT, cut(6 * PIECE))
    with pytest.raises(StudioError):
        fetch(Remote(url, SHA256), goal, Progress(), pauses_s=())
    draft = goal.with_name("speech.zip.part")
    draft.write_bytes(bytes(len(draft.read_bytes())))
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url, SHA256), goal, Progress())
    assert caught.value.code == "download.hash"
    fetch(Remote(url, SHA256), goal, Progress())
    assert goal.read_bytes() == CONTENT


def test_a_file_of_another_size_is_refused_before_it_comes(server, goal):
    url = server.serve("speech.zip", CONTENT)
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url, SHA256, bytes=99), goal, Progress())
    assert caught.value.code == "download.hash"
    assert "1,500,000" in caught.value.why
    assert names(goal) == []


@pytest.mark.parametrize("code", [500, 503, 429])
def test_a_server_in_trouble_is_asked_again_and_then_named(server, goal, code):
    url = server.serve("speech.zip", CONTENT, *[status(code)] * 4)
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url), goal, Progress(), pauses_s=AT_ONCE)
    assert caught.value.code == "download.server"
    assert str(code) in caught.value.why
    assert len(server.asked) == 4
    fetch(Remote(url), goal, Progress(), pauses_s=AT_ONCE)
    assert goal.read_bytes() == CONTENT


def test_what_a_server_does_not_have_is_asked_for_once(server, goal):
    with pytest.raises(StudioError) as caught:
        fetch(Remote(f"{server.url}/moved.zip"), goal, Progress(), pauses_s=AT_ONCE)
    assert caught.value.code == "download.server"
    assert "404" in caught.value.why
    assert len(server.asked) == 1


def test_without_internet(server, goal):
    url = server.serve("speech.zip", CONTENT)
    server.__exit__()
    progress = Kept()
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url), goal, progress, pauses_s=AT_ONCE)
    assert caught.value.code == "download.offline"
    assert "127.0.0.1" in caught.value.what
    assert len(progress.logged) == 1


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/speech.zip", "http://"])
def test_an_impossible_address(goal, url):
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url), goal, Progress(), pauses_s=AT_ONCE)
    assert caught.value.code == "download.server"


def test_no_space_is_said_before_anything_comes(server, goal, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StudioError) as caught:
        fetch(Remote(server.serve("speech.zip", CONTENT)), goal, Progress())
    assert caught.value.code == "download.no_space"
    assert "51.5 MB are needed, 1.0 MB are free" in caught.value.why
    assert not goal.exists()
    monkeypatch.undo()
    fetch(Remote(f"{server.url}/speech.zip"), goal, Progress())
    assert goal.read_bytes() == CONTENT


class _Full:
    """A file on a disk that runs full."""

    def __init__(self, file, room):
        self._file, self._room = file, room

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def tell(self):
        return self._file.tell()

    def write(self, content):
        self._room -= len(content)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(content)


def test_a_disk_that_runs_full_keeps_what_came(server, goal, monkeypatch):
    url = server.serve("speech.zip", CONTENT)
    whole = download._Draft.begin
    monkeypatch.setattr(download._Draft, "begin", lambda *a, **k: _Full(whole(*a, **k), 800_000))
    with pytest.raises(StudioError) as caught:
        fetch(Remote(url, SHA256), goal, Progress())
    assert caught.value.code == "download.no_space"
    monkeypatch.undo()
    kept = goal.with_name("speech.zip.part").stat().st_size
    assert 0 < kept < len(CONTENT)
    fetch(Remote(url, SHA256), goal, Progress())
    assert server.ranges_asked()[1] == f"bytes={kept}-"
    assert goal.read_bytes() == CONTENT


def test_a_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "sets").write_text("a file")
    with pytest.raises(StudioError) as caught:
        fetch(Remote(server.serve("speech.zip", CONTENT)), tmp_path / "sets" / "speech.zip", Progress())
    assert caught.value.code == "download.folder"


class CancelledOnceStalled(Progress):
    def __init__(self, stalled: threading.Event):
        self._stalled = stalled

    def check_cancelled(self):
        if self._stalled.is_set():
            raise Cancelled


@pytest.mark.parametrize("after", [None, 0, 6 * PIECE])
def test_a_cancel_does_not_wait_for_a_server_that_stalls(server, goal, after):
    fault = server.silent() if after is None else server.stall(after)
    url = server.serve("speech.zip", CONTENT, fault)
    with pytest.raises(Cancelled):
        fetch(Remote(url, SHA256), goal, CancelledOnceStalled(server.stalled))
    assert not goal.exists()
    server.stalled.clear()
    fetch(Remote(url, SHA256), goal, CancelledOnceStalled(server.stalled))
    assert goal.read_bytes() == CONTENT


def test_a_cancel_does_not_wait_for_a_pause(server, goal):
    url = server.serve("speech.zip", CONTENT, *[status(503)] * 9)

    class CancelledWhilePausing(Progress):
        paused = False

        def log(self, _text):
            self.paused = True

        def check_cancelled(self):
            if self.paused:
                raise Cancelled

    with pytest.raises(Cancelled):
        fetch(Remote(url), goal, CancelledWhilePausing(), pauses_s=(1e6,))
