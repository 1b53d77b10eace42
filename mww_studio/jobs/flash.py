"""Puts a wake word on a device: builds the program for it, writes it by USB or network, and shows what it says then."""

import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mww_studio.errors import Cancelled, StudioError
from mww_studio.esphome import ota_program
from mww_studio.esphome.child import Child, esphome_command
from mww_studio.esphome.flash_output import FlashReader, Stage, read_woke
from mww_studio.esphome.flash_trouble import Target, is_offline, trouble
from mww_studio.esphome.masking import Mask, mask_for, secrets_beside, unfilled
from mww_studio.esphome.ports import check_port
from mww_studio.esphome.program import WakeWordModelLine, generate_only, parse_model_lines, tidy
from mww_studio.esphome.reach import check_answers
from mww_studio.esphome.secrets import SECRETS
from mww_studio.esphome.toolchain import build_folder, check_build, first_build, offline
from mww_studio.progress import Progress

LISTENING = "Listening to the device"
"""The phase in which a device's log is shown."""
_LARGEST_BYTES = 1_000_000
_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:%_-]*")
_FIRMWARES = (".pioenvs/*/firmware.bin", "build/firmware.ota.bin")


@dataclass(frozen=True)
class FlashOrder:
    """What goes where. ``password``: the one that the device has now, where it is not that of the configuration."""

    configuration: Path
    target: Target
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Flashed:
    """What was built, and where it was written to; ``where`` is empty after a dry run."""

    configuration: Path
    where: str
    words: tuple[WakeWordModelLine, ...]
    seconds: float

    def summary(self) -> dict[str, Any]:
        """For programs."""
        words = [
            {"id": word.id, "wake_word": word.wake_word, "cutoff_byte": word.cutoff_byte, "enabled": word.enabled}
            for word in self.words
        ]
        return {
            "configuration": str(self.configuration),
            "written_to": self.where or None,
            "wake_words": words,
            "seconds": round(self.seconds, 1),
        }

    def describe(self) -> str:
        """For people."""
        head = f"It is on the device at {self.where}." if self.where else "ESPHome can build it. Nothing was written."
        words = [
            f"  “{word.wake_word}”, {'on' if word.enabled else 'off'} from the start, cut-off {word.cutoff_byte}/255"
            for word in self.words
        ]
        return "\n".join([head, *(words or ["  It has no wake word."])])


def known_configurations(project: Path) -> list[Path]:
    """The configurations that a project exported, the newest first."""
    try:
        found = [file for file in (project / "exports").glob("*/*.yaml") if file.name != SECRETS]
        return sorted(found, key=lambda file: file.stat().st_mtime, reverse=True)
    except OSError:
        return []


def check(configuration: Path, progress: Progress) -> Flashed:
    """Let esphome read a configuration and write its C++, but build and write nothing: seconds, and no internet.

    Raises StudioError ``flash.file``, ``esphome.refused``, ``esphome.timeout``, ``esphome.start``, ``net.offline``
    and Cancelled.
    """
    began = time.monotonic()
    mask = _read(configuration, ())
    progress.phase(Stage.CHECK)
    with _hidden(mask):
        try:
            words = generate_only(configuration.resolve(), progress)
        except StudioError as error:
            if is_offline(error.why):
                raise offline() from None
            raise
    return Flashed(configuration, "", tuple(words), time.monotonic() - began)


def flash(order: FlashOrder, progress: Progress) -> Flashed:
    """Build and write. What esphome says is logged without its secrets; the same again takes seconds to build.

    Raises StudioError ``flash.*`` for everything that stands between a computer and a device, ``net.offline``,
    ``project.disk_full`` and ``esphome.*``. Cancelled within two seconds of the wish; the log says then whether the
    device was touched.
    """
    began = time.monotonic()
    mask = _read(order.configuration, (order.password,))
    with _hidden(mask):
        _check_order(order)
        check_build(first_build())
        progress.phase(Stage.CHECK)
        if order.target.address:
            check_answers(order.target.address, ota_program.PORT, order.configuration.resolve().parent, progress)
        built = _build(order.configuration.resolve(), mask, progress)
        _write(order, built, mask, progress)
    return Flashed(order.configuration, order.target.name, built.words, time.monotonic() - began)


def follow_log(configuration: Path, target: Target, progress: Progress) -> int:
    """Show what a device says until it falls silent; returns how often it heard a wake word. Usually ends by Cancelled.

    Each wake word is a step, with its name and how sure the device was; the line about it is followed by one in words.
    """
    mask = _read(configuration, ())
    progress.phase(LISTENING)
    heard = 0
    said: list[str] = []
    command = esphome_command(["--dashboard", "logs", configuration.name, f"--device={target.name}", "--no-states"])
    with _hidden(mask), Child(command, configuration.resolve().parent, build_folder()) as child:
        for line in child.lines(progress):
            said.append(line)
            del said[:-1000]
            progress.log(mask.hide(line))
            if woke := read_woke(line):
                heard += 1
                sure = f"{100 * woke.average:.0f} %"
                progress.log(f"▶ Heard “{woke.wake_word}”, {sure} sure. ({heard})")
                progress.step(heard, wake_word=woke.wake_word, sure=woke.average)
        if not child.ok:
            raise trouble(said, target, uploading=True)
    return heard


