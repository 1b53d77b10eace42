"""What computer voices and computers make, as clips that say so."""

from dataclasses import replace
from hashlib import sha256

from mww_studio.audio.quality import judge
from mww_studio.corpus.synthesis import Pcm, Spoken
from mww_studio.project.records import ClipKind, NewClip


def spoken_clip(take: Spoken, kind: ClipKind, text: str = "") -> NewClip:
    """A take of a voice. ``text``: what it says, where its line has that as IPA.

    Nobody need doubt that a near-sounding phrase is shorter than the word: many are a part of it.
    """
    label = take.line.voice.label
    clip = made_clip(
        kind,
        take.pcm,
        f'"{text or take.line.text}" said by {label}',
        licence=take.licence,
        engine=label,
        speaker=label,
        speech=(take.speech_start_s, take.speech_end_s),
    )
    short = kind is ClipKind.NEAR and {problem.code for problem in clip.quality.problems} == {"short"}
    return replace(clip, kept=short)


def made_clip(
    kind: ClipKind,
    pcm: Pcm,
    source: str,
    *,
    licence: str,
    engine: str,
    speaker: str | None = None,
    speech: tuple[float, float] | None = None,
) -> NewClip:
    """Sound (int16 [samples], 16 kHz) that a computer made. ``speech``: from when to when it speaks, in seconds."""
    start, end = speech or (None, None)
    return NewClip(
        kind=kind,
        pcm=pcm,
        recording=sha256(pcm.tobytes()).hexdigest(),
        source=source,
        quality=judge(pcm, start, end, kind),
        speech_start_s=start,
        speech_end_s=end,
        speaker=speaker,
        licence=licence,
        engine=engine,
    )
