"""A program of its own, because what is in a model file may end the process that loads it, or keep it for ever.

Usage: trial_program.py MODEL WINDOW. Prints a line of JSON for each thing that was found out, as soon as it was:
{"receptive_frames": n} or {"unsupported": why}, then {"probabilities": n, "highest": p} or {"refused": why}.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from mww_studio.constitution.articles import law

_SECONDS = 1.2
_MOST_BYTES = 2**32


def main() -> None:
    """Look at the model named on the command line."""
    path = Path(sys.argv[1])
    _limit_memory()
    _tell(_receptive(path.read_bytes()))
    _tell(_on_linux(path, int(sys.argv[2])))


def _limit_memory() -> None:
    """Four gigabytes and no picture of the memory of a program that died, where there are such limits."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _receptive(content: bytes) -> dict[str, Any]:
    from mww_studio.evaluation.int8_graph import UnsupportedModelError, read_graph
    from mww_studio.evaluation.receptive_field import receptive_frames

    try:
        return {"receptive_frames": receptive_frames(read_graph(content))}
    except UnsupportedModelError as error:
        return {"unsupported": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever a damaged file makes of the reader
        return {"unsupported": f"{type(error).__name__}."}


def _on_linux(path: Path, window: int) -> dict[str, Any]:
    """Let pymicro-wakeword, which Linux voice assistants use, hear a second of noise with it."""
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures
    from pymicro_wakeword import microwakeword as package

    library = next((Path(package.__file__).parent / "lib").glob("*tensorflowlite_c.*"), None)
    if library is None:
        return {"refused": "its TensorFlow Lite is not here"}
    try:
        model = MicroWakeWord(
            id="model",
            wake_word="",
            tflite_model=path,
            probability_cutoff=1.0,
            sliding_window_size=window,
            trained_languages=[],
            libtensorflowlite_c_path=library,
        )
        if model.lib.TfLiteInterpreterAllocateTensors(model.interpreter):
            return {"refused": "TensorFlow Lite cannot prepare it"}
        frontend = law().frontend
        size = model.lib.TfLiteTensorByteSize(model.input_tensor)
        if size != model.stride * frontend.channels:
            return {"refused": f"it wants {size} bytes at once, not frames of {frontend.channels} channels"}
        noise = np.random.default_rng(0).integers(-3000, 3000, int(_SECONDS * frontend.sample_rate_hz), np.int16)
        frames = MicroWakeWordFeatures().process_streaming(noise.tobytes())
        said = [model.process_streaming_prob(frame) for frame in frames][model.stride - 1 :: model.stride]
    except (ValueError, TypeError, OSError, ArithmeticError) as error:
        return {"refused": str(error) or type(error).__name__}
    numbers = [float(one) for one in said if one is not None]
    if len(numbers) != len(said) or not numbers or not all(0 <= one <= 1 for one in numbers):
        return {"refused": "it does not answer with probabilities"}
    return {"probabilities": len(numbers), "highest": max(numbers)}


def _tell(found: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
