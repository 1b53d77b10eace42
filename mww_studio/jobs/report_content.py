"""What the evaluation report of a run says, gathered from its results: nothing is measured twice."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from mww_studio.constitution.articles import law
from mww_studio.evaluation.calibration import measure_separation, scores_of
from mww_studio.evaluation.html_report_content import HtmlReport, Moment
from mww_studio.jobs.delivery import NOISY
from mww_studio.jobs.examination import HEARD_NOISE, HEARD_TEST, read_heard
from mww_studio.jobs.report_comparison import CONDITIONS, Examined, compare_runs
from mww_studio.jobs.report_facts import describe_data
from mww_studio.jobs.report_groups import group_takes
from mww_studio.jobs.report_untested import find_untested
from mww_studio.jobs.results import ClipMoment, Results, load_results, missed, mistakes, nearest
from mww_studio.jobs.verdict import VerdictCode
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Run
from mww_studio.project.store import Project

_NEAREST = 10
_AUDIO = ("audio/", "trash/")
_DAY = "%Y-%m-%d %H:%M"
_TONES = {
    VerdictCode.READY: "ok",
    VerdictCode.RULES: "bad",
    VerdictCode.PERSON: "warn",
    VerdictCode.MISTAKES: "warn",
    VerdictCode.FEW: "info",
    VerdictCode.HOURS: "info",
    VerdictCode.UNSTABLE: "info",
}


def gather(
    project: Project, run_id: str, compare: Sequence[str], beside: Path, made_on: datetime, progress: Progress
) -> HtmlReport:
    """All that the report of a run says, with links that lead from the folder ``beside`` to the sounds.

    Raises what :func:`~mww_studio.jobs.results.load_results` raises, and Cancelled.
    """
    progress.phase("Reading what the model said", 1 + len(compare))
    own, *others = (_examined(project, one, number, progress) for number, one in enumerate([run_id, *compare], start=1))
    results = own.results
    sounds = Sounds(project.folder, beside)
    progress.phase("Measuring")
    separation = measure_separation(scores_of(own.heard, results.window), results.cutoff_byte)
    progress.check_cancelled()
    comparisons = []
    progress.phase("Comparing", len(others))
    for number, other in enumerate(others, start=1):
        comparisons.append(compare_runs(own, other, sounds.examined))
        progress.step(number)
        progress.check_cancelled()
    return HtmlReport(
        wake_word=results.spec.wake_word,
        run_name=own.name,
        run_about=own.about,
        made_on=made_on.strftime(_DAY),
        tone=_TONES[results.verdict.code],
        verdict_title=results.verdict.title,
        verdict_text=results.verdict.text,
        remarks=results.report.remarks,
        operating_point=results.report.operating_point,
        conditions={CONDITIONS.get(name, name): card for name, card in results.conditions.items()},
        separation=separation,
        delays_s=tuple(results.test.delays_s(results.cutoff_byte, results.window)),
        groupings=group_takes(results, own.heard),
        missed=sounds.moments(missed(results)),
        mistakes=sounds.moments(mistakes(results)),
        nearest=sounds.moments(nearest(results, _NEAREST)),
        comparisons=tuple(comparisons),
        facts=describe_data(results),
        untested=tuple(find_untested(project, results)),
    )


class Sounds:
    """Names the clips of a project, and says where they are beside the page."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self._folder, self._beside = folder.resolve(), beside.resolve()

    def moments(self, found: Sequence[ClipMoment]) -> tuple[Moment, ...]:
        """Moments in clips as they are today."""
        return tuple(self._moment(one.clip, one.path, one.time_s, one.peak) for one in found)

    def examined(self, results: Results, path: str) -> Moment:
        """A clip by the path that it had when it examined, from its beginning."""
        clip = results.today.get(path)
        return self._moment(clip, clip.path if clip else path, 0.0, None)

    def _moment(self, clip: Clip | None, path: str, time_s: float, peak: float | None) -> Moment:
        sure = None if peak is None else peak / law().detection.cutoff_multiplier
        return Moment(
            name=clip_name(clip, path), about=_about(clip), time_s=time_s, certainty=sure, link=self._link(path)
        )

    def _link(self, path: str) -> str | None:
        """A link to a file of the project, such as a browser follows from a page in the other folder."""
        place = self._folder / path
        if not place.is_file():
            return None
        try:
            relative = Path(os.path.relpath(place, self._beside)).as_posix()
        except ValueError:  # on another drive of Windows
            return place.as_uri()
        return quote(os.fsencode(relative if relative.startswith("../") else f"./{relative}"))


def clip_name(clip: Clip | None, path: str) -> str:
    """What a clip is called: its file where it came from one, else its number; a part of a published set by its id."""
    if clip is None:
        return path.rpartition("/")[2] if path.startswith(_AUDIO) else path
    if "/" in clip.source:
        return clip.source.rpartition("/")[2]
    return f"take {clip.id}" if clip.kind is ClipKind.WAKE_WORD else f"recording {clip.id}"


def _about(clip: Clip | None) -> str:
    if clip is None:
        return ""
    return ", ".join(part for part in (clip.speaker or clip.engine, clip.style) if part)


def _examined(project: Project, run_id: str, number: int, progress: Progress) -> Examined:
    results = load_results(project, run_id)
    folder = project.run_folder(run_id)
    noisy = read_heard(folder / HEARD_NOISE) if NOISY in results.conditions else None
    progress.step(number)
    progress.check_cancelled()
    name = f"Run {[run.id for run in project.runs()].index(run_id) + 1}"
    return Examined(name, _described(results.run), results, read_heard(folder / HEARD_TEST), noisy)


def _described(run: Run) -> str:
    return f"{run.id} · preset {run.preset}, seed {run.seed}, trained {run.started_at.astimezone().strftime(_DAY)}"
