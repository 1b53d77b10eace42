"""From a project and a preset to a training that can be started, or the reason why not."""

from collections.abc import Sequence
from pathlib import Path

from mww_studio.corpus.splits import Shares, assign_splits, speakers_apart
from mww_studio.errors import StudioError
from mww_studio.jobs.negatives_choice import with_choice
from mww_studio.jobs.spec import TrainSpec
from mww_studio.jobs.wording import counted
from mww_studio.presets import Preset
from mww_studio.project.records import Clip, ClipKind, Lineage, Run, RunState, Split
from mww_studio.project.store import Project

MIN_TAKES = 6
MIN_OTHER_S = 60.0
# What must be on every side of the corpus.
_NEEDED = {"wake word": {ClipKind.WAKE_WORD}, "other sound": {ClipKind.SPEECH, ClipKind.AMBIENCE}}
_RESUMABLE = {RunState.INTERRUPTED, RunState.CANCELLED, RunState.FAILED}


def plan_training(project: Project, preset: Preset, seed: int, *, profile: bool = False) -> TrainSpec:
    """Freeze what a training will learn from. Raises StudioError where the project has too little for it."""
    clips = project.clips()
    takes = sum(clip.kind is ClipKind.WAKE_WORD for clip in clips)
    if takes < MIN_TAKES:
        raise StudioError(
            "train.too_few_takes",
            f"The project has {counted(takes, 'take')} of the wake word; training needs at least {MIN_TAKES}.",
            why="Some teach the model, and others, which it never hears, examine it.",
            do="Record or import more: 20 make a first model, 50 a good one, 200 the best.",
        )
    other_s = sum(clip.duration_s for clip in clips if clip.kind in _NEEDED["other sound"])
    if other_s < MIN_OTHER_S:
        raise StudioError(
            "train.no_negatives",
            f"The project has {other_s:.0f} seconds of other speech and room sound; training needs at least "
            f"{MIN_OTHER_S:.0f}.",
            why="Without them the model cannot learn what is not the wake word.",
            do="Import recordings of ordinary talk with “import DIR --kind speech PATH”; an hour or more is good.",
        )
    splits = sides(project, clips, preset)
    _check_sides(clips, splits)
    info = project.info
    return TrainSpec(
        project=project.folder.resolve(),
        wake_word=info.wake_word,
        language=info.language,
        author=info.author,
        preset=with_choice(preset, project.folder),
        seed=seed,
        clips=tuple(clips),
        splits=splits,
        speakers_apart=speakers_apart(clips),
        profile=profile,
    )


def sides(project: Project, clips: Sequence[Clip | Lineage], preset: Preset) -> dict[int, Split]:
    """The side of each of the project's clips in a training with this preset."""
    training = preset.training
    shares = Shares(
        training.validation_share, training.test_share, training.other_validation_share, training.other_test_share
    )
    return assign_splits(clips, shares, project.lineages(trashed=True))


def _check_sides(clips: Sequence[Clip], splits: dict[int, Split]) -> None:
    """Refuse a project in which a side would stay empty: all of a kind comes from one or two recordings."""
    for name, kinds in _NEEDED.items():
        if len({splits[clip.id] for clip in clips if clip.kind in kinds}) < len(Split):
            raise StudioError(
                "train.too_few_recordings",
                f"The {name} of the project is all in one or two recordings; training needs at least three.",
                why="What trains the model, what chooses its cut-off and what examines it must not be one recording.",
                do="Import more recordings, or cut the long ones into files of their own.",
            )


def can_resume(project: Project, run: Run) -> bool:
    """Whether a run stopped before its end and can go on."""
    return run.state in _RESUMABLE and _spec_file(project.run_folder(run.id)).is_file()


def resumable_run(project: Project) -> Run:
    """The newest run that stopped before its end. Raises StudioError ``train.nothing_to_resume``."""
    for run in reversed(project.runs()):
        if can_resume(project, run):
            return run
    raise StudioError(
        "train.nothing_to_resume",
        "No training of this project was interrupted.",
        do="Start a new one, without --resume.",
    )


def _spec_file(folder: Path) -> Path:
    return folder / "spec.json"
