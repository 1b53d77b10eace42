"""What each part of a corpus is worth: trainings with and without it, on several words, numbers of takes and seeds.

    python benchmarks/ablation.py --wake-words FOLDER --speech FOLDER --noise FOLDER --test-noise FOLDER
        [--rooms FOLDER] [--words computer jarvis] [--takes 0 20 50] [--conditions real all] [--seeds 3]
        [--preset standard] [--override FILE.yaml] [--test-takes 100] [--parallel 2] [--work FOLDER]

FOLDER of --wake-words has one folder for each word. The last --test-takes of a word (in an order that a fixed seed
gives) are for the test; a training draws its own from the others. Speech is parted by source (a speaker or a file):
one half trains, the other counts false accepts, and every second seed trains on the other half, so that all of it is
heard by models that never saw it. --test-noise is used in the test alone, at 10 dB.

Conditions: "real" is recordings alone, without mining; "voices" adds synthetic takes and sentences, "near" synthetic
near-sounding phrases, "mining" the scanning of negatives; "all" has all three. Without real takes every condition but
"real" has synthetic ones.

What was spoken, the features and every finished row are kept in --work, so a run goes on where it stopped, and what is
known is not computed again. Every row is trained and examined by the functions that the program uses.
Prints a table and writes table.md and rows.json in --work.
"""

import argparse
import json
import multiprocessing
import os
import pickle
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile
from measuring import TARGET_PER_HOUR, allowed, cpu_s, halves, inside, presented, share_text

from mww_studio.audio.files import find_audio
from mww_studio.corpus.splits import speakers_apart
from mww_studio.evaluation.clips import AmbientClip, NoiseBed, PositiveClip, positive_clip
from mww_studio.evaluation.evaluate import ambient_stream
from mww_studio.evaluation.listening import Heard, listen
from mww_studio.evaluation.runtime import load_runtime
from mww_studio.evaluation.scorecard import Scorecard, judge
from mww_studio.evaluation.statistics import poisson_upper
from mww_studio.jobs.examination import read_examination
from mww_studio.jobs.importing import import_audio
from mww_studio.jobs.planning import sides
from mww_studio.jobs.quickstart_corpus import CorpusBudget, synthesise_corpus
from mww_studio.jobs.spec import TrainSpec
from mww_studio.presets import Preset, load_preset
from mww_studio.progress import Progress
from mww_studio.project.records import Clip, ClipKind, Split
from mww_studio.project.store import Project

NOISE_SNR_DB = 10.0
SYNTHESIS_S = 1200.0
CONDITIONS = ("real", "voices", "near", "mining", "all")
PARTS = {"real": set(), "voices": {"voices"}, "near": {"near"}, "mining": {"mining"}}
PARTS["all"] = set().union(*PARTS.values())


@dataclass(frozen=True)
class Row:
    """One training. ``fold``: which half of the speech it is taught with."""

    word: str
    takes: int
    condition: str
    seed: int

    @property
    def name(self) -> str:
        return f"{self.word}-{self.takes}-{self.condition}-{self.seed}"

    @property
    def fold(self) -> int:
        return self.seed % 2

    @property
    def parts(self) -> set[str]:
        return PARTS[self.condition] | (set() if self.takes else {"voices"})


@dataclass(frozen=True)
class Test:
    """What examines the models of one word: takes clean and in noise, near-sounding phrases, and the speech of each
    fold."""

    clean: list[PositiveClip]
    noisy: list[PositiveClip]
    near: list[PositiveClip]
    speech: dict[int, list[AmbientClip]]


