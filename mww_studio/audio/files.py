"""Sound files of any kind in, 16 kHz mono int16 out."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from mww_studio.constitution.articles import law
from mww_studio.durable import wav_bytes, write_durably
from mww_studio.errors import StudioError
from mww_studio.progress import Progress

Pcm = npt.NDArray[np.int16]

AUDIO_SUFFIXES = frozenset(
    f".{name}"
    for name in ("wav", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "caf", "w64", "rf64")
)
# Sound that a person may well have, and that libsndfile cannot read: found, so that an import can say so.
FOREIGN_SUFFIXES = frozenset(f".{name}" for name in ("m4a", "mp4", "aac", "wma", "amr", "3gp", "webm", "mka", "mkv"))
MAX_WHOLE_S = 1800.0

_MAX_CHANNELS = 64
_RATES_HZ = (4_000, 400_000)
_BLOCK_S = 20.0
_PROBES = 6
_LOUDEST = 100.0  # of full scale, so that a broken float file cannot upset the resampler


def find_audio(paths: Sequence[Path]) -> list[Path]:
    """The sound files among ``paths`` and in the folders among them, sorted, each once.

    A file that is named outright is taken whatever its name; hidden files in folders are not.
    Raises StudioError ``audio.not_found``.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if _is_sound(file.relative_to(path)) and file.is_file())
            found.update(dict.fromkeys(inside))
        elif path.exists():
            found[path] = None
        else:
            raise StudioError("audio.not_found", f"There is no file or folder {path}.", do="Check the spelling.")
    return list(found)


def read_audio(path: Path, progress: Progress | None = None) -> Pcm:
    """A whole sound file as int16 [samples], 16 kHz mono. See :func:`read_blocks` for the errors.

    Also raises ``audio.too_long`` above MAX_WHOLE_S, before anything large is in memory, and Cancelled.
    """
    if duration_s(path) > MAX_WHOLE_S:
        raise StudioError(
            "audio.too_long",
            f"{path.name} is longer than {MAX_WHOLE_S / 60:.0f} minutes.",
            do="Cut it into shorter files, or import it as speech or ambience.",
        )
    blocks = []
    for block in read_blocks(path, _BLOCK_S):
        if progress:
            progress.check_cancelled()
        blocks.append(block)
    return np.concatenate(blocks)


def read_blocks(path: Path, seconds: float) -> Iterator[Pcm]:
    """A sound file of any length as int16 blocks of ``seconds``, 16 kHz mono; the last one may be shorter.

    Of several channels the strongest one is used: a device has one microphone, while averaging halves the voice
    beside a dead channel, cancels channels of opposite phase and colours those of microphones that stand apart.
    Raises StudioError ``audio.foreign`` (a format that libsndfile does not read), ``audio.unreadable``,
    ``audio.empty``.
    """
    rate = law().frontend.sample_rate_hz
    size = round(seconds * rate)
    waiting = np.zeros(0, np.int16)
    any_sound = False
    for block in _resampled(path, rate):
        waiting = np.concatenate([waiting, block])
        while len(waiting) >= size:
            any_sound = True
            yield waiting[:size]
            waiting = waiting[size:]
    if len(waiting):
        yield waiting
    elif not any_sound:
        raise _empty(path)


def read_stretch(path: Path, start_s: float, seconds: float) -> Pcm:
    """A stretch of a sound file of any length as int16 [samples], 16 kHz mono; shorter, or empty, at the file's end.

    Raises as :func:`read_blocks` does, but ``audio.empty`` only for a file without any content.
    """
    blocks = _resampled(path, law().frontend.sample_rate_hz, start_s, seconds)
    return np.concatenate([np.zeros(0, np.int16), *blocks])


def write_wav(path: Path, pcm: Pcm) -> None:
    """Write int16 [samples], 16 kHz mono, as a WAV file that is wholly there or not at all. Raises OSError."""
    write_durably(path, wav_bytes(pcm, law().frontend.sample_rate_hz))


