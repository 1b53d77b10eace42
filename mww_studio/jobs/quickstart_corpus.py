"""A corpus without a single recording: synthetic voices, near-sounding phrases, sentences, and computed noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from mww_studio.corpus.noises import make_babble, make_noise, noise_kinds
from mww_studio.corpus.phrases import NearPhrase, near_phrases
from mww_studio.corpus.synthesis import Pcm, synthesise
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voices import Engine, Line, noise_label
from mww_studio.errors import StudioError
from mww_studio.jobs.voices_clips import made_clip, spoken_clip
from mww_studio.jobs.voices_lines import SIDES_IN_TURN, Manner, mixed, near_lines, sentence_lines, wake_lines
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind, NewClip, Split
from mww_studio.project.store import Project

_MANNER = Manner()
_ROBOTIC = "espeak-ng"
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
    near = near_phrases(phrase, language, budget.near_phrases, progress.check_cancelled)
    shares = dict(budget.shares)
    plan: dict[Line, ClipKind] = {}
    for engine in usable:
        share = shares[engine.name]
        if engine.name == _ROBOTIC and len(usable) > 1:
            share = replace(share, wake_words=0)
        plan |= _plan(engine, share, phrase, near, language)
    spoken = synthesise(usable, list(plan), budget_s=budget.synthesis_s, progress=progress, cache=cache)
    problems += [str(error) for error in spoken.failed]
    clips = [spoken_clip(take, plan[take.line]) for take in spoken.spoken]
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
    engine: Engine, share: EngineShare, phrase: str, near: Sequence[NearPhrase], language: str
) -> dict[Line, ClipKind]:
    """Lines for one engine, all kinds mixed, so that any time budget leaves the same proportions."""
    voices = engine.voices(language)
    neighbours = near_lines(voices, near, language, _MANNER, says_ipa=engine.says_ipa)
    parts = {
        ClipKind.WAKE_WORD: list(islice(wake_lines(voices, [phrase], language, _MANNER), share.wake_words)),
        ClipKind.NEAR: list(islice(neighbours, share.near)),
        ClipKind.SPEECH: list(islice(sentence_lines(voices, language, _MANNER), share.sentences)),
    }
    kinds = {line: kind for kind, lines in parts.items() for line in lines}
    return {line: kinds[line] for line in mixed(*parts.values())}


def _ambience(seconds: float, talk: Mapping[Split, Sequence[Pcm]], progress: Progress) -> list[NewClip]:
    wanted = round(seconds / _NOISE_CLIP_S)
    kinds = noise_kinds()
    progress.phase("noise", wanted)
    clips = []
    for number in range(wanted):
        progress.check_cancelled()
        side = SIDES_IN_TURN[number % len(SIDES_IN_TURN)]
        kind, seed = kinds[number % len(kinds)], _NOISE_SEED + number
        if talk[side] and number // len(SIDES_IN_TURN) % 4 == number % 4:
            kind, pcm = "babble", make_babble(talk[side], _NOISE_CLIP_S, seed)
        else:
            pcm = make_noise(kind, _NOISE_CLIP_S, seed)
        source = f"computed noise: {kind} {number}"
        clips.append(made_clip(ClipKind.AMBIENCE, pcm, source, licence=_OUR_LICENCE, engine=noise_label(side)))
        progress.step(number + 1)
    return clips
