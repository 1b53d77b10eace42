from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mww_studio.evaluation.listening import Heard, HeardAmbience, HeardWord
from mww_studio.evaluation.operating_point import choose_operating_point
from mww_studio.evaluation.scorecard import judge
from mww_studio.jobs import readiness as rooms
from mww_studio.jobs.estimates import expected_s, free_bytes, needed_bytes
from mww_studio.jobs.examination import CLEAN, Examination, mark_tried, write_examination
from mww_studio.jobs.readiness import Ready, graphics_card, next_step, readiness
from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind, NewClip, Problem, Quality, Run, RunState, Style
from mww_studio.project.store import Project

GOOD = Quality(-6.0, -20.0, None, 0.0, 0.0)
BAD = replace(GOOD, problems=(Problem("noisy", "Step closer."),))
STANDARD = load_preset("standard")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "project", "hey willow") as project:
        yield project


def add(
    project: Project,
    count: int,
    kind: ClipKind = ClipKind.WAKE_WORD,
    *,
    speaker: str | None = None,
    quality: Quality = GOOD,
    engine: str | None = None,
    seconds: float = 0.1,
) -> list[int]:
    first = sum(project.counts().values())
    clips = []
    for number in range(first, first + count):
        pcm = np.full(round(seconds * 16000), number, np.int16)
        style = Style.NORMAL if kind is ClipKind.WAKE_WORD else None
        clips.append(NewClip(kind, pcm, str(number), "a.wav", quality, 0.0, 0.1, speaker, engine=engine, style=style))
    return [clip.id for clip in project.add_clips(clips)]


def texts(project: Project) -> list[tuple[str, str]]:
    return [(row.state, row.text.partition("\n")[0]) for row in readiness(project, STANDARD)]


def cures(rows: list[Ready]) -> set[tuple[str, str, str]]:
    return {(row.cure.text, row.cure.page, row.cure.argument) for row in rows if row.cure}


def test_an_empty_project_lacks_everything(project: Project) -> None:
    rows = readiness(project, STANDARD)
    assert texts(project)[:2] == [("bad", "No takes yet"), ("bad", "No other talk and sounds yet")]
    assert cures(rows) == {
        ("Record the first takes", "record", ""),
        ("Record other talk", "record", "speech"),
    }
    assert all(row.state != "bad" for row in rows[2:])


def test_grammar_of_one(project: Project) -> None:
    add(project, 1, speaker="Mia", quality=BAD)
    add(project, 1, speaker="Mia")
    add(project, 6, engine="kokoro:a")
    assert ("warn", "1 good take from 1 person") in texts(project)
    assert ("warn", "Mia has only 1 take") in texts(project)
    assert ("warn", "1 doubtful take waits to be heard") in texts(project)
    assert ("Record with Mia", "record", "Mia") in cures(readiness(project, STANDARD))
    assert ("Hear them", "samples", "doubtful") in cures(readiness(project, STANDARD))


def test_too_few_takes_and_too_few_recordings_stop_it(project: Project) -> None:
    add(project, 3)
    assert texts(project)[0] == ("bad", "Only 3 takes; 6 are needed")
    add(project, 30, speaker="Ann")
    add(project, 1, ClipKind.SPEECH, seconds=70.0)
    states = texts(project)
    assert states[0] == ("ok", "33 good takes from 1 person")
    assert states[1][0] == "bad"
    assert "recordings" in states[1][1]
    add(project, 3, ClipKind.AMBIENCE, seconds=70.0)
    assert "bad" not in {state for state, _ in texts(project)}
    assert ("warn", "5 minutes of other talk and sounds") in texts(project)


def test_takes_of_voices_alone_are_a_warning(project: Project) -> None:
    add(project, 12, engine="kokoro:a")
    assert texts(project)[0] == ("warn", "12 takes by computer voices")


