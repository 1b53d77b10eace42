"""A program that answers requests, one line of JSON for another, and that can be trusted with nothing.

It may be missing, die, hang or print garbage; each is an error that says so, and no process outlives its owner.
"""

import base64
import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any, Self, cast

import numpy as np
import psutil

from mww_studio.corpus.voices import Check, Line, Speech
from mww_studio.errors import StudioError
from mww_studio.processes import end

ANSWER_S = 90.0
"""How long an engine may think about one line."""

_LONGEST_ANSWER = 64 * 2**20
_GLANCE_S = 0.1
_SHOWN_CHARACTERS = 300


def voice_program(engine: str) -> list[str]:
    """The command that runs ``voice_program.py`` for an engine; it needs nothing of this package."""
    return [sys.executable, "-P", str(Path(__file__).with_name("voice_program.py")), engine]


def package_version(name: str) -> str:
    """The release of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def spoken(answer: dict[str, Any], line: Line) -> Speech:
    """The speech in a program's answer. Raises StudioError ``voices.garbage``."""
    try:
        pcm = np.frombuffer(base64.b64decode(answer["pcm"], validate=True), "<i2").astype(np.int16)
        rate_hz = int(answer["rate_hz"])
    except (KeyError, ValueError, TypeError) as error:
        raise _trouble(line.voice.engine, "voices.garbage", "answered something that is not speech") from error
    if rate_hz <= 0:
        raise _trouble(line.voice.engine, "voices.garbage", "answered something that is not speech", f"{rate_hz} Hz")
    return Speech(pcm, rate_hz)


class SpeechProcess:
    """A running program, spoken to through its standard input and output. Use it as a context."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self._name = name
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._errors)
        except OSError as error:
            self._errors.close()
            raise _trouble(name, "voices.missing", "could not be started", str(error)) from error
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        self._answers: queue.Queue[bytes] = queue.Queue(maxsize=8)
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"{name} answers", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, request: dict[str, Any], check: Check, *, timeout_s: float) -> dict[str, Any]:
        """The program's answer. Raises StudioError ``voices.hangs``, ``voices.died`` or ``voices.garbage``."""
        try:
            self._stdin.write(json.dumps(request).encode() + b"\n")
            self._stdin.flush()
        except OSError:
            raise self._died() from None
        line = self._wait(check, time.monotonic() + timeout_s, timeout_s)
        if not line:
            raise self._died()
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise _trouble(self._name, "voices.garbage", "answered something that is not speech", repr(line[:80]))
        if "error" in answer:
            raise _trouble(self._name, "voices.refused", "could not say a line", str(answer["error"]))
        return answer

    def cpu_s(self) -> float:
        """Seconds of processor time that the program has used."""
        try:
            times = psutil.Process(self._process.pid).cpu_times()
        except psutil.NoSuchProcess:
            raise self._died() from None
        return float(times.user + times.system)

    def close(self) -> None:
        """End the program and everything that it started."""
        self._closed.set()
        end(self._process)
        self._reader.join()
        self._stdout.close()
        with contextlib.suppress(OSError):  # what a dead program has not read is not missed
            self._stdin.close()
        self._errors.close()

    def _wait(self, check: Check, deadline: float, timeout_s: float) -> bytes:
        while True:
            check()
            try:
                return self._answers.get(timeout=_GLANCE_S)
            except queue.Empty:
                if time.monotonic() > deadline:
                    raise _trouble(self._name, "voices.hangs", f"gave no answer for {timeout_s:g} s") from None

    def _read(self) -> None:
        line = b"-"
        while line and not self._closed.is_set():
            try:
                line = self._stdout.readline(_LONGEST_ANSWER)
            except (OSError, ValueError):
                line = b""
            self._offer(line)

    def _offer(self, line: bytes) -> None:
        while not self._closed.is_set():
            try:
                self._answers.put(line, timeout=_GLANCE_S)
            except queue.Full:
                continue
            return

    def _died(self) -> StudioError:
        self._process.wait(timeout=10)
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        return _trouble(
            self._name, "voices.died", f"ended with status {self._process.returncode}", said[-_SHOWN_CHARACTERS:]
        )


def run_program(name: str, command: Sequence[str], check: Check, *, timeout_s: float) -> bytes:
    """What a program that runs once printed. Raises StudioError ``voices.{missing,hangs,died}``."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        except OSError as error:
            raise _trouble(name, "voices.missing", "could not be started", str(error)) from error
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                check()
                try:
                    status = process.wait(timeout=_GLANCE_S)
                    break
                except subprocess.TimeoutExpired:
                    if time.monotonic() > deadline:
                        raise _trouble(name, "voices.hangs", f"gave no answer for {timeout_s:g} s") from None
        finally:
            end(process)
        if status:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()
            raise _trouble(name, "voices.died", f"ended with status {status}", said[-_SHOWN_CHARACTERS:])
        output.seek(0)
        return output.read()


def _trouble(name: str, code: str, what: str, why: str = "") -> StudioError:
    return StudioError(
        code,
        f"The voice engine {name} {what}.",
        why=why,
        do="The other engines go on without it; reinstall it if this happens again.",
    )
