"""Every setting of a preset as a form needs it: what kind of value, its bounds, and why a value is refused."""

import copy
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from PySide6.QtCore import QCoreApplication, QLocale

from mww_studio.presets import Preset
from mww_studio.ui.pages.train_words import SETTINGS, say

Place = tuple[str | int, ...]
"""Where a setting stands in a preset: names, and numbers inside of lists."""
Values = dict[str, Any]
"""A preset as ``model_dump`` gives it; values that were typed and cannot be read stay texts."""

_UNSHOWN = {
    "name",
    "description",
    # No training looks at these; they are chosen on the pages of what they belong to.
    "negatives",
    "synthesis",
}


class Kind(Enum):
    """What a person does to change a setting."""

    SWITCH = auto()
    CHOICE = auto()
    WHOLE = auto()
    NUMBER = auto()
    RANGE = auto()
    TEXT = auto()
    NUMBERS = auto()
    WHOLES = auto()
    TEXTS = auto()
    ENTRIES = auto()


_LISTS = {float: Kind.NUMBERS, int: Kind.WHOLES, str: Kind.TEXTS}
_SINGLE = {bool: Kind.SWITCH, int: Kind.WHOLE, float: Kind.NUMBER, str: Kind.TEXT}


@dataclass(frozen=True)
class Setting:
    """One setting: where it stands in a preset, and what it accepts. ``entry``: the class of what ENTRIES hold."""

    place: Place
    kind: Kind
    low: float | None = None
    high: float | None = None
    choices: tuple[str | None, ...] = ()
    entry: type[BaseModel] | None = None

    @property
    def key(self) -> str:
        """Its dotted name without the numbers of entries, such as ``training.phases.steps``."""
        return ".".join(part for part in self.place if isinstance(part, str))


@dataclass(frozen=True)
class Problem:
    """Why a value is refused; an empty place means the preset as a whole."""

    place: Place
    sentence: str


@dataclass(frozen=True)
class Checked:
    """What a form's values come to: a preset, or what is wrong with them."""

    preset: Preset | None
    problems: tuple[Problem, ...]


def sections() -> dict[str, type[BaseModel]]:
    """The parts of a preset: their names and classes."""
    fields = {name: field.annotation for name, field in Preset.model_fields.items() if name not in _UNSHOWN}
    return {name: part for name, part in fields.items() if isinstance(part, type)}


def settings(model: type[BaseModel], place: Place) -> list[Setting]:
    """The settings of one part, which stands at ``place``, in the order of the class."""
    return [_setting((*place, name), field) for name, field in model.model_fields.items()]


def value_at(values: Mapping[str, Any], place: Place) -> Any:
    """The value that stands at a place."""
    found: Any = values
    for part in place:
        found = found[part]
    return found


def with_value(values: Values, place: Place, value: object) -> Values:
    """The same values with another one at a place."""
    changed = copy.deepcopy(values)
    inside = value_at(changed, place[:-1])
    inside[place[-1]] = value
    return changed


def editable(preset: Preset) -> Values:
    """A preset's values, with lists where tuples were, so that entries can come and go."""
    values: Values = _listed(preset.model_dump())
    return values


def check(values: Values, name: str) -> Checked:
    """Read the values as a preset called ``name``, or say what stands in the way."""
    try:
        return Checked(Preset.model_validate({**values, "name": name}), ())
    except ValidationError as error:
        found = error.errors()
        # A list with a wrong entry also counts as too short: only the entry is worth naming.
        deeper = {one["loc"][: len(other["loc"])] for one in found for other in found if one is not other}
        told = [one for one in found if one["type"] != "too_short" or one["loc"] not in deeper]
        return Checked(None, tuple(_problem(values, one) for one in told))


