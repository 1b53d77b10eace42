"""What the esphome program says to a configuration: whether it accepts it, and the wake words that it builds."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mww_studio.constitution.articles import law
from mww_studio.constitution.manifest import Manifest
from mww_studio.errors import StudioError
from mww_studio.esphome.child import Child, esphome_command
from mww_studio.progress import Progress

VALIDATE_TIMEOUT_S = 120.0
GENERATE_TIMEOUT_S = 300.0
_STRING = r'"(?:[^"\\]|\\.)*"'
_MODEL_LINE = re.compile(
    rf"micro_wake_word::WakeWordModel\(({_STRING}), \w+, (\d+), (\d+), ({_STRING}), (\d+), (true|false), (true|false)\)"
)
_C_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9a-fA-F]{2}|.)", re.DOTALL)


@dataclass(frozen=True)
class ProgramResult:
    """How a run of esphome ended. ``message``: what it says against the file, empty when that is good."""

    ok: bool
    message: str


@dataclass(frozen=True)
class WakeWordModelLine:
    """What esphome generated for one model: exactly what the device will be built with."""

    id: str
    cutoff_byte: int
    sliding_window_size: int
    wake_word: str
    tensor_arena_size: int
    enabled: bool
    internal: bool

    def differences(self, manifest: Manifest) -> list[str]:
        """Where the line says something else than ``manifest``, in words."""
        expected = {
            "cutoff_byte": int(manifest.probability_cutoff * law().detection.cutoff_multiplier),
            "sliding_window_size": manifest.sliding_window_size,
            "wake_word": manifest.wake_word,
            "tensor_arena_size": manifest.tensor_arena_size,
        }
        found = {key: getattr(self, key) for key in expected}
        return [f"{key} is {found[key]!r}, not {expected[key]!r}" for key in expected if found[key] != expected[key]]


def validate(configuration: Path, progress: Progress | None = None) -> ProgramResult:
    """``esphome config`` on ``configuration``, offline.

    Raises StudioError ``esphome.timeout`` or ``esphome.start``, and Cancelled within a fraction of a second.
    """
    with tempfile.TemporaryDirectory(prefix="mww-esphome-") as data:
        return _run(["config", configuration.name], configuration.parent, Path(data), VALIDATE_TIMEOUT_S, progress)


def generate_only(configuration: Path, progress: Progress | None = None) -> list[WakeWordModelLine]:
    """The models in the C++ of ``esphome compile --only-generate``, in order; the first one is on at the first boot.

    Raises StudioError ``esphome.refused`` with esphome's words, and what :func:`validate` raises.
    """
    with tempfile.TemporaryDirectory(prefix="mww-esphome-") as data:
        command = ["compile", "--only-generate", configuration.name]
        with tidy(configuration.parent):
            result = _run(command, configuration.parent, Path(data), GENERATE_TIMEOUT_S, progress)
        if not result.ok:
            raise StudioError(
                "esphome.refused",
                f"ESPHome cannot build {configuration.name}.",
                why=result.message,
                do="Correct what it names, then try again.",
            )
        sources = Path(data).glob("build/*/src/main.cpp")
        return [line for source in sources for line in parse_model_lines(source.read_text("utf-8"))]


@contextmanager
def tidy(folder: Path) -> Iterator[None]:
    """Leave no ``.gitignore`` in a folder that had none: ESPHome writes one there when it generates."""
    ignored = folder / ".gitignore"
    theirs = ignored.exists()
    try:
        yield
    finally:
        if not theirs:
            ignored.unlink(missing_ok=True)


def parse_model_lines(source: str) -> list[WakeWordModelLine]:
    """Every ``WakeWordModel(...)`` that the generated C++ ``source`` makes."""
    return [
        WakeWordModelLine(
            id=_c_string(found[1]),
            cutoff_byte=int(found[2]),
            sliding_window_size=int(found[3]),
            wake_word=_c_string(found[4]),
            tensor_arena_size=int(found[5]),
            enabled=found[6] == "true",
            internal=found[7] == "true",
        )
        for found in _MODEL_LINE.finditer(source)
    ]


def _c_string(literal: str) -> str:
    """The text of a C string literal, whose escapes stand for bytes of UTF-8."""

    def byte(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if code[:1].isdigit():
            return bytes([int(code, 8)])
        if code[:1] == b"x":
            return bytes([int(code[1:], 16)])
        return {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(code, code)

    return _C_ESCAPE.sub(byte, literal[1:-1].encode()).decode()


def _run(arguments: list[str], folder: Path, data: Path, timeout_s: float, progress: Progress | None) -> ProgramResult:
    """Run esphome in ``folder``; what it builds and downloads goes to ``data``, not beside the person's files."""
    with Child(esphome_command(arguments), folder, data) as child:
        said = list(child.lines(progress or Progress(), timeout_s))
        return ProgramResult(child.ok, "" if child.ok else complaint(said))


def complaint(said: Sequence[str]) -> str:
    """What esphome says against the file, of all its lines: from "Failed config" on, else its last words."""
    begins = next((number for number, line in enumerate(said) if "Failed config" in line), None)
    spoken = [line for line in said[(begins or -1) + 1 :] if line.strip() and not line.startswith("INFO")]
    return "\n".join(spoken[-10:] if begins is None else spoken[:40])
