"""The manifest beside a model: read, written and judged by the law, which is stricter than ESPHome's own check."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import urlparse

from mww_studio.constitution.articles import law
from mww_studio.constitution.judge import Judge
from mww_studio.constitution.verdicts import Outcome, Verdict, failed
from mww_studio.durable import write_durably
from mww_studio.errors import StudioError

_SHOWN = 80
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-.]?[0-9A-Za-z]+)?")


@dataclass(frozen=True)
class Manifest:
    """What ESPHome is told about a model. Sizes in bytes, the feature step in ms, the cut-off as a probability."""

    wake_word: str
    author: str
    model: str
    trained_languages: tuple[str, ...]
    probability_cutoff: float
    sliding_window_size: int
    feature_step_size: int
    tensor_arena_size: int
    minimum_esphome_version: str
    website: str | None = None

    def model_path(self, base: Path) -> Path:
        """The model file of the manifest that lies in the folder ``base``."""
        return base / self.model


@dataclass(frozen=True)
class Glance:
    """What of a manifest can be used although other parts of it break the law; None where that part itself does.

    ``model``: a plain name of a file that lies there.
    """

    wake_word: str | None = None
    author: str | None = None
    website: str | None = None
    trained_languages: tuple[str, ...] | None = None
    model: str | None = None
    probability_cutoff: float | None = None
    sliding_window_size: int | None = None
    tensor_arena_size: int | None = None
    minimum_esphome_version: str | None = None


def glance_at(path: Path) -> Glance:
    """What of the manifest in ``path`` can be used. Never raises for a bad file."""
    judge = Judge(ours=False)
    content = _content(path, judge)
    if content is None:
        return Glance()
    _judge_content(content, judge)
    _judge_model_file(content.get("model"), path.parent, judge)
    bad = {verdict.rule for verdict in judge.verdicts if verdict.outcome is Outcome.FAIL}
    micro = content["micro"] if isinstance(content.get("micro"), dict) else {}

    def kept(rule: str, key: str, where: dict[str, Any]) -> Any:
        return None if f"manifest.{rule}" in bad else where.get(key)

    languages = kept("languages", "trained_languages", content)
    return Glance(
        wake_word=kept("wake-word", "wake_word", content),
        author=kept("author", "author", content),
        website=kept("website", "website", content),
        trained_languages=None if languages is None else tuple(languages),
        model=None if "manifest.model-file" in bad else kept("model", "model", content),
        probability_cutoff=kept("cutoff", "probability_cutoff", micro),
        sliding_window_size=kept("window", "sliding_window_size", micro),
        tensor_arena_size=kept("arena", "tensor_arena_size", micro),
        minimum_esphome_version=kept("minimum-version", "minimum_esphome_version", micro),
    )


def read_manifest(path: Path, *, vad: bool = False) -> Manifest:
    """The manifest in ``path``; ``vad``: of a voice activity model, whose wake word is the reserved one.

    Raises StudioError ``manifest.invalid`` naming the key that breaks the law.
    """
    judge = Judge(ours=False)
    content = _content(path, judge)
    if content is not None:
        _judge_content(content, judge, vad=vad)
    if content is None or failed(judge.verdicts):
        raise _refusal(
            judge.verdicts, f"{path.name} is no usable microWakeWord manifest.", "Choose another, or correct it."
        )
    micro = content["micro"]
    return Manifest(
        wake_word=content["wake_word"],
        author=content["author"],
        model=content["model"],
        trained_languages=tuple(content["trained_languages"]),
        probability_cutoff=float(micro["probability_cutoff"]),
        sliding_window_size=micro["sliding_window_size"],
        feature_step_size=micro["feature_step_size"],
        tensor_arena_size=micro["tensor_arena_size"],
        minimum_esphome_version=micro["minimum_esphome_version"],
        website=content.get("website"),
    )


def check_manifest(path: Path, *, vad: bool = False) -> list[Verdict]:
    """Every rule of the law that concerns a manifest, or a voice activity model's. Never raises for a bad file."""
    judge = Judge(ours=False)
    content = _content(path, judge)
    if content is not None:
        _judge_content(content, judge, vad=vad)
        _judge_model_file(content.get("model"), path.parent, judge)
    return judge.verdicts


