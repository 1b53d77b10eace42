"""What the official models, the frontend and the interpreter that are installed say, by reading and running them."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pymicro_features import MicroFrontend

from mww_studio.constitution.articles import law
from mww_studio.constitution.derive_esphome import NotFoundError, Value
from mww_studio.constitution.flatbuffer import BrokenModelError, ModelFile, Subgraph, Tensor, parse_model

_SOUND_SECONDS = 3
_LOUDNESS_STEPS = 12


@dataclass(frozen=True)
class Official:
    """A published model with its manifest."""

    name: str
    content: bytes
    manifest: dict[str, Any]
    model: ModelFile


def read_official(folder: Path) -> list[Official]:
    """The models in ``folder``, by name. Raises NotFoundError where one cannot be read."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            content = path.with_suffix(".tflite").read_bytes()
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(Official(path.stem, content, manifest, parse_model(content)))
        except (OSError, ValueError, BrokenModelError) as error:
            raise NotFoundError(f"{path.stem} cannot be read: {error}") from error
    return found


def derive_models(models: list[Official]) -> Iterator[tuple[str, Value]]:
    """Every value of the law that the official models agree on."""
    agreed: dict[str, Callable[[Official], Value]] = {
        "frontend.step_ms": lambda one: one.manifest["micro"]["feature_step_size"],
        "manifest.minimum_esphome_version": lambda one: one.manifest["micro"]["minimum_esphome_version"],
        "export.schema_version": lambda one: one.model.schema_version,
        "export.file_identifier": lambda one: one.content[4:8].decode("ascii", "replace"),
        "export.subgraphs": lambda one: len(one.model.subgraphs),
        "input.tensors": lambda one: len(_main(one).inputs),
        "input.stride": lambda one: _input(one).shape[1],
        "input.zero_point": lambda one: _only(_input(one).zero_points),
        "input.scale": lambda one: _only(_input(one).scales),
        "output.tensors": lambda one: len(_main(one).outputs),
        "output.levels": lambda one: 1 / _only(_output(one).scales),
        "output.zero_point": lambda one: _only(_output(one).zero_points),
        "output.inner_type": _inner_type,
        "operations.quantize_count": lambda one: [step.name for step in _main(one).operators].count("QUANTIZE"),
        "states.type": lambda one: _only({state.type for state in _states(one)}),
        "states.zero_point": lambda one: _only({point for state in _states(one) for point in state.zero_points}),
        "states.initial_value": lambda one: _only({byte - 256 for state in _states(one) for byte in state.data}),
    }
    for key, derive in agreed.items():
        yield key, _agreement({one.name: _attempt(derive, one) for one in models})
    types = {tensor.type for one in models for graph in one.model.subgraphs for tensor in graph.tensors}
    yield "operations.tensor_types", sorted(types)
    yield from _mixednet(models)
    yield "reference.models", [_attempt(_reference, one) for one in models]


def derive_frontend() -> Iterator[tuple[str, Value]]:
    """The frontend's scale and fingerprint, by listening to the known sound."""
    features = _listen(known_sound())
    steps = np.diff(np.unique(features))
    scale = float(steps.min()) if steps.size else float("nan")
    yield "frontend.raw_scale", scale
    integers = np.rint(features / scale)
    whole = bool(np.array_equal(integers * scale, features))
    digest = hashlib.sha256(integers.astype("<u2").tobytes()).hexdigest()
    yield "frontend.fingerprint", digest if whole else NotFoundError("the features are no multiples of one scale")


def derive_probabilities(models: list[Official]) -> str:
    """SHA-256 of what tflite-micro hears in the known sound with every model. Raises ImportError without it."""
    from tflite_micro.python.tflite_micro import runtime

    rule, stride, arena = law().quantisation, law().input.stride, law().arena.max_bytes
    features = np.rint(_listen(known_sound()) / law().frontend.raw_scale).astype(np.int64)
    scaled = (features * rule.multiplier + rule.rounding) // rule.divisor + rule.offset
    inputs = np.clip(scaled, rule.low, rule.high).astype(np.int8)
    digest = hashlib.sha256()
    for one in models:
        interpreter = runtime.Interpreter.from_bytes(one.content, arena_size=arena)
        for start in range(0, len(inputs) - stride + 1, stride):
            interpreter.set_input(inputs[None, start : start + stride], 0)
            interpreter.invoke()
            digest.update(interpreter.get_output(0).tobytes())
    return digest.hexdigest()


