import errno
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from file_server import FileServer, cut, status
from mmap_ninja.ragged import RaggedMmap
from published_sets import describe, features, make_set, write_catalogue, zipped

from mww_studio.corpus.negatives import examining_sets, installed, installed_sets, published, sets_folder, training_sets
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.negatives import get_set, install
from mww_studio.jobs.negatives_listing import list_sets
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import Split

PRESET = load_preset("standard")


@pytest.fixture
def server():
    with FileServer() as running:
        yield running


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def offer(server: FileServer, data: Path, content: bytes, *faults, **more) -> None:
    """Publish ``content`` as the set "talk"."""
    url = server.serve("talk.zip", content, *faults)
    write_catalogue(data, describe("talk", url, content, **more))


def left() -> list[str]:
    return sorted(path.name for path in sets_folder().iterdir() if not path.name.startswith((".", "negatives.yaml")))


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "talk"
    make_set(folder, items=9)
    return zipped(folder)


def refused(server, data, content: bytes, **more) -> StudioError:
    """Why what is published is not installed; nothing may be left of it."""
    offer(server, data, content, **more)
    with pytest.raises(StudioError) as caught:
        install(published("talk"), Progress(), pauses_s=())
    assert left() == []
    assert installed_sets() == []
    return caught.value


def test_a_published_set_is_fetched_by_a_worker_and_used_where_it_lies(server, data, talk):
    offer(server, data, talk, cut(2 * 65536))
    folder = get_set("talk", Progress(), licence_accepted=False)
    assert folder == installed("talk")
    assert left() == ["talk"]
    (learned,) = training_sets(PRESET)
    np.testing.assert_array_equal(learned.items[9], features(30, 0))
    assert {used.side for used in examining_sets(PRESET)} == {Split.VALIDATION, Split.TEST}
    (note,) = installed_sets()
    assert note.frames == {side: 2 * sum(range(30, 39)) for side in Split}
    assert get_set("talk", Progress(), licence_accepted=False) == folder
    assert len(server.asked) == 2


def test_a_licence_that_forbids_commercial_use_must_be_accepted(server, data, talk):
    offer(server, data, talk, non_commercial=True, licence="CC BY-NC 4.0", licence_url="http://127.0.0.1/by-nc")
    with pytest.raises(StudioError) as caught:
        get_set("talk", Progress(), licence_accepted=False)
    assert caught.value.code == "negatives.licence"
    assert "CC BY-NC 4.0" in caught.value.what
    assert "http://127.0.0.1/by-nc" in caught.value.do
    assert server.asked == []


def test_what_came_before_an_error_is_gone_on_with(server, data, talk):
    offer(server, data, talk, cut(65536), status(503))
    with pytest.raises(StudioError) as caught:
        install(published("talk"), Progress(), pauses_s=())
    assert caught.value.code == "download.truncated"
    assert list_sets().rows[-1].came_bytes == 65536
    with pytest.raises(StudioError) as caught:
        install(published("talk"), Progress(), pauses_s=())
    assert caught.value.code == "download.server"
    install(published("talk"), Progress())
    assert server.ranges_asked() == ["", "bytes=65536-", "bytes=65536-"]
    assert left() == ["talk"]


def test_a_cancel_while_unpacking_keeps_the_archive(server, data, talk):
    class CancelledWhileUnpacking(Progress):
        unpacking = False

        def phase(self, name, total=0):  # noqa: ARG002 - as the worker's
            self.unpacking = name.startswith("Unpacking")

        def check_cancelled(self):
            if self.unpacking:
                raise Cancelled

    offer(server, data, talk)
    with pytest.raises(Cancelled):
        install(published("talk"), CancelledWhileUnpacking())
    assert left() == ["talk.zip"]
    install(published("talk"), Progress())
    assert len(server.asked) == 1


def test_a_set_with_a_wrong_hash_is_set_aside(server, data, talk):
    offer(server, data, talk, sha256="0" * 64)
    with pytest.raises(StudioError) as caught:
        install(published("talk"), Progress(), pauses_s=())
    assert caught.value.code == "download.hash"
    assert left() == ["talk.zip.wrong"]


