"""A device over ESPHome's own API, which no one here wrote: its messages and frames are aioesphomeapi's, the encryption
is noiseprotocol's in the device's role (tests/support/api_device.py). No server of that API is a package of its own.
"""

import queue
import threading

import pytest
from api_device import KEY, ApiDevice, api_device
from device_files import SECRETS, write_device

from mww_studio.errors import StudioError
from mww_studio.esphome.device_api import Online, Role, Woke, Words
from mww_studio.jobs.device import DeviceLink, key_beside

WORDS = {"word_kosita": "Kosita", "okay_nabu": "Okay Nabu"}


class Listening:
    """A link in a thread, and what it told."""

    def __init__(self, device: ApiDevice, key: str = ""):
        self.told = queue.Queue()
        self.error = None
        self.link = DeviceLink("127.0.0.1", key, device.port)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.leave()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def next(self):
        found = self.told.get(timeout=20)
        if isinstance(found, StudioError):
            raise found
        return found

    def _run(self):
        try:
            self.link.run(self.told.put, self.told.put)
        except StudioError as error:
            self.error = error
            self.told.put(error)


@pytest.mark.parametrize("key", ["", KEY])
def test_a_device_says_what_it_offers_and_each_wake_word_once(key):
    with api_device(WORDS, key) as device, Listening(device, key) as listening:
        online = listening.next()
        assert isinstance(online, Online)
        assert (online.facts.friendly_name, online.facts.esphome_version) == ("Kitchen", "2026.6.5")
        assert online.role is Role.OURS
        assert [word.wake_word for word in online.words.offered] == ["Kosita", "Okay Nabu"]
        assert online.words.active == ("word_kosita",)
        device.wake("Kosita")
        woke = listening.next()
        assert isinstance(woke, Woke)
        assert (woke.wake_word, woke.sure) == ("Kosita", 0.97)
        assert device.ended.wait(20)  # so that the device listens again
        assert listening.told.empty()
        device.wake("Okay Nabu")
        assert listening.next().wake_word == "Okay Nabu"


def test_the_active_word_is_chosen():
    with api_device(WORDS) as device, Listening(device) as listening:
        listening.next()
        listening.link.choose(["okay_nabu"])
        words = listening.next()
        assert isinstance(words, Words)
        assert words.active == ("okay_nabu",)
        assert device.active == ["okay_nabu"]
        for wrong in (["nobody"], ["okay_nabu", "word_kosita"]):
            listening.link.choose(wrong)
            with pytest.raises(StudioError) as told:
                listening.next()
            assert told.value.code == "device.words"
        assert device.active == ["okay_nabu"]


def test_where_home_assistant_is_the_assistant_the_log_tells_still():
    with api_device(WORDS, held=True) as device, Listening(device) as listening:
        online = listening.next()
        assert online.role is Role.TAKEN
        assert online.words.offered == ()
        device.wake("Kosita")
        assert listening.next().wake_word == "Kosita"
        listening.link.choose(["okay_nabu"])
        with pytest.raises(StudioError) as told:
            listening.next()
        assert told.value.code == "device.taken"


@pytest.mark.parametrize(("words", "assistant", "role"), [({}, True, Role.OURS), (WORDS, False, Role.NONE)])
def test_a_device_without_wake_words_is_online(words, assistant, role):
    with api_device(words, assistant=assistant) as device, Listening(device) as listening:
        online = listening.next()
        assert online.role is role
        assert online.words == Words()


@pytest.mark.parametrize(
    ("theirs", "ours", "code"),
    [
        (KEY, "", "device.key"),
        (KEY, KEY[::-1].replace("=", "") + "=", "device.key"),
        (KEY, "no key", "device.key"),
        ("", KEY, "device.no_key"),
    ],
)
def test_keys_that_do_not_fit_are_told(theirs, ours, code):
    with api_device(WORDS, theirs) as device, Listening(device, ours) as listening:
        with pytest.raises(StudioError) as told:
            listening.next()
        assert told.value.code == code
        assert theirs not in str(told.value) or not theirs
        assert ours not in str(told.value) or not ours


def test_a_device_that_vanishes_is_told():
    with api_device(WORDS) as device, Listening(device) as listening:
        listening.next()
        device.vanish()
        with pytest.raises(StudioError) as told:
            listening.next()
        assert told.value.code == "device.lost"


def test_a_device_that_is_not_there_is_told():
    with api_device(WORDS) as device:
        pass
    with Listening(device) as listening:
        with pytest.raises(StudioError) as told:
            listening.next()
        assert told.value.code == "flash.no_answer"


def test_the_key_is_found_beside_the_configuration(tmp_path):
    configuration = write_device(tmp_path)
    assert key_beside(configuration) == SECRETS["kitchen_api_key"]
    assert key_beside(configuration.with_name("other.yaml")) == SECRETS["kitchen_api_key"]
    assert key_beside(tmp_path / "none" / "kitchen.yaml") == ""
    with (tmp_path / "secrets.yaml").open("a") as file:
        file.write('garage_api_key: "x"\n')
    assert key_beside(configuration.with_name("other.yaml")) == ""
    assert key_beside(configuration) == SECRETS["kitchen_api_key"]
