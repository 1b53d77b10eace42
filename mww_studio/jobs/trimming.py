"""Cutting a clip by hand."""

import numpy as np
import soundfile

from mww_studio.audio.quality import judge
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.project.records import NewClip
from mww_studio.project.store import Project

MIN_CLIP_S = 0.2


def trimmed(project: Project, clip_id: int, start_s: float, end_s: float) -> NewClip:
    """The part of a clip between two times, which are moved into the clip where they lie outside.

    Raises StudioError ``project.no_clip`` and ``audio.too_short``.
    """
    clip = next(iter(project.clips_by_id([clip_id])), None)
    if clip is None:
        raise StudioError("project.no_clip", f"The project has no clip {clip_id}.", do="Look at its samples again.")
    rate = law().frontend.sample_rate_hz
    pcm = np.asarray(soundfile.read(project.folder / clip.path, dtype="int16")[0])
    start, end = max(round(start_s * rate), 0), min(round(end_s * rate), len(pcm))
    if end - start < MIN_CLIP_S * rate:
        raise StudioError(
            "audio.too_short", f"Less than {MIN_CLIP_S:g} seconds would be left of it.", do="Leave more of it."
        )
    speech = _moved(clip.speech_start_s, clip.speech_end_s, start / rate, (end - start) / rate)
    part = pcm[start:end]
    return NewClip(
        clip.kind,
        part,
        clip.recording,
        clip.source,
        judge(part, *speech, clip.kind),
        *speech,
        speaker=clip.speaker,
        licence=clip.licence,
        engine=clip.engine,
        style=clip.style,
        kept=clip.kept,
        note=clip.note,
    )


def _moved(
    start_s: float | None, end_s: float | None, cut_s: float, length_s: float
) -> tuple[float | None, float | None]:
    """Where the speech lies in the part; all of it where the old times lie outside."""
    if start_s is None:
        return None, None
    start = min(max(start_s - cut_s, 0.0), length_s)
    if end_s is None:
        return start, None
    end = min(max(end_s - cut_s, 0.0), length_s)
    return (start, end) if end > start else (0.0, length_s)
