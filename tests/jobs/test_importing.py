import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

import mww_studio
from mww_studio.audio import files
from mww_studio.audio.files import Pcm
from mww_studio.audio.trimming import cut_takes
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs import importing
from mww_studio.jobs.importing import ImportReport, import_audio
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, pcm_sha256
from mww_studio.project.store import Project

RATE = 16000


def take(seed: int, words: int = 1) -> np.ndarray:
    """A second and a half of quiet noise with a loud harmonic sound in it, for each word."""
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 0.001, round(1.5 * words * RATE))
    time_s = np.arange(round(0.6 * RATE)) / RATE
    voice = sum(np.sin(2 * np.pi * rng.uniform(95, 105) * n * time_s) / n for n in range(1, 40))
    for number in range(words):
        start = round((1.5 * number + 0.5) * RATE)
        sound[start : start + len(voice)] += 0.2 * voice / np.abs(voice).max()
    return np.rint(32767 * sound.clip(-1, 1)).astype(np.int16)


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    folder = tmp_path / "Aufnahmen für später"
    folder.mkdir()
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "computer") as project:
        yield project


def bring(
    project: Project, *paths: Path, kind: ClipKind = ClipKind.WAKE_WORD, progress: Progress | None = None
) -> ImportReport:
    return import_audio(project, paths, kind, speaker="Ann", licence="CC0-1.0", progress=progress or Progress())


def assert_whole(project: Project) -> None:
    """Every row has its file, with the samples that it was committed with, and no file is without a row."""
    clips = project.clips()
    for clip in clips:
        pcm, rate = soundfile.read(project.folder / clip.path, dtype="int16")
        assert rate == RATE
        assert pcm_sha256(pcm) == clip.sha256
    files = {path.relative_to(project.folder).as_posix() for path in (project.folder / "audio").rglob("*.*")}
    assert files == {clip.path for clip in clips}


def test_takes_are_cut_and_told_who_and_whence(project: Project, sounds: Path) -> None:
    soundfile.write(sounds / "many.flac", take(1, words=3), RATE)
    soundfile.write(sounds / "one.wav", take(2), RATE)
    report = bring(project, sounds)
    assert (report.files, report.added, report.duplicates, report.failed) == (2, 4, 0, ())
    clips = project.clips(ClipKind.WAKE_WORD)
    assert sorted(clip.source for clip in clips) == ["Aufnahmen für später/many.flac"] * 3 + [
        "Aufnahmen für später/one.wav"
    ]
    assert len({clip.recording for clip in clips}) == 2
    assert {(clip.speaker, clip.licence, clip.engine) for clip in clips} == {("Ann", "CC0-1.0", None)}
    for clip in clips:
        assert clip.speech_start_s is not None
        assert clip.speech_end_s is not None
        assert clip.speech_end_s - clip.speech_start_s == pytest.approx(0.6, abs=0.05)
    assert_whole(project)


def test_the_same_again_adds_nothing(project: Project, sounds: Path) -> None:
    soundfile.write(sounds / "a.wav", take(1), RATE)
    soundfile.write(sounds / "copy.flac", take(1), RATE)
    assert bring(project, sounds).added == 1
    again = bring(project, sounds)
    assert (again.added, again.duplicates) == (0, 2)
    assert bring(project, sounds, kind=ClipKind.NEAR).added == 1


