"""Searching recordings with a real model that wakes at almost anything."""

import functools
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from mined_project import make_project, make_recordings, search
from synthetic_speech import talk

from mww_studio.audio.files import read_audio, write_wav
from mww_studio.errors import Cancelled, StudioError
from mww_studio.evaluation.detector import Detector
from mww_studio.evaluation.runtime import load_runtime
from mww_studio.jobs import mining_scan
from mww_studio.jobs.importing import import_audio
from mww_studio.jobs.mining import mine, plan_mining
from mww_studio.jobs.mining_decisions import decide
from mww_studio.jobs.mining_record import State, read_record, sound_of
from mww_studio.jobs.mining_scan import Ear, HeardPart, Judge, Part, find_moments
from mww_studio.jobs.mining_sources import find_sources, soak_folders
from mww_studio.jobs.planning import sides
from mww_studio.jobs.spec import read_spec
from mww_studio.presets import load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, Split
from mww_studio.project.store import Project

LOAD = functools.cache(load_runtime)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mining")
    make_project(folder / "project")
    make_recordings(folder / "recordings")
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A folder with a project and recordings, to be changed."""
    shutil.copytree(made, tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture(autouse=True)
def proven_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is the same in all tests; to load it takes longer than to listen."""
    monkeypatch.setattr(mining_scan, "load_runtime", LOAD)


class Watch(Progress):
    """Remembers the steps; cancels after some of them."""

    def __init__(self, cancel_after: int = 1_000_000) -> None:
        self.steps: list[dict[str, float | str]] = []
        self.cancel_after = cancel_after

    def step(self, done: int, **figures: float | str) -> None:
        if "heard" in figures:
            self.steps.append({"done": done, **figures})

    def check_cancelled(self) -> None:
        if len(self.steps) >= self.cancel_after:
            raise Cancelled


def test_what_wakes_it_is_found_once_with_where_it_came_from(place: Path) -> None:
    with Project.open(place / "project") as project:
        result = search(project, [place / "recordings"], licence="CC0-1.0")
        found = read_record(project.folder).waiting()
        assert result.files == 2  # one is another's copy
        assert result.hours == pytest.approx((60 + 27.3) / 3600, abs=1e-3)
        assert result.woke == sum(one.woke for one in found) + 1  # one was heard twice
        assert result.alike == 1
        assert [one.woke for one in found] == sorted((one.woke for one in found), reverse=True)
        best = found[0]
        assert best.score > best.cutoff_byte
        assert best.source.startswith("recordings/woken")
        assert best.licence == "CC0-1.0"
        assert best.run == project.runs()[0].id
        assert len(best.content) == 64
        whole, sound = read_audio(Path(best.file)), sound_of(project, best)
        start = round((best.time_s - 1.7) * 16000)
        assert len(sound) == pytest.approx(2.2 * 16000, abs=2)
        assert np.array_equal(sound, whole[start : start + len(sound)])


def test_nothing_is_heard_or_offered_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Project.open(place / "project") as project:
        first = search(project, [place / "recordings"])
        monkeypatch.setattr(Ear, "hear", None)
        moved = place / "elsewhere"
        (place / "recordings").rename(moved)
        again = search(project, [moved])
        assert (again.hours, again.woke, again.files) == (first.hours, first.woke, first.files)
        assert not again.found
        assert again.alike == first.alike + len(first.found)


def test_a_search_that_was_cancelled_goes_on_where_it_was(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mining_scan, "PART_S", 15.0)
    heard: list[Part] = []
    hear = Ear.hear

    def counted(self: Ear, part: Part) -> HeardPart:
        heard.append(part)
        return hear(self, part)

    monkeypatch.setattr(Ear, "hear", counted)
    with Project.open(place / "project") as project:
        with pytest.raises(Cancelled):
            search(project, [place / "recordings"], Watch(cancel_after=2))
        assert len(heard) == 2
        assert not read_record(project.folder).candidates
        watch = Watch()
        search(project, [place / "recordings"], watch)
        assert len(heard) == len(set(heard)) == 6
        assert watch.steps[-1]["heard"] == "0.02 of 0.02 h"
        assert [step["done"] for step in watch.steps] == sorted(int(step["done"]) for step in watch.steps)


