"""From clips to what the model is shown: augmented, as features of the device, kept on disk by content.

A positive or near-sounding clip becomes several streams with its speech near their end; every other clip becomes whole
streams, one as it is and some augmented. An example is known by the clip, the settings and its number, so nothing is
computed twice.
"""

import hashlib
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
import soundfile

from mww_studio.constitution.articles import constitution_text, law
from mww_studio.corpus.aside import laid_aside
from mww_studio.corpus.augmentation import Augmenter, Pcm, Surroundings
from mww_studio.corpus.feature_store import Features, FeatureStore
from mww_studio.corpus.features import device_features
from mww_studio.presets import Augmentation
from mww_studio.progress import Progress
from mww_studio.project.records import Clip

# How long after the end of the speech a placed stream ends: the device decides within this time.
_TAIL_S = (0.3, 0.75)
_SETTLING_S = 0.5
_PIECE_S = (0.35, 1.1)
_PIECE_TRIES = 4
_PIECE_FADE_S = 0.02
_SHARD_ITEMS = 1024
_VERSION = 5
_COUNTS = {
    "positive_variants",
    "positive_examples",
    "synthetic_examples",
    "near_examples",
    "speech_pieces",
    "negative_copies",
}


@dataclass(frozen=True)
class PlacedExamples:
    """``streams``: uint16 [n, frames, channels]; ``end_frames``: float [n], where in each its speech ends."""

    streams: npt.NDArray[np.uint16]
    end_frames: npt.NDArray[np.float32]


class _Shape(StrEnum):
    """What becomes of a clip: a stream as it is, an augmented one, its speech near the end of one, or a piece of it."""

    PLAIN = "plain"
    AUGMENTED = "augmented"
    WORD = "word"
    PIECE = "piece"


@dataclass(frozen=True)
class _Task:
    """One example to compute; ``speech``: start and end in seconds; ``frames``: how much of a placed stream is kept."""

    key: str
    path: Path
    shape: _Shape
    speech: tuple[float, float]
    frames: int

    @property
    def seed(self) -> int:
        return int(self.key[:15], 16)

    @property
    def tail_s(self) -> float:
        return float(np.random.default_rng([self.seed, 1]).uniform(*_TAIL_S))


class ExampleMaker:
    """Makes and keeps the examples of one project under one preset.

    A context manager: leaving it ends the processes that compute, which start with the first example.
    """

    def __init__(
        self,
        project_folder: Path,
        cache_folder: Path,
        settings: Augmentation,
        surroundings: Surroundings,
        *,
        workers: int = 0,
    ) -> None:
        self._project = project_folder
        self._cache = cache_folder
        self._store = FeatureStore(cache_folder)
        self._augmenter = (settings, surroundings)
        self._workers = workers or os.cpu_count() or 1
        # How many examples are made does not change what they are.
        circumstances = settings.model_dump_json(exclude=_COUNTS)
        digest = hashlib.sha256(f"{_VERSION} {circumstances} {constitution_text()}".encode())
        for sound in (*surroundings.backgrounds, *surroundings.rooms):
            digest.update(np.ascontiguousarray(sound).tobytes())
        self._circumstances = digest.hexdigest()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def words(self, clips: Sequence[Clip], variants: int, frames: int, progress: Progress) -> PlacedExamples:
        """``variants`` augmented streams of ``frames`` of each clip, its speech ending near their end."""
        return self._placed(
            [self._task(clip, _Shape.WORD, n, frames) for clip in clips for n in range(variants)], progress
        )

    def pieces(self, clips: Sequence[Clip], count: int, frames: int, progress: Progress) -> PlacedExamples:
        """``count`` pieces of speech as long as a word, placed as words are, from all clips by their length.

        Without them a model learns that whatever is said alone, after silence, is the word.
        """
        ends = np.cumsum([clip.duration_s for clip in clips])
        places = (np.arange(count if clips else 0) + 0.5) / max(count, 1) * ends[-1:]
        chosen = np.searchsorted(ends, places)
        return self._placed(
            [self._task(clips[index], _Shape.PIECE, n, frames) for n, index in enumerate(chosen)], progress
        )

    def streams(self, clips: Sequence[Clip], copies: int, progress: Progress) -> list[Features]:
        """Each clip whole: as it is, and ``copies`` times augmented. [frames, channels] each."""
        shapes = [_Shape.PLAIN] + [_Shape.AUGMENTED] * copies
        tasks = [self._task(clip, shape, number, 0) for clip in clips for number, shape in enumerate(shapes)]
        self._make(tasks, progress)
        return [self._store[task.key] for task in tasks]

    def _placed(self, tasks: Sequence[_Task], progress: Progress) -> PlacedExamples:
        self._make(tasks, progress)
        if not tasks:
            return PlacedExamples(np.zeros((0, 0, law().frontend.channels), np.uint16), np.zeros(0, np.float32))
        frontend = law().frontend
        # The last of the frames begins one window before the end of the stream, the speech ends tail_s before it.
        stream_end = tasks[0].frames - 1 + frontend.window_ms / frontend.step_ms
        ends = [stream_end - task.tail_s * 1000 / frontend.step_ms for task in tasks]
        streams = laid_aside((self._store[task.key] for task in tasks), self._cache)
        shape = len(tasks), tasks[0].frames, frontend.channels
        return PlacedExamples(streams.reshape(shape), np.array(ends, np.float32))

    def _task(self, clip: Clip, shape: _Shape, number: int, frames: int) -> _Task:
        speech = (clip.speech_start_s or 0.0, clip.speech_end_s or clip.duration_s)
        # A clip as it is does not depend on the settings.
        circumstances = str(_VERSION) if shape is _Shape.PLAIN else self._circumstances
        identity = f"{circumstances} {clip.sha256} {speech} {shape} {number} {frames}"
        key = hashlib.sha256(identity.encode()).hexdigest()
        return _Task(key, self._project / clip.path, shape, speech, frames)

    def _make(self, tasks: Sequence[_Task], progress: Progress) -> None:
        wanted = {task.key: task for task in tasks}
        missing = [wanted[key] for key in self._store.missing(wanted)]
        if not missing:
            return
        if self._pool is None:
            # Processes, because audiomentations draws from global generators; spawned, because forking breaks
            # TensorFlow.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, context, _prepare_worker, self._augmenter)
        pool, done = self._pool, 0

        def results(part: Sequence[_Task]) -> Iterator[tuple[str, Features]]:
            nonlocal done
            for result in pool.map(_compute, part, chunksize=8):
                yield result
                done += 1
                progress.step(done, total=len(missing))
                progress.check_cancelled()

        for start in range(0, len(missing), _SHARD_ITEMS):
            self._store.add(results(missing[start : start + _SHARD_ITEMS]))


