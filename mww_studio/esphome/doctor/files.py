"""Reads a configuration that may be anything: a device, a bomb, binary. What is odd is refused before it is parsed."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mww_studio.errors import StudioError

MAX_FILE_BYTES = 256 * 1024
"""Many times the longest configuration that was seen; parsing more takes longer than anybody wants to wait."""
_MAX_LINE = 8_000
_START = 64
_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class SourceText:
    """A file as it was read. ``path``: with links followed; ``shown``: how people are told of it; ``text``: its letters
    with their own line ends and without a byte order mark; offsets into it are what edits count in.
    """

    path: Path
    shown: str
    data: bytes
    text: str

    @property
    def newline(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def line(self, offset: int) -> int:
        """The number of the line at ``offset``, from 1."""
        return self.text.count("\n", 0, offset) + 1

    def line_start(self, offset: int) -> int:
        """Where the line at ``offset`` begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line at ``offset`` ends, before its line end."""
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def next_line(self, offset: int) -> int:
        """Where the line after the one at ``offset`` begins; the end of the text where there is none."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def encode(self, text: str) -> bytes:
        """``text`` as it is written in the place of this one."""
        return (_BOM if self.data.startswith(_BOM) else b"") + text.encode()


def read_source(path: Path, shown: str, overlay: Mapping[Path, bytes] | None = None) -> SourceText:
    """The text of a file, or what ``overlay`` has in its place.

    Raises StudioError ``doctor.missing``, ``doctor.no-file``, ``doctor.too-big``, ``doctor.encoding``,
    ``doctor.no-text`` and ``doctor.unreadable``; none of them tells what is in the file.
    """
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise _refusal("doctor.unreadable", f"{shown} cannot be read.", "Its links lead in a circle.") from error
    data = overlay[real] if overlay is not None and real in overlay else _read(real, shown)
    return SourceText(real, shown, data, _decode(data, shown))


def _read(path: Path, shown: str) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refusal("doctor.no-file", f"{shown} is no file.", "It is a folder or a device.")
        # Were it exchanged for a pipe meanwhile, opening it would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 - it is open already
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise _refusal("doctor.missing", f"There is no file {shown}.", "", "Look at its name.") from None
    except OSError as error:
        why = f"{error.strerror or 'The system refuses it'}."
        raise _refusal("doctor.unreadable", f"{shown} cannot be read.", why, "Make it readable.") from None
    if len(data) > MAX_FILE_BYTES:
        most = f"{MAX_FILE_BYTES // 1024} KB"
        raise _refusal("doctor.too-big", f"{shown} is too long to be a configuration.", f"It has more than {most}.")
    return data


def _decode(data: bytes, shown: str) -> str:
    # Plain letters in UTF-16 are half zeros.
    if data.startswith(_OTHER_BOMS) or 3 * data[:_START].count(0) > len(data[:_START]):
        raise _refusal(
            "doctor.encoding", f"{shown} is not written in UTF-8.", "ESPHome reads no other.", "Save it as UTF-8."
        )
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(
            "doctor.encoding",
            f"{shown} is not written in UTF-8.",
            f"Line {line} has other bytes.",
            "Save it as UTF-8.",
        ) from None
    if any(letter < " " and letter not in "\t\r\n" for letter in text) or "\x7f" in text:
        raise _refusal("doctor.no-text", f"{shown} is no text.", "It holds control characters.")
    if max(map(len, text.split("\n"))) > _MAX_LINE:
        raise _refusal("doctor.too-big", f"{shown} has a line that is too long to be read.", "")
    return text


def too_nested(shown: str) -> StudioError:
    """The refusal of a file in which too much stands in each other, or that grows without end when it is read."""
    return _refusal(
        "doctor.bomb", f"{shown} is not read.", "What is in it stands too deep in itself, or repeats itself."
    )


def _refusal(code: str, what: str, why: str, do: str = "Choose the YAML file that you give to ESPHome.") -> StudioError:
    return StudioError(code, what, why=why, do=f"{do} Nothing was changed.")
