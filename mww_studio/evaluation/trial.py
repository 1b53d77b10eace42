"""A model tried in a process of its own: how far back it listens, and whether a Linux voice assistant can run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from mww_studio.evaluation.scorecard import Figures

_PATIENCE_S = 30


class Trial(Figures):
    """What came of it. ``receptive_frames``: None for models of another build.

    ``linux_refusal``: why pymicro-wakeword did not run it here, empty where it did.
    """

    receptive_frames: int | None
    linux_refusal: str


def try_model(tflite: Path, window: int) -> Trial:
    """Try a model with a sliding window. Whatever the file does, this returns within half a minute."""
    program = Path(__file__).with_name("trial_program.py")
    command = [sys.executable, "-P", str(program), str(tflite.absolute()), str(window)]
    # One thread: each wants memory of its own, of which the program has no more than it was given.
    calm = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    why = ""
    try:
        child = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False, env=calm)
        told = child.stdout
        if child.returncode:
            why = f"it died of it (status {child.returncode})"
    except subprocess.TimeoutExpired as error:
        told = error.stdout or b""
        why = f"it was not done with it within {_PATIENCE_S} s"
    except (OSError, ValueError) as error:
        told, why = b"", str(error)
    found = dict(pair for line in told.splitlines() for pair in _pairs(line))
    frames = found.get("receptive_frames")
    refused = found.get("refused", "" if "probabilities" in found else why or "it said nothing")
    return Trial(receptive_frames=frames if isinstance(frames, int) else None, linux_refusal=str(refused))


def _pairs(line: bytes) -> list[tuple[str, object]]:
    """What the program said in a line; nothing where the line was cut off or comes from a library."""
    try:
        said = json.loads(line)
    except ValueError:
        return []
    return list(said.items()) if isinstance(said, dict) else []
