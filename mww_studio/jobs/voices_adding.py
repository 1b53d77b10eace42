"""Computer voices for a project: what they are to say, the worker that lets them, and the clips that come of it."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mww_studio.corpus.phrases import NearPhrase
from mww_studio.corpus.synthesis import Spoken, recall
from mww_studio.corpus.voice_engines import engines
from mww_studio.errors import Cancelled, StudioError
from mww_studio.jobs.launch import run_job
from mww_studio.jobs.phrases import phrases_of
from mww_studio.jobs.spec import read_spec_as
from mww_studio.jobs.voices import Summary, VoicesSpec, read_made, read_summary, series
from mww_studio.jobs.voices_clips import spoken_clip
from mww_studio.jobs.wording import counted
from mww_studio.presets import Synthesis
from mww_studio.progress import Progress
from mww_studio.project.records import NewClip
from mww_studio.project.store import Project

ADDING = "adding"
_BATCH_CLIPS = 64
_WORK = Path("cache", "work", "voices")


@dataclass(frozen=True)
class VoicesReport:
    """What computer voices brought. ``ids``: the added clips. ``unfinished``: it was stopped while they were added."""

    ids: tuple[int, ...]
    made: int
    engines: tuple[str, ...]
    rejected: dict[str, int]
    problems: tuple[str, ...]
    unfinished: bool = False

    def summary(self) -> dict[str, object]:
        """For machines."""
        return {
            "added": len(self.ids),
            "made": self.made,
            "engines": list(self.engines),
            "rejected": self.rejected,
            "problems": list(self.problems),
            "unfinished": self.unfinished,
        }

    def describe(self) -> str:
        """For people."""
        voices = ", ".join(self.engines)
        lines = [f"{counted(len(self.ids), 'sample')} added, spoken by {voices}."]
        left_out = sum(self.rejected.values())
        if left_out:
            why = ", ".join(f"{count} {reason}" for reason, count in sorted(self.rejected.items()))
            lines.append(f"{counted(left_out, 'take was', 'takes were')} left out and said anew: {why}.")
        lines += self.problems
        if self.unfinished:
            lines.append(f"Stopped after {len(self.ids)} of {self.made}; go on with --resume.")
        return "\n".join(lines)


def plan_voices(
    project: Project,
    settings: Synthesis,
    *,
    engines_only: Sequence[str] = (),
    respellings: Sequence[str] = (),
    progress: Progress,
) -> VoicesSpec:
    """What voices are to say for a project: its wake word, its near-sounding phrases, and sentences.

    Whoever asks again gets other takes. Raises StudioError ``voices.text`` for a respelling that nobody can say, and
    what :func:`~mww_studio.jobs.phrases.phrases_of` raises.
    """
    word = project.info.wake_word
    spellings = tuple(dict.fromkeys([word, *map(checked_spelling, respellings)]))
    near = phrases_of(project, check=progress.check_cancelled) if settings.near else []
    return VoicesSpec(
        spellings=spellings,
        language=project.info.language,
        near=tuple(NearPhrase(one.text, one.nearness, one.distance, one.ipa) for one in near),
        takes=settings.takes,
        near_takes=settings.near,
        sentences=settings.sentences,
        engines=tuple(engines_only),
        first=_said_before(project),
        settings=settings,
    )


def checked_spelling(text: str) -> str:
    """A respelling with its spaces tidied. Raises StudioError ``voices.text``."""
    spelling = " ".join(text.split())
    if not any(character.isalpha() for character in spelling):
        raise StudioError(
            "voices.text",
            f"“{text}” has no letters to say.",
            do="Write it as it sounds, such as “hay kompyooter”, or as IPA between slashes.",
        )
    return spelling


def synthesise_into(project: Project, spec: VoicesSpec, progress: Progress) -> VoicesReport:
    """Let voices speak in a worker process, then add what is good to the project, in batches.

    A cancel while they speak adds nothing, and all that was said is kept for the next time; one while clips are added
    leaves those that are there (``unfinished``). Begun again with the same spec (:func:`unfinished_voices`) it goes on.
    Raises StudioError ``voices.none``, ``voices.unknown``, ``voices.cache``, ``job.*`` and those of
    :class:`Project`; Cancelled.
    """
    project.check_writable()
    folder = _work_folder(project)
    run_job(folder, spec, progress)
    summary = read_summary(folder)
    adding = _Adding(project, spec, summary)
    try:
        adding.add_all(folder, progress)
    except Cancelled:
        if not adding.ids:
            raise
        return adding.report(unfinished=True)
    forget_voices(project)
    return adding.report(unfinished=False)


def unfinished_voices(project: Project) -> VoicesSpec | None:
    """What voices were saying for this project when they were stopped."""
    try:
        return read_spec_as(_work_folder(project), VoicesSpec)
    except StudioError:
        return None


def forget_voices(project: Project) -> None:
    """Do not go on with what was stopped; what was said is kept all the same."""
    shutil.rmtree(_work_folder(project), ignore_errors=True)


class _Adding:
    """Takes on their way from the cache into a project."""

    def __init__(self, project: Project, spec: VoicesSpec, summary: Summary) -> None:
        self.ids: list[int] = []
        self._project, self._spec, self._summary = project, spec, summary
        self._engines = {engine.name: engine for engine in engines()}
        self._texts = {f"/{phrase.ipa}/": phrase.text for phrase in spec.near if phrase.ipa}
        self._lost = 0

    def add_all(self, folder: Path, progress: Progress) -> None:
        """Add the good takes of a job that is done. Raises Cancelled between two batches."""
        progress.phase(ADDING, self._summary.made)
        batch: list[NewClip] = []
        for done, made in enumerate(read_made(folder), 1):
            take = recall(made.line, self._engines[made.line.voice.engine], self._spec.cache)
            if isinstance(take, Spoken):
                batch.append(spoken_clip(take, made.kind, self._texts.get(made.line.text, "")))
            else:
                self._lost += 1
            if len(batch) == _BATCH_CLIPS:
                self._commit(batch)
                batch = []
                progress.step(done, added=len(self.ids))
            progress.check_cancelled()
        self._commit(batch)
        progress.step(self._summary.made, added=len(self.ids))

    def report(self, *, unfinished: bool) -> VoicesReport:
        """What came of it."""
        summary = self._summary
        lost = [f"{counted(self._lost, 'take')} vanished from the cache; ask for them again."] if self._lost else []
        same = summary.made - len(self.ids) - self._lost
        if same and not unfinished:
            # Some engines repeat themselves to the bit, and after a stop a part of it was added before.
            lost.append(f"{counted(same, 'take was', 'takes were')} in the project already, sample by sample.")
        return VoicesReport(
            tuple(self.ids), summary.made, summary.engines, summary.rejected, (*summary.problems, *lost), unfinished
        )

    def _commit(self, batch: Sequence[NewClip]) -> None:
        self.ids += [clip.id for clip in self._project.add_clips(batch)]


def _work_folder(project: Project) -> Path:
    return project.folder / _WORK


def _said_before(project: Project) -> dict[str, int]:
    """How much each engine said for this project, the trash included."""
    lineages = [*project.lineages(), *project.lineages(trashed=True)]
    return dict(Counter(series(one.kind, one.engine.split(":")[0]) for one in lineages if one.engine and one.speaker))
