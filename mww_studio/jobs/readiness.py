"""What a project lacks before it can be trained, and the one thing that a person should do next."""

import importlib.util
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mww_studio.errors import StudioError
from mww_studio.jobs.coverage import GOAL_TAKES, good_takes
from mww_studio.jobs.estimates import free_bytes, needed_bytes
from mww_studio.jobs.examination import read_examination, was_tried
from mww_studio.jobs.planning import MIN_OTHER_S, MIN_TAKES, plan_training
from mww_studio.jobs.stability import find_disagreement
from mww_studio.jobs.status import GOOD_SPEECH_S, USEFUL_TAKES
from mww_studio.jobs.verdict import NOT_SURE, VerdictCode, decide, judge_people
from mww_studio.jobs.wording import counted
from mww_studio.presets import Preset
from mww_studio.project.records import ClipKind, Judgement, Run, RunState, Tally
from mww_studio.project.store import Project

DOUBTFUL = "doubtful"
_FEW_NEW_TAKES = 10
_TIGHT = 2  # so many times the needed space should be free
# Above this a project has enough recordings on every side, and looking would take long.
_SMALL_PROJECT = 500
_LINUX_NVIDIA = Path("/proc/driver/nvidia/version")


@dataclass(frozen=True)
class Cure:
    """A button that helps: it leads to a page, with what that page should show."""

    text: str
    page: str
    argument: str = ""


@dataclass(frozen=True)
class Ready:
    """One row: a headline, and behind a line break a sentence where more is to be said. Only "bad" stops a training."""

    state: Literal["ok", "warn", "bad"]
    text: str
    cure: Cure | None = None


@dataclass(frozen=True)
class NextStep:
    """What to do next, why, and where. ``argument``: a person, a kind of clip, or "doubtful" on the page "samples"."""

    page: Literal["record", "samples", "train", "results", "live", "deploy"]
    text: str
    reason: str
    argument: str = ""


def readiness(project: Project, preset: Preset) -> list[Ready]:
    """Whether a training with this preset can begin, the takes first."""
    rows = [
        *_take_rows(project, project.tallies(ClipKind.WAKE_WORD)),
        *_other_rows(project),
        *_disk_rows(project, preset),
        _card_row(),
    ]
    if not any(row.state == "bad" for row in rows) and sum(project.counts().values()) <= _SMALL_PROJECT:
        try:
            plan_training(project, preset, 0)
        except StudioError as error:
            rows.insert(1, Ready("bad", f"{error.what}\n{error.why}", Cure("Add more recordings", "record")))
    return rows


def next_step(project: Project) -> NextStep:
    """The one thing to do next: a pure function of what the project holds, fast enough to ask after every change."""
    runs = project.runs()
    finished = next((run for run in reversed(runs) if run.state is RunState.DONE), None)
    if runs and runs[-1].state is RunState.RUNNING:
        return NextStep("train", "Wait for the training", "It is running.")
    if runs and runs[-1].state is RunState.INTERRUPTED:
        return NextStep("train", "Go on with the training", "It was cut off.")
    after = _after_training(project, finished) if finished else None
    return after or _before_training(project, project.tallies(ClipKind.WAKE_WORD), again=finished is not None)


def graphics_card() -> tuple[bool, str]:
    """Whether a training uses the graphics card, and a sentence that says why or why not."""
    if not sys.platform.startswith("linux"):
        return False, "TensorFlow uses graphics cards on Linux only, so the processor does the work."
    if not _LINUX_NVIDIA.exists() and shutil.which("nvidia-smi") is None:
        return False, "No graphics card of NVIDIA was found, so the processor does the work."
    if importlib.util.find_spec("nvidia") is None:
        return False, "A graphics card is there. To use it, install the extra “gpu”."
    return True, "The graphics card does the work."


def _take_rows(project: Project, takes: Sequence[Tally]) -> Iterator[Ready]:
    by_person = good_takes(takes)
    good = by_person.total()
    clips = sum(tally.clips for tally in takes)
    synthetic = sum(tally.clips for tally in takes if tally.synthetic)
    doubtful = _doubtful(takes)
    if not good and not synthetic:
        yield Ready("bad", "No takes yet", Cure("Record the first takes", "record"))
    elif clips < MIN_TAKES:
        text = f"Only {counted(clips, 'take')}; {MIN_TAKES} are needed"
        yield Ready("bad", text, Cure("Record more", "record"))
    elif not good:
        text = f"{counted(synthetic, 'take')} by computer voices\nReal takes make it hear your family."
        yield Ready("warn", text, Cure("Record takes", "record"))
    else:
        people = len([name for name in by_person if name])
        text = counted(good, "good take") + (f" from {counted(people, 'person', 'people')}" if people else "")
        state: Literal["ok", "warn"] = "ok" if good >= USEFUL_TAKES else "warn"
        more = "" if state == "ok" else f"\n{USEFUL_TAKES} are the least to be useful."
        yield Ready(state, text + more, None if state == "ok" else Cure("Record more", "record"))
    few = _least(project, by_person)
    if good and few is not None and by_person[few] < USEFUL_TAKES:
        text = f"{few} has only {counted(by_person[few], 'take')}" if by_person[few] else f"{few} has no takes yet"
        yield Ready("warn", text, Cure(f"Record with {few}", "record", few))
    if doubtful:
        waits = "waits" if doubtful == 1 else "wait"
        text = f"{counted(doubtful, 'doubtful take')} {waits} to be heard"
        yield Ready("warn", text, Cure("Hear them", "samples", DOUBTFUL))


