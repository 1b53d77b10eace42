"""The words for computer voices: what engines are called, how good they are, and what a voice brings."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QLocale

from mww_studio.corpus.voice_catalogue import Card, Offer
from mww_studio.corpus.voices import Voice
from mww_studio.jobs.voices_adding import VoicesReport
from mww_studio.jobs.voices_listing import EngineState
from mww_studio.ui.pages.negatives_words import size

_PIPER_PARTS = 3  # language, name, quality
_TITLES = {
    "kokoro": "Kokoro",
    "piper": "Piper",
    "say": QT_TRANSLATE_NOOP("Voices", "Voices of macOS"),
    "sapi": QT_TRANSLATE_NOOP("Voices", "Voices of Windows"),
    "flite": "Flite",
    "espeak-ng": "eSpeak",
}
_ABOUT = {
    "kokoro": QT_TRANSLATE_NOOP(
        "Voices", "Natural. The voices that come with it have an accent; some more can be downloaded below."
    ),
    "piper": QT_TRANSLATE_NOOP(
        "Voices", "Natural. One American man comes with it, whom the program turns into others; more can be downloaded."
    ),
    "say": QT_TRANSLATE_NOOP("Voices", "Natural. More of them can be added in the settings of macOS."),
    "sapi": QT_TRANSLATE_NOOP("Voices", "Natural in the language of Windows. More can be added in its settings."),
    "flite": QT_TRANSLATE_NOOP("Voices", "Understandable, but flat, and only American English."),
    "espeak-ng": QT_TRANSLATE_NOOP("Voices", "Like a robot, but in a hundred languages."),
}
_REASONS = {
    "silent": QT_TRANSLATE_NOOP("Voices", "silent"),
    "cut": QT_TRANSLATE_NOOP("Voices", "cut off"),
    "too long": QT_TRANSLATE_NOOP("Voices", "too long"),
    "too short": QT_TRANSLATE_NOOP("Voices", "too short"),
    "refused": QT_TRANSLATE_NOOP("Voices", "not said at all"),
    "unlike the others": QT_TRANSLATE_NOOP("Voices", "unlike the others"),
}


def engine_title(name: str) -> str:
    """What an engine is called."""
    return QCoreApplication.translate("Voices", str(_TITLES.get(name, name)))


def about(state: EngineState) -> str:
    """How good an engine is, how many voices it has, or what is missing."""
    said = QCoreApplication.translate("Voices", str(_ABOUT.get(state.name, state.about)))
    if state.missing:
        return _tr("Not on this computer: {why}. {about}").format(why=state.missing.rstrip("."), about=said)
    if not state.voices:
        return _tr("It does not speak the language of this wake word. {about}").format(about=said)
    if len(state.voices) == 1:
        return _tr("1 voice. {about}").format(about=said)
    return _tr("{count} voices. {about}").format(count=QLocale().toString(len(state.voices)), about=said)


def voice_title(voice: Voice, number: int) -> str:
    """What a voice is called where one is chosen to listen to; ``number``: its place among those of its engine."""
    name, _, person = voice.name.partition("#")
    parts = name.split("-")
    if voice.engine == "piper" and len(parts) == _PIPER_PARTS:
        title = parts[1].replace("_", " ").capitalize()
        title = _tr("{voice}, person {number}").format(voice=title, number=person) if person else title
    else:
        title = _tr("voice {number}").format(number=number)
    said = _tr("{engine}: {voice}, as somebody else") if voice.changed else _tr("{engine}: {voice}")
    return said.format(engine=engine_title(voice.engine), voice=title)


def offer_facts(offer: Offer, card: Card | None = None) -> str:
    """How many people a voice can be, its size, and its licence as far as it is known."""
    one, many = _tr("1 person"), _tr("{count} people").format(count=QLocale().toString(offer.speakers))
    parts = [one if offer.speakers == 1 else many]
    if offer.bytes:
        parts.append(size(offer.bytes) if offer.installed else _tr("{size} to download").format(size=size(offer.bytes)))
    licence = card.licence if card is not None else offer.licence
    parts.append(licence or _tr("its licence is shown before the download"))
    return " · ".join(parts)


def question(card: Card) -> tuple[str, str]:
    """What somebody should know before the download: a title, and what the voice's description says."""
    if card.non_commercial:
        title = _tr("Not for commercial use")
        text = _tr("Its licence is {licence}. You may use a wake word that was made with it at home, but not sell it.")
    else:
        title = _tr("Download this voice?")
        text = _tr("Its licence is: {licence}.")
    return title, text.format(licence=card.licence.rstrip("."))


def result(report: VoicesReport) -> tuple[str, str]:
    """What came of it: a title and a sentence."""
    count = QLocale().toString(len(report.ids))
    title = _tr("1 sample was added") if len(report.ids) == 1 else _tr("{count} samples were added").format(count=count)
    said = [_tr("They are marked as computer voices.")]
    if report.unfinished:
        said.append(_tr("It was stopped before all of them were there."))
    rejected = sum(report.rejected.values())
    if rejected:
        why = ", ".join(
            f"{QLocale().toString(number)} {QCoreApplication.translate('Voices', str(_REASONS.get(reason, reason)))}"
            for reason, number in sorted(report.rejected.items())
        )
        said.append(_tr("Takes that went wrong were left out and said anew: {why}.").format(why=why))
    return title, " ".join([*said, *report.problems])


def duration(seconds: float) -> str:
    """Such as “about 6 minutes”."""
    minutes = max(1, round(seconds / 60))
    if minutes == 1:
        return _tr("about a minute")
    if minutes < 90:
        return _tr("about {count} minutes").format(count=minutes if minutes < 10 else 5 * round(minutes / 5))
    return _tr("about {count} hours").format(count=QLocale().toString(minutes / 60, "f", 1))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Voices", text)
