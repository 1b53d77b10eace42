"""Measures any microWakeWord v2 model on a person's own recordings, as a device would hear them."""

import os
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from mww_studio.audio.files import Pcm, find_audio, read_audio, read_blocks
from mww_studio.audio.trimming import find_speech
from mww_studio.constitution.articles import law
from mww_studio.constitution.manifest import read_manifest
from mww_studio.corpus.features import block_features
from mww_studio.errors import StudioError
from mww_studio.evaluation.clips import AmbientClip, NoiseBed, PositiveClip, dithered, positive_clip
from mww_studio.evaluation.listening import listen
from mww_studio.evaluation.runtime import load_runtime
from mww_studio.evaluation.scorecard import CurvePoint, Delay, FalseAccept, FalseAcceptRate, judge
from mww_studio.progress import Progress

_BLOCK_S = 30.0

Made = TypeVar("Made")


class Unreadable(BaseModel):
    """A file that was left out, and why."""

    file: str
    reason: str


class Evaluation(BaseModel):
    """The JSON of ``mww-studio evaluate``. Bounds are 95 %; ``false_accepts_per_hour_high`` is None without hours."""

    model_config = ConfigDict(frozen=True)

    wake_word: str
    runtime: str
    clips: int
    detected: int
    recall: float
    recall_low: float
    recall_high: float
    ambient_hours: float
    false_accepts: int
    false_accepts_per_hour: float
    false_accepts_per_hour_high: float | None
    cutoff: float
    sliding_window_size: int
    curve: list[CurvePoint]
    sources: dict[str, FalseAcceptRate]
    delay: Delay | None
    missed: list[str]
    false_accept_times: list[FalseAccept]
    unreadable: list[Unreadable]
    ready: bool
    verdict: str

    def describe(self) -> str:
        """The same for a person, in a few lines."""
        high = "unknown" if self.false_accepts_per_hour_high is None else f"{self.false_accepts_per_hour_high:.2f}"
        share = f"{self.recall:.1%} (95 %: {self.recall_low:.1%} to {self.recall_high:.1%})"
        rate = f"{self.false_accepts_per_hour:.2f} an hour (95 %: at most {high})"
        lines = [
            f"{self.wake_word} at cut-off {self.cutoff:g}, window {self.sliding_window_size} ({self.runtime})",
            f"Detected {self.detected} of {self.clips} clips: {share}",
            f"False accepts: {self.false_accepts} in {self.ambient_hours:.2f} h, {rate}",
            self.verdict,
        ]
        lines += [f"Missed: {name}" for name in self.missed]
        lines += [f"False accept: {one.id} at {one.time_s:.2f} s" for one in self.false_accept_times]
        lines += [f"Left out: {one.file}: {one.reason}" for one in self.unreadable]
        return "\n".join(lines)


def evaluate_manifest(
    manifest: Path,
    wake_words: Sequence[Path],
    ambient: Sequence[Path],
    noise: Path | None,
    snr_db: float | None,
    progress: Progress,
) -> Evaluation:
    """Measure the model of a manifest on files and folders.

    Every wake-word file is one clip and every ambient file one stream, begun with a fresh device; hours of ambience
    pass through without being held. ``noise`` is mixed with the wake words at ``snr_db``. Files that cannot be read are
    left out and named.
    Raises StudioError (``manifest.invalid``, ``model.invalid``, ``evaluate.nothing``, ``noise.none``) and Cancelled.
    """
    described = read_manifest(manifest)
    runtime = load_runtime(described.model_path(manifest.parent), progress)
    bed = NoiseBed([noise], snr_db) if noise is not None and snr_db is not None else None
    word_files, ambient_files = find_audio(wake_words), find_audio(ambient)
    if not word_files and not ambient_files:
        raise StudioError(
            "evaluate.nothing", "There is no sound to evaluate with.", do="Name folders or files with recordings."
        )
    unreadable: list[Unreadable] = []
    progress.phase("Listening", len(word_files) + len(ambient_files))
    clips = _made(word_files, lambda path: _word(path, bed), unreadable, progress, 0)
    streams = _made(ambient_files, ambient_stream, unreadable, progress, len(word_files))
    heard = listen(runtime, clips, streams, progress)
    card = judge(heard, described.probability_cutoff, described.sliding_window_size)
    return Evaluation(
        wake_word=described.wake_word,
        runtime=card.runtime,
        clips=card.recall.clips,
        detected=card.recall.detected,
        recall=card.recall.recall,
        recall_low=card.recall.low,
        recall_high=card.recall.high,
        ambient_hours=card.false_accepts.hours,
        false_accepts=card.false_accepts.false_accepts,
        false_accepts_per_hour=card.false_accepts.per_hour,
        false_accepts_per_hour_high=card.false_accepts.high,
        cutoff=card.cutoff,
        sliding_window_size=card.sliding_window_size,
        curve=card.curve,
        missed=card.missed,
        sources=card.sources,
        delay=card.delay,
        false_accept_times=card.false_accept_times,
        unreadable=unreadable,
        ready=card.ready,
        verdict=card.verdict,
    )


def ambient_stream(path: Path) -> AmbientClip:
    """A recording of any length as one stream; its folder is its source. Raises as ``read_blocks`` does."""
    rng = np.random.default_rng(zlib.crc32(path.name.encode()))
    blocks = (dithered(block, rng) for block in read_blocks(path, _BLOCK_S))
    return AmbientClip(id=str(path), features=block_features(blocks), source=path.parent.name)


def _word(path: Path, bed: NoiseBed | None) -> PositiveClip:
    pcm = read_audio(path)
    start_s, end_s = _speech(pcm)
    return positive_clip(pcm, str(path), speech_start_s=start_s, speech_end_s=end_s, noise=bed)


def _speech(pcm: Pcm) -> tuple[float | None, float | None]:
    """From the first to the last speech that is heard in a clip; None where there is none."""
    segments = find_speech(pcm)
    if not segments:
        return None, None
    rate = law().frontend.sample_rate_hz
    return segments[0].start / rate, segments[-1].end / rate


def _made(
    paths: Iterable[Path],
    make: Callable[[Path], Made],
    unreadable: list[Unreadable],
    progress: Progress,
    done: int,
) -> Iterator[Made]:
    """What ``make`` gives for each file, in order, made by threads a few files ahead (the frontend frees Python)."""
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[Path, Future[Made]]] = deque()
        remaining = iter(paths)
        try:
            while True:
                for path in remaining:
                    waiting.append((path, pool.submit(make, path)))
                    if len(waiting) > 2 * workers:
                        break
                if not waiting:
                    return
                progress.check_cancelled()
                path, future = waiting.popleft()
                done += 1
                progress.step(done)
                try:
                    made = future.result()
                except StudioError as error:
                    unreadable.append(Unreadable(file=str(path), reason=str(error)))
                else:
                    yield made
        finally:
            for _path, future in waiting:
                future.cancel()
