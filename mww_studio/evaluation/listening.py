"""A model listens to clips and to ambience once; every cut-off and window is then judged from what it said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mww_studio.constitution.articles import law
from mww_studio.evaluation.clips import AmbientClip, PositiveClip
from mww_studio.evaluation.detector import Probabilities
from mww_studio.evaluation.runtime import Runtime
from mww_studio.progress import Progress

# Features of about an hour are in memory at once (29 MB), however long the ambience is.
_FRAMES_AT_ONCE = 360_000

Clip = TypeVar("Clip", PositiveClip, AmbientClip)


@dataclass(frozen=True)
class HeardWord:
    """A clip's probabilities. Times in seconds of its stream."""

    id: str
    probabilities: Probabilities
    word_start_s: float
    speech_end_s: float | None
    speaker: str | None


@dataclass(frozen=True)
class HeardAmbience:
    """One ambient stream's probabilities."""

    id: str
    probabilities: Probabilities
    source: str
    hours: float


@dataclass(frozen=True)
class Heard:
    """All that a model said. ``runtime`` names what ran it."""

    runtime: str
    stride: int
    words: Sequence[HeardWord]
    ambience: Sequence[HeardAmbience]

    @property
    def hours(self) -> float:
        """How long the ambience is."""
        return sum(stream.hours for stream in self.ambience)


def listen(
    runtime: Runtime,
    positives: Iterable[PositiveClip],
    ambient: Iterable[AmbientClip],
    progress: Progress,
) -> Heard:
    """Let a model listen. Both may be generators: features are dropped as soon as they are heard.

    Raises Cancelled when the person asks to stop.
    """
    words: list[HeardWord] = []
    for clips in _bounded(positives):
        progress.check_cancelled()
        outputs = runtime.run([clip.features for clip in clips])
        for clip, output in zip(clips, outputs, strict=True):
            words.append(HeardWord(clip.id, output, clip.word_start_s, clip.speech_end_s, clip.speaker))
    ambience: list[HeardAmbience] = []
    for streams in _bounded(ambient):
        progress.check_cancelled()
        outputs = runtime.run([stream.features for stream in streams])
        for stream, output in zip(streams, outputs, strict=True):
            hours = len(stream.features) * law().frontend.step_ms / 3_600_000
            ambience.append(HeardAmbience(stream.id, output, stream.source, hours))
    return Heard(runtime.name, runtime.stride, words, ambience)


def slice_end_s(slice_number: int) -> float:
    """When a 10 ms slice is complete, in seconds of its stream: a decision in it cannot come earlier."""
    frontend = law().frontend
    return (frontend.window_samples + slice_number * frontend.step_samples) / frontend.sample_rate_hz


def _bounded(clips: Iterable[Clip]) -> Iterator[list[Clip]]:
    group: list[Clip] = []
    frames = 0
    for clip in clips:
        group.append(clip)
        frames += len(clip.features)
        if frames >= _FRAMES_AT_ONCE:
            yield group
            group, frames = [], 0
    if group:
        yield group