def shown(value: object) -> str:
    """A value as text to edit; nothing is an empty text."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_number(item) if isinstance(item, int | float) else str(item) for item in value)
    return _number(value) if isinstance(value, int | float) else str(value)


def typed(setting: Setting, text: str) -> object:
    """What was typed, as the preset wants it; a text that cannot be read is given back for the check to refuse."""
    if setting.kind in {Kind.NUMBERS, Kind.WHOLES, Kind.TEXTS, Kind.RANGE}:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        return parts if setting.kind is Kind.TEXTS else [_read(part) for part in parts]
    if setting.kind is Kind.NUMBER:
        return _read(text.strip()) if text.strip() else None
    return text.strip()


def bounds(setting: Setting) -> str:
    """What a number may be, as a sentence; empty where anything goes."""
    if setting.low is not None and setting.high is not None:
        text = QCoreApplication.translate("Settings of a training", "{low} to {high}.")
    elif setting.low is not None:
        text = QCoreApplication.translate("Settings of a training", "{low} or more.")
    else:
        return ""
    locale = QLocale()
    low, high = (
        locale.toString(limit or 0.0, "g") if (limit or 0) % 1 else locale.toString(int(limit or 0))
        for limit in (setting.low, setting.high)
    )
    return text.format(low=low, high=high)


def _setting(place: Place, field: FieldInfo) -> Setting:
    low = [getattr(mark, name) for mark in field.metadata for name in ("ge", "gt") if hasattr(mark, name)]
    high = [getattr(mark, name) for mark in field.metadata for name in ("le", "lt") if hasattr(mark, name)]
    kind, choices, entry = _kind(field.annotation)
    return Setting(place, kind, low[0] if low else None, high[0] if high else None, choices, entry)


def _kind(annotation: Any) -> tuple[Kind, tuple[str | None, ...], type[BaseModel] | None]:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in {typing.Union, types.UnionType}:
        kind, choices, entry = _kind(next(part for part in parts if part is not type(None)))
        return kind, (*choices, None) if choices else (), entry
    if origin is Literal:
        return Kind.CHOICE, parts, None
    if origin is tuple:
        item = typing.get_args(parts[0])[0] if typing.get_origin(parts[0]) is typing.Annotated else parts[0]
        if parts[1] is not Ellipsis:
            return Kind.RANGE, (), None
        return (Kind.ENTRIES, (), item) if item not in _LISTS else (_LISTS[item], (), None)
    return _SINGLE[annotation], (), None


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value


def _number(value: float) -> str:
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    if isinstance(value, int) or float(value).is_integer():
        return locale.toString(int(value))
    # A comma separates the parts of a list, so it cannot be a decimal sign as well.
    return f"{value:g}"


def _read(text: str) -> object:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text


def _problem(values: Values, error: ErrorDetails) -> Problem:
    place = _existing(values, error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    translate = QCoreApplication.translate
    if kind in {"greater_than_equal", "less_than_equal", "greater_than", "less_than"}:
        limit = next(iter(context.values()))
        text = {
            "greater_than_equal": translate("Settings of a training", "The least is {limit}."),
            "less_than_equal": translate("Settings of a training", "The most is {limit}."),
            "greater_than": translate("Settings of a training", "It must be more than {limit}."),
            "less_than": translate("Settings of a training", "It must be less than {limit}."),
        }[kind]
        return Problem(place, text.format(limit=_number(limit)))
    if kind.startswith(("int_", "float_")):
        return Problem(place, translate("Settings of a training", "A number belongs here."))
    if kind in {"too_short", "too_long", "missing"}:
        return Problem(place, translate("Settings of a training", "Too few or too many values stand here."))
    if kind == "value_error":
        return Problem(place, _in_words(str(context["error"]), place))
    return Problem(place, translate("Settings of a training", "This value cannot be used."))


def _in_words(sentence: str, place: Place) -> str:
    """A sentence of the preset's own checks, with the titles of settings in place of their keys."""
    prefix = "".join(f"{part}." for part in place if isinstance(part, str))
    for key in sorted(SETTINGS, key=len, reverse=True):
        for name in (key, key.removeprefix(prefix)):
            sentence = re.sub(rf"(?<![\w.“]){re.escape(name)}(?![\w.”])", f"“{say(SETTINGS[key][0])}”", sentence)
    return sentence[:1].upper() + sentence[1:].removesuffix(".") + "."


def _existing(values: Values, location: tuple[int | str, ...]) -> Place:
    """The place of the setting that a location of pydantic names: lists of plain values are one setting."""
    found: Any = values
    place: list[str | int] = []
    for part in location:
        inside = isinstance(found, Mapping) and part in found
        entry = isinstance(found, list) and isinstance(part, int) and isinstance(found[part], Mapping)
        if not inside and not entry:
            break
        found = found[part]
        place.append(part)
    return tuple(place)
