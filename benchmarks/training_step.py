"""What one step of training costs: ours beside the shape of the official trainer's, alternating in one run.

    python benchmarks/training_step.py [--rounds 8] [--steps 20] [--memory] [--json FILE]

The official trainer's loop, written anew after its published source: a Keras model of ordinary layers, a batch of 128
sequences of 204 frames that are drawn, scaled and masked one by one, train_on_batch with nine metrics (four of them at
101 thresholds), and the figures of every step written to event files. Without XLA, which is slower here.

Ours is the trainer that the program uses, with all that it does for a step: drawing, quantising to the device's input,
masking, the loss of the device's own decision, the mean of the weights, the checks for a cancel, what is told and
written. Looks at the validation side, scans for hard negatives and checkpoints come every few hundred steps and are
left out on both sides. It runs three times: with the very batch of the official loop (128 sequences of 204 frames) and
slopes taken once, as there; with the batch of the preset "standard" and slopes taken once; and as "standard" trains,
whose steps take slopes twice (sharpness_radius).

Both have the same model, but for the last layer: the official one takes all 17 frames that are left of a sequence and
says one thing about it; ours looks at 6 and says something every 30 ms, as the device does. A frame is 10 ms of sound
that goes through the model forwards and backwards: by it sequences of different lengths are compared.

Sound is synthetic; nothing here depends on what it says. Times of a step are means of rounds; "at best" is the fastest
round, and processor time is that of all threads. --memory runs each loop in a process of its own and prints the most
that it held.
"""

import argparse
import json
import multiprocessing
import os
import resource  # this benchmark runs on Linux and macOS
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import keras
import numpy as np

from mww_studio.constitution.articles import law
from mww_studio.corpus.examples import PlacedExamples
from mww_studio.errors import Cancelled
from mww_studio.presets import HardNegativeMining, Model, load_preset
from mww_studio.progress import Progress
from mww_studio.training.batches import Batches, Portion
from mww_studio.training.devices import Device, choose_device, set_seeds
from mww_studio.training.loop import Trainer
from mww_studio.training.mixednet import MixedNet
from mww_studio.training.negatives import Negatives, Source, Stream
from mww_studio.training.tensorboard import EventFiles
from mww_studio.training.validation import ValidationSet

OFFICIAL_EXAMPLES, OFFICIAL_FRAMES = 128, 204
THRESHOLDS = [number / 100 for number in range(101)]
SAYINGS = 400
RECORDINGS, RECORDING_FRAMES = 20, 6000
# Beyond any round.
NEVER = 1_000_000


class Loop(Protocol):
    """``examples`` sequences of ``frames`` frames a step. ``run`` says how many steps it took."""

    examples: int
    frames: int

    def run(self, steps: int) -> int: ...


@dataclass(frozen=True)
class Row:
    """Milliseconds of a step."""

    loop: str
    examples: int
    frames: int
    wall_best_ms: float
    cpu_best_ms: float
    cpu_median_ms: float

    @property
    def cpu_us_per_frame(self) -> float:
        return 1000 * self.cpu_best_ms / (self.examples * self.frames)


class OfficialLoop:
    """What the official trainer does for a step."""

    examples, frames = OFFICIAL_EXAMPLES, OFFICIAL_FRAMES

    def __init__(self, folder: Path) -> None:
        self._model = official_model()
        self._rng = np.random.default_rng(1)
        self._said = list(sound(1, SAYINGS, self.frames))
        self._others = list(sound(2, RECORDINGS, RECORDING_FRAMES))
        self._written, self._step = EventFiles(folder), 0

    def run(self, steps: int) -> int:
        for _ in range(steps):
            self._step += 1
            labels = self._rng.random(self.examples) < 0.5
            sequences = np.array([self._sequence(label) for label in labels])
            weights = np.where(labels, 1.0, 20.0)
            result = self._model.train_on_batch(sequences, labels[:, None].astype(np.float32), sample_weight=weights)
            names = ("loss", "accuracy", "recall", "precision", "auc")
            figures = {name: float(value) for name, value in zip(names, (*result[:4], result[8]), strict=True)}
            self._written.write(self._step, figures)
        return steps

    def _sequence(self, label: bool) -> np.ndarray:
        source = self._said if label else self._others
        whole = source[int(self._rng.integers(len(source)))]
        start = int(self._rng.integers(len(whole) - self.frames + 1))
        sequence = whole[start : start + self.frames].astype(np.float32) * law().frontend.raw_scale
        for axis in (0, 0, 1, 1):
            length = int(self._rng.uniform(0, 5))
            first = int(self._rng.integers(sequence.shape[axis] - length + 1))
            sequence[(slice(None),) * axis + (slice(first, first + length),)] = 0
        return sequence


