"""Takes spoken by synthetic voices: many lines on all engines at once, cached, checked, trimmed and levelled."""

import contextlib
import os
import queue
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import platformdirs
import soundfile

from mww_studio.audio.trimming import find_speech
from mww_studio.constitution.articles import law
from mww_studio.corpus.timbre import change_speaker
from mww_studio.corpus.voices import Engine, Line, Speech, Voice
from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress

Pcm = npt.NDArray[np.int16]

_FULL_SCALE = 32768.0
_SILENT_DBFS = -45.0
_LEVEL_DBFS = -22.0
_PEAK_DBFS = -1.0
_MARGIN_S = 0.15
_EDGE_S = 0.01
_LOUDEST_START = 0.25  # voices may begin with a vowel at once, but they all fade out
_LOUDEST_END = 0.06
_LONGEST_S_PER_LETTER = 0.2
_LONGEST_EXTRA_S = 1.5
_SHORTEST_S_PER_LETTER = 0.025
_FAILURES_IN_A_ROW = 3
_PATIENCE = 2.0
_GLANCE_S = 0.1
_WAITING_TAKES = 64


@dataclass(frozen=True)
class Spoken:
    """A usable take. ``pcm``: int16 [samples], 16 kHz mono; the speech lies between the two times inside it."""

    line: Line
    pcm: Pcm
    speech_start_s: float
    speech_end_s: float
    licence: str


@dataclass(frozen=True)
class Rejected:
    """A line of which no usable take came, and in one word why."""

    line: Line
    reason: str


_Results = queue.Queue[Spoken | Rejected | StudioError]
"""What the engines' threads report: a take, one that was rejected, or why the engine gave up."""


@dataclass
class Synthesis:
    """What came of a list of lines."""

    spoken: list[Spoken] = field(default_factory=list)
    rejected: dict[str, int] = field(default_factory=dict)
    failed: list[StudioError] = field(default_factory=list)
    unsaid: int = 0


def synthesise(
    engines: Sequence[Engine], lines: Sequence[Line], *, budget_s: float, progress: Progress, cache: Path | None = None
) -> Synthesis:
    """Have every line said as :func:`speak_lines` does, and keep all takes in memory, in the order of ``lines``.

    An engine that fails is left out (``failed`` says why) and the others go on; ``unsaid`` counts the lines for which
    the budget did not last.
    """
    progress.phase("voices", len(lines))
    outcome = Synthesis()
    for result in speak_lines(engines, lines, budget_s=budget_s, progress=progress, cache=cache):
        if isinstance(result, Spoken):
            outcome.spoken.append(result)
            progress.step(len(outcome.spoken), voice=result.line.voice.label)
        elif isinstance(result, Rejected):
            outcome.rejected[result.reason] = outcome.rejected.get(result.reason, 0) + 1
        else:
            outcome.failed.append(result)
            progress.log(str(result))
    outcome.unsaid = len(lines) - len(outcome.spoken) - sum(outcome.rejected.values())
    order = {line: place for place, line in enumerate(lines)}
    outcome.spoken.sort(key=lambda spoken: order[spoken.line])
    return outcome


def speak_lines(
    engines: Sequence[Engine],
    lines: Sequence[Line],
    *,
    budget_s: float,
    progress: Progress,
    cache: Path | None = None,
    side_by_side: int = 1,
    must_keep: bool = False,
) -> Generator[Spoken | Rejected | StudioError, None, None]:
    """Have every line said by the engine of its voice, all engines side by side; yields what comes, as it comes.

    What was said before comes first. An engine that has computed for ``budget_s`` seconds only answers lines that are
    in the cache, and so does one on a busy machine after a few times as long. The error of an engine that fails is
    yielded, and the others go on. ``cache``: the folder of what was said before, by default :func:`speech_cache`.
    ``side_by_side``: processes of each engine. ``must_keep``: a take that cannot be kept in the cache is an error
    (``voices.cache``). Few takes are in memory at a time. Raises Cancelled.
    """
    folder = speech_cache() if cache is None else cache
    stop = threading.Event()
    results: _Results = queue.Queue(_WAITING_TAKES)
    with ThreadPoolExecutor(len(engines) * side_by_side or 1) as pool:
        try:
            work = []
            for engine in engines:
                own = [line for line in lines if line.voice.engine == engine.name]
                for part in range(min(side_by_side, len(own))):
                    worker = _Worker(engine, folder, budget_s, must_keep, stop, results)
                    work.append(pool.submit(worker.work, own[part::side_by_side]))
            yield from _results_of(results, work, progress)
        finally:
            stop.set()


def speech_cache() -> Path:
    """Where synthetic speech is kept for all projects of this person."""
    return Path(platformdirs.user_cache_dir("mww-studio", appauthor=False)) / "speech"


def at_device_rate(speech: Speech, voice: Voice) -> Pcm:
    """What an engine said, at 16 kHz and with the pitch and formants of the voice."""
    wave = speech.pcm.astype(np.float32) / _FULL_SCALE
    return _as_pcm(change_speaker(wave, speech.rate_hz, voice.pitch, voice.formants))


def shape(speech: Pcm, line: Line, licence: str) -> Spoken | str:
    """Trim and level what an engine said (int16 [samples], 16 kHz); or in one word why it is not usable."""
    rate = law().frontend.sample_rate_hz
    segments = find_speech(speech)
    if not segments or _dbfs(np.abs(speech).max(initial=0)) < _SILENT_DBFS:
        return "silent"
    start, end = segments[0].start, segments[-1].end
    if _cut_at_an_end(speech, start, end):
        return "cut"
    letters = sum(character.isalnum() for character in line.text)
    seconds = (end - start) / rate * line.speed
    if seconds > _LONGEST_EXTRA_S + _LONGEST_S_PER_LETTER * letters:
        return "too long"
    if seconds < _SHORTEST_S_PER_LETTER * letters:
        return "too short"
    first = max(0, start - round(_MARGIN_S * rate))
    last = min(len(speech), end + round(_MARGIN_S * rate))
    return Spoken(
        line,
        _level(speech[first:last], start - first, end - first),
        (start - first) / rate,
        (end - first) / rate,
        licence,
    )