def known_sound() -> npt.NDArray[np.int16]:
    """A sawtooth that rises in pitch and, step by step, in loudness. int16 [samples], the same on every machine."""
    samples = _SOUND_SECONDS * law().frontend.sample_rate_hz
    time = np.arange(samples, dtype=np.int64)
    sawtooth = time * time // 64 * 5 % 2**16 - 2**15
    return (sawtooth >> (_LOUDNESS_STEPS - 1 - time // (samples // _LOUDNESS_STEPS))).astype(np.int16)


def _listen(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    frontend, step = MicroFrontend(), law().frontend.step_samples
    rows = []
    for start in range(0, len(pcm) - step + 1, step):
        result = frontend.process_samples(pcm[start : start + step].astype("<i2").tobytes())
        if result.features:
            rows.append(result.features)
    return np.array(rows, np.float64)


def _mixednet(models: list[Official]) -> Iterator[tuple[str, Value]]:
    """The architecture of the first convolutions, blocks and final layer of okay_nabu."""
    reference = next((one for one in models if one.name == "okay_nabu"), None)
    if reference is None:
        return
    graph = _main(reference)
    first: tuple[int, ...] = ()
    kernels: list[list[int]] = [[]]
    filters: list[int] = []
    for operator in graph.operators:
        shape = graph.tensors[operator.inputs[1]].shape if len(operator.inputs) > 1 else ()
        if operator.name == "CONV_2D" and not first:
            first = shape
        elif operator.name == "CONV_2D":
            filters.append(shape[0])
            kernels.append([])
        elif operator.name == "DEPTHWISE_CONV_2D":
            kernels[-1].append(shape[1])
        elif operator.name == "FULLY_CONNECTED":
            yield "mixednet.final_frames", shape[1] // filters[-1]
    yield "mixednet.first_conv_filters", first[0]
    yield "mixednet.first_conv_kernel", first[1]
    yield "mixednet.pointwise_filters", filters
    yield "mixednet.mixconv_kernels", kernels[:-1]


def _reference(one: Official) -> Value:
    micro = one.manifest["micro"]
    graph = _main(one)
    kept = {operator.outputs[0] for operator in graph.operators if operator.name == "READ_VARIABLE"}
    states = [
        [graph.tensors[index].shape[1], graph.tensors[index].shape[3]]
        for operator in graph.operators
        if operator.name == "CONCATENATION"
        for index in operator.inputs
        if index in kept
    ]
    return {
        "name": one.name,
        "sha256": hashlib.sha256(one.content).hexdigest(),
        "cutoff": micro["probability_cutoff"],
        "window": micro["sliding_window_size"],
        "arena_bytes": micro["tensor_arena_size"],
        "states": states,
    }


def _main(one: Official) -> Subgraph:
    return one.model.subgraphs[0]


def _input(one: Official) -> Tensor:
    return _main(one).tensors[_main(one).inputs[0]]


def _output(one: Official) -> Tensor:
    return _main(one).tensors[_main(one).outputs[0]]


def _inner_type(one: Official) -> Value:
    graph = _main(one)
    last = next(step for step in graph.operators if step.name == "QUANTIZE" and step.outputs[0] == graph.outputs[0])
    return graph.tensors[last.inputs[0]].type


def _states(one: Official) -> list[Tensor]:
    """The constants that the second subgraph assigns."""
    graph = one.model.subgraphs[1]
    return [graph.tensors[step.inputs[1]] for step in graph.operators if step.name == "ASSIGN_VARIABLE"]


def _only(values: Any) -> Any:
    (value,) = values
    return value


def _attempt(derive: Callable[[Official], Value], one: Official) -> Value:
    try:
        return derive(one)
    except (ValueError, KeyError, IndexError, TypeError, StopIteration) as error:
        return NotFoundError(f"{one.name}: {error!r}")


def _agreement(found: dict[str, Value]) -> Value:
    values = list(found.values())
    if not values:
        return NotFoundError("no official models are installed")
    if all(value == values[0] for value in values):
        return values[0]
    return NotFoundError("the models differ: " + ", ".join(f"{name} {value}" for name, value in found.items()))