@dataclass(frozen=True)
class _Built:
    """A build: where it lies, and what is in it."""

    folder: Path
    words: tuple[WakeWordModelLine, ...]

    @property
    def firmware(self) -> Path:
        found = [file for pattern in _FIRMWARES for file in self.folder.glob(pattern)]
        if not found:
            raise StudioError(
                "flash.compile",
                "The program for the device is not there.",
                why=f"Nothing was built in {self.folder}.",
                do="Build it again.",
            )
        return max(found, key=lambda file: file.stat().st_mtime)


def _build(configuration: Path, mask: Mask, progress: Progress) -> _Built:
    data = build_folder()
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)  # what is built has the network's password in it
    kept = data / f"files-{configuration.stem}.txt"
    reader = FlashReader(_read_count(kept))
    command = esphome_command(["--dashboard", "compile", configuration.name])
    with tidy(configuration.parent):
        _run(command, configuration.parent, reader, Target(), mask, progress)
    kept.write_text(str(reader.compiled or _read_count(kept)), encoding="ascii")
    source = Path(reader.build_path) / "src" / "main.cpp"
    words = parse_model_lines(source.read_text("utf-8")) if source.is_file() else []
    return _Built(Path(reader.build_path), tuple(words))


def _write(order: FlashOrder, built: _Built, mask: Mask, progress: Progress) -> None:
    reader = FlashReader()
    target, folder = order.target, order.configuration.resolve().parent
    progress.phase(Stage.UPLOAD)
    try:
        if order.password and target.address:
            ota = ota_program.OtaOrder(
                address=target.address, file=built.firmware, password=order.password, port=ota_program.PORT
            )
            command = [sys.executable, "-P", "-m", "mww_studio.esphome.ota_program"]
            _run(command, folder, reader, target, mask, progress, ota.model_dump_json())
        else:
            arguments = ["--dashboard", "upload", order.configuration.name, f"--device={target.name}"]
            _run(esphome_command(arguments), folder, reader, target, mask, progress)
    except Cancelled:
        progress.log(_touched(target, reader))
        raise


def _touched(target: Target, reader: FlashReader) -> str:
    """What a cancel leaves behind."""
    if not reader.writing:
        return "Nothing was changed on the device."
    if target.port:
        return "The device was being written: it starts again when it is flashed to the end."
    return "The device goes on with the program that it had."


def _run(
    command: Sequence[str],
    folder: Path,
    reader: FlashReader,
    target: Target,
    mask: Mask,
    progress: Progress,
    said: str = "",
) -> None:
    """Run esphome to its good end, with its lines logged and its progress told."""
    lines: list[str] = []
    with Child(command, folder, build_folder(), said) as child:
        for line in child.lines(progress):
            reading = reader.read(line)
            if not reading.bar:
                lines.append(line)
                progress.log(mask.hide(line))
            if reading.begins:
                progress.phase(reading.stage, reading.total)
            if reading.done:
                progress.step(reading.done, total=reading.total)
        if not child.ok:
            raise trouble(lines, target, uploading=bool(target.name))


def _check_order(order: FlashOrder) -> None:
    missing = unfilled(secrets_beside(order.configuration))
    if missing:
        raise StudioError(
            "flash.wifi",
            "The device does not know your wireless network yet.",
            why=f"{', '.join(missing)} in secrets.yaml still say what is to be filled in.",
            do=f"Fill them in, in {order.configuration.resolve().parent}, and try again.",
        )
    if order.target.port:
        check_port(order.target.port)
    elif not _ADDRESS.fullmatch(order.target.address):
        raise StudioError(
            "flash.no_device",
            f"“{order.target.address}” is no address of a device." if order.target.address else "No device was named.",
            do="Name a port, or an address such as kitchen.local or 192.168.1.20: mww-studio ports and mww-studio"
            " devices list what is there.",
        )


def _read(configuration: Path, typed: Sequence[str]) -> Mask:
    """Look at a configuration before anything else does; returns what hides its secrets."""
    try:
        usable = configuration.is_file() and configuration.stat().st_size <= _LARGEST_BYTES
        text = configuration.read_text("utf-8") if usable else ""
    except (OSError, UnicodeDecodeError):
        usable = False
    if not usable or configuration.suffix.lower() not in (".yaml", ".yml"):
        raise StudioError(
            "flash.file",
            f"{configuration} is no configuration for ESPHome.",
            why="It has to be a text file whose name ends in .yaml.",
            do="Choose the .yaml that was saved for your device.",
        )
    return mask_for(configuration, text, typed)


def _read_count(file: Path) -> int:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0


@contextmanager
def _hidden(mask: Mask) -> Iterator[None]:
    """No error leaves with a secret in it."""
    try:
        yield
    except StudioError as error:
        raise mask.hide_in(error) from None
