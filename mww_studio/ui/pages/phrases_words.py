"""How near-sounding phrases are spoken of in the window."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

from mww_studio.corpus.phrases import Nearness
from mww_studio.jobs.phrases import Origin, ProjectPhrase, Said

_KINDS = {
    Nearness.PARTIAL: QT_TRANSLATE_NOOP("Phrases", "A part of the wake word"),
    Nearness.WORD: QT_TRANSLATE_NOOP("Phrases", "Words that sound alike"),
    Nearness.RHYME: QT_TRANSLATE_NOOP("Phrases", "It rhymes"),
    Nearness.NEIGHBOUR: QT_TRANSLATE_NOOP("Phrases", "One sound is another"),
}
_DEGREES = (
    (0.1, QT_TRANSLATE_NOOP("Phrases", "hard to tell apart")),
    (0.2, QT_TRANSLATE_NOOP("Phrases", "very near")),
    (0.35, QT_TRANSLATE_NOOP("Phrases", "near")),
    (2.0, QT_TRANSLATE_NOOP("Phrases", "a little alike")),
)


def degree_words() -> list[str]:
    """Every word for how near a phrase is, the nearest first."""
    return [_said(word) for _, word in _DEGREES]


def kind_words() -> list[str]:
    """Every word for what a phrase is."""
    return [*(_said(word) for word in _KINDS.values()), _added()]


def kind_of(phrase: ProjectPhrase) -> str:
    """What a phrase is, in plain words; of one that somebody added, that."""
    return _added() if phrase.origin is Origin.ADDED else _said(_KINDS[phrase.nearness])


def degree_of(phrase: ProjectPhrase) -> str:
    """How near it is, in plain words."""
    return _said(next(word for limit, word in _DEGREES if phrase.distance <= limit))


def count_of(number: int) -> str:
    """How often it was said; a dash for never."""
    return QLocale().toString(number) if number else "–"


def spoken_row(phrase: ProjectPhrase, said: Said) -> str:
    """A row for screen readers."""
    text = _said(QT_TRANSLATE_NOOP("Phrases", "{phrase}: {kind}, {degree}; read aloud {people}, by voices {voices}"))
    return text.format(
        phrase=phrase.text, kind=kind_of(phrase), degree=degree_of(phrase), people=said.people, voices=said.voices
    )


def _added() -> str:
    return _said(QT_TRANSLATE_NOOP("Phrases", "Added by you"))


def _said(text: object) -> str:
    return QCoreApplication.translate("Phrases", str(text))
