"""The law as frozen dataclasses, read from the fenced TOML blocks of ARCHITECTURAL_CONSTITUTION.md.

Nothing here holds a number: a missing, unknown or mistyped key in the document is an error, so the code cannot
contradict the document and the document cannot lose a value that the code needs.
"""

import json
import re
import struct
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from mww_studio.constitution.verdicts import Level
from mww_studio.errors import StudioError
from mww_studio.resources import constitution_file

_EXACT = ConfigDict(strict=True, extra="forbid")
_BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, config=_EXACT)
class Frontend:
    """Audio to feature frames. Durations in ms, bands in Hz."""

    sample_rate_hz: int
    bits_per_sample: int
    microphone_channels: int
    window_ms: int
    step_ms: int
    channels: int
    lower_band_hz: float
    upper_band_hz: float
    smoothing_bits: int
    even_smoothing: float
    odd_smoothing: float
    min_signal_remaining: float
    pcan_enabled: bool
    pcan_strength: float
    pcan_offset: float
    pcan_gain_bits: int
    log_enabled: bool
    log_scale_shift: int
    raw_scale: float
    fingerprint: str

    @property
    def window_samples(self) -> int:
        """Samples in one window."""
        return self.sample_rate_hz * self.window_ms // 1000

    @property
    def step_samples(self) -> int:
        """Samples between the starts of two windows."""
        return self.sample_rate_hz * self.step_ms // 1000


@dataclass(frozen=True, config=_EXACT)
class Quantisation:
    """Feature integers to the model's int8 input: clamp((feature * multiplier + rounding) // divisor + offset)."""

    multiplier: int
    divisor: int
    offset: int
    low: int
    high: int
    training_scale: float

    @property
    def rounding(self) -> int:
        """Half of the divisor, added before the division."""
        return self.divisor // 2


@dataclass(frozen=True, config=_EXACT)
class Input:
    """The model's input tensor."""

    tensors: int
    rank: int
    batch: int
    type: str
    zero_point: int
    scale: float
    read_tolerance: float
    stride: int
    min_stride: int
    max_stride: int


@dataclass(frozen=True, config=_EXACT)
class Output:
    """The model's output tensor: one probability as a byte."""

    tensors: int
    shape: tuple[int, ...]
    type: str
    inner_type: str
    levels: int
    zero_point: int

    @property
    def scale(self) -> float:
        """The probability that one step of the byte is worth."""
        return 1 / self.levels


@dataclass(frozen=True, config=_EXACT)
class Operations:
    """The operations that the firmware knows, in the order in which it registers them."""

    registered: tuple[str, ...]
    tensor_types: tuple[str, ...]
    quantize_count: int


@dataclass(frozen=True, config=_EXACT)
class States:
    """The ring buffers that a streaming model keeps between inferences."""

    max_variables: int
    variable_arena_bytes: int
    type: str
    zero_point: int
    initial_value: int


@dataclass(frozen=True, config=_EXACT)
class Detection:
    """The decision rule."""

    ignore_slices: int
    cutoff_multiplier: int
    min_cutoff_byte: int
    max_cutoff_byte: int
    min_window: int
    max_window: int
    rule_fingerprint: str


@dataclass(frozen=True, config=_EXACT)
class MixedNet:
    """The reference architecture: okay_nabu's."""

    stride: int
    first_conv_filters: int
    first_conv_kernel: int
    pointwise_filters: tuple[int, ...]
    mixconv_kernels: tuple[tuple[int, ...], ...]
    final_frames: int

    @property
    def receptive_field_frames(self) -> int:
        """How many feature frames one output depends on."""
        later = sum(max(kernels) - 1 for kernels in self.mixconv_kernels) + self.final_frames - 1
        return self.first_conv_kernel + self.stride * later


@dataclass(frozen=True, config=_EXACT)
class Arena:
    """The working memory that the manifest asks for."""

    safety_factor: float
    alignment_bytes: int
    max_bytes: int


@dataclass(frozen=True, config=_EXACT)
class Export:
    """The model file."""

    representative_low: float
    representative_high: float
    schema_version: int
    file_identifier: str
    subgraphs: int
    max_model_bytes: int
    max_items: int


@dataclass(frozen=True, config=_EXACT)
class ManifestLaw:
    """The manifest beside the model file."""

    type: str
    version: int
    minimum_esphome_version: str
    reserved_wake_words: tuple[str, ...]
    required_keys: tuple[str, ...]
    optional_keys: tuple[str, ...]
    micro_keys: tuple[str, ...]
    max_bytes: int


@dataclass(frozen=True, config=_EXACT)
class Package:
    """A package and the version that the law was verified with. ``installed``: on this machine, else in firmware."""

    name: str
    version: str
    installed: bool


@dataclass(frozen=True, config=_EXACT)
class OfficialModel:
    """A published model that the law is held against. ``states`` are (frames, channels) in the order of the graph."""

    name: str
    sha256: str
    cutoff: float
    window: int
    arena_bytes: int
    states: tuple[tuple[int, int], ...]


