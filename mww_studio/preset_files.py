"""Presets as YAML files, with variables of the environment in them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError

from mww_studio.errors import StudioError

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


def read_preset_file(path: Path) -> dict[str, object]:
    """The values in a preset's file. Raises StudioError ``preset.{unreadable,syntax,variable}``."""
    try:
        text = path.read_text(encoding="utf-8")
        values = _substitute(yaml.safe_load(text), os.environ, path)
    except OSError as error:
        raise StudioError("preset.unreadable", f"The preset {path} cannot be read.", why=f"{error}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudioError("preset.syntax", f"The preset {path} is not valid YAML.", why=f"{error}.") from None
    if not isinstance(values, dict):
        raise StudioError("preset.syntax", f"The preset {path} has no settings.", do="Write “key: value” lines.")
    return values


def laid_over(base: dict[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """The values of ``base``, and in their place those of ``over`` as far as there are any, section by section."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = laid_over(below, value) if isinstance(below, dict) and isinstance(value, Mapping) else value
    return merged


def explained(error: ValidationError, model: type[BaseModel]) -> str:
    """Why values are no ``model``, a sentence a problem: the key, the value, what is allowed."""
    sentences = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            allowed = ", ".join(_allowed_keys(problem["loc"][:-1], model))
            sentences.append(f"The key “{key}” does not exist; allowed here: {allowed}.")
        elif problem["type"] == "missing":
            sentences.append(f"The key “{key}” is missing.")
        elif isinstance(problem["input"], dict) and problem["type"] == "value_error":
            sentences.append(f"{key}: ".removeprefix(": ") + f"{problem['ctx']['error']}.")
        else:
            sentences.append(f"“{key}” is {problem['input']!r}, but: {problem['msg']}.")
    return " ".join(sentences)


def _substitute(value: object, variables: Mapping[str, str], path: Path) -> object:
    """Replace ``${VAR}`` and ``${VAR:-default}`` in every string; a whole-string variable is read as YAML."""
    if isinstance(value, dict):
        return {key: _substitute(item, variables, path) for key, item in value.items()}
    if isinstance(value, list):
        return [_substitute(item, variables, path) for item in value]
    if not isinstance(value, str):
        return value

    def expand(match: re.Match[str]) -> str:
        # As in a shell, the default also stands for an empty variable.
        text = variables.get(match["name"]) or match["default"]
        if text is None:
            raise StudioError(
                "preset.variable",
                f"The preset {path} uses the environment variable {match['name']}, which is not set.",
                do=f"Set it, or write ${{{match['name']}:-default}}.",
            )
        return text

    expanded = _VARIABLE.sub(expand, value)
    return yaml.safe_load(expanded) if _VARIABLE.fullmatch(value) else expanded


def _allowed_keys(location: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    for part in location:
        if not isinstance(part, str):
            continue
        annotation = model.model_fields[part].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next(item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel))
    return sorted(model.model_fields)
