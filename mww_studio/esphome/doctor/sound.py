"""Checks of the microphone: that there is one, that it speaks as the models hear, and that it is free to listen."""

import contextlib

from mww_studio.constitution.articles import law
from mww_studio.esphome.doctor.chart import ASSISTANT, LISTENER, Chart, as_list
from mww_studio.esphome.doctor.tree import Entry, Item, Mapping, Scalar

_I2S = "i2s_audio"
_LEAST_GAIN, _MOST_GAIN = 1, 64  # of ESPHome's microphone source


def check_sound(chart: Chart) -> None:
    """Everything between the air and the models."""
    microphones = chart.components("microphone")
    listener = chart.config.root.entry(LISTENER)
    if listener is None:
        return
    if not microphones and chart.config.complete:
        said = "There is no microphone, so ESPHome refuses the file."
        chart.error("microphone.missing", said, "Add the microphone of your board.", listener)
    for microphone in microphones:
        _check_microphone(chart, microphone)
    for domain in (LISTENER, ASSISTANT):
        entry = chart.config.root.entry(domain)
        if entry is not None and isinstance(entry.value, Mapping):
            _check_source(chart, entry, entry.value, microphones)
    _check_bus(chart, microphones)


def _check_microphone(chart: Chart, microphone: Mapping) -> None:
    wanted = law().frontend.sample_rate_hz
    rate, text = microphone.get("sample_rate"), chart.of(microphone, "sample_rate")
    if text is not None and text.strip() != str(wanted):
        chart.error(
            "microphone.rate",
            f"The models hear {wanted} samples a second, and this microphone gives another number.",
            f"Write {wanted}.",
            rate,
            chart.rewritten(rate, str(wanted)),
        )
    if chart.of(microphone, "platform") != _I2S:
        return
    if chart.of(microphone, "adc_type") == "internal":
        said = "The converter inside the chip is no longer used for microphones, so ESPHome refuses the file."
        chart.error("microphone.internal", said, "Use a microphone with I2S.", microphone.entry("adc_type"))
    side, text = microphone.get("channel"), chart.of(microphone, "channel")
    if text == "mono":
        chart.error(
            "microphone.mono",
            "A microphone gives its left or its right channel, not mono, so ESPHome refuses the file.",
            "Write left if its L/R pin is wired to GND, right if it is wired to 3V3.",
            side,
            chart.rewritten(side, "left"),
        )
    elif side is None and chart.config.complete and not _has_converter(chart, microphone):
        chart.hint(
            "microphone.side",
            "No channel is given, so the right one is heard: silence if the microphone's L/R pin is wired to GND.",
            "Write channel: left if that is so on your board.",
            microphone,
        )


def _has_converter(chart: Chart, microphone: Mapping) -> bool:
    """Whether it is no microphone with a pin that says on which side it speaks."""
    return chart.says(microphone, "pdm", False) or chart.config.root.entry("audio_adc") is not None


def _check_source(chart: Chart, entry: Entry, component: Mapping, microphones: list[Mapping]) -> None:
    """How ``micro_wake_word`` or ``voice_assistant`` uses a microphone."""
    sources = as_list(component.get("microphone"))
    names = [name for one in microphones if (name := chart.of(one, "id")) is not None]
    if not sources and len(microphones) > 1 and chart.config.complete:
        said = f"There are several microphones, and {entry.key.text} does not say which one it hears."
        chart.error("microphone.which", said, "Add microphone: with the id of one.", entry)
    for source in sources:
        item: Item | None = source.get("microphone") if isinstance(source, Mapping) else source
        name = chart.config.value(item)
        if name is not None and chart.config.complete and microphones and name not in names:
            best = names[0] if len(names) == 1 and len(microphones) == 1 else None
            do = f"Write {best}." if best else "Give the id of your microphone."
            said = "There is no microphone of this name, so ESPHome refuses the file."
            chart.error("microphone.unknown", said, do, item, chart.rewritten(item, best))
        if isinstance(source, Mapping):
            used = next((one for one in microphones if name is not None and chart.of(one, "id") == name), None)
            _check_gain(chart, source)
            _check_bits(chart, source)
            _check_channel(chart, source, used)


