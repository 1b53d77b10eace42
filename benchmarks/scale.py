"""What much sound costs, in time and memory: 1, 10 and 100 hours of ambience, hundreds and thousands of clips.

    python benchmarks/scale.py [--hours 1 10 100] [--clips 250 1000] [--folder DIR] [--json FILE]

Ambience is made up, 29 MB of features an hour, and lies on disk as an installed set does. Every row is measured in a
process of its own. Time is processor time of all threads. Memory is the most that the process held of its own beyond
what it held before the work began; pages of the set that the system keeps in passing, and takes back when somebody else
needs them, are not counted (they are where the system does not tell them apart: outside Linux).
"""

import argparse
import json
import multiprocessing
import platform
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
import pymicro_wakeword
from synthetic_sound import make_takes, synthetic_features

from mww_studio.audio.files import write_wav
from mww_studio.corpus.augmentation import Surroundings
from mww_studio.corpus.examples import ExampleMaker
from mww_studio.corpus.feature_store import Features, FeatureStore, open_feature_set, write_features
from mww_studio.corpus.noises import make_noise, noise_kinds
from mww_studio.corpus.published_features import whole_recording
from mww_studio.evaluation.clips import AmbientClip
from mww_studio.evaluation.detector import cutoff_byte
from mww_studio.evaluation.evaluate import ambient_stream
from mww_studio.evaluation.listening import listen
from mww_studio.evaluation.runtime import load_runtime
from mww_studio.evaluation.scorecard import judge
from mww_studio.jobs.importing import import_audio
from mww_studio.jobs.mining_scan import Judge, find_moments
from mww_studio.presets import Augmentation, Model
from mww_studio.progress import Progress
from mww_studio.project.records import ClipKind
from mww_studio.project.store import Project
from mww_studio.training.negatives import Negatives, Source, Stream

OFFICIAL = Path(pymicro_wakeword.__file__).parent / "models" / "okay_nabu.tflite"
FRAMES_AN_HOUR = 360_000
ITEM_FRAMES = 60_000
SEQUENCE_FRAMES = 358
BATCHES = 300
BATCH_NEGATIVES = 16
SCAN_HOURS = 2.0
PATIENCE_S = 0.01


@dataclass(frozen=True)
class Cost:
    """Of one kind of work on so much sound: ``amount`` hours or clips."""

    work: str
    amount: float
    unit: str
    cpu_s: float
    memory_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, nargs="*", default=[1, 10, 100], help="of ambience")
    parser.add_argument("--sound-hours", type=float, default=10, help="the most of sound files, which cost more")
    parser.add_argument("--clips", type=int, nargs="*", default=[250, 1000], help="how many takes")
    parser.add_argument("--folder", type=Path, help="where the made-up sound may lie: 29 MB an hour of features")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    costs: list[Cost] = []
    print(f"{platform.machine()}, {multiprocessing.cpu_count()} cores")
    print(f"{'':44}{'':>12}{'processor s':>13}{'s each':>10}{'memory MB':>11}")
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        for hours in options.hours:
            place = Path(scratch) / f"{hours:g}"
            make_set(place, hours)
            works = [draw_batches, scan_in_training, listen_to_items, listen_to_one_recording, find_wakings]
            if hours <= options.sound_hours:
                works += [keep_features, listen_to_a_file]
            costs += [measured(work, place, hours, "h") for work in works]
        for count in options.clips:
            place = Path(scratch) / f"clips {count}"
            make_clips(place / "takes", count)
            works = [import_takes, augment_takes, read_takes]
            costs += [measured(work, place, count / 1000, "thousand") for work in works]
    if options.json:
        options.json.write_text(json.dumps([asdict(cost) for cost in costs], indent=2), encoding="utf-8")


# Made-up sound