def recall(line: Line, engine: Engine, cache: Path | None = None) -> Spoken | Rejected | None:
    """What was made of a line before, from the cache; None where it is not there."""
    known = _read(speech_cache() if cache is None else cache, line.key(engine.version()))
    return None if known is None else _shaped(known, line, engine)


def _shaped(pcm: Pcm, line: Line, engine: Engine) -> Spoken | Rejected:
    take = shape(pcm, line, line.voice.licence or engine.licence)
    return take if isinstance(take, Spoken) else Rejected(line, take)


def _results_of(
    results: _Results, work: Sequence[Future[None]], progress: Progress
) -> Iterator[Spoken | Rejected | StudioError]:
    while True:
        done = all(future.done() for future in work)  # before the look, or the last result could be missed
        progress.check_cancelled()
        try:
            yield results.get(timeout=0.0 if done else _GLANCE_S)
        except queue.Empty:
            if done:
                break
    for future in work:
        future.result()


class _Worker:
    """One process of one engine, and the lines that it says."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        budget_s: float,
        must_keep: bool,
        stop: threading.Event,
        results: _Results,
    ) -> None:
        self._engine, self._folder, self._budget_s = engine, folder, budget_s
        self._must_keep, self._stop, self._results = must_keep, stop, results
        self._version = engine.version()

    def work(self, lines: Sequence[Line]) -> None:
        """Recall or say each line; report what comes, and why the engine gave up."""
        try:
            unsaid = []
            for line in lines:
                self._check()
                known = _read(self._folder, line.key(self._version))
                if known is None:
                    unsaid.append(line)
                else:
                    self._report(_shaped(known, line, self._engine))
            if unsaid and self._budget_s > 0:
                self._speak(unsaid)
        except StudioError as error:
            with contextlib.suppress(Cancelled):
                self._report(error)
        except Cancelled:
            return

    def _speak(self, lines: Sequence[Line]) -> None:
        """Say lines until the budget is spent. A line that is refused is left out; several in a row end the engine."""
        refused = 0
        deadline = time.monotonic() + _PATIENCE * self._budget_s
        with self._engine.open() as speaker:
            for line in lines:
                if speaker.busy_s() > self._budget_s or time.monotonic() > deadline:
                    return
                try:
                    pcm = at_device_rate(speaker.speak(line, self._check), line.voice)
                except StudioError as error:
                    refused += 1
                    if error.code != "voices.refused" or refused >= _FAILURES_IN_A_ROW:
                        raise
                    self._report(Rejected(line, "refused"))
                    continue
                refused = 0
                self._keep(line, pcm)
                self._report(_shaped(pcm, line, self._engine))

    def _keep(self, line: Line, pcm: Pcm) -> None:
        try:
            _write(self._folder, line.key(self._version), pcm)
        except (OSError, soundfile.LibsndfileError) as error:
            # A cache that cannot be written makes the next run slower, no more; unless it is where takes wait.
            if self._must_keep:
                raise StudioError(
                    "voices.cache",
                    "What the voices say cannot be kept.",
                    why=f"{self._folder} cannot be written: {error}.",
                    do="Make room on the disk, then go on.",
                ) from error

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def _report(self, result: Spoken | Rejected | StudioError) -> None:
        while True:
            self._check()
            try:
                self._results.put(result, timeout=_GLANCE_S)
            except queue.Full:
                continue
            return


def _cut_at_an_end(speech: Pcm, start: int, end: int) -> bool:
    """Whether the sound begins or breaks off at full voice: the engine swallowed a part of the line."""
    edge = round(_EDGE_S * law().frontend.sample_rate_hz)
    loudness = _rms(speech[start:end])
    return _rms(speech[:edge]) > _LOUDEST_START * loudness or _rms(speech[-edge:]) > _LOUDEST_END * loudness


def _level(pcm: Pcm, start: int, end: int) -> Pcm:
    """Bring the speech to one loudness, short of clipping."""
    wave = pcm.astype(np.float32) / _FULL_SCALE
    gain = min(10 ** (_LEVEL_DBFS / 20) / _rms(wave[start:end]), 10 ** (_PEAK_DBFS / 20) / np.abs(wave).max())
    return _as_pcm(wave * gain)


def _as_pcm(wave: npt.NDArray[np.float32]) -> Pcm:
    pcm: Pcm = np.clip(np.rint(wave * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return pcm


def _rms(wave: npt.NDArray[np.generic]) -> float:
    return float(np.sqrt(np.mean(wave.astype(np.float64) ** 2)))


def _dbfs(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 1) / _FULL_SCALE))


def _read(folder: Path, key: str) -> Pcm | None:
    path = folder / key[:2] / f"{key}.flac"
    try:
        pcm, rate = soundfile.read(path, dtype="int16")
    except (OSError, soundfile.LibsndfileError):
        return None
    good: bool = rate == law().frontend.sample_rate_hz and pcm.ndim == 1
    return pcm if good else None


def _write(folder: Path, key: str, pcm: Pcm) -> None:
    path = folder / key[:2] / f"{key}.flac"
    part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        soundfile.write(part, pcm, law().frontend.sample_rate_hz, format="FLAC", subtype="PCM_16")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
