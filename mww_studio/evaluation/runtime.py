"""Runs a shipped model as the device would, by the fastest means that is proven to give the device's own bytes."""

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mww_studio.constitution.articles import law
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Outcome
from mww_studio.corpus.features import Features, quantise
from mww_studio.errors import StudioError
from mww_studio.evaluation.detector import Probabilities
from mww_studio.evaluation.exact_int8 import ExactInt8
from mww_studio.evaluation.int8_graph import UnsupportedModelError
from mww_studio.progress import Progress

PROVEN = "exact int8, proven against tflite-micro"
UNCOMPARED = "exact int8 (tflite-micro is not installed here to compare with)"
TFLITE_MICRO = "tflite-micro"
LITERT = "LiteRT reference kernels (not bit-exact)"

_COMPARED_STEPS = 500
_SHOWN = 200


# Frames (uint16 [stride, channels]) in, the probability's byte out.
Step = Callable[[Features], int]
# The same with frames as the model's input has them: int8 [1, stride, channels].
QuantisedStep = Callable[[npt.NDArray[np.int8]], int]


class Runtime(Protocol):
    """A loaded model. ``name`` says what runs it; ``stride``: frames a probability."""

    name: str
    stride: int

    def run(self, recordings: Sequence[Features]) -> list[Probabilities]:
        """Probabilities (uint8 [frames // stride]) of recordings (uint16 [frames, channels]).

        Every recording meets a model in its reset state; frames left over at its end are dropped.
        """

    def stepper(self) -> Step:
        """A model in its reset state that is fed step by step, with the same results. Any number may be in use."""


def load_runtime(tflite: Path, progress: Progress | None = None) -> Runtime:
    """The best runtime that this computer has for a model; ``progress`` is told where that is not the fast exact one.

    Raises StudioError ``model.invalid`` for a file that a device would not load.
    """
    broken = [verdict for verdict in check_model(tflite, ours=False) if verdict.outcome is Outcome.FAIL]
    if broken:
        raise StudioError(
            "model.invalid",
            f"{tflite.name} is no model that a device would run.",
            why=f"{broken[0].rule}: found {broken[0].found}, expected {broken[0].expected}.",
            do=f"See `mww-studio verify {tflite.name}`.",
        )
    content = tflite.read_bytes()
    micro = TfliteMicro(content) if importlib.util.find_spec("tflite_micro") else None
    try:
        exact = ExactRuntime(content, UNCOMPARED if micro is None else PROVEN)
    except UnsupportedModelError as error:
        reason = f"cannot run {tflite.name} ({' '.join(str(error).split())[:_SHOWN].rstrip('.')})"
        return _instead(micro or LiteRt(content), reason, progress)
    if micro is not None and not _agree(exact, micro):
        return _instead(micro, f"and tflite-micro say different things of {tflite.name}", progress)
    return exact


def _instead(runtime: Runtime, reason: str, progress: Progress | None) -> Runtime:
    """``runtime``, after saying what it does in the place of the exact one, and at which price."""
    if progress is not None:
        price = "may differ from the device a little" if runtime.name == LITERT else "is exact but much slower"
        progress.log(f"The fast exact runtime {reason}, so it runs with {runtime.name}, which {price}.")
    return runtime


class ExactRuntime:
    """Whole recordings at once."""

    def __init__(self, content: bytes, name: str) -> None:
        self._model = ExactInt8(content)
        self.name = name
        self.stride = self._model.stride

    def run(self, recordings: Sequence[Features]) -> list[Probabilities]:
        """See :class:`Runtime`."""
        return self._model.run(recordings)

    def stepper(self) -> Step:
        """See :class:`Runtime`."""
        return self._model.stepper()


class TfliteMicro:
    """The device's own kernels, step by step."""

    name = TFLITE_MICRO

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.stride = int(self._interpreter().get_input_details(0)["shape"][1])

    def run(self, recordings: Sequence[Features]) -> list[Probabilities]:
        """See :class:`Runtime`."""
        return [_stepped(self._stepper(), recording, self.stride) for recording in recordings]

    def stepper(self) -> Step:
        """See :class:`Runtime`."""
        step = self._stepper()
        return lambda frames: step(quantise(frames)[None])

    def _stepper(self) -> QuantisedStep:
        interpreter = self._interpreter()

        def step(frames: npt.NDArray[np.int8]) -> int:
            interpreter.set_input(frames, 0)
            interpreter.invoke()
            return int(interpreter.get_output(0).item())

        return step

    def _interpreter(self) -> Any:
        from tflite_micro.python.tflite_micro.runtime import Interpreter

        return Interpreter.from_bytes(self._content)


class LiteRt:
    """LiteRT's reference kernels, which round some values in another way than the device."""

    name = LITERT

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.stride = int(self._interpreter().get_input_details()[0]["shape"][1])

    def run(self, recordings: Sequence[Features]) -> list[Probabilities]:
        """See :class:`Runtime`."""
        return [_stepped(self._stepper(), recording, self.stride) for recording in recordings]

    def stepper(self) -> Step:
        """See :class:`Runtime`."""
        step = self._stepper()
        return lambda frames: step(quantise(frames)[None])

    def _stepper(self) -> QuantisedStep:
        interpreter = self._interpreter()  # a reset would leave the state variables as they are
        source = interpreter.get_input_details()[0]["index"]
        target = interpreter.get_output_details()[0]["index"]

        def step(frames: npt.NDArray[np.int8]) -> int:
            interpreter.set_tensor(source, frames)
            interpreter.invoke()
            return int(interpreter.get_tensor(target).item())

        return step

    def _interpreter(self) -> Any:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        kernels = OpResolverType.BUILTIN_REF
        interpreter = Interpreter(model_content=self._content, experimental_op_resolver_type=kernels, num_threads=1)
        interpreter.allocate_tensors()
        return interpreter


def _stepped(step: QuantisedStep, recording: Features, stride: int) -> Probabilities:
    steps = len(recording) // stride
    inputs = quantise(recording[: steps * stride]).reshape(steps, 1, stride, -1)
    return np.array([step(frames) for frames in inputs], np.uint8)


def _agree(exact: ExactRuntime, micro: TfliteMicro) -> bool:
    """Whether both give the same bytes for features that reach every value and drift as sounds do."""
    rng = np.random.default_rng(0)
    channels = law().frontend.channels
    frames = np.arange(_COMPARED_STEPS * exact.stride)[:, None]
    loudness = 330 + 330 * np.sin(frames / 40)
    tilt = np.sin(frames / 23 + rng.uniform(0, 6, channels))
    features = np.clip(loudness + 150 * tilt + rng.normal(0, 30, (len(frames), channels)), 0, 700).astype(np.uint16)
    return all(np.array_equal(a, b) for a, b in zip(exact.run([features]), micro.run([features]), strict=True))
