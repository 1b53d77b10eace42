"""Measured numbers in words: shares with their ends, wakes by mistake with what they prove, times."""

from PySide6.QtCore import QCoreApplication, QLocale

from mww_studio.evaluation.scorecard import Delay, FalseAcceptRate, Recall
from mww_studio.project.records import Clip, ClipKind
from mww_studio.ui.models.clip_words import kind_word, manner, take_name

_MINUTE_H = 1 / 60
_HUNDRED = 100
_FULL = 255


def cutoff_text(cutoff: float) -> str:
    """A cut-off with two decimals."""
    return QLocale().toString(cutoff, "f", 2)


def sure_texts(peak: float, cutoff_byte: int) -> tuple[str, str]:
    """How sure it was and how sure it must be, of 255, in percent; with a decimal only where they would look alike."""
    locale = QLocale()
    was, needed = _HUNDRED * peak / _FULL, _HUNDRED * cutoff_byte / _FULL
    alike = int(was) == round(needed)
    texts = (
        [locale.toString(was, "f", 1), locale.toString(needed, "f", 1)]
        if alike
        else [
            locale.toString(int(was)),
            locale.toString(round(needed)),
        ]
    )
    first, second = (_tr("{number} %").format(number=text) for text in texts)
    return first, second


def of(part: int, whole: int) -> str:
    """Such as “56 of 60”."""
    locale = QLocale()
    return _tr("{part} of {whole}").format(part=locale.toString(part), whole=locale.toString(whole))


def hours_text(hours: float) -> str:
    """Such as “7.6 hours” or “15 minutes”."""
    minutes = round(hours / _MINUTE_H)
    if not minutes:
        return _tr("{seconds} s").format(seconds=round(3600 * hours))
    if minutes >= 60:
        return _tr("{hours} hours").format(hours=QLocale().toString(hours, "f", 1))
    return _tr("{minutes} minutes").format(minutes=minutes) if minutes != 1 else _tr("1 minute")


def in_time(count: int, hours: float) -> str:
    """Such as “0 in 7.6 hours”."""
    return _tr("{count} in {time}").format(count=QLocale().toString(count), time=hours_text(hours))


def rate_text(rate: float) -> str:
    """A number of times an hour with as many digits as it is worth."""
    return QLocale().toString(rate, "f", 0 if rate >= 10 else 1 if rate >= 0.1 else 2)


def likely(recall: Recall) -> str:
    """Between which ends the true share lies, in words."""
    if not recall.clips:
        return _tr("no takes were kept for the test")
    text = _tr("{share} in 100, likely {low} to {high}")
    return text.format(
        share=round(_HUNDRED * recall.recall),
        low=round(_HUNDRED * recall.low),
        high=round(_HUNDRED * recall.high),
    )


def proves(rate: FalseAcceptRate) -> str:
    """What a count of wakes by mistake proves."""
    if rate.high is None:
        return _tr("no other sound was kept for the test")
    if rate.false_accepts:
        text = _tr("{rate} an hour, surely fewer than {high}")
        return text.format(rate=rate_text(rate.per_hour), high=rate_text(rate.high))
    return _tr("proves fewer than {high} an hour").format(high=rate_text(rate.high))


def seconds_text(seconds: float) -> str:
    """Such as “0.3 s”; before the end of the word is at once."""
    return _tr("{seconds} s").format(seconds=QLocale().toString(max(seconds, 0.0), "f", 1))


def delay_text(delay: Delay | None) -> tuple[str, str]:
    """When it answers, and how often at the latest then."""
    if delay is None:
        return "–", _tr("the ends of the words are not known")
    return seconds_text(delay.p90_s), _tr("after the end of the word, 9 of 10 times")


def clip_title(clip: Clip | None, path: str) -> str:
    """What a sound is called: its person and take, else what kind it is and where it came from."""
    if clip is None:
        return path.rpartition("/")[2]
    name = take_name(clip)
    if clip.kind is ClipKind.WAKE_WORD and clip.speaker:
        return _tr("{person}, {take}").format(person=clip.speaker, take=name[:1].lower() + name[1:])
    return (
        name if clip.kind is ClipKind.WAKE_WORD else _tr("{kind}: {name}").format(kind=kind_word(clip.kind), name=name)
    )


def clip_manner(clip: Clip | None) -> str:
    """How it was said, or who talks."""
    return manner(clip) if clip is not None else ""


def clock_text(seconds: float) -> str:
    """A place in a long recording: “20:14”, with tenths where it is short."""
    if seconds < 60:
        return seconds_text(seconds)
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02}"


def _tr(text: str) -> str:
    said = QCoreApplication.translate("ResultsWords", text)
    return said.replace("} %", "}\N{NO-BREAK SPACE}%").replace("} s", "}\N{NO-BREAK SPACE}s")
