"""Takes spoken by synthetic voices: many lines on all engines at once, cached, checked, trimmed and levelled."""

import contextlib
import queue
import threading
import time
from collections.abc import Sequence
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
from mww_studio.corpus.voices import Check, Engine, Line, Speech, Voice
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


@dataclass(frozen=True)
class Spoken:
    """A usable take. ``pcm``: int16 [samples], 16 kHz mono; the speech lies between the two times inside it."""

    line: Line
    pcm: Pcm
    speech_start_s: float
    speech_end_s: float
    licence: str


_Results = queue.Queue[Spoken | str | StudioError]
"""What the engines' threads report: a take, the reason why one was rejected, or why the engine gave up."""


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
    """Have every line said by the engine of its voice, all engines side by side, each in the order of ``lines``.

    An engine that has computed for ``budget_s`` seconds only answers lines that are in the cache, and so does one on a
    busy machine after a few times as long; ``unsaid`` counts the others. An
    engine that fails is left out (``failed`` says why) and the others go on. ``cache``: the folder of what was said
    before, by default :func:`speech_cache`.
    """
    folder = speech_cache() if cache is None else cache
    by_engine = {engine.name: [line for line in lines if line.voice.engine == engine.name] for engine in engines}
    stop = threading.Event()
    results: _Results = queue.Queue()
    progress.phase("voices", len(lines))
    outcome = Synthesis()
    with ThreadPoolExecutor(len(engines) or 1) as pool:
        try:
            work = [
                pool.submit(_work, engine, by_engine[engine.name], folder, budget_s, stop, results)
                for engine in engines
            ]
            _gather(results, work, outcome, progress)
        finally:
            stop.set()
    outcome.unsaid = len(lines) - len(outcome.spoken) - sum(outcome.rejected.values())
    order = {line: place for place, line in enumerate(lines)}
    outcome.spoken.sort(key=lambda spoken: order[spoken.line])
    return outcome


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


def _gather(results: _Results, work: Sequence[Future[None]], outcome: Synthesis, progress: Progress) -> None:
    while not (results.empty() and all(future.done() for future in work)):
        progress.check_cancelled()
        try:
            result = results.get(timeout=_GLANCE_S)
        except queue.Empty:
            continue
        if isinstance(result, Spoken):
            outcome.spoken.append(result)
            progress.step(len(outcome.spoken), voice=result.line.voice.label)
        elif isinstance(result, str):
            outcome.rejected[result] = outcome.rejected.get(result, 0) + 1
        else:
            outcome.failed.append(result)
            progress.log(str(result))
    for future in work:
        future.result()


def _work(
    engine: Engine,
    lines: Sequence[Line],
    folder: Path,
    budget_s: float,
    stop: threading.Event,
    results: _Results,
) -> None:
    def check() -> None:
        if stop.is_set():
            raise Cancelled

    version = engine.version()
    try:
        unsaid = []
        for line in lines:
            check()
            known = _recall(folder, line.key(version))
            if known is None:
                unsaid.append(line)
            else:
                results.put(shape(known, line, engine.licence))
        if unsaid and budget_s > 0:
            _speak(engine, unsaid, folder, budget_s, check, results)
    except StudioError as error:
        results.put(error)
    except Cancelled:
        return


def _speak(
    engine: Engine,
    lines: Sequence[Line],
    folder: Path,
    budget_s: float,
    check: Check,
    results: _Results,
) -> None:
    """Say lines until the budget is spent. A line that is refused is left out; several in a row end the engine."""
    refused = 0
    deadline = time.monotonic() + _PATIENCE * budget_s
    with engine.open() as speaker:
        for line in lines:
            if speaker.busy_s() > budget_s or time.monotonic() > deadline:
                return
            try:
                pcm = at_device_rate(speaker.speak(line, check), line.voice)
            except StudioError as error:
                refused += 1
                if error.code != "voices.refused" or refused >= _FAILURES_IN_A_ROW:
                    raise
                results.put("refused")
                continue
            refused = 0
            _keep(folder, line.key(engine.version()), pcm)
            results.put(shape(pcm, line, engine.licence))


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


def _recall(folder: Path, key: str) -> Pcm | None:
    path = folder / key[:2] / f"{key}.flac"
    try:
        pcm, rate = soundfile.read(path, dtype="int16")
    except (OSError, soundfile.LibsndfileError):
        return None
    good: bool = rate == law().frontend.sample_rate_hz and pcm.ndim == 1
    return pcm if good else None


def _keep(folder: Path, key: str, pcm: Pcm) -> None:
    path = folder / key[:2] / f"{key}.flac"
    part = path.with_suffix(f".{threading.get_ident()}.part")
    # A cache that cannot be written makes the next run slower, no more.
    with contextlib.suppress(OSError, soundfile.LibsndfileError):
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(part, pcm, law().frontend.sample_rate_hz, format="FLAC", subtype="PCM_16")
        part.replace(path)
