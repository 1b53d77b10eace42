"""What a project knows: its clips, their quality, its training runs."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError

MAX_WAKE_WORD_CHARACTERS = 60
MAX_NAME_CHARACTERS = 120
_UNPRINTABLE = ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class ClipKind(StrEnum):
    """What a clip teaches the model."""

    WAKE_WORD = "wake-word"
    SPEECH = "speech"
    NEAR = "near"
    AMBIENCE = "ambience"
    RIR = "rir"


class Split(StrEnum):
    """The side of the corpus on which a clip stands."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class Style(StrEnum):
    """How the person was asked to say a take."""

    NORMAL = "normal"
    FAR = "far"
    QUIET = "quiet"
    LOUD = "loud"
    SLOW = "slow"
    HURRIED = "hurried"


class Judgement(StrEnum):
    """What a person should think of a clip: good, with problems, or with problems and kept on purpose."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    KEPT = "kept"


class ClipOrder(StrEnum):
    """By what a list of clips is sorted."""

    ID = "id"
    KIND = "kind"
    SPEAKER = "speaker"
    DURATION = "duration"
    JUDGEMENT = "judgement"
    CREATED = "created"


class RunState(StrEnum):
    """Where a training run stands."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Problem:
    """Something wrong with a clip: a stable ``code``, and one sentence on what to do."""

    code: str
    advice: str


@dataclass(frozen=True)
class Quality:
    """Measures of a clip. Levels in dB relative to full scale; ``snr_db`` is None where no background was heard."""

    peak_dbfs: float
    speech_rms_dbfs: float
    snr_db: float | None
    clipped_fraction: float
    dc_offset: float
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class NewClip:
    """A clip on its way into a project; fields as in :class:`Clip`. ``pcm``: int16 [samples], 16 kHz mono."""

    kind: ClipKind
    pcm: npt.NDArray[np.int16]
    recording: str
    source: str
    quality: Quality
    speech_start_s: float | None = None
    speech_end_s: float | None = None
    speaker: str | None = None
    licence: str = ""
    engine: str | None = None
    style: Style | None = None
    kept: bool = False
    note: str = ""
    origin: int | None = None


@dataclass(frozen=True)
class Clip:
    """A clip of a project: 16 kHz mono 16-bit WAV at ``path``, relative to the project, with forward slashes.

    ``sha256`` is that of the samples. ``speech_start_s`` and ``speech_end_s`` lie inside the clip (wake words and
    near-sounding phrases; in an impulse response ``speech_start_s`` is its onset). ``recording`` is the sha256 of the
    file it was cut from, shared by all its clips. ``engine`` names the synthetic voice; None is a real recording.
    ``kept``: it has problems and was kept on purpose. ``origin``: the clip from which this one was cut, which decides
    its side of the corpus; None where it is its own.
    """

    id: int
    kind: ClipKind
    path: str
    sha256: str
    duration_s: float
    speech_start_s: float | None
    speech_end_s: float | None
    speaker: str | None
    source: str
    recording: str
    licence: str
    engine: str | None
    quality: Quality
    created_at: datetime
    style: Style | None = None
    kept: bool = False
    note: str = ""
    origin: int | None = None

    @property
    def synthetic(self) -> bool:
        """Whether a computer voice speaks."""
        return self.engine is not None

    @property
    def judgement(self) -> Judgement:
        """What a person should think of it."""
        if not self.quality.problems:
            return Judgement.GOOD
        return Judgement.KEPT if self.kept else Judgement.DOUBTFUL


@dataclass(frozen=True)
class Tally:
    """The clips that have all this in common, the trash left out: how many they are, and how long together.

    ``synthetic``: a computer voice speaks in them.
    """

    kind: ClipKind
    judgement: Judgement
    speaker: str | None
    style: Style | None
    synthetic: bool
    clips: int
    seconds: float


