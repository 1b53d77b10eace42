import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import mww_studio
from mww_studio.errors import StudioError
from mww_studio.project import migrations
from mww_studio.project.library import LIBRARY
from mww_studio.project.records import (
    ClipKind,
    ClipQuery,
    Judgement,
    NewClip,
    Person,
    Problem,
    Quality,
    RunState,
)
from mww_studio.project.store import Project

QUALITY = Quality(-3.0, -20.0, 31.5, 0.0, 0.001, (Problem("noisy", "Step closer."),))


def new_clip(
    seed: int, kind: ClipKind = ClipKind.WAKE_WORD, speaker: str | None = None, samples: int = 8000
) -> NewClip:
    pcm = np.random.default_rng(seed).integers(-9000, 9000, samples).astype(np.int16)
    return NewClip(
        kind, pcm, f"recording{seed}", f"takes/{seed}.wav", QUALITY, 0.1, 0.4, speaker, "CC0-1.0", "kokoro/a"
    )


def run_child(code: str, *arguments: object) -> subprocess.Popen[str]:
    env = os.environ | {"PYTHONPATH": str(Path(mww_studio.__file__).parents[1])}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Küche 厨房"


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    with Project.create(folder, "hey computer", "de", "Jörg") as project:
        yield project


def code_of(error: pytest.ExceptionInfo[StudioError]) -> str:
    assert error.value.do
    return error.value.code


def test_a_clip_comes_back_as_it_was_given(project: Project, folder: Path) -> None:
    given = new_clip(1, speaker="Ann")
    (clip,) = project.add_clips([given])
    assert project.clips() == [clip]
    assert (clip.kind, clip.speaker, clip.source, clip.recording) == (given.kind, "Ann", given.source, given.recording)
    assert (clip.licence, clip.engine, clip.quality) == ("CC0-1.0", "kokoro/a", QUALITY)
    assert (clip.duration_s, clip.speech_start_s, clip.speech_end_s) == (0.5, 0.1, 0.4)
    assert not Path(clip.path).is_absolute()
    pcm, rate = soundfile.read(folder / clip.path, dtype="int16")
    assert rate == 16000
    np.testing.assert_array_equal(pcm, given.pcm)


def test_everything_is_there_after_opening_again(project: Project, folder: Path) -> None:
    clips = project.add_clips([new_clip(1), new_clip(2, ClipKind.SPEECH)])
    project.close()
    with Project.open(folder) as again:
        assert again.clips() == clips
        assert again.clips(ClipKind.SPEECH) == clips[1:]
        assert again.counts()[ClipKind.WAKE_WORD] == 1
        assert again.counts()[ClipKind.RIR] == 0
        assert (again.info.wake_word, again.info.language, again.info.author) == ("hey computer", "de", "Jörg")


def test_the_same_samples_come_in_once_per_kind(project: Project) -> None:
    assert len(project.add_clips([new_clip(1), new_clip(1), new_clip(2)])) == 2
    assert project.add_clips([new_clip(1)]) == []
    assert len(project.add_clips([new_clip(1, ClipKind.NEAR)])) == 1
    assert project.known(project.clips()[0].sha256, ClipKind.NEAR)
    assert not project.known(project.clips()[0].sha256, ClipKind.RIR)


def test_trash_and_back(project: Project, folder: Path) -> None:
    first, second = project.add_clips([new_clip(1), new_clip(2)])
    project.trash_clips([first.id, 999])
    assert project.clips() == [second]
    (trashed,) = project.clips(trashed=True)
    assert trashed.path.startswith("trash/")
    assert (folder / trashed.path).is_file()
    assert not (folder / first.path).exists()
    assert project.add_clips([new_clip(1)]) == []
    project.restore_clips([first.id])
    assert project.clips() == [first, second]
    assert (folder / first.path).is_file()


