"""Writes the YAML of a device: what all devices share, filled with a board's hardware and the wake words beside it."""

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from mww_studio.constitution.manifest import read_manifest
from mww_studio.esphome.boards import Board, VendorPackage, board, board_hardware, board_settings, part
from mww_studio.reference import official_model

_MAX_NAME = 22  # with " setup" behind it the name of a Wi-Fi network, which holds 32 bytes, and 31 for a host name
_MAX_FRIENDLY_BYTES = 100  # ESPHome's limit is 120, and it may add a part of the MAC address
_COMMENT_WIDTH = 118
_TAKEN = {"secrets", "vendor", "provenance"}  # names of other files in the same folder
_STAND_IN_MODELS = ("okay_nabu", "hey_jarvis", "hey_mycroft", "alexa")
_Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
STAND_IN = "vendor.yaml"
"""The file beside a configuration that stands for the vendor's package while it is checked."""


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))
class Sensitivity:
    """A point of the measured curve that a person can choose in Home Assistant: a name and the cut-off in 1/255.

    ``false_accepts`` in ``hours`` of other sound, and ``heard`` of ``takes``, are what was measured there. ``chosen``:
    the point that the manifest has. Read from a file it may say anything, and becomes code of the device: raises
    pydantic's ValidationError unless the name is plain and every number possible.
    """

    label: Annotated[str, Field(pattern="^[A-Za-z][A-Za-z ]{0,39}$")]
    cutoff_byte: Annotated[int, Field(ge=1, le=255)]
    false_accepts: _Count
    hours: Annotated[float, Field(gt=1e-6, le=1e6, allow_inf_nan=False)]
    heard: _Count
    takes: _Count
    chosen: bool = False

    @property
    def measured(self) -> str:
        """What was measured, in words."""
        per_hour = self.false_accepts / self.hours
        return (
            f"{per_hour:.2f} false accepts per hour ({self.false_accepts} in {self.hours:.1f} hours),"
            f" heard {self.heard} of {self.takes}"
        )


@dataclass(frozen=True)
class DeviceWord:
    """A model of a device: the manifest that lies beside the YAML, and the sensitivities measured for it.

    One of these is the chosen one, unless there are none. ``remarks``: sentences that stand as comments at the model.
    """

    manifest: Path
    sensitivities: tuple[Sensitivity, ...] = ()
    remarks: tuple[str, ...] = ()


def device_name(text: str) -> str:
    """A host name made of ``text``: a-z, 0-9 and dashes, up to 22 letters, never empty."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_NAME].strip("-") or "wake-word"
    return f"{name}-word" if name in _TAKEN else name


def model_id(manifest: Path) -> str:
    """The id of the model in the YAML. The device keeps under it whether the word is switched on."""
    return "word_" + re.sub(r"[^a-z0-9]+", "_", device_name(manifest.stem))


def model_ids(manifests: Sequence[Path]) -> list[str]:
    """An id for each of ``manifests``, no two alike."""
    ids: list[str] = []
    for wanted in map(model_id, manifests):
        numbered = (wanted if number == 1 else f"{wanted}_{number}" for number in range(1, len(manifests) + 1))
        ids.append(next(each for each in numbered if each not in ids))
    return ids


def render(name_of_board: str, words: Sequence[DeviceWord], name: str, vad: DeviceWord | None = None) -> str:
    """The YAML of the device ``name`` (any text), to be written beside the manifests of ``words`` and ``vad``.

    The first word is the one that is on from the start. ``vad``: the model that must hear a voice for any word to
    count. Raises StudioError ``board.unknown`` and ``manifest.invalid``.
    """
    described = board(name_of_board)
    ids = model_ids([word.manifest for word in words])
    spoken = [_one_line(read_manifest(word.manifest).wake_word) for word in words]
    hostname = device_name(name)
    prefix = hostname.replace("-", "_")
    settings = board_settings(name_of_board)
    shared = {
        "title": described.title,
        "wake_words": " and ".join(f'"{word}"' for word in spoken),
        "facts": "\n".join(_facts(described)),
        "name": _quoted(hostname),
        "friendly_name": _quoted(_friendly(name) or hostname),
        "settings": f"{settings}\n" if described.package and settings else settings,
        "secret_prefix": prefix,
        "hardware": board_hardware(name_of_board),
        "models": "\n".join(line for each, word in zip(ids, words, strict=True) for line in _model(word, each)),
        "vad": "".join(f"\n{line}" for line in _vad(vad)) if vad else "",
        "selects": "".join(f"{line}\n" for line in _selects(words, ids, spoken, own=described.package is not None)),
    }
    if described.package:
        text = part("override").substitute(shared, **_package_holes(described.package, prefix))
    else:
        text = part("satellite").substitute(shared, **_satellite_holes(described))
    return text.rstrip() + "\n"


def stand_in(name_of_board: str, configuration: str) -> tuple[str, str] | None:
    """``configuration`` with a local file in place of the vendor's package, and that file's text; None without one.

    The file, to be written beside as :data:`STAND_IN`, has the vendor's ids on plain hardware, so that what we lay over
    it can be checked without internet. Raises StudioError ``board.unknown``.
    """
    described = board(name_of_board)
    if described.package is None:
        return None
    package = described.package
    models = (
        f"    - id: {word}\n      model: {_quoted(str(official_model(model).with_suffix('.json')))}"
        for word, model in zip(package.words, cycle(_STAND_IN_MODELS), strict=False)
    )
    vendor = part("stand_in").substitute(
        listener=package.listener,
        assistant=package.assistant,
        update=f"ota:\n  - platform: esphome\n    id: {package.update}\n" if package.update else "",
        channel=described.channel,
        gain=described.gain,
        models="\n".join(models),
        first_word=package.words[0],
    )
    ours = configuration.replace(board_hardware(name_of_board), f"packages:\n  vendor: !include {STAND_IN}")
    return ours, vendor


def _package_holes(package: VendorPackage, prefix: str) -> dict[str, str]:
    return {
        "update": f"id: !extend {package.update}" if package.update else "platform: esphome",
        "update_secret": package.update_secret or f"{prefix}_ota_password",
        "listener": package.listener,
        "assistant": package.assistant,
    }


def _satellite_holes(described: Board) -> dict[str, str]:
    """What depends on whether the board speaks and has a light."""
    quiet = ["          not:", "            voice_assistant.is_running:"]
    if described.has_speaker:
        quiet = [
            "          and:",
            "            - not:",
            "                voice_assistant.is_running:",
            "            - not:",
            "                media_player.is_announcing:",
        ]
    light, off = "", ""
    if described.has_light:
        light = "\n".join(
            [
                "",
                "    - light.turn_on:",
                "        id: board_light",
                "        brightness: 60%",
                "        red: 0%",
                "        green: 40%",
                "        blue: 100%",
            ]
        )
        off = "\n      - light.turn_off: board_light"
    return {
        "gain": str(described.gain),
        "speech_gain": str(described.speech_gain),
        "channel": str(described.channel),
        "player": "\n  media_player: board_player" if described.has_speaker else "",
        "woken": light,
        "failed": light.replace("red: 0%", "red: 100%").replace("green: 40%", "green: 0%").replace("e: 100%", "e: 0%")
        + ("\n    - delay: 1s" if light else ""),
        "silence": "\n".join(quiet),
        "rested": off,
    }


def _facts(described: Board) -> Iterator[str]:
    """What is known of the board, as lines of comment."""
    for heading, lines in (
        ("What it needs", described.needs),
        ("Its limits", described.limits),
        ("Where this is known from", (described.source,)),
    ):
        yield f"# {heading}:"
        for line in lines:
            yield from textwrap.wrap(line, _COMMENT_WIDTH, initial_indent="# - ", subsequent_indent="#   ")


def _friendly(text: str) -> str:
    """``text`` as ESPHome takes it for a name: no slash, nothing that its substitutions would read, not too long."""
    plain = re.sub(r"[/${}<>%#]+", " ", _one_line(text))
    return " ".join(plain.encode()[:_MAX_FRIENDLY_BYTES].decode(errors="ignore").split())


def _one_line(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _quoted(text: str) -> str:
    """``text`` as a YAML string in double quotes on one line."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf")).strip()


