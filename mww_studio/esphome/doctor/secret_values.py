"""Checks of what only the person may know: that it is not in clear text, and that what is named is there."""

import re
from collections.abc import Iterator

from mww_studio.esphome.config import device_name
from mww_studio.esphome.doctor.chart import Chart
from mww_studio.esphome.doctor.edits import Edit, Edits, replaced
from mww_studio.esphome.doctor.files import SourceText
from mww_studio.esphome.doctor.tree import Converter, Item, Mapping, Scalar, Sequence, parse
from mww_studio.esphome.secrets import SECRETS

SENSITIVE = re.compile(r"(?:.*[_-])?(?:password|passwd|pass|psk|token|secret|ssid|api_key|encryption_key|identity)")
_KEY_OF_ENCRYPTION = ("encryption", "key")
_LEAST_LETTERS = 4


def check_secrets(chart: Chart) -> None:
    """The encryption of the api, passwords in clear text, and names of secrets that are not there."""
    _check_api(chart)
    _check_named(chart)
    _check_clear(chart)


def sensitive(item: Item | None, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    """Every value that only the person may know, with the keys that lead to it."""
    if isinstance(item, Mapping):
        for entry in item.entries:
            yield from sensitive(entry.value, (*keys, entry.key.text))
    elif isinstance(item, Sequence):
        for one in item.items:
            yield from sensitive(one, keys)
    elif isinstance(item, Scalar) and not item.empty and keys and _is_sensitive(keys):
        yield keys, item


def _is_sensitive(keys: tuple[str, ...]) -> bool:
    return SENSITIVE.fullmatch(keys[-1].lower()) is not None or keys[-2:] == _KEY_OF_ENCRYPTION


def _check_api(chart: Chart) -> None:
    if not chart.config.complete or chart.assistant is None:
        return
    entry = chart.config.root.entry("api")
    if entry is None:
        said = "There is no api, so Home Assistant cannot reach the device."
        chart.error("api.missing", said, "Add api: with an encryption key.", chart.config.root.entry("voice_assistant"))
        return
    if isinstance(entry.value, Mapping) and entry.value.entry("encryption") is not None:
        return
    if not isinstance(entry.value, Mapping | Scalar):
        return
    chart.warn(
        "api.encryption",
        "What is said in the room goes over the network for everybody to hear: the api is not encrypted.",
        "Add encryption: with a key from secrets.yaml; Home Assistant asks for it once.",
        entry,
    )


def _check_named(chart: Chart) -> None:
    known = chart.config.known_secrets
    if known is None:
        return
    for item in _named(chart.config.root):
        if item.text not in known:
            said = "This secret is not in secrets.yaml, so ESPHome refuses the file."
            chart.error("secret.missing", said, f"Add a line for it to {SECRETS}.", item)


def _named(item: Item) -> Iterator[Scalar]:
    if isinstance(item, Mapping):
        for entry in item.entries:
            yield from _named(entry.value)
    elif isinstance(item, Sequence):
        for one in item.items:
            yield from _named(one)
    elif isinstance(item, Scalar) and item.tag == "!secret":
        yield item


def _check_clear(chart: Chart) -> None:
    """Passwords that anybody reads to whom the file is shown."""
    taken: dict[str, str] = {}
    for keys, item in sensitive(chart.config.root):
        origin = chart.config.origin(item)
        if keys[-1].lower().endswith("ssid") or origin.tag or "$" in origin.text or keys[0] == "substitutions":
            continue
        chart.hint(
            "secret.clear",
            "A password or key stands here for everybody to whom you show this file.",
            f"Put it into {SECRETS} and name it here.",
            origin,
            _moved(chart, keys, origin, taken),
        )


def _moved(chart: Chart, keys: tuple[str, ...], item: Scalar, taken: dict[str, str]) -> Edits:
    """The value in secrets.yaml under a new name, and the name in its place; ``taken``: names given just before."""
    config = chart.config
    if config.known_secrets is None or item.style in ("|", ">"):
        return ()
    written = item.source.text[item.start : item.end]
    name = _free(_name(chart, keys), config.known_secrets, taken, written)
    here = replaced(item, f"!secret {name}")
    if not here or name in taken:
        return here
    taken[name] = written
    there = config.secrets or SourceText(config.folder / SECRETS, SECRETS, b"", "")
    gap = "" if not there.text or there.text.endswith("\n") else there.newline
    end = len(there.text)
    return (*here, Edit(there.path, end, end, f"{gap}{name}: {written}{there.newline}"))


def _name(chart: Chart, keys: tuple[str, ...]) -> str:
    host = device_name(chart.text("esphome", "name") or _stem(chart)).replace("-", "_")
    where = keys[0]
    if keys == ("wifi", "password"):
        return "wifi_password"
    if where == "api":
        return f"{host}_api_key"
    if where == "wifi":
        return f"{host}_setup_password" if "ap" in keys else f"{host}_wifi_password"
    return f"{host}_{re.sub(r'[^a-z0-9]+', '_', where.lower())}_{re.sub(r'[^a-z0-9]+', '_', keys[-1].lower())}"


def _stem(chart: Chart) -> str:
    return chart.config.main.path.stem


def _free(name: str, known: frozenset[str], taken: dict[str, str], written: str) -> str:
    """``name``, or the same with a number where another value has it."""
    number = 1
    while True:
        candidate = name if number == 1 else f"{name}_{number}"
        if taken.get(candidate) == written or (candidate not in known and candidate not in taken):
            return candidate
        number += 1


class Veil:
    """Hides in any text what only the person may know."""

    def __init__(self, *sources: SourceText) -> None:
        self._values: set[str] = set()
        for source in sources:
            node = parse(source) if source.text else None
            if node is None:
                continue
            root = Converter().convert(node, source)
            everything = source.path.name == SECRETS
            found = _scalars(root) if everything else [item for keys, item in sensitive(root) if not _is_ssid(keys)]
            for item in found:
                if not item.tag and "$" not in item.text:
                    self._values |= {
                        line.strip() for line in item.text.splitlines() if len(line.strip()) >= _LEAST_LETTERS
                    }

    def hide(self, text: str) -> str:
        """``text`` with dots in the place of secrets: what is known of them, and what stands behind such keys."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, "••••")
        text = _USER_IN_ADDRESS.sub(r"\1••••@", text)
        return _BEHIND_KEY.sub(_hidden, text)


_BEHIND_KEY = re.compile(
    r"""(?P<key>(?:[\w-]*(?:password|passwd|psk|token|secret|ssid|api_key|encryption_key)|\bkey)["']?[ \t]*:[ \t]+)"""
    r"""(?P<value>\S(?:(?![ \t]+\#)[^\n])*)""",
    re.IGNORECASE,
)
_USER_IN_ADDRESS = re.compile(r"(://)[^/@\s]+@")


def _hidden(found: re.Match[str]) -> str:
    value = found["value"]
    told = value.startswith(("!secret", "!lambda", "$", '"$', "'$", "|", ">", "!include"))
    return found[0] if told else f"{found['key']}••••"


def _is_ssid(keys: tuple[str, ...]) -> bool:
    return keys[-1].lower().endswith("ssid")


def _scalars(item: Item) -> Iterator[Scalar]:
    if isinstance(item, Mapping):
        for entry in item.entries:
            yield from _scalars(entry.value)
    elif isinstance(item, Sequence):
        for one in item.items:
            yield from _scalars(one)
    elif isinstance(item, Scalar):
        yield item
