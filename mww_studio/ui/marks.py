"""How far an open project is on every page, read in another thread for the rail."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mww_studio.errors import StudioError
from mww_studio.jobs.coverage import GOAL_TAKES, good_takes
from mww_studio.jobs.examination import read_examination, was_tried
from mww_studio.jobs.readiness import NextStep, next_step
from mww_studio.jobs.stability import find_disagreement
from mww_studio.jobs.verdict import NOT_SURE, VerdictCode, decide, judge_people
from mww_studio.project.records import Judgement, Run, RunState
from mww_studio.project.store import Project
from mww_studio.ui.rail import Mark, MarkKind

_DONE = Mark(MarkKind.DONE)


@dataclass(frozen=True)
class Standing:
    """The marks of the pages, the one next step, and how many people record."""

    marks: Mapping[str, Mark]
    next_step: NextStep
    people: int


def read_standing(project: Project) -> Standing:
    """Look at the project. Runs outside the window's thread, on a connection of its own. Raises StudioError."""
    people = project.people()
    marks = {"start": _DONE}
    tallies = project.tallies()
    takes = good_takes(tallies)
    goal = GOAL_TAKES * len(people)
    if goal:
        counted = sum(min(takes[person.name], GOAL_TAKES) for person in people)
        marks["record"] = _DONE if counted >= goal else _text(_tr("{taken} of {goal}").format(taken=counted, goal=goal))
    elif takes:
        marks["record"] = _text(_count(takes.total()))
    doubtful = sum(tally.clips for tally in tallies if tally.judgement is Judgement.DOUBTFUL)
    if doubtful:
        marks["samples"] = _text(_tr("{count} to hear").format(count=doubtful))
    elif tallies:
        marks["samples"] = _DONE
    runs = project.runs()
    if runs:
        marks["train"] = _of_newest(runs[-1])
    finished = next((run for run in reversed(runs) if run.state is RunState.DONE), None)
    if finished is not None:
        marks["results"] = _of_results(project, finished)
        if was_tried(project.run_folder(finished.id)):
            marks["live"] = _DONE
    return Standing(marks, next_step(project), len(people))


def _of_newest(run: Run) -> Mark:
    if run.state is RunState.DONE:
        return _DONE
    if run.state is RunState.FAILED:
        return Mark(MarkKind.FAILED, _tr("the last training stopped by itself"))
    return _text(_tr("cut off")) if run.state is RunState.INTERRUPTED else Mark()


def _of_results(project: Project, run: Run) -> Mark:
    try:
        examination = read_examination(project.run_folder(run.id))
    except StudioError:
        return Mark(MarkKind.FAILED, _tr("the results cannot be read"))
    card = examination.scorecard
    target, disagreement = examination.operating_point.target_per_hour, find_disagreement(project, run.id)
    code = decide(card, judge_people(card, ()), target, disagreement=disagreement).code
    if code is VerdictCode.READY:
        return _DONE
    return _text(_tr("not sure") if code in NOT_SURE else _tr("not ready"))


def _text(text: str) -> Mark:
    return Mark(MarkKind.TEXT, text)


def _count(takes: int) -> str:
    return _tr("1 take") if takes == 1 else _tr("{count} takes").format(count=takes)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Marks", text)