def official_model() -> keras.Model:
    """The architecture of okay_nabu, of the layers and with the metrics that the official trainer gives it."""
    rule, layers = law().mixednet, keras.layers
    inputs = keras.Input((OFFICIAL_FRAMES, law().frontend.channels))
    x = keras.ops.expand_dims(inputs, 2)
    stride = (law().input.stride, 1)
    x = layers.Conv2D(rule.first_conv_filters, (rule.first_conv_kernel, 1), strides=stride, use_bias=False)(x)
    x = layers.Activation("relu")(x)
    for kernels, filters in zip(rule.mixconv_kernels, rule.pointwise_filters, strict=True):
        parts = keras.ops.split(x, len(kernels), axis=3)
        left = x.shape[1] - max(kernels) + 1
        parts = [
            layers.DepthwiseConv2D((kernel, 1), use_bias=False)(part)[:, -left:]
            for kernel, part in zip(kernels, parts, strict=True)
        ]
        x = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(layers.Flatten()(x)))
    metrics = keras.metrics
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.BinaryCrossentropy(),
        weighted_metrics=[],
        metrics=[
            metrics.BinaryAccuracy(),
            metrics.Recall(),
            metrics.Precision(),
            *(
                kind(thresholds=THRESHOLDS)
                for kind in (
                    metrics.TruePositives,
                    metrics.FalsePositives,
                    metrics.TrueNegatives,
                    metrics.FalseNegatives,
                )
            ),
            metrics.AUC(),
            metrics.BinaryCrossentropy(),
        ],
        jit_compile=False,
    )
    return model


class OurLoop:
    """The program's own trainer, stopped after as many steps as are asked for and taken up again."""

    def __init__(
        self, folder: Path, sizes: tuple[int, int], frames: int, *, once: bool, device: Device | None = None
    ) -> None:
        positives, negatives = sizes
        preset = load_preset("standard")
        self.examples, self.frames = positives + negatives, frames
        said = PlacedExamples(sound(1, SAYINGS, frames), np.full(SAYINGS, frames - 30.0, np.float32))
        others = Negatives([Source(Stream(list(sound(2, RECORDINGS, RECORDING_FRAMES))))])
        batches = Batches(
            [Portion(said, 1.0)],
            [Portion(said, preset.hard_negative_mining.isolated_share)],
            others,
            sizes=(positives, negatives),
            mined_share=0.0,
            seed=1,
        )
        phase = preset.training.phases[0].model_copy(update={"steps": NEVER})
        training = preset.training.model_copy(
            update={
                "phases": (phase,),
                "evaluate_every": NEVER,
                "checkpoint_every": NEVER,
                "batch_positives": positives,
                "batch_negatives": negatives,
            }
            | ({"sharpness_radius": 0.0} if once else {})
        )
        validation = ValidationSet([], [], [])
        device = device or choose_device(preset.hardware)
        mining = HardNegativeMining(every=0)
        with device.strategy.scope():
            model = MixedNet(Model())
        self._trainer = Trainer(model, batches, validation, training, mining, device, folder)
        self._trainer.prepare()

    def run(self, steps: int) -> int:
        before = self._trainer.state.step
        with suppress(Cancelled):
            self._trainer.run(StopAfter(before + steps))
        return self._trainer.state.step - before


class StopAfter(Progress):
    """Cancels after a step."""

    def __init__(self, last: int) -> None:
        self._last, self._done = last, 0

    def step(self, done: int, **_figures: float | str) -> None:
        self._done = done

    def check_cancelled(self) -> None:
        if self._done >= self._last:
            raise Cancelled


