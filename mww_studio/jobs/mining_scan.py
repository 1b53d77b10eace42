"""Listening through recordings of any length, part by part: what wakes a model in them, and what nearly does.

A part is judged as a device would that has listened for a while: some seconds of what came before lead into it, and at
the start of a file its own first seconds, backwards. What a part holds is kept in a file named after the sound's
content, so that nothing is heard twice by the same model.
"""

import hashlib
import math
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from mww_studio.audio.files import Pcm, read_stretch
from mww_studio.constitution.articles import law
from mww_studio.corpus.features import Features, device_features
from mww_studio.durable import write_durably
from mww_studio.errors import Cancelled, StudioError
from mww_studio.evaluation.clips import dithered
from mww_studio.evaluation.detector import Probabilities, Streams
from mww_studio.evaluation.listening import slice_end_s
from mww_studio.evaluation.peaks import inference_at, inference_s, window_means
from mww_studio.evaluation.runtime import load_runtime
from mww_studio.jobs.mining_sketch import sketch
from mww_studio.progress import Progress

PART_S = 600.0
APART_S = 1.0
"""Two events of one recording are never nearer to each other."""
_BEFORE_S = 10.0
_MIRRORED_S = 3.0
_RISE_S = 0.5  # a mean may still rise for so long after the moment of waking
_MOST_EVENTS = 60
_PATIENCE_S = 0.1
# Where little is to be heard, starting processes takes longer than listening.
_WORTH_PROCESSES_S = 1200.0
_VERSION = 1


class SoundEvent(BaseModel):
    """A moment at which a model woke or nearly did.

    ``time_s``: of the recording, the end of what was judged. ``score``: the highest mean over the window, 0 to 255.
    ``woke``: the device would have woken. ``sketch``: see :mod:`mww_studio.jobs.mining_sketch`.
    """

    model_config = ConfigDict(frozen=True)

    time_s: float
    score: float
    woke: bool
    sketch: str


class HeardPart(BaseModel):
    """What a part of a recording holds: how long it really is, and the events, the highest first."""

    model_config = ConfigDict(frozen=True)

    seconds: float
    events: tuple[SoundEvent, ...]


@dataclass(frozen=True)
class Unheard:
    """Why a part cannot be heard."""

    reason: str


@dataclass(frozen=True)
class Judge:
    """By what is judged: a model file, its cut-off byte and window, and how near to the cut-off is near."""

    model: Path
    cutoff_byte: int
    window: int
    near_share: float

    def key(self) -> str:
        """What tells results of one judge from those of another."""
        digest = hashlib.sha256(self.model.read_bytes())
        digest.update(f"{_VERSION} {self.cutoff_byte} {self.window} {self.near_share}".encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True)
class Part:
    """A part of a recording: which file, what its content is known by, the how manieth part, how long it should be."""

    path: Path
    content: str
    number: int
    seconds: float

    @property
    def name(self) -> str:
        """The name of the file that keeps what was heard."""
        return f"{self.content[:32]}-{self.number}.json"


class Ear:
    """Hears one part after the other. Loading takes a moment: the model is proven first."""

    def __init__(self, judge: Judge) -> None:
        """Raises StudioError ``model.invalid``."""
        self._judge = judge
        self._runtime = load_runtime(judge.model)

    def hear(self, part: Part) -> HeardPart:
        """Everything in a part. Raises as :func:`~mww_studio.audio.files.read_blocks` does."""
        rate = law().frontend.sample_rate_hz
        start_s = part.number * PART_S
        before_s = min(_BEFORE_S, start_s)
        pcm = read_stretch(part.path, start_s - before_s, PART_S + before_s)
        seconds = max(0.0, len(pcm) / rate - before_s)
        if not seconds:
            return HeardPart(seconds=0.0, events=())
        if not part.number:
            mirrored = pcm[: round(_MIRRORED_S * rate)][::-1]
            pcm, before_s = np.concatenate([mirrored, pcm]), len(mirrored) / rate
        return HeardPart(seconds=seconds, events=self._events(pcm, part, before_s, start_s))

    def _events(self, pcm: Pcm, part: Part, before_s: float, start_s: float) -> tuple[SoundEvent, ...]:
        rng = np.random.default_rng([int(part.content[:15], 16), part.number])
        features = device_features(dithered(pcm, rng))
        (raw,) = self._runtime.run([features])
        moments = find_moments(raw, self._runtime.stride, self._judge)
        return tuple(
            SoundEvent(
                time_s=round(time_s - before_s + start_s, 3),
                score=round(score, 2),
                woke=woke,
                sketch=sketch(features, _frame_at(features, time_s)),
            )
            for time_s, score, woke in moments
            if time_s >= before_s
        )


