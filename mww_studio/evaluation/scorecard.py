"""What a model is worth: how many clips it detects, how often it fires by mistake, and how sure that is."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from mww_studio.evaluation.detector import Detections, Streams, byte_cutoff, cutoff_byte, cutoff_bytes
from mww_studio.evaluation.listening import Heard, HeardWord, slice_end_s
from mww_studio.evaluation.statistics import poisson_upper, wilson

TARGET_PER_HOUR = 0.5
NOBODY = "unknown"

_READY_RECALL = 0.9
_ENOUGH_CLIPS = 20
_ENOUGH_HOURS = 1.0
_TOLERANCE = 2.0
_FEW_CLIPS = 3


class Figures(BaseModel):
    """Numbers as they go into JSON."""

    model_config = ConfigDict(frozen=True)


class Recall(Figures):
    """Detected clips and Wilson's 95 % interval of their share; without clips the share is 0."""

    clips: int
    detected: int
    recall: float
    low: float
    high: float


class FalseAcceptRate(Figures):
    """Detections where the word was not said; ``high`` is the one-sided 95 % Poisson bound, None without hours."""

    hours: float
    false_accepts: int
    per_hour: float
    high: float | None


class FalseAccept(Figures):
    """A detection where the word was not said; ``time_s`` in seconds of the recording ``id``."""

    id: str
    source: str
    time_s: float


class Delay(Figures):
    """From the end of the word to the detection, in seconds, over the clips whose end is known."""

    clips: int
    p10_s: float
    median_s: float
    p90_s: float


class CurvePoint(Figures):
    """What one cut-off gives."""

    cutoff: float
    detected: int
    false_accepts: int


class Scorecard(Figures):
    """The verdict on a model at one cut-off and window, and the counts at all others."""

    runtime: str
    cutoff: float
    sliding_window_size: int
    recall: Recall
    speakers: dict[str, Recall]
    false_accepts: FalseAcceptRate
    sources: dict[str, FalseAcceptRate]
    curve: list[CurvePoint]
    delay: Delay | None
    missed: list[str]
    false_accept_times: list[FalseAccept]
    ready: bool
    verdict: str


def judge(heard: Heard, cutoff: float, sliding_window_size: int, target_per_hour: float = TARGET_PER_HOUR) -> Scorecard:
    """Judge what a model said at the cut-off that will be shipped.

    Report only clips and ambience by which neither the weights nor the cut-off were chosen.
    """
    byte = cutoff_byte(cutoff)
    words = Streams([word.probabilities for word in heard.words], sliding_window_size, heard.stride)
    ambience = Streams([stream.probabilities for stream in heard.ambience], sliding_window_size, heard.stride)
    fired_words, fired_ambience = words.detections(byte), ambience.detections(byte)
    delays = detected_words(heard.words, fired_words)
    times = find_false_accepts(heard, fired_ambience)
    recall = count_recall(len(heard.words), len(delays))
    speakers = _by_speaker(heard.words, delays)
    sources = _by_source(heard, times)
    rate = count_rate(heard.hours, len(times))
    ready, verdict = _verdict(recall, speakers, rate, sources, target_per_hour)
    return Scorecard(
        runtime=heard.runtime,
        cutoff=cutoff,
        sliding_window_size=sliding_window_size,
        recall=recall,
        speakers=speakers,
        false_accepts=rate,
        sources=sources,
        curve=[
            CurvePoint(
                cutoff=byte_cutoff(one),
                detected=len(detected_words(heard.words, words.detections(one))),
                false_accepts=len(ambience.detections(one).slice),
            )
            for one in cutoff_bytes()
        ],
        delay=_delay([delay for delay in delays.values() if delay is not None]),
        missed=[word.id for number, word in enumerate(heard.words) if number not in delays],
        false_accept_times=times,
        ready=ready,
        verdict=verdict,
    )


def count_recall(clips: int, detected: int) -> Recall:
    """A share with its interval."""
    low, high = wilson(detected, clips)
    return Recall(clips=clips, detected=detected, recall=detected / clips if clips else 0.0, low=low, high=high)


def count_rate(hours: float, false_accepts: int) -> FalseAcceptRate:
    """A rate with its upper bound."""
    return FalseAcceptRate(
        hours=hours,
        false_accepts=false_accepts,
        per_hour=false_accepts / hours if hours else 0.0,
        high=poisson_upper(false_accepts, hours) if hours else None,
    )


