"""How fast sound becomes features, examples and verdicts: every kind of work by turns in one run.

    python benchmarks/speed.py [--model FILE.tflite] [--minutes 20] [--rounds 7] [--json FILE]

Scoring: the exact executor (one long recording; clips of 4.5 s), tflite-micro and LiteRT (its reference kernels, and
XNNPACK, which is not exact) on the same features. Features: the device's frontend alone. Examples: augmented words and
recordings with their features, as a training's workers make them. Takes: read, cut, judged and added to a project.
Export: weights to a verified file. Sound is made up. Times are processor seconds of this process; each row shows its
best round, and its median beside that of the same round's row that it is compared with, which other work on the
computer disturbs least.
"""

import argparse
import importlib.util
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pymicro_wakeword
from synthetic_sound import make_takes, synthetic_features

from mww_studio.audio.files import write_wav
from mww_studio.audio.trimming import find_speech
from mww_studio.constitution.articles import law
from mww_studio.corpus.augmentation import Augmenter, Surroundings
from mww_studio.corpus.features import device_features, quantise
from mww_studio.corpus.noises import make_noise, noise_kinds
from mww_studio.corpus.rooms import make_room
from mww_studio.evaluation.runtime import ExactRuntime, LiteRt, TfliteMicro
from mww_studio.jobs.importing import import_audio
from mww_studio.presets import Augmentation
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project

OFFICIAL = Path(pymicro_wakeword.__file__).parent / "models" / "okay_nabu.tflite"
RATE = 16000
SLOW_S = 30
CLIP_FRAMES = 450
EXAMPLES = 24
TAKES = 16


@dataclass
class Row:
    """One kind of work. ``work`` returns how many seconds of sound it went through; ``beside``: what it is held
    against."""

    name: str
    work: Callable[[], float]
    beside: str | None = None
    cpu_s_a_second: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """Do it once."""
        begin = time.process_time()
        sound_s = self.work()
        self.cpu_s_a_second.append((time.process_time() - begin) / sound_s)


@dataclass(frozen=True)
class Figures:
    """Times real time on one core; ``ratio``: the median over rounds of how many times as fast as ``beside``."""

    name: str
    best: float
    middle: float
    beside: str | None
    ratio: float | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=OFFICIAL)
    parser.add_argument("--minutes", type=float, default=20.0, help="of ambience for the exact executor")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows = [*scoring_rows(options.model.read_bytes(), options.minutes), *sound_rows(), take_row(Path(scratch))]
        for number in range(options.rounds + 1):
            for row in rows:
                row.measure()
                if not number:
                    row.cpu_s_a_second.clear()  # the first round makes room and fills caches
    figures = [figures_of(row, rows) for row in rows]
    print(f"{options.model.name} on {platform.machine()}, one core, {options.rounds} rounds")
    print(f"{'times real time':44}{'best':>10}{'median':>10}{'times as fast as':>22}")
    for one in figures:
        held = "" if one.ratio is None else f"{one.ratio:.2f} x {one.beside}"
        print(f"{one.name:44}{one.best:>10,.0f}{one.middle:>10,.0f}   {held}")
    load_s, export_s = load_seconds(options.model.read_bytes()), export_seconds(options.model)
    print(f"loading and proving a model: {load_s:.2f} s; export of its weights to a file: {export_s:.1f} s")
    if options.json:
        result: dict[str, Any] = {"model": options.model.name, "rounds": options.rounds, "load_s": load_s}
        result |= {"export_s": export_s, "rows": [asdict(one) for one in figures]}
        options.json.write_text(json.dumps(result, indent=2), encoding="utf-8")


def figures_of(row: Row, rows: Sequence[Row]) -> Figures:
    ratio = None
    for other in rows:
        if other.name == row.beside:
            pairs = zip(other.cpu_s_a_second, row.cpu_s_a_second, strict=True)
            ratio = median(theirs / ours for theirs, ours in pairs)
    return Figures(
        row.name, 1 / min(row.cpu_s_a_second), 1 / median(row.cpu_s_a_second), row.beside if ratio else None, ratio
    )


