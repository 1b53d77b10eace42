"""How clips are spoken of in the window: one word for one thing, the same on every page."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

from mww_studio.project.records import Clip, ClipKind, Judgement, Split
from mww_studio.ui.pages.record_words import style_word

_CONTEXT = "ClipWords"
_MINUTE_S = 60.0

_KINDS = {
    ClipKind.WAKE_WORD: QT_TRANSLATE_NOOP("ClipWords", "Wake word"),
    ClipKind.SPEECH: QT_TRANSLATE_NOOP("ClipWords", "Other talk"),
    ClipKind.AMBIENCE: QT_TRANSLATE_NOOP("ClipWords", "Room sound"),
    ClipKind.NEAR: QT_TRANSLATE_NOOP("ClipWords", "Near-sounding"),
    ClipKind.RIR: QT_TRANSLATE_NOOP("ClipWords", "Room echo"),
}
_SPLITS = {
    Split.TRAIN: QT_TRANSLATE_NOOP("ClipWords", "Learning"),
    Split.VALIDATION: QT_TRANSLATE_NOOP("ClipWords", "Choosing"),
    Split.TEST: QT_TRANSLATE_NOOP("ClipWords", "Test"),
}
_PROBLEMS = {
    "silent": QT_TRANSLATE_NOOP("ClipWords", "Silent"),
    "clipped": QT_TRANSLATE_NOOP("ClipWords", "Too loud"),
    "quiet": QT_TRANSLATE_NOOP("ClipWords", "Too quiet"),
    "noisy": QT_TRANSLATE_NOOP("ClipWords", "Noisy"),
    "short": QT_TRANSLATE_NOOP("ClipWords", "Too short"),
    "long": QT_TRANSLATE_NOOP("ClipWords", "Too long"),
    "cut-off": QT_TRANSLATE_NOOP("ClipWords", "Cut short"),
    "offset": QT_TRANSLATE_NOOP("ClipWords", "Uneven"),
}
PROBLEM_CODES = tuple(_PROBLEMS)


def kind_word(kind: ClipKind) -> str:
    """What is heard in a clip: "Wake word", "Other talk"."""
    return _said(_KINDS[kind])


def split_word(split: Split) -> str:
    """What a clip is used for."""
    return _said(_SPLITS[split])


def take_name(clip: Clip) -> str:
    """What a clip is called: its file, where it came from one, and otherwise its number."""
    if clip.engine is not None:
        return _said(QT_TRANSLATE_NOOP("ClipWords", "Computer voice {number}")).format(number=_number(clip.id))
    if "/" in clip.source:
        return clip.source.rpartition("/")[2]
    return _said(QT_TRANSLATE_NOOP("ClipWords", "Take {number}")).format(number=_number(clip.id))


def person_name(clip: Clip) -> str:
    """Who speaks; a dash where nobody knows."""
    return clip.speaker or "–"


def manner(clip: Clip) -> str:
    """How it was said; empty where nobody was asked to say it in a certain way."""
    return style_word(clip.style) if clip.style is not None else ""


def length_text(seconds: float) -> str:
    """A length with its unit: "1.2 s", "5:00 min"."""
    if seconds < _MINUTE_S:
        number = QLocale().toString(seconds, "f", 1)
        return (
            _said(QT_TRANSLATE_NOOP("ClipWords", "{number} s")).format(number=number).replace(" ", "\N{NO-BREAK SPACE}")
        )
    whole = round(seconds)
    text = _said(QT_TRANSLATE_NOOP("ClipWords", "{minutes}:{seconds} min"))
    return text.format(minutes=whole // 60, seconds=f"{whole % 60:02}").replace(" ", "\N{NO-BREAK SPACE}")


def verdict_word(clip: Clip) -> str:
    """What to think of it: "Good", what is wrong, or that it was kept all the same."""
    match clip.judgement:
        case Judgement.GOOD:
            return _said(QT_TRANSLATE_NOOP("ClipWords", "Good"))
        case Judgement.KEPT:
            return _said(QT_TRANSLATE_NOOP("ClipWords", "Kept"))
        case Judgement.DOUBTFUL:
            return problem_word(clip.quality.problems[0].code)


def problem_word(code: str) -> str:
    """A problem of a clip in a word or two."""
    return _said(_PROBLEMS.get(code, QT_TRANSLATE_NOOP("ClipWords", "Doubtful")))


def reason(clip: Clip) -> str:
    """What is wrong with it and what helps, in whole sentences; empty for a good one."""
    return " ".join(problem.advice for problem in clip.quality.problems)


def _said(text: object) -> str:
    return QCoreApplication.translate(_CONTEXT, str(text))


def _number(value: int) -> str:
    return QLocale().toString(value)
