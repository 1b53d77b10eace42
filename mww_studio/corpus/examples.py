"""From clips to what the model is shown: augmented, as features of the device, kept on disk by content.

A positive or near-sounding clip becomes several streams with its speech near their end; every other clip becomes whole
streams, one as it is and some augmented. An example is known by the clip, the settings and its number, so nothing is
computed twice.
"""

import hashlib
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.audio.files import read_audio
from mww_studio.constitution.articles import constitution_text, law
from mww_studio.corpus.augmentation import Augmenter, Surroundings
from mww_studio.corpus.feature_store import Features, FeatureStore
from mww_studio.corpus.features import device_features
from mww_studio.presets import Augmentation
from mww_studio.progress import Progress
from mww_studio.project.records import Clip

# How long after the end of the speech a placed stream ends: the device decides within this time.
_TAIL_S = (0.3, 0.75)
_SHARD_ITEMS = 1024
_VERSION = 1


@dataclass(frozen=True)
class PlacedExamples:
    """``streams``: uint16 [n, frames, channels]; ``end_frames``: float [n], where in each its speech ends."""

    streams: npt.NDArray[np.uint16]
    end_frames: npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Task:
    """One example to compute. ``speech``: start and end in seconds of what is placed near the end of ``frames``."""

    key: str
    path: Path
    augmented: bool = True
    speech: tuple[float, float] | None = None
    frames: int = 0

    @property
    def seed(self) -> int:
        return int(self.key[:15], 16)

    @property
    def tail_s(self) -> float:
        return float(np.random.default_rng([self.seed, 1]).uniform(*_TAIL_S))


class ExampleMaker:
    """Makes and keeps the examples of one project under one preset."""

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
        self._store = FeatureStore(cache_folder)
        self._augmenter = (settings, surroundings)
        self._workers = workers or os.cpu_count() or 1
        digest = hashlib.sha256(f"{_VERSION} {settings.model_dump_json()} {constitution_text()}".encode())
        for sound in (*surroundings.backgrounds, *surroundings.rooms):
            digest.update(np.ascontiguousarray(sound).tobytes())
        self._circumstances = digest.hexdigest()

    def placed(self, clips: Sequence[Clip], variants: int, frames: int, progress: Progress) -> PlacedExamples:
        """``variants`` augmented streams of ``frames`` of each clip, its speech ending near their end."""
        tasks = [self._task(clip, number, frames) for clip in clips for number in range(variants)]
        self._make(tasks, progress)
        frontend = law().frontend
        # The last of the frames begins one window before the end of the stream, the speech ends tail_s before it.
        stream_end = frames - 1 + frontend.window_ms / frontend.step_ms
        ends = [stream_end - task.tail_s * 1000 / frontend.step_ms for task in tasks]
        shape = (0, frames, frontend.channels)
        streams = np.stack([self._store[task.key] for task in tasks]) if tasks else np.zeros(shape, np.uint16)
        return PlacedExamples(streams, np.array(ends, np.float32))

    def streams(self, clips: Sequence[Clip], copies: int, progress: Progress) -> list[Features]:
        """Each clip whole: as it is, and ``copies`` times augmented. [frames, channels] each."""
        tasks = [self._task(clip, number) for clip in clips for number in range(copies + 1)]
        self._make(tasks, progress)
        return [self._store[task.key] for task in tasks]

    def _task(self, clip: Clip, number: int, frames: int = 0) -> _Task:
        speech = (clip.speech_start_s or 0.0, clip.speech_end_s or clip.duration_s) if frames else None
        # A clip as it is does not depend on the settings.
        augmented = bool(frames) or number > 0
        circumstances = self._circumstances if augmented else f"{_VERSION}"
        identity = f"{circumstances} {clip.sha256} {speech} {frames} {number}"
        key = hashlib.sha256(identity.encode()).hexdigest()
        return _Task(key, self._project / clip.path, augmented, speech, frames)

    def _make(self, tasks: Sequence[_Task], progress: Progress) -> None:
        wanted = {task.key: task for task in tasks}
        missing = [wanted[key] for key in self._store.missing(wanted)]
        if not missing:
            return
        done = 0
        # Processes, because audiomentations draws from global generators; spawned, because forking breaks TensorFlow.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self._workers, context, _prepare_worker, self._augmenter) as pool:

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


def _compute(task: _Task) -> tuple[str, Features]:
    pcm = read_audio(task.path)
    if task.speech is not None:
        sequence_s = task.frames * law().frontend.step_ms / 1000
        # What is not kept of the stream, as long as the speech and a little more, lets the frontend settle.
        lead_s = sequence_s - task.tail_s + 0.1
        pcm = _augmenter.place(pcm, *task.speech, lead_s=lead_s, tail_s=task.tail_s, seed=task.seed)
        return task.key, device_features(pcm)[-task.frames :]
    return task.key, device_features(_augmenter.stream(pcm, task.seed) if task.augmented else pcm)
