"""Programs of the system that speak, run once for each line: espeak-ng, flite, and on a Mac ``say``."""

import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from sys import platform

import numpy as np
import soundfile

from mww_studio.corpus.phonemizer import espeak_language
from mww_studio.corpus.speech_process import ANSWER_S, run_program
from mww_studio.corpus.voices import Check, Line, Speaker, Speech, Voice, primary_language
from mww_studio.errors import StudioError

_LEAD_S = 0.05
_SPEAKERS = ((1.0, 1.0), (1.15, 1.08), (0.88, 0.95))  # pitch and formants

Command = Callable[[Line, Path, Path], list[str]]
"""The command that says a line: the line, a file with its text, and the file that it must write."""


class Flite:
    """The system's flite, with its built-in American voices."""

    name = "flite"
    about = "Understandable, but flat: four American men and women, in English only."
    licence = "BSD-like (flite)"
    says_ipa = False
    _NAMES = ("slt", "rms", "awb", "kal16")

    def missing(self) -> str:
        """Why it cannot be used here."""
        return "" if shutil.which("flite") else "install the program flite"

    def version(self) -> str:
        """Its voices have not changed for many years."""
        return "3"

    def voices(self, language: str) -> list[Voice]:
        """English voices only."""
        english = primary_language(language) == "en"
        names = self._NAMES if english else ()
        return [Voice(self.name, name, "en-us", *change) for change in _SPEAKERS for name in names]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """There is nothing to start: the program runs once for each line."""
        yield _ProgramSpeaker(self.name, self._command)

    def _command(self, line: Line, _text: Path, out: Path) -> list[str]:
        stretch = f"duration_stretch={1 / line.tempo:.3f}"
        return ["flite", "-voice", line.voice.name, "--setf", stretch, "-t", line.text, "-o", str(out)]


class Espeak:
    """The system's espeak-ng: robotic, but in every language."""

    name = "espeak-ng"
    about = "Robotic, but it speaks a hundred languages."
    licence = "no rights in its output (program: GPL-3.0-or-later)"
    says_ipa = False
    _VARIANTS = ("m3", "f2", "m7", "f4", "m1", "f3")
    _WORDS_PER_MINUTE = 165

    def missing(self) -> str:
        """Why it cannot be used here."""
        return "" if shutil.which("espeak-ng") else "install the program espeak-ng"

    def version(self) -> str:
        """Its voices hardly change between releases."""
        return "2"

    def voices(self, language: str) -> list[Voice]:
        """The language in several timbres."""
        known = espeak_language(language)
        return [Voice(self.name, variant, known, *change) for change in _SPEAKERS for variant in self._VARIANTS]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """There is nothing to start: the program runs once for each line."""
        yield _ProgramSpeaker(self.name, self._command)

    def _command(self, line: Line, _text: Path, out: Path) -> list[str]:
        speed = str(round(self._WORDS_PER_MINUTE * line.tempo))
        voice = f"{line.voice.language}+{line.voice.name}"
        return ["espeak-ng", "-v", voice, "-s", speed, "-w", str(out), "--", line.text]


class Say:
    """The voices of macOS, by its program ``say``."""

    name = "say"
    about = "The voices of macOS, natural in many languages; more of them in its settings, under spoken content."
    licence = "that of macOS: what its voices say is for personal, non-commercial use"
    says_ipa = False
    _WORDS_PER_MINUTE = 175
    _LINE = re.compile(r"^(?P<name>\S.*?)\s+(?P<language>[a-z]{2,3}[_-][A-Za-z0-9_]+)\s+#")
    _TOYS = frozenset(
        {"Albert", "Bad News", "Bahh", "Bells", "Boing", "Bubbles", "Cellos", "Deranged", "Good News", "Hysterical"}
        | {"Jester", "Organ", "Pipe Organ", "Superstar", "Trinoids", "Whisper", "Wobble", "Zarvox"}
    )

    def missing(self) -> str:
        """Why it cannot be used here."""
        if platform != "darwin":
            return "it is a part of macOS"
        return "" if shutil.which("say") else "the program say is not there"

    def version(self) -> str:
        """It comes with the system."""
        return "1"

    def voices(self, language: str) -> list[Voice]:
        """Those that are installed for the language, jokes left out. Raises StudioError ``voices.*``."""
        found = (self._LINE.match(line) for line in _say_list().splitlines())
        return [
            Voice(self.name, match["name"], match["language"].replace("_", "-").lower())
            for match in found
            if match
            and match["name"] not in self._TOYS
            and primary_language(match["language"]) == primary_language(language)
        ]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """There is nothing to start: the program runs once for each line."""
        yield _ProgramSpeaker(self.name, self._command)

    def _command(self, line: Line, text: Path, out: Path) -> list[str]:
        speed = str(round(self._WORDS_PER_MINUTE * line.tempo))
        kind = ["--file-format=WAVE", "--data-format=LEI16@22050"]
        return ["say", "-v", line.voice.name, "-r", speed, *kind, "-o", str(out), "-f", str(text)]


class _ProgramSpeaker:
    def __init__(self, name: str, command: Command) -> None:
        self._name = name
        self._command = command
        self._busy_s = 0.0

    def busy_s(self) -> float:
        return self._busy_s

    def speak(self, line: Line, check: Check) -> Speech:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mww-voice-") as folder:
            text, out = Path(folder) / "line.txt", Path(folder) / "line.wav"
            text.write_text(line.text, encoding="utf-8")
            run_program(self._name, self._command(line, text, out), check, timeout_s=ANSWER_S)
            try:
                pcm, rate_hz = soundfile.read(out, dtype="int16", always_2d=True)
            except (OSError, soundfile.LibsndfileError) as error:
                raise StudioError(
                    "voices.garbage", f"The voice engine {self._name} wrote no sound.", why=str(error)
                ) from error
        self._busy_s += time.monotonic() - start
        # These programs begin with a vowel at full voice, which must not look as if its beginning were missing.
        return Speech(np.pad(pcm[:, 0], (round(_LEAD_S * rate_hz), 0)), int(rate_hz))


@cache
def _say_list() -> str:
    return run_program("say", ["say", "-v", "?"], lambda: None, timeout_s=ANSWER_S).decode("utf-8", errors="replace")