def test_people(project: Project) -> None:
    clips = project.add_clips([new_clip(1, speaker="Ann"), new_clip(2)])
    project.assign_speaker([clips[1].id], "  Øyvind ")
    assert [clip.speaker for clip in project.clips()] == ["Ann", "Øyvind"]
    project.assign_speaker([clip.id for clip in clips], None)
    assert [clip.speaker for clip in project.clips()] == [None, None]


def test_the_folder_can_be_copied_while_it_is_open(project: Project, folder: Path, tmp_path: Path) -> None:
    project.add_clips([new_clip(1)])
    child = run_child("import shutil, sys; shutil.copytree(*sys.argv[1:])", folder, tmp_path / "copy")
    child.communicate()
    assert child.returncode == 0
    with Project.open(tmp_path / "copy") as copy:
        (clip,) = copy.clips()
        assert (tmp_path / "copy" / clip.path).is_file()


@pytest.mark.parametrize("make", ["nothing", "file", "empty", "full"])
def test_what_is_no_project_is_told_so(tmp_path: Path, make: str) -> None:
    place = tmp_path / "place"
    if make == "file":
        place.write_text("hello")
    elif make != "nothing":
        place.mkdir()
    if make == "full":
        (place / "letter.txt").write_text("hello")
        with pytest.raises(StudioError) as error:
            Project.create(place, "computer")
        assert code_of(error) == "project.folder_not_empty"
    with pytest.raises(StudioError) as error:
        Project.open(place)
    assert code_of(error) == ("project.not_found" if make in ("nothing", "file") else "project.not_a_project")


@pytest.mark.usefixtures("project")
def test_a_project_is_not_made_over_another(folder: Path) -> None:
    with pytest.raises(StudioError) as error:
        Project.create(folder, "jarvis")
    assert code_of(error) == "project.exists"
    with pytest.raises(StudioError) as error:
        Project.create(folder / "project.sqlite" / "inside", "jarvis")
    assert code_of(error) == "project.storage"


def test_a_creation_that_was_killed_can_be_repeated(folder: Path) -> None:
    folder.mkdir()
    (folder / "project.sqlite.part").write_bytes(b"half")
    with Project.create(folder, "computer") as project:
        assert project.clips() == []


@pytest.mark.parametrize("content", [b"", b"this is not a database, not at all" * 100])
def test_a_damaged_library(project: Project, folder: Path, content: bytes) -> None:
    project.close()
    (folder / LIBRARY).write_bytes(content)
    for read_only in (True, False):
        with pytest.raises(StudioError) as error:
            Project.open(folder, read_only=read_only)
        assert code_of(error) == "project.damaged"


def test_a_second_writer_is_refused_and_told_who_writes(project: Project, folder: Path) -> None:
    with pytest.raises(StudioError, match=f"process {os.getpid()}") as error:
        Project.open(folder)
    assert code_of(error) == "project.in_use"
    with Project.open(folder, read_only=True) as reader:
        project.add_clips([new_clip(1)])
        assert len(reader.clips()) == 1
        for change in (lambda: reader.add_clips([new_clip(2)]), lambda: reader.new_run("standard", 0)):
            with pytest.raises(StudioError) as error:
                change()
            assert code_of(error) == "project.read_only"


HOLD = """
import sys
from pathlib import Path
from mww_studio.project.store import Project
project = Project.open(Path(sys.argv[1]))
project.new_run("standard", 7)
print("open", flush=True)
sys.stdin.read()
"""


def test_the_lock_and_the_run_of_a_killed_process(project: Project, folder: Path) -> None:
    project.close()
    child = run_child(HOLD, folder)
    with child:
        assert child.stdout
        assert child.stdout.readline() == "open\n"
        with pytest.raises(StudioError, match=f"process {child.pid}"):
            Project.open(folder)
        with Project.open(folder, read_only=True) as reader:
            assert reader.runs()[0].state is RunState.RUNNING
        child.kill()
    with Project.open(folder) as again:
        (run,) = again.runs()
        assert (run.state, run.preset, run.seed) == (RunState.INTERRUPTED, "standard", 7)


