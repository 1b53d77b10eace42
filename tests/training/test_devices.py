from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from mww_studio.errors import StudioError
from mww_studio.presets import Hardware
from mww_studio.training.devices import choose_device, set_seeds


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda _: [])


@pytest.mark.usefixtures("no_gpu")
def test_without_a_gpu_the_sentence_says_why() -> None:
    device = choose_device(Hardware())
    assert not device.gpu
    assert device.arrays is np
    assert "no CUDA GPU" in device.sentence


@pytest.mark.usefixtures("no_gpu")
def test_a_demanded_gpu_that_is_not_there_is_an_error() -> None:
    with pytest.raises(StudioError) as caught:
        choose_device(Hardware(device="gpu"))
    assert caught.value.code == "hardware.no_gpu"
    assert "auto" in caught.value.do


def test_the_preset_can_ask_for_the_processor() -> None:
    device = choose_device(Hardware(device="cpu"))
    assert not device.gpu
    assert "as the preset asks" in device.sentence


def test_a_gpu_without_cupy_masks_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda _: [SimpleNamespace(name="/gpu:0")])
    monkeypatch.setattr("tensorflow.config.experimental.set_memory_growth", lambda *_: None)
    monkeypatch.setattr("tensorflow.config.experimental.get_device_details", lambda _: {"device_name": "A card"})
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    device = choose_device(Hardware(mixed_precision=False))
    assert device.gpu
    assert device.arrays is np
    assert device.sentence.startswith("Trains on A card;")


def test_seeds_repeat_everything() -> None:
    def drawn() -> list[float]:
        set_seeds(4)
        return [float(np.random.rand()), float(tf.random.uniform(()))]  # noqa: NPY002

    assert drawn() == drawn()
