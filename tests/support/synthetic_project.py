"""A project full of synthetic speech."""

from synthetic_speech import Pcm, talk, word

from mww_studio.project.records import ClipKind, NewClip, Quality, pcm_sha256
from mww_studio.project.store import Project

_QUALITY = Quality(-6.0, -20.0, 40.0, 0.0, 0.0)


def fill(project: Project, takes: int = 12, people: int = 6, talks: int = 4, talk_s: float = 20.0) -> None:
    """Takes of the word by some people, and talk by others."""
    clips = []
    for number in range(takes):
        said = word(number % people, number)
        clips.append(_clip(ClipKind.WAKE_WORD, said.pcm, f"person {number % people}", (said.start_s, said.end_s)))
    clips += [_clip(ClipKind.SPEECH, talk(talk_s, 50 + number), f"talker {number}") for number in range(talks)]
    project.add_clips(clips)


def _clip(kind: ClipKind, pcm: Pcm, speaker: str, speech: tuple[float, float] | None = None) -> NewClip:
    start, end = speech or (None, None)
    return NewClip(
        kind, pcm, pcm_sha256(pcm), f"{speaker}.wav", _QUALITY, start, end, speaker=speaker, licence="CC0-1.0"
    )
