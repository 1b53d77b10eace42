"""What the Results page asks for in another thread: a run with its lists, a preview, the rules, the report as files."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from mww_studio.constitution.verdicts import Verdict
from mww_studio.errors import StudioError
from mww_studio.evaluation.pairing import unmatched
from mww_studio.evaluation.scorecard import FalseAccept
from mww_studio.jobs import results as jobs_results
from mww_studio.jobs.results import ClipMoment, Results, load_results, moments_of, takes_of
from mww_studio.jobs.verify import verify_file
from mww_studio.project.records import RunState
from mww_studio.project.store import Project
from mww_studio.ui.pages.results_clips import MISSED, MISTAKES, NEAREST
from mww_studio.ui.pages.results_whatif import Preview

_NEAREST = 5


@dataclass(frozen=True)
class Loaded:
    """A finished run: its number in the list of all, what it measured, and the sounds worth hearing."""

    number: int
    results: Results
    lists: dict[str, tuple[ClipMoment, ...]]
    others: tuple[str, ...]

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return self.results.run.id


def load(project: Project, run_id: str) -> Loaded | None:
    """A finished run, or the newest where ``run_id`` is empty or not finished; None before the first.

    Raises StudioError where its results cannot be read.
    """
    runs = project.runs()
    finished = [run.id for run in runs if run.state is RunState.DONE]
    if not finished:
        return None
    chosen = run_id if run_id in finished else finished[-1]
    found = load_results(project, chosen)
    lists = {
        MISSED: tuple(jobs_results.missed(found)),
        MISTAKES: tuple(jobs_results.mistakes(found)),
        NEAREST: _nearest(found),
    }
    number = [run.id for run in runs].index(chosen) + 1
    return Loaded(number, found, lists, tuple(id_ for id_ in finished if id_ != chosen))


def _nearest(found: Results) -> tuple[ClipMoment, ...]:
    """The sounds that came nearest. What was above the cut-off and woke nothing came while the device was deaf."""
    near = jobs_results.nearest(found, 2 * _NEAREST)
    return tuple(moment for moment in near if moment.peak <= found.cutoff_byte)[:_NEAREST]


def load_two(project: Project, run_ids: tuple[str, str]) -> tuple[Loaded, Loaded]:
    """Two finished runs. Raises StudioError where one is not there."""
    older, newer = (load(project, run_id) for run_id in run_ids)
    if older is None or newer is None:
        raise StudioError("results.none", "There are no two finished runs to compare.", do="Train again.")
    return older, newer


def preview(results: Results, byte: int, window: int) -> Preview:
    """What another cut-off and window would give on the takes kept aside for choosing."""
    side = results.validation
    before, after = (results.cutoff_byte, results.window), (byte, window)
    missed_before, missed_after = (tuple(peak.id for peak in side.missed(*setting)) for setting in (before, after))
    woke_before, woke_after = (
        [FalseAccept(id=peak.id, source=peak.source, time_s=peak.time_s) for peak in side.mistakes(*setting)]
        for setting in (before, after)
    )
    return Preview(
        now=side.at(*before),
        chosen=side.at(*after),
        heard=tuple(takes_of(results, [id_ for id_ in missed_before if id_ not in missed_after])),
        missed=tuple(takes_of(results, [id_ for id_ in missed_after if id_ not in missed_before])),
        woken=tuple(moments_of(results, unmatched(woke_after, woke_before))),
        silenced=tuple(moments_of(results, unmatched(woke_before, woke_after))),
    )


def judge_files(results: Results) -> list[Verdict]:
    """The law on the manifest of a run and on everything that belongs to it."""
    manifest = results.files.get("manifest") or results.files["model"]
    return verify_file(manifest, ours=True)


def save_report(results: Results, folder: Path) -> Path:
    """Copy the report with its pictures into ``folder``; says where. Raises StudioError ``results.not_saved``."""
    source = results.files["report"].parent
    target = folder / f"{results.spec.wake_word} {results.run.id}"
    try:
        shutil.copytree(source, target, dirs_exist_ok=True)
    except OSError as error:
        raise StudioError(
            "results.not_saved",
            f"The report could not be saved in {folder}.",
            why=f"{error.strerror}.",
            do="Choose another folder.",
        ) from None
    return target
