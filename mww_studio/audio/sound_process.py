"""The program that touches sound devices, seen from outside: start it, hear what it says, drop it at any moment."""

import contextlib
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError

_HEADER = struct.Struct("<cI")
_MOST_CONTENT = 1 << 26


class Said(BaseModel):
    """What the program tells: an ``event``, and what belongs to it."""

    event: str
    name: str = ""
    rate_hz: int = 0
    code: str = ""
    why: str = ""
    devices: list[dict[str, Any]] = []


Heard = Callable[[bytes | Said], None]


class SoundProcess:
    """One run of the program. ``heard`` is called in a thread of its own with samples (bytes) and events in turn.

    The last event is ``ended``, which the program itself never says. ``heard_at`` is the time.monotonic() of the
    latest of them.
    """

    def __init__(self, *arguments: str, heard: Heard) -> None:
        """Start at once; returns before the program says a word."""
        program = Path(__file__).with_name("sound_program.py")
        self.heard_at = time.monotonic()
        self._heard = heard
        # Its errors are nowhere: sound libraries write them by the megabyte, and what matters comes as an event.
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not meant for it
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._write = threading.Lock()
        threading.Thread(target=self._listen, name="sound", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def send(self, samples: bytes) -> None:
        """Give samples to the program; waits while it does not take them. A program that ended takes nothing."""
        with self._write, contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None  # noqa: S101 - Popen was asked for a pipe
            self._process.stdin.write(_HEADER.pack(b"P", len(samples)) + samples)
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it, whatever it is doing. Returns at once; nothing is heard of it any more."""
        self._heard = _ignored
        self._process.kill()

    def _listen(self) -> None:
        """Hear the program to its end, and see it buried: here, a process that cannot die delays nobody."""
        output = self._process.stdout
        assert output is not None  # noqa: S101 - Popen was asked for a pipe
        while len(header := output.read(_HEADER.size)) == _HEADER.size:
            letter, length = _HEADER.unpack(header)
            if length > _MOST_CONTENT or len(content := output.read(length)) < length:
                break
            self.heard_at = time.monotonic()
            self._heard(content if letter == b"P" else Said.model_validate_json(content))
        with self._write, contextlib.suppress(OSError):
            self._process.__exit__(None, None, None)
        self._heard(Said(event="ended"))


def _ignored(_content: bytes | Said) -> None:
    """Nobody listens any more."""


def rate_argument() -> str:
    """The rate of all sound in the studio, in Hz, as the program wants it."""
    return str(law().frontend.sample_rate_hz)


def trouble(said: Said, name: str) -> StudioError:
    """The error behind what a program that records said last, or ``ended`` before the microphone was open.

    ``name``: the wanted microphone, empty for the default.
    """
    if said.event == "ended":
        return StudioError(
            "audio.system",
            "The sound of this computer does not answer.",
            do="Check that PortAudio is installed (on Debian: libportaudio2) and that sound works in other programs.",
        )
    if said.event == "failed" and said.code == "missing":
        return StudioError("audio.no_microphone", "No microphone was found.", why=said.why, do="Plug one in.")
    if said.event == "failed" and said.code == "busy":
        return StudioError(
            "audio.busy",
            "Another program holds the microphone.",
            do="Close it there (often a call), or choose another microphone.",
        )
    if said.event == "failed":
        return StudioError(
            "audio.refused",
            f"The microphone{f' “{name}”' if name else ''} cannot be used.",
            why=f"The system says: {said.why.rstrip('.')}.",
            do="Choose another microphone.",
        )
    return StudioError(
        "audio.stopped",
        "The microphone stopped sending sound.",
        why="It was pulled out or fell asleep.",
        do="Check its plug, then open it again.",
    )
