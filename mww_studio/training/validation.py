"""How good the weights are at this moment, on data that training never sees, by the device's own detector."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.corpus.feature_store import Features
from mww_studio.corpus.features import quantise
from mww_studio.evaluation.detector import Streams, cutoff_byte
from mww_studio.training.mixednet import MixedNet

Logits = npt.NDArray[np.float32]

_WINDOW = 5
_BLOCK_OUTPUTS = 8000
_MIDDLE_CUTOFF = 0.5
_TAIL_PEAKS = 20
_PEAK_APART_S = 1.0
_LATEST_S = 1.0
# Above this logit 38 models for two words, trained like our presets, let through 19 false accepts in 28 hours of talk
# they had not heard (1.5 hours of it, many times). The threshold above which a model let none through was 0.8 away from
# it (root mean square), and, in 48 models before them, 1.8 away from the lowest that let none through in its quarter of
# an hour of validation.
_USUAL_THRESHOLD = 2.1
_USUAL_HOURS = 1.0


@dataclass(frozen=True)
class ValidationSet:
    """``words``: streams with one word each, ending at ``end_slices``; ``others``: streams without the word."""

    words: Sequence[Features]
    end_slices: Sequence[float]
    others: Sequence[Features]

    @property
    def hours(self) -> float:
        """How long the streams without the word are."""
        return sum(len(stream) for stream in self.others) * law().frontend.step_ms / 3_600_000


@dataclass(frozen=True)
class Validation:
    """``threshold``: the logit at which the target of false accepts is met; ``typical``: the median logit of the words;
    ``score``: how far above the threshold the words are, between 0 and 1, for choosing between weights: a smooth form
    of ``recall``, which jumps on few words."""

    threshold: float
    typical: float
    recall: float
    false_accepts_per_hour: float
    score: float


def stream_logits(model: MixedNet, streams: Iterable[Features]) -> list[Logits]:
    """One logit per inference of the device, over whole recordings, each from its start. float [frames // stride]."""
    found: list[Logits] = []
    together: list[Features] = []
    for stream in streams:
        together.append(np.asarray(stream))
        if sum(map(len, together)) >= _BLOCK_OUTPUTS * law().input.stride:
            found += _logits(model, together)
            together = []
    return found + _logits(model, together)


def _logits(model: MixedNet, streams: Sequence[Features]) -> list[Logits]:
    """The same of few recordings: end to end, with as much silence between them as the model remembers."""
    stride, receptive = law().input.stride, model.architecture.receptive_frames
    lead = -(-(receptive - stride) // stride)
    ends = np.cumsum([lead + len(stream) // stride for stream in streams], dtype=int) - lead
    silence = np.zeros((lead * stride, law().frontend.channels), np.uint16)
    parts = [part for stream in streams for part in (silence, stream[: len(stream) // stride * stride])]
    # The silence may be longer than the memory by part of a stride; the outputs count from where the memory ends.
    whole = np.concatenate([silence[:0], *parts])[lead * stride - (receptive - stride) :]
    outputs = max((len(whole) - receptive) // stride + 1, 0)
    blocks = [np.zeros(0, np.float32)]
    for start in range(0, outputs, _BLOCK_OUTPUTS):
        count = min(_BLOCK_OUTPUTS, outputs - start)
        block = whole[start * stride : (start + count - 1) * stride + receptive]
        blocks.append(model.listen(model_input(quantise(block))[None]).numpy()[0])
    logits = np.concatenate(blocks)
    return [logits[end - len(stream) // stride : end] for stream, end in zip(streams, ends, strict=True)]


def model_input(features: npt.NDArray[np.int8]) -> npt.NDArray[np.float32]:
    """The floats that stand for the device's int8 input in training."""
    rule = law().quantisation
    return (features.astype(np.float32) - rule.offset) * np.float32(rule.training_scale)


def validate(model: MixedNet, examples: ValidationSet, target_per_hour: float) -> Validation:
    """Judge the present weights at the cut-off that should give ``target_per_hour`` false accepts."""
    words, others = stream_logits(model, examples.words), stream_logits(model, examples.others)
    threshold = believed_threshold(false_accept_threshold(others, examples.hours, target_per_hour), examples.hours)

    def detections(logits: Sequence[Logits]) -> npt.NDArray[np.int64]:
        levels = [np.clip(np.rint(256 / (1 + np.exp(threshold - z))), 0, 255).astype(np.uint8) for z in logits]
        return Streams(levels, _WINDOW, law().input.stride).detections(cutoff_byte(_MIDDLE_CUTOFF)).stream

    best = np.array([_best_after(z, end) for z, end in zip(words, examples.end_slices, strict=True)])
    return Validation(
        threshold,
        float(np.median(best)) if len(best) else threshold,
        len(np.unique(detections(words))) / max(len(words), 1),
        len(detections(others)) / examples.hours,
        float(np.mean(1 / (1 + np.exp(threshold - best)))) if len(best) else 0.0,
    )


def false_accept_threshold(others: Sequence[Logits], hours: float, target_per_hour: float) -> float:
    """The window-mean logit that is exceeded ``target_per_hour`` times, read off an exponential tail of the peaks.

    Few hours show few false accepts; how fast the highest peaks thin out tells what more hours would show.
    """
    peaks = np.sort(np.concatenate([_peaks(_windows(z)) for z in others] or [np.zeros(0)]))[::-1][:_TAIL_PEAKS]
    if not len(peaks):
        return 0.0
    scale = max(float(np.mean(peaks - peaks[-1])), 1e-3)
    return float(peaks[-1] + scale * np.log(max(len(peaks) / (hours * target_per_hour), 1.0)))


def believed_threshold(seen: float, hours: float) -> float:
    """Between the threshold that ``hours`` of sound ask for and the usual one, by how long they are."""
    share = hours / (hours + _USUAL_HOURS)
    return share * seen + (1 - share) * _USUAL_THRESHOLD


def _windows(z: Logits) -> npt.NDArray[np.float64]:
    return np.convolve(z, np.full(_WINDOW, 1 / _WINDOW), "valid") if len(z) >= _WINDOW else np.zeros(0)


def _peaks(windows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The highest value of each second: the device is deaf for a second after each detection."""
    step = round(_PEAK_APART_S * 1000 / law().frontend.step_ms / law().input.stride)
    whole = np.pad(windows, (0, -len(windows) % step), constant_values=-np.inf)
    return np.asarray(whole.reshape(-1, step).max(axis=1))


def _best_after(z: Logits, end_slice: float) -> float:
    """The highest window that ends between the middle of the word and a second after its end."""
    slices = np.arange(_WINDOW, len(z) + 1) * law().input.stride
    latest = end_slice + _LATEST_S * 1000 / law().frontend.step_ms
    near = (slices >= end_slice - 30) & (slices <= latest)
    windows = _windows(z)
    return float(windows[near].max(initial=-30.0))