def count_detected(words: Sequence[HeardWord], fired: Detections) -> int:
    """How many clips are detected."""
    return len(detected_words(words, fired))


def find_false_accepts(heard: Heard, fired: Detections) -> list[FalseAccept]:
    """Where and when the detections in the ambience were."""
    return [
        FalseAccept(
            id=heard.ambience[number].id, source=heard.ambience[number].source, time_s=round(slice_end_s(at), 2)
        )
        for number, at in zip(fired.stream.tolist(), fired.slice.tolist(), strict=True)
    ]


def detected_words(words: Sequence[HeardWord], fired: Detections) -> dict[int, float | None]:
    """The clips, by their numbers, detected in or after the word, not in the lead-in, with the first one's delay."""
    delays: dict[int, float | None] = {}
    for number, at in zip(fired.stream.tolist(), fired.slice.tolist(), strict=True):
        word, time_s = words[number], slice_end_s(at)
        if number not in delays and time_s >= word.word_start_s:
            delays[number] = None if word.speech_end_s is None else time_s - word.speech_end_s
    return delays


def _by_speaker(words: Sequence[HeardWord], delays: dict[int, float | None]) -> dict[str, Recall]:
    speakers = [word.speaker or NOBODY for word in words]
    hits = [speaker for number, speaker in enumerate(speakers) if number in delays]
    return {name: count_recall(speakers.count(name), hits.count(name)) for name in sorted(set(speakers))}


def _by_source(heard: Heard, times: Sequence[FalseAccept]) -> dict[str, FalseAcceptRate]:
    rates = {}
    for source in sorted({stream.source for stream in heard.ambience}):
        hours = sum(stream.hours for stream in heard.ambience if stream.source == source)
        rates[source] = count_rate(hours, sum(one.source == source for one in times))
    return rates


def _delay(delays: Sequence[float]) -> Delay | None:
    if not delays:
        return None
    p10, median, p90 = (round(float(value), 3) for value in np.quantile(delays, (0.1, 0.5, 0.9)))
    return Delay(clips=len(delays), p10_s=p10, median_s=median, p90_s=p90)


def _verdict(
    recall: Recall,
    speakers: dict[str, Recall],
    rate: FalseAcceptRate,
    sources: dict[str, FalseAcceptRate],
    target_per_hour: float,
) -> tuple[bool, str]:
    """Whether the model can go to a device, and what to say about it. The first obstacle is named, with its cure."""
    expected = (
        f"it answers {recall.detected} of {recall.clips} times ({recall.low:.0%} to {recall.high:.0%})"
        f" and fires by mistake {_often(rate)}"
    )
    if recall.clips < _ENOUGH_CLIPS:
        return False, (
            f"Not ready, because it was tested on only {_takes(recall.clips)} of the wake word."
            f" Record this next: {_takes(_ENOUGH_CLIPS - recall.clips, 'more ')} that teach nothing but examine."
        )
    if rate.hours < _ENOUGH_HOURS:
        return False, (
            f"Not ready, because {60 * rate.hours:.0f} minutes of other sound cannot show how often it fires by mistake"
            f" (so far {expected}). Record this next: an hour of the room's everyday sound, with talk and television."
        )
    if rate.per_hour > _TOLERANCE * target_per_hour:
        worst = max(sources, key=lambda source: sources[source].false_accepts)
        return False, (
            f"Not ready, because it fires by mistake {_often(rate)}; the goal is {target_per_hour:g} an hour."
            f" Record this next: more sound like {worst}, where {sources[worst].false_accepts} of them happened."
        )
    if recall.recall < _READY_RECALL:
        return False, f"Not ready, because {expected}. Record this next: {_weakest(speakers)}."
    return True, f"Ready: expect that {expected}."


def _takes(count: int, more: str = "") -> str:
    return f"{count} {more}{'take' if count == 1 else 'takes'}"


def _often(rate: FalseAcceptRate) -> str:
    bound = "" if rate.high is None else f" (at most {rate.high:.1f} with 95 % confidence, from {rate.hours:.1f} h)"
    return f"{rate.per_hour:.2f} times an hour{bound}"


def _weakest(speakers: dict[str, Recall]) -> str:
    known = {name: one for name, one in speakers.items() if name != NOBODY and one.clips >= _FEW_CLIPS}
    if not known:
        return "30 takes by the people who will use it, at the distance and with the microphone of the device"
    name = min(known, key=lambda one: known[one].recall)
    return f"20 takes by {name}, of whom {known[name].detected} of {known[name].clips} were detected"