def write_manifest(manifest: Manifest, path: Path, *, vad: bool = False) -> None:
    """Write ``manifest`` atomically; ``vad``: it is a voice activity model's.

    Raises StudioError ``manifest.invalid`` where it breaks the law, and then there is no file.
    """
    micro = {
        "feature_step_size": manifest.feature_step_size,
        "tensor_arena_size": manifest.tensor_arena_size,
        "probability_cutoff": manifest.probability_cutoff,
        "sliding_window_size": manifest.sliding_window_size,
        "minimum_esphome_version": manifest.minimum_esphome_version,
    }
    content: dict[str, Any] = {
        "type": law().manifest.type,
        "wake_word": manifest.wake_word,
        "author": manifest.author,
        **({"website": manifest.website} if manifest.website is not None else {}),
        "model": manifest.model,
        "trained_languages": list(manifest.trained_languages),
        "version": law().manifest.version,
        "micro": micro,
    }
    judge = Judge(ours=True)
    _judge_content(content, judge, vad=vad)
    if failed(judge.verdicts):
        raise _refusal(
            judge.verdicts, f"{path.name} cannot be written.", "Change the setting that is named and try again."
        )
    write_durably(path, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def _refusal(verdicts: list[Verdict], what: str, do: str) -> StudioError:
    broken = next(verdict for verdict in verdicts if verdict.outcome is Outcome.FAIL)
    says = law().rules[broken.rule].says
    why = f"{says} Found ({broken.rule}): {broken.found}. Expected: {broken.expected}."
    return StudioError("manifest.invalid", what, why=why, do=do)


def _content(path: Path, judge: Judge) -> dict[str, Any] | None:
    """The JSON object in ``path``, or None after the verdict that says why there is none."""
    limit = law().manifest.max_bytes
    try:
        size = path.stat().st_size if path.is_file() else -1
        holds = 0 < size <= limit
        text = b""
        if holds:
            with path.open("rb") as file:
                text = file.read(limit)  # it may grow while it is read
        found = f"{size:,} bytes" if size >= 0 else "no such file"
    except (OSError, ValueError) as error:
        holds, text, found = False, b"", f"unreadable: {error}"
    if not judge.rule("manifest.file", holds, found, f"a file of 1 to {limit:,} bytes"):
        return None
    judge.rule("manifest.name", path.name.endswith(".json"), path.name, "a name that ends in .json")
    try:
        content = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
        found = "an object" if isinstance(content, dict) else f"a {type(content).__name__}"
    except (ValueError, RecursionError) as error:
        content, found = None, str(error)
    if not judge.rule("manifest.json", isinstance(content, dict), found, "one JSON object"):
        return None
    return dict(content)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key stands twice")
    return content


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _judge_content(content: dict[str, Any], judge: Judge, *, vad: bool = False) -> None:
    rules = law().manifest
    micro = content.get("micro")
    inner = micro if isinstance(micro, dict) else {}
    missing = [key for key in rules.required_keys if key not in content]
    missing += [f"micro.{key}" for key in rules.micro_keys if key not in inner]
    unknown = [key for key in content if key not in {*rules.required_keys, *rules.optional_keys}]
    unknown += [f"micro.{key}" for key in inner if key not in rules.micro_keys]
    found = "; ".join([f"{key} is missing" for key in missing] + [f"{_plain(key)} is unknown" for key in unknown])
    judge.rule("manifest.keys", not found, found or "all", "exactly the keys of the manifest's version")

    _judge_words(content, judge, () if vad else rules.reserved_wake_words)
    _judge_numbers(content, inner, judge)


def _judge_words(content: dict[str, Any], judge: Judge, reserved: Sequence[str]) -> None:
    rules = law().manifest
    if "type" in content:
        judge.rule("manifest.type", content["type"] == rules.type, _show(content["type"]), _show(rules.type))
    if "version" in content:
        version = content["version"]
        holds = _is_whole(version) and version == rules.version
        judge.rule("manifest.version", holds, _show(version), rules.version)
    if "wake_word" in content:
        word = content["wake_word"]
        holds = _is_text(word) and word not in reserved
        expected = f"a text other than {_show(*reserved)}" if reserved else "a text"
        judge.rule("manifest.wake-word", holds, _show(word), expected)
    if "author" in content:
        judge.rule("manifest.author", _is_line(content["author"]), _show(content["author"]), "a text")
    if "website" in content:
        judge.rule("manifest.website", _is_address(content["website"]), _show(content["website"]), "https://...")
    if "trained_languages" in content:
        languages = content["trained_languages"]
        holds = isinstance(languages, list) and all(_is_text(language) for language in languages)
        judge.rule("manifest.languages", holds, _show(languages), 'a list such as ["en"]')
    if "model" in content:
        judge.rule("manifest.model", _is_plain_name(content["model"]), _show(content["model"]), "a plain file name")


def _judge_numbers(content: dict[str, Any], micro: dict[str, Any], judge: Judge) -> None:
    detection, arena, frontend = law().detection, law().arena, law().frontend
    if "micro" in content and not isinstance(content["micro"], dict):
        judge.rule("manifest.keys", False, f"micro is {_show(content['micro'])}", "micro is an object")
    if "feature_step_size" in micro:
        step = micro["feature_step_size"]
        judge.rule("manifest.step", _is_whole(step) and step == frontend.step_ms, _show(step), frontend.step_ms)
    if "tensor_arena_size" in micro:
        size = micro["tensor_arena_size"]
        holds = _is_whole(size) and 0 < size <= arena.max_bytes
        judge.rule("manifest.arena", holds, _show(size), f"1 to {arena.max_bytes} as a whole number")
    if "probability_cutoff" in micro:
        cutoff = micro["probability_cutoff"]
        lowest, highest = detection.min_cutoff_byte, detection.max_cutoff_byte
        holds = _is_probability(cutoff) and lowest <= int(cutoff * detection.cutoff_multiplier) <= highest
        expected = f"a number whose byte is {lowest} to {highest}, such as 0.97"
        judge.rule("manifest.cutoff", holds, _show(cutoff), expected)
    if "sliding_window_size" in micro:
        window = micro["sliding_window_size"]
        holds = _is_whole(window) and detection.min_window <= window <= detection.max_window
        expected = f"{detection.min_window} to {detection.max_window} as a whole number"
        judge.rule("manifest.window", holds, _show(window), expected)
    if "minimum_esphome_version" in micro:
        version = micro["minimum_esphome_version"]
        holds = isinstance(version, str) and _VERSION.fullmatch(version) is not None
        expected = _show(law().manifest.minimum_esphome_version)
        judge.rule("manifest.minimum-version", holds, _show(version), expected)


def _judge_model_file(name: object, folder: Path, judge: Judge) -> None:
    if not isinstance(name, str) or not _is_plain_name(name):
        return
    path = folder / name
    try:
        found = name if path.is_file() else f"{name} is no file" if path.exists() else f"{name} is not there"
        if path.is_symlink():
            found = f"{name} is a link to another place"
    except OSError as error:  # a name that is too long
        found = f"{name[:_SHOWN]} cannot be looked for: {error.strerror}"
    judge.rule("manifest.model-file", found == name, found, "a file beside the manifest")


def _is_line(value: object) -> bool:
    """A text that can be written, without control characters."""
    return isinstance(value, str) and not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in value)


def _is_text(value: object) -> bool:
    return _is_line(value) and value != "" and not str(value).isspace()


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_probability(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _is_plain_name(value: object) -> bool:
    if not isinstance(value, str) or not value.isprintable() or value in {"", ".", ".."}:
        return False
    return PurePosixPath(value).name == value == PureWindowsPath(value).name


def _is_address(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlparse(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _show(*values: object) -> str:
    """Values as they stand in the file."""
    return _plain(", ".join(json.dumps(value, ensure_ascii=False) for value in values))


def _plain(text: str) -> str:
    """The text shortened, and without what would steer a terminal."""
    text = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
