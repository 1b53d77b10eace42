"""Put it on the device: the window on the real job, with a program in the place of esphome that needs no device."""

import sys

import fake_esphome
import pytest
from device_files import SECRETS, no_secret_in, write_device
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from mww_studio.esphome.discovery import FoundDevice
from mww_studio.esphome.ports import SerialPort
from mww_studio.jobs import flash as flash_module
from mww_studio.ui.pages.flash import FlashPage

KITCHEN = FoundDevice("kitchen", "Kitchen", "192.168.1.20", 6053, "2026.6.5", "esp32-s3", encrypted=True)


@pytest.fixture(autouse=True)
def computer(tmp_path, monkeypatch):
    """A computer with the compiler, one device at a cable, and one in the network."""
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "core"))
    for package in ("framework-espidf", "toolchain-xtensa-esp-elf"):
        (tmp_path / "core" / "packages" / package).mkdir(parents=True)
        (tmp_path / "core" / "packages" / package / "package.json").write_text("{}")
    port = tmp_path / "ttyACM0"
    port.touch()
    ports = [SerialPort(str(port), "USB JTAG/serial debug unit", likely=True, usable=True)]
    monkeypatch.setattr("mww_studio.ui.pages.flash.serial_ports", lambda: list(ports))
    monkeypatch.setattr("mww_studio.esphome.discovery.find_devices", lambda *_: [KITCHEN])
    monkeypatch.setattr("mww_studio.ui.pages.flash.ask", lambda *_: "yes")
    monkeypatch.setattr(flash_module, "check_answers", lambda *_: None)
    esphome("good", monkeypatch)
    return ports


def esphome(mode, monkeypatch):
    command = [sys.executable, fake_esphome.__file__, mode]
    monkeypatch.setattr(flash_module, "esphome_command", lambda given: [*command, *given])


@pytest.fixture
def configuration(empty_session):
    return write_device(empty_session.folder / "exports" / "generic-s3")


@pytest.fixture
def page(qtbot, studio, empty_session):  # noqa: ARG001 - a project is open
    made = FlashPage(studio)
    qtbot.addWidget(made)
    made.resize(1080, 760)
    made.show()
    return made


def enter(qtbot, page):
    page.entered("")
    qtbot.waitUntil(page.put.isEnabled, timeout=20_000)


def flash(qtbot, page):
    page.put.click()
    qtbot.waitUntil(lambda: page._mode == "done", timeout=20_000)
    return page.message.accessibleName()


def test_without_files_it_leads_to_deploy(qtbot, page):
    page.entered("")
    with qtbot.waitSignal(page.navigate) as went:
        page.primary().click()
    assert went.args == ["deploy", ""]


@pytest.mark.usefixtures("configuration")
def test_by_cable_it_is_put_on_and_leads_to_the_device(qtbot, page, computer, studio):
    enter(qtbot, page)
    assert page.primary() is page.put
    assert flash(qtbot, page) == f"It is on the device at {computer[0].path}"
    assert "“Alexa”" in page.message.accessibleDescription()
    lines = "\n".join(page.running.log.lines())
    assert "INFO Successfully uploaded program." in lines
    no_secret_in(lines)
    with qtbot.waitSignal(page.navigate) as went:
        page.primary().click()
    assert went.args[0] == "device"
    assert not studio.jobs.jobs[-1].can_rest


def test_without_a_device_it_says_what_to_do(qtbot, page, computer, configuration):  # noqa: ARG001
    computer.clear()
    page.entered("")
    qtbot.waitUntil(lambda: "carries data" in page.cable._said.text(), timeout=20_000)
    assert page.primary() is None
    assert page.put.accessibleDescription() == "Connect the device first."


def test_a_port_that_is_not_permitted_comes_with_the_command(qtbot, page, computer, configuration):  # noqa: ARG001
    computer[:] = [SerialPort("/dev/ttyUSB7", "CH340", likely=True, usable=False)]
    page.entered("")
    qtbot.waitUntil(page.cable._denied.isVisible, timeout=20_000)
    page.cable._denied.button.click()
    assert QGuiApplication.clipboard().text().startswith("sudo usermod -a -G ")
    assert not page.put.isEnabled()


@pytest.mark.usefixtures("configuration")
def test_over_the_network_with_another_password_nothing_shows_it(qtbot, page, monkeypatch):
    orders = []
    monkeypatch.setattr("mww_studio.jobs.flash._write", lambda order, *_: orders.append(order))
    enter(qtbot, page)
    page.way.set_key("network")
    qtbot.waitUntil(lambda: page.network.address.text() == KITCHEN.address, timeout=20_000)
    page.network.secret.setText("typed by hand")
    assert flash(qtbot, page) == f"It is on the device at {KITCHEN.address}"
    assert orders[0].password == "typed by hand"  # noqa: S105
    assert "typed by hand" not in "\n".join(page.running.log.lines())


