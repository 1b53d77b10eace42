"""Whether trainings that differ by luck alone agree on how well the wake word is heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mww_studio.errors import StudioError
from mww_studio.evaluation.operating_point import choose_operating_point
from mww_studio.evaluation.scorecard import Recall, judge
from mww_studio.jobs.examination import HEARD_TEST, HEARD_VALIDATION, read_examination, read_heard
from mww_studio.jobs.spec import TrainSpec, read_spec
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project

MOST_THOROUGH = "max_quality"
"""The preset that leaves least to luck."""


@dataclass(frozen=True)
class Disagreement:
    """What runs of the same recordings and settings, in their order, heard of the same test: more apart than its few
    takes explain. ``thorough``: they were trained as thoroughly as can be already.
    """

    recalls: tuple[Recall, ...]
    thorough: bool


def find_disagreement(project: Project, run_id: str) -> Disagreement | None:
    """How the run and others that differ from it by the seed alone disagree; None where they do not, or it has none.

    Reads little where there is nothing to tell. Never raises for runs that cannot be read: they are left out.
    """
    runs = project.runs()
    own = next((run for run in runs if run.id == run_id), None)
    alike = [run for run in runs if own is not None and run.state is RunState.DONE and run.preset == own.preset]
    if own is None or len({run.seed for run in alike}) < 2:
        return None
    shown = {run.id: recall for run in alike if (recall := _shown(project, run)) is not None}
    if own.id not in shown:
        return None
    if not apart([recall for recall in shown.values() if recall.clips == shown[own.id].clips]):
        return None
    recalls = _of_same_recipe(project, own, [run for run in alike if run.id in shown])
    return Disagreement(tuple(recalls), own.preset == MOST_THOROUGH) if apart(recalls) else None


def apart(recalls: Sequence[Recall]) -> bool:
    """Whether the intervals of the best and the worst do not even touch."""
    return len(recalls) > 1 and max(one.low for one in recalls) > min(one.high for one in recalls)


def _shown(project: Project, run: Run) -> Recall | None:
    try:
        return read_examination(project.run_folder(run.id)).scorecard.recall
    except StudioError:
        return None


def _of_same_recipe(project: Project, own: Run, runs: Sequence[Run]) -> list[Recall]:
    """What each heard at the cut-off that was chosen on validation, whatever somebody chose since."""
    recalls: dict[int, Recall] = {}
    try:
        recipe = _recipe(read_spec(project.run_folder(own.id)))
    except StudioError:
        return []
    for run in runs:
        folder = project.run_folder(run.id)
        try:
            spec = read_spec(folder)
            if _recipe(spec) == recipe:
                recalls[run.seed] = _recall(folder, spec)
        except StudioError:
            continue
    return list(recalls.values())


def _recipe(spec: TrainSpec) -> tuple[object, ...]:
    """All that a training depends on but its seed."""
    clips = tuple((clip.sha256, spec.splits[clip.id]) for clip in spec.clips)
    return spec.preset, spec.start, clips


def _recall(folder: Path, spec: TrainSpec) -> Recall:
    target = spec.preset.training.target_false_accepts_per_hour
    point = choose_operating_point(read_heard(folder / HEARD_VALIDATION), target, spec.preset.export.sliding_windows)
    return judge(read_heard(folder / HEARD_TEST), point.cutoff, point.sliding_window_size, target).recall