def scoring_rows(content: bytes, minutes: float) -> list[Row]:
    """The runtimes; those that claim to be exact are held against each other's bytes first."""
    features = synthetic_features(minutes)
    short = features[: SLOW_S * 100]
    clips = [features[start : start + CLIP_FRAMES] for start in range(0, len(features) - CLIP_FRAMES, CLIP_FRAMES)]
    exact, micro = ExactRuntime(content, "exact"), "scoring: tflite-micro"
    rows = []
    if importlib.util.find_spec("tflite_micro"):
        device = TfliteMicro(content)
        np.testing.assert_array_equal(exact.run([short])[0], device.run([short])[0])
        rows.append(Row(micro, runs(device, [short])))
    rows.append(Row("scoring: exact int8, one recording", runs(exact, [features]), micro))
    rows.append(Row("scoring: exact int8, clips of 4.5 s", runs(exact, clips), micro))
    rows.append(Row("scoring: LiteRT, XNNPACK (not exact)", runs(Xnnpack(content), [short]), micro))
    rows.append(Row("scoring: LiteRT, reference (not exact)", runs(LiteRt(content), [short]), micro))
    return rows


def runs(runtime: Any, recordings: Sequence[Any]) -> Callable[[], float]:
    seconds = sum(map(len, recordings)) * law().frontend.step_ms / 1000

    def work() -> float:
        runtime.run(recordings)
        return seconds

    return work


class Xnnpack:
    """LiteRT as its users get it, on one thread, without what setting up costs."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()
        self._source = self._interpreter.get_input_details()[0]["index"]
        self._target = self._interpreter.get_output_details()[0]["index"]

    def run(self, recordings: Sequence[Any]) -> None:
        interpreter, stride = self._interpreter, law().input.stride
        for recording in recordings:
            inputs = quantise(recording)
            for start in range(0, len(inputs) // stride * stride, stride):
                interpreter.set_tensor(self._source, inputs[None, start : start + stride])
                interpreter.invoke()
                interpreter.get_tensor(self._target)


def sound_rows() -> list[Row]:
    kinds = noise_kinds()
    noises = [make_noise(kinds[n % len(kinds)], 10.0, n) for n in range(24)]
    augmenter = Augmenter(Augmentation(), Surroundings(noises, [make_room(n) for n in range(24)]))
    takes = make_takes(4)
    speech = [find_speech(take)[0] for take in takes]
    long = [np.tile(take, 4)[: 5 * RATE] for take in takes]
    seeds = count()

    def features() -> float:
        return sum(_seconds(one, device_features(one)) for one in long * 2)

    def words() -> float:
        seconds = 0.0
        for number in range(EXAMPLES):
            take, said = takes[number % 4], speech[number % 4]
            begin_s, end_s = said.start / RATE, said.end / RATE
            stream = augmenter.place(take, begin_s, end_s, lead_s=3.6, tail_s=0.5, seed=next(seeds))
            seconds += _seconds(stream, device_features(stream))
        return seconds

    def recordings() -> float:
        streams = [augmenter.stream(long[number % 4], next(seeds)) for number in range(EXAMPLES)]
        return sum(_seconds(stream, device_features(stream)) for stream in streams)

    frontend = "features"
    return [
        Row(frontend, features),
        Row("features of augmented words", words, frontend),
        Row("features of augmented recordings", recordings, frontend),
    ]


def take_row(scratch: Path) -> Row:
    takes, projects = make_takes(TAKES), count()
    (scratch / "takes").mkdir()
    for number, take in enumerate(takes):
        write_wav(scratch / "takes" / f"{number}.wav", take)
    seconds = sum(map(len, takes)) / RATE

    def work() -> float:
        with Project.create(scratch / f"project {next(projects)}", "hum hum") as project:
            found = import_audio(project, [scratch / "takes"], ClipKind.WAKE_WORD, speaker="Mia", progress=Progress())
        assert found.added == TAKES
        return seconds

    return Row("takes brought into a project", work)


def load_seconds(content: bytes) -> float:
    """What it takes to read a model and to prove that it is computed exactly."""
    begin = time.process_time()
    ExactRuntime(content, "exact")
    return time.process_time() - begin


def export_seconds(model: Path) -> float:
    """Weights to the file of the device, in a process that has TensorFlow already."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from mww_studio.export.convert import convert
    from mww_studio.training.warm_start import read_weights

    weights, sound = read_weights(model), synthetic_features(1.0)
    convert(weights, sound[:60])
    begin = time.process_time()
    convert(weights, sound)
    return time.process_time() - begin


def _seconds(pcm: Any, _features: Any) -> float:
    return len(pcm) / RATE


if __name__ == "__main__":
    main()
