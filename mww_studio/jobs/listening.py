"""Listening with a model from a terminal, for minutes or hours."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mww_studio.evaluation.live_session import LiveSession, Wake
from mww_studio.evaluation.statistics import poisson_upper

Say = Callable[[str], None]


@dataclass(frozen=True)
class ListeningReport:
    """How often it woke while it listened. ``lost``: gaps in the sound."""

    wake_word: str
    microphone: str
    seconds: float
    lost: int
    wakes: tuple[Wake, ...]

    def summary(self) -> dict[str, object]:
        """For machines; the bound on mistakes an hour is 95 % and takes every wake for one."""
        return {
            "wake_word": self.wake_word,
            "microphone": self.microphone,
            "seconds": round(self.seconds, 1),
            "lost": self.lost,
            "woke": [
                {
                    "at": wake.at.isoformat(timespec="seconds"),
                    "time_s": round(wake.time_s, 2),
                    "sure": round(wake.sure, 3),
                    "file": None if wake.file is None else str(wake.file),
                }
                for wake in self.wakes
            ],
            "per_hour_high": round(self._bound, 3) if self.seconds else None,
        }

    def describe(self) -> str:
        """For people."""
        hours = self.seconds / 3600
        long = f"{hours:.1f} hours" if hours >= 1 else f"{self.seconds / 60:.0f} minutes"
        times = "once" if len(self.wakes) == 1 else f"{len(self.wakes)} times"
        proof = f"If nobody said it, that proves fewer than {self._bound:.2f} mistakes an hour."
        return f"Woke {times} in {long}. {proof}" if self.seconds else "Nothing was heard."

    @property
    def _bound(self) -> float:
        return poisson_upper(len(self.wakes), self.seconds / 3600)


def listen_live(manifest: Path, microphone: str, minutes: float | None, keep: Path | None, say: Say) -> ListeningReport:
    """Listen until so many minutes are over, or until Ctrl-C; say each time that it woke.

    What led to each wake is kept in the folder ``keep``, nothing else. Raises StudioError as :class:`LiveSession` does.
    """
    session = LiveSession(manifest, microphone)
    session.keep_in(keep)
    wakes: list[Wake] = []
    seconds, lost = 0.0, 0
    stopped = threading.Event()
    try:
        for number, moment in enumerate(session.listen(stopped)):
            if number == 0:
                say(f"Listening to {session.microphone} for “{session.detector.wake_word}”. Ctrl-C ends it.")
            seconds, lost = moment.seconds, moment.lost
            for wake in moment.wakes:
                say(f"{wake.at:%H:%M:%S} woke, {wake.sure:.0%}")
            wakes += moment.wakes
            if minutes is not None and seconds >= minutes * 60:
                break
    except KeyboardInterrupt:
        say("Ended.")
    return ListeningReport(session.detector.wake_word, session.microphone, seconds, lost, tuple(wakes))
