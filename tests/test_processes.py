import subprocess
import sys

import psutil
import pytest

from mww_studio.processes import end, family_of

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def parent():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_family_ends_with_its_head(parent):
    child = psutil.Process(int(parent.stdout.readline()))
    assert family_of(parent.pid) == [psutil.Process(parent.pid), child]
    end(parent)
    assert parent.returncode is not None
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert family_of(parent.pid) == []


def test_one_that_has_ended_is_left_alone(parent, monkeypatch):
    parent.kill()
    parent.wait()
    monkeypatch.setattr("mww_studio.processes.family_of", lambda _: pytest.fail("its number may be another's"))
    end(parent)
