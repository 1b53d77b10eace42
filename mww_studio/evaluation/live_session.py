"""Listening with a model to a microphone, for minutes or for a night; what woke it is kept, nothing else."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.audio.capture import Capture
from mww_studio.audio.files import write_wav
from mww_studio.audio.levels import peak_dbfs, rms_dbfs
from mww_studio.constitution.articles import law
from mww_studio.corpus.features import Pcm
from mww_studio.errors import StudioError
from mww_studio.evaluation.live import Inference, LiveDetector

KEPT_S = 3.0
MOMENT_S = 1 / 15
_REMEMBERED_S = 10.0

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Wake:
    """The model woke: the how manieth time, when, and ``time_s`` after listening began.

    ``sure`` is the mean that decided, to be held against the cut-off. ``pcm``: int16 [samples], 16 kHz mono, the
    KEPT_S seconds that led to it; ``file``: where they are kept, or None.
    """

    number: int
    at: datetime
    time_s: float
    sure: float
    pcm: Pcm
    file: Path | None = None


@dataclass(frozen=True)
class Trace:
    """Inferences one after the other: arrays [n]. ``sure`` is the mean over the window, which decides."""

    time_s: Floats
    sure: Floats
    probability: Floats
    woke: Flags
    deaf: Flags


@dataclass(frozen=True)
class Moment:
    """What was heard since the last one. Levels in dBFS; ``seconds`` and ``lost`` (gaps) count from the start."""

    trace: Trace
    wakes: tuple[Wake, ...]
    rms_dbfs: float
    peak_dbfs: float
    seconds: float
    lost: int


class LiveSession:
    """A device that was just switched on, with a model, at a microphone of this computer."""

    def __init__(self, manifest: Path, microphone: str = "", gain: int = 1) -> None:
        """Load the model; the microphone opens when listening begins. Raises as :class:`LiveDetector` does."""
        self.detector = LiveDetector(manifest, gain)
        self.microphone = ""
        self._asked = microphone
        self._folder: Path | None = None
        self._recent = np.zeros(0, np.int16)
        self._rate = law().frontend.sample_rate_hz
        self._samples = 0
        self._wakes = 0

    def keep_in(self, folder: Path | None) -> None:
        """Write what wakes it into a folder from now on, or nothing any more."""
        self._folder = folder

    def recent(self, seconds: float) -> Pcm:
        """What was heard last, up to some seconds of it; may be asked in any thread."""
        return self._recent[-round(seconds * self._rate) :]

    def listen(self, stopped: threading.Event) -> Iterator[Moment]:
        """Open the microphone and listen until ``stopped``: the first moment comes when it is open, others follow.

        Raises StudioError ``audio.no_microphone``, ``audio.busy``, ``audio.refused``, ``audio.stopped`` and
        ``live.unwritable``.
        """
        capture = Capture(self._asked)
        try:
            while not stopped.wait(MOMENT_S):
                pcm = capture.read()
                if capture.opened:
                    self.microphone = capture.name
                    yield self._hear(pcm, capture.lost)
        finally:
            capture.close()

    def _hear(self, pcm: Pcm, lost: int) -> Moment:
        self._recent = np.concatenate([self._recent, pcm])[-round(_REMEMBERED_S * self._rate) :]
        self._samples += len(pcm)
        inferences = self.detector.feed(pcm)
        wakes = tuple(self._wake(inference) for inference in inferences if inference.woke)
        trace = Trace(
            np.array([inference.time_s for inference in inferences], np.float32),
            np.array([inference.sure for inference in inferences], np.float32),
            np.array([inference.probability for inference in inferences], np.float32),
            np.array([inference.woke for inference in inferences], np.bool_),
            np.array([inference.deaf for inference in inferences], np.bool_),
        )
        return Moment(trace, wakes, rms_dbfs(pcm), peak_dbfs(pcm), self._samples / self._rate, lost)

    def _wake(self, inference: Inference) -> Wake:
        end = len(self._recent) - (self._samples - round(inference.time_s * self._rate))
        pcm = self._recent[max(0, end - round(KEPT_S * self._rate)) : end].copy()
        at = datetime.now().astimezone()
        self._wakes += 1
        file = self._keep(pcm, at) if self._folder is not None else None
        return Wake(self._wakes, at, inference.time_s, inference.sure, pcm, file)

    def _keep(self, pcm: Pcm, at: datetime) -> Path:
        assert self._folder is not None  # noqa: S101 - asked before
        file = self._folder / f"woke-{at:%Y-%m-%d-%H%M%S}-{self._wakes}.wav"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_wav(file, pcm)
        except OSError as error:
            raise StudioError(
                "live.unwritable",
                f"What woke it cannot be kept in {self._folder}.",
                why=f"The system says: {error.strerror or error}.",
                do="Make room there or choose another folder, then listen again.",
            ) from error
        return file