def _model(word: DeviceWord, id_: str) -> Iterator[str]:
    yield from _comments(word, "    ")
    yield f"    - id: {id_}"
    yield f"      model: {_quoted(word.manifest.name)}"


def _vad(vad: DeviceWord) -> Iterator[str]:
    yield "  # A word only counts where this model hears a voice."
    yield from _comments(vad, "  ")
    yield "  vad:"
    yield f"    model: {_quoted(vad.manifest.name)}"


def _comments(word: DeviceWord, indent: str) -> Iterator[str]:
    start = f"{indent}# "
    for remark in word.remarks:
        yield from textwrap.wrap(remark, _COMMENT_WIDTH, initial_indent=start, subsequent_indent=start)


def _selects(words: Sequence[DeviceWord], ids: Sequence[str], spoken: Sequence[str], *, own: bool) -> Iterator[str]:
    """The choice of how easily each word is heard, for those whose curve was measured.

    ``own``: the vendor has such a choice for its own words, so ours gets another name.
    """
    measured = [
        (word.sensitivities, each, text)
        for word, each, text in zip(words, ids, spoken, strict=True)
        if word.sensitivities
    ]
    if not measured:
        return
    yield "\n# How easily the words are heard. The numbers are cut-offs in 1/255, measured for this very model."
    yield "select:"
    alone = len(words) == 1 and not own
    names: set[str] = set()
    for points, each, text in measured:
        name = "Wake word sensitivity" if alone else f"Sensitivity of {_friendly(text) or each}"
        name = f"{name} ({each})" if _entity(name) in names else name
        names.add(_entity(name))
        yield from _select(name, points, each)


def _entity(name: str) -> str:
    """What ESPHome tells names apart by: words in other scripts, as long as each other, are the same to it."""
    return re.sub(r"[^a-z0-9_-]", "_", name.replace(" ", "_").lower())


def _select(name: str, points: Sequence[Sensitivity], model: str) -> Iterator[str]:
    yield "  - platform: template"
    yield f"    name: {_quoted(name)}"
    yield "    icon: mdi:microphone-message"
    yield "    entity_category: config"
    yield "    optimistic: true"
    yield "    restore_value: true"
    yield f"    initial_option: {_quoted(next(point.label for point in points if point.chosen))}"
    yield "    options:"
    for point in points:
        yield f"      - {_quoted(point.label)}  # {point.cutoff_byte / 255:.2f}: {point.measured}"
    yield "    on_value:"
    yield "      - lambda: |-"
    for point in points:
        yield f"          if (x == {_quoted(point.label)}) id({model}).set_probability_cutoff({point.cutoff_byte});"
