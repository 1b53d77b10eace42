"""A program of its own for everything that touches a sound device.

PortAudio hangs when a device is pulled out, floods its error output, and learns of new devices only when it starts
anew. Here it may: whoever started this program can kill it at any moment and start another.

Usage: sound_program.py record RATE_HZ NAME | play RATE_HZ NAME | list | watch

What it says on its output, and hears on its input, are frames: a letter, the length of what follows as a little-endian
uint32, and that. ``P`` carries int16 samples, mono, little-endian, at RATE_HZ; ``J`` carries a JSON object whose
``event`` names it. NAME is that of a device, or empty for the system's default. Nobody reading its output ends it.
"""

import json
import os
import queue
import re
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import rtmixer
import sounddevice
import soxr

_HEADER = struct.Struct("<cI")
_POLL_S = 0.01
_LOOK_AGAIN_S = 1.5
_SILENCE_S = 1.0  # without a block: the device is gone or asleep
_RING_FRAMES = 1 << 17
_BUSY = -9985  # PortAudio's paDeviceUnavailable
_UNREAL = re.compile(  # ALSA's names for ways to a device, not for devices
    r"(sysdefault|dmix|dsnoop|front|rear|side|center_lfe|iec958|hdmi|modem|surround\d+|samplerate|speex|speexrate|upmix"
    r"|vdownmix|lavrate|oss|jack|a52|null)(:.*)?"
)
_CARD = re.compile(r" \(hw:[^)]*\)$")

Say = Callable[..., None]


@dataclass(frozen=True)
class _Device:
    index: int
    name: str
    rate_hz: int
    channels: int
    default: bool


class _HangingError(Exception):
    """The device takes no more sound."""


class _NoDeviceError(Exception):
    """There is no device of that name, or none at all."""


def main() -> int:
    """Do what the command line says; the exit status is 1 after an error, which was told as an event."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints must not stand between the frames

    def say(event: str, **content: Any) -> None:
        _send(output, b"J", json.dumps({"event": event, **content}).encode())

    try:
        _carry_out(sys.argv[1:], output, say)
    except BrokenPipeError:
        return 0
    except _NoDeviceError as error:
        say("failed", code="missing", why=str(error))
    except _HangingError:
        say("failed", code="stopped", why="")
    except sounddevice.PortAudioError as error:
        say("failed", code="busy" if _is_busy(error) else "refused", why=str(error.args[0]))
    else:
        return 0
    return 1


def _carry_out(order: list[str], output: BinaryIO, say: Say) -> None:
    match order:
        case ["record", rate, name]:
            _record(int(rate), name, output, say)
        case ["play", rate, name]:
            _play(int(rate), name, say)
        case ["list"]:
            say("devices", devices=[asdict(device) for device in _devices("input")])
        case ["watch"]:
            _watch(say)


def _devices(kind: str) -> list[_Device]:
    """The real devices of the system's own sound interface. ``kind``: input or output."""
    interface = _interface()
    default = interface[f"default_{kind}_device"]
    found: list[_Device] = []
    for index in interface["devices"]:
        device = sounddevice.query_devices(index)
        channels = device[f"max_{kind}_channels"]
        if channels > 0 and not _UNREAL.fullmatch(device["name"]):
            twins = sum(other.name.partition(" #")[0] == device["name"] for other in found)
            name = device["name"] + (f" #{twins + 1}" if twins else "")
            found.append(_Device(index, name, int(device["default_samplerate"]), channels, index == default))
    return found


def _interface() -> Any:
    """Windows has several interfaces to the same devices; of them, the one that shortens no name."""
    interfaces = [each for each in sounddevice.query_hostapis() if each["devices"]]
    for each in interfaces:
        if each["name"] == "Windows WASAPI":
            return each
    return interfaces[0] if interfaces else {"devices": [], "default_input_device": -1, "default_output_device": -1}


def _find(kind: str, name: str) -> _Device:
    devices = _devices(kind)
    if not devices:
        raise _NoDeviceError("There is none.")
    if not name:
        return next((device for device in devices if device.default), devices[0])
    # The number of a card changes when it is plugged in again.
    same = [device for device in devices if device.name == name]
    alike = [device for device in devices if _CARD.sub("", device.name) == _CARD.sub("", name)]
    if not same and len(alike) != 1:
        raise _NoDeviceError(f"“{name}” is not there.")
    return (same or alike)[0]


def _settings(device: _Device, kind: str, rate_hz: int) -> dict[str, Any]:
    """What the device takes that is nearest to mono at ``rate_hz``. Raises PortAudioError."""
    check = sounddevice.check_input_settings if kind == "input" else sounddevice.check_output_settings
    many = min(device.channels, 2)
    # Mono comes first from a microphone, from a loudspeaker it may reach one ear.
    channels = (1, many) if kind == "input" else (many, 1)
    wanted = [
        {"device": device.index, "channels": count, "samplerate": rate}
        for rate in (rate_hz, device.rate_hz, 48_000, 44_100)
        for count in channels
    ]
    refusal: sounddevice.PortAudioError | None = None
    for settings in wanted:
        try:
            check(dtype="float32", **settings)
        except sounddevice.PortAudioError as error:
            if _is_busy(error):  # PortAudio knocks for a second each time
                raise
            refusal = refusal or error
        else:
            return settings
    assert refusal is not None  # noqa: S101 - something was tried
    raise refusal


