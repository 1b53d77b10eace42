"""One take after the other from a sound that never stops: when the word begins, when it is over, how good it is.

No threads and no devices: sound goes in as it comes, in pieces of any length, and the same sound gives the same takes
whatever the pieces are.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from mww_studio.audio.quality import judge
from mww_studio.audio.trimming import (
    CORE,
    EDGE,
    HOP_S,
    MARGIN_AFTER_S,
    MARGIN_BEFORE_S,
    WINDOW_S,
    Floats,
    band_power,
    find_speech,
    rise_db,
)
from mww_studio.constitution.articles import law
from mww_studio.project.records import ClipKind, NewClip, Quality, Style, pcm_sha256

Pcm = npt.NDArray[np.int16]

IGNORED_S = 0.2  # the click of the key that began the take
OVER_AFTER_S = 0.4
NOTHING_AFTER_S = 3.0
LATEST_END_S = 5.0
_LONGEST_WORD_S = 2.5

_REMEMBERED_S = 3.0
_TOUCHES_S = 0.02
_CERTAIN_FRAMES = 5
_SMOOTHED_FRAMES = 3
_BACKGROUND_PERCENTILE = 20
_LOWEST_BACKGROUND_DB = -80.0  # some microphones send digital silence between words


class TakeVerdict(StrEnum):
    """What became of a take."""

    GOOD = "good"
    OVERFLOW = "overflow"
    CUT_START = "cut_start"
    CUT_END = "cut_end"
    CLIPPED = "clipped"
    TOO_QUIET = "too_quiet"
    TOO_LONG = "too_long"
    NOISY = "noisy"
    NOTHING = "nothing"


_PROBLEMS = {  # of a clip, the worst first, and what the person at the microphone is told
    "clipped": TakeVerdict.CLIPPED,
    "silent": TakeVerdict.NOTHING,
    "short": TakeVerdict.NOTHING,
    "quiet": TakeVerdict.TOO_QUIET,
    "long": TakeVerdict.TOO_LONG,
    "noisy": TakeVerdict.NOISY,
}
_KEEPABLE = {
    TakeVerdict.GOOD,
    TakeVerdict.CLIPPED,
    TakeVerdict.TOO_QUIET,
    TakeVerdict.TOO_LONG,
    TakeVerdict.NOISY,
}


@dataclass(frozen=True)
class SpeechBegan:
    """Someone has begun to speak."""


@dataclass(frozen=True)
class TakeOutcome:
    """A take that is over: ``pcm`` int16 [samples], 16 kHz mono, with the sound around the word, as it was captured.

    The times of the speech lie inside it, in seconds; they are None where nothing was heard.
    """

    verdict: TakeVerdict
    pcm: Pcm
    speech_start_s: float | None
    speech_end_s: float | None
    quality: Quality

    @property
    def good(self) -> bool:
        """Whether it counts as it is."""
        return self.verdict is TakeVerdict.GOOD

    @property
    def keepable(self) -> bool:
        """Whether a person may say that it counts nevertheless: the whole word is in it."""
        return self.verdict in _KEEPABLE

    @property
    def speech_s(self) -> float:
        """How long the speech is."""
        return (self.speech_end_s or 0.0) - (self.speech_start_s or 0.0)

    def clip(
        self,
        speaker: str | None,
        source: str,
        *,
        kind: ClipKind = ClipKind.WAKE_WORD,
        style: Style | None = None,
        licence: str = "",
    ) -> NewClip:
        """The take for a project; one that is not good is marked as kept on purpose."""
        return NewClip(
            kind,
            self.pcm,
            pcm_sha256(self.pcm),
            source,
            self.quality,
            self.speech_start_s,
            self.speech_end_s,
            speaker=speaker,
            licence=licence,
            style=style,
            kept=not self.good,
        )


class TakeLoop:
    """Waits idly until a take is asked for, listens until the word is over, judges it, and is idle again."""

    def __init__(self) -> None:
        self._rate = law().frontend.sample_rate_hz
        self._pcm = np.zeros(0, np.int16)  # the newest sound; its first sample is number `_first`
        self._first = 0
        self._power: list[Floats] = []  # of the newest frames; the next one begins at sample `_next_frame`
        self._next_frame = 0
        self._lost = False
        self._take: _Listening | None = None

    @property
    def listening(self) -> bool:
        """Whether a take is under way."""
        return self._take is not None

    @property
    def speaking(self) -> bool:
        """Whether speech was heard in the take that is under way."""
        return self._take is not None and self._take.began is not None

    def start(self) -> None:
        """Begin a take; what sounds in the next IGNORED_S does not count."""
        now = self._first + len(self._pcm)
        self._lost = False
        self._take = _Listening(now + self._samples(IGNORED_S))

    def lose(self) -> None:
        """Some sound before what comes next was lost."""
        self._lost = True

    def feed(self, pcm: Pcm) -> list[SpeechBegan | TakeOutcome]:
        """Hear more: int16 [samples], 16 kHz mono, of any number. Returns what happened in it."""
        events: list[SpeechBegan | TakeOutcome] = []
        self._pcm = np.concatenate([self._pcm, pcm])
        hop, window = self._samples(HOP_S), self._samples(WINDOW_S)
        for power in band_power(self._pcm[self._next_frame - self._first :]):
            self._power.append(power)
            self._next_frame += hop
            events += self._frame(self._next_frame - hop + window)
        if self._take is None:
            self._forget()
        return events

    def drop(self) -> None:
        """Forget the take that is under way."""
        self._take = None

    def _frame(self, end: int) -> list[SpeechBegan | TakeOutcome]:
        """What the newest frame, which ends before sample ``end``, means for the take."""
        take = self._take
        if take is None or end - self._samples(WINDOW_S) < take.boundary:
            return []
        if take.floor is None:
            take.floor = self._background()
        newest = 10 * np.log10(np.mean(self._power[-_SMOOTHED_FRAMES:], axis=0, keepdims=True))
        began = take.hear(float(rise_db(newest, take.floor)[0]), end)
        events: list[SpeechBegan | TakeOutcome] = [SpeechBegan()] if began else []
        over = take.began is not None and end - take.spoke >= self._samples(OVER_AFTER_S)
        endless = end - take.boundary >= self._samples(LATEST_END_S)
        silent = take.began is None and end - take.boundary >= self._samples(NOTHING_AFTER_S)
        if not (over or endless or silent):
            return events
        outcome = self._judged(take, end)
        if over and outcome.speech_start_s is None and end - take.boundary < self._samples(NOTHING_AFTER_S):
            take.began = None  # it was a knock or a cough, and the word may still come
            return events
        self._take = None
        return [*events, outcome]

    def _judged(self, take: "_Listening", end: int) -> TakeOutcome:
        sound = self._pcm[max(0, take.boundary - self._first) : end - self._first]
        speech = find_speech(sound) if take.began is not None else []
        if not speech:
            quality = judge(sound, None, None, ClipKind.WAKE_WORD)
            verdict = TakeVerdict.OVERFLOW if self._lost else TakeVerdict.NOTHING
            return TakeOutcome(verdict, sound.copy(), None, None, quality)
        first, last = speech[0].start, speech[-1].end
        start = max(0, first - self._samples(MARGIN_BEFORE_S))
        stop = min(len(sound), last + self._samples(MARGIN_AFTER_S))
        pcm, start_s, end_s = sound[start:stop].copy(), (first - start) / self._rate, (last - start) / self._rate
        quality = judge(pcm, start_s, end_s, ClipKind.WAKE_WORD)
        problems = {problem.code for problem in quality.problems}
        found = [verdict for code, verdict in _PROBLEMS.items() if code in problems]
        touches = self._samples(_TOUCHES_S)
        if self._lost:
            verdict = TakeVerdict.OVERFLOW
        elif first < touches:
            verdict = TakeVerdict.CUT_START
        elif last > len(sound) - touches:  # it went on to the latest end
            long = last - first > self._samples(_LONGEST_WORD_S)
            verdict = TakeVerdict.TOO_LONG if long else TakeVerdict.CUT_END
        else:
            verdict = found[0] if found else TakeVerdict.GOOD
        return TakeOutcome(verdict, pcm, start_s, end_s, quality)

    def _background(self) -> Floats:
        """What the bands rarely fall below, in dB: from before the take, and from its first moment."""
        power = np.array(self._power)
        padded = np.concatenate([power[:1], power, power[-1:]])
        level = 10 * np.log10((padded[:-2] + padded[1:-1] + padded[2:]) / 3)
        floor: Floats = np.maximum(np.percentile(level, _BACKGROUND_PERCENTILE, axis=0), _LOWEST_BACKGROUND_DB)
        return floor

    def _forget(self) -> None:
        """Keep the newest sound, so that a take has a background, and drop the rest."""
        excess = min(len(self._pcm) - self._samples(_REMEMBERED_S), self._next_frame - self._first)
        if excess > 0:
            self._pcm = self._pcm[excess:]
            self._first += excess
        del self._power[: -round(_REMEMBERED_S / HOP_S)]

    def _samples(self, seconds: float) -> int:
        return round(seconds * self._rate)


class _Listening:
    """A take that is under way. Times are numbers of samples."""

    def __init__(self, boundary: int) -> None:
        self.boundary = boundary
        self.floor: Floats | None = None
        self.began: int | None = None
        self.spoke = boundary
        self._peak = 0.0
        self._core = 0

    def hear(self, score: float, end: int) -> bool:
        """Take in one frame's rise over the background; True if with it someone has begun to speak."""
        self._peak = max(self._peak, score)
        self._core = self._core + 1 if score > CORE[0] else 0
        if score > max(EDGE[0], EDGE[1] * self._peak):
            self.spoke = end
        if self.began is None and self._core >= _CERTAIN_FRAMES:
            self.began = end
            return True
        return False
