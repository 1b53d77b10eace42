"""What a model will need on the chips that ESPHome runs on, estimated from published measurements of others.

Nobody published how long a wake word model takes there. So an inference is put between two ends: as cheap for each
multiply-accumulate as a whole picture model that Espressif measured, and as dear as the worst single layer that it
measured, with a guess for everything that is no arithmetic.
"""

import math
from dataclasses import dataclass

from mww_studio.evaluation.model_facts import ModelFacts
from mww_studio.evaluation.scorecard import Figures

CLOCK_HZ = 240e6
SOURCE = (
    "An estimate, not a measurement. Espressif publishes 380 ms on an ESP32 and 54 ms on an ESP32-S3 at 240 MHz for a"
    " picture model of 7.16 million multiply-accumulates (esp-tflite-micro, README), and the cycles of single layers"
    " (esp-nn, README). The lower end takes the picture model's 12.7 and 1.8 cycles for each multiply-accumulate; the"
    " upper end takes the dearest layer's 32 and 5.6, and 10 µs more for every operation, which is our guess. The"
    " share is of one of the two cores; the frontend, Wi-Fi and the assistant come on top."
)
_GUESSED_CYCLES_PER_OPERATION = 2400


@dataclass(frozen=True)
class Chip:
    """A chip. Cycles for each multiply-accumulate, at best and at worst."""

    key: str
    title: str
    cheap_cycles: float
    dear_cycles: float


CHIPS = (Chip("esp32", "ESP32", 12.7, 32.0), Chip("esp32s3", "ESP32-S3", 1.8, 5.6))


@dataclass(frozen=True)
class ArenaFactor:
    """How much more than on the computer a model needed at worst with a version of esp-nn, ESPHome's library."""

    library: str
    factor: float


ARENA_FACTORS = (
    ArenaFactor("esp-nn 1.1.2, which ESPHome 2026.6 uses", 1.36),
    ArenaFactor("esp-nn 1.2.1, which is newer", 2.01),
)
ARENA_SOURCE = (
    "Estimates: the most that any model needed on an ESP32 or ESP32-S3 beside what tflite-micro reports here, as"
    " published with ESPHome's change that makes the firmware try the size of the manifest, then 1.5 and 2 times it."
)
ARENA_TRIES = (1.0, 1.5, 2.0)


class Load(Figures):
    """An estimate: milliseconds an inference takes, and the share of a core that all of them take, least and most."""

    chip: str
    title: str
    least_ms: float
    most_ms: float
    least_share: float
    most_share: float


def estimate_loads(facts: ModelFacts) -> tuple[Load, ...]:
    """For each chip; nothing where the model's work or pace is not known."""
    work, pace = facts.multiply_accumulates, facts.inferences_per_s
    if work is None or pace is None:
        return ()
    loads = []
    for chip in CHIPS:
        cheap_s = work * chip.cheap_cycles / CLOCK_HZ
        dear_s = (work * chip.dear_cycles + facts.operation_count * _GUESSED_CYCLES_PER_OPERATION) / CLOCK_HZ
        loads.append(
            Load(
                chip=chip.key,
                title=chip.title,
                least_ms=1000 * cheap_s,
                most_ms=1000 * dear_s,
                least_share=cheap_s * pace,
                most_share=dear_s * pace,
            )
        )
    return tuple(loads)


class ArenaNeed(Figures):
    """An estimate of the working memory on a device. ``attempt``: at which try the firmware has it, from 1 on.

    None where there is no manifest, 0 where no try is enough.
    """

    library: str
    bytes: int
    attempt: int | None


def estimate_arena(measured_bytes: int, manifest_bytes: int | None) -> tuple[ArenaNeed, ...]:
    """With each version of the library, from what tflite-micro reports on the computer."""
    needs = []
    for one in ARENA_FACTORS:
        need = math.ceil(measured_bytes * one.factor)
        needs.append(ArenaNeed(library=one.library, bytes=need, attempt=_attempt(need, manifest_bytes)))
    return tuple(needs)


def _attempt(need_bytes: int, manifest_bytes: int | None) -> int | None:
    if manifest_bytes is None:
        return None
    tries = (number for number, factor in enumerate(ARENA_TRIES, 1) if manifest_bytes * factor >= need_bytes)
    return next(tries, 0)
