"""How fast each voice engine speaks here, and whether published wake-word models understand its voices.

python benchmarks/voices.py [ENGINE...]
"""

import sys
import time
from collections.abc import Sequence

import numpy as np
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

from mww_studio.corpus.synthesis import Pcm, Spoken, at_device_rate, shape
from mww_studio.corpus.voice_engines import engines
from mww_studio.corpus.voices import Engine, Line, Speaker, Voice

PHRASES = ((Model.OKAY_NABU, "okay nabu"), (Model.ALEXA, "alexa"), (Model.HEY_JARVIS, "hey jarvis"))
READINGS = (("", 1.0), (".", 1.0), ("!", 0.9), ("?", 1.15))
SENTENCE = "The washing machine is making that strange noise again, so please turn it off."


def main(names: Sequence[str]) -> None:
    """Print one row for each voice: fires on the three phrases, in four readings each, and seconds for each second."""
    for engine in engines():
        if names and engine.name not in names:
            continue
        if engine.missing():
            print(f"{engine.name}: {engine.missing()}")
        else:
            measure(engine)


def measure(engine: Engine) -> None:
    """Print the table of one engine."""
    with engine.open() as speaker:
        for voice in engine.voices("en"):
            fires = [
                sum(understood(model, Line(phrase + mark, "en", voice, speed), speaker) for mark, speed in READINGS)
                for model, phrase in PHRASES
            ]
            print(
                f"{voice.label:36}", *(f"{count}/{len(READINGS)}" for count in fires), cost(speaker, voice), flush=True
            )


def understood(model: Model, line: Line, speaker: Speaker) -> bool:
    """Whether the published model fires on what the voice says."""
    take = shape(at_device_rate(speaker.speak(line, nothing), line.voice), line, "")
    return isinstance(take, Spoken) and detects(model, take.pcm)


def cost(speaker: Speaker, voice: Voice) -> str:
    """Seconds of wall time for a second of speech."""
    start = time.monotonic()
    speech = speaker.speak(Line(SENTENCE, "en", voice), nothing)
    seconds = len(speech.pcm) / speech.rate_hz
    return f" {(time.monotonic() - start) / seconds:.2f} s for a second of speech"


def detects(model: Model, pcm: Pcm) -> bool:
    """Whether the published model fires, in a quiet room."""
    detector, features = MicroWakeWord.from_builtin(model), MicroWakeWordFeatures()
    noise = np.random.default_rng(0).normal(0, 10, (2, 24000))
    stream = np.concatenate([noise[0], pcm, noise[1]]).astype("<i2").tobytes()
    return any([detector.process_streaming(frame) for frame in features.process_streaming(stream)])  # noqa: C419


def nothing() -> None:
    """Nobody cancels a benchmark."""


if __name__ == "__main__":
    main(sys.argv[1:])
