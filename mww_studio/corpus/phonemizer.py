"""From spelling to sound, by espeak-ng: the one that Piper's package brings, else the system's program."""

import re
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Self

from mww_studio.corpus.speech_process import SpeechProcess, run_program, voice_program
from mww_studio.corpus.voices import Check
from mww_studio.errors import StudioError

_TIMEOUT_S = 60.0
_NAMES = {"en": "en-us", "pt": "pt-br", "zh": "cmn", "no": "nb"}


def espeak_language(language: str) -> str:
    """The name by which espeak-ng knows a language; an accent that is spelled out is kept."""
    name = language.replace("_", "-").lower()
    return _NAMES.get(name, name)


def phonemizer_missing() -> str:
    """Why text cannot be turned into phonemes here; empty where it can."""
    if find_spec("piper") is not None or shutil.which("espeak-ng") is not None:
        return ""
    return "no phonemizer is installed: install piper-tts with pip, or the program espeak-ng"


class Phonemizer:
    """A running phonemizer; use it as a context. Raises StudioError ``voices.no_phonemizer`` where there is none."""

    def __init__(self) -> None:
        missing = phonemizer_missing()
        if missing:
            raise StudioError("voices.no_phonemizer", "The sound of a phrase cannot be found.", why=missing)
        self._process: SpeechProcess | None = None
        if find_spec("piper") is not None:
            self._process = SpeechProcess("phonemes", voice_program("phonemes"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.close()

    def ipa(self, texts: Sequence[str], language: str, check: Check = lambda: None) -> list[str]:
        """The IPA of each text, with stress marks. Raises StudioError ``voices.*`` where the phonemizer fails."""
        if self._process is None:
            return [_by_program(text, language, check) for text in texts]
        request = {"language": espeak_language(language), "texts": list(texts)}
        ipa = self._process.ask(request, check, timeout_s=_TIMEOUT_S).get("ipa")
        if not isinstance(ipa, list) or len(ipa) != len(texts):
            raise StudioError("voices.garbage", "The phonemizer answered something else than it was asked.")
        return [str(text) for text in ipa]


def _by_program(text: str, language: str, check: Check) -> str:
    command = ["espeak-ng", "-q", "--ipa", "-v", espeak_language(language), "--", text]
    spoken = run_program("espeak-ng", command, check, timeout_s=_TIMEOUT_S).decode("utf-8", errors="replace")
    return " ".join(re.sub(r"\([a-z-]+\)", "", spoken).split())
