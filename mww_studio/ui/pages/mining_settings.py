"""The words for the settings of the search for mistakes in a preset."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

MINING_SETTINGS = {
    "mining.limit": (
        QT_TRANSLATE_NOOP("Settings of a training", "Sounds offered"),
        QT_TRANSLATE_NOOP("Settings of a training", "At most so many are there to be heard."),
    ),
    "mining.per_source": (
        QT_TRANSLATE_NOOP("Settings of a training", "Sounds from one recording"),
        QT_TRANSLATE_NOOP("Settings of a training", "At most so many, so that others have their turn."),
    ),
    "mining.near_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "How near to waking counts"),
        QT_TRANSLATE_NOOP("Settings of a training", "A part of the cut-off; 1 offers only what really wakes it."),
    ),
    "mining.likeness": (
        QT_TRANSLATE_NOOP("Settings of a training", "Likeness at which one of two is enough"),
        QT_TRANSLATE_NOOP("Settings of a training", "1 offers even sounds that are the same."),
    ),
}
"""Title and help of every setting, by its dotted name."""
