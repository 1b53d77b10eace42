"""Garbage is collected in the window's thread, and in no other."""

import gc
import threading
import weakref

import pytest

from mww_studio.ui.garbage import GarbageCollector


class Thing:
    """Something in a circle, which only the collector can take away."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def collector(qapp):
    made = GarbageCollector(qapp)
    yield made
    made.give_back()
    made.deleteLater()
    assert gc.isenabled()


def allocate():
    """So much that Python would collect."""
    kept = [[] for _ in range(20_000)]
    assert len(kept) == 20_000


def test_another_thread_collects_nothing(collector):
    gone = weakref.ref(Thing())
    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert gone() is not None
    allocate()
    collector.look()
    gc.collect()
    assert gone() is None


@pytest.mark.usefixtures("collector")
def test_it_collects_by_itself(qtbot):
    assert not gc.isenabled()
    gone = weakref.ref(Thing())
    kept = []

    def allocates_until_it_is_gone():
        kept.append([[] for _ in range(1000)])
        return gone() is None

    qtbot.waitUntil(allocates_until_it_is_gone)