def _other_rows(project: Project) -> Iterator[Ready]:
    seconds = project.seconds()
    other_s = seconds[ClipKind.SPEECH] + seconds[ClipKind.AMBIENCE]
    cure = Cure("Record other talk", "record", ClipKind.SPEECH)
    if other_s < MIN_OTHER_S:
        yield Ready("bad", "No other talk and sounds yet\nFrom them it learns what is not the wake word.", cure)
    elif other_s < GOOD_SPEECH_S:
        text = f"{_length(other_s)} of other talk and sounds\nAn hour or more keeps it from waking by mistake."
        yield Ready("warn", text, cure)
    else:
        yield Ready("ok", f"{_length(other_s)} of other talk and sounds")


def _disk_rows(project: Project, preset: Preset) -> Iterator[Ready]:
    free, needed = free_bytes(project), needed_bytes(project, preset)
    state: Literal["ok", "warn", "bad"] = "bad" if free < needed else "warn" if free < _TIGHT * needed else "ok"
    yield Ready(state, f"{_gigabytes(free)} free, {_gigabytes(needed)} needed")


def _card_row() -> Ready:
    used, reason = graphics_card()
    return Ready("ok", f"{'Graphics card' if used else 'No graphics card'}\n{reason}")


def _before_training(project: Project, takes: Sequence[Tally], *, again: bool) -> NextStep:
    by_person = good_takes(takes)
    good = by_person.total()
    least = _least(project, by_person)
    if not good:
        text = f"Record with {least}" if least else "Record the first takes"
        return NextStep("record", text, "There are no takes of the wake word yet.", least or "")
    if not again and least is not None and by_person[least] < GOAL_TAKES:
        reason = f"{by_person[least]} of {GOAL_TAKES} takes are recorded."
        return NextStep("record", f"Record with {least}", reason, least)
    if good < USEFUL_TAKES:
        return NextStep("record", "Record more takes", f"{USEFUL_TAKES} takes are the least to be useful.")
    doubtful = _doubtful(takes)
    if doubtful:
        return NextStep("samples", f"Hear {counted(doubtful, 'doubtful take')}", "They are not clear.", DOUBTFUL)
    seconds = project.seconds()
    if seconds[ClipKind.SPEECH] + seconds[ClipKind.AMBIENCE] < MIN_OTHER_S:
        reason = "Without it the wake word cannot be told from other words."
        return NextStep("record", "Record other talk", reason, ClipKind.SPEECH)
    if again:
        return NextStep("train", "Train again", "There are new samples.")
    return NextStep("train", "Train the wake word", "Everything is ready.")


def _after_training(project: Project, run: Run) -> NextStep | None:
    """What the newest finished run asks for; None where enough is new for another one."""
    if good_takes(project.tallies(ClipKind.WAKE_WORD, since=run.started_at)).total() >= _FEW_NEW_TAKES:
        return None
    folder = project.run_folder(run.id)
    try:
        examination = read_examination(folder)
    except StudioError:
        return NextStep("train", "Train again", "The results of the last training cannot be read.")
    card = examination.scorecard
    verdict = decide(
        card,
        judge_people(card, ()),
        examination.operating_point.target_per_hour,
        disagreement=find_disagreement(project, run.id),
    )
    # Nothing speaks against a model that is not sure yet: the page with the results says how to be surer.
    if verdict.code in {VerdictCode.READY, *NOT_SURE}:
        if was_tried(folder):
            return NextStep("deploy", "Put it on the device", verdict.title)
        return NextStep("live", "Try it", verdict.title)
    page: Literal["record", "results"] = "record" if verdict.action == "record" else "results"
    return NextStep(page, verdict.button, verdict.title, verdict.argument)


def _doubtful(takes: Sequence[Tally]) -> int:
    return sum(tally.clips for tally in takes if tally.judgement is Judgement.DOUBTFUL)


def _least(project: Project, by_person: Counter[str | None]) -> str | None:
    """Of the people who record, the one with the fewest takes, of whom too few are there; the earliest of equals."""
    named = [person.name for person in project.people() if person.consented_at or by_person[person.name]]
    return min(named, key=lambda name: by_person[name], default=None)


def _length(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 3600 else counted(max(1, round(seconds / 60)), "minute")


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB"
