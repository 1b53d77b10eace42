"""What holds for every test: no window on anybody's screen, nobody's settings, and microphones of its own."""

import os
import shutil
import sys
import tempfile

import pytest

# Before any test imports Qt or TensorFlow, which read these once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


_SHARED = "MWW_STUDIO_TESTS_SHARED"


def pytest_configure(config):
    """A folder for what is made once for all processes of this run."""
    if not hasattr(config, "workerinput"):
        os.environ[_SHARED] = tempfile.mkdtemp(prefix="mww-studio-tests-")


def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(_SHARED), ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _nobodys_sets(tmp_path_factory):
    """No test trains with, or lists, what somebody downloaded."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MWW_STUDIO_DATA", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def _sound_card(tmp_path_factory):
    from virtual_microphone import VirtualMicrophones

    if not sys.platform.startswith("linux"):
        pytest.skip("virtual microphones are made for ALSA")
    try:
        return VirtualMicrophones(tmp_path_factory.mktemp("sound"))
    except RuntimeError as error:
        pytest.fail(str(error))


@pytest.fixture
def microphones(_sound_card, monkeypatch):
    """A computer with microphones that hear what the test lets them hear."""
    _sound_card.reset()
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(_sound_card.config))
    return _sound_card
