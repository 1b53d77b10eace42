"""What a graphics card does to a step of training: 16-bit numbers, masks on the card, and several cards.

    python benchmarks/gpu.py [--batch 40] [--rounds 5] [--steps 60] [--json FILE]

Measures the program's own trainer with the model of the presets and sequences of 3.6 s, in a process of its own for
every way of working: on the processor; on one card with 32-bit numbers; with 16-bit numbers where they are enough;
with the masks made on the card by CuPy; and with the batch shared out among all cards. Ways that this computer cannot
go are named and left out; where there is no card, nothing but the processor is measured. Larger batches show what a
card is for: --batch 512.

Sound is synthetic. Times are means of rounds, the fastest of which counts.
"""

import argparse
import importlib.util
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tensorflow as tf
from training_step import OurLoop

from mww_studio.constitution.articles import law
from mww_studio.presets import Hardware, load_preset
from mww_studio.training.devices import choose_device, set_seeds


@dataclass(frozen=True)
class Way:
    """How a training works. ``masks``: whether CuPy may make them; ``cards``: among how many it is shared out."""

    name: str
    hardware: Hardware
    masks: bool = False
    cards: int = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=40, help="sequences a step")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60, help="of a round")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    cards = len(tf.config.list_physical_devices("GPU"))
    if not cards:
        print("There is no graphics card that TensorFlow can use here: only the processor is measured.")
    figures = []
    print("| way | what it says of itself | wall a step | sequences a second |")
    print("| --- | --- | --- | --- |")
    for way in ways(cards):
        sentence, step_ms = in_own_process(way, options)
        print(f"| {way.name} | {sentence} | {step_ms:.2f} ms | {1000 * options.batch / step_ms:,.0f} |", flush=True)
        figures.append({"way": way.name, "sentence": sentence, "step_ms": step_ms, "batch": options.batch})
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def ways(cards: int) -> Iterator[Way]:
    yield Way("processor", Hardware(device="cpu"))
    if not cards:
        return
    yield Way("one card, 32 bits", Hardware(mixed_precision=False))
    yield Way("one card, 16 bits", Hardware())
    if importlib.util.find_spec("cupy") is None:
        print("CuPy is not installed: masks on the card are not measured.")
    else:
        yield Way("one card, 16 bits, masks", Hardware(), masks=True)
    if cards > 1:
        yield Way(f"{cards} cards, 16 bits", Hardware(), masks=True, cards=cards)


def in_own_process(way: Way, options: argparse.Namespace) -> tuple[str, float]:
    """What TensorFlow is told of cards and precision holds for a whole process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, way, options).result()


def measure(way: Way, options: argparse.Namespace) -> tuple[str, float]:
    """What the device says of itself, and the milliseconds of a step."""
    set_seeds(1)
    device = choose_device(way.hardware, way.cards)
    if not way.masks:
        device = replace(device, arrays=np)
    frames = load_preset("standard").training.sequence_ms // law().frontend.step_ms - 2
    sizes = options.batch // 2, options.batch - options.batch // 2
    best_ms = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        loop = OurLoop(Path(folder), sizes, frames, once=False, device=device)
        loop.run(1)
        for _ in range(options.rounds):
            start = time.perf_counter()
            done = loop.run(options.steps)
            best_ms = min(best_ms, 1000 * (time.perf_counter() - start) / done)
    return device.sentence, best_ms


if __name__ == "__main__":
    main()