def test_the_disk_is_looked_at(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert free_bytes(project) > 0
    needed = needed_bytes(project, STANDARD)
    assert 0 < needed < needed_bytes(project, load_preset("max_quality"))
    monkeypatch.setattr(rooms, "free_bytes", lambda _: 1000)
    assert ("bad", f"0.0 GB free, {needed / 1e9:.1f} GB needed") in texts(project)


def test_the_graphics_card_is_used_or_it_is_said_why_not() -> None:
    used, reason = graphics_card()
    assert reason.endswith(".")
    assert used == ("does the work" in reason and "graphics card" in reason and "so the processor" not in reason)


def test_a_longer_training_is_expected_to_take_longer(project: Project) -> None:
    add(project, 30)
    expected = [expected_s(project, load_preset(name)) for name in ("fast_test", "standard", "max_quality")]
    assert expected == sorted(expected)
    assert 10 < expected[0] < 300
    run = project.new_run("standard", 0)
    times = '[{"name": "Starting", "wall_s": 10, "cpu_s": 1}, {"name": "Training", "wall_s": 62, "cpu_s": 1}]'
    (project.run_folder(run.id) / "times.json").write_text(times)
    assert expected_s(project, STANDARD) == expected[1]
    project.set_run_state(run.id, RunState.DONE)
    assert expected_s(project, STANDARD) == 72
    (project.run_folder(run.id) / "times.json").write_text("[]")
    assert expected_s(project, STANDARD) == expected[1]


def step(project: Project) -> tuple[str, str, str]:
    found = next_step(project)
    assert found.reason.endswith(".") or found.reason
    return found.page, found.text, found.argument


def test_the_way_to_the_first_training(project: Project) -> None:
    assert step(project) == ("record", "Record the first takes", "")
    project.add_person("Ben", child=False, consent=True)
    assert step(project) == ("record", "Record with Ben", "Ben")
    add(project, 29, speaker="Ben")
    assert next_step(project).reason == "29 of 30 takes are recorded."
    project.add_person("Mia", child=True, consent=True)
    assert step(project) == ("record", "Record with Mia", "Mia")
    add(project, 30, speaker="Mia")
    add(project, 1, speaker="Ben")
    (doubtful,) = add(project, 1, speaker="Ben", quality=BAD)
    assert step(project) == ("samples", "Hear 1 doubtful take", "doubtful")
    project.set_kept([doubtful], True)
    assert step(project) == ("record", "Record other talk", "speech")
    add(project, 1, ClipKind.SPEECH, speaker="someone on the radio", seconds=70.0)
    assert step(project) == ("train", "Train the wake word", "")
    run = project.new_run("standard", 0)
    assert step(project) == ("train", "Wait for the training", "")
    project.set_run_state(run.id, RunState.INTERRUPTED)
    assert step(project) == ("train", "Go on with the training", "")


def heard(detected: dict[str, tuple[int, int]], hours: float, mistakes: int = 0) -> Heard:
    loud, quiet = np.repeat(np.array([0, 255], np.uint8), 50), np.zeros(100, np.uint8)
    words = [
        HeardWord(f"audio/{who}/{number}.wav", loud if number < hits else quiet, 0.0, 2.0, who)
        for who, (hits, takes) in detected.items()
        for number in range(takes)
    ]
    streams = [HeardAmbience(f"talk {n}", loud if n < mistakes else quiet, "television", hours / 10) for n in range(10)]
    return Heard("test", 3, words, streams)


def finish(project: Project, said: Heard) -> Run:
    run = project.new_run("standard", 0)
    point = choose_operating_point(said)
    card = judge(said, 0.97, 5)
    write_examination(
        Examination(operating_point=point, scorecards={CLEAN: card}, arena_bytes=1, remarks=()),
        project.run_folder(run.id),
    )
    project.set_run_state(run.id, RunState.DONE)
    return run


def test_after_a_training_its_verdict_decides(project: Project) -> None:
    add(project, 30, speaker="Mia")
    finish(project, heard({"Mia": (5, 20), "Ben": (20, 20)}, 20))
    assert step(project) == ("record", "Record with Mia", "Mia")
    finish(project, heard({"Mia": (30, 30)}, 20, mistakes=9))
    assert step(project) == ("live", "Try it", "")
    finish(project, heard({"Mia": (30, 30)}, 2, mistakes=9))
    assert step(project) == ("results", "Hear them", "mistakes")
    run = finish(project, heard({"Mia": (30, 30)}, 20))
    assert step(project) == ("live", "Try it", "")
    mark_tried(project.run_folder(run.id))
    assert step(project) == ("deploy", "Put it on the device", "")
    add(project, 1, ClipKind.SPEECH, seconds=70.0)
    add(project, 12, speaker="Mia")
    assert step(project) == ("train", "Train again", "")
    broken = project.new_run("standard", 0)
    project.set_run_state(broken.id, RunState.DONE)
    assert step(project) == ("train", "Train again", "")
