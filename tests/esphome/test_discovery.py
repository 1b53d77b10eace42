"""Devices are found by real announcements, on the loopback alone; ports by what the system tells of them."""

import socket
from types import SimpleNamespace

import pytest
from zeroconf import ServiceInfo, Zeroconf

from mww_studio.errors import Cancelled, StudioError
from mww_studio.esphome import ports
from mww_studio.esphome.discovery import SERVICE, FoundDevice, find_devices
from mww_studio.progress import Progress

LOOPBACK = ["127.0.0.1"]


class CancelWhenFound(Progress):
    def __init__(self):
        self.found = 0

    def step(self, done, **_):
        self.found = done

    def check_cancelled(self):
        if self.found:
            raise Cancelled


@pytest.fixture
def kitchen():
    info = ServiceInfo(
        SERVICE,
        f"kitchen.{SERVICE}",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=6053,
        properties={
            "friendly_name": "Kitchen \x1b[31mspeaker",
            "version": "2026.6.5",
            "board": "esp32-s3-devkitc-1",
            "api_encryption": "Noise_NNpsk0_25519_ChaChaPoly_SHA256",
        },
        server="kitchen.local.",
    )
    network = Zeroconf(interfaces=LOOPBACK)
    try:
        network.register_service(info)
        yield info
    finally:
        network.close()


@pytest.mark.usefixtures("kitchen")
def test_a_device_that_announces_itself_is_found():
    (found,) = find_devices(Progress(), 1.5, LOOPBACK)
    assert found == FoundDevice(
        "kitchen", "Kitchen [31mspeaker", "127.0.0.1", 6053, "2026.6.5", "esp32-s3-devkitc-1", encrypted=True
    )


@pytest.mark.usefixtures("kitchen")
def test_the_search_is_cancelled():
    with pytest.raises(Cancelled):
        find_devices(CancelWhenFound(), 60, LOOPBACK)


def test_no_network_is_told(monkeypatch):
    def nothing(**_):
        raise OSError(19, "No such device")

    monkeypatch.setattr("zeroconf.Zeroconf", nothing)
    with pytest.raises(StudioError) as told:
        find_devices(Progress(), 0.0)
    assert told.value.code == "devices.network"


def test_ports_that_look_like_a_device_come_first(monkeypatch, tmp_path):
    def port(name, vid, product):
        return SimpleNamespace(device=str(tmp_path / name), vid=vid, product=product, description=product or "n/a")

    plugged = [port("ttyS0", None, None), port("ttyACM1", 0x046D, "A mouse"), port("ttyUSB0", 0x1A86, "USB Serial")]
    plugged.append(port("ttyACM0", 0x303A, "USB JTAG/serial debug unit"))
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: plugged)
    monkeypatch.setattr(ports.os, "access", lambda path, _: not str(path).endswith("ttyUSB0"))
    found = ports.serial_ports()
    assert [(one.name, one.likely, one.usable) for one in found] == [
        ("USB JTAG/serial debug unit", True, True),
        ("USB Serial (CH340)", True, False),
        ("A mouse", False, True),
    ]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: plugged[:1])
    assert [one.name for one in ports.serial_ports()] == ["Serial port"]