@pytest.mark.skipif(os.name != "posix", reason="only there processes stay until somebody asks how they ended")
def test_a_killed_process_that_nobody_asked_after_runs_nothing(project: Project, folder: Path) -> None:
    project.close()
    child = run_child(HOLD, folder)
    with child:
        assert child.stdout
        assert child.stdout.readline() == "open\n"
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        with Project.open(folder) as again:
            assert [run.state for run in again.runs()] == [RunState.INTERRUPTED]


def test_runs(project: Project) -> None:
    first, second = project.new_run("standard", 1), project.new_run("fast_test", 2)
    assert first.id != second.id
    assert project.run_folder(second.id).is_dir()
    assert [run.state for run in project.runs()] == [RunState.RUNNING, RunState.RUNNING]
    project.set_run_state(first.id, RunState.FAILED, "no more memory")
    failed = project.runs()[0]
    assert (failed.state, failed.message) == (RunState.FAILED, "no more memory")
    assert failed.ended_at
    assert failed.ended_at >= failed.started_at
    project.set_run_state(first.id, RunState.RUNNING)
    assert project.runs()[0].ended_at is None
    with pytest.raises(StudioError) as error:
        project.set_run_state("nothing", RunState.DONE)
    assert code_of(error) == "project.no_run"


def test_a_newer_library_opens_for_reading_only(project: Project, folder: Path) -> None:
    project.add_clips([new_clip(1)])
    project.close()
    with closing(sqlite3.connect(folder / LIBRARY)) as library:
        library.execute("PRAGMA user_version = 99")
    with Project.open(folder) as newer:
        assert newer.read_only
        assert len(newer.clips()) == 1
        with pytest.raises(StudioError) as error:
            newer.add_clips([new_clip(2)])
        assert code_of(error) == "project.read_only"


@pytest.fixture
def next_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (*migrations.MIGRATIONS, "ALTER TABLE project ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'")
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)


def test_an_older_library_is_copied_and_brought_up_to_date(
    project: Project, folder: Path, request: pytest.FixtureRequest
) -> None:
    clips = project.add_clips([new_clip(1)])
    project.close()
    request.getfixturevalue("next_schema")
    with Project.open(folder, read_only=True) as reader:
        assert reader.clips() == clips
    assert list(folder.glob("*.backup")) == []
    with Project.open(folder) as migrated:
        assert migrated.clips() == clips
    with closing(sqlite3.connect(folder / LIBRARY)) as library:
        assert library.execute("SELECT colour FROM project").fetchone() == ("red",)
    before = migrations.newest_schema() - 1
    with closing(sqlite3.connect(folder / f"project.sqlite.v{before}.backup")) as backup:
        assert backup.execute("PRAGMA user_version").fetchone() == (before,)
        assert backup.execute("SELECT count(*) FROM clips").fetchone() == (1,)


def test_a_library_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    now = "2026-01-01T12:00:00+00:00"
    with closing(sqlite3.connect(folder / LIBRARY)) as library:
        library.executescript(migrations.MIGRATIONS[0] + "; PRAGMA user_version = 1;")
        with library:
            library.execute("INSERT INTO project VALUES (1, 'computer', 'en', 'Ann', ?)", (now,))
            library.execute("INSERT INTO people VALUES (3, 'Ann')")
            for id_, problems in ((1, ()), (2, ({"code": "noisy", "advice": "Step closer."},))):
                quality = json.dumps(asdict(replace(QUALITY, problems=problems)))
                row = (id_, "wake-word", f"audio/{id_}.wav", str(id_), 1.0, 3, "a.wav", "r", "", quality, now)
                library.execute(
                    "INSERT INTO clips (id, kind, path, sha256, duration_s, person, source, recording, licence,"
                    " quality, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row,
                )
    for read_only in (True, False, False):
        with Project.open(folder, read_only=read_only) as project:
            good, doubtful = project.clips()
            assert (good.judgement, doubtful.judgement) == (Judgement.GOOD, Judgement.DOUBTFUL)
            assert (good.style, good.kept, good.note, good.origin, good.speaker) == (None, False, "", None, "Ann")
            assert project.clip_ids(ClipQuery(judgement=Judgement.DOUBTFUL)) == [2]
            assert project.people() == [Person(3, "Ann", child=False, consented_at=None)]
    with closing(sqlite3.connect(folder / f"{LIBRARY}.v1.backup")) as backup:
        assert backup.execute("PRAGMA user_version").fetchone() == (1,)
        assert backup.execute("SELECT count(*) FROM clips").fetchone() == (2,)


