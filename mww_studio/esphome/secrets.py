"""The file of secrets beside a configuration: kept where it is there, completed where something is missing."""

import base64
import os
import re
import secrets
from pathlib import Path

import yaml

from mww_studio.errors import StudioError

SECRETS = "secrets.yaml"
_SECRET = re.compile(r"!secret (\w+)")
_MOST_BYTES = 1_000_000


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


def read_secrets(path: Path) -> str:
    """The text of a secrets.yaml, empty where there is none. Raises StudioError ``secrets.unreadable``."""
    try:
        if not path.exists():
            return ""
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            raise _unreadable(path, "It is no file of a few lines.")
        return path.read_text("utf-8")
    except UnicodeDecodeError:  # the error quotes bytes of the file, so it goes no further
        raise _unreadable(path, "It is no text in UTF-8.") from None
    except OSError as error:
        raise _unreadable(path, f"{error.strerror}.") from error


def write_secrets(path: Path, text: str) -> None:
    """Write a new secrets.yaml that only its owner may read. Raises OSError, also where the file is there already."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)


def _unreadable(path: Path, why: str) -> StudioError:
    return StudioError(
        "secrets.unreadable",
        f"{path.name} in {path.parent} cannot be read.",
        why=why,
        do="Correct it, or choose another folder. Nothing was written.",
    )


def _new_secret(key: str) -> str:
    if key.startswith("wifi_"):
        return "fill in: " + ("your network's name" if key == "wifi_ssid" else "its password")
    if key.endswith("_api_key"):
        return base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(12)


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, default_style='"', width=float("inf")).strip()
