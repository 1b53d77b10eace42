"""The report of runs that were examined with an official model, on what was made of them by hand."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from finished_run import finish_run
from synthetic_project import fill
from synthetic_speech import word

from mww_studio.cli import main
from mww_studio.errors import Cancelled, StudioError
from mww_studio.evaluation.html_report_content import HtmlReport
from mww_studio.export.provenance import Provenance, SoundSet
from mww_studio.jobs.delivery import examination_at
from mww_studio.jobs.examination import (
    HEARD_TEST,
    read_heard,
    write_examination,
    write_heard,
)
from mww_studio.jobs.report import ReportSpec, do_job, plan_report
from mww_studio.jobs.results import load_results
from mww_studio.jobs.spec import write_spec
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, NewClip, Quality, Split, Style, pcm_sha256
from mww_studio.project.store import Project

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two runs on the same clips: the newer one hears one take more, and wakes once by mistake."""
    folder = tmp_path_factory.mktemp("report") / "a project"
    with Project.create(folder, "kosita") as project:
        fill(project, takes=24, talks=6)
        for number in range(6):
            said = word(7, 50 + number)
            quality = Quality(-6.0, -20.0, (40.0, 20.0, 5.0)[number % 3], 0.0, 0.0)
            project.add_clips(
                [
                    NewClip(
                        ClipKind.WAKE_WORD,
                        said.pcm,
                        pcm_sha256(said.pcm),
                        f"/somewhere/{HOSTILE.replace('/', '')}.wav",
                        quality,
                        said.start_s,
                        said.end_s,
                        speaker=HOSTILE,
                        style=(Style.FAR, Style.NORMAL)[number % 2],
                    )
                ]
            )
        for missing in (2, 1):
            run = finish_run(project)
            peaks(project, run.id, missing, mistakes=missing == 1)
    return folder


def peaks(project: Project, run_id: str, missing: int, *, mistakes: bool) -> None:
    """Let so many takes be missed, and the first recording of talk wake the model or not."""
    folder = project.run_folder(run_id)
    heard = read_heard(folder / HEARD_TEST)
    words, streams = [], []
    for number, one in enumerate(heard.words):
        outputs = np.zeros_like(one.probabilities)
        outputs[-20:-10] = 240 if number >= missing else 150
        words.append(replace(one, probabilities=outputs))
    for number, stream in enumerate(heard.ambience):
        outputs = np.zeros_like(stream.probabilities)
        outputs[-110:-100] = 240 if mistakes and not number else 100
        streams.append(replace(stream, probabilities=outputs))
    write_heard(replace(heard, words=words, ambience=streams), folder / HEARD_TEST)
    write_examination(examination_at(folder, 0.9), folder)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(Path(shutil.copytree(made, tmp_path / "my project"))) as project:
        yield project


def report_of(spec: ReportSpec, tmp_path: Path) -> tuple[HtmlReport, str]:
    """The report as the worker makes it, in this process."""
    folder = tmp_path / "work"
    folder.mkdir(exist_ok=True)
    write_spec(spec, folder)
    assert do_job(folder, Progress()) == {"report": str(spec.out), "run": spec.run}
    return HtmlReport.model_validate_json((folder / "content.json").read_bytes()), spec.out.read_text(encoding="utf-8")


def test_the_report_says_what_the_results_say(project: Project, tmp_path: Path) -> None:
    run = project.runs()[-1]
    results = load_results(project, run.id)
    report, page = report_of(plan_report(project), tmp_path)
    assert report.run_name == "Run 2"
    assert run.id in report.run_about
    assert (report.verdict_title, report.verdict_text) == (results.verdict.title, results.verdict.text)
    assert report.conditions["as recorded"] == results.report.scorecard
    assert report.operating_point == results.report.operating_point
    assert (len(report.missed), len(report.mistakes)) == (1, 1)
    assert report.separation is not None
    assert report.separation.takes == results.report.scorecard.recall.clips
    assert report.separation.dot.takes == results.report.scorecard.recall.recall
    assert len(report.delays_s) == results.report.scorecard.recall.detected
    assert report.comparisons == ()
    assert "<script" not in page
    assert "kosita" in page


