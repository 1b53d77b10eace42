"""What ESPHome's own sources say, read as text: nothing of ESPHome is imported or run."""

import ast
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from ai_edge_litert.schema_py_generated import BuiltinOperator

Value = object
"""A derived value: what TOML can hold, or the NotFoundError that stands for it."""

T = TypeVar("T")

_SETTINGS: dict[str, tuple[str, Callable[[str], Value]]] = {
    "frontend.channels": ("PREPROCESSOR_FEATURE_SIZE", int),
    "frontend.window_ms": ("FEATURE_DURATION_MS", int),
    "frontend.lower_band_hz": ("FILTERBANK_LOWER_BAND_LIMIT", float),
    "frontend.upper_band_hz": ("FILTERBANK_UPPER_BAND_LIMIT", float),
    "frontend.smoothing_bits": ("NOISE_REDUCTION_SMOOTHING_BITS", int),
    "frontend.even_smoothing": ("NOISE_REDUCTION_EVEN_SMOOTHING", float),
    "frontend.odd_smoothing": ("NOISE_REDUCTION_ODD_SMOOTHING", float),
    "frontend.min_signal_remaining": ("NOISE_REDUCTION_MIN_SIGNAL_REMAINING", float),
    "frontend.pcan_enabled": ("PCAN_GAIN_CONTROL_ENABLE_PCAN", "true".__eq__),
    "frontend.pcan_strength": ("PCAN_GAIN_CONTROL_STRENGTH", float),
    "frontend.pcan_offset": ("PCAN_GAIN_CONTROL_OFFSET", float),
    "frontend.pcan_gain_bits": ("PCAN_GAIN_CONTROL_GAIN_BITS", int),
    "frontend.log_enabled": ("LOG_SCALE_ENABLE_LOG", "true".__eq__),
    "frontend.log_scale_shift": ("LOG_SCALE_SCALE_SHIFT", int),
}
_LIMITS = {"INT8_MIN": -128, "INT8_MAX": 127}
_RULE_FUNCTIONS = (
    ("streaming_model.cpp", "StreamingModel::perform_streaming_inference"),
    ("streaming_model.cpp", "StreamingModel::reset_probabilities"),
    ("streaming_model.cpp", "WakeWordModel::determine_detected"),
    ("micro_wake_word.cpp", "MicroWakeWord::generate_features_"),
    ("micro_wake_word.cpp", "MicroWakeWord::process_probabilities_"),
)
_OPERATIONS = {
    name.replace("_", "").lower(): name for name, code in vars(BuiltinOperator).items() if isinstance(code, int)
}


class NotFoundError(Exception):
    """A source no longer says what it said; the message tells what was looked for and where."""


def derive_esphome(package: Path) -> Iterator[tuple[str, Value]]:
    """Every value of the law that ``package``, the folder of the installed esphome, states.

    A value that a source no longer states is a NotFoundError in its place. Raises one where a Python file is missing.
    """
    component = package / "components" / "micro_wake_word"
    parts = (_settings, _streaming_model, _features, _component)
    for part in parts:
        yield from part(component)
    yield from _manifest(package)
    yield "detection.rule_fingerprint", _attempt(lambda: _rule_fingerprint(component))


def device_packages(package: Path) -> dict[str, str]:
    """The libraries that ESPHome pins for the firmware, with their versions; empty where it cannot be read."""
    try:
        text = _text(package / "components" / "micro_wake_word" / "__init__.py")
    except NotFoundError:
        return {}
    return dict(re.findall(r'add_idf_component\(name="([^"]+)", ref="([^"]+)"\)', text))


def _settings(component: Path) -> Iterator[tuple[str, Value]]:
    path = component / "preprocessor_settings.h"
    for key, (name, kind) in _SETTINGS.items():
        yield key, _find(path, rf"\b{name} = ([^;]+);", kind)


def _streaming_model(component: Path) -> Iterator[tuple[str, Value]]:
    code, header = component / "streaming_model.cpp", component / "streaming_model.h"
    yield "input.rank", _find(code, r"input->dims->size != (\d+)", int)
    yield "input.batch", _find(code, r"input->dims->data\[0\] != (\d+)", int)
    yield "input.type", _find(code, r"input->type != kTfLite(\w+)", str.upper)
    yield "input.max_stride", _find(code, r"uint(\d+)_t stride = ", lambda bits: 2 ** int(bits) - 1)
    yield "input.min_stride", _find(code, r"current_stride_step_ (%) stride", lambda _: 1)
    yield "output.shape", _attempt(lambda: _output_shape(code))
    yield "output.type", _find(code, r"output->type != kTfLite(\w+)", str.upper)
    yield "operations.registered", _attempt(lambda: _registered(code))
    yield "states.max_variables", _find(code, r"MicroResourceVariables::Create\(this->ma_, (\d+)\)", int)
    yield "states.variable_arena_bytes", _find(header, r"STREAMING_MODEL_VARIABLE_ARENA_SIZE = (\d+)", int)
    yield "detection.ignore_slices", _find(header, r"MIN_SLICES_BEFORE_DETECTION = (\d+)", int)
    yield "arena.alignment_bytes", _find(code, r"tensor_arena_size_ \+ (\d+)\) & ~\1", lambda mask: int(mask) + 1)


