"""Results of a run that was examined with an official model, and of what was made of it by hand."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from finished_run import finish_run
from synthetic_project import fill

from mww_studio.errors import StudioError
from mww_studio.evaluation.detector import byte_cutoff
from mww_studio.evaluation.listening import Heard
from mww_studio.jobs.examination import (
    HEARD_NOISE,
    HEARD_TEST,
    HEARD_VALIDATION,
    read_examination,
    read_heard,
    write_heard,
)
from mww_studio.jobs.mistakes import cut_mistake
from mww_studio.jobs.planning import sides
from mww_studio.jobs.results import (
    Results,
    compare,
    load_results,
    missed,
    mistakes,
    moments_of,
    nearest,
    takes_of,
    use_cutoff,
)
from mww_studio.jobs.trace import trace
from mww_studio.jobs.verdict import VerdictCode
from mww_studio.presets import load_preset
from mww_studio.project.records import ClipKind, Run, RunState, Split
from mww_studio.project.store import Project

PEAK = 240


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run whose model answers to most takes, and now and then by mistake."""
    folder = tmp_path_factory.mktemp("results") / "project"
    with Project.create(folder, "kosita") as project:
        fill(project, takes=24, talks=6)
        run = finish_run(project)
        for name in (HEARD_VALIDATION, HEARD_TEST):
            path = project.run_folder(run.id) / name
            write_heard(_with_peaks(read_heard(path)), path)
        use_cutoff(project, run.id, 0.9)
    return folder


def _with_peaks(heard: Heard) -> Heard:
    """Every take but the first is heard; the first recording of talk wakes it three seconds before its end."""
    words = []
    for number, word in enumerate(heard.words):
        outputs = np.zeros_like(word.probabilities)
        outputs[-20:-10] = PEAK if number else 150
        words.append(replace(word, probabilities=outputs))
    streams = []
    for number, stream in enumerate(heard.ambience):
        outputs = np.zeros_like(stream.probabilities)
        outputs[-110:-100] = 100 if number else PEAK
        streams.append(replace(stream, probabilities=outputs))
    return replace(heard, words=words, ambience=streams)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(Path(shutil.copytree(made, tmp_path / "project"))) as project:
        yield project


@pytest.fixture
def run(project: Project) -> Run:
    return project.runs()[-1]


@pytest.fixture
def results(project: Project, run: Run) -> Results:
    return load_results(project, run.id)


def test_all_about_a_run_is_loaded(project: Project, run: Run, results: Results) -> None:
    assert results.run == run
    assert results.report == read_examination(project.run_folder(run.id))
    assert set(results.files) == {"model", "manifest", "configuration", "provenance", "report"}
    assert all(path.is_file() for path in results.files.values())
    assert results.broken_rules == ()
    card = results.report.scorecard
    point = results.test.at(results.cutoff_byte, results.window)
    assert (point.heard, point.takes) == (card.recall.detected, card.recall.clips)
    assert point.false_accepts == card.false_accepts.false_accepts == 1
    assert sum(person.takes for person in results.people) == card.recall.clips
    assert results.verdict.code in set(VerdictCode)
    assert results.conditions.keys() >= {"clean"}
    assert results.new_takes == 0
    learned = {c.speaker for c in results.spec.clips if results.spec.splits[c.id] is Split.TRAIN}
    assert all(person.known_voice == (person.name in learned) for person in results.people)


def test_the_moments_name_todays_clips(project: Project, results: Results) -> None:
    (lost,) = missed(results)
    assert lost.clip is not None
    assert results.spec.splits[lost.clip.id] is Split.TEST
    assert (lost.path, round(lost.peak)) == (lost.clip.path, 150)
    assert 0 < lost.time_s < lost.clip.duration_s + 1.5
    (wrong,) = mistakes(results)
    assert wrong.clip is not None
    assert wrong.time_s == pytest.approx(wrong.clip.duration_s - 3.2, abs=0.3)
    assert round(wrong.peak) == PEAK
    near = nearest(results, 3)
    assert all(round(moment.peak) == 100 for moment in near)
    assert wrong.path not in {moment.path for moment in near}
    project.trash_clips([lost.clip.id])
    project.trash_clips([wrong.clip.id])
    project.relabel([near[0].clip.id] if near and near[0].clip else [], ClipKind.AMBIENCE)
    again = load_results(project, results.run.id)
    (lost,) = missed(again)
    assert lost.path.startswith("trash/")
    assert (project.folder / lost.path).is_file()
    project.empty_trash()
    (gone,) = mistakes(load_results(project, results.run.id))
    assert gone.clip is None


def test_what_another_cutoff_flips_can_be_played(results: Results) -> None:
    changed = results.test.flips(results.cutoff_byte, 120, results.window)
    assert [moment.path for moment in takes_of(results, changed.newly_heard)] == [missed(results)[0].path]
    back = results.test.flips(results.cutoff_byte, 250, results.window)
    (quiet,) = moments_of(results, back.gone_false_accepts)
    assert quiet.path == mistakes(results)[0].path
    assert quiet.time_s == mistakes(results)[0].time_s


