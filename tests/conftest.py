"""What holds for every test: no window on anybody's screen, nobody's settings, and microphones of its own."""

import os
import sys

import pytest

# Before any test imports Qt or TensorFlow, which read these once.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


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