def test_clips_are_numbered_in_the_order_of_the_files_whichever_is_read_first(
    project: Project, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        soundfile.write(sounds / f"{number}.wav", take(number, words=3), RATE)
    second_is_read = threading.Event()
    read = files.read_audio

    def first_is_slow(path: Path, progress: Progress) -> Pcm:
        if path.name == "0.wav":
            assert second_is_read.wait(30)
        pcm = read(path, progress)
        if path.name == "1.wav":
            second_is_read.set()
        return pcm

    monkeypatch.setattr(importing, "read_audio", first_is_slow)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert bring(project, sounds).added == 18
    clips = sorted(project.clips(ClipKind.WAKE_WORD), key=lambda clip: clip.id)
    assert [Path(clip.source).name for clip in clips] == [f"{number}.wav" for number in range(6) for _ in range(3)]
    cuts = cut_takes(read(sounds / "0.wav", Progress()))
    assert [clip.sha256 for clip in clips[:3]] == [pcm_sha256(cut.pcm) for cut in cuts]


def test_what_fails_is_reported_and_the_rest_goes_on(project: Project, sounds: Path) -> None:
    soundfile.write(sounds / "good.wav", take(1), RATE)
    soundfile.write(sounds / "silent.wav", np.zeros(RATE), RATE)
    soundfile.write(sounds / "hiss.wav", np.random.default_rng(0).normal(0, 0.01, RATE), RATE)
    (sounds / "empty.wav").write_bytes(b"")
    (sounds / "memo.m4a").write_bytes(b"ftypM4A ")
    report = bring(project, sounds)
    assert report.added == 1
    assert {path.name: error.code for path, error in report.failed} == {
        "silent.wav": "audio.no_speech",
        "hiss.wav": "audio.no_speech",
        "empty.wav": "audio.empty",
        "memo.m4a": "audio.foreign",
    }
    assert all(path.name in report.describe() for path, _ in report.failed)
    assert report.summary()["added"] == 1


def test_a_night_of_sound_is_no_wake_word_but_good_speech(
    project: Project, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_WHOLE_S", 60.0)
    monkeypatch.setattr(importing, "PIECE_S", 20.0)
    soundfile.write(sounds / "long.flac", np.random.default_rng(0).normal(0, 0.1, 61 * 8000), 8000)
    report = bring(project, sounds)
    assert [error.code for _, error in report.failed] == ["audio.too_long"]
    assert bring(project, sounds, kind=ClipKind.SPEECH).added == 4
    clips = project.clips(ClipKind.SPEECH)
    assert len({clip.recording for clip in clips}) == 1
    assert sum(clip.duration_s for clip in clips) == pytest.approx(61)
    assert max(clip.duration_s for clip in clips) == 20


@pytest.mark.parametrize("kind", [ClipKind.SPEECH, ClipKind.AMBIENCE])
def test_speech_and_ambience_stay_whole(project: Project, sounds: Path, kind: ClipKind) -> None:
    soundfile.write(sounds / "quiet.wav", np.random.default_rng(0).normal(0, 0.0005, 5 * RATE), RATE)
    soundfile.write(sounds / "silent.wav", np.zeros(RATE), RATE)
    report = bring(project, sounds, kind=kind)
    assert [error.code for _, error in report.failed] == ["audio.silent"]
    (clip,) = project.clips(kind)
    assert (clip.duration_s, clip.speech_start_s, clip.speech_end_s) == (5.0, None, None)
    assert clip.quality.problems == ()


def test_an_impulse_response_stays_whole_at_full_scale(project: Project, sounds: Path) -> None:
    room = np.zeros(RATE)
    room[800:9000] = 0.1 * np.exp(-np.arange(8200) / 1500) * np.random.default_rng(0).choice([-1, 1], 8200)
    soundfile.write(sounds / "room.wav", room, RATE, subtype="FLOAT")
    soundfile.write(sounds / "silent.wav", np.zeros(RATE), RATE)
    soundfile.write(sounds / "long.wav", np.ones(21 * RATE) * 0.1, RATE)
    report = bring(project, sounds, kind=ClipKind.RIR)
    assert {path.name: error.code for path, error in report.failed} == {
        "silent.wav": "audio.silent",
        "long.wav": "audio.too_long",
    }
    (clip,) = project.clips(ClipKind.RIR)
    assert clip.duration_s == 1.0
    assert clip.speech_start_s == 800 / RATE
    assert clip.quality.peak_dbfs == pytest.approx(0, abs=0.01)


def test_problems_are_counted_and_imported(project: Project, sounds: Path) -> None:
    soundfile.write(sounds / "loud.wav", np.clip(20.0 * take(1), -32768, 32767).astype(np.int16), RATE)
    soundfile.write(sounds / "cut.wav", take(2)[: round(0.9 * RATE)], RATE)
    report = bring(project, sounds)
    assert report.added == 2
    assert {problem.code: count for problem, count in report.problems.items()} == {"clipped": 1, "cut-off": 1}
    assert "turn the microphone down" in report.describe()


def test_nothing_to_import(project: Project, sounds: Path) -> None:
    (sounds / "notes.txt").write_text("nothing")
    with pytest.raises(StudioError) as error:
        bring(project, sounds)
    assert error.value.code == "import.nothing"
    with pytest.raises(StudioError) as error:
        bring(project, sounds / "nowhere")
    assert error.value.code == "audio.not_found"


class CancelAfter(Progress):
    def __init__(self, files: int) -> None:
        self.files = files
        self.done = 0

    def step(self, done: int, **_: float | str) -> None:
        self.done = done

    def check_cancelled(self) -> None:
        if self.done >= self.files:
            raise Cancelled


def test_a_cancelled_import_goes_on_where_it_stopped(
    project: Project, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH_CLIPS", 5)
    for seed in range(30):
        soundfile.write(sounds / f"{seed}.wav", take(seed), RATE)
    with pytest.raises(Cancelled):
        bring(project, sounds, progress=CancelAfter(17))
    committed = project.counts()[ClipKind.WAKE_WORD]
    assert committed >= 10
    assert_whole(project)
    report = bring(project, sounds)
    assert (report.added, report.duplicates) == (30 - committed, committed)


def test_a_project_that_fails_ends_the_import(project: Project, sounds: Path) -> None:
    for seed in range(20):
        soundfile.write(sounds / f"{seed}.wav", take(seed), RATE)
    with Project.open(project.folder, read_only=True) as reader, pytest.raises(StudioError) as error:
        bring(reader, sounds)
    assert error.value.code == "project.read_only"


def test_a_defect_of_the_program_is_not_swallowed(
    project: Project, sounds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    soundfile.write(sounds / "a.wav", take(1), RATE)
    monkeypatch.setattr(importing, "judge", broken)
    with pytest.raises(ZeroDivisionError):
        bring(project, sounds)


IMPORT = """
import sys
from pathlib import Path
from mww_studio.jobs.importing import import_audio
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project
class Said(Progress):
    def step(self, done, **figures):
        print(done, flush=True)
with Project.open(Path(sys.argv[1])) as project:
    print("open", flush=True)
    import_audio(project, [Path(sys.argv[2])], ClipKind.WAKE_WORD, speaker=None, progress=Said())
"""


def kill_imports(folder: Path, sounds: Path, rng: np.random.Generator, kills: int) -> None:
    """Start imports and kill each at some moment; whatever was committed stays."""
    committed: set[int] = set()
    env = os.environ | {"PYTHONPATH": str(Path(mww_studio.__file__).parents[1])}
    for _ in range(kills):
        command = [sys.executable, "-c", IMPORT, str(folder), str(sounds)]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout
            assert child.stdout.readline() == "open\n"
            for _ in range(int(rng.integers(0, 40))):
                child.stdout.readline()
            time.sleep(rng.uniform(0, 0.15))
            child.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        with Project.open(folder) as project:
            assert_whole(project)
            now = {clip.id for clip in project.clips()}
            assert committed <= now
            committed = now


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_loses_no_committed_clip(project: Project, sounds: Path, kills: int) -> None:
    count = 60 * kills
    for seed in range(count):
        soundfile.write(sounds / f"{seed}.wav", take(seed), RATE)
    project.close()
    kill_imports(project.folder, sounds, np.random.default_rng(kills), kills)
    with Project.open(project.folder) as again:
        bring(again, sounds)
        assert again.counts()[ClipKind.WAKE_WORD] == count
        assert_whole(again)
