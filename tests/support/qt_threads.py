"""A law for tests of Qt objects: what a test starts, it ends."""

import gc
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QThread


def running_threads() -> list[QThread]:
    """The QThreads that run, beside the one of the window and those that are frozen."""
    threads = [thing for thing in gc.get_objects() if isinstance(thing, QThread) and shiboken6.isValid(thing)]
    own = QThread.currentThread()
    return [thread for thread in threads if thread.isRunning() and thread is not own]


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    """Fails a test that leaves a QThread running, and ends the thread so that the other tests can go on.

    What is there before the test is frozen: the collector and the look for threads go through what the test made, not
    through half a million objects of the libraries, which takes half a second a test.
    """
    gc.collect()
    gc.freeze()
    yield
    left = running_threads()
    for thread in left:
        thread.requestInterruption()
        thread.quit()
        thread.wait(10_000)
    assert not left, f"still running: {left}"
