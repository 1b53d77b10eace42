"""What a training says about itself, in sentences and series for its pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from mww_studio.services.run_history import Figure

HEARD, MISTAKES, LOSS = "recall", "false_accepts_per_hour", "loss"


@dataclass(frozen=True)
class Series:
    """A number over the steps at which it was measured, without steps that were done twice."""

    steps: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def last(self) -> float | None:
        """The newest value."""
        return self.values[-1] if self.values else None


def series(figures: Iterable[Figure], name: str) -> Series:
    """The series called ``name``; of a step that was done twice the second value counts."""
    found = {figure.step: figure.value for figure in figures if figure.name == name}
    ordered = sorted(found.items())
    return Series(tuple(step for step, _ in ordered), tuple(value for _, value in ordered))


def per_hour(rate: float) -> str:
    """A number of times an hour with as many digits as it is worth."""
    return QLocale().toString(rate, "f", 0 if rate >= 10 else 1)


def in_hundred(share: float) -> str:
    """A share as a number out of 100; only all is 100."""
    return QLocale().toString(100 if share >= 1 else min(round(100 * share), 99))


def present_sentence(figures: Iterable[Figure], *, over: bool) -> str:
    """What the model can do now on the takes kept aside; before the first measuring, that there is none yet."""
    kept = list(figures)
    heard, mistakes = series(kept, HEARD).last, series(kept, MISTAKES).last
    if heard is None or mistakes is None:
        return QCoreApplication.translate(
            "TrainNumbers", "The first numbers come when it has learned for a while. Nothing is needed of you."
        )
    if over:
        text = QCoreApplication.translate(
            "TrainNumbers",
            "At the end it heard {heard} of 100 takes kept aside, and woke by mistake about {rate} times an hour.",
        )
    else:
        text = QCoreApplication.translate(
            "TrainNumbers",
            "Right now it hears {heard} of 100 takes kept aside, and wakes by mistake about {rate} times an hour. "
            "Both still change.",
        )
    return text.format(heard=in_hundred(heard), rate=per_hour(mistakes))


def when(moment: datetime) -> str:
    """A moment on this computer's clock: “today at 21:06”, or with its date."""
    local = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
    locale = QLocale()
    time = locale.toString(local.time(), QLocale.FormatType.ShortFormat)
    if local.date() == QDateTime.currentDateTime().date():
        return QCoreApplication.translate("TrainNumbers", "today at {time}").format(time=time)
    date = locale.toString(local.date(), QLocale.FormatType.ShortFormat)
    return QCoreApplication.translate("TrainNumbers", "{date} at {time}").format(date=date, time=time)