def _check_gain(chart: Chart, source: Mapping) -> None:
    item, text = source.get("gain_factor"), chart.of(source, "gain_factor")
    if text is None or (text.strip().isdecimal() and _LEAST_GAIN <= int(text) <= _MOST_GAIN):
        return
    best = None
    with contextlib.suppress(ValueError, OverflowError):
        best = str(int(min(max(float(text), _LEAST_GAIN), _MOST_GAIN)))
    said = f"gain_factor goes from {_LEAST_GAIN} to {_MOST_GAIN} in whole numbers, so ESPHome refuses the file."
    do = f"Write {best}, and listen whether loud voices distort." if best else "Write a number such as 4."
    chart.error("gain.range", said, do, item, chart.rewritten(item, best))


def _check_bits(chart: Chart, source: Mapping) -> None:
    wanted = law().frontend.bits_per_sample
    item, text = source.get("bits_per_sample"), chart.of(source, "bits_per_sample")
    if text is not None and text.removesuffix("bit").strip() != str(wanted):
        said = f"The models hear samples of {wanted} bits; the microphone itself may have more."
        chart.error("microphone.bits", said, f"Write {wanted}.", item, chart.rewritten(item, str(wanted)))


def _check_channel(chart: Chart, source: Mapping, microphone: Mapping | None) -> None:
    """Whether the channel that is heard is one that the microphone has."""
    entry = source.entry("channels")
    if entry is None:
        return
    chosen = as_list(entry.value)
    if len(chosen) > law().frontend.microphone_channels:
        chart.error("microphone.channels", "The models hear one channel, and more are given.", "Keep one.", entry)
        return
    number = chart.config.value(chosen[0]) if chosen else None
    single = microphone is not None and chart.of(microphone, "platform") == _I2S
    single = single and chart.of(microphone, "channel") in (None, "left", "right")
    if single and number not in (None, "0"):
        chart.error(
            "microphone.channel",
            "This microphone has one channel, whose number is 0, so ESPHome refuses the file.",
            "Write 0, or leave it out.",
            chosen[0],
            chart.rewritten(chosen[0] if isinstance(chosen[0], Scalar) else None, "0"),
        )


def _check_bus(chart: Chart, microphones: list[Mapping]) -> None:
    """Who shares the wires of the microphone."""
    buses = chart.components(_I2S)
    only = chart.of(buses[0], "id") or "" if len(buses) == 1 else ""

    def bus_of(user: Mapping) -> str:
        return chart.of(user, "i2s_audio_id") or only

    heard = [one for one in microphones if chart.of(one, "platform") == _I2S]
    if not heard or not chart.config.complete:
        return
    for number, microphone in enumerate(heard[1:], start=1):
        if bus_of(microphone) in {bus_of(one) for one in heard[:number]}:
            said = "Two microphones share one bus, and only one of them can use it at a time."
            chart.warn("bus.microphones", said, "Leave one of them out, or give it a bus of its own.", microphone)
    speakers = chart.components("speaker", "media_player", platform=_I2S)
    shared = next((one for one in speakers if bus_of(one) in {bus_of(each) for each in heard}), None)
    listener = chart.listener
    if shared is None or listener is None:
        return
    entry = listener.entry("stop_after_detection")
    if entry is not None and not chart.says(listener, "stop_after_detection", True):
        chart.error(
            "bus.stop",
            "Microphone and speaker share one bus here, so as long as the device listens it cannot answer.",
            "Leave stop_after_detection on, and start the listening again after the answer.",
            entry,
            chart.rewritten(entry.value, "true"),
        )
