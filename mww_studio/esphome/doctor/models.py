"""Checks of the wake words that are listed: where each comes from, its numbers, its place in the list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlparse

from mww_studio.constitution.articles import law
from mww_studio.esphome.boards import boards
from mww_studio.esphome.doctor.chart import Chart, MeasureArena, as_list
from mww_studio.esphome.doctor.edits import Edits, added_under, moved_first, removed
from mww_studio.esphome.doctor.manifests import ManifestCheck
from mww_studio.esphome.doctor.obsolete import check_old_models
from mww_studio.esphome.doctor.tree import Entry, Item, Mapping, Scalar, Sequence, plain_path

OFFICIAL = frozenset({"alexa", "hey_jarvis", "hey_mycroft", "okay_nabu", "vad"})
_PAGE = re.compile(r"https?://github\.com/([\w.-]+)/([\w.-]+)/(blob|raw)/(?:refs/heads/|refs/tags/)?([\w.-]+)/([^?#]+)")
_SHORT = re.compile(r"[\w\-./]+")
_MOST_LOOKED_AT = 500
_ASSUMED_ARENA_BYTES = 26 * 1024  # of a model that only the internet knows; what the official ones ask for


@dataclass(frozen=True)
class Listed:
    """A model of the list. ``source``: the value that says where it comes from; ``name``: its text, where known."""

    item: Item
    source: Item | None
    name: str | None
    vad: bool

    @property
    def mapping(self) -> Mapping | None:
        """Its settings."""
        return self.item if isinstance(self.item, Mapping) else None


def check_models(chart: Chart, measure: MeasureArena) -> None:
    """Everything about the models; of those that lie beside the configuration their files, too."""
    listener = chart.listener
    if listener is None:
        return
    check_old_models(chart, listener)
    listed = list(_listed(chart, listener))
    if not listed and listener.entry("model") is None and chart.config.complete:
        do = "Add models: with the .json file of your wake word."
        chart.error("models.none", "No wake word is listed, so there is nothing to listen for.", do, _key(chart))
    manifests: dict[int, ManifestCheck] = {}
    for number, model in enumerate(listed):
        path = _check_source(chart, model)
        if path is not None:
            manifests[number] = ManifestCheck(chart, path, model.vad, measure)
            manifests[number].check()
        _check_numbers(chart, model, manifests.get(number))
    words = [model for model in listed if not model.vad]
    _check_ids(chart, words)
    _check_order(chart, listener, words)
    _check_steps(chart, listed, manifests)
    _check_memory(chart, listed, manifests)
    if len(words) == 1 and words[0].mapping is not None and chart.says(words[0].mapping, "internal", False):
        chart.warn(
            "model.internal",
            "The only wake word is marked as internal, so Home Assistant never shows it.",
            "Leave internal out.",
            words[0].mapping.entry("internal"),
            removed(words[0].mapping, "internal"),
        )


def _key(chart: Chart) -> Entry | None:
    return chart.config.root.entry("micro_wake_word")


def _listed(chart: Chart, listener: Mapping) -> Iterator[Listed]:
    for item in as_list(listener.get("models")):
        source = item.get("model") if isinstance(item, Mapping) else item
        if isinstance(item, Mapping) and source is None:
            continue  # settings of a model that a package lists
        yield Listed(item, source, _name(chart, source), False)
    vad = listener.entry("vad")
    if vad is None:
        return
    source = vad.value.get("model") if isinstance(vad.value, Mapping) else None
    yield Listed(vad.value, source, _name(chart, source), True)
    if source is None:
        local = plain_path(chart.config.folder, "vad.json")
        edits: Edits = ()
        if local is not None and local.is_file() and isinstance(vad.value, Scalar):
            edits = added_under(vad, ["model: vad.json"])
        chart.hint(
            "vad.network",
            "The voice activity model is fetched from the internet whenever this is built.",
            "It can lie beside this file, too: give it as model: vad.json.",
            vad,
            edits,
        )


def _name(chart: Chart, source: Item | None) -> str | None:
    if isinstance(source, Mapping):
        return {
            "local": chart.of(source, "path"),
            "http": chart.of(source, "url"),
            "git": None,
        }.get(chart.of(source, "type") or "git")
    return chart.config.value(source)


# Where a model comes from -----------------------------------------------------------------------------------------


def _check_source(chart: Chart, model: Listed) -> Path | None:
    """Judge what a model is given as; its manifest where that lies beside the configuration."""
    name, item = model.name, model.source
    if name is None or item is None:
        return None
    if isinstance(item, Mapping):
        item = item.get("path") or item.get("url") or item
    if _check_address(chart, item, name) or "://" in name:
        return None
    if name.lower().endswith(".tflite"):
        best = _manifest_of(chart, name)
        do = (
            f"Name {best} instead." if best else "Give the .json file that belongs to it; it says how to use the model."
        )
        said = "The model itself is named, but ESPHome asks for the .json file beside it."
        chart.error("model.tflite", said, do, item, chart.rewritten(item, best))
        return None
    if not name.endswith(".json"):
        _check_bare_name(chart, item, name)
        return None
    path = plain_path(chart.config.folder, name)
    if path is None:
        chart.hint(
            "model.outside",
            "This model lies outside the folder of the configuration and is not looked at.",
            "Copy both of its files beside the configuration if it should be checked, too.",
            item,
        )
        return None
    if not path.is_file():
        best = _found(chart, PurePosixPath(name.replace("\\", "/")).name)
        do = f"It is there as {best}." if best else "Copy the .json file and the .tflite file beside this file."
        said = "The file of this wake word is not where the configuration says."
        chart.error("model.missing", said, do, item, chart.rewritten(item, best))
        return None
    return path


def _check_address(chart: Chart, item: Item, name: str) -> bool:
    """Judge an address on the internet; whether it is one that is wrong."""
    page = _PAGE.match(name)
    if page is not None:
        owner, repository, kind, branch, file = page.groups()
        short = f"github://{owner}/{repository}/{file}@{branch}"
        if name.split("?")[0].lower().endswith(".tflite"):
            short = f"{short.rsplit('@', 1)[0][: -len('.tflite')]}.json@{branch}"
            said = "The model itself is named, but ESPHome asks for the .json file beside it."
            chart.error("model.tflite", said, "Give the address of its .json file.", item)
            return True
        fit = _SHORT.fullmatch(file) and file.endswith(".json")
        edits = chart.rewritten(item, short) if fit else ()
        if kind == "blob":
            said = "This is the address of a page about the file, so what ESPHome downloads is no model."
            chart.error("model.page", said, f"Write {short} instead.", item, edits)
        else:
            said = "This address is passed on to another one, and then the model beside it is not found reliably."
            chart.warn("model.raw", said, f"Write {short} instead.", item, edits)
        return True
    if "://" in name and urlparse(name).path.lower().split("@")[0].endswith(".tflite"):
        said = "The model itself is named, but ESPHome asks for the .json file beside it."
        chart.error("model.tflite", said, "Give the address of its .json file.", item)
        return True
    return False


def _check_bare_name(chart: Chart, item: Item, name: str) -> None:
    if name in OFFICIAL:
        if not any(finding.code == "model.network" for finding in chart.findings):  # once is enough
            said = "Official wake words are fetched from the internet whenever this is built."
            chart.hint("model.network", said, "The computer that builds it must be online.", item)
        return
    best = _found(chart, f"{PurePosixPath(name).name}.json")
    do = f"Write {best} instead." if best else "Give the name of its .json file, with the ending."
    said = "A name without .json stands for an official wake word, and there is none of this name."
    if "/" in name or "." in name:
        said = "This is neither the .json file of a wake word nor the name of an official one."
    chart.error("model.name", said, do, item, chart.rewritten(item, best))


def _manifest_of(chart: Chart, name: str) -> str | None:
    """The manifest beside a model: of its name, or the one that names it."""
    plain = PurePosixPath(name.replace("\\", "/"))
    return _found(chart, f"{plain.stem}.json")


def _found(chart: Chart, name: str) -> str | None:
    """The one file of this name in the folder or one below, as ESPHome finds it; capitals do not matter."""
    folder = chart.config.folder
    try:
        near = [one for _, one in zip(range(_MOST_LOOKED_AT), folder.iterdir(), strict=False)]
        inside = [one for one in near if one.is_dir() and not one.is_symlink() and not one.name.startswith(".")]
        files = near + [file for one in inside for _, file in zip(range(_MOST_LOOKED_AT), one.iterdir(), strict=False)]
    except OSError:
        return None
    same = [one for one in files if one.name.lower() == name.lower() and one.is_file() and not one.is_symlink()]
    exact = [one for one in same if one.parent == folder] or same
    return exact[0].relative_to(folder).as_posix() if len(exact) == 1 else None


# Its numbers in the configuration ---------------------------------------------------------------------------------


def _check_numbers(chart: Chart, model: Listed, manifest: ManifestCheck | None) -> None:
    mapping = model.mapping
    if mapping is None:
        return
    own = manifest is not None and manifest.sound
    _check_cutoff(chart, mapping, own)
    _check_window(chart, mapping, own)


def _check_cutoff(chart: Chart, mapping: Mapping, own: bool) -> None:
    item, text = mapping.get("probability_cutoff"), chart.of(mapping, "probability_cutoff")
    if not isinstance(item, Scalar) or text is None:
        return
    detection = law().detection
    number = _number(text.removesuffix("%"))
    value = None if number is None else number / 100 if text.endswith("%") else number
    if value is not None and 0 <= value <= 1:
        if detection.min_cutoff_byte <= int(value * detection.cutoff_multiplier) <= detection.max_cutoff_byte:
            return
        said = "With this cut-off the wake word can never be heard: a device counts in 255 steps, and none is above it."
        do = "Leave it out: the file of the wake word has its own." if own else "Write a number such as 0.97."
        chart.error("cutoff.never", said, do, item, removed(mapping, "probability_cutoff") if own else ())
        return
    edits = chart.rewritten(item, f"{value:g}%") if value is not None and 1 < value <= 100 else ()
    if not edits and own:
        edits = removed(mapping, "probability_cutoff")
    do = f"Write {value:g}% or {value / 100:g}." if value and 1 < value <= 100 else "Write a number such as 0.97."
    chart.error("cutoff.range", "This is no cut-off: it goes from 0 to 1, or from 0% to 100%.", do, item, edits)


def _check_window(chart: Chart, mapping: Mapping, own: bool) -> None:
    item, text = mapping.get("sliding_window_size"), chart.of(mapping, "sliding_window_size")
    if not isinstance(item, Scalar) or text is None:
        return
    least, most = law().detection.min_window, law().detection.max_window
    if text.strip().isdecimal() and least <= int(text) <= most:
        return
    said = "With this window the wake word cannot be heard: the device adds up so many of the model's answers."
    do = "Leave it out: the file of the wake word has its own." if own else "Write a whole number such as 5."
    edits = removed(mapping, "sliding_window_size") if own else ()
    chart.error("window.range", said, do, item, edits)


def _number(text: str) -> float | None:
    try:
        number = float(text.strip())
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


# What the list says together --------------------------------------------------------------------------------------


def _check_ids(chart: Chart, words: list[Listed]) -> None:
    taken: set[str] = set()
    nameless = [model for model in words if model.mapping is None or model.mapping.get("id") is None]
    if nameless and len(words) > 1:
        chart.hint(
            "model.id",
            "A wake word has no id, so one is made up from its place in the list, and the device forgets whether it was"
            " switched on when the list changes.",
            "Give each an id: once, for a new id also starts anew.",
            nameless[0].item,
        )
    for model in words:
        name = chart.of(model.mapping, "id")
        if name is None:
            continue
        if name in taken:
            item = model.mapping.get("id") if model.mapping else None
            other = next(f"{name}_{n}" for n in range(2, 100) if f"{name}_{n}" not in taken)
            edits = chart.rewritten(item, other) if item else ()
            said = "Two wake words have the same id, so ESPHome refuses the file."
            chart.error("model.same-id", said, f"Call this one {other}.", item, edits)
        taken.add(name)


def _check_order(chart: Chart, listener: Mapping, words: list[Listed]) -> None:
    if len(words) < 2 or not _is_official(words[0].name):
        return
    own = next((model for model in words if _is_own(model.name)), None)
    models = listener.get("models")
    if own is None or not isinstance(models, Sequence):
        return
    chart.warn(
        "models.order",
        "Only the first wake word is on after the first start, and yours is not the first.",
        "Put it first, or switch it on in Home Assistant.",
        own.item,
        moved_first(models, own.item),
    )


def _is_official(name: str | None) -> bool:
    return name is not None and (name in OFFICIAL or PurePosixPath(name.split("@")[0]).stem in OFFICIAL)


def _is_own(name: str | None) -> bool:
    return name is not None and name.endswith(".json") and "://" not in name and not _is_official(name)


def _check_steps(chart: Chart, listed: list[Listed], manifests: dict[int, ManifestCheck]) -> None:
    steps = {number: found.step_ms for number, found in manifests.items() if found.step_ms is not None}
    if len(set(steps.values())) < 2:
        return
    usual = law().frontend.step_ms
    for number, step in steps.items():
        if step != usual:
            chart.error(
                "models.steps",
                f"This model hears sound in steps of {step} ms and others in steps of {usual} ms; a device can do"
                " one of them only.",
                "Leave it out, or train that wake word anew.",
                listed[number].item if listed[number].source is None else listed[number].source,
            )


def _check_memory(chart: Chart, listed: list[Listed], manifests: dict[int, ManifestCheck]) -> None:
    if chart.config.root.entry("psram") is not None or not chart.config.complete:
        return
    task = chart.listener.entry("task_stack_in_psram") if chart.listener else None
    if task is not None and chart.listener is not None and chart.says(chart.listener, "task_stack_in_psram", False):
        chart.error(
            "psram.task",
            "The listening is to run in PSRAM, but no psram is configured.",
            "Leave task_stack_in_psram out, or configure psram if the board has it.",
            task,
            removed(chart.listener, "task_stack_in_psram"),
        )
    needed = sum(
        (found.arena_bytes if (found := manifests.get(number)) else None) or _ASSUMED_ARENA_BYTES
        for number in range(len(listed))
    )
    room = min(each.arena_bytes for each in boards() if not each.psram)
    if len(listed) > 1 and (needed > room or any(model.vad for model in listed)):
        chart.warn(
            "psram.missing",
            f"Several models need some {needed // 1024} KB together, and without PSRAM there may be no room for them.",
            "Configure psram if the board has it; else keep one wake word and leave vad out.",
            listed[1].item if listed[1].item.start != listed[1].item.end else _key(chart),
        )