def test_space_for_archive_and_content_must_be_there_before(server, data, talk, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=500_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    error = refused(server, data, talk, unpacked_bytes=400_000_000)
    assert error.code == "download.no_space"
    assert "600.2 MB are needed, 500.0 MB are free" in error.why
    assert server.asked == []


def test_a_disk_that_runs_full_while_unpacking(server, data, talk, monkeypatch):
    offer(server, data, talk)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "open", full)
    with pytest.raises(StudioError) as caught:
        install(published("talk"), Progress())
    assert caught.value.code == "download.no_space"
    assert left() == ["talk.zip"]


@pytest.mark.parametrize("damage", [lambda c: c[: len(c) // 2], lambda c: c[:3000] + bytes(200) + c[3200:]])
def test_a_corrupt_archive(server, data, talk, damage):
    assert refused(server, data, damage(talk)).code == "archive.damaged"


def test_an_archive_that_leads_outside(server, data, tmp_path):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../../escaped", b"x")
    assert refused(server, data, (tmp_path / "bad.zip").read_bytes()).code == "archive.unsafe"
    assert not list(tmp_path.rglob("escaped"))


def test_a_bomb(server, data, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.ninja", bytes(10_000_000))
    content = (tmp_path / "bomb.zip").read_bytes()
    for expected in (0, 1_000_000):  # too much for its own size, and for what its publisher says
        assert refused(server, data, content, unpacked_bytes=expected).code == "archive.too_large"


@pytest.mark.parametrize(
    "items",
    [[features(9, channels=64)], [features(9).astype(np.float32)], [features(9), features(9, channels=20)]],
)
def test_features_of_another_device(server, data, tmp_path, items):
    (tmp_path / "talk" / "training").mkdir(parents=True)
    RaggedMmap.from_lists(tmp_path / "talk" / "training" / "x_mmap", items)
    assert refused(server, data, zipped(tmp_path / "talk")).code.startswith("features.")


def test_something_else_altogether(server, data, tmp_path):
    (tmp_path / "talk").mkdir()
    (tmp_path / "talk" / "readme.txt").write_text("hello")
    assert refused(server, data, zipped(tmp_path / "talk")).code == "negatives.empty"
    assert refused(server, data, zipped(tmp_path / "talk"), noises=["*.wav"]).code == "negatives.empty"


def test_of_sounds_only_the_wanted_ones_are_kept(server, data, tmp_path):
    for name in ("real/rir_1.wav", "real/noise_1.wav", "computed/1.wav"):
        (tmp_path / "talk" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "talk" / name).write_bytes(b"RIFF")
    offer(server, data, zipped(tmp_path / "talk"), rooms=["*/real/rir*.wav"], noises=["*/real/noise*.wav"])
    folder = install(published("talk"), Progress())
    assert sorted(path.name for path in folder.rglob("*.wav")) == ["noise_1.wav", "rir_1.wav"]
    assert installed_sets()[0].files == 2


def test_a_data_folder_that_cannot_be_written(server, data, talk, tmp_path, monkeypatch):
    offer(server, data, talk)
    known = published("talk")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "file"))
    monkeypatch.setattr("mww_studio.jobs.negatives.published", lambda _: known)
    with pytest.raises(StudioError) as caught:
        get_set("talk", Progress(), licence_accepted=False)
    assert caught.value.code == "download.folder"
    assert list_sets().free_bytes > 0


def test_the_list_says_what_is_there(server, data, talk):
    offer(server, data, talk, non_commercial=True)
    row = list_sets().rows[-1]
    assert (row.known.name, row.installed, row.came_bytes) == ("talk", None, 0)
    assert "not for commercial use" in list_sets().describe()
    install(published("talk"), Progress())
    row = list_sets().rows[-1]
    assert row.disk_bytes > 6 * sum(range(30, 39)) * 80
    assert json.loads(json.dumps(row.summary()))["installed"] is True
    assert "Installed" in list_sets().describe()