def sound(seed: int, pieces: int, frames: int) -> np.ndarray:
    """Frontend integers without meaning: uint16 [pieces, frames, channels]."""
    channels = law().frontend.channels
    return np.random.default_rng(seed).integers(0, 670, (pieces, frames, channels), dtype=np.uint16)


def loops() -> dict[str, Callable[[Path], Loop]]:
    training = load_preset("standard").training
    frames = training.sequence_ms // law().frontend.step_ms - 2
    half = OFFICIAL_EXAMPLES // 2
    sizes = training.batch_positives, training.batch_negatives
    return {
        "official loop": OfficialLoop,
        "ours, the same batch": lambda folder: OurLoop(folder, (half, half), OFFICIAL_FRAMES, once=True),
        "ours, standard's batch": lambda folder: OurLoop(folder, sizes, frames, once=True),
        "ours, standard": lambda folder: OurLoop(folder, sizes, frames, once=False),
    }


def compared(rounds: int, steps: int, folder: Path) -> list[Row]:
    set_seeds(1)
    made = {name: make(folder / name) for name, make in loops().items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in made}
    for number in range(rounds + 1):
        for name, loop in made.items():
            wall, cpu = time.perf_counter(), time.process_time()
            done = loop.run(steps)
            taken = time.perf_counter() - wall, time.process_time() - cpu
            if number:  # the first round compiles
                times[name].append((1000 * taken[0] / done, 1000 * taken[1] / done))
    return [row(name, made[name], times[name]) for name in made]


def row(name: str, loop: Loop, times: Sequence[tuple[float, float]]) -> Row:
    wall, cpu = zip(*times, strict=True)
    return Row(name, loop.examples, loop.frames, min(wall), min(cpu), median(cpu))


def most_memory(name: str, steps: int) -> tuple[float, float]:
    """What a process held at most before its first step and after its last, in MB."""
    with tempfile.TemporaryDirectory() as folder:
        loop = loops()[name](Path(folder))
        before = held_mb()
        loop.run(steps)
        return before, held_mb()


def held_mb() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--steps", type=int, default=20, help="of a round")
    parser.add_argument("--memory", action="store_true", help="measure memory, not time")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    figures = memory_of(options.steps) if options.memory else time_of(options)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def time_of(options: argparse.Namespace) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        rows = compared(options.rounds, options.steps, Path(folder))
    print(f"{os.cpu_count()} cores; {options.rounds} alternating rounds of {options.steps} steps")
    columns = (
        "loop",
        "sequences",
        "frames each",
        "wall at best",
        "CPU at best",
        "CPU, median",
        "a sequence",
        "a frame",
    )
    print(f"| {' | '.join(columns)} |")
    print(f"|{' --- |' * len(columns)}")
    for one in rows:
        print(
            f"| {one.loop} | {one.examples} | {one.frames} | {one.wall_best_ms:.1f} ms | {one.cpu_best_ms:.1f} ms "
            f"| {one.cpu_median_ms:.1f} ms | {one.cpu_best_ms / one.examples:.3f} ms | {one.cpu_us_per_frame:.2f} us |"
        )
    official, *ours = rows
    for one in ours:
        print(
            f"{one.loop}: a step takes {official.cpu_best_ms / one.cpu_best_ms:.2f} x less CPU at best "
            f"({official.cpu_median_ms / one.cpu_median_ms:.2f} x in the median), "
            f"a frame {official.cpu_us_per_frame / one.cpu_us_per_frame:.2f} x"
        )
    return [asdict(one) for one in rows]


def memory_of(steps: int) -> list[dict[str, Any]]:
    figures = []
    context = multiprocessing.get_context("spawn")
    for name in loops():
        with ProcessPoolExecutor(1, context) as pool:
            before, after = pool.submit(most_memory, name, steps).result()
        print(f"{name}: {before:.0f} MB before the first step, {after:.0f} MB at most")
        figures.append({"loop": name, "before_mb": before, "most_mb": after})
    return figures


if __name__ == "__main__":
    main()
