"""What the figures of a run say nothing about: what was never examined."""

from collections.abc import Iterator

from mww_studio.evaluation.statistics import poisson_upper
from mww_studio.jobs.coverage import GOAL
from mww_studio.jobs.delivery import NOISY
from mww_studio.jobs.report_groups import style_text
from mww_studio.jobs.results import Results
from mww_studio.project.records import Clip, ClipKind, Split
from mww_studio.project.store import Project


def find_untested(project: Project, results: Results) -> Iterator[str]:
    """What is missing in the test of a run, in sentences; what no test on a computer can show comes last."""
    takes = [clip for clip in results.spec.clips if clip.kind is ClipKind.WAKE_WORD]
    tested = [clip for clip in takes if results.spec.splits[clip.id] is Split.TEST]
    yield from _people(project, results, takes, tested)
    yield from _manners(tested)
    if NOISY not in results.conditions:
        yield "The wake word over noise: no room sound was kept for the test."
    yield from _mistakes(results)
    yield "The microphone, the loudspeaker and the place of the device itself: all sounds came from recordings."
    yield "The device while it plays music or speaks."


def _people(project: Project, results: Results, takes: list[Clip], tested: list[Clip]) -> Iterator[str]:
    heard = {clip.speaker for clip in tested if not clip.synthetic}
    if not heard:
        yield "Real voices: no take of a person was kept for the test."
        return
    only_taught = sorted({clip.speaker for clip in takes if clip.speaker and not clip.synthetic} - heard)
    if only_taught:
        yield f"{', '.join(only_taught)}: their takes taught, and none of them examined."
    if all(person.known_voice for person in results.people):
        yield "Guests: the model learned from everybody whose takes examined it."
    children = {person.name for person in project.people() if person.child}
    if not children & heard:
        yield "Children: nobody among those who examined it is marked as a child."


def _manners(tested: list[Clip]) -> Iterator[str]:
    said = {clip.style for clip in tested}
    if said <= {None}:
        if tested:
            yield "Distance and ways of speaking: it is not noted how the takes of the test were said."
        return
    never = [style_text(style) for style in GOAL if style not in said]
    if never:
        yield f"The wake word said {', '.join(never)}: no take of the test was said so."


def _mistakes(results: Results) -> Iterator[str]:
    rate, target = results.report.scorecard.false_accepts, results.report.operating_point.target_per_hour
    if rate.high is None:
        yield "Wakes by mistake: no other sound was kept for the test."
    elif rate.high > target:
        hours = poisson_upper(rate.false_accepts, target)
        yield (
            f"Whether it stays below {target:g} wakes by mistake an hour: {rate.hours:.1f} hours with"
            f" {rate.false_accepts} prove fewer than {rate.high:.2g}. With as many in {hours:.0f} hours it would be"
            " proved."
        )