@pytest.mark.usefixtures("configuration")
def test_a_trouble_is_told_with_a_way_on(qtbot, page, monkeypatch):
    esphome("busy", monkeypatch)
    enter(qtbot, page)
    assert flash(qtbot, page).startswith("Another program holds ")
    assert "E-FLASH-02" in page.message.accessibleDescription()
    page.primary().click()
    assert page._mode == "ask"


@pytest.mark.usefixtures("configuration")
def test_a_build_is_stopped(qtbot, page, monkeypatch):
    esphome("hangs", monkeypatch)
    enter(qtbot, page)
    page.put.click()
    qtbot.waitUntil(lambda: page._job is not None and page._job.phase == "Compiling", timeout=20_000)
    assert "Nothing is changed on the device yet" in page.running._after.text()
    page.running.cancel_button.click()
    qtbot.waitUntil(lambda: page._mode == "done", timeout=20_000)
    assert page.message.accessibleName() == "It was stopped"
    page.primary().click()
    assert page._mode == "ask"


@pytest.mark.usefixtures("configuration")
def test_the_log_shows_how_often_it_heard_and_hides_secrets(qtbot, page):
    enter(qtbot, page)
    flash(qtbot, page)
    page._show_log()
    qtbot.waitUntil(lambda: page._mode == "done", timeout=20_000)
    assert page.primary().text() == "Listen to the device"
    lines = page.running.log.lines()
    assert "▶ Heard “Alexa”, 91 % sure. (2)" in lines
    no_secret_in("\n".join(lines))


@pytest.mark.usefixtures("configuration")
def test_the_first_download_is_announced(qtbot, page, monkeypatch, tmp_path):
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "none"))
    page.entered("")
    qtbot.waitUntil(page._first.isVisible, timeout=20_000)
    assert "1.2 GB" in page._first.accessibleName()
    assert str(tmp_path / "none") in page._first.accessibleDescription()


@pytest.mark.usefixtures("configuration")
def test_home_assistant_gets_a_copy_and_the_lines_to_paste(qtbot, page, tmp_path):
    folder = tmp_path / "config" / "esphome"
    folder.mkdir(parents=True)
    (folder / "alexa.tflite").write_bytes(b"another")
    page.entered("")
    page.way.set_key("home")
    page.home.folder.setText(str(folder.parent))
    page.put.click()
    qtbot.waitUntil(lambda: page.message is not None, timeout=20_000)
    assert "alexa.tflite would be lost" in page.message.accessibleDescription()
    page._replace()
    qtbot.waitUntil(page._lines.isVisible, timeout=20_000)
    assert "model: alexa.json" in page._lines.text
    assert page._lines._text.height() < page._lines._text.fontMetrics().lineSpacing() * 10
    assert page.primary().text() == "Listen to the device"
    assert SECRETS["kitchen_api_key"] in (folder / "secrets.yaml").read_text()


@pytest.mark.usefixtures("configuration")
def test_what_was_only_checked_leads_on_without_an_empty_log(qtbot, page):
    enter(qtbot, page)
    page.check.click()
    qtbot.waitUntil(lambda: page._mode == "done", timeout=20_000)
    assert page.message.accessibleName() == "ESPHome can build it"
    assert page.running.log.isVisible() == bool(page.running.log.lines())
    assert not page._again.isVisible()
    page.primary().click()
    assert page._mode == "ask"


@pytest.mark.usefixtures("configuration")
def test_a_device_that_is_plugged_in_does_not_take_the_focus_away(qtbot, page, computer):
    enter(qtbot, page)
    page.activateWindow()
    chosen = page.cable.cards.cards[computer[0].path]
    chosen.setFocus()
    qtbot.waitUntil(chosen.hasFocus)
    page._show_ports([*computer, SerialPort("/dev/ttyUSB7", "CH340", likely=True, usable=True)])
    assert page.cable.cards.key == computer[0].path
    assert page.cable.cards.cards[computer[0].path].hasFocus()
    qtbot.waitUntil(page.cable.cards.cards["/dev/ttyUSB7"].isVisible)
    qtbot.keyClick(page.cable.cards.cards[computer[0].path], Qt.Key.Key_Tab)
    assert page.put.hasFocus()  # and not what stands behind the buttons that were there before
