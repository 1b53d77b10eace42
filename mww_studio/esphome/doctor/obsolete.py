"""Checks for what was written otherwise in earlier years, and stops ESPHome today."""

from mww_studio.esphome.doctor.chart import Chart, as_list
from mww_studio.esphome.doctor.edits import Edit, Edits, added, removed, renamed
from mww_studio.esphome.doctor.tree import Entry, Mapping, Scalar, Sequence

_MOVED = {
    "probability_cutoff": "probability_cutoff",
    "sliding_window_size": "sliding_window_size",
    "sliding_window_average_size": "sliding_window_size",
}


def check_old_models(chart: Chart, listener: Mapping) -> None:
    """What stood under ``micro_wake_word`` itself and belongs to each model now."""
    old = listener.entry("model")
    if old is not None:
        chart.error(
            "old.model",
            "A single model is no longer given this way, so ESPHome refuses the file.",
            "List it under models:.",
            old,
            _listed(listener, old),
        )
    models = listener.get("models")
    items = as_list(models)
    for key, now in _MOVED.items():
        entry = listener.entry(key)
        if entry is None:
            continue
        only = items[0] if len(items) == 1 and isinstance(models, Sequence) else None
        edits: Edits = ()
        if isinstance(only, Mapping) and only.entry(now) is None:
            edits = _together(removed(listener, key), added(only, [f"{now}: {_written(entry)}"], ("model",)))
        elif isinstance(only, Scalar) and not only.shared and not only.style:
            edits = _together(removed(listener, key), _as_mapping(only, f"{now}: {_written(entry)}"))
        chart.error(
            "old.setting",
            f"{key} belongs to each wake word of the list now, so ESPHome refuses the file.",
            f"Write it as {now} under the wake word.",
            entry,
            edits,
        )
    for item in items:
        if isinstance(item, Mapping) and (wrong := item.entry("sliding_window_average_size")) is not None:
            chart.error(
                "old.window",
                "sliding_window_average_size is called sliding_window_size now, so ESPHome refuses the file.",
                "Give it its new name.",
                wrong,
                renamed(wrong.key, "sliding_window_size"),
            )


def check_old_options(chart: Chart) -> None:
    """Options of other parts that are no longer there."""
    assistant = chart.assistant
    if assistant is not None and (old := assistant.entry("vad_threshold")) is not None:
        chart.error(
            "old.vad-threshold",
            "vad_threshold is no longer there, so ESPHome refuses the file.",
            "Leave it out.",
            old,
            removed(assistant, "vad_threshold"),
        )
    if (adf := chart.config.root.entry("esp_adf")) is not None:
        chart.error(
            "old.esp-adf",
            "esp_adf is no longer there, so ESPHome refuses the file.",
            "Use the microphone and the speaker of i2s_audio.",
            adf,
        )
    api = chart.config.at("api")
    if isinstance(api, Mapping) and (password := api.entry("password")) is not None:
        chart.error(
            "old.api-password",
            "A password of the api is no longer there, so ESPHome refuses the file.",
            "Use an encryption key instead.",
            password,
            removed(api, "password"),
        )
    update = chart.config.root.entry("ota")
    if update is not None and isinstance(update.value, Mapping) and update.value.entry("platform") is None:
        first = update.value.entries[0].key if update.value.entries else None
        chart.error(
            "old.ota",
            "ota is told how it gets its updates now, so ESPHome refuses the file.",
            "Write platform: esphome as its first line.",
            update,
            _before(update.value, first, "platform: esphome"),
        )


def _listed(listener: Mapping, old: Entry) -> Edits:
    """``model: x`` as the only one of a list."""
    value, home = old.value, listener.home
    if home.flow or home.shared or not isinstance(value, Scalar) or value.shared or listener.entry("models"):
        return ()
    source = old.key.source
    column = old.key.start - source.line_start(old.key.start)
    written = source.text[old.key.start : old.end]
    if "\n" in written:
        return ()
    return (Edit(source.path, old.key.start, old.end, f"models:{source.newline}{' ' * (column + 2)}- {written}"),)


def _as_mapping(item: Scalar, line: str) -> Edits:
    """``- x`` as ``- model: x`` with one more line."""
    source = item.source
    column = item.start - source.line_start(item.start)
    text = source.text[item.start : item.end]
    end = source.line_end(item.end)
    return (
        Edit(source.path, item.start, item.end, f"model: {text}"),
        Edit(source.path, end, end, f"{source.newline}{' ' * column}{line}"),
    )


def _before(mapping: Mapping, key: Scalar | None, line: str) -> Edits:
    if key is None or mapping.home.flow or mapping.home.shared:
        return ()
    source = key.source
    indent = " " * (key.start - source.line_start(key.start))
    return (Edit(source.path, key.start, key.start, f"{line}{source.newline}{indent}"),)


def _together(*edits: Edits) -> Edits:
    """All of them, or none where one of them cannot be done."""
    return tuple(edit for each in edits for edit in each) if all(edits) else ()


def _written(entry: Entry) -> str:
    """The value of an entry as it stands there."""
    return entry.value.source.text[entry.value.start : entry.value.end].strip()
