"""The words for the settings of tuning in a preset."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

TUNING_SETTINGS = {
    "tuning.trials": (
        QT_TRANSLATE_NOOP("Settings of a training", "Settings to try"),
        QT_TRANSLATE_NOOP("Settings of a training", "At most so many different settings are tried."),
    ),
    "tuning.minutes": (
        QT_TRANSLATE_NOOP("Settings of a training", "Time allowed (minutes)"),
        QT_TRANSLATE_NOOP("Settings of a training", "What has begun when the time is over comes to its end."),
    ),
    "tuning.seeds": (
        QT_TRANSLATE_NOOP("Settings of a training", "Trainings for each setting"),
        QT_TRANSLATE_NOOP("Settings of a training", "Their mean counts, because one training can be lucky."),
    ),
    "tuning.steps": (
        QT_TRANSLATE_NOOP("Settings of a training", "Steps of one short training"),
        QT_TRANSLATE_NOOP("Settings of a training", "It goes on from the finished training for so long."),
    ),
    "tuning.examples": (
        QT_TRANSLATE_NOOP("Settings of a training", "Versions of all takes together"),
        QT_TRANSLATE_NOOP(
            "Settings of a training", "Where takes are varied otherwise than before; fewer take less time."
        ),
    ),
    "tuning.learning_rate": (
        QT_TRANSLATE_NOOP("Settings of a training", "Size of the first steps"),
        QT_TRANSLATE_NOOP("Settings of a training", "From, to. Tuning draws from this range."),
    ),
    "tuning.positive_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of the wake word"),
        QT_TRANSLATE_NOOP("Settings of a training", "From, to. Higher hears more and wakes by mistake more."),
    ),
    "tuning.negative_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of other sound"),
        QT_TRANSLATE_NOOP("Settings of a training", "From, to. Higher wakes by mistake less and hears less."),
    ),
    "tuning.hard_negative_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of sounds it falls for"),
        QT_TRANSLATE_NOOP("Settings of a training", "From, to. Higher keeps it from falling for them again."),
    ),
    "tuning.augmentation_strengths": (
        QT_TRANSLATE_NOOP("Settings of a training", "How much takes are varied"),
        QT_TRANSLATE_NOOP("Settings of a training", "1 is as before; with commas between."),
    ),
    "tuning.windows": (
        QT_TRANSLATE_NOOP("Settings of a training", "Lengths of the average to try"),
        QT_TRANSLATE_NOOP("Settings of a training", "Moments that are averaged before it wakes, with commas between."),
    ),
    "tuning.target_false_accepts_per_hour": (
        QT_TRANSLATE_NOOP("Settings of a training", "Goal: wakes by mistake in an hour"),
        QT_TRANSLATE_NOOP("Settings of a training", "The cut-off of every model is chosen for this."),
    ),
    "tuning.target_recall": (
        QT_TRANSLATE_NOOP("Settings of a training", "Goal: the part that is heard"),
        QT_TRANSLATE_NOOP("Settings of a training", "Tuning ends early when it is sure that both goals are met."),
    ),
}
"""Title and help of each, by its dotted name."""
