from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from mww_studio.errors import StudioError
from mww_studio.presets import Hardware
from mww_studio.training.devices import Device, choose_device, set_seeds


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


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Two cards of the generations in the list, without CuPy; the precision is as it was afterwards."""
    generations = [(8, 6), (9, 0)]
    gpus = [SimpleNamespace(name=f"/gpu:{number}", number=number) for number in range(2)]

    def details(gpu: SimpleNamespace) -> dict[str, object]:
        return {"device_name": f"card {gpu.number}", "compute_capability": generations[gpu.number]}

    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda _: gpus[: len(generations)])
    monkeypatch.setattr("tensorflow.config.experimental.set_memory_growth", lambda *_: None)
    monkeypatch.setattr("tensorflow.config.experimental.get_device_details", details)
    monkeypatch.setattr("tensorflow.distribute.MirroredStrategy", lambda devices: devices)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("keras.mixed_precision.set_global_policy", generations.append)
    return generations


def test_a_gpu_without_cupy_masks_on_the_processor(cards: list[object]) -> None:
    del cards[1:]
    device = choose_device(Hardware(mixed_precision=False))
    assert device.gpu
    assert device.arrays is np
    assert device.strategy is tf.distribute.get_strategy()
    assert device.sentence.startswith("Trains on card 0 with 32-bit numbers; masks on the processor")


def test_several_cards_share_the_work_as_far_as_it_goes(cards: list[object]) -> None:
    device = choose_device(Hardware(), most=16)
    assert device.strategy == ["GPU:0", "GPU:1"]
    assert device.sentence.startswith("Trains on card 0, card 1 with 16-bit numbers where they are enough;")
    assert cards.pop() == "mixed_bfloat16"
    assert choose_device(Hardware(), most=1).strategy is tf.distribute.get_strategy()


def test_old_cards_reckon_with_32_bits(cards: list[object]) -> None:
    cards[0] = (7, 5)
    assert "32-bit numbers" in choose_device(Hardware(), most=16).sentence
    assert "mixed_bfloat16" not in cards


def test_arrays_of_a_card_become_tensors_without_a_copy() -> None:
    """Memory of the processor stands in for the card's; TensorFlow wants it aligned."""
    waited = []
    memory = np.zeros(4096 + 64, np.int8)
    start = -memory.ctypes.data % 64
    values = memory[start : start + 4096].reshape(8, 16, 32)
    stream = SimpleNamespace(synchronize=lambda: waited.append(True))
    library = SimpleNamespace(cuda=SimpleNamespace(get_current_stream=lambda: stream))
    device = Device(True, library, "")  # type: ignore[arg-type]
    tensor = device.tensor(SimpleNamespace(__dlpack__=values.__dlpack__))
    assert waited
    values[3, 4, 5] = 77
    assert tensor.dtype == tf.int8
    np.testing.assert_array_equal(tensor.numpy(), values)
    copied = device.tensor(values)
    values[3, 4, 5] = 0
    assert copied.numpy()[3, 4, 5] == 77


def test_seeds_repeat_everything() -> None:
    def drawn() -> list[float]:
        set_seeds(4)
        return [float(np.random.rand()), float(tf.random.uniform(()))]  # noqa: NPY002

    assert drawn() == drawn()
