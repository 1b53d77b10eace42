"""Which computer voices are there, which could be, and one line of one of them to listen to."""

from collections.abc import Sequence
from dataclasses import dataclass

from mww_studio.corpus.synthesis import Rejected, Spoken, recall, speak_lines
from mww_studio.corpus.voice_catalogue import Offer
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voices import Engine, Line, Voice
from mww_studio.errors import StudioError
from mww_studio.jobs.voices_adding import checked_spelling
from mww_studio.jobs.wording import counted
from mww_studio.progress import Progress

_NO_LIMIT_S = 1e9
_MIB = 2**20
# Seconds that one core computes for a take of the wake word and for a sentence (benchmarks/voices.py).
_COST_S = {
    "kokoro": (1.1, 3.5), "piper": (0.25, 0.7), "say": (0.5, 1.5), "sapi": (0.2, 0.6), "flite": (0.1, 0.2),
    "espeak-ng": (0.06, 0.1),
}  # fmt: skip


@dataclass(frozen=True)
class EngineState:
    """An engine and its voices for one language. ``missing``: why it cannot be used, and what to install."""

    name: str
    about: str
    licence: str
    says_ipa: bool
    missing: str
    voices: tuple[Voice, ...]

    def summary(self) -> dict[str, object]:
        """For machines."""
        return {
            "name": self.name,
            "about": self.about,
            "licence": self.licence,
            "says_ipa": self.says_ipa,
            "missing": self.missing,
            "voices": [voice.label for voice in self.voices],
        }


def engine_states(language: str) -> list[EngineState]:
    """Every engine, the most natural first; one that does not answer is missing."""
    return [_state(engine, language) for engine in engines()]


def seconds_of(engine: str, takes: int, sentences: int) -> float:
    """How long an engine computes, about, on one core. ``takes``: short lines of any kind."""
    take_s, sentence_s = _COST_S.get(engine, (1.0, 3.0))
    return takes * take_s + sentences * sentence_s


def find_voice(label: str, language: str) -> tuple[Engine, Voice]:
    """A voice by its label, or the first one of an engine by the engine's name. Raises StudioError ``voices.*``."""
    name = label.partition(":")[0]
    engine = next((engine for engine in engines() if engine.name == name), None)
    if engine is None:
        known = ", ".join(engine.name for engine in engines())
        raise StudioError("voices.unknown", f"There is no voice engine “{name}”.", do=f"Choose among: {known}.")
    missing = engine.missing()
    if missing:
        raise StudioError("voices.missing", f"The voice engine {name} is not installed.", why=f"It needs: {missing}.")
    voices = engine.voices(language)
    voice = next((voice for voice in voices if label in (name, voice.label)), None)
    if voice is None:
        few = ", ".join(voice.label for voice in voices[:5]) or "none"
        raise StudioError(
            "voices.unknown",
            f"There is no voice “{label}” for the language “{language}”.",
            do=f"The first voices of {name} are: {few}.",
        )
    return engine, voice


def say_line(text: str, label: str, language: str, progress: Progress) -> Spoken:
    """One line as a take. ``text`` between slashes is IPA. Raises StudioError ``voices.*``; Cancelled."""
    engine, voice = find_voice(label, language)
    line = Line(checked_spelling(text), language, voice)
    if line.ipa is not None and not engine.says_ipa:
        raise StudioError(
            "voices.ipa", f"The voice engine {engine.name} cannot say IPA.", do="Choose another engine, or spell it."
        )
    known = recall(line, engine)
    results = [known] if known else list(speak_lines([engine], [line], budget_s=_NO_LIMIT_S, progress=progress))
    for result in results:
        if isinstance(result, StudioError):
            raise result
        if isinstance(result, Rejected):
            raise StudioError(
                "voices.rejected", f"What {label} said is not usable.", why=f"It is {result.reason}.", do="Try another."
            )
        return result
    raise StudioError("voices.died", f"The voice engine {engine.name} said nothing.")


def describe_states(states: Sequence[EngineState], language: str) -> str:
    """For people."""
    lines = []
    for state in states:
        there = state.missing or (counted(len(state.voices), "voice") if state.voices else "no voice for it")
        lines.append(f"{state.name:<10} {'not here' if state.missing else 'here':<9} {there}")
        lines.append(f"{'':<20} {state.about}")
    return "\n".join([f"Computer voices for the language “{language}”:", *lines])


def describe_offers(offers: Sequence[Offer]) -> str:
    """For people: a line a voice."""
    return "\n".join(
        f"{'installed' if offer.installed else '':<10} {offer.name:<34} {offer.bytes / _MIB:>5.0f} MB"
        f"  {counted(offer.speakers, 'speaker'):<13} {offer.title}{f', {offer.licence}' if offer.licence else ''}"
        for offer in offers
    )


def offer_summary(offer: Offer) -> dict[str, object]:
    """For machines."""
    return {
        "name": offer.name,
        "engine": offer.engine,
        "title": offer.title,
        "language": offer.language,
        "speakers": offer.speakers,
        "quality": offer.quality,
        "bytes": offer.bytes,
        "licence": offer.licence,
        "installed": offer.installed,
    }


def _state(engine: Engine, language: str) -> EngineState:
    missing, voices = engine.missing(), ()
    if not missing:
        try:
            return _made(engine, "", tuple(engine.voices(language)))
        except StudioError as error:
            missing = str(error)
    return _made(engine, missing, voices)


def _made(engine: Engine, missing: str, voices: tuple[Voice, ...]) -> EngineState:
    return EngineState(engine.name, engine.about, engine.licence, engine.says_ipa, missing, voices)
