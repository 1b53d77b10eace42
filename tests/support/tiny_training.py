"""A training small enough for a test: a few sounds, a small model, without processes and files."""

from functools import cache

import numpy as np
from synthetic_speech import talk, word

from mww_studio.corpus.examples import PlacedExamples
from mww_studio.corpus.features import device_features
from mww_studio.presets import Block, HardNegativeMining, Model, Phase, Training
from mww_studio.training.batches import Batches, Portion
from mww_studio.training.devices import Device
from mww_studio.training.negatives import Negatives, Source, Stream
from mww_studio.training.validation import ValidationSet

FRAMES = 258
SMALL = Model(
    first_conv_filters=16,
    first_conv_kernel=5,
    blocks=(Block(kernels=(5,), filters=24), Block(kernels=(7, 11), filters=24)),
    final_frames=8,
)
CPU = Device(False, np, "")
MINING = HardNegativeMining(every=8)


def training(*steps: int, evaluate_every: int = 1000, checkpoint_every: int = 1000) -> Training:
    """From scratch, one phase for each number of steps."""
    masks = {"time_masks": 1, "time_mask_frames": 5, "frequency_masks": 1, "frequency_mask_channels": 3}
    return Training(
        warm_start=None,
        phases=tuple(Phase(steps=count, learning_rate=4e-3, final_learning_rate=1e-4, **masks) for count in steps),
        batch_positives=8,
        batch_negatives=8,
        evaluate_every=evaluate_every,
        checkpoint_every=checkpoint_every,
        weight_average_decay=0.9,
    )


@cache
def words(who: tuple[int, ...] = tuple(range(12)), first: int = 0) -> PlacedExamples:
    """The word near the end of a stream, said by each of these people."""
    streams, ends = [], []
    for person in who:
        for number in range(first, first + 2):
            take = word(person, number)
            quiet = np.random.default_rng([person, number]).normal(0, 10, 4 * 16000).astype(np.int16)
            after = 0.35 + 0.05 * (person % 6)
            stop = round((take.end_s + after) * 16000)
            stream = np.concatenate([quiet, take.pcm[:stop]])
            streams.append(device_features(stream)[-FRAMES:])
            ends.append(FRAMES + 2 - after * 100)
    return PlacedExamples(np.stack(streams), np.array(ends, np.float32))


@cache
def talks(who: tuple[int, ...], seconds: float) -> list[np.ndarray]:
    """Talk without the word, by each of these people."""
    return [device_features(talk(seconds, person)) for person in who]


def batches(seed: int = 1) -> Batches:
    others = Negatives([Source(Stream(talks((20, 21, 22), 20.0)))])
    return Batches([Portion(words(), 1.0)], [], others, sizes=(8, 8), mined_share=MINING.share, seed=seed)


def validation() -> ValidationSet:
    """Other takes of the word and other talk."""
    said = words(tuple(range(3, 9)), first=5)
    return ValidationSet(list(said.streams), said.end_frames.tolist(), talks((30, 31), 20.0))
