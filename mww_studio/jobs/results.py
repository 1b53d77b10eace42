"""A finished run as a person looks at it: the verdict, everybody's share, what was missed, and what another cut-off
would give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome, Verdict
from mww_studio.errors import StudioError
from mww_studio.evaluation.clips import LEAD_IN_S
from mww_studio.evaluation.detector import cutoff_byte
from mww_studio.evaluation.scorecard import FalseAccept, Scorecard
from mww_studio.jobs.coverage import good_takes
from mww_studio.jobs.delivery import FILES, MODEL, REPORT, examination_at, write_results
from mww_studio.jobs.estimates import expected_s
from mww_studio.jobs.examination import HEARD_TEST, HEARD_VALIDATION, Examination, read_examination, read_heard
from mww_studio.jobs.spec import TrainSpec, read_spec
from mww_studio.jobs.stability import find_disagreement
from mww_studio.jobs.verdict import PersonResult, RunVerdict, VerdictCode, decide, judge_people
from mww_studio.jobs.verify import PROVENANCE
from mww_studio.jobs.what_if import Peak, WhatIf
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Run, RunState, Split
from mww_studio.project.store import Project


@dataclass(frozen=True)
class ClipMoment:
    """A moment in a clip. ``clip``: as it is in the project today, None where it is gone for good.

    ``path``: where its sound is, relative to the project. ``time_s``: seconds of the clip. ``peak``: the highest mean
    over the sliding window there, 0 to 255.
    """

    clip: Clip | None
    path: str
    time_s: float
    peak: float


@dataclass(frozen=True)
class Results:
    """All about a finished run. ``report`` and the people are on the test side, by which nothing was chosen.

    ``validation`` is the side on which a cut-off may be tried out; ``new_takes``: good takes that came since.
    """

    run: Run
    report: Examination
    verdict: RunVerdict
    people: tuple[PersonResult, ...]
    validation: WhatIf
    test: WhatIf
    files: Mapping[str, Path]
    broken_rules: tuple[Verdict, ...]
    new_takes: int
    spec: TrainSpec
    today: Mapping[str, Clip]

    @property
    def conditions(self) -> Mapping[str, Scorecard]:
        """The scorecards by the circumstances in which the takes were heard."""
        return self.report.scorecards

    @property
    def window(self) -> int:
        """The sliding window of the files."""
        return self.report.operating_point.sliding_window_size

    @cached_property
    def cutoff_byte(self) -> int:
        """The cut-off of the files as the device compares with it."""
        return cutoff_byte(self.report.operating_point.cutoff)


def load_results(project: Project, run_id: str) -> Results:
    """Everything about a finished run, in a few tenths of a second.

    Raises StudioError ``project.no_run``, ``results.none``, ``job.spec``, and ``results.old`` for a run of an earlier
    version, which did not keep what its model said.
    """
    run = _find(project, run_id)
    folder = project.run_folder(run_id)
    report, spec = read_examination(folder), read_spec(folder)
    validation, test = (WhatIf(read_heard(folder / name)) for name in (HEARD_VALIDATION, HEARD_TEST))
    people, broken = _people(report, spec), _broken(folder)
    return Results(
        run=run,
        report=report,
        verdict=_decide(project, run_id, report, spec, people, broken),
        people=people,
        validation=validation,
        test=test,
        files=_files(folder),
        broken_rules=broken,
        new_takes=good_takes(project.tallies(ClipKind.WAKE_WORD, since=run.started_at)).total(),
        spec=spec,
        today=_today(project, spec),
    )


def judge_run(project: Project, run_id: str) -> RunVerdict:
    """The verdict on a finished run alone. Raises as :func:`load_results` does, but never ``results.old``."""
    folder = project.run_folder(run_id)
    report, spec = read_examination(folder), read_spec(folder)
    return _decide(project, run_id, report, spec, _people(report, spec), _broken(folder))


def delivered_manifest(project: Project, run_id: str) -> Path | None:
    """The manifest that a finished run wrote beside its model; None where it is not there."""
    return _files(project.run_folder(run_id)).get("manifest")


def missed(results: Results) -> list[ClipMoment]:
    """The test takes that were not heard, and where each came nearest."""
    return _moments(results, results.test.missed(results.cutoff_byte, results.window), lead_in_s=LEAD_IN_S)


def mistakes(results: Results) -> list[ClipMoment]:
    """Where the model woke by mistake on the test side."""
    return _moments(results, results.test.mistakes(results.cutoff_byte, results.window))


def nearest(results: Results, count: int) -> list[ClipMoment]:
    """The sounds on the test side that came nearest to waking the model and did not."""
    return _moments(results, results.test.nearest(count, results.cutoff_byte, results.window))


def takes_of(results: Results, ids: Iterable[str]) -> list[ClipMoment]:
    """The takes that :meth:`~mww_studio.jobs.what_if.WhatIf.flips` names; their times and peaks are 0."""
    return _moments(results, [Peak(id_, "", 0.0, 0.0) for id_ in ids])


def moments_of(results: Results, wrong: Iterable[FalseAccept]) -> list[ClipMoment]:
    """The false accepts that it names; their peaks are 0."""
    return _moments(results, [Peak(one.id, one.source, one.time_s, 0.0) for one in wrong])


def use_cutoff(project: Project, run_id: str, cutoff: float, window: int | None = None) -> None:
    """Give a run another cut-off (and window): its figures on the test side, its report and its files are made anew.

    To undo it, use the former one. Raises StudioError ``results.cutoff`` for one that no device could use, and those
    of :func:`load_results`.
    """
    project.check_writable()
    _find(project, run_id)
    folder = project.run_folder(run_id)
    spec = read_spec(folder)
    write_results(spec, folder, examination_at(folder, cutoff, window), Progress())


@dataclass(frozen=True)
class RunFigures:
    """A run in the list of runs; without results the figures are None."""

    run: Run
    report: Examination | None
    verdict: VerdictCode | None

    @property
    def card(self) -> Scorecard | None:
        """The scorecard on the takes as they are."""
        return self.report.scorecard if self.report else None


def compare(project: Project, run_ids: Sequence[str] | None = None) -> list[RunFigures]:
    """These runs, or all, side by side, in their order. Raises StudioError ``project.no_run``."""
    runs = project.runs() if run_ids is None else [_find(project, id_) for id_ in run_ids]
    return [_figures(project, run) for run in runs]


def _figures(project: Project, run: Run) -> RunFigures:
    if run.state is not RunState.DONE:
        return RunFigures(run, None, None)
    try:
        report = read_examination(project.run_folder(run.id))
    except StudioError:
        return RunFigures(run, None, None)
    people = judge_people(report.scorecard, ())
    return RunFigures(run, report, decide(report.scorecard, people, report.operating_point.target_per_hour).code)


def _people(report: Examination, spec: TrainSpec) -> tuple[PersonResult, ...]:
    learned = {
        clip.speaker
        for clip in spec.clips
        if clip.kind is ClipKind.WAKE_WORD and spec.splits[clip.id] is Split.TRAIN and clip.engine is None
    }
    return tuple(judge_people(report.scorecard, learned))


def _broken(folder: Path) -> tuple[Verdict, ...]:
    return tuple(one for one in check_model(folder / MODEL, ours=True) if one.outcome is Outcome.FAIL)


def _decide(
    project: Project,
    run_id: str,
    report: Examination,
    spec: TrainSpec,
    people: Sequence[PersonResult],
    broken: Sequence[Verdict],
) -> RunVerdict:
    return decide(
        report.scorecard,
        people,
        report.operating_point.target_per_hour,
        test_share=spec.preset.training.test_share,
        broken_rules=len(broken),
        again_s=expected_s(project, spec.preset),
        disagreement=find_disagreement(project, run_id),
    )


def _find(project: Project, run_id: str) -> Run:
    for run in project.runs():
        if run.id == run_id:
            return run
    raise StudioError("project.no_run", f"The project has no run {run_id}.", do="Choose another one.")


def _files(folder: Path) -> dict[str, Path]:
    """What the run wrote, by what it is."""
    files = folder / FILES
    found = {
        "model": sorted(files.glob("*.tflite")),
        "manifest": [path for path in sorted(files.glob("*.json")) if path.name != PROVENANCE],
        "configuration": [path for path in sorted(files.glob("*.yaml")) if path.name != "secrets.yaml"],
        "provenance": [path for path in [files / PROVENANCE] if path.is_file()],
        "report": [path for path in [folder / REPORT / "report.md"] if path.is_file()],
    }
    return {name: paths[0] for name, paths in found.items() if paths}


def _today(project: Project, spec: TrainSpec) -> dict[str, Clip]:
    """The clips that chose and examined, by the path that they had, as they are today."""
    examined = {clip.id: clip for clip in spec.clips if spec.splits[clip.id] is not Split.TRAIN}
    return {
        examined[clip.id].path: clip
        for clip in project.clips_by_id(list(examined))
        if clip.sha256 == examined[clip.id].sha256
    }


def _moments(results: Results, peaks: Iterable[Peak], lead_in_s: float = 0.0) -> list[ClipMoment]:
    moments = []
    for peak in peaks:
        clip = results.today.get(peak.id)
        time_s = max(peak.time_s - lead_in_s, 0.0)
        moments.append(ClipMoment(clip, clip.path if clip else peak.id, time_s, peak.mean))
    return moments
