"""What a run's model made of one clip, step by step: for looking closer."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.audio.files import read_audio
from mww_studio.constitution.articles import law
from mww_studio.corpus.features import Features, Pcm
from mww_studio.errors import StudioError
from mww_studio.evaluation.clips import LEAD_IN_S, positive_clip
from mww_studio.evaluation.detector import Probabilities, Streams, cutoff_byte
from mww_studio.evaluation.listening import slice_end_s
from mww_studio.evaluation.peaks import Means, window_means
from mww_studio.evaluation.runtime import Runtime, load_runtime
from mww_studio.jobs.delivery import MODEL, ambient_features
from mww_studio.jobs.examination import read_examination
from mww_studio.project.records import Clip, ClipKind, Run
from mww_studio.project.store import Project

_SHOWN_LEAD_IN_S = 0.3
_BEFORE_S, _AFTER_S = 3.0, 1.5


@dataclass(frozen=True)
class Trace:
    """A stretch of a clip as the device hears and judges it. All times are seconds of the clip, whose own begins at 0.

    ``features``: uint16 [frames, channels], ``frame_s`` apart, the first at ``start_s``. ``raw`` (uint8) and ``mean``
    (over the sliding window, 0 to 255): [inferences], at ``times_s``. ``woke_s``: when the device would wake.
    """

    features: Features
    start_s: float
    frame_s: float
    times_s: npt.NDArray[np.float64]
    raw: Probabilities
    mean: Means
    cutoff_byte: int
    window: int
    woke_s: tuple[float, ...]

    @property
    def end_s(self) -> float:
        """Where the last frame ends."""
        return self.start_s + len(self.features) * self.frame_s


def trace(project: Project, run: Run, clip: Clip, window: int | None = None, *, around_s: float | None = None) -> Trace:
    """How a run's model hears a clip with its cut-off and its or another window.

    A clip of the wake word is led in as in an examination, of which a little is shown. Of a long clip only what is
    around ``around_s`` (seconds of the clip). Raises StudioError ``results.none``, and those of reading the clip.
    """
    folder = project.run_folder(run.id)
    point = read_examination(folder).operating_point
    size, byte = window or point.sliding_window_size, cutoff_byte(point.cutoff)
    runtime = _runtime(folder / MODEL)
    features, lead_in_s = _features(clip, read_audio(project.folder / clip.path))
    (raw,) = runtime.run([features])
    stride = runtime.stride
    fired = Streams([raw], size, stride).detections(byte).slice
    frame_s = law().frontend.step_ms / 1000
    first, last = -_SHOWN_LEAD_IN_S if lead_in_s else 0.0, len(features) * frame_s - lead_in_s
    if around_s is not None:
        first, last = max(first, around_s - _BEFORE_S), min(last, around_s + _AFTER_S)
    # Whole inferences: a stretch begins with the frame with which one begins.
    begin = max(0, round((first + lead_in_s) / frame_s / stride))
    end = max(begin, min(len(raw), round((last + lead_in_s) / frame_s / stride)))
    times_s = np.array([slice_end_s((number + 1) * stride - 1) - lead_in_s for number in range(begin, end)])
    start_s = begin * stride * frame_s - lead_in_s
    woke = [slice_end_s(int(at)) - lead_in_s for at in fired]
    return Trace(
        features=features[begin * stride : end * stride],
        start_s=start_s,
        frame_s=frame_s,
        times_s=times_s,
        raw=raw[begin:end],
        mean=window_means(raw, size)[begin:end],
        cutoff_byte=byte,
        window=size,
        woke_s=tuple(
            time_s for time_s in woke if start_s <= time_s <= start_s + (end - begin) * stride * frame_s + 0.1
        ),
    )


def _features(clip: Clip, pcm: Pcm) -> tuple[Features, float]:
    """A clip in its stream, and how many seconds of the stream come before it."""
    if clip.kind in {ClipKind.WAKE_WORD, ClipKind.NEAR}:
        said = positive_clip(pcm, clip.path, speech_start_s=clip.speech_start_s, speech_end_s=clip.speech_end_s)
        return said.features, LEAD_IN_S
    return ambient_features(clip, pcm), 0.0


def _runtime(model: Path) -> Runtime:
    try:
        changed = model.stat().st_mtime_ns
    except OSError as error:
        raise StudioError(
            "results.none", f"The run {model.parent.name} has no model.", why=f"{error}.", do="Train again."
        ) from None
    return _loaded(model, changed)


@lru_cache(maxsize=2)
def _loaded(model: Path, _changed: int) -> Runtime:
    """Loading proves a model against the device's own kernels, which takes a moment."""
    return load_runtime(model)
