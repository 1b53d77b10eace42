"""A corpus without a single recording: synthetic voices, near-sounding phrases, sentences, and computed noise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from mww_studio.audio.quality import judge
from mww_studio.corpus.noises import make_babble, make_noise, noise_kinds
from mww_studio.corpus.phrases import near_phrases
from mww_studio.corpus.sentences import sentences
from mww_studio.corpus.synthesis import Pcm, Spoken, synthesise
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voices import Engine, Line, Voice, noise_label
from mww_studio.errors import StudioError
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, NewClip, Split
from mww_studio.project.store import Project

_READINGS = ("{}", "{}.", "{}!", "{}?")
_ROBOTIC = "espeak-ng"
_SPEEDS = (0.8, 1.25)
_LIVELINESS = (0.6, 1.3)
_TURNS = (Split.TRAIN, Split.VALIDATION, Split.TRAIN, Split.TRAIN, Split.TEST, Split.TRAIN)
_NOISE_SEED = 1_000_000  # far from the seeds of the backgrounds that training computes for itself
_NOISE_CLIP_S = 15.0
_OUR_LICENCE = "computed by mww_studio"


@dataclass(frozen=True)
class EngineShare:
    """How many lines of each kind one engine is asked for."""

    wake_words: int
    near: int
    sentences: int


@dataclass(frozen=True)
class CorpusBudget:
    """How much to make. ``synthesis_s``: seconds that each engine may compute; what it does not reach is left out.

    Near-sounding phrases are few on purpose: many make the model miss the word itself. A robotic engine says the word
    only where no natural one is installed.
    """

    synthesis_s: float = 90.0
    near_phrases: int = 32
    ambience_s: float = 900.0
    shares: tuple[tuple[str, EngineShare], ...] = (
        ("kokoro", EngineShare(60, 8, 20)),
        ("piper", EngineShare(160, 32, 260)),
        ("flite", EngineShare(40, 24, 160)),
        (_ROBOTIC, EngineShare(60, 6, 90)),
    )


@dataclass(frozen=True)
class Corpus:
    """What was made. ``engines``: those that spoke; ``problems``: what did not work, in sentences."""

    clips: tuple[NewClip, ...]
    engines: tuple[str, ...]
    problems: tuple[str, ...]

    def of(self, kind: ClipKind) -> list[NewClip]:
        """The clips of one kind."""
        return [clip for clip in self.clips if clip.kind is kind]


def synthesise_corpus(
    phrase: str,
    language: str,
    *,
    budget: CorpusBudget | None = None,
    progress: Progress | None = None,
    installed: Sequence[Engine] | None = None,
    cache: Path | None = None,
) -> Corpus:
    """Wake words, near-sounding phrases, ordinary speech and ambience for ``phrase``.

    A clip's ``engine`` and ``speaker`` name its synthetic voice; :func:`mww_studio.corpus.voices.side_of_voice` says on
    which side of the corpus the voice stands. No sentence is spoken on two sides. Raises StudioError ``voices.none``
    where no engine says the phrase, and Cancelled.
    """
    budget = budget or CorpusBudget()
    progress = progress or Progress()
    usable, problems = _usable(engines() if installed is None else installed, language)
    progress.phase("near-sounding phrases")
    near = [item.text for item in near_phrases(phrase, language, budget.near_phrases, progress.check_cancelled)]
    shares = dict(budget.shares)
    plan: dict[Line, ClipKind] = {}
    for engine in usable:
        share = shares[engine.name]
        if engine.name == _ROBOTIC and len(usable) > 1:
            share = replace(share, wake_words=0)
        plan |= _plan(engine.voices(language), share, phrase, near, language)
    spoken = synthesise(usable, list(plan), budget_s=budget.synthesis_s, progress=progress, cache=cache)
    problems += [str(error) for error in spoken.failed]
    clips = [_clip(take, plan[take.line]) for take in spoken.spoken]
    if not any(clip.kind is ClipKind.WAKE_WORD for clip in clips):
        raise StudioError(
            "voices.none",
            f'No synthetic voice could say "{phrase}".',
            why=" ".join(problems),
            do='Install voices with: pip install "mww-studio[voices]", or record the wake word.',
        )
    talk: dict[Split, list[Pcm]] = {side: [] for side in Split}
    for take in spoken.spoken:
        if plan[take.line] is ClipKind.SPEECH:
            talk[take.line.voice.side].append(take.pcm)
    clips += _ambience(budget.ambience_s, talk, progress)
    speaking = dict.fromkeys(take.line.voice.engine for take in spoken.spoken)
    return Corpus(tuple(clips), tuple(speaking), tuple(problems))


def fill_project(
    project: Project,
    phrase: str,
    language: str,
    *,
    budget: CorpusBudget | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Make a corpus for ``phrase`` and add its clips to ``project``; returns what was made."""
    corpus = synthesise_corpus(phrase, language, budget=budget, progress=progress)
    project.add_clips(corpus.clips)
    return corpus