def make_set(place: Path, hours: float) -> None:
    """A set of features on disk, its items ten minutes long; each hour another turn of one."""
    hour = synthetic_features(60)
    frames = round(hours * FRAMES_AN_HOUR)

    def items() -> Iterator[Features]:
        for start in range(0, frames, ITEM_FRAMES):
            turned = np.roll(hour, (start % 997, start // FRAMES_AN_HOUR % 40), (0, 1))
            yield turned[start % FRAMES_AN_HOUR :][: min(ITEM_FRAMES, frames - start)]

    write_features(place, items())


def make_clips(folder: Path, count: int) -> None:
    for number, pcm in enumerate(make_takes(count)):
        write_wav(folder / f"{number}.wav", pcm)


# Work


def draw_batches(place: Path) -> Callable[[], object]:
    negatives = Negatives([Source(Stream([whole_recording(place)]))])
    rng = np.random.default_rng(0)

    def work() -> None:
        for _ in range(BATCHES):
            np.stack([negatives.draw(rng, SEQUENCE_FRAMES) for _ in range(BATCH_NEGATIVES)])

    return work


def scan_in_training(place: Path) -> Callable[[], object]:
    from mww_studio.training.mixednet import MixedNet
    from mww_studio.training.validation import stream_logits

    negatives = Negatives([Source(Stream([whole_recording(place)]))])
    model = MixedNet(Model())
    stream_logits(model, [negatives.cut(0, 0, ITEM_FRAMES)])

    def work() -> None:
        blocks = negatives.blocks(np.random.default_rng(0), ITEM_FRAMES, round(SCAN_HOURS * FRAMES_AN_HOUR))
        for _start, block in blocks:
            stream_logits(model, [block])

    return work


def listen_to_items(place: Path) -> Callable[[], object]:
    items = open_feature_set(place)
    return heard(lambda: (AmbientClip(str(n), items[n], "made up") for n in range(len(items))))


def listen_to_one_recording(place: Path) -> Callable[[], object]:
    return heard(lambda: iter([AmbientClip("one", whole_recording(place), "made up")]))


def listen_to_a_file(place: Path) -> Callable[[], object]:
    """A sound file of all the hours, of which the features are not there yet."""
    hours = len(whole_recording(place)) / FRAMES_AN_HOUR
    file = place / "sound.wav"
    write_wav(file, np.tile(make_noise("music", 60.0, 1), round(60 * hours)))
    return heard(lambda: iter([ambient_stream(file)]))


def heard(clips: Callable[[], Iterator[AmbientClip]]) -> Callable[[], object]:
    """Listening, then judging at every cut-off."""
    runtime = load_runtime(OFFICIAL)
    return lambda: judge(listen(runtime, [], clips(), Progress()), 0.85, 5)


def find_wakings(place: Path) -> Callable[[], object]:
    """What the search for sounds that wake a model does with the features of each part."""
    runtime, items = load_runtime(OFFICIAL), open_feature_set(place)
    by = Judge(OFFICIAL, cutoff_byte(0.85), 5, 0.6)

    def work() -> None:
        for number in range(len(items)):
            find_moments(runtime.run([items[number]])[0], runtime.stride, by)

    return work


def keep_features(place: Path) -> Callable[[], object]:
    items = open_feature_set(place)
    store = FeatureStore(place / "store")
    return lambda: store.add((str(number), items[number]) for number in range(len(items)))


def import_takes(place: Path) -> Callable[[], object]:
    project = Project.create(place / "project", "hum hum")
    files = [place / "takes"]
    return lambda: import_audio(project, files, ClipKind.WAKE_WORD, speaker="Mia", progress=Progress())


def augment_takes(place: Path) -> Callable[[], object]:
    return lambda: examples(place)


def read_takes(place: Path) -> Callable[[], object]:
    """The same a second time."""
    return lambda: examples(place)


def examples(place: Path) -> None:
    kinds = noise_kinds()
    surroundings = Surroundings([make_noise(kinds[n % len(kinds)], 10.0, n) for n in range(24)], [])
    with Project.open(place / "project") as project:
        clips = project.clips(ClipKind.WAKE_WORD)
        with ExampleMaker(project.folder, place / "cache", Augmentation(), surroundings, workers=1) as maker:
            maker.words(clips, 1, SEQUENCE_FRAMES, Progress())


# Measuring


def measured(work: Callable[[Path], Callable[[], object]], place: Path, amount: float, unit: str) -> Cost:
    """Do the work in a process of its own, and print what it cost."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        cpu_s, memory_mb = pool.submit(_work, work.__name__, place).result()
    cost = Cost(work.__name__.replace("_", " "), amount, unit, cpu_s, memory_mb)
    figures = f"{cpu_s:>13.2f}{cpu_s / amount:>10.3f}{memory_mb:>11.0f}"
    print(f"{cost.work:44}{amount:>7g} {unit[:4]:4}{figures}", flush=True)
    return cost


def _work(name: str, place: Path) -> tuple[float, float]:
    """Processor seconds with those of children that ended, and megabytes."""
    work = getattr(sys.modules[__name__], name)(place)
    before, start = _own_memory(), _processor_s()
    most, ended = before, threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(PATIENCE_S):
            most = max(most, _own_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = work()
    most = max(most, _own_memory())
    ended.set()
    watcher.join()
    del result
    return _processor_s() - start, (most - before) / 1e6


def _own_memory() -> int:
    memory = psutil.Process().memory_info()
    return int(memory.rss - getattr(memory, "shared", 0))


def _processor_s() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system + getattr(times, "children_user", 0) + getattr(times, "children_system", 0))


if __name__ == "__main__":
    main()
