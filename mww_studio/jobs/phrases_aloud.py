"""A near-sounding phrase, said once by a computer voice, for somebody who wants to hear what is in the list."""

from collections.abc import Sequence
from pathlib import Path

from mww_studio.corpus.synthesis import Pcm, synthesise
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voices import Engine, Line
from mww_studio.errors import StudioError
from mww_studio.progress import Progress

_BUDGET_S = 60.0
_QUICK = "piper"  # natural, and there within a second or two


def say_phrase(
    text: str,
    ipa: str,
    language: str,
    *,
    progress: Progress | None = None,
    installed: Sequence[Engine] | None = None,
    cache: Path | None = None,
) -> Pcm:
    """``text``, or its ``ipa`` where there is some, by a natural voice that begins soon: int16 [samples], 16 kHz.

    Takes a second or two, the first time, and is kept in ``cache``. Raises StudioError ``phrases.voice`` where no
    voice says it, and Cancelled.
    """
    problems = []
    for engine in sorted(engines() if installed is None else installed, key=lambda one: one.name != _QUICK):
        missing = engine.missing() or ("" if engine.says_ipa or not ipa else "it cannot say single sounds")
        voices = [] if missing else engine.voices(language)
        if not voices:
            problems.append(f"{engine.name}: {missing or 'it does not know the language'}.")
            continue
        line = Line(f"/{ipa}/" if ipa else text, language, voices[0])
        said = synthesise([engine], [line], budget_s=_BUDGET_S, progress=progress or Progress(), cache=cache)
        if said.spoken:
            return said.spoken[0].pcm
        problems += [f"{engine.name}: {reason}." for reason in said.rejected]
        problems += [str(error) for error in said.failed]
    raise StudioError(
        "phrases.voice",
        f"No computer voice could say “{text}”.",
        why=" ".join(problems),
        do='Install voices with: pip install "mww-studio[voices]".',
    )
