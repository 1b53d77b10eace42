"""Which phases a training goes through, how long each is likely to take, and what they are called in the window."""

from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from mww_studio.jobs.estimates import expected_s
from mww_studio.jobs.profile import PhaseTime
from mww_studio.presets import Preset, load_preset, preset_names
from mww_studio.project.records import Run, RunState
from mww_studio.project.store import Project
from mww_studio.services.run_history import LEARNING
from mww_studio.services.timetable import PlannedPhase

# The phases as the worker names them, in their order, with the segment of the bar and how long they are beside each
# other: for each training, and for each step of the learning.
_PHASES = (
    ("Starting", "Prepare", 8.0, 0.0),
    ("Checking that such a model can be exported", "Prepare", 8.0, 0.0),
    ("Saying the word in many rooms", "Prepare", 20.0, 0.02),
    ("Saying other things in many rooms", "Prepare", 10.0, 0.01),
    ("Listening to everything else", "Prepare", 10.0, 0.0),
    ("Preparing the examination", "Prepare", 5.0, 0.0),
    ("Training", "Learn", 10.0, 0.1),
    ("Exporting", "Check", 8.0, 0.0),
    ("Choosing the cut-off", "Check", 10.0, 0.0),
    ("Examining the model", "Check", 15.0, 0.0),
    ("Writing the files for the device", "Make the file", 3.0, 0.0),
)
_VOICES = (
    ("near-sounding phrases", "Speak", 5.0),
    ("voices", "Speak", 120.0),
    ("noise", "Speak", 20.0),
)
# What the translators find.
TEXTS = (
    QT_TRANSLATE_NOOP("Phase", "Starting"),
    QT_TRANSLATE_NOOP("Phase", "Checking that such a model can be exported"),
    QT_TRANSLATE_NOOP("Phase", "Saying the word in many rooms"),
    QT_TRANSLATE_NOOP("Phase", "Saying other things in many rooms"),
    QT_TRANSLATE_NOOP("Phase", "Listening to everything else"),
    QT_TRANSLATE_NOOP("Phase", "Preparing the examination"),
    QT_TRANSLATE_NOOP("Phase", "Training"),
    QT_TRANSLATE_NOOP("Phase", "Exporting"),
    QT_TRANSLATE_NOOP("Phase", "Choosing the cut-off"),
    QT_TRANSLATE_NOOP("Phase", "Examining the model"),
    QT_TRANSLATE_NOOP("Phase", "Writing the files for the device"),
    QT_TRANSLATE_NOOP("Phase", "near-sounding phrases"),
    QT_TRANSLATE_NOOP("Phase", "voices"),
    QT_TRANSLATE_NOOP("Phase", "noise"),
    QT_TRANSLATE_NOOP("Phase", "import"),
    QT_TRANSLATE_NOOP("Phase", "Prepare"),
    QT_TRANSLATE_NOOP("Phase", "Speak"),
    QT_TRANSLATE_NOOP("Phase", "Learn"),
    QT_TRANSLATE_NOOP("Phase", "Check"),
    QT_TRANSLATE_NOOP("Phase", "Make the file"),
)
_TIMES = TypeAdapter(list[PhaseTime])


def shown_phase(name: str) -> str:
    """A phase as the worker names it, in the person's language."""
    return QCoreApplication.translate("Phase", name)


def training_plan(project: Project, preset: Preset) -> list[PlannedPhase]:
    """The phases of a training with the times of the newest finished one like it, else with usual ones."""
    steps = sum(phase.steps for phase in preset.training.phases)
    took = next((times for run in reversed(project.runs()) if (times := _times(project, run, preset.name))), {})
    if took:
        return [PlannedPhase(name, took.get(name, 0.0), shown_phase(segment)) for name, segment, _, _ in _PHASES]
    usual_s = [base_s + step_s * steps for _, _, base_s, step_s in _PHASES]
    scale = expected_s(project, preset) / sum(usual_s)
    return [
        PlannedPhase(name, usual * scale, shown_phase(segment))
        for (name, segment, _, _), usual in zip(_PHASES, usual_s, strict=True)
    ]


def resumed_plan(project: Project, run: Run) -> list[PlannedPhase]:
    """The phases of a training that goes on; none where its preset is not one of ours."""
    return training_plan(project, load_preset(run.preset)) if run.preset in preset_names() else []


def voices_plan(project: Project, preset: Preset) -> list[PlannedPhase]:
    """The phases of a training on computer voices: they speak first."""
    speaking = [PlannedPhase(name, expected_s, shown_phase(segment)) for name, segment, expected_s in _VOICES]
    return [*speaking, *training_plan(project, preset)]


def _times(project: Project, run: Run, preset: str) -> dict[str, float]:
    """How long each phase of a finished run took; empty where it was another preset, or went on from a checkpoint."""
    if run.state is not RunState.DONE or run.preset != preset:
        return {}
    times = {time.name: time.wall_s for time in _read_times(project.run_folder(run.id))}
    return times if LEARNING in times else {}


def _read_times(folder: Path) -> list[PhaseTime]:
    try:
        return _TIMES.validate_json((folder / "times.json").read_bytes())
    except (OSError, ValidationError):
        return []
