"""Files that are, after any crash, either wholly there or not there at all."""

import io
import os
import secrets
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

PART_SUFFIX = ".part"


def write_durably(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write ``data`` beside ``path``, force it to the disk, then rename it into place. Raises OSError.

    ``mode``: who may read it, from its first byte on; what the system usually allows if not given.
    """
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART_SUFFIX}")

    def create(name: str, flags: int) -> int:
        return os.open(name, flags, 0o666 if mode is None else mode)

    # "x": what lies there already, such as a link to another file, is never written to.
    file = open(part, "xb", opener=create)  # noqa: SIM115 - closed below
    try:
        with file:
            if mode is not None:
                part.chmod(mode)  # the system takes rights away from new files
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
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
