"""From spelling to sound, by espeak-ng: the one that Piper's package brings, else the system's program."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from mww_studio.corpus.speech_process import SpeechProcess, run_program, voice_program
from mww_studio.corpus.voices import Check, primary_language
from mww_studio.errors import StudioError

_TIMEOUT_S = 60.0
_CLAUSE = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)*")
_REFUSALS = ("voices.refused", "voices.died")  # of the phonemizer, and of the program
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


def phonemizer_version() -> str:
    """What distinguishes its phonemes from those of other releases."""
    try:
        return f"piper-{version('piper-tts')}"
    except PackageNotFoundError:
        return "espeak-ng"


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
        names = [espeak_language(language), espeak_language(primary_language(language))]
        try:
            return self._spoken(texts, names[0], check)
        except StudioError as error:
            if error.code not in _REFUSALS or names[0] == names[1]:
                raise
        return self._spoken(texts, names[1], check)  # of an accent it knows the language at least

    def _spoken(self, texts: Sequence[str], name: str, check: Check) -> list[str]:
        if self._process is None:
            return _by_program(texts, name, check)
        request = {"language": name, "texts": list(texts)}
        ipa = self._process.ask(request, check, timeout_s=_TIMEOUT_S).get("ipa")
        if not isinstance(ipa, list) or len(ipa) != len(texts):
            raise StudioError("voices.garbage", "The phonemizer answered something else than it was asked.")
        return [str(text) for text in ipa]


def _by_program(texts: Sequence[str], name: str, check: Check) -> list[str]:
    """By one run of the program for all texts that are one clause each, and a run of its own for any other."""
    plain = [text for text in texts if _CLAUSE.fullmatch(text)]
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts"
        file.write_text("\n\n".join(plain), encoding="utf-8")
        if len(plain) > 1:
            lines = _run(["-f", str(file)], name, check).splitlines()
    together = dict(zip(plain, lines, strict=True)) if len(lines) == len(plain) else {}
    return [_tidy(together.get(text) or _run(["--", text], name, check)) for text in texts]


def _run(source: Sequence[str], name: str, check: Check) -> str:
    command = ["espeak-ng", "-q", "--ipa", "-v", name, *source]
    return run_program("espeak-ng", command, check, timeout_s=_TIMEOUT_S).decode("utf-8", errors="replace")


def _tidy(ipa: str) -> str:
    return " ".join(re.sub(r"\([a-z-]+\)", "", ipa).split())