def test_takes_are_parted_by_person_style_distance_and_background(project: Project, tmp_path: Path) -> None:
    report, _ = report_of(plan_report(project), tmp_path)
    results = load_results(project, project.runs()[-1].id)
    tested = [clip for clip in results.spec.clips if results.spec.splits[clip.id] is Split.TEST]
    takes = [clip for clip in tested if clip.kind is ClipKind.WAKE_WORD]
    missed = set(results.report.scorecard.missed)
    people, *parted = report.groupings
    assert {group.name for group in people.groups} == {clip.speaker for clip in takes}
    for grouping in report.groupings:
        assert sum(group.recalls[0].clips for group in grouping.groups) == len(takes)
        assert sum(group.recalls[0].detected for group in grouping.groups) == len(takes) - len(missed)
    assert len({clip.style for clip in takes}) == 1 or "How it was said" in {one.title for one in parted}


def test_links_lead_to_the_sounds_wherever_the_page_is(project: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where" / "deep"
    for out in (None, elsewhere / "my report.HTML"):
        spec = plan_report(project, out=out)
        report, _ = report_of(spec, tmp_path)
        for moment in (*report.missed, *report.mistakes, *report.nearest):
            assert moment.link is not None
            assert (spec.out.parent / unquote(moment.link)).resolve().is_file()
    (wrong,) = report.mistakes
    assert wrong.time_s > 10
    project.trash_clips([clip.id for clip in project.clips() if clip.kind is ClipKind.SPEECH])
    report, _ = report_of(spec, tmp_path)
    assert "trash" in str(report.mistakes[0].link)
    project.empty_trash()
    report, page = report_of(spec, tmp_path)
    assert report.mistakes[0].link is None
    assert "its sound is not kept here" in page


def test_facts_and_gaps_are_named(project: Project, tmp_path: Path) -> None:
    project.add_person("Mia", child=True, consent=True)
    report, _ = report_of(plan_report(project), tmp_path)
    rows = {row[0]: row[1:] for table in report.facts for row in table.rows}
    assert rows["seed"] == ("0",)
    assert rows["preset"] == ("fast_test",)
    assert rows["not stated"] == ("6 clips, 0.00 h",)
    assert rows["CC0-1.0"][0].startswith("30 clips")
    assert "tensorflow" in rows
    untested = " ".join(report.untested)
    assert "Children" in untested
    assert "over noise" in untested
    assert "microphone" in untested
    assert "wakes by mistake an hour" in untested


def test_runs_on_the_same_clips_are_compared(project: Project, tmp_path: Path) -> None:
    older, newer = (run.id for run in project.runs())
    report, _ = report_of(plan_report(project, newer, [older, newer, older]), tmp_path)
    (one,) = report.comparisons
    assert (one.other_name, one.same_test, one.differences) == ("Run 1", True, ())
    (paired,) = one.takes
    assert (paired.takes.only_first, paired.takes.only_second) == (0, 1)
    assert paired.takes.difference > 0
    assert one.mistakes is not None
    assert (one.mistakes.only_first, one.mistakes.only_second) == (0, 1)
    assert len(one.only_own) == 1
    assert one.only_own[0].link is not None
    assert one.only_other == ()
    card = report.conditions["as recorded"]
    assert one.own is not None
    assert (one.own.recall, one.own.false_accepts) == (card.recall, card.false_accepts)


def test_runs_on_other_clips_are_compared_on_what_both_have(project: Project, tmp_path: Path) -> None:
    older, newer = (run.id for run in project.runs())
    path = project.run_folder(older) / HEARD_TEST
    heard = read_heard(path)
    write_heard(replace(heard, words=heard.words[1:], ambience=[]), path)
    report, page = report_of(plan_report(project, newer, [older]), tmp_path)
    (one,) = report.comparisons
    assert not one.same_test
    assert len(one.differences) == 2
    assert f"{len(heard.words) - 1} takes examined both; 1 take examined Run 2 alone" in one.differences[0]
    assert "cannot be compared" in page
    assert one.own is not None
    assert one.own.recall.clips == one.takes[0].takes.takes == len(heard.words) - 1
    assert one.mistakes is None
    write_heard(replace(heard, words=[], ambience=[]), path)
    report, page = report_of(plan_report(project, newer, [older]), tmp_path)
    assert report.comparisons[0].own is None
    assert "nothing to compare" in page


def test_what_cannot_be_reported_is_said(project: Project, tmp_path: Path) -> None:
    runs = [run.id for run in project.runs()]
    for run, compare in (("never", []), (runs[0], ["never"])):
        with pytest.raises(StudioError) as caught:
            plan_report(project, run, compare)
        assert caught.value.code == "report.no_run"
        assert runs[0] in caught.value.do
    (tmp_path / "file").touch()
    for out in (tmp_path / "report.txt", tmp_path, tmp_path / "file" / "report.html"):
        with pytest.raises(StudioError) as caught:
            plan_report(project, out=out)
        assert caught.value.code == "report.file"
    with Project.create(tmp_path / "empty", "kosita") as empty, pytest.raises(StudioError) as caught:
        plan_report(empty)
    assert "Train first" in caught.value.do
    spec = plan_report(project)
    spec.out.mkdir()
    with pytest.raises(StudioError) as caught:
        report_of(spec, tmp_path)
    assert caught.value.code == "report.file"


class Stops(Progress):
    """Wants the work to stop."""

    def check_cancelled(self) -> None:
        raise Cancelled


def test_it_can_be_cancelled(project: Project, tmp_path: Path) -> None:
    spec = plan_report(project, out=tmp_path / "report.html")
    write_spec(spec, tmp_path)
    with pytest.raises(Cancelled):
        do_job(tmp_path, Stops())
    assert not spec.out.exists()


def test_the_command_makes_it_in_a_worker(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older, newer = (run.id for run in project.runs())
    out = tmp_path / "out" / "report.html"
    arguments = ["report", str(project.folder), "--run", newer, "--compare", older, "--out", str(out), "--json"]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["report"], told["run"]) == (str(out), newer)
    assert told["content"]["comparisons"][0]["other_name"] == "Run 1"
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert main(["report", str(project.folder), "--run", "never"]) == 1
    assert "report.no_run" in capsys.readouterr().err


def test_sound_sets_are_named_with_their_licences_and_cannot_be_played(project: Project, tmp_path: Path) -> None:
    run = project.runs()[-1]
    folder = project.run_folder(run.id)
    heard = read_heard(folder / HEARD_TEST)
    write_heard(
        replace(heard, ambience=[replace(heard.ambience[0], id="dinner/3", source="dinner")]), folder / HEARD_TEST
    )
    write_examination(examination_at(folder, 0.9), folder)
    path = load_results(project, run.id).files["provenance"]
    provenance = Provenance.model_validate_json(path.read_bytes())
    dinner = SoundSet(
        name="dinner",
        title="Dinner party",
        licence="CC-BY-NC-4.0",
        non_commercial=True,
        source="https://example.org/dinner.zip",
        sha256=None,
        hours=5.0,
    )
    path.write_text(provenance.model_copy(update={"sound_sets": (dinner,)}).model_dump_json(), encoding="utf-8")
    report, page = report_of(plan_report(project), tmp_path)
    (wrong,) = report.mistakes
    assert (wrong.name, wrong.link) == ("dinner/3", None)
    (table,) = (one for one in report.facts if one.title == "Sets of other sound")
    assert table.rows == (("Dinner party", "CC-BY-NC-4.0, not for sale", "5.0", "https://example.org/dinner.zip"),)
    assert 'href="https' not in page
