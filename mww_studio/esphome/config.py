"""Writes the YAML of a device: a board's template, filled with the wake words that lie beside it."""

import base64
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from mww_studio.constitution.manifest import read_manifest
from mww_studio.esphome.boards import load_board

_MAX_NAME = 22  # with " setup" behind it the name of a Wi-Fi network, which holds 32 bytes, and 31 for a host name
_MAX_FRIENDLY_BYTES = 100  # ESPHome's limit is 120, and it may add a part of the MAC address
_SECRET = re.compile(r"!secret (\w+)")


@dataclass(frozen=True)
class Sensitivity:
    """A point of the measured curve that a person can choose in Home Assistant: a name and the cut-off in 1/255."""

    label: str
    cutoff_byte: int


def device_name(text: str) -> str:
    """A host name made of ``text``: a-z, 0-9 and dashes, up to 22 letters, never empty."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_NAME].strip("-") or "wake-word"


def model_id(manifest: Path) -> str:
    """The id of the model in the YAML. The device keeps under it whether the word is switched on."""
    return "word_" + re.sub(r"[^a-z0-9]+", "_", device_name(manifest.stem))


def render(board: str, manifests: Sequence[Path], name: str, sensitivities: Sequence[Sensitivity] = ()) -> str:
    """The YAML of the device ``name`` (any text) for ``board``, to be written beside ``manifests``.

    The first manifest is the word that is on from the start, and the one that ``sensitivities`` belong to; the last
    of these is the one that the manifest has. Raises StudioError ``board.unknown`` and ``manifest.invalid``.
    """
    words = [_one_line(read_manifest(manifest).wake_word) for manifest in manifests]
    models = [f"    - id: {model_id(manifest)}\n      model: {_quoted(manifest.name)}" for manifest in manifests]
    hostname = device_name(name)
    return (
        load_board(board)
        .template.substitute(
            wake_words=" and ".join(f'"{word}"' for word in words),
            name=_quoted(hostname),
            friendly_name=_quoted(_friendly(name) or hostname),
            secret_prefix=hostname.replace("-", "_"),
            models="\n".join(models),
            sensitivity=_select(model_id(manifests[0]), sensitivities) if sensitivities else "",
        )
        .rstrip()
        + "\n"
    )


def complete_secrets(configuration: str, present: str) -> str:
    """``present`` (the text of a secrets.yaml, perhaps empty), with what ``configuration`` asks for and it lacks."""
    known = set(re.findall(r"^(\w+)\s*:", present, re.MULTILINE))
    wanted = dict.fromkeys(_SECRET.findall(configuration))
    if "!include" in present:  # a file shared with Home Assistant, which knows the network
        known |= {key for key in wanted if key.startswith("wifi_")}
    missing = [f"{key}: {_quoted(_new_secret(key))}" for key in wanted if key not in known]
    if not missing:
        return present
    head = present.rstrip() or "# What only you may know. Keep this file to yourself."
    return "\n".join([head, *missing]) + "\n"


def _new_secret(key: str) -> str:
    if key.startswith("wifi_"):
        return "fill in: " + ("your network's name" if key == "wifi_ssid" else "its password")
    if key.endswith("_api_key"):
        return base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(12)


def _friendly(text: str) -> str:
    """``text`` as ESPHome takes it for a name: no slash, nothing that its substitutions would read, not too long."""
    plain = re.sub(r"[/${}<>%#]+", " ", _one_line(text))
    return " ".join(plain.encode()[:_MAX_FRIENDLY_BYTES].decode(errors="ignore").split())


def _one_line(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _quoted(text: str) -> str:
    """``text`` as a YAML string in double quotes on one line."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf")).strip()


def _select(model: str, sensitivities: Sequence[Sensitivity]) -> str:
    labels = [_quoted(point.label) for point in sensitivities]
    lines = [
        "",
        "# How easily the word is heard. The numbers are cut-offs in 1/255, measured for this very model.",
        "select:",
        "  - platform: template",
        "    name: Wake word sensitivity",
        "    icon: mdi:microphone-message",
        "    entity_category: config",
        "    optimistic: true",
        "    restore_value: true",
        f"    initial_option: {labels[-1]}",
        "    options:",
        *(f"      - {label}" for label in labels),
        "    on_value:",
        "      - lambda: |-",
        *(
            f"          if (x == {label}) id({model}).set_probability_cutoff({point.cutoff_byte});"
            for label, point in zip(labels, sensitivities, strict=True)
        ),
    ]
    return "\n".join(lines)