def _usable(known: Sequence[Engine], language: str) -> tuple[list[Engine], list[str]]:
    usable, problems = [], []
    for engine in known:
        missing = engine.missing()
        if missing:
            problems.append(f"{engine.name} is not used: {missing}.")
        elif engine.voices(language):
            usable.append(engine)
    return usable, problems


def _plan(
    voices: Sequence[Voice], share: EngineShare, phrase: str, near: Sequence[str], language: str
) -> dict[Line, ClipKind]:
    """Lines for one engine, all kinds mixed, so that any time budget leaves the same proportions."""
    wake = _wake_lines(voices, phrase, language)
    neighbours = _near_lines(voices, near, language)
    talk = _sentence_lines(voices, language)
    parts = (
        (ClipKind.WAKE_WORD, list(islice(wake, share.wake_words))),
        (ClipKind.NEAR, list(islice(neighbours, share.near))),
        (ClipKind.SPEECH, list(islice(talk, share.sentences))),
    )
    placed = [((number + 0.5) / len(lines), line, kind) for kind, lines in parts for number, line in enumerate(lines)]
    return {line: kind for _, line, kind in sorted(placed, key=lambda item: item[0])}


def _wake_lines(voices: Sequence[Voice], phrase: str, language: str) -> Iterator[Line]:
    for take, voice in enumerate(_rota(voices)):
        rng = np.random.default_rng(take)
        reading = _READINGS[rng.integers(len(_READINGS))].format(phrase)
        liveliness = round(rng.uniform(*_LIVELINESS), 2)
        yield Line(reading, language, voice, _speed(rng), liveliness, take)


def _near_lines(voices: Sequence[Voice], near: Sequence[str], language: str) -> Iterator[Line]:
    for number, voice in enumerate(_rota(voices) if near else ()):
        turn, place = divmod(number, len(near))
        # Each time round, the phrases meet other voices.
        yield Line(near[(place + turn) % len(near)], language, voice, _speed(np.random.default_rng(number)), take=turn)


def _sentence_lines(voices: Sequence[Voice], language: str) -> Iterator[Line]:
    """Each voice says sentences of its own side only, so that no sentence is known from training."""
    sides = {side: cycle(_sentences_of(side, language)) for side in Split}
    for number, voice in enumerate(_rota(voices)):
        yield Line(next(sides[voice.side]), language, voice, _speed(np.random.default_rng(number)), take=number)


def _rota(voices: Sequence[Voice]) -> Iterator[Voice]:
    """Voices in turn, so that those held out speak often enough to examine the others."""
    by_side = {side: [voice for voice in voices if voice.side is side] for side in Split}
    speakers = {side: cycle(group) for side, group in by_side.items() if group}
    return (next(speakers[side]) for side in cycle(_TURNS) if side in speakers)


def _speed(rng: np.random.Generator) -> float:
    return round(float(rng.uniform(*_SPEEDS)), 2)


def _sentences_of(side: Split, language: str) -> list[str]:
    places = {Split.VALIDATION: (2,), Split.TEST: (5,), Split.TRAIN: (0, 1, 3, 4, 6, 7)}[side]
    mixed = sorted(sentences(language), key=lambda text: sha256(text.encode()).digest())
    return [text for number, text in enumerate(mixed) if number % 8 in places]


def _clip(take: Spoken, kind: ClipKind) -> NewClip:
    label = take.line.voice.label
    return _new_clip(
        kind,
        take.pcm,
        f'"{take.line.text}" said by {label}',
        licence=take.licence,
        engine=label,
        speaker=label,
        speech=(take.speech_start_s, take.speech_end_s),
    )


def _ambience(seconds: float, talk: Mapping[Split, Sequence[Pcm]], progress: Progress) -> list[NewClip]:
    wanted = round(seconds / _NOISE_CLIP_S)
    kinds = noise_kinds()
    progress.phase("noise", wanted)
    clips = []
    for number in range(wanted):
        progress.check_cancelled()
        side = _TURNS[number % len(_TURNS)]
        kind, seed = kinds[number % len(kinds)], _NOISE_SEED + number
        if talk[side] and number // len(_TURNS) % 4 == number % 4:
            kind, pcm = "babble", make_babble(talk[side], _NOISE_CLIP_S, seed)
        else:
            pcm = make_noise(kind, _NOISE_CLIP_S, seed)
        source = f"computed noise: {kind} {number}"
        clips.append(_new_clip(ClipKind.AMBIENCE, pcm, source, licence=_OUR_LICENCE, engine=noise_label(side)))
        progress.step(number + 1)
    return clips


def _new_clip(
    kind: ClipKind,
    pcm: Pcm,
    source: str,
    *,
    licence: str,
    engine: str,
    speaker: str | None = None,
    speech: tuple[float, float] | None = None,
) -> NewClip:
    start, end = speech or (None, None)
    return NewClip(
        kind=kind,
        pcm=pcm,
        recording=sha256(pcm.tobytes()).hexdigest(),
        source=source,
        quality=judge(pcm, start, end, kind),
        speech_start_s=start,
        speech_end_s=end,
        speaker=speaker,
        licence=licence,
        engine=engine,
    )