def main() -> None:
    options = parse()
    options.work.mkdir(parents=True, exist_ok=True)
    for word in options.words:
        prepare(word, options)
    rows = [
        Row(word, takes, condition, seed)
        for seed in range(options.seeds)
        for takes in options.takes
        for condition in options.conditions
        if takes or condition != "real"
        for word in options.words
    ]
    wanted = [row for row in rows if not result_file(row, options).is_file()]
    threads = max((os.cpu_count() or 1) // options.parallel, 1)
    # Read by TensorFlow as the worker loads it: side by side, each needs its own part of the processor.
    os.environ |= {"TF_NUM_INTRAOP_THREADS": str(threads), "TF_CPP_MIN_LOG_LEVEL": "2"}
    with ProcessPoolExecutor(options.parallel, multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run_row, row, threads, options) for row in wanted]):
            print(line(done.result()), flush=True)
    results = [json.loads(result_file(row, options).read_text()) for row in rows]
    (options.work / f"rows-{options.name}.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    table = "\n".join(table_lines(results))
    (options.work / f"table-{options.name}.md").write_text(table, encoding="utf-8")
    print(table)


def prepare(word: str, options: argparse.Namespace) -> None:
    """The project of one word, with every clip that any row could want, and its test; once."""
    folder = options.work / word
    if (folder / "test.pickle").is_file():
        return
    shutil.rmtree(folder, ignore_errors=True)
    pool, tested = parted_takes(word, options)
    with Project.create(folder / "project", word) as project:
        for kind, files in (
            (ClipKind.WAKE_WORD, pool),
            (ClipKind.SPEECH, find_audio([options.speech])),
            (ClipKind.AMBIENCE, [file for file in find_audio([options.noise]) if not inside(file, options.test_noise)]),
            (ClipKind.RIR, find_audio([options.rooms])[::2] if options.rooms else []),
        ):
            if files:
                import_audio(project, files, kind, speaker=None, progress=Progress())
        budget = CorpusBudget(synthesis_s=SYNTHESIS_S, ambience_s=0.0)
        corpus = synthesise_corpus(word, "en", budget=budget, cache=options.work / "speech")
        project.add_clips(corpus.clips)
        print(f"{word}: {len(corpus.clips)} synthetic clips by {', '.join(corpus.engines)}", flush=True)
        near = near_test(project, load_preset(options.preset, options.override))
    bed = NoiseBed([options.test_noise], NOISE_SNR_DB)
    speech = {fold: [ambient_stream(file) for file in halves(options.speech)[1 - fold]] for fold in (0, 1)}
    test = Test([presented(file, None) for file in tested], [presented(file, bed) for file in tested], near, speech)
    (folder / "test.pickle").write_bytes(pickle.dumps(test))


def near_test(project: Project, preset: Preset) -> list[PositiveClip]:
    """The near-sounding phrases that stand on a side from which no training learns."""
    clips = list(project.clips())
    splits = sides(project, clips, preset)
    return [
        positive_clip(
            np.asarray(soundfile.read(project.folder / clip.path, dtype="int16")[0]),
            clip.path,
            speech_start_s=clip.speech_start_s,
            speech_end_s=clip.speech_end_s,
            speaker=None,
        )
        for clip in clips
        if clip.kind is ClipKind.NEAR and splits[clip.id] is not Split.TRAIN
    ]


def parted_takes(word: str, options: argparse.Namespace) -> tuple[list[Path], list[Path]]:
    """The takes from which trainings draw, and those of the test."""
    files = find_audio([options.wake_words / word])
    order = np.random.default_rng(5).permutation(len(files))
    return [files[at] for at in order[: -options.test_takes]], [files[at] for at in order[-options.test_takes :]]


def run_row(row: Row, threads: int, options: argparse.Namespace) -> dict[str, object]:
    """Train one model and examine it, in a process of the pool."""
    import keras

    from mww_studio.jobs.train import train

    keras.backend.clear_session()
    folder = options.work / row.word
    run = folder / "project" / "runs" / f"{options.name}-{row.name}"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    before, began = cpu_s(), time.monotonic()
    train(spec_of(row, threads, options), run, Progress())
    used = {"cpu_s": round(cpu_s() - before), "wall_s": round(time.monotonic() - began)}
    result = asdict(row) | used | examined(run, row, pickle.loads((folder / "test.pickle").read_bytes()))  # noqa: S301
    result_file(row, options).write_text(json.dumps(result), encoding="utf-8")
    return result


def spec_of(row: Row, threads: int, options: argparse.Namespace) -> TrainSpec:
    with Project.open(options.work / row.word / "project", read_only=True) as project:
        clips = list(chosen(project.clips(), row, options))
        preset = preset_of(row, threads, options)
        return TrainSpec(
            project=project.folder.resolve(),
            wake_word=row.word,
            language="en",
            author="",
            preset=preset,
            seed=row.seed,
            sound_seed=0,
            clips=tuple(clips),
            splits=sides(project, clips, preset),
            speakers_apart=speakers_apart(clips),
        )


def chosen(clips: Sequence[Clip], row: Row, options: argparse.Namespace) -> Iterator[Clip]:
    """The clips that a row is taught with."""
    taught = {f"{file.parent.name}/{file.name}" for file in halves(options.speech)[row.fold]}
    takes = [clip for clip in clips if clip.kind is ClipKind.WAKE_WORD and not clip.synthetic]
    order = np.random.default_rng(1000 + row.seed).permutation(len(takes))[: row.takes]
    yield from (takes[at] for at in sorted(order))
    for clip in clips:
        if clip.synthetic:
            if ("near" if clip.kind is ClipKind.NEAR else "voices") in row.parts:
                yield clip
        elif clip.kind is ClipKind.SPEECH:
            if clip.source in taught:
                yield clip
        elif clip.kind is not ClipKind.WAKE_WORD:
            yield clip


def preset_of(row: Row, threads: int, options: argparse.Namespace) -> Preset:
    preset = load_preset(options.preset, options.override)
    mining = preset.hard_negative_mining
    if "mining" not in row.parts:
        mining = mining.model_copy(update={"every": 0, "share": 0.0})
    performance = preset.performance.model_copy(update={"workers": threads})
    return preset.model_copy(update={"hard_negative_mining": mining, "performance": performance})


def examined(run: Path, row: Row, test: Test) -> dict[str, object]:
    """Recall clean and in noise, at the cut-off that was shipped and at the best one on this very test."""
    point = read_examination(run).operating_point
    runtime = load_runtime(run / "model.tflite")
    figures: dict[str, object] = {"cutoff": point.cutoff, "test_takes": len(test.clean)}
    for name, clips in (("clean", test.clean), ("noisy", test.noisy)):
        heard = listen(runtime, clips, test.speech[row.fold], Progress())
        card = judge(heard, point.cutoff, point.sliding_window_size, TARGET_PER_HOUR)
        best = best_point(card)
        figures |= {f"{name}_shipped": card.recall.detected, f"{name}_best": best}
        if name == "clean":
            figures |= {"hours": heard.hours, "false_accepts": card.false_accepts.false_accepts}
            figures |= {"sources": {key: rate.false_accepts for key, rate in card.sources.items()}}
            figures |= {"missed": card.missed, "curve": [(one.detected, one.false_accepts) for one in card.curve]}
            (run / "heard.pickle").write_bytes(pickle.dumps(heard))
        else:
            (run / "heard-noisy.pickle").write_bytes(pickle.dumps(Heard(heard.runtime, heard.stride, heard.words, [])))
    near = listen(runtime, test.near, [], Progress())
    recall = judge(near, point.cutoff, point.sliding_window_size, TARGET_PER_HOUR).recall
    return figures | {"near_test": recall.clips, "near_woke": recall.detected}


def best_point(card: Scorecard) -> int:
    """The most takes that a cut-off detects at which, as at all stricter ones, false accepts are within the target."""
    points = allowed(card.curve, TARGET_PER_HOUR * card.false_accepts.hours)
    return max((point.detected for point in points), default=0)


def result_file(row: Row, options: argparse.Namespace) -> Path:
    return Path(options.work) / "results" / options.name / f"{row.name}.json"


def line(result: dict[str, object]) -> str:
    shown = {key: value for key, value in result.items() if key not in {"curve", "missed", "sources"}}
    figures = {key: f"{value:.3g}" if isinstance(value, float) else value for key, value in shown.items()}
    return "  ".join(f"{key} {value}" for key, value in figures.items())


def table_lines(results: Sequence[dict]) -> Iterator[str]:
    """One line for each word, number of takes and condition, all seeds together."""
    columns = ("word", "takes", "corpus", "quiet, best", "noise, best", "quiet, shipped", "noise, shipped")
    columns = (*columns, "false accepts, shipped", "woken by near phrases, shipped", "processor time")
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    groups: dict[tuple, list[dict]] = {}
    for result in results:
        groups.setdefault((result["takes"], result["condition"], result["word"]), []).append(result)
    for takes, condition, word in sorted(groups, key=lambda key: (key[0], CONDITIONS.index(key[1]), key[2])):
        group = groups[takes, condition, word]
        shares = [share(group, key) for key in ("clean_best", "noisy_best", "clean_shipped", "noisy_shipped")]
        hours, mistakes = (sum(one[key] for one in group) for key in ("hours", "false_accepts"))
        rate = f"{mistakes / hours:.1f}/h in {hours:.1f} h (at most {poisson_upper(mistakes, hours):.1f})"
        near = f"{sum(one['near_woke'] for one in group)} of {sum(one['near_test'] for one in group)}"
        seconds = sum(one["cpu_s"] for one in group) / len(group)
        yield " | ".join(["| " + word, str(takes), condition, *shares, rate, near, f"{seconds:.0f} s |"])


def share(group: Sequence[dict], key: str) -> str:
    """The mean, Wilson's interval of all together, and every seed."""
    return share_text([one[key] for one in group], [one["test_takes"] for one in group])


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--wake-words", "--speech", "--noise", "--test-noise"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--rooms", type=Path)
    parser.add_argument("--words", nargs="+", default=["computer", "jarvis"])
    parser.add_argument("--takes", type=int, nargs="+", default=[0, 20, 50])
    parser.add_argument("--conditions", nargs="+", default=CONDITIONS, choices=CONDITIONS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--override", type=Path)
    parser.add_argument("--name", default="default", help="of these settings, under which their rows are kept")
    parser.add_argument("--test-takes", type=int, default=100)
    parser.add_argument("--parallel", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("benchmark-work"))
    options = parser.parse_args()
    options.work = options.work.resolve()
    (options.work / "results" / options.name).mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    main()
