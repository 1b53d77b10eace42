"""What the benchmarks of accuracy share: who examines, how a take is presented, what a curve allows."""

import resource  # these benchmarks run on Linux and macOS
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

from mww_studio.audio.files import Pcm, find_audio, read_audio
from mww_studio.audio.trimming import find_speech
from mww_studio.constitution.articles import law
from mww_studio.evaluation.clips import LeadIn, NoiseBed, PositiveClip, positive_clip
from mww_studio.evaluation.scorecard import CurvePoint
from mww_studio.evaluation.statistics import wilson

TARGET_PER_HOUR = 0.5

# A take (int16 [samples], 16 kHz) and where its speech begins and ends, in samples, to the take as it is heard.
Change = Callable[[Pcm, int, int], Pcm]


def halves(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files of every second source, and the others. A source: what a file's name says before the first hyphen."""
    sources: dict[tuple[Path, str], list[Path]] = {}
    for file in find_audio([folder]):
        sources.setdefault((file.parent, file.stem.partition("-")[0]), []).append(file)
    groups = list(sources.values())
    return list(chain(*groups[::2])), list(chain(*groups[1::2]))


def inside(file: Path, folder: Path) -> bool:
    return folder.resolve() in file.resolve().parents


def presented(
    file: Path,
    bed: NoiseBed | None = None,
    *,
    change: Change | None = None,
    lead_in: LeadIn = LeadIn.NOISE_FLOOR,
) -> PositiveClip:
    """A take as ``mww-studio evaluate`` presents it, changed before it is heard if wanted."""
    pcm, rate = read_audio(file), law().frontend.sample_rate_hz
    segments = find_speech(pcm)
    start, end = (segments[0].start, segments[-1].end) if segments else (0, len(pcm))
    return positive_clip(
        pcm if change is None else change(pcm, start, end),
        file.name,
        speech_start_s=start / rate if segments else None,
        speech_end_s=end / rate if segments else None,
        lead_in=lead_in,
        noise=bed,
    )


def allowed(curve: Sequence[CurvePoint], false_accepts: float) -> list[CurvePoint]:
    """The cut-offs, from the strictest on, up to which there are no more than ``false_accepts``."""
    points: list[CurvePoint] = []
    for point in reversed(curve):
        if point.false_accepts > false_accepts:
            break
        points.append(point)
    return points


def share_text(detected: Sequence[int], clips: Sequence[int]) -> str:
    """The share of all trainings together, Wilson's interval, and each training's own where there are several."""
    if not sum(clips):
        return "-"
    low, high = wilson(sum(detected), sum(clips))
    each = "".join(f" {100 * one / of:.0f}" for one, of in zip(detected, clips, strict=True))
    trainings = f";{each}" if len(clips) > 1 else ""
    return f"{100 * sum(detected) / sum(clips):.0f} % ({100 * low:.0f}-{100 * high:.0f}{trainings})"


def cpu_s() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
