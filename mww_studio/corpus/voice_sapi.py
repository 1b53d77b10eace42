"""The voices of Windows (SAPI), through PowerShell and .NET's System.Speech, in a process of their own."""

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from sys import platform
from xml.sax.saxutils import escape, quoteattr

from mww_studio.corpus.speech_process import ANSWER_S, SpeechProcess, spoken
from mww_studio.corpus.voices import Check, Line, Speaker, Speech, Voice, primary_language
from mww_studio.errors import StudioError

_PROGRAM = "powershell"
_FASTEST = 10  # three times as fast as the voice itself, on a logarithmic scale


class Sapi:
    """The voices of Windows."""

    name = "sapi"
    about = "The voices of Windows, natural in the language of the system; more of them in its settings, under speech."
    licence = "that of Windows and of the voice"
    says_ipa = True

    def missing(self) -> str:
        """Why it cannot be used here."""
        if platform != "win32":
            return "it is a part of Windows"
        return "" if shutil.which(_PROGRAM) else "PowerShell is not there"

    def version(self) -> str:
        """It comes with the system."""
        return "1"

    def voices(self, language: str) -> list[Voice]:
        """Those that are installed for the language. Raises StudioError ``voices.*``."""
        return [
            Voice(self.name, name, culture.lower())
            for name, culture in _installed()
            if primary_language(culture) == primary_language(language)
        ]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """Start PowerShell."""
        with SpeechProcess(self.name, _command()) as process:
            yield _SapiSpeaker(process)


class _SapiSpeaker:
    def __init__(self, process: SpeechProcess) -> None:
        self._process = process

    def speak(self, line: Line, check: Check) -> Speech:
        rate = round(_FASTEST * math.log(line.tempo, 3))
        request = {
            "voice": line.voice.name,
            "text": line.text,
            "ssml": None if line.ipa is None else _ssml(line.ipa, line.voice.language),
            "rate": max(-_FASTEST, min(_FASTEST, rate)),
        }
        return spoken(self._process.ask(request, check, timeout_s=ANSWER_S), line)

    def busy_s(self) -> float:
        return self._process.cpu_s()


def _command() -> list[str]:
    script = Path(__file__).with_name("voice_sapi.ps1")
    return [_PROGRAM, "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", str(script)]


def _ssml(ipa: str, language: str) -> str:
    """IPA as the voices of Windows take it."""
    place, _, region = language.partition("-")
    culture = f"{place}-{region.upper()}" if region else place
    namespace = "http://www.w3.org/2001/10/synthesis"
    word = f'<phoneme alphabet="ipa" ph={quoteattr(ipa)}>{escape("word")}</phoneme>'
    return f'<speak version="1.0" xmlns="{namespace}" xml:lang="{culture}">{word}</speak>'


@cache
def _installed() -> tuple[tuple[str, str], ...]:
    with SpeechProcess(Sapi.name, _command()) as process:
        answer = process.ask({"list": True}, lambda: None, timeout_s=ANSWER_S)
    try:
        return tuple((str(voice["name"]), str(voice["language"])) for voice in answer["voices"])
    except (KeyError, TypeError) as error:
        raise StudioError("voices.garbage", "Windows did not say which voices it has.", why=repr(error)) from error
