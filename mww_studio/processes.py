"""A process and all that it started: find them, and end them."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Sequence

import psutil

_PATIENCE_S = 2.0
_POLL_S = 0.01


def family_of(pid: int) -> list[psutil.Process]:
    """A process and all that it started, itself first; none where it is gone."""
    try:
        head = psutil.Process(pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def tell(order: Callable[[], None]) -> None:
    """Give an order (``suspend``, ``resume``, ``kill``) to a process that may be gone by now."""
    with contextlib.suppress(psutil.NoSuchProcess):
        order()


def kill(family: Sequence[psutil.Process]) -> None:
    """Kill processes, the youngest first, and wait until none of them runs any more.

    The system takes a moment to end a killed process, and one that hangs in a driver may outlive the two seconds that
    this waits.
    """
    for process in reversed(family):
        tell(process.kill)
    deadline = time.monotonic() + _PATIENCE_S
    while any(map(_runs, family)) and time.monotonic() < deadline:
        time.sleep(_POLL_S)


def end(child: subprocess.Popen[bytes]) -> None:
    """Kill a child of this program and all that it started, unless it has ended by itself."""
    if child.poll() is None:  # the number of one that has ended may be another's by now
        kill(family_of(child.pid))
    child.wait()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
