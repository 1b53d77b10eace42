"""The esphome program in a child process: what it may see, what it says line by line, and its end, children included.

A process of its own, because esphome keeps its state in globals, and because it must be possible to stop it at once.
"""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from mww_studio.errors import StudioError
from mww_studio.processes import family_of, kill
from mww_studio.progress import Progress

_POLL_S = 0.1
_BLOCK_BYTES = 65536
_LONGEST_LINE = 4000
_INHERITED = (  # all that esphome may see of our environment
    *("PATH", "PATHEXT", "HOME", "USER", "USERNAME", "LOGNAME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PLATFORMIO_CORE_DIR"),
)
# With --dashboard esphome writes the escape sign as four letters.
_ANSI = re.compile(r"(?:\x1b|\\033)\[[0-?]*[ -/]*[@-~]")
_LINE_END = re.compile(rb"[\r\n]+")


def esphome_command(arguments: Sequence[str]) -> list[str]:
    """How the esphome program is called; no module of the working folder can stand in for one of its own."""
    return [sys.executable, "-P", "-m", "esphome", *arguments]


class Child:
    """One run of a program in ``folder``; what it builds and downloads goes to ``data``, not beside a person's files.

    A context manager: leaving it ends the program and everything that it started. ``said`` is written to its standard
    input, which is closed then. Raises StudioError ``esphome.start``.
    """

    def __init__(self, command: Sequence[str], folder: Path, data: Path, said: str = "") -> None:
        inherited = {name: value for name in _INHERITED if (value := os.environ.get(name)) is not None}
        own = {"ESPHOME_DATA_DIR": str(data), "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**inherited, **own},
                stdin=subprocess.PIPE if said else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise StudioError(
                "esphome.start", "ESPHome could not be started.", why=f"{error}.", do="Set the program up again."
            ) from error
        self._over = False
        self._blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), self._process.stdin as channel:
                channel.write(said.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        self._reader.join()
        assert self._process.stdout is not None  # noqa: S101 - Popen was asked for a pipe
        self._process.stdout.close()

    @property
    def ok(self) -> bool:
        """Whether it has ended well."""
        return self._process.poll() == 0

    def lines(self, progress: Progress, timeout_s: float | None = None) -> Iterator[str]:
        """What it says until its end, line by line and without colours; a line may also be drawn over the one before.

        Raises Cancelled within a fraction of a second of the wish, and StudioError ``esphome.timeout``.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        rest = b""
        while True:
            progress.check_cancelled()
            if deadline is not None and time.monotonic() > deadline:
                raise StudioError(
                    "esphome.timeout",
                    f"ESPHome did not finish within {timeout_s:.0f} seconds.",
                    why="The computer is very busy, or the configuration fetches something from the internet.",
                    do="Try again when less is running.",
                )
            try:
                block = self._blocks.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            *whole, rest = _LINE_END.split(rest + block) if block else (rest, b"")
            for line in whole:
                if said := _plain(line):
                    yield said
            if not block:  # nobody of the family holds the other end of the pipe any more
                self._over = True
                self._process.wait()
                return

    def end(self) -> None:
        """Leave nothing of it behind, children included."""
        if not self._over:
            family = family_of(self._process.pid)
            if sys.platform != "win32":
                # Those whose parent has ended are nobody's children any more, but still of this session.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            kill(family)
            self._over = True
        self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - Popen was asked for a pipe
        while block := os.read(self._process.stdout.fileno(), _BLOCK_BYTES):
            self._blocks.put(block)
        self._blocks.put(b"")


def _plain(line: bytes) -> str:
    """A line without anything that would steer a terminal."""
    text = _ANSI.sub("", line[:_LONGEST_LINE].decode("utf-8", "replace")).expandtabs()
    return "".join(letter for letter in text if letter.isprintable()).rstrip()
