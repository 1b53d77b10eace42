"""Recording into a project from a terminal: takes of the wake word one by one, or a stretch of talk or room sound."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from mww_studio.audio.capture import Capture
from mww_studio.audio.quality import judge
from mww_studio.audio.take_loop import SpeechBegan, TakeLoop, TakeOutcome, TakeVerdict
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.jobs.coverage import coverage, next_style
from mww_studio.project.records import Clip, ClipKind, NewClip, Style, checked_name, pcm_sha256
from mww_studio.project.store import Project

Say = Callable[[str], None]

SOURCE = "microphone"
TAKEN = frozenset({ClipKind.WAKE_WORD, ClipKind.NEAR})
STRETCHES = frozenset({ClipKind.SPEECH, ClipKind.AMBIENCE})

_POLL_S = 0.02
_BACKGROUND_S = 1.0
_PAUSE_S = 0.9
_MOST_BAD = 5
_LONGEST_S = 1800.0

_HOW = {
    Style.NORMAL: "as you always do",
    Style.FAR: "from across the room",
    Style.QUIET: "quietly",
    Style.LOUD: "loudly",
    Style.SLOW: "slowly and calmly",
    Style.HURRIED: "in a hurry",
}
_ADVICE = {
    TakeVerdict.OVERFLOW: "The computer lost a bit of sound. That was not you. Once more, please.",
    TakeVerdict.CUT_START: "The beginning is missing. Wait for “Say it now”, then speak.",
    TakeVerdict.CUT_END: "The end is missing. Say it a little sooner.",
    TakeVerdict.CLIPPED: "Too loud for the microphone. Move back a little and say it again.",
    TakeVerdict.TOO_QUIET: "Too quiet. Come closer, or say it a little louder.",
    TakeVerdict.TOO_LONG: "That was more than the wake word. Say only that.",
    TakeVerdict.NOISY: "There is noise behind it. Switch off what makes it, or come closer.",
    TakeVerdict.NOTHING: "Nothing heard. Is this the right microphone?",
}


@dataclass(frozen=True)
class RecordingReport:
    """What came of it: clips that were kept, and takes that were not good."""

    added: Sequence[Clip]
    refused: int

    def summary(self) -> dict[str, object]:
        """For machines."""
        seconds = round(sum(clip.duration_s for clip in self.added), 2)
        return {"added": len(self.added), "refused": self.refused, "seconds": seconds}

    def describe(self) -> str:
        """For people."""
        return f"{len(self.added)} recordings kept, {self.refused} not."


def record_takes(
    project: Project, kind: ClipKind, speaker: str, microphone: str, takes: int, say: Say
) -> RecordingReport:
    """Ask a person for takes until so many are good; each is on the disk before the next is asked for.

    Raises StudioError ``record.nothing`` after several bad ones in a row, those of :class:`Capture`, and those of
    :class:`Project`.
    """
    speaker = checked_name(speaker, "person's name")
    added: list[Clip] = []
    refused = in_a_row = 0
    with _Microphone(microphone, say) as ear:
        while len(added) < takes:
            known = coverage(project.tallies(kind), speaker) if kind is ClipKind.WAKE_WORD else None
            style = next_style(known, known.total) if known else None
            how = f" {_HOW[style]}" if style else ""
            what = f"“{project.info.wake_word}”" if kind is ClipKind.WAKE_WORD else "something that sounds like it"
            say(f"Take {len(added) + 1} of {takes}. Say {what}{how}. Say it now.")
            outcome = ear.take()
            if outcome.good:
                added += project.add_clips([outcome.clip(speaker, SOURCE, kind=kind, style=style)])
                in_a_row = 0
                say(f"Kept. Clear, {outcome.speech_s:.1f} s.")
            else:
                refused, in_a_row = refused + 1, in_a_row + 1
                say(f"{_ADVICE[outcome.verdict]} This take is not counted.")
            if in_a_row == _MOST_BAD:
                raise StudioError(
                    "record.nothing",
                    f"{_MOST_BAD} takes in a row were not good.",
                    why=_ADVICE[outcome.verdict],
                    do=f"{len(added)} takes are kept. Look after it, then record again.",
                )
            ear.listen(_PAUSE_S)
    return RecordingReport(added, refused)


def record_stretch(
    project: Project, kind: ClipKind, speaker: str | None, microphone: str, seconds: float, say: Say
) -> RecordingReport:
    """Record talk or room sound for some seconds, as one clip. Ctrl-C ends it sooner, and keeps what there is.

    Raises StudioError ``record.length`` and those of :class:`Capture` and :class:`Project`.
    """
    if not 1 <= seconds <= _LONGEST_S:
        raise StudioError("record.length", f"A recording is 1 to {_LONGEST_S:.0f} seconds long.", do="Choose another.")
    person = checked_name(speaker, "person's name") if speaker else None
    with _Microphone(microphone, say) as ear:
        say(f"Recording for {seconds:.0f} s. Ctrl-C ends it.")
        try:
            ear.listen(seconds)
        except KeyboardInterrupt:
            say("Ended.")
        pcm = ear.heard()
    quality = judge(pcm, None, None, kind)
    clip = NewClip(kind, pcm, pcm_sha256(pcm), SOURCE, quality, speaker=person)
    added = project.add_clips([clip])
    for problem in quality.problems:
        say(problem.advice)
    return RecordingReport(added, 0)


class _Microphone:
    """A microphone that hears, from within ``with``."""

    def __init__(self, name: str, say: Say) -> None:
        self._capture = Capture.open(name)
        self._loop = TakeLoop()
        self._blocks: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
        self._lost = 0
        say(f"Listening to {self._capture.name}.")

    def __enter__(self) -> Self:
        try:
            self.listen(_BACKGROUND_S)
        except BaseException:
            self._capture.close()
            raise
        self._blocks.clear()
        return self

    def __exit__(self, *_error: object) -> None:
        self._capture.close()

    def listen(self, seconds: float) -> None:
        """Hear for some seconds what is no take."""
        wanted = round(seconds * law().frontend.sample_rate_hz)
        while wanted > 0:
            time.sleep(_POLL_S)
            pcm = self._capture.read()
            self._loop.feed(pcm)
            self._blocks.append(pcm)
            wanted -= len(pcm)

    def heard(self) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        """All that was heard by now without being asked for a take."""
        return np.concatenate([np.zeros(0, np.int16), *self._blocks])

    def take(self) -> TakeOutcome:
        """Hear one saying of the word."""
        self._blocks.clear()
        self._loop.start()
        while True:
            time.sleep(_POLL_S)
            pcm = self._capture.read()
            if self._capture.lost > self._lost:
                self._lost = self._capture.lost
                self._loop.lose()
            for event in self._loop.feed(pcm):
                if not isinstance(event, SpeechBegan):
                    return event
