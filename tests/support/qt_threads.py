"""A law for tests of Qt objects: what a test starts, it ends."""

import gc
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QThread


def running_threads() -> list[QThread]:
    """The QThreads that run, beside the one of the window."""
    threads = [thing for thing in gc.get_objects() if isinstance(thing, QThread) and shiboken6.isValid(thing)]
    return [thread for thread in threads if thread.isRunning() and not thread.isMainThread()]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    """Fails a test that leaves a QThread running, and ends the thread so that the other tests can go on."""
    before = running_threads()
    yield
    left = [thread for thread in running_threads() if thread not in before]
    for thread in left:
        thread.requestInterruption()
        thread.quit()
        thread.wait(10_000)
    assert not left, f"still running: {left}"
