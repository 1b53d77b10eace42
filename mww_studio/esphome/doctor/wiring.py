"""Checks of what is tied to what: who starts the listening, what follows the wake word, what Home Assistant sees."""

from mww_studio.esphome.doctor.chart import ASSISTANT, LISTENER, START, Chart
from mww_studio.esphome.doctor.edits import Edits, added, added_under, appended, removed, renamed
from mww_studio.esphome.doctor.tree import Entry, Item, Mapping, Scalar, Sequence

_NEW_ID = "wake_word_listener"
_WAIT = ["- wait_until:", "    not:", "      voice_assistant.is_running:"]
_HOOK = ["on_wake_word_detected:", "  - voice_assistant.start:", "      wake_word: !lambda return wake_word;"]
_CONTINUOUS = "voice_assistant.start_continuous"
_RUNS_ON = frozenset({"esp32s3", "esp32p4", "esp32"})


def check_wiring(chart: Chart) -> None:
    """Everything between the wake word and Home Assistant."""
    _check_chip(chart)
    if chart.config.root.entry(LISTENER) is None:
        if chart.config.complete:
            said = "There is no micro_wake_word, so the device listens for no wake word of its own."
            chart.error("listener.missing", said, "Add the lines that the page Deploy writes for your board.")
        return
    _check_assistant(chart)
    _check_link(chart)
    _check_after_wake(chart)
    _check_start(chart)


def _check_chip(chart: Chart) -> None:
    root = chart.config.root
    other = next((root.entry(name) for name in ("esp8266", "rp2040", "bk72xx", "rtl87xx") if root.entry(name)), None)
    if other is not None:
        said = "Wake words run on an ESP32 only."
        chart.error("chip.other", said, "Use a board with an ESP32, best an ESP32-S3.", other)
        return
    variant = chart.text("esp32", "variant")
    if variant is not None and variant.lower().replace("-", "") not in _RUNS_ON:
        said = "This chip is too slow to listen for a wake word and do all else."
        chart.warn("chip.slow", said, "Use an ESP32-S3 or an ESP32.", chart.config.at("esp32", "variant"))


def _check_assistant(chart: Chart) -> None:
    """What stands in ``voice_assistant`` and does not belong there."""
    assistant = chart.assistant
    if chart.config.root.entry(ASSISTANT) is None:
        if chart.config.complete:
            said = "There is no voice_assistant, so nothing is said to Home Assistant after the wake word."
            chart.warn("assistant.missing", said, "Add one, unless the wake word is to do something else.")
        return
    if assistant is None:
        return
    if (wrong := assistant.entry("wake_word")) is not None:
        chart.error(
            "assistant.wake-word",
            "voice_assistant knows no wake_word, so ESPHome refuses the file.",
            "Leave it out: the words are listed under micro_wake_word.",
            wrong,
            removed(assistant, "wake_word"),
        )
    if (wrong := assistant.entry("use_wake_word")) is not None and chart.says(assistant, "use_wake_word", False):
        chart.warn(
            "assistant.use-wake-word",
            "With use_wake_word Home Assistant listens for its own wake word, and all sound is sent there.",
            "Switch it off: the device listens itself.",
            wrong,
            chart.rewritten(wrong.value, "false"),
        )
    for keys, entry in _entries(chart.config.root, ()):
        if entry.key.text == _CONTINUOUS and keys[:1] == (ASSISTANT,) and "if" not in keys:
            chart.error(
                "assistant.continuous",
                "This sends all sound to Home Assistant without a wake word, and keeps the microphone for it.",
                f"Write {START} in its place.",
                entry,
                renamed(entry.key, START),
            )


def _check_link(chart: Chart) -> None:
    """Whether Home Assistant can list the words of the device and choose among them."""
    assistant, listener = chart.assistant, chart.listener
    if assistant is None or listener is None:
        return
    name = chart.of(listener, "id")
    link = assistant.entry("micro_wake_word")
    if link is not None:
        linked = chart.of(assistant, "micro_wake_word")
        if linked is not None and name is not None and linked != name:
            said = "voice_assistant names another micro_wake_word than there is, so ESPHome refuses the file."
            chart.error("link.unknown", said, f"Write {name}.", link, chart.rewritten(link.value, name))
        return
    if not chart.config.complete and (name is None or listener.entry("models") is not None):
        return  # what is laid over a vendor's configuration, which has the line
    edits = added(assistant, [f"micro_wake_word: {name or _NEW_ID}"], ("id", "microphone"))
    if name is None:
        edits = (*edits, *named) if (named := added(listener, [f"id: {_NEW_ID}"], ("microphone",))) and edits else ()
    chart.error(
        "link.missing",
        "voice_assistant does not name the micro_wake_word, so Home Assistant cannot list its wake words.",
        f"Add micro_wake_word: {name or _NEW_ID} to voice_assistant.",
        chart.config.root.entry(ASSISTANT),
        edits,
    )


def _check_after_wake(chart: Chart) -> None:
    listener = chart.listener
    if listener is None or not chart.config.complete or chart.assistant is None:
        return
    if listener.entry("on_wake_word_detected") is None:
        chart.error(
            "detected.missing",
            "Nothing follows the wake word: the device hears it and stays silent.",
            "Add on_wake_word_detected with voice_assistant.start.",
            chart.config.root.entry(LISTENER),
            added(listener, _HOOK),
        )


def _check_start(chart: Chart) -> None:
    """Whether the listening ever begins, and begins again."""
    assistant, listener = chart.assistant, chart.listener
    if not chart.config.complete or listener is None:
        return
    first, again = chart.starts_listening()
    where = chart.config.root.entry(ASSISTANT) or chart.config.root.entry(LISTENER)
    if not first:
        chart.error(
            "start.missing",
            "Nothing starts the listening, so the device never hears the wake word.",
            f"Start it with {START} when Home Assistant is connected.",
            where,
            _event(assistant, "on_client_connected", [f"- {START}:"]),
        )
    if not again and chart.says(listener, "stop_after_detection", True):
        chart.error(
            "restart.missing",
            "Nothing starts the listening again after an answer, so the wake word is heard once and then no more.",
            f"Start it again with {START} in on_end.",
            where,
            _event(assistant, "on_end", [*_WAIT, f"- {START}:"]),
        )


def _event(assistant: Mapping | None, event: str, actions: list[str]) -> Edits:
    """``actions`` as the last that happen at an event of the assistant."""
    if assistant is None:
        return ()
    entry = assistant.entry(event)
    if entry is None:
        return added(assistant, [f"{event}:", *(f"  {line}" for line in actions)])
    if isinstance(entry.value, Sequence):
        return appended(entry.value, actions)
    if isinstance(entry.value, Mapping) and isinstance(then := entry.value.get("then"), Sequence):
        return appended(then, actions)
    return added_under(entry, actions) if isinstance(entry.value, Scalar) else ()


def _entries(item: Item, keys: tuple[str, ...]) -> list[tuple[tuple[str, ...], Entry]]:
    found: list[tuple[tuple[str, ...], Entry]] = []
    if isinstance(item, Mapping):
        for entry in item.entries:
            found += [(keys, entry), *_entries(entry.value, (*keys, entry.key.text))]
    elif isinstance(item, Sequence):
        for one in item.items:
            found += _entries(one, keys)
    return found