def _is_busy(error: sounddevice.PortAudioError) -> bool:
    return len(error.args) > 1 and error.args[1] == _BUSY


def _record(rate_hz: int, name: str, output: BinaryIO, say: Say) -> None:
    """Say ``devices`` and ``open``, then what is heard, ``lost`` before what follows a gap, and ``stopped``."""
    say("devices", devices=[asdict(device) for device in _devices("input")])
    device = _find("input", name)
    settings = _settings(device, "input", rate_hz)
    channels, device_hz = settings["channels"], settings["samplerate"]
    recorder = rtmixer.Recorder(**settings)
    ring = rtmixer.RingBuffer(channels * np.dtype(np.float32).itemsize, _RING_FRAMES)
    action = recorder.record_ringbuffer(ring)
    resampler = soxr.ResampleStream(device_hz, rate_hz, 1, dtype="float32") if device_hz != rate_hz else None
    recorder.start()
    say("open", name=device.name, rate_hz=device_hz)
    losses = silent = 0
    while silent * _POLL_S < _SILENCE_S:  # counted, not timed: after this program itself was held up, sound is waiting
        block = np.frombuffer(ring.read(), np.float32)[::channels]
        if action.stats.input_overflows > losses:
            losses = action.stats.input_overflows
            say("lost")
        if action not in recorder.actions:  # the ring was full, and the rest was not written
            say("lost")
            ring.read()
            action, losses = recorder.record_ringbuffer(ring), 0
        silent = 0 if len(block) else silent + 1
        if len(block):
            block = block if resampler is None else resampler.resample_chunk(block)
        if len(block):
            _send(output, b"P", _int16(block).tobytes())
        time.sleep(_POLL_S)
    say("stopped")


def _play(rate_hz: int, name: str, say: Say) -> None:
    """Play each ``P`` of the input at once, instead of what plays; an empty one stops. Says ``playing``, ``done``."""
    orders: queue.Queue[bytes | None] = queue.Queue()
    threading.Thread(target=_read_orders, args=(orders,), daemon=True).start()
    fresh = True
    while (samples := orders.get()) is not None:
        if samples:
            if not fresh:  # by now another loudspeaker may be the default
                _look_anew()
            fresh = False
            _play_one(np.frombuffer(samples, "<i2"), rate_hz, name, orders, say)
            say("done")


def _play_one(
    pcm: npt.NDArray[np.int16], rate_hz: int, name: str, orders: "queue.Queue[bytes | None]", say: Say
) -> None:
    """Play to the end, or until there is another order."""
    device = _find("output", name)
    settings = _settings(device, "output", rate_hz)
    sound = pcm.astype(np.float32) / np.float32(32768)
    if settings["samplerate"] != rate_hz:
        sound = soxr.resample(sound, rate_hz, settings["samplerate"])
    channels = settings["channels"]
    mixer = rtmixer.Mixer(**settings)
    # Silence behind it, as long as the device's own buffer: so it is heard to its end, whatever stopping does.
    tail = np.zeros(round(mixer.latency * settings["samplerate"]), np.float32)
    action = mixer.play_buffer(np.repeat(np.concatenate([sound, tail]), channels), channels)
    mixer.start()
    say("playing")
    played, moved_at = 0, time.monotonic()
    while action in mixer.actions and orders.empty():
        if action.done_frames != played:
            played, moved_at = action.done_frames, time.monotonic()
        elif time.monotonic() - moved_at > _SILENCE_S:
            raise _HangingError
        time.sleep(_POLL_S)
    mixer.abort()
    mixer.close()


def _read_orders(orders: "queue.Queue[bytes | None]") -> None:
    source = os.fdopen(os.dup(0), "rb")
    while len(header := source.read(_HEADER.size)) == _HEADER.size:
        orders.put(source.read(_HEADER.unpack(header)[1]))
    orders.put(None)


def _watch(say: Say) -> None:
    """Say ``devices`` now and again, also when nothing changed: so it is noticed when nobody listens any more."""
    while True:
        say("devices", devices=[asdict(device) for device in _devices("input")])
        time.sleep(_LOOK_AGAIN_S)
        _look_anew()


def _look_anew() -> None:
    """PortAudio lists devices when it starts, and has no other way."""
    sounddevice._terminate()  # noqa: SLF001
    sounddevice._initialize()  # noqa: SLF001


def _int16(block: npt.NDArray[np.float32]) -> npt.NDArray[np.int16]:
    samples: npt.NDArray[np.int16] = np.rint(block * np.float32(32768)).clip(-32768, 32767).astype("<i2")
    return samples


def _send(output: BinaryIO, letter: bytes, content: bytes) -> None:
    output.write(_HEADER.pack(letter, len(content)) + content)


if __name__ == "__main__":
    os._exit(main())  # ended in order, PortAudio would wait for a device that does not answer any more
