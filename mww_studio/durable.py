"""Files that are, after any crash, either wholly there or not there at all."""

import io
import os
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

PART_SUFFIX = ".part"


def write_durably(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write ``data`` beside ``path``, force it to the disk, then rename it into place. Raises OSError.

    ``mode``: who may read it, from its first byte on; what the system usually allows if not given.
    """
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        with part.open("wb") as file:
            if mode is not None:
                part.chmod(mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Force the names in ``folder`` to the disk. Windows does so by itself and cannot open folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def wav_bytes(pcm: npt.NDArray[np.int16], sample_rate_hz: int) -> bytes:
    """``pcm`` (int16 [samples], mono) as a 16-bit WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate_hz)
        file.writeframes(np.ascontiguousarray(pcm, dtype="<i2").tobytes())
    return buffer.getvalue()
