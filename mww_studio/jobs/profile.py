"""Where the time of a run went: wall and processor seconds of every phase, and the costliest functions on request."""

import cProfile
import io
import os
import pstats
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from mww_studio.durable import write_durably
from mww_studio.progress import Progress

_COSTLIEST = 60


class PhaseTime(BaseModel):
    """One phase. ``cpu_s`` counts all threads and the finished child processes."""

    model_config = ConfigDict(frozen=True)

    name: str
    wall_s: float
    cpu_s: float


_TIMES = TypeAdapter(list[PhaseTime])


class Profile:
    """Measures a run and writes ``times.json`` into its folder; with ``detailed`` also ``profile.txt``."""

    def __init__(self, folder: Path, *, detailed: bool) -> None:
        self._folder = folder
        self._profiler = cProfile.Profile() if detailed else None

    @contextmanager
    def watch(self, progress: Progress) -> Iterator[Progress]:
        """A listener that passes everything on to ``progress`` and keeps the time."""
        clock = _Clock(progress)
        if self._profiler:
            self._profiler.enable()
        try:
            yield clock
        finally:
            clock.close()
            write_durably(self._folder / "times.json", _TIMES.dump_json(clock.phases, indent=1))
            if self._profiler:
                self._profiler.disable()
                text = io.StringIO()
                pstats.Stats(self._profiler, stream=text).sort_stats("cumulative").print_stats(_COSTLIEST)
                write_durably(self._folder / "profile.txt", text.getvalue().encode())


class _Clock(Progress):
    def __init__(self, listener: Progress) -> None:
        self._listener = listener
        self.phases: list[PhaseTime] = []
        self._name = "Starting"
        self._since = self._now()

    def phase(self, name: str, total: int = 0) -> None:
        self.close()
        self._name = name
        self._listener.phase(name, total)

    def step(self, done: int, **figures: float | str) -> None:
        self._listener.step(done, **figures)

    def log(self, text: str) -> None:
        self._listener.log(text)

    def check_cancelled(self) -> None:
        self._listener.check_cancelled()

    def close(self) -> None:
        now = self._now()
        wall_s, cpu_s = (round(after - before, 2) for before, after in zip(self._since, now, strict=True))
        self.phases.append(PhaseTime(name=self._name, wall_s=wall_s, cpu_s=cpu_s))
        self._since = now

    def _now(self) -> tuple[float, float]:
        times = os.times()
        return time.monotonic(), times.user + times.system + times.children_user + times.children_system
