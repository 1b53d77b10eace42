"""Derives the law again from what is installed, and says where the two disagree."""

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mww_studio.constitution.articles import Origin, law, origins
from mww_studio.constitution.derive_esphome import NotFoundError, Value, derive_esphome, device_packages
from mww_studio.constitution.derive_models import (
    Official,
    derive_frontend,
    derive_models,
    derive_probabilities,
    read_official,
)
from mww_studio.constitution.model import check_model
from mww_studio.constitution.verdicts import Level, Outcome, Verdict

_DISAGREES = (
    "The law and the installed packages disagree. Read the new source, correct ARCHITECTURAL_CONSTITUTION.md, "
    "and check every part of the program that uses the value."
)
_OTHER_VERSION = "Nothing, as long as every other verdict here is good: the law was verified with another version."
_PROBABILITIES = "reference.probabilities_fingerprint"
_UNORDERED = {"operations.tensor_types", "reference.models"}


@dataclass(frozen=True)
class Sources:
    """Where the artefacts are: the folder of the esphome package, and the folder of the official models."""

    esphome: Path
    models: Path

    @classmethod
    def installed(cls) -> "Sources":
        """The packages of this installation; a folder that does not exist where one is missing."""
        return cls(_package("esphome"), _package("pymicro_wakeword") / "models")


def verify_sources(sources: Sources | None = None) -> list[Verdict]:
    """One verdict for every machine-checkable value of the law, for every package and every official model."""
    sources = sources or Sources.installed()
    try:
        models = read_official(sources.models)
    except NotFoundError:
        models = []
    derived: dict[str, Value] = {**_esphome(sources.esphome), **dict(derive_frontend()), **dict(derive_models(models))}
    try:
        derived[_PROBABILITIES] = derive_probabilities(models)
    except ImportError:
        derived[_PROBABILITIES] = None
    verdicts = [
        _compare(key, origin, derived.get(key, NotFoundError("not found in any source")))
        for key, origin in origins().items()
        if origin.is_rederived and origin.article != "packages"
    ]
    scale = Origin("input", law().input.scale, Level.WRITER, "", is_rederived=True)
    verdicts.append(_compare("input.scale", scale, derived.get("input.scale")))
    verdicts += _packages(device_packages(sources.esphome))
    verdicts += _models(sources.models, models)
    return sorted(verdicts, key=lambda verdict: list(vars(law())).index(verdict.article))


def _esphome(folder: Path) -> dict[str, Value]:
    """What could be derived before a file turned out to be missing."""
    derived: dict[str, Value] = {}
    try:
        derived.update(derive_esphome(folder))
    except NotFoundError as error:
        derived["manifest.required_keys"] = error
    return derived


def _compare(key: str, origin: Origin, found: Value) -> Verdict:
    article, _, rule = key.partition(".")
    expected: Value = origin.value
    if key == _PROBABILITIES and found is None:
        return _verdict(article, rule, Level.NOTE, Outcome.WARN, "tflite-micro is not installed", expected)
    if isinstance(found, list) and isinstance(expected, list):
        same = sorted(map(str, found)) == sorted(map(str, expected)) if key in _UNORDERED else found == expected
        if not same:
            return _verdict(article, rule, origin.level, _outcome(False, origin.level), *_differences(found, expected))
    else:
        same = found == expected and isinstance(found, bool) == isinstance(expected, bool)
    return _verdict(article, rule, origin.level, _outcome(same, origin.level), found, expected)


def _differences(found: list[Value], expected: list[Value]) -> tuple[str, str]:
    """What only one of the two lists has."""
    pairs = ((found, expected), (expected, found))
    only = [", ".join(str(value) for value in one if value not in other) for one, other in pairs]
    return only[0] or "nothing more", only[1] or "in this order and number"


def _packages(pinned: dict[str, str]) -> Iterator[Verdict]:
    for package in law().reference.packages:
        if package.installed:
            found = _version(package.name)
            outcome = Outcome.PASS if found == package.version else Outcome.WARN
            verdict = _verdict("reference", package.name, Level.NOTE, outcome, found, package.version)
            yield Verdict(**{**vars(verdict), "consequence": _OTHER_VERSION})
        else:
            pin = pinned.get(package.name, "not pinned")
            outcome = _outcome(pin == package.version, Level.MUST)
            yield _verdict("reference", package.name, Level.MUST, outcome, pin, package.version)


def _models(folder: Path, models: list[Official]) -> Iterator[Verdict]:
    """The law holds for its own sources: every official model passes every rule, WRITER rules included."""
    for one in models:
        broken = [
            f"{verdict.rule}: {verdict.found}"
            for verdict in check_model(folder / f"{one.name}.tflite", ours=True)
            if verdict.outcome is not Outcome.PASS
        ]
        outcome = _outcome(not broken, Level.WRITER)
        yield _verdict("reference", f"{one.name} obeys", Level.WRITER, outcome, "; ".join(broken) or "all", "all rules")


def _verdict(article: str, rule: str, level: Level, outcome: Outcome, found: object, expected: object) -> Verdict:
    return Verdict(article, rule, level, outcome, str(found), str(expected), _DISAGREES)


def _outcome(holds: bool, level: Level) -> Outcome:
    return Outcome.PASS if holds else Outcome.WARN if level is Level.NOTE else Outcome.FAIL


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    return Path(next(iter(spec.submodule_search_locations or [name]), name)) if spec else Path(name)
