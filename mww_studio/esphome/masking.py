"""Keeps what only one person may know out of everything that is shown and kept."""

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from mww_studio.errors import StudioError
from mww_studio.esphome.secrets import SECRETS, read_secrets

_SHORTEST = 4
_HIDDEN = "•••"
_UNFILLED = "fill in:"
_SAID_OPENLY = re.compile(r"^[\s-]*\w*(?:password|key|psk|token|ssid|username)\s*:\s*(?![!&*|>])(.+)$", re.MULTILINE)


class Mask:
    """Hides secrets in texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        worth = sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, worth))) if worth else None

    def hide(self, text: str) -> str:
        """``text`` with dots in the place of every secret."""
        return self._pattern.sub(_HIDDEN, text) if self._pattern else text

    def hide_in(self, error: StudioError) -> StudioError:
        """The error without secrets."""
        return StudioError(error.code, self.hide(error.what), why=self.hide(error.why), do=self.hide(error.do))


def mask_for(configuration: Path, text: str, typed: Iterable[str] = ()) -> Mask:
    """Hides the secrets beside a configuration, those that stand in its ``text``, and those that were typed."""
    openly = (found.split(" #")[0].strip().strip("\"'") for found in _SAID_OPENLY.findall(text))
    return Mask([*secrets_beside(configuration).values(), *openly, *typed])


def secrets_beside(configuration: Path) -> dict[str, str]:
    """The secrets in the file beside a configuration, by name; none where it cannot be read."""
    try:
        found = yaml.load(read_secrets(configuration.with_name(SECRETS)), _Texts)  # noqa: S506 - a safe loader
    except (StudioError, yaml.YAMLError):
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in pairs if isinstance(name, str) and isinstance(value, str)}


def unfilled(secrets: dict[str, str]) -> list[str]:
    """The names of the secrets that the person has not filled in yet."""
    return [name for name, value in secrets.items() if value.startswith(_UNFILLED)]


class _Texts(yaml.SafeLoader):
    """Reads every value as the text that it is, and nothing from other files."""


def _nothing(_loader: yaml.SafeLoader, _node: yaml.Node) -> None:
    """What ``!include`` and its like come to."""


_Texts.yaml_implicit_resolvers = {}
_Texts.add_constructor(None, _nothing)
