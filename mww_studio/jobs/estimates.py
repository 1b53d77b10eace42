"""How long a training will take and how much disk it needs, before it is started."""

import os
import shutil
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mww_studio.jobs.profile import PhaseTime
from mww_studio.presets import Preset
from mww_studio.project.records import ClipKind, RunState
from mww_studio.project.store import Project

# Measured with the preset "standard" on two cores of 2023 that had nothing else to do, for 50 takes and an hour.
_FIXED_S = 15.0
_EXAMPLE_CORE_S = 0.011
_STREAM_CORE_S = 0.0016  # for each second of sound, each time that it is listened to
_SEQUENCE_CORE_S = 0.0014  # for each example that a step of training shows
_LOOKED_AROUND = 1.7  # times as long, when each step takes its slopes twice
_LISTEN_CORE_S = 0.003
_MEASURED_CORES = 2
# Features are 16-bit numbers; the rest is the model, its checkpoints and the report.
_EXAMPLE_BYTES = 40_000
_STREAM_BYTES = 8_000
_RUN_BYTES = 50_000_000
_TIMES = TypeAdapter(list[PhaseTime])
_LEARNING = "Training"


def expected_s(project: Project, preset: Preset) -> float:
    """The seconds that a training will take: as long as the slowest like it took here, else as computers usually do."""
    measured = [
        _measured_s(project.run_folder(run.id))
        for run in project.runs()
        if run.state is RunState.DONE and run.preset == preset.name
    ]
    return max(measured, default=0.0) or _usual_s(project, preset)


def needed_bytes(project: Project, preset: Preset) -> int:
    """The disk space that a training will use, features that are there already not deducted."""
    examples, heard_s = _amounts(project, preset)
    return round(examples * _EXAMPLE_BYTES + heard_s * _STREAM_BYTES + _RUN_BYTES)


def free_bytes(project: Project) -> int:
    """The disk space that is left for the project."""
    return shutil.disk_usage(project.folder).free


def _measured_s(folder: Path) -> float:
    """What a run took; 0 where it did not measure, or went on from a checkpoint."""
    try:
        times = _TIMES.validate_json((folder / "times.json").read_bytes())
    except (OSError, ValidationError):
        return 0.0
    return sum(time.wall_s for time in times) if _LEARNING in {time.name for time in times} else 0.0


def _usual_s(project: Project, preset: Preset) -> float:
    cores = min(os.cpu_count() or 1, preset.performance.workers or 256)
    training = preset.training
    examples, heard_s = _amounts(project, preset)
    steps = sum(phase.steps for phase in training.phases)
    sequences = steps * (training.batch_positives + training.batch_negatives) * training.sequence_ms / 3600
    if training.sharpness_radius:
        sequences *= _LOOKED_AROUND
    others_s = _others_s(project)
    listens = 1 + steps / training.evaluate_every * training.other_validation_share
    work = (
        examples * _EXAMPLE_CORE_S
        + heard_s * _STREAM_CORE_S
        + sequences * _SEQUENCE_CORE_S
        + others_s * listens * _LISTEN_CORE_S * (training.other_validation_share + training.other_test_share)
    )
    # Learning itself gains little from more cores than four.
    return _FIXED_S + work / max(1, min(cores, 2 * _MEASURED_CORES))


def _amounts(project: Project, preset: Preset) -> tuple[float, float]:
    """How many examples are made, and the seconds of other sound that are made into streams."""
    takes = project.counts()[ClipKind.WAKE_WORD]
    made = preset.augmentation
    words = min(takes * made.positive_variants, max(made.positive_examples, takes))
    return words + made.speech_pieces, _others_s(project) * (1 + made.negative_copies)


def _others_s(project: Project) -> float:
    seconds = project.seconds()
    return seconds[ClipKind.SPEECH] + seconds[ClipKind.AMBIENCE]