class Lineage(NamedTuple):
    """What decides on which side of the corpus a clip stands; fields as in :class:`Clip`, of which it takes a tenth of
    the time to read."""

    id: int
    kind: ClipKind
    speaker: str | None
    recording: str
    engine: str | None
    origin: int | None


class Label(NamedTuple):
    """What people can say about many clips at once; fields as in :class:`Clip`."""

    id: int
    kind: ClipKind
    speaker: str | None
    kept: bool


@dataclass(frozen=True)
class Person:
    """Somebody whose voice is in the project. ``consented_at``: when they, or a parent, agreed; None is not known."""

    id: int
    name: str
    child: bool
    consented_at: datetime | None


@dataclass(frozen=True)
class ClipQuery:
    """Which clips are wanted, and in which order; equal ones by their age.

    ``speaker``: None is everybody, "" those whose speaker is unknown. ``text`` is looked for in the source, the note
    and the speaker's name, whatever the case. ``split`` needs :meth:`~mww_studio.project.store.Project.set_splits`.
    """

    kinds: frozenset[ClipKind] = frozenset(ClipKind)
    speaker: str | None = None
    judgement: Judgement | None = None
    split: Split | None = None
    text: str = ""
    trashed: bool = False
    order: ClipOrder = ClipOrder.ID
    descending: bool = True


@dataclass(frozen=True)
class Run:
    """One training. Its files are in ``runs/<id>/``."""

    id: str
    preset: str
    seed: int
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    message: str


@dataclass(frozen=True)
class ProjectInfo:
    """What the project is about."""

    wake_word: str
    language: str
    author: str
    created_at: datetime


def pcm_sha256(pcm: npt.NDArray[np.int16]) -> str:
    """What a clip is known by: the sha256 of its samples as little-endian int16."""
    return hashlib.sha256(pcm.astype("<i2").tobytes()).hexdigest()


def checked_wake_word(text: str) -> str:
    """The wake word with its spaces tidied. Raises StudioError ``project.wake_word`` where it cannot be one."""
    word = " ".join(unicodedata.normalize("NFC", text).split())
    do = 'Choose a word or short phrase of two to four syllables, such as "hey computer".'
    if not word:
        raise StudioError("project.wake_word", "The wake word is empty.", do=do)
    if len(word) > MAX_WAKE_WORD_CHARACTERS:
        raise StudioError(
            "project.wake_word",
            f"The wake word has {len(word)} characters.",
            why=f"More than {MAX_WAKE_WORD_CHARACTERS} cannot be said in the two seconds that the device listens to.",
            do=do,
        )
    if any(unicodedata.category(character) in _UNPRINTABLE for character in word):
        raise StudioError("project.wake_word", "The wake word contains control characters.", do=do)
    if not any(character.isalnum() for character in word):
        raise StudioError("project.wake_word", f'"{word}" has no letters to say.', do=do)
    if word.casefold() in law().manifest.reserved_wake_words:
        raise StudioError(
            "project.wake_word",
            f"“{word}” is a name that the device uses itself.",
            why="ESPHome calls its own voice activity model so.",
            do=do,
        )
    return word


def checked_name(text: str, what: str) -> str:
    """A name of a person with its spaces tidied; ``what`` says whose. Raises StudioError ``project.name``."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    unprintable = any(unicodedata.category(character) in _UNPRINTABLE for character in name)
    if len(name) > MAX_NAME_CHARACTERS or unprintable:
        raise StudioError(
            "project.name",
            f"The {what} is not usable.",
            why="It contains control characters." if unprintable else f"It has {len(name)} characters.",
            do=f"Give a name of at most {MAX_NAME_CHARACTERS} ordinary characters.",
        )
    return name


def checked_language(text: str) -> str:
    """A language code. Raises StudioError ``project.language``."""
    if not _LANGUAGE.fullmatch(text):
        raise StudioError(
            "project.language", f'"{text}" is not a language code.', do='Give one such as "en", "de" or "pt-BR".'
        )
    return text
