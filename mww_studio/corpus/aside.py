"""Features that are too long for memory, and are needed for a while only."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law

Features = npt.NDArray[np.uint16]

# An hour, 29 MB.
_FRAMES_IN_MEMORY = 360_000


def laid_aside(parts: Iterable[Features], folder: Path | None = None) -> Features:
    """``parts`` end to end: uint16 [frames, channels].

    More than an hour lies in a file in ``folder`` (or where temporary files do), which goes when nobody uses it any
    more; the system may then take back its memory at any time. Raises OSError where the disk is full.
    """
    channels = law().frontend.channels
    waiting = [np.zeros((0, channels), np.uint16)]
    frames = 0
    # Written, not mapped for writing: on a full disk that would end the process.
    with tempfile.TemporaryFile(dir=folder) as file:
        for part in parts:
            waiting.append(part)
            frames += len(part)
            if frames > _FRAMES_IN_MEMORY:
                file.writelines(each.tobytes() for each in waiting)
                waiting.clear()
        if frames <= _FRAMES_IN_MEMORY:
            return np.concatenate(waiting)
        file.flush()
        return np.asarray(np.memmap(file, np.uint16, "r", shape=(frames, channels)))
