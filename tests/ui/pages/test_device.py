"""Listen to the device: the window on a real connection, to a device on the loopback (tests/support/api_device.py)."""

import pytest
from api_device import KEY, api_device
from device_files import write_device

from mww_studio.errors import StudioError
from mww_studio.esphome.device_api import OfferedWord, Role, Words
from mww_studio.esphome.discovery import FoundDevice
from mww_studio.jobs import say_test
from mww_studio.ui.kit.buttons import Button
from mww_studio.ui.pages.device import DevicePage

WORDS = {"word_kosita": "Kosita", "okay_nabu": "Okay Nabu"}
LOCAL = FoundDevice("kitchen", "Kitchen", "127.0.0.1", 6053, "2026.6.5", "esp32-s3", encrypted=True)


@pytest.fixture
def kitchen(studio, monkeypatch):
    with api_device(WORDS, KEY) as made:
        connect_to = studio.device.connect_to
        monkeypatch.setattr(studio.device, "connect_to", lambda address, key: connect_to(address, key, made.port))
        yield made
        studio.device.shut_down()


@pytest.fixture
def page(qtbot, studio, empty_session, monkeypatch):
    write_device(empty_session.folder / "exports" / "generic-s3")
    monkeypatch.setattr("mww_studio.esphome.discovery.find_devices", lambda *_: [LOCAL])
    made = DevicePage(studio)
    qtbot.addWidget(made)
    made.resize(1080, 760)
    made.show()
    yield made
    made.left()


def connect(qtbot, page):
    page.entered("")
    qtbot.waitUntil(lambda: bool(page.network.address.text() == "127.0.0.1" and page._known_key), timeout=20_000)
    page.primary().click()
    qtbot.waitUntil(lambda: page._mode == "online", timeout=20_000)


def test_it_shows_what_the_device_offers_and_hears(qtbot, page, kitchen):
    connect(qtbot, page)
    assert page._facts.accessibleName() == "Kitchen is online"
    assert "in the place of Home Assistant" in page._roles.accessibleName()
    assert page.words.cards["word_kosita"].isChecked()
    kitchen.wake("Kosita")
    qtbot.waitUntil(lambda: page.heard.count == 1, timeout=20_000)
    assert "“Kosita” · 97 % sure" in page.heard._rows[0].accessibleName()


def test_another_word_is_chosen(qtbot, page, kitchen, studio):
    connect(qtbot, page)
    with qtbot.waitSignal(studio.notice, timeout=20_000) as said:
        chosen = page.words.cards["okay_nabu"]
        chosen.click()
    assert said.args[0].text == "The device listens for “Okay Nabu” now."
    assert kitchen.active == ["okay_nabu"]
    assert page.words.cards["okay_nabu"] is chosen
    assert chosen.isChecked()


def test_ten_times_are_counted(qtbot, page, kitchen, monkeypatch):
    monkeypatch.setattr(say_test, "PAUSE_S", 0.05)
    monkeypatch.setattr("mww_studio.ui.pages.device.COUNT", 2)
    connect(qtbot, page)
    page.say.button.click()
    for number in range(2):
        qtbot.waitUntil(lambda number=number: page._test.speaking and len(page._test.marks) == number, timeout=20_000)
        kitchen.wake("Kosita" if number else "Okay Nabu")
    qtbot.waitUntil(lambda: page._test.over, timeout=20_000)
    qtbot.waitUntil(lambda: page.say._now.text() == "It heard 2 of 2", timeout=20_000)
    assert page.say._after.text() == "Of 100 it would likely hear 34 to 100."


def test_a_device_that_goes_away_is_told(qtbot, page, kitchen):
    connect(qtbot, page)
    kitchen.vanish()
    qtbot.waitUntil(lambda: page.message is not None, timeout=20_000)
    assert "E-DEVICE-02" in page.message.accessibleDescription()
    assert page._mode == "ask"
    assert [button.text() for button in page.message.findChildren(Button)] == ["Try again"]


def test_leaving_the_page_leaves_the_device(qtbot, page, kitchen, studio):
    connect(qtbot, page)
    page.left()
    assert not studio.device.running
    qtbot.waitUntil(lambda: kitchen._owner is None, timeout=20_000)


def test_a_key_that_does_not_fit_is_told(qtbot, page, kitchen):  # noqa: ARG001
    page.entered("")
    qtbot.waitUntil(lambda: page.network.address.text() == "127.0.0.1", timeout=20_000)
    page.network.secret.setText("bm90IHRoaXMgb25lLCBub3QgdGhpcyBvbmUsIG5vdCE=")
    page.primary().click()
    qtbot.waitUntil(lambda: page.message is not None, timeout=20_000)
    assert "E-DEVICE-01" in page.message.accessibleDescription()
    page.activateWindow()
    page.message.findChild(Button).click()
    qtbot.waitUntil(page.network.secret.hasFocus)


def test_a_choice_that_is_refused_is_taken_back(qtbot, page, kitchen, studio):  # noqa: ARG001
    connect(qtbot, page)
    page.words.cards["okay_nabu"].setChecked(True)
    studio.device.refused.emit(StudioError("device.taken", "The wake word cannot be chosen from here."))
    assert page.message is not None
    assert page.words.cards["word_kosita"].isChecked()
    assert not page.words.cards["okay_nabu"].isChecked()


def test_where_another_assistant_chooses_nothing_can_be_chosen(page):
    words = Words((OfferedWord("word_kosita", "Kosita"),), ("word_kosita",), 1)
    page.words.set_words(Role.TAKEN, words)
    assert not page.words.cards["word_kosita"].isEnabled()
    page.words.set_words(Role.OURS, words)
    assert page.words.cards["word_kosita"].isEnabled()
