"""How much working memory a model needs: measured with tflite-micro, with the reserve that the law demands."""

import importlib.util
import math
import re
import subprocess
import sys
from pathlib import Path

from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError

_TOTAL = re.compile(rb"Arena allocation total (\d+) bytes")
_PATIENCE_S = 60


def measure_arena_bytes(tflite: Path) -> int | None:
    """The bytes that tflite-micro allocates for the model, or None where tflite-micro is not installed.

    Measured in a child process: a broken model can end the process that loads it. Raises StudioError
    ``arena.unmeasurable`` when tflite-micro refuses the model or dies of it.
    """
    if importlib.util.find_spec("tflite_micro") is None:
        return None
    program = Path(__file__).with_name("arena_program.py")
    command = [sys.executable, "-P", str(program), str(tflite.absolute()), str(law().arena.max_bytes)]
    try:
        child = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise _unmeasurable(tflite, f"It did not finish within {_PATIENCE_S} s.") from error
    except (OSError, ValueError) as error:
        raise _unmeasurable(tflite, str(error)) from error
    total = _TOTAL.search(child.stderr)
    if child.returncode < 0:
        raise _unmeasurable(tflite, f"It died of signal {-child.returncode} while it loaded the model.")
    if child.returncode or total is None:
        last = child.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise _unmeasurable(tflite, *last)
    return int(total.group(1))


def recommended_arena_bytes(total: int) -> int:
    """What the manifest should ask for, when tflite-micro reports ``total`` bytes."""
    rule = law().arena
    return math.ceil(total * rule.safety_factor / rule.alignment_bytes) * rule.alignment_bytes


def _unmeasurable(tflite: Path, why: str = "") -> StudioError:
    return StudioError(
        "arena.unmeasurable",
        f"tflite-micro cannot load {tflite.name}.",
        why=why,
        do="Check the model with `mww-studio verify`; a device would not load it either.",
    )