_augmenter: Augmenter


def _prepare_worker(settings: Augmentation, surroundings: Surroundings) -> None:
    global _augmenter  # noqa: PLW0603 - a process of the pool has nowhere else to keep it
    _augmenter = Augmenter(settings, surroundings)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process of the pool when the one that started it is killed; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - a process of the pool has one
    parent.join()
    os._exit(1)


def _compute(task: _Task) -> tuple[str, Features]:
    if task.shape is _Shape.PLAIN:
        return task.key, device_features(_read(task.path))
    if task.shape is _Shape.AUGMENTED:
        return task.key, device_features(_augmenter.stream(_read(task.path), task.seed))
    rng = np.random.default_rng([task.seed, 2])
    if task.shape is _Shape.WORD:
        pcm, (start_s, end_s) = _read(task.path), task.speech
    else:
        pcm = _loudest_piece(task.path, rng)
        start_s, end_s = 0.0, len(pcm) / law().frontend.sample_rate_hz
    sequence_s = task.frames * law().frontend.step_ms / 1000
    # What is not kept of the stream, as long as the longest word and a little more, lets the frontend settle.
    lead_s = sequence_s - task.tail_s + _SETTLING_S
    stream = _augmenter.place(pcm, start_s, end_s, lead_s=lead_s, tail_s=task.tail_s, seed=task.seed)
    return task.key, device_features(stream)[-task.frames :]


def _read(path: Path, start: int = 0, length: int = -1) -> Pcm:
    """A clip of the project, or a part of it."""
    pcm: Pcm = soundfile.read(path, length, start, dtype="int16")[0]
    return pcm


def _loudest_piece(path: Path, rng: np.random.Generator) -> Pcm:
    """The loudest of a few random pieces as long as a word, faded at both ends."""
    rate, whole = law().frontend.sample_rate_hz, soundfile.info(path).frames
    length = min(whole, int(rng.uniform(*_PIECE_S) * rate))
    pieces = [_read(path, int(start), length) for start in rng.integers(whole - length + 1, size=_PIECE_TRIES)]
    loudest = max(pieces, key=lambda piece: float(np.square(piece, dtype=np.float64).sum()))
    fade = min(length // 2, int(_PIECE_FADE_S * rate))
    envelope = np.concatenate([np.linspace(0, 1, fade), np.ones(length - 2 * fade), np.linspace(1, 0, fade)])
    return np.asarray(np.rint(loudest * envelope), np.int16)