def test_a_migration_that_fails_leaves_the_library_as_it_was(
    project: Project, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.close()
    steps = (*migrations.MIGRATIONS, "CREATE TABLE extra (x); INSERT INTO nowhere VALUES (1)")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", steps)
        with pytest.raises(StudioError) as error:
            Project.open(folder)
        assert code_of(error) == "project.storage"
    with Project.open(folder) as again:
        assert not again.read_only
        assert again.clips() == []


def test_opening_settles_what_a_crash_left(project: Project, folder: Path) -> None:
    kept, moved, trashed = project.add_clips([new_clip(1), new_clip(2), new_clip(3)])
    project.trash_clips([trashed.id])
    project.close()
    (folder / "audio/wake-word/half.wav.part").write_bytes(b"half a file")
    (folder / "audio/wake-word/orphan.wav").write_bytes(b"whole file, no row")
    (folder / moved.path).replace(folder / "trash" / "wake-word" / Path(moved.path).name)
    with Project.open(folder) as again:
        assert again.clips() == [kept, moved]
    names = {path.relative_to(folder).as_posix() for path in folder.glob("*/**/*") if path.is_file()}
    assert names == {
        kept.path,
        moved.path,
        f"trash/wake-word/{Path(trashed.path).name}",
        "trash/found/orphan.wav",
    }


FILL = """
import resource, sys
from pathlib import Path
import numpy as np
from mww_studio.errors import StudioError
from mww_studio.project.records import ClipKind, NewClip, Quality
from mww_studio.project.store import Project
with Project.open(Path(sys.argv[1])) as project:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    pcm = np.arange(300_000).astype(np.int16)
    try:
        project.add_clips([NewClip(ClipKind.SPEECH, pcm, "r", "s", Quality(0.0, 0.0, None, 0.0, 0.0))])
    except StudioError as error:
        print(error.code)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit on the size of files")
def test_a_file_that_the_system_refuses_to_grow(project: Project, folder: Path) -> None:
    project.add_clips([new_clip(1)])
    project.close()
    child = run_child(FILL, folder)
    assert child.communicate()[0] == "project.disk_full\n"
    with Project.open(folder) as again:
        assert len(again.clips()) == 1
    assert len(list((folder / "audio").rglob("*.*"))) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(place)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root on Linux can make a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    place = small_disk / "project"
    with Project.create(place, "computer") as project:
        saved = []
        with pytest.raises(StudioError) as error:
            for seed in range(0, 1000, 8):
                saved += project.add_clips([new_clip(seed + i) for i in range(8)])
        assert code_of(error) == "project.disk_full"
        assert saved
        assert project.clips() == saved
    with Project.open(place, read_only=True) as reader:
        assert reader.clips() == saved
    with Project.open(place) as again:
        assert again.clips() == saved
        assert all((place / clip.path).stat().st_size == 16044 for clip in saved)


def test_a_disk_that_cannot_be_written(small_disk: Path) -> None:
    place = small_disk / "project"
    with Project.create(place, "computer") as project:
        clips = project.add_clips([new_clip(1)])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with Project.open(place, read_only=True) as reader:
        assert reader.clips() == clips
    for attempt in (lambda: Project.open(place), lambda: Project.create(small_disk / "other", "computer")):
        with pytest.raises(StudioError) as error:
            attempt()
        assert code_of(error) == "project.not_writable"
