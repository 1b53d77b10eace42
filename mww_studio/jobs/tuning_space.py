"""The settings that tuning draws from, and the trainings that they stand for."""

import math
from pathlib import PurePosixPath

from optuna.trial import Trial

from mww_studio.jobs.tuning_records import TrialSettings, TrialSpec, TuneSpec
from mww_studio.presets import Augmentation, Phase, Preset, Tuning

CHECKPOINT = "checkpoint.npz"
TUNED = ", tuned"
_FALLS_TO = 0.05
_CHECKS = 5
# How often a short training looks for what it falls for, at least.
_SCANS = 3
_MOST_EQUALISER_DB = 24.0
_NOISE_DB_A_DOUBLING = 6.0


def first_settings(spec: TuneSpec) -> TrialSettings:
    """The first to be tried: the finished training's own as far as the ranges go, and steps of a middle size."""
    tuning, last = spec.settings, spec.base.preset.training.phases[-1]
    return TrialSettings(
        learning_rate=math.sqrt(math.prod(tuning.learning_rate)),
        positive_weight=_nearest(last.positive_weight, tuning.positive_weight),
        negative_weight=_nearest(last.negative_weight, tuning.negative_weight),
        hard_negative_weight=_nearest(last.hard_negative_weight, tuning.hard_negative_weight),
        augmentation_strength=min(tuning.augmentation_strengths, key=_from_one),
    )


def drawn_settings(trial: Trial, tuning: Tuning) -> TrialSettings:
    """What the search wants to know about next."""
    return TrialSettings(
        learning_rate=trial.suggest_float("learning_rate", *tuning.learning_rate, log=True),
        positive_weight=trial.suggest_float("positive_weight", *tuning.positive_weight, log=True),
        negative_weight=trial.suggest_float("negative_weight", *tuning.negative_weight, log=True),
        hard_negative_weight=trial.suggest_float("hard_negative_weight", *tuning.hard_negative_weight, log=True),
        augmentation_strength=trial.suggest_categorical("augmentation_strength", list(tuning.augmentation_strengths)),
    )


def trial_spec(spec: TuneSpec, settings: TrialSettings, seed: int) -> TrialSpec:
    """The short training with these settings: on the sides and from the weights of the finished one."""
    target, windows = spec.settings.target_false_accepts_per_hour, spec.settings.windows
    training = spec.base.model_copy(
        update={
            "preset": tuned_preset(spec.base.preset, settings, spec.settings),
            "seed": seed,
            "sound_seed": spec.base.seed if spec.base.sound_seed is None else spec.base.sound_seed,
            "start": str(PurePosixPath("runs", spec.run_id, CHECKPOINT)),
            "profile": False,
        }
    )
    return TrialSpec(training=training, target_per_hour=target, windows=windows)


def tuned_preset(base: Preset, settings: TrialSettings, tuning: Tuning) -> Preset:
    """The preset of the finished training with these settings in place of its own."""
    last: Phase = base.training.phases[-1]
    phase = last.model_copy(
        update={
            "steps": tuning.steps,
            "learning_rate": settings.learning_rate,
            "final_learning_rate": settings.learning_rate * _FALLS_TO,
            "positive_weight": settings.positive_weight,
            "negative_weight": settings.negative_weight,
            "hard_negative_weight": settings.hard_negative_weight,
        }
    )
    training = base.training.model_copy(
        update={
            "phases": (phase,),
            "evaluate_every": max(1, tuning.steps // _CHECKS),
            "target_false_accepts_per_hour": tuning.target_false_accepts_per_hour,
        }
    )
    return base.model_copy(
        update={
            "name": base.name.removesuffix(TUNED) + TUNED,
            "training": training,
            "hard_negative_mining": base.hard_negative_mining.model_copy(
                update={"every": min(base.hard_negative_mining.every, max(1, tuning.steps // _SCANS))}
            ),
            "augmentation": scaled(base.augmentation, settings.augmentation_strength, tuning.examples),
            "export": base.export.model_copy(update={"sliding_windows": tuning.windows}),
            "tuning": tuning,
        }
    )


def scaled(augmentation: Augmentation, strength: float, examples: int) -> Augmentation:
    """Takes varied ``strength`` times as often and as much. At 1 nothing changes, and features are there already."""
    if strength == 1:
        return augmentation

    def often(probability: float) -> float:
        return min(1.0, probability * strength)

    def around(neutral: float, between: tuple[float, float]) -> tuple[float, float]:
        return (neutral + (between[0] - neutral) * strength, neutral + (between[1] - neutral) * strength)

    louder_db = _NOISE_DB_A_DOUBLING * math.log2(strength)
    quiet, loud = augmentation.background_snr_db
    return augmentation.model_copy(
        update={
            "positive_examples": min(augmentation.positive_examples, examples),
            "speech_pieces": min(augmentation.speech_pieces, examples),
            "equaliser": often(augmentation.equaliser),
            "equaliser_db": min(_MOST_EQUALISER_DB, augmentation.equaliser_db * strength),
            "distortion": often(augmentation.distortion),
            "pitch_shift": often(augmentation.pitch_shift),
            "pitch_semitones": around(0.0, augmentation.pitch_semitones),
            "speed": often(augmentation.speed),
            "speed_factor": around(1.0, augmentation.speed_factor),
            "band_stop": often(augmentation.band_stop),
            "narrow_band": often(augmentation.narrow_band),
            "coloured_noise": often(augmentation.coloured_noise),
            "background": often(augmentation.background),
            "background_snr_db": (min(quiet - louder_db, loud), loud),
            "room": often(augmentation.room),
            "clipping": often(augmentation.clipping),
        }
    )


def _from_one(strength: float) -> float:
    return abs(strength - 1)


def _nearest(value: float, between: tuple[float, float]) -> float:
    return min(max(value, between[0]), between[1])
