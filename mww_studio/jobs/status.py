"""What a project has, and what a person should do next."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from mww_studio.jobs.wording import counted
from mww_studio.project.records import Clip, ClipKind, Problem, Run, RunState
from mww_studio.project.store import Project

USEFUL_TAKES, GOOD_TAKES, BEST_TAKES = 20, 50, 200
GOOD_PEOPLE = 3
GOOD_SPEECH_S = 3600.0
GOOD_AMBIENCE_S = 1200.0
_RESUMABLE = (RunState.INTERRUPTED, RunState.CANCELLED)


class KindStatus(BaseModel):
    """The clips of one kind."""

    kind: ClipKind
    clips: int
    seconds: float


class ProblemStatus(BaseModel):
    """A problem, how many takes have it, and what to do."""

    code: str
    clips: int
    advice: str


class RunStatus(BaseModel):
    """One training."""

    id: str
    preset: str
    state: RunState
    started_at: datetime
    message: str


class ProjectStatus(BaseModel):
    """What ``mww-studio status`` shows."""

    folder: Path
    wake_word: str
    language: str
    author: str
    kinds: list[KindStatus]
    people: dict[str, int]
    computer_voices: int
    problems: list[ProblemStatus]
    missing_files: list[str]
    runs: list[RunStatus]
    next_steps: list[str]

    def describe(self) -> str:
        """For people."""
        lines = [f"“{self.wake_word}” ({self.language}) in {self.folder}", ""]
        lines += [
            f"{kind.kind:<10} {kind.clips:>6} {'clip ' if kind.clips == 1 else 'clips'}  {_length(kind.seconds):>10}"
            for kind in self.kinds
        ]
        by = [f"{name} ({count})" for name, count in self.people.items()]
        by += [f"computer voices ({self.computer_voices})"] if self.computer_voices else []
        if by:
            lines += ["", "Takes by " + ", ".join(by)]
        notes = [f"{counted(item.clips, 'take')}, {item.code}: {item.advice}" for item in self.problems]
        notes += [f"Training {run.id} ({run.preset}): {run.state}. {run.message}".rstrip() for run in self.runs]
        lines += ["", *notes] if notes else []
        lines += ["", "Next:", *(f"  {number}. {step}" for number, step in enumerate(self.next_steps, 1))]
        return "\n".join(lines)


def project_status(folder: Path) -> ProjectStatus:
    """Look at a project without changing it. Raises StudioError where there is none."""
    with Project.open(folder, read_only=True) as project:
        clips = project.clips()
        runs = project.runs()
        info = project.info
    takes = [clip for clip in clips if clip.kind is ClipKind.WAKE_WORD]
    problems = Counter(problem for clip in takes for problem in clip.quality.problems)
    kinds = [_kind_status(clips, kind) for kind in ClipKind]
    missing = [clip.path for clip in clips if not (folder / clip.path).is_file()]
    return ProjectStatus(
        folder=folder,
        wake_word=info.wake_word,
        language=info.language,
        author=info.author,
        kinds=kinds,
        people=dict(Counter(clip.speaker for clip in takes if clip.speaker and not clip.engine).most_common()),
        computer_voices=sum(clip.engine is not None for clip in takes),
        problems=[ProblemStatus(code=p.code, clips=count, advice=p.advice) for p, count in problems.most_common()],
        missing_files=missing,
        runs=[RunStatus.model_validate(run, from_attributes=True) for run in runs],
        next_steps=[
            *_missing_steps(missing),
            *_take_steps(takes, problems),
            *_other_steps(kinds),
            *_run_steps(folder, runs),
        ],
    )


def _kind_status(clips: Sequence[Clip], kind: ClipKind) -> KindStatus:
    own = [clip.duration_s for clip in clips if clip.kind is kind]
    return KindStatus(kind=kind, clips=len(own), seconds=sum(own))


def _missing_steps(missing: Sequence[str]) -> list[str]:
    if not missing:
        return []
    gone = "1 sound file is gone:" if len(missing) == 1 else f"{len(missing)} sound files are gone, such as"
    return [f"{gone} {missing[0]}. Put it back from a copy of this folder."]


def _take_steps(takes: Sequence[Clip], problems: Counter[Problem]) -> list[str]:
    real = sum(clip.engine is None for clip in takes)
    more = counted(
        next((goal - real for goal in (USEFUL_TAKES, GOOD_TAKES, BEST_TAKES) if real < goal), 0), "more take"
    )
    steps = []
    if real < USEFUL_TAKES:
        steps.append(f"Record {more} of the wake word: {USEFUL_TAKES} are the least to be useful.")
    elif real < GOOD_TAKES:
        steps.append(f"Record {more} of the wake word: {GOOD_TAKES} make it good.")
    elif real < BEST_TAKES:
        steps.append(f"With {more} of the wake word it becomes as good as it gets ({BEST_TAKES}).")
    people = {clip.speaker for clip in takes if clip.engine is None and clip.speaker}
    if real and not people:
        steps.append("Say who speaks in the takes (--speaker NAME), so that the test can use voices not trained on.")
    elif real and len(people) < GOOD_PEOPLE:
        steps.append("Let the other people of the house record takes too: a model knows the voices it has heard.")
    if problems:
        marked = sum(bool(clip.quality.problems) for clip in takes)
        one = "the take that is marked, and record it again if it is bad."
        many = f"the {marked} takes that are marked, and record them again where they are bad."
        steps.append(f"Listen to {one if marked == 1 else many}")
    return steps


def _other_steps(kinds: Sequence[KindStatus]) -> list[str]:
    seconds = {kind.kind: kind.seconds for kind in kinds}
    steps = []
    if seconds[ClipKind.SPEECH] < GOOD_SPEECH_S:
        steps.append(
            f"Add other speech without the wake word, an hour or more (now {_length(seconds[ClipKind.SPEECH])}): "
            "it is what keeps the device from waking by mistake."
        )
    if seconds[ClipKind.AMBIENCE] < GOOD_AMBIENCE_S:
        steps.append(
            f"Record the sounds of the rooms where the device will stand, {GOOD_AMBIENCE_S / 60:.0f} minutes or more "
            f"(now {_length(seconds[ClipKind.AMBIENCE])})."
        )
    return steps


def _run_steps(folder: Path, runs: Sequence[Run]) -> list[str]:
    last = runs[-1] if runs else None
    if last and last.state in _RESUMABLE:
        return [f"The training {last.id} was {last.state}: resume with: mww-studio train {folder} --resume"]
    if last and last.state is RunState.RUNNING:
        return [f"The training {last.id} is running: wait until it is done."]
    if last and last.state is RunState.DONE:
        return [f"Put the model on a device: mww-studio export {folder} --out OUTDIR"]
    return [f"Train: mww-studio train {folder}"]


def _length(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {left:02} s"
