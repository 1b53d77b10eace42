"""What a model is worth: how many takes it hears in every condition, at the cut-offs that matter."""

import hashlib
import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import accuracy_conditions
import measuring
from accuracy_conditions import QUIET, conditions
from accuracy_corpus import Corpus
from accuracy_models import Trained
from measuring import TARGET_PER_HOUR, allowed

from mww_studio.durable import write_durably
from mww_studio.evaluation.arena import measure_arena_bytes
from mww_studio.evaluation.clips import AmbientClip, PositiveClip
from mww_studio.evaluation.detector import Streams, cutoff_byte
from mww_studio.evaluation.evaluate import ambient_stream
from mww_studio.evaluation.listening import listen
from mww_studio.evaluation.runtime import load_runtime
from mww_studio.evaluation.scorecard import CurvePoint, count_detected, judge
from mww_studio.progress import Progress

SHIPPED, TARGET, ZERO = "shipped", "target", "zero"
POINTS = (SHIPPED, TARGET, ZERO)


@dataclass(frozen=True)
class Exam:
    """What every model hears; ``digest`` changes with it."""

    digest: str
    words: dict[str, list[PositiveClip]]
    talk: tuple[list[AmbientClip], list[AmbientClip]]


@dataclass(frozen=True)
class Result:
    """``cutoffs``: of the points shipped, target (at most TARGET_PER_HOUR on this very talk) and zero, None where
    there is none; ``detected``: of each point and condition; ``false_accepts``: at the shipped one."""

    runtime: str
    clips: dict[str, int]
    cutoffs: dict[str, float | None]
    detected: dict[str, dict[str, int]]
    hours: float
    false_accepts: int
    sources: dict[str, int]
    model_bytes: int
    arena_bytes: int | None


def prepared(corpus: Corpus, work: Path) -> Exam:
    """The exam of a corpus; its features are kept."""
    parts = [corpus.tested, corpus.others, corpus.test_noise, corpus.test_rooms, *corpus.speech]
    files = [[(file.name, file.stat().st_size) for file in part] for part in parts]
    sources = [Path(module.__file__).read_text(encoding="utf-8") for module in (accuracy_conditions, measuring)]
    digest = hashlib.sha256(json.dumps([files, sources]).encode()).hexdigest()[:16]
    kept = work / f"exam-{digest}.pickle"
    if not kept.is_file():
        words = dict(conditions(corpus.tested, corpus.others, corpus.test_noise, corpus.test_rooms))
        first, second = ([ambient_stream(file) for file in half] for half in corpus.speech)
        write_durably(kept, pickle.dumps(Exam(digest, words, (first, second))))
    exam: Exam = pickle.loads(kept.read_bytes())  # noqa: S301 - written by this program
    return exam


def examine(trained: Trained, exam: Exam, heard_by: int | None, kept: Path) -> Result:
    """Examine a model, or read what was found. ``heard_by``: the half of the talk that taught it, None for neither."""
    model = hashlib.sha256(Path(trained.tflite).read_bytes()).hexdigest()
    key = f"{exam.digest} {model} {trained.cutoff} {trained.window}"
    if kept.is_file():
        found = json.loads(kept.read_text(encoding="utf-8"))
        if found.pop("key") == key:
            return Result(**found)
    talk = [clip for half in (0, 1) if half != heard_by for clip in exam.talk[half]]
    result = _examined(trained, exam.words, talk)
    kept.parent.mkdir(parents=True, exist_ok=True)
    write_durably(kept, json.dumps({"key": key, **asdict(result)}, indent=1).encode())
    return result


def _examined(trained: Trained, words: dict[str, list[PositiveClip]], talk: Sequence[AmbientClip]) -> Result:
    tflite = Path(trained.tflite)
    runtime = load_runtime(tflite)
    heard = listen(runtime, words[QUIET], talk, Progress())
    card = judge(heard, trained.cutoff, trained.window)
    cutoffs = {
        SHIPPED: trained.cutoff,
        TARGET: _loosest(allowed(card.curve, TARGET_PER_HOUR * heard.hours)),
        ZERO: _loosest(allowed(card.curve, 0)),
    }
    detected: dict[str, dict[str, int]] = {point: {} for point in POINTS}
    for name, clips in words.items():
        said = listen(runtime, clips, [], Progress()).words
        streams = Streams([word.probabilities for word in said], trained.window, runtime.stride)
        for point, cutoff in cutoffs.items():
            fired = None if cutoff is None else streams.detections(cutoff_byte(cutoff))
            detected[point][name] = 0 if fired is None else count_detected(said, fired)
    return Result(
        runtime=heard.runtime,
        clips={name: len(clips) for name, clips in words.items()},
        cutoffs=cutoffs,
        detected=detected,
        hours=heard.hours,
        false_accepts=card.false_accepts.false_accepts,
        sources={name: rate.false_accepts for name, rate in card.sources.items() if rate.false_accepts},
        model_bytes=tflite.stat().st_size,
        arena_bytes=measure_arena_bytes(tflite),
    )


def _loosest(points: Sequence[CurvePoint]) -> float | None:
    return points[-1].cutoff if points else None
