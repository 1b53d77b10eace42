"""How well models work that the public commands make: train on some takes, evaluate the shipped file on others.

    python benchmarks/accuracy.py --wake-words FOLDER --speech FOLDER --noise FOLDER [--rooms FOLDER]
        [--takes 20 50 200] [--test-takes 60] [--seeds 1] [--preset standard] [--work FOLDER] [--json FILE]

Of the wake words, the last --test-takes (in an order that a fixed seed gives) are for the test, and training draws from
the others. Every second file of each folder below --speech, and of --noise, is for training, the rest for the test, so
that the test's false accepts come from recordings that training never saw. Prints a table and writes JSON.
"""

import argparse
import json
import resource  # this benchmark runs on Linux and macOS
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

SOUND = {".wav", ".flac", ".ogg", ".mp3"}
TARGET_PER_HOUR = 0.5


def main() -> None:
    options = parse()
    words = sounds(options.wake_words)
    order = np.random.default_rng(5).permutation(len(words))
    test_words = [words[index] for index in order[-options.test_takes :]]
    pool = [words[index] for index in order[: -options.test_takes]]
    speech, test_speech = halves(options.speech)
    noise, test_noise = halves(options.noise)
    rooms = sounds(options.rooms)[::2] if options.rooms else []
    options.work.mkdir(parents=True, exist_ok=True)
    test = Test(options.work, test_words, test_speech, test_noise)
    rows = []
    for takes in options.takes:
        for seed in range(options.seeds):
            chosen = [pool[index] for index in np.random.default_rng(1000 + seed).permutation(len(pool))[:takes]]
            project = options.work / f"project-{takes}-{seed}"
            shutil.rmtree(project, ignore_errors=True)
            studio("new", project, "--wake-word", options.word)
            for kind, files in (("wake-word", chosen), ("speech", speech), ("ambience", noise), ("rir", rooms)):
                if files:
                    studio("import", project, "--kind", kind, *files)
            before, began = children_cpu_s(), time.monotonic()
            result = json.loads(studio("train", project, "--preset", options.preset, "--seed", seed, "--json"))
            figures = {"cpu_s": round(children_cpu_s() - before), "wall_s": round(time.monotonic() - began)}
            rows.append({"takes": takes, "seed": seed, **figures, **test.run(Path(result["manifest"]))})
            print_row(rows[-1])
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"peak memory of the largest process: {peak_mb} MB")
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "peak_mb": peak_mb}, indent=1), encoding="utf-8")


class Test:
    """Evaluates a manifest clean and in noise, on files that are linked into folders once."""

    def __init__(self, work: Path, words: list[Path], speech: list[Path], noise: list[Path]) -> None:
        self.words, self.speech, self.noise = (work / f"test-{name}" for name in ("words", "speech", "noise"))
        for folder, files in ((self.words, words), (self.speech, speech), (self.noise, noise)):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for file in files:
                place = folder / file.parent.name
                place.mkdir(exist_ok=True)
                (place / file.name).symlink_to(file.resolve())

    def run(self, manifest: Path) -> dict[str, float]:
        figures: dict[str, float] = {}
        for name, extra in (("clean", ()), ("10dB", ("--noise", self.noise, "--snr-db", 10))):
            common = ("--wake-words", self.words, "--ambient", self.speech, "--json")
            measured = json.loads(studio("evaluate", manifest, *common, *extra))
            figures[f"recall_{name}"] = measured["recall"]
            figures[f"recall_{name}_at_target"] = best_recall(measured)
            if name == "clean":
                figures |= {
                    key: measured[key]
                    for key in ("cutoff", "ambient_hours", "false_accepts_per_hour", "false_accepts_per_hour_high")
                }
        return figures


def best_recall(measured: dict) -> float:
    """The recall at the most sensitive cut-off above which false accepts stay within the target, on this very test."""
    best = 0.0
    for point in reversed(measured["curve"]):
        if point["false_accepts"] > TARGET_PER_HOUR * measured["ambient_hours"]:
            break
        best = max(best, point["detected"] / measured["clips"])
    return round(best, 4)


def studio(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mww_studio", *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"mww-studio {arguments[0]} ended with status {done.returncode}")
    return done.stdout


def children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sounds(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUND)


def halves(folder: Path) -> tuple[list[Path], list[Path]]:
    """Every second file of each folder, and the others."""
    folders: dict[Path, list[Path]] = {}
    for path in sounds(folder):
        folders.setdefault(path.parent, []).append(path)
    parts = [(files[::2], files[1::2]) for files in folders.values()]
    return [path for first, _ in parts for path in first], [path for _, second in parts for path in second]


def print_row(row: dict[str, float]) -> None:
    print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wake-words", type=Path, required=True)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--noise", type=Path, required=True)
    parser.add_argument("--rooms", type=Path)
    parser.add_argument("--word", default="computer")
    parser.add_argument("--takes", type=int, nargs="+", default=[20, 50, 200])
    parser.add_argument("--test-takes", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--preset", default="standard")
    parser.add_argument("--work", type=Path, default=Path("benchmark-work"))
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