def find_moments(raw: Probabilities, stride: int, judge: Judge) -> list[tuple[float, float, bool]]:
    """When a stream woke the device, and where it came near: (seconds of the stream, highest mean, woke).

    Those that woke it come first, then the highest; no two are nearer than APART_S.
    """
    means = window_means(raw, judge.window)
    apart, rise = round(APART_S / inference_s(stride)), round(_RISE_S / inference_s(stride))
    free = means.copy()
    found = []
    for slice_ in Streams([raw], judge.window, stride).detections(judge.cutoff_byte).slice:
        time_s = slice_end_s(int(slice_))
        at = inference_at(time_s, stride)
        found.append((time_s, float(means[max(0, at - 1) : at + rise].max(initial=0.0)), True))
        free[max(0, at - apart) : at + apart + 1] = -1.0
    floor = max(judge.near_share * judge.cutoff_byte, 1.0)
    while len(found) < _MOST_EVENTS and len(free):
        at = int(free.argmax())
        if free[at] < floor:
            break
        found.append((slice_end_s((at + 1) * stride - 1), float(free[at]), False))
        free[max(0, at - apart) : at + apart + 1] = -1.0
    return sorted(found, key=lambda moment: (not moment[2], -moment[1]))[:_MOST_EVENTS]


def parts_of(path: Path, content: str, seconds: float) -> list[Part]:
    """The parts of a recording that promises to be so long; at least one."""
    count = max(1, math.ceil(seconds / PART_S))
    return [Part(path, content, number, min(PART_S, seconds - number * PART_S)) for number in range(count)]


def hear_all(
    parts: Sequence[Part], judge: Judge, kept: Path, progress: Progress, workers: int = 0
) -> Iterator[tuple[Part, HeardPart | Unheard]]:
    """Every part with what was heard in it, or why it cannot be heard, as they come; those in ``kept`` come first.

    Several processes listen at once where that is worth it. Raises Cancelled; then what was heard stays in ``kept``.
    """
    missing = []
    for part in parts:
        heard = _kept(kept / part.name)
        if heard is None:
            missing.append(part)
        else:
            yield part, heard
    count = min(workers or os.cpu_count() or 1, len(missing))
    if count <= 1 or sum(part.seconds for part in missing) <= _WORTH_PROCESSES_S:
        ear = Ear(judge) if missing else None
        for part in missing:
            progress.check_cancelled()
            assert ear is not None  # noqa: S101 - made where a part is missing
            yield part, _hear_and_keep(ear, part, kept)
        return
    # Processes, because the frontend steps through the sound in Python; spawned, because forking breaks TensorFlow.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with ProcessPoolExecutor(count, context, _prepare_worker, (judge, stop)) as pool:
        try:
            yield from _in_processes(pool, missing, kept, progress.check_cancelled, 2 * count)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _in_processes(
    pool: ProcessPoolExecutor, parts: Sequence[Part], kept: Path, check: Callable[[], None], ahead: int
) -> Iterator[tuple[Part, HeardPart | Unheard]]:
    waiting: dict[Future[HeardPart | Unheard], Part] = {}
    remaining = iter(parts)
    while True:
        for part in remaining:
            waiting[pool.submit(_hear_in_worker, part, kept)] = part
            if len(waiting) >= ahead:
                break
        if not waiting:
            return
        done, _ = wait(waiting, _PATIENCE_S, FIRST_COMPLETED)
        check()
        for future in done:
            yield waiting.pop(future), future.result()


def _hear_and_keep(ear: Ear, part: Part, kept: Path) -> HeardPart | Unheard:
    """What is in a part; kept where it can be heard at all."""
    try:
        heard = ear.hear(part)
    except StudioError as error:
        return Unheard(reason=str(error))
    write_durably(kept / part.name, heard.model_dump_json().encode())
    return heard


def _kept(path: Path) -> HeardPart | None:
    try:
        return HeardPart.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _frame_at(features: Features, time_s: float) -> int:
    return min(round(time_s * 1000 / law().frontend.step_ms), len(features))


_ear: Ear
_stop: Flag


def _prepare_worker(judge: Judge, stop: Flag) -> None:
    global _ear, _stop  # a process of the pool has nowhere else to keep them
    _ear, _stop = Ear(judge), stop
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process of the pool when the one that started it is killed; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - a process of the pool has one
    parent.join()
    os._exit(1)


def _hear_in_worker(part: Part, kept: Path) -> HeardPart | Unheard:
    if _stop.is_set():
        raise Cancelled
    return _hear_and_keep(_ear, part, kept)