def test_another_cutoff_is_used_and_undone(project: Project, run: Run, results: Results) -> None:
    manifest = results.files["manifest"]
    before = {path: path.read_bytes() for path in (manifest, results.files["model"])}
    use_cutoff(project, run.id, byte_cutoff(120))
    after = load_results(project, run.id)
    assert after.cutoff_byte == 120
    assert missed(after) == []
    assert after.report.scorecard.recall.detected == results.report.scorecard.recall.detected + 1
    assert "by hand" in after.report.operating_point.sentence
    assert int(255 * json.loads(manifest.read_text())["micro"]["probability_cutoff"]) == 120
    assert after.conditions.keys() == results.conditions.keys()
    use_cutoff(project, run.id, results.report.operating_point.cutoff)
    assert {path: path.read_bytes() for path in before} == before
    assert load_results(project, run.id).report.scorecards == results.report.scorecards


@pytest.mark.parametrize("cutoff", [0.0, 1.0, -1.0])
def test_a_cutoff_that_no_device_can_use_changes_nothing(project: Project, run: Run, cutoff: float) -> None:
    before = read_examination(project.run_folder(run.id))
    with pytest.raises(StudioError) as caught:
        use_cutoff(project, run.id, cutoff)
    assert caught.value.code == "results.cutoff"
    assert read_examination(project.run_folder(run.id)) == before


@pytest.mark.usefixtures("run")
def test_a_reader_cannot_use_another_cutoff(project: Project) -> None:
    with Project.open(project.folder, read_only=True) as reader, pytest.raises(StudioError) as caught:
        use_cutoff(reader, reader.runs()[-1].id, 0.5)
    assert caught.value.code == "project.read_only"


def test_an_old_run_says_to_train_again(project: Project, run: Run) -> None:
    for name in (HEARD_VALIDATION, HEARD_TEST, HEARD_NOISE):
        (project.run_folder(run.id) / name).unlink(missing_ok=True)
    for use in (lambda: load_results(project, run.id), lambda: use_cutoff(project, run.id, 0.5)):
        with pytest.raises(StudioError) as caught:
            use()
        assert caught.value.code == "results.old"
        assert "Train again" in caught.value.do
    with pytest.raises(StudioError) as caught:
        load_results(project, "never")
    assert caught.value.code == "project.no_run"


def test_runs_are_compared(project: Project, run: Run) -> None:
    failed = project.new_run("standard", 1)
    project.set_run_state(failed.id, RunState.FAILED, "no memory")
    first, second = compare(project)
    assert first.run == run
    assert first.card == read_examination(project.run_folder(run.id)).scorecard
    assert first.verdict is not None
    assert (second.run.id, second.card, second.verdict) == (failed.id, None, None)
    assert [row.run.id for row in compare(project, [failed.id])] == [failed.id]


def test_a_closer_look_at_a_take(project: Project, run: Run, results: Results) -> None:
    take = project.clips(ClipKind.WAKE_WORD)[0]
    look = trace(project, run, take)
    assert look.features.shape[1] == 40
    assert len(look.features) == 3 * len(look.raw)
    assert len(look.raw) == len(look.mean) == len(look.times_s)
    assert (look.cutoff_byte, look.window) == (results.cutoff_byte, results.window)
    assert look.start_s == pytest.approx(-0.3, abs=0.05)
    assert look.end_s == pytest.approx(take.duration_s + 1.0, abs=0.1)
    np.testing.assert_allclose(look.mean[10:], [look.raw[n - 4 : n + 1].mean() for n in range(10, len(look.raw))])
    assert trace(project, run, take, 8).window == 8


def test_a_closer_look_is_what_was_examined(project: Project, run: Run, made: Path) -> None:
    talk = next(c for c in project.clips(ClipKind.SPEECH))
    whole = trace(project, run, talk)
    assert whole.start_s == 0.0
    assert whole.end_s == pytest.approx(talk.duration_s, abs=0.1)
    part = trace(project, run, talk, around_s=10.0)
    assert part.start_s == pytest.approx(7.0, abs=0.05)
    assert part.end_s == pytest.approx(11.5, abs=0.05)
    begin = int(np.searchsorted(whole.times_s, part.times_s[0]))
    np.testing.assert_array_equal(part.raw, whole.raw[begin : begin + len(part.raw)])
    np.testing.assert_allclose(part.times_s, whole.times_s[begin : begin + len(part.raw)])
    assert made != project.folder


def test_a_mistake_becomes_something_to_learn_and_no_longer_examines(project: Project, results: Results) -> None:
    (wrong,) = mistakes(results)
    assert wrong.clip is not None
    (near,) = project.add_clips([cut_mistake(project, wrong.clip, wrong.time_s)])
    assert (near.kind, near.origin, near.recording) == (ClipKind.NEAR, wrong.clip.id, wrong.clip.recording)
    assert 1.5 < near.duration_s < 2.5
    assert near.speech_start_s is not None
    assert near.speech_end_s is not None
    assert 0 <= near.speech_start_s < near.speech_end_s <= near.duration_s
    split = sides(project, project.clips(), load_preset("fast_test"))
    assert split[near.id] is split[wrong.clip.id] is Split.TRAIN
    with pytest.raises(StudioError) as caught:
        cut_mistake(project, wrong.clip, 999.0)
    assert caught.value.code == "mistakes.outside"
    early = cut_mistake(project, wrong.clip, 0.2)
    assert early.speech_start_s == 0.0
