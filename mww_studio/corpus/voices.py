"""What every engine that turns text into speech has in common: voices, lines to say, and what comes back."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mww_studio.project.records import Split

Check = Callable[[], None]
"""Called every fraction of a second while an engine works; raises Cancelled to stop it."""


@dataclass(frozen=True)
class Voice:
    """One voice of one engine. ``language``: the language it was made for, such as ``en-us``.

    ``pitch`` and ``formants`` make another speaker of it (:mod:`mww_studio.corpus.timbre`); the tempo stays.
    ``licence``: that of what it says, where it has one of its own.
    """

    engine: str
    name: str
    language: str
    pitch: float = 1.0
    formants: float = 1.0
    licence: str = ""

    @property
    def changed(self) -> bool:
        """Whether it is made another speaker."""
        return (self.pitch, self.formants) != (1.0, 1.0)

    @property
    def label(self) -> str:
        """The name under which its clips are kept, such as ``piper:en_US-joe-medium@1.6/1.15``."""
        changed = f"@{self.pitch:g}/{self.formants:g}" if self.changed else ""
        return f"{self.engine}:{self.name}{changed}"

    @property
    def side(self) -> Split:
        """The side of the corpus on which all its clips stand."""
        return side_of_voice(self.label)


@dataclass(frozen=True)
class Line:
    """What a voice is to say, and how.

    ``text`` between slashes, such as ``/həlˈoʊ/``, is IPA, which not every engine can say. ``speed`` 1.0 is the voice's
    own. ``liveliness`` 1.0 is the engine's own amount of chance in the sound, ``rhythm`` 1.0 that in the lengths of the
    sounds. ``take`` tells apart lines that are otherwise equal, for engines that never say a thing twice in the same
    way.
    """

    text: str
    language: str
    voice: Voice
    speed: float = 1.0
    liveliness: float = 1.0
    take: int = 0
    rhythm: float = 1.0

    @property
    def ipa(self) -> str | None:
        """The sounds to say, where they are written as IPA; None where the text is spelled."""
        return ipa_of(self.text)

    @property
    def tempo(self) -> float:
        """The speed at which the engine must speak, so that the tempo is right once the pitch was changed."""
        return self.speed / self.voice.pitch

    def key(self, engine_version: str) -> str:
        """The name of this line's sound in the cache."""
        said = asdict(self)
        del said["voice"]["licence"]
        content = json.dumps([engine_version, said], sort_keys=True, ensure_ascii=False)
        return sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class Speech:
    """What an engine said. ``pcm``: int16 [samples], mono, at ``rate_hz``."""

    pcm: npt.NDArray[np.int16]
    rate_hz: int


class Speaker(Protocol):
    """An engine that is running."""

    def speak(self, line: Line, check: Check) -> Speech:
        """Say ``line``. Raises StudioError ``voices.*`` where the engine fails, hangs or answers nonsense."""

    def busy_s(self) -> float:
        """Seconds of computing so far."""


class Engine(Protocol):
    """An engine that may or may not be there. ``about``: how natural it is, for people, in one sentence.

    ``licence`` is that of what its voices say, where a voice has none of its own. ``says_ipa``: whether it can say
    IPA.
    """

    name: str
    about: str
    licence: str
    says_ipa: bool

    def missing(self) -> str:
        """Why the engine cannot be used here, and what to install; empty where it can."""

    def version(self) -> str:
        """What distinguishes its sound from that of other releases."""

    def voices(self, language: str) -> list[Voice]:
        """Its voices for ``language``, the best first; none where it does not know the language."""

    def open(self) -> AbstractContextManager[Speaker]:
        """Start it; leaving the context ends its processes."""


def ipa_of(text: str) -> str | None:
    """The IPA in a text that stands between slashes; None where it is spelled."""
    inside = text.strip()
    return inside[1:-1].strip() if len(inside) > 2 and inside[0] == inside[-1] == "/" else None


def side_of_voice(label: str) -> Split:
    """On which side of the corpus synthetic clips stand, from the label of their voice (a clip's ``engine``).

    Whole engines, some voices of each other engine and some of the computed noise are never trained on. Of the voices
    that a person installed, every eighth validates and every eighth examines, with all that is made of it; a blend
    (``a+b``) trains, and is made of voices that do.
    """
    voice, _, _ = label.partition("@")
    for name in (label, voice, voice.partition(":")[0] + ":"):
        if name in _HELD_OUT:
            return _HELD_OUT[name]
    if not voice.startswith(_INSTALLED) or "+" in voice or voice.startswith(_BUNDLED):
        return Split.TRAIN
    turn = sha256(voice.encode()).digest()[0] % _EVERY
    return {0: Split.TEST, 1: Split.VALIDATION}.get(turn, Split.TRAIN)


def noise_label(side: Split) -> str:
    """What stands in place of a voice's label for computed noise of one side."""
    return f"noise:{side}"


def primary_language(language: str) -> str:
    """``en`` of ``en-US``."""
    return language.replace("_", "-").split("-")[0].lower()


_INSTALLED = ("piper:", "kokoro:")
_BUNDLED = ("piper:en_US-joe-medium", "kokoro:jf_", "kokoro:jm_")
_EVERY = 8
_HELD_OUT = {
    "flite:": Split.TEST,
    "say:": Split.TEST,
    "sapi:": Split.TEST,
    "kokoro:jf_nezumi": Split.TEST,
    "kokoro:0.7jf_tebukuro+0.3jm_kumo": Split.VALIDATION,
    "piper:en_US-joe-medium@1.5/1.2": Split.VALIDATION,
    "piper:en_US-joe-medium@0.8/1": Split.VALIDATION,
    "piper:en_US-joe-medium@1.95/1.16": Split.TEST,
    "piper:en_US-joe-medium@1.05/0.9": Split.TEST,
    "espeak-ng:f4": Split.TEST,
    "espeak-ng:m7": Split.VALIDATION,
    noise_label(Split.TEST): Split.TEST,
    noise_label(Split.VALIDATION): Split.VALIDATION,
}
