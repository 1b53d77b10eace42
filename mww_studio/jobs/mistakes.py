"""Sounds on which a model woke by mistake, cut out so that the next training learns from them."""

from mww_studio.audio.files import Pcm, read_audio
from mww_studio.audio.quality import judge
from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.project.records import Clip, ClipKind, NewClip, pcm_sha256
from mww_studio.project.store import Project

# A wake word's length before the moment at which the model woke, with what surrounds it.
_SPEECH_S = 1.2
_BEFORE_S, _AFTER_S = 1.7, 0.5


def cut_mistake(project: Project, clip: Clip, time_s: float) -> NewClip:
    """The sound around a false accept at ``time_s`` seconds of a clip, as a near-sounding phrase, ready to be added.

    Its origin is the clip (or what that was cut from), which from then on teaches and no longer examines: what a model
    has learned must not examine it. Raises StudioError ``mistakes.outside`` where the clip is not so long, and
    ``audio.*``.
    """
    rate = law().frontend.sample_rate_hz
    pcm = read_audio(project.folder / clip.path)
    length_s = len(pcm) / rate
    if not 0 <= time_s <= length_s + 1:
        raise StudioError(
            "mistakes.outside",
            f"There is no sound at {time_s:.1f} s in a clip of {length_s:.1f} s.",
            do="Look at the results again: the clip was changed since.",
        )
    end_s = min(time_s, length_s)
    start_s = max(0.0, end_s - _BEFORE_S)
    piece = pcm[round(start_s * rate) : round((end_s + _AFTER_S) * rate)]
    speech = max(0.0, end_s - _SPEECH_S) - start_s, end_s - start_s
    return NewClip(
        kind=ClipKind.NEAR,
        pcm=piece,
        recording=clip.recording,
        source=clip.source,
        quality=judge(piece, *speech, ClipKind.NEAR),
        speech_start_s=speech[0],
        speech_end_s=speech[1],
        speaker=clip.speaker,
        licence=clip.licence,
        engine=clip.engine,
        origin=clip.id if clip.origin is None else clip.origin,
    )


def heard_mistake(pcm: Pcm) -> NewClip:
    """The sound that just woke a model although nobody said the word (int16 [samples], 16 kHz mono, the wake at its
    end), as a near-sounding phrase, ready to be added."""
    end_s = len(pcm) / law().frontend.sample_rate_hz
    speech = max(0.0, end_s - _SPEECH_S), end_s
    return NewClip(
        kind=ClipKind.NEAR,
        pcm=pcm,
        recording=pcm_sha256(pcm),
        source="live test",
        quality=judge(pcm, *speech, ClipKind.NEAR),
        speech_start_s=speech[0],
        speech_end_s=speech[1],
    )
