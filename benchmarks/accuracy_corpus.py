"""Who trains and who examines in the accuracy benchmark; no recording stands on both sides, under no name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measuring import halves, inside

from mww_studio.audio.files import find_audio, read_blocks
from mww_studio.corpus.likeness import LISTENED_S, alike, fingerprint

PARTED_BY = 5
DRAWN_BY = 1000


@dataclass(frozen=True)
class Corpus:
    """``pool``: takes from which trainings draw; ``tested``: those that examine; ``others``: takes of the same word
    from elsewhere; ``speech``, one half for each fold; ``copies``: how many files were left out as copies."""

    pool: list[Path]
    tested: list[Path]
    others: list[Path]
    speech: tuple[list[Path], list[Path]]
    noise: list[Path]
    test_noise: list[Path]
    rooms: list[Path]
    test_rooms: list[Path]
    copies: int

    def taught(self, takes: int, seed: int) -> list[Path]:
        """The takes of one training; all there are where there are fewer."""
        order = np.random.default_rng(DRAWN_BY + seed).permutation(len(self.pool))[:takes]
        return [self.pool[at] for at in sorted(order)]

    def talk(self, seed: int) -> list[Path]:
        """What a training learns talk from: every second seed from the other half."""
        return self.speech[seed % 2]

    def test_talk(self, seed: int) -> list[Path]:
        return self.speech[1 - seed % 2]


def part(
    wake_words: Path,
    speech: Path,
    noise: Path,
    rooms: Path | None,
    others: Path | None,
    test_noise: Path | None,
    test_takes: int,
) -> Corpus:
    """Share the folders out. Of noise and rooms, every second file of a folder examines, where nothing else is said."""
    recorded, elsewhere = find_audio([wake_words]), find_audio([others]) if others else []
    kept = set(distinct([*recorded, *elsewhere]))
    takes = [file for file in recorded if file in kept]
    order = np.random.default_rng(PARTED_BY).permutation(len(takes))
    split = max(len(takes) - test_takes, 0)
    if test_noise is None:
        noises = halves(noise)
    else:
        noises = [file for file in find_audio([noise]) if not inside(file, test_noise)], find_audio([test_noise])
    responses = find_audio([rooms]) if rooms else []
    return Corpus(
        pool=[takes[at] for at in order[:split]],
        tested=[takes[at] for at in order[split:]],
        others=[file for file in elsewhere if file in kept],
        speech=halves(speech),
        noise=noises[0],
        test_noise=noises[1],
        rooms=responses[::2],
        test_rooms=responses[1::2],
        copies=len(recorded) + len(elsewhere) - len(kept),
    )


def distinct(files: Sequence[Path]) -> list[Path]:
    """The files without those that are copies of an earlier one's sound, as ``mww-studio audit`` tells copies."""
    prints = [fingerprint(next(read_blocks(file, LISTENED_S))) for file in files]
    left: set[int] = set()
    for at, likenesses in enumerate(alike(prints, prints)):
        if at not in left:
            left |= {one.second for one in likenesses if one.second > at}
    return [file for at, file in enumerate(files) if at not in left]