def _features(component: Path) -> Iterator[tuple[str, Value]]:
    path = component / "micro_wake_word.cpp"
    yield "quantisation.multiplier", _find(path, r"value_scale = (\d+);", int)
    yield "quantisation.divisor", _find(path, r"value_div = (\d+);(?=.*\(value_div / 2\)\) / value_div;)", int)
    yield "quantisation.offset", _find(path, r"value \+= (\w+);", _LIMITS.get)
    yield "quantisation.low", _find(path, r"clamp<int32_t>\(value, (\w+), \w+\)", _LIMITS.get)
    yield "quantisation.high", _find(path, r"clamp<int32_t>\(value, \w+, (\w+)\)", _LIMITS.get)
    yield "export.representative_low", _find(path, r"rough range of ([\d.]+) to [\d.]+\.\s", float)
    yield "export.representative_high", _find(path, r"rough range of [\d.]+ to ([\d.]+)\.\s", float)


def _component(component: Path) -> Iterator[tuple[str, Value]]:
    path = component / "__init__.py"
    yield "frontend.sample_rate_hz", _find(path, r"sample_rate=(\d+)", int)
    yield "frontend.bits_per_sample", _find(path, r"max_bits_per_sample=(\d+)", int)
    yield "frontend.microphone_channels", _find(path, r"max_channels=(\d+)", int)
    yield "detection.cutoff_multiplier", _find(path, r"int\(probability_cutoff \* (\d+)\)", int)
    yield "manifest.reserved_wake_words", _find(path, r'manifest\[KEY_WAKE_WORD\] == "([^"]+)"', lambda word: [word])


def _output_shape(path: Path) -> list[int]:
    text = _text(path)
    sizes = [int(size) for size in re.findall(r"output->dims->data\[\d\] != (\d+)", text)]
    rank = re.search(r"output->dims->size != (\d+)", text)
    if rank is None or int(rank[1]) != len(sizes):
        raise NotFoundError(f"the check of the output's shape is not in {path.name}")
    return sizes


def _registered(path: Path) -> list[str]:
    text = _text(path)
    names = re.findall(r"op_resolver\.Add(\w+)\(\)", text)
    slots = re.search(r"MicroMutableOpResolver<(\d+)>", text)
    if not names or slots is None or int(slots[1]) != len(names):
        raise NotFoundError(f"a resolver with as many slots as operations is not in {path.name}")
    return [_OPERATIONS.get(name.lower(), name) for name in names]


def _rule_fingerprint(component: Path) -> str:
    """SHA-256 of the functions that quantise and decide, without comments and white space."""
    digest = hashlib.sha256()
    for file, function in _RULE_FUNCTIONS:
        text = _text(component / file)
        body = re.search(rf"^\S[^\n]*\b{function}\(.*?^\}}", text, re.MULTILINE | re.DOTALL)
        if body is None:
            raise NotFoundError(f"{function} is not in {file}")
        bare = re.sub(r"//[^\n]*", "", body[0])
        digest.update("".join(bare.split()).encode())
    return digest.hexdigest()


def _manifest(package: Path) -> Iterator[tuple[str, Value]]:
    """The manifest's schema, from the syntax tree of the component's Python file."""
    path = package / "components" / "micro_wake_word" / "__init__.py"
    names = dict(
        re.findall(r'^((?:CONF|KEY)_\w+) = "([^"]*)"', _text(package / "const.py") + _text(path), re.MULTILINE)
    )
    outer = _attempt(lambda: _schema(path, names))
    if isinstance(outer, NotFoundError):
        yield "manifest.required_keys", outer
        return
    yield "manifest.required_keys", [key for (need, key), _ in outer.items() if need == "Required"]
    yield "manifest.optional_keys", [key for (need, key), _ in outer.items() if need == "Optional"]
    yield "manifest.type", _constant(outer.get(("Required", "type")))
    yield "manifest.version", _constant(outer.get(("Required", "version")))
    inner = outer.get(("Required", "micro"))
    fields = _fields(inner, names) if inner is not None else {}
    yield "manifest.micro_keys", [key for need, key in fields if need == "Required"]


_Fields = dict[tuple[str, str], ast.expr]


def _schema(path: Path, names: dict[str, str]) -> _Fields:
    for node in ast.parse(_text(path)).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MANIFEST_SCHEMA_V2":
            return _fields(node.value, names)
    raise NotFoundError(f"MANIFEST_SCHEMA_V2 is not in {path.name}")


def _fields(node: ast.expr, names: dict[str, str]) -> _Fields:
    """``cv.Schema({cv.Required(NAME): validator, ...})`` as {(need, key): validator}."""
    fields: _Fields = {}
    table = node.args[0] if isinstance(node, ast.Call) and node.args else node
    if isinstance(table, ast.Dict):
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Call) and isinstance(key.func, ast.Attribute):
                name = ast.unparse(key.args[0])
                fields[key.func.attr, names.get(name, name)] = value
    return fields


def _constant(node: ast.expr | None) -> Value:
    """The constant in a validator: the whole of it, or the last argument of ``cv.All``."""
    last = node.args[-1] if isinstance(node, ast.Call) and node.args else node
    return last.value if isinstance(last, ast.Constant) else NotFoundError("no constant in MANIFEST_SCHEMA_V2")


def _find(path: Path, pattern: str, convert: Callable[[str], Value]) -> Value:
    """The one thing that all matches of ``pattern`` in the file say."""

    def search() -> Value:
        found = set(re.findall(pattern, re.sub(r"\s*//\s?", " ", _text(path)), re.DOTALL))
        if len(found) != 1:
            raise NotFoundError(f"{path.name} says {sorted(found)} where one value was expected")
        return convert(found.pop())

    return _attempt(search)


def _attempt(derive: Callable[[], T]) -> T | NotFoundError:
    try:
        return derive()
    except NotFoundError as error:
        return error
    except (ValueError, SyntaxError) as error:
        return NotFoundError(str(error))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFoundError(f"{path.name} cannot be read: {error.strerror}") from error