def test_parts_are_heard_as_the_whole_is(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Judge(next((place / "project" / "runs").glob("*/model.tflite")), 2, 5, 0.6)
    path = place / "recordings" / "woken.wav"
    whole = Ear(judge).hear(Part(path, "0" * 64, 0, 60.0))
    monkeypatch.setattr(mining_scan, "PART_S", 13.0)
    ear = Ear(judge)
    parts = [ear.hear(Part(path, "0" * 64, number, 13.0)) for number in range(6)]
    assert sum(part.seconds for part in parts) == pytest.approx(whole.seconds) == 60.0
    assert parts[-1].seconds == 0.0
    woken = sorted(event.time_s for event in whole.events if event.woke)
    in_parts = sorted(event.time_s for part in parts for event in part.events if event.woke)
    assert in_parts == pytest.approx(woken, abs=0.1)


def test_moments_are_those_of_the_device() -> None:
    rng = np.random.default_rng(3)
    raw = np.zeros(4000, np.uint8)
    for start in rng.integers(0, 3900, 40):
        raw[start : start + 12] = rng.integers(120, 255)
    judge = Judge(Path(), 200, 5, 0.6)
    detector = Detector(200, 5, 3)
    fired = [n for n, byte in enumerate(raw) if detector.update(int(byte))]
    moments = find_moments(raw, 3, judge)
    assert len([one for one in moments if one[2]]) == len(fired)
    assert all(score > 200 for _, score, woke in moments if woke)
    assert all(score >= 120 for _, score, _ in moments)
    times = sorted(time_s for time_s, _, _ in moments)
    assert min(np.diff(times)) > 0.9


def test_limits_hold_in_all_and_for_each_source(place: Path) -> None:
    with Project.open(place / "project") as project:
        one = search(project, [place / "recordings"], per_source=1)
        assert len({found.content for found in one.found}) == len(one.found) == 2
        assert one.beyond >= 1
    with Project.open(place / "project") as project:
        rest = search(project, [place / "recordings"], limit=1, per_source=5)
        assert len(rest.found) == 1
        assert len(read_record(project.folder).waiting()) == 3


def test_what_cannot_be_read_is_named_and_the_rest_is_heard(place: Path) -> None:
    folder = place / "recordings"
    (folder / "broken.wav").write_bytes(b"RIFF" + bytes(100))
    (folder / "empty.flac").write_bytes(b"")
    (folder / "film.mp4").write_bytes(bytes(2000))
    cut = (folder / "other.wav").read_bytes()
    (folder / "cut.wav").write_bytes(cut[: len(cut) // 2])
    os.mkfifo(place / "pipe.wav")
    with Project.open(place / "project") as project:
        result = search(project, [folder, place / "pipe.wav"])
        named = {Path(one.file).name for one in result.unreadable}
        assert named == {"broken.wav", "empty.flac", "film.mp4", "pipe.wav"}
        assert result.files == 3
        assert "Cannot be read" in result.describe()


def test_wrong_orders_say_what_to_do(place: Path) -> None:
    with Project.open(place / "project") as project:
        (place / "nothing").mkdir()
        for code, order in {
            "mining.nothing": lambda: search(project, [place / "nothing"]),
            "audio.not_found": lambda: search(project, [place / "missing"]),
            "mining.no_run": lambda: plan_mining(project, "20200101-000000", [place]),
        }.items():
            with pytest.raises(StudioError) as error:
                order()
            assert error.value.code == code
            assert error.value.do
        with pytest.raises(StudioError, match="no sound"):
            plan_mining(project, None, [])


def test_a_project_without_a_finished_run_cannot_be_searched_with(tmp_path: Path) -> None:
    with Project.create(tmp_path / "new", "kosita") as project, pytest.raises(StudioError) as error:
        plan_mining(project, None, [tmp_path])
    assert error.value.code == "mining.no_run"


def own_talk(project: Project) -> dict[Split, list[int]]:
    side = sides(project, project.clips(), load_preset("fast_test"))
    others = project.clips(ClipKind.SPEECH)
    return {split: [clip.id for clip in others if side[clip.id] is split] for split in Split}


def test_sounds_that_examine_are_left_alone_unless_asked_for(place: Path) -> None:
    with Project.open(place / "project") as project:
        preset = read_spec(project.run_folder(project.runs()[0].id)).preset
        import_audio(project, [place / "recordings"], ClipKind.SPEECH, speaker=None, progress=Progress())
        there = own_talk(project)
        assert all(there.values())

        def heard(*paths: Path, own: bool, examining: bool) -> set[int]:
            found = find_sources(project, preset, list(paths), Progress(), own=own, examining=examining)
            assert not found.unreadable
            return {source.clip.id if source.clip else 0 for source in found.sources}

        everything = {id_ for ids in there.values() for id_ in ids}
        assert heard(own=True, examining=False) == set(there[Split.TRAIN])
        assert heard(own=True, examining=True) == everything
        # The same files by another way are still the same sounds.
        again = heard(place / "recordings", own=False, examining=False)
        assert again <= set(there[Split.TRAIN])
        takes = find_sources(project, preset, [project.folder], Progress(), own=False, examining=False)
        assert {source.clip.id for source in takes.sources if source.clip} == set(there[Split.TRAIN])
        assert any("wake word" in one.reason for one in takes.left_out)
        assert any("examines" in one.reason for one in takes.left_out)


def test_what_is_accepted_from_an_examining_sound_makes_it_teach(place: Path) -> None:
    with Project.open(place / "project") as project:
        import_audio(project, [place / "recordings"], ClipKind.SPEECH, speaker=None, progress=Progress())
        tested = own_talk(project)[Split.TEST]
        search(project, [], own=True, examining=True)
        found = [one for one in read_record(project.folder).waiting() if one.clip in tested]
        assert found
        assert all(one.examines for one in found)
        decide(project, {found[0].id: State.ACCEPTED})
        after = own_talk(project)
        assert found[0].clip in after[Split.TRAIN]


def test_what_the_live_test_kept_can_be_searched(place: Path) -> None:
    with Project.open(place / "project") as project:
        assert not soak_folders(project)
        woken = read_audio(place / "recordings" / "woken.wav")
        soak = project.run_folder(project.runs()[0].id) / "soak" / "2026-01-01-220000"
        soak.mkdir(parents=True)
        at = round(16.4 * 16000)
        write_wav(soak / "woke-1.wav", woken[at - 3 * 16000 : at])
        result = search(project, soak_folders(project))
        (found,) = read_record(project.folder).waiting()
        assert result.woke == 1
        assert found.time_s == pytest.approx(3.0, abs=0.4)


def test_a_new_run_drops_what_waits_of_an_old_one(place: Path) -> None:
    with Project.open(place / "project") as project:
        search(project, [place / "recordings"])
        first, second, *_ = read_record(project.folder).waiting()
        decide(project, {first.id: State.REJECTED})
        run = project.runs()[0].id
        kept = project.folder / "mining" / "candidates.json"
        kept.write_text(kept.read_text().replace(run, "an-older-one"))
        search(project, [place / "recordings"])
        record = read_record(project.folder)
        assert {one.run for one in record.waiting()} == {run}
        assert first.id in {one.id for one in record.candidates}
        assert second.id not in {one.id for one in record.candidates}


def test_takes_of_the_word_are_told_from_other_sounds(place: Path) -> None:
    with Project.open(place / "project") as project:
        takes = [read_audio(project.folder / clip.path) for clip in project.clips(ClipKind.WAKE_WORD)[:2]]
        said = np.concatenate([talk(4.0, 70), takes[0], talk(4.0, 71), takes[1]])
        write_wav(place / "said.wav", said)
        search(project, [place / "said.wav", place / "recordings"])
        for one in read_record(project.folder).waiting():
            if one.maybe_word:
                assert one.source.endswith("said.wav")


@pytest.mark.slow
def test_the_worker_searches_in_several_processes(place: Path) -> None:
    long = np.tile(read_audio(place / "recordings" / "woken.wav"), 45)
    write_wav(place / "long.wav", long)
    with Project.open(place / "project") as project:
        spec = plan_mining(project, None, [place / "long.wav"], per_source=5)
        watch = Watch()
        result = mine(project, spec, watch)
        assert result.hours == pytest.approx(0.75, abs=1e-3)
        assert result.woke >= 45
        assert 1 <= len(result.found) <= 5
        assert watch.steps
        assert json.loads((project.folder / "mining" / "candidates.json").read_text())["last_id"] == len(result.found)
