"""Writes the page that documents every option of a preset, resources/help/presets.md, from the presets' own classes.

    .venv/bin/python packaging/preset_reference.py

Types, limits and defaults come from the classes, sentences from the texts under the fields, and what the shipped
presets say otherwise from their files. A test fails while the page is not what this would write.
"""

import ast
import inspect
import sys
import textwrap
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeGuard

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mww_studio import presets
from mww_studio.presets import Preset, preset_names
from mww_studio.resources import resource

PAGE = Path(__file__).resolve().parents[1] / "resources" / "help" / "presets.md"
_HEAD = """# All options of a preset

A preset says how a training goes: how long, with which sound, and what is written at the end. `mww-studio presets`
lists those that come with the program. To change some options, write only these into a YAML file and lay it over a
preset:

    training:
      target_false_accepts_per_hour: 0.3

    mww-studio train DIR --preset standard --override mine.yaml

In the window the options of a training stand on the page Train, under “All settings”. `${VARIABLE}` and
`${VARIABLE:-default}` stand for variables of the environment. An option that does not exist is an error.

Behind each option stand what it may be and its usual value, and then the shipped presets that say otherwise.
"""
_WIDTH = 118
_WHOLE = {bool: "true or false", str: "a text", int: "a whole number", float: "a number"}


def reference() -> str:
    """The page, as Markdown: a part for each section of a preset, and in it an entry for each option."""
    shipped = {name: _flat(_yaml(name)) for name in preset_names()}
    parts = [_HEAD]
    for model, place in _sections(Preset, ""):
        parts.append(f"## {place}\n\n{_wrapped(inspect.getdoc(model) or '')}\n")
        parts += [_entry(option, field, text, shipped) for option, field, text in _options(model, place)]
        parts.append("")
    return "\n".join(parts)


def undocumented() -> list[str]:
    """The options without a sentence of their own, by their dotted names."""
    return [place for model, name in _sections(Preset, "") for place, _, text in _options(model, name) if not text]


def _sections(model: type[BaseModel], place: str) -> Iterator[tuple[type[BaseModel], str]]:
    """Every section inside of ``model`` and its place, those of lists included."""
    for name, field in model.model_fields.items():
        inside = field.annotation if _is_model(field.annotation) else _entry_of(field.annotation)
        if inside is not None:
            yield inside, f"{place}{name}"
            yield from _sections(inside, f"{place}{name}.")


def _entry(option: str, field: FieldInfo, sentence: str, shipped: Mapping[str, Mapping[str, object]]) -> str:
    """One option: what it may be, its usual value, what it does, and which presets say otherwise."""
    name = option.rpartition(".")[2]
    usual = None if field.is_required() else _value(field.get_default(call_default_factory=True))
    others = [
        f"{preset}: {_value(values[option])}"
        for preset, values in shipped.items()
        if option in values and _value(values[option]) != usual and _entry_of(field.annotation) is None
    ]
    allowed = f"{_of_type(field.annotation, field.metadata)}{f'; usual: {usual}' if usual else ', which must be given'}"
    told = f"*In {', '.join(others)}.*" if others else ""
    return _wrapped(f"- **{name}** ({allowed}). {sentence} {told}", "  ")


def _options(model: type[BaseModel], place: str) -> Iterator[tuple[str, FieldInfo, str]]:
    """The dotted name, the field and the sentence of each option of a section."""
    sentences = _sentences(model)
    for name, field in model.model_fields.items():
        yield f"{place}.{name}", field, sentences.get(name, "")


def _sentences(model: type[BaseModel]) -> dict[str, str]:
    """The text under each field of a class."""
    source = ast.parse(inspect.getsource(presets))
    body = next(node.body for node in source.body if isinstance(node, ast.ClassDef) and node.name == model.__name__)
    found = {}
    for field, below in pairwise(body):
        name = field.target if isinstance(field, ast.AnnAssign) else None
        text = below.value if isinstance(below, ast.Expr) else None
        if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str):
            found[name.id] = text.value
    return found


def _of_type(annotation: Any, marks: Sequence[object]) -> str:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _of_type(parts[0], parts[1].metadata if isinstance(parts[1], FieldInfo) else parts[1:])
    if origin in (typing.Union, types.UnionType):
        inner = next(part for part in parts if part is not type(None))
        return f"{_of_type(inner, marks)}, or null"
    if origin is Literal:
        return f"one of {', '.join(parts)}"
    if origin is tuple and parts[1] is not Ellipsis:
        return "two numbers, from and to"
    if origin is tuple:
        return "a list of entries" if _is_model(parts[0]) else f"a list, each {_of_type(parts[0], ())}"
    if origin is dict:
        return f"names, each with {_of_type(parts[1], ())}"
    return _WHOLE[annotation] + _limits(marks)


def _limits(marks: Sequence[object]) -> str:
    def limit(name: str) -> Any:
        return next((getattr(mark, name) for mark in marks if getattr(mark, name, None) is not None), None)

    words = [
        f"{word} {_value(limit(name))}"
        for name, word in (("ge", "from"), ("gt", "above"), ("le", "to"), ("lt", "below"))
        if limit(name) is not None
    ]
    return f" {' '.join(words)}" if words else ""


def _entry_of(annotation: Any) -> type[BaseModel] | None:
    parts = typing.get_args(annotation)
    return parts[0] if typing.get_origin(annotation) is tuple and _is_model(parts[0]) else None


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _value(value: object) -> str:
    """A value as it is written in YAML."""
    if isinstance(value, _Each):
        return " then ".join("as usual" if one is None else _value(one) for one in value.values)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, BaseModel):
        return _value(value.model_dump())
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return str(value)


def _wrapped(text: str, indent: str = "") -> str:
    """The lines of a docstring as one paragraph, with Markdown's quotes."""
    return textwrap.fill(" ".join(text.split()).replace("``", "`"), _WIDTH, subsequent_indent=indent)


def _yaml(name: str) -> dict[str, object]:
    values: dict[str, object] = yaml.safe_load(resource("presets", f"{name}.yaml").read_text(encoding="utf-8"))
    return values


def _flat(values: Mapping[str, object], place: str = "") -> dict[str, object]:
    """Every value by its dotted name; those of a list's entries one after the other."""
    found: dict[str, object] = {}
    for key, value in values.items():
        found[f"{place}{key}"] = value
        if isinstance(value, Mapping):
            found |= _flat(value, f"{place}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            entries = [_flat(entry, f"{place}{key}.") for entry in value]
            names = dict.fromkeys(name for entry in entries for name in entry)
            found |= {name: _Each([entry.get(name) for entry in entries]) for name in names}
    return found


@dataclass(frozen=True)
class _Each:
    """What the entries of a list say, one after the other; None where one says nothing."""

    values: list[object]


def main() -> int:
    """Write the page; returns the exit status: 1 where an option has no sentence."""
    PAGE.write_text(reference(), encoding="utf-8")
    print(f"Wrote {PAGE}.")
    missing = undocumented()
    if missing:
        print(f"Without a sentence: {', '.join(missing)}.", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
