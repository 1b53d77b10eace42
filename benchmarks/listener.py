"""How many wrongly spoken takes the listener catches, and how many good ones it loses.

python benchmarks/listener.py [PHRASE...]

Every engine that is installed says each phrase. One take in ten is then made wrong in one of four ways: another
phrase, the phrase without its first or last third, or said twice; ten times, until each was wrong once. Prints for
each way the share that is caught, and the share of good takes that is lost.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import islice

import numpy as np

from mww_studio.constitution.articles import law
from mww_studio.corpus.listener import Cepstra, cepstra_of, outliers
from mww_studio.corpus.synthesis import Spoken, speak_lines
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voices import Engine
from mww_studio.jobs.voices_lines import Manner, wake_lines
from mww_studio.progress import Progress

PHRASES = ("hey computer", "jarvis", "okay lumina", "good morning kitchen")
TAKES = {"kokoro": 20, "piper": 60, "flite": 16, "espeak-ng": 24}
ONE_IN = 10
GOOD = "good takes, lost"
Heard = tuple[Cepstra, float]


def main(phrases: Sequence[str]) -> None:
    """Print the table."""
    usable = [engine for engine in engines() if not engine.missing() and engine.name in TAKES]
    said = {phrase: say(phrase, usable) for phrase in (phrases or PHRASES)}
    caught: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for phrase, by_engine in said.items():
        others = [takes for other, takes in said.items() if other != phrase]
        for engine, takes in by_engine.items():
            strangers = [take for other in others for take in other.get(engine, [])]
            judge(takes, strangers, caught, made)
    for way in made:
        print(f"{way:28} {caught[way]:5} of {made[way]:5}  {100 * caught[way] / made[way]:5.1f} %")


def say(phrase: str, usable: Sequence[Engine]) -> dict[str, list[Spoken]]:
    """Takes of a phrase, by engine."""
    lines = [
        line
        for engine in usable
        for line in islice(wake_lines(engine.voices("en"), [phrase], "en", Manner()), TAKES[engine.name])
    ]
    takes: dict[str, list[Spoken]] = {}
    for result in speak_lines(usable, lines, budget_s=1e9, progress=Progress()):
        if isinstance(result, Spoken):
            takes.setdefault(result.line.voice.engine, []).append(result)
    return takes


def judge(takes: Sequence[Spoken], strangers: Sequence[Spoken], caught: Counter[str], made: Counter[str]) -> None:
    """Make every tenth take wrong, ten times, and count what the listener says."""
    plain = [as_it_is(take, take) for take in takes]
    ways = list(WAYS)
    for first in range(ONE_IN):
        heard = list(plain)
        names = [GOOD] * len(takes)
        for turn, place in enumerate(range(first, len(takes), ONE_IN)):
            names[place] = ways[(first + turn) % len(ways)]
            heard[place] = WAYS[names[place]](takes[place], strangers[place % len(strangers)])
        flags = outliers([cepstra for cepstra, _ in heard], [seconds for _, seconds in heard])
        for name, flag in zip(names, flags, strict=True):
            made[name] += 1
            caught[name] += flag


def as_it_is(take: Spoken, _other: Spoken) -> Heard:
    """The take."""
    return part(take, 0.0, 1.0)


def another(_take: Spoken, other: Spoken) -> Heard:
    """Another phrase by the same engine."""
    return part(other, 0.0, 1.0)


def without_start(take: Spoken, _other: Spoken) -> Heard:
    """Without the first third."""
    return part(take, 1 / 3, 1.0)


def without_end(take: Spoken, _other: Spoken) -> Heard:
    """Without the last third."""
    return part(take, 0.0, 2 / 3)


def twice(take: Spoken, _other: Spoken) -> Heard:
    """Said twice."""
    rate = law().frontend.sample_rate_hz
    word = take.pcm[round(take.speech_start_s * rate) : round(take.speech_end_s * rate)]
    seconds = 2 * len(word) / rate
    return cepstra_of(np.concatenate([word, word]), 0.0, seconds), seconds * take.line.speed


def part(take: Spoken, begin: float, end: float) -> Heard:
    """From one fraction of the speech to another."""
    length = take.speech_end_s - take.speech_start_s
    start_s, end_s = take.speech_start_s + begin * length, take.speech_start_s + end * length
    return cepstra_of(take.pcm, start_s, end_s), (end_s - start_s) * take.line.speed


WAYS = {
    "another phrase": another,
    "without the first third": without_start,
    "without the last third": without_end,
    "said twice": twice,
}

if __name__ == "__main__":
    main(sys.argv[1:])