def duration_s(path: Path) -> float:
    """The length that a file's header promises. Raises as :func:`read_blocks` does."""
    with _open(path) as file:
        return float(file.frames / file.samplerate)


def _is_sound(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.suffix.lower() in AUDIO_SUFFIXES | FOREIGN_SUFFIXES


def _resampled(path: Path, rate_hz: int, start_s: float = 0.0, seconds: float = math.inf) -> Iterator[Pcm]:
    with _open(path) as file:
        channel = _strongest_channel(file)
        resampler = soxr.ResampleStream(file.samplerate, rate_hz, 1, dtype="float32")
        block_frames = round(_BLOCK_S * file.samplerate)
        left = seconds * file.samplerate
        last = False
        while not last:
            wanted = round(min(block_frames, left))
            try:
                if start_s:
                    file.seek(min(round(start_s * file.samplerate), file.frames))
                    start_s = 0.0
                block = file.read(wanted, dtype="float32", always_2d=True)[:, channel]
            except soundfile.LibsndfileError as error:
                raise _unreadable(path, str(error)) from error
            left -= len(block)
            last = len(block) < block_frames or left <= 0
            block = np.nan_to_num(block, posinf=1.0, neginf=-1.0).clip(-_LOUDEST, _LOUDEST)
            if file.samplerate != rate_hz:
                block = resampler.resample_chunk(block, last=last)
            if len(block):
                yield _int16(block)


def _open(path: Path) -> soundfile.SoundFile:
    try:
        if path.stat().st_size == 0:
            raise _empty(path)
        file = soundfile.SoundFile(path)
    except OSError as error:
        raise _unreadable(path, str(error)) from error
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: a name such as .raw that needs parameters
        if path.suffix.lower() in FOREIGN_SUFFIXES:
            raise _foreign(path) from error
        raise _unreadable(path, str(error)) from error
    low, high = _RATES_HZ
    if not low <= file.samplerate <= high or file.channels > _MAX_CHANNELS:
        file.close()
        raise _unreadable(path, f"its header claims {file.samplerate} Hz and {file.channels} channels")
    return file


def _strongest_channel(file: soundfile.SoundFile) -> int:
    """The channel with the most power, without DC, over probes spread through the file; leaves it at its start."""
    if file.channels == 1 or not file.seekable():
        return 0
    probe_frames = round(_BLOCK_S / _PROBES * file.samplerate)
    power = np.zeros(file.channels)
    try:
        for start in np.linspace(0, max(0, file.frames - probe_frames), _PROBES):
            file.seek(int(start))
            probe = file.read(probe_frames, dtype="float32", always_2d=True)
            if len(probe):
                power += np.nan_to_num(probe).var(axis=0)
        file.seek(0)
    except soundfile.LibsndfileError as error:
        raise _unreadable(Path(file.name), str(error)) from error
    return int(power.argmax())


def _int16(samples: npt.NDArray[np.float32]) -> Pcm:
    """Full scale is 1.0; louder samples clip."""
    pcm: Pcm = np.rint(samples * np.float32(32768)).clip(-32768, 32767).astype(np.int16)
    return pcm


def _empty(path: Path) -> StudioError:
    return StudioError(
        "audio.empty",
        f"{path.name} has no sound in it.",
        why="The file is empty, or its recorder stopped before finishing it.",
        do="Record it again, or leave it out.",
    )


def _unreadable(path: Path, why: str) -> StudioError:
    return StudioError(
        "audio.unreadable",
        f"{path.name} cannot be read as sound.",
        why=f"Reason: {why.rstrip('.')}.",
        do="If it plays elsewhere, save it there as WAV or FLAC and import that.",
    )


def _foreign(path: Path) -> StudioError:
    return StudioError(
        "audio.foreign",
        f"{path.name} is in a format that cannot be read here ({path.suffix.lower()}).",
        do=f"Convert it first, for example: ffmpeg -i {path.name} {path.stem}.wav; "
        "or let the recorder save WAV, FLAC, OGG or MP3.",
    )
