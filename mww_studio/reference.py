"""The official models that are installed with the program."""

import importlib.util
from pathlib import Path

from mww_studio.errors import StudioError


def official_model(name: str) -> Path:
    """The .tflite file of an official model."""
    spec = importlib.util.find_spec("pymicro_wakeword")
    if spec is None or spec.origin is None:
        raise StudioError(
            "training.no_warm_start",
            f"The official model {name} is not installed.",
            why="The package pymicro-wakeword, which brings it, is missing.",
            do="Install it, or train with --from-scratch.",
        )
    return Path(spec.origin).parent / "models" / f"{name}.tflite"
