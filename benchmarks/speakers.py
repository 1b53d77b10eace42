"""How well voices are told apart, and how long that takes: python benchmarks/speakers.py FOLDER [--clips 1000]

FOLDER has sound files whose names begin with the speaker and a dash, such as those of LibriSpeech. From each, three
pieces of 1.0, 1.5 and 2.0 s are cut. Prints the equal error rate of all pairs; the adjusted Rand index and the purity
of the groups, with the number of people known and found; how that is with fewer people; how often the doubtful and the
sure are right; and the time for a number of clips, by the clock and of the processor.
"""

import argparse
import os
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score, roc_curve

from mww_studio.audio.files import Pcm, read_audio
from mww_studio.corpus.clustering import Floats, Grouping, cosine_distances, group_voices
from mww_studio.corpus.embeddings import LiteEmbedder

LENGTHS_S = (1.0, 1.5, 2.0)
PIECES = 3
RATE = 16000
DRAWS = 20
BINS = (0.0, 0.05, 0.15, 0.35, 1.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=1000, help="how many clips are timed")
    options = parser.parse_args()
    paths = sorted(path for path in options.folder.iterdir() if path.suffix in (".flac", ".wav"))
    sounds = [read_audio(path) for path in paths]
    who = np.repeat([path.name.split("-")[0] for path in paths], PIECES)
    embedder = LiteEmbedder()
    print(f"{len(sounds)} recordings of {len(set(who))} people, {PIECES} pieces of each")
    for length_s in LENGTHS_S:
        pieces = cut(sounds, length_s)
        vectors = embedder.embed(pieces, nothing)
        print(f"\n{length_s} s: equal error rate {100 * equal_error_rate(vectors, who):.1f} %")
        show("  number known ", group_voices(vectors, people=len(set(who))), who)
        show("  number found ", group_voices(vectors), who)
        for people in (1, 2, 3, 5, 10):
            few(vectors, who, people)
        if length_s == 1.5:
            calibration(vectors, who)
    pieces = cut(sounds, 1.5)
    measure((pieces * (options.clips // len(pieces) + 1))[: options.clips], embedder)
    embedder.close()


def cut(sounds: Sequence[Pcm], length_s: float) -> list[Pcm]:
    """Pieces from all through each recording."""
    size = round(length_s * RATE)
    starts = [[int((piece + 0.5) / PIECES * (len(sound) - size)) for piece in range(PIECES)] for sound in sounds]
    return [sound[start : start + size] for sound, own in zip(sounds, starts, strict=True) for start in own]


def equal_error_rate(vectors: Floats, who: np.ndarray) -> float:
    """Where as many pairs of one person are taken for two as pairs of two for one."""
    pairs = np.triu_indices(len(who), 1)
    false, true, _ = roc_curve((who[:, None] == who)[pairs], -cosine_distances(vectors)[pairs])
    best = np.abs(false - (1 - true)).argmin()
    return float((false[best] + 1 - true[best]) / 2)


def purity(groups: np.ndarray, who: np.ndarray) -> float:
    """The part of the clips whose group is mostly their person's."""
    return sum(max(Counter(who[groups == group]).values()) for group in set(groups)) / len(who)


def together(groups: np.ndarray, who: np.ndarray) -> float:
    """The part of the pairs of one person that are in one group: what a split without leakage needs."""
    same = np.triu(who[:, None] == who, 1)
    return float((groups[:, None] == groups)[same].mean()) if same.any() else 1.0


def show(title: str, grouping: Grouping, who: np.ndarray) -> None:
    sure = ~grouping.doubtful
    print(
        f"{title}: {grouping.count} groups, ARI {adjusted_rand_score(who, grouping.groups):.3f}, "
        f"purity {purity(grouping.groups, who):.3f}; without {100 * grouping.doubtful.mean():.1f} % not sure: "
        f"ARI {adjusted_rand_score(who[sure], grouping.groups[sure]):.3f}, "
        f"purity {purity(grouping.groups[sure], who[sure]):.3f}"
    )


def few(vectors: Floats, who: np.ndarray, people: int) -> None:
    """Some of the people with 6 to 30 pieces each, many times: the number of people found."""
    rng = np.random.default_rng(people)
    rows = []
    for _ in range(DRAWS):
        chosen = rng.choice(sorted(set(who)), people, replace=False)
        places = np.concatenate([rng.permutation(np.flatnonzero(who == one))[: rng.integers(6, 31)] for one in chosen])
        grouping = group_voices(vectors[places])
        sure = ~grouping.doubtful
        own, groups = who[places][sure], grouping.groups[sure]
        rows.append((grouping.count, adjusted_rand_score(own, groups), purity(groups, own), together(groups, own)))
    count, ari, pure, whole = np.mean(rows, axis=0)
    worst = min(row[3] for row in rows)
    print(
        f"  {people:2} people, {DRAWS} draws: {count:.1f} groups, ARI {ari:.2f}, purity {pure:.2f}, "
        f"pairs of one person together {whole:.2f} (worst {worst:.2f})"
    )


def calibration(vectors: Floats, who: np.ndarray) -> None:
    """How often a clip is in the group of its person, by how sure that is said to be."""
    grouping = group_voices(vectors)
    owner = {group: Counter(who[grouping.groups == group]).most_common(1)[0][0] for group in range(grouping.count)}
    right = np.array([owner[int(group)] == one for group, one in zip(grouping.groups, who, strict=True)])
    for low, high in pairwise(BINS):
        inside = (grouping.sure >= low) & (grouping.sure < high)
        if inside.any():
            print(f"  sure {low:.2f} to {min(high, 1):.2f}: right {right[inside].sum()} of {inside.sum()}")


def measure(pieces: Sequence[Pcm], embedder: LiteEmbedder) -> None:
    clock, processor = time.monotonic(), time.process_time()
    vectors = embedder.embed(pieces, nothing)
    group_voices(vectors)
    print(
        f"\n{len(pieces)} clips of 1.5 s: {time.monotonic() - clock:.0f} s by the clock, "
        f"{time.process_time() - processor:.0f} s of the processor; {os.cpu_count()} cores, "
        f"of which others had {os.getloadavg()[0]:.0f} processes waiting"
    )


def nothing() -> None:
    """Nobody cancels a benchmark."""


if __name__ == "__main__":
    main()