@dataclass(frozen=True, config=_EXACT)
class Reference:
    """Everything that the law was derived from."""

    packages: tuple[Package, ...]
    models: tuple[OfficialModel, ...]
    probabilities_fingerprint: str


@dataclass(frozen=True, config=_EXACT)
class Rule:
    """One sentence that a file is judged by."""

    level: Level
    says: str
    breaks: str


@dataclass(frozen=True, config=_EXACT)
class Law:
    """The whole constitution."""

    frontend: Frontend
    quantisation: Quantisation
    input: Input
    output: Output
    operations: Operations
    states: States
    detection: Detection
    mixednet: MixedNet
    arena: Arena
    export: Export
    manifest: ManifestLaw
    reference: Reference
    rules: dict[str, Rule]


@dataclass(frozen=True)
class Origin:
    """A value as it stands in the document, with its source; ``is_rederived``: `constitution verify` can prove it."""

    article: str
    value: Any
    level: Level
    source: str
    is_rederived: bool


@dataclass(frozen=True, config=_EXACT)
class _Block:
    """One fenced block: values that share an article, a level, a source and a way of verification; or rules."""

    article: str
    level: Level
    source: str
    verified: str
    values: dict[str, Any]


@dataclass(frozen=True, config=_EXACT)
class _RuleBlock:
    rules: dict[str, Rule]


@lru_cache(maxsize=1)
def law() -> Law:
    """The law, read once. Raises StudioError ``constitution.invalid`` when the document is damaged."""
    return read_law(constitution_text())


def constitution_text() -> str:
    """The document itself, as Markdown."""
    path = constitution_file()
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _invalid(f"{path} cannot be read: {error}") from error


def origins() -> dict[str, Origin]:
    """For every value of the document, as ``article.key``, where it comes from."""
    return {
        f"{block.article}.{key}": Origin(
            block.article, value, block.level, block.source, block.verified.endswith("re-derived")
        )
        for block in _blocks(constitution_text())
        if isinstance(block, _Block)
        for key, value in block.values.items()
    }


def read_law(text: str) -> Law:
    """The law from the Markdown ``text``. Raises StudioError ``constitution.invalid`` naming the key at fault."""
    articles: dict[str, dict[str, Any]] = {}
    rules: dict[str, Rule] = {}
    for block in _blocks(text):
        if isinstance(block, _RuleBlock):
            _merge(rules, block.rules, "rules")
        else:
            _merge(articles.setdefault(block.article, {}), block.values, block.article)
    try:
        _derive(articles)
        content = json.dumps({**articles, "rules": {code: vars(rule) for code, rule in rules.items()}})
        return TypeAdapter(Law).validate_json(content)
    except (KeyError, TypeError, ValueError) as error:
        raise _invalid(_explain(error)) from error


def _derive(articles: dict[str, dict[str, Any]]) -> None:
    """Fill in what follows from other articles, so that the document need not repeat a number."""
    quantisation, export = articles["quantisation"], articles["export"]
    span = export["representative_high"] - export["representative_low"]
    derived = {
        ("quantisation", "training_scale"): span / (quantisation["high"] - quantisation["low"]),
        ("mixednet", "stride"): articles["input"]["stride"],
        ("reference", "packages"): [vars(package) for package in _packages(articles["packages"])],
    }
    derived["input", "scale"] = struct.unpack("<f", struct.pack("<f", derived["quantisation", "training_scale"]))[0]
    del articles["packages"]
    for (article, key), value in derived.items():
        _merge(articles.setdefault(article, {}), {key: value}, article)


def _packages(groups: dict[str, Any]) -> Iterator[Package]:
    for group, versions in groups.items():
        for name, version in versions.items():
            yield Package(name=name, version=version, installed=group == "installed")


def _blocks(text: str) -> list[_Block | _RuleBlock]:
    found: list[_Block | _RuleBlock] = []
    for match in _BLOCK.finditer(text.replace("\r\n", "\n")):
        line = text.count("\n", 0, match.start()) + 1
        try:
            content = json.dumps(tomllib.loads(match.group(1)))
            kind: type[_Block | _RuleBlock] = _RuleBlock if content.startswith('{"rules"') else _Block
            found.append(TypeAdapter(kind).validate_json(content))
        except (TypeError, ValueError) as error:
            raise _invalid(f"Line {line}: {_explain(error)}") from error
    return found


def _merge(into: dict[str, Any], more: dict[str, Any], article: str) -> None:
    for key, value in more.items():
        if key in into:
            raise _invalid(f"{article}.{key} stands twice.")
        into[key] = value


def _explain(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors())
    return f"article or key {error} is missing" if isinstance(error, KeyError) else str(error)


def _invalid(why: str) -> StudioError:
    return StudioError(
        "constitution.invalid",
        "ARCHITECTURAL_CONSTITUTION.md cannot be used.",
        why=why,
        do="Restore the file from the program's release, or correct the block that is named.",
    )
